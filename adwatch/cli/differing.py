"""Verbs of letters and transfers that went out and say what was found otherwise since: differing list, aside, look."""

from __future__ import annotations

from typing import Annotated

import typer

from adwatch.cli.output import MOST, JsonFlag, examples, print_json, print_table, safe, say, tell

differing = typer.Typer(
    help="Letters and transfers that went out and say what was corrected since.", no_args_is_help=True
)


def register(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(differing, name="differing")


@differing.command("list", epilog=examples("differing list", "differing list --json"))
def list_papers(
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, max=MOST, help="So many at most.")] = 200,
    as_json: JsonFlag = False,
) -> None:
    """Show them with what differs. Until a 更正函 (differing correct) or 撤回函 was sent, or one is set aside."""
    from adwatch.app import differing as work
    from adwatch.app import open_office

    with open_office() as office:
        total, rows = work.count(office), work.listed(office, limit=limit)
        zone = office.settings.zone
    if as_json:
        print_json(rows)
        return
    print_table(
        f"已发出、与现认定不符 ({total}{'+' if total >= work.MOST else ''})",
        ("编号", "文种", "发出", "处数"),
        [
            (r["number"], r["kind_label"], r["sent_at"].astimezone(zone).strftime("%Y-%m-%d %H:%M"), r["count"])
            for r in rows
        ],
    )
    for row in rows:
        tell(safe(f"{row['number']}: {row['notice']}"))


@differing.command("aside", epilog=examples("differing aside ADW-TD-2026-0001 --by 王芳 --reason 已电话告知平台"))
def aside(
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="Number as differing list shows it.")],
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="The person who does it.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why nothing is sent.")],
    unit: Annotated[
        str | None, typer.Option("--unit", metavar="UNIT", help="For which unit; ADWATCH_UNIT if left out.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Leave one as it went out, with a reason. It is named again once something else is found."""
    from adwatch.app import differing as work
    from adwatch.app import open_office
    from adwatch.models import Actor

    with open_office() as office:
        row = work.aside(office, number, Actor(by, office.unit(unit)), reason)
    if as_json:
        print_json([row])
    else:
        say(f"{row['number']}: {row['count']} 处不再提示，理由已记入")


@differing.command("look", epilog=examples("differing look"))
def look(as_json: JsonFlag = False) -> None:
    """Look once through what an earlier version sent. From then on each finding is held against it by itself."""
    from adwatch.app import differing as work
    from adwatch.app import open_office

    with open_office() as office:
        seen, total = work.look(office), work.count(office)
    if as_json:
        print_json([{"cases": seen, "papers": total}])
    else:
        say(f"查看 {seen} 件案件；已发出、与现认定不符 {total} 件")
