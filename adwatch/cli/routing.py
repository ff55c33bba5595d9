"""Verbs of routing (线索分派): check, show, apply, assign."""

from __future__ import annotations

from typing import Annotated

import typer

from adwatch.cli.output import (
    JsonFlag,
    case_of,
    examples,
    finish,
    print_json,
    print_table,
    safe,
    say,
    say_facts,
    tell,
)

route = typer.Typer(help="Who confirms a lead and who acts (线索分派): the table and its use.", no_args_is_help=True)

By = Annotated[str, typer.Option("--by", metavar="NAME", help="The person who does it.")]
Unit = Annotated[str | None, typer.Option("--unit", metavar="UNIT", help="For which unit; ADWATCH_UNIT if left out.")]
Case = Annotated[str, typer.Argument(metavar="ID", help="A case, by 案件号 or 线索编号 (ADW-…).")]


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.add_typer(route, name="route")


@route.command("check", epilog=examples("route check"))
def check(as_json: JsonFlag = False) -> None:
    """Check the table. Mistakes by line: unknown ids, dates, rows that are equally specific for the same lead."""
    from adwatch.app import open_office, routing

    with open_office() as office:
        figures, problems = routing.check(office)
    if as_json:
        print_json([*problems, figures])
    else:
        say_facts(figures)
    for problem in problems:
        tell(f"{problem['file']}:{problem['line']}: {safe(problem['message'])}")
    if problems:
        raise typer.Exit(1)


@route.command("show", epilog=examples("route show 12"))
def show(case_id: Case, as_json: JsonFlag = False) -> None:
    """Show where a lead goes. Who confirms, who acts, the liaison officer, and the rows that say so."""
    from adwatch.app import open_office, routing

    with open_office() as office:
        row = routing.show(office, case_of(office, case_id))
    if as_json:
        print_json([row])
        return
    say(f"案件号 {row['case_id']} {row['lead_number'] or '（未登记）'}")
    say(f"  现由: {'、'.join(row['owner_labels']) or '未分派'}")
    if not row["fits"]:
        say("  没有适用的分派行：请人工指定（adwatch route assign），或在 routing.csv 中补一行")
        return
    say(f"  甄别: {'、'.join(row['confirm_labels'])}")
    say(f"  查处: {'、'.join(row['acting_labels']) or '未写'}")
    for each in row["rows"]:
        officer = f"联络员 {each['officer']} {each['channel']}" if each["officer"] else "联络员未填"
        say(f"  第 {each['line']} 行: {safe(officer)} {safe(each['note'])}")


@route.command("apply", epilog=examples("route apply --by 王芳"))
def apply(by: By, unit: Unit = None, as_json: JsonFlag = False) -> None:
    """Give registered leads their owner. Those that no row fits are named and stay without one."""
    from adwatch.app import open_office, routing
    from adwatch.models import Actor

    with open_office() as office:
        report = routing.apply(office, Actor(by, office.unit(unit)))
    if as_json:
        print_json([{"routed": report.kept, "no_route": report.dropped["no_route"], "notes": report.notes}])
    else:
        say(f"已分派 {report.kept} 条")
    finish(report)


@route.command("assign", epilog=examples("route assign 12 housing --by 王芳 --reason 系统未能分派"))
def assign(
    case_id: Case,
    owners: Annotated[list[str], typer.Argument(metavar="AUTHORITY", help="Ids of authorities.csv.")],
    by: By,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why.")],
    unit: Unit = None,
    as_json: JsonFlag = False,
) -> None:
    """Name who confirms a lead. For leads that no row fits, and for those sent to the wrong authority (转办)."""
    from adwatch.app import open_office, routing
    from adwatch.models import Actor

    with open_office() as office:
        row = routing.assign(office, case_of(office, case_id), owners, reason, Actor(by, office.unit(unit)))
    if as_json:
        print_json([row])
    else:
        print_table(
            "分派",
            ("案件号", "线索编号", "甄别单位"),
            [(row["case_id"], row["lead_number"], "、".join(row["owner_labels"]))],
        )
