"""Verbs of bulletins (案件通报): draft, list, show, approve, publish, refuse."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from adwatch.cli.output import JsonFlag, case_of, checked_day, examples, print_json, print_table, safe, say
from adwatch.errors import UsageError

if TYPE_CHECKING:
    from adwatch.app.office import Office

bulletin = typer.Typer(
    help="Bulletins on closed cases (案件通报), behind the gate of publication.", no_args_is_help=True
)

By = Annotated[str, typer.Option("--by", metavar="NAME", help="The person who does it.")]
Unit = Annotated[str | None, typer.Option("--unit", metavar="UNIT", help="For which unit; ADWATCH_UNIT if left out.")]
Number = Annotated[str, typer.Argument(metavar="NUMBER", help="Number of the bulletin.")]
Out = Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Folder; bulletins/ in home if left out.")]


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.add_typer(bulletin, name="bulletin")


@bulletin.command(
    "draft",
    epilog=examples(
        "bulletin draft class some_class --by 王芳",
        "bulletin draft quarter 2026-Q4 --name 12=某市监罚〔2026〕7号 --by 王芳",
        "bulletin draft criminal 12 --by 王芳",
    ),
)
def draft(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="class, quarter or criminal.")],
    key: Annotated[str, typer.Argument(metavar="KEY", help="Id of an offer class; 2026-Q4; number of a case.")],
    by: By,
    first: Annotated[
        str | None, typer.Option("--from", metavar="YYYY-MM-DD", help="class: closed since; 1 January if left out.")
    ] = None,
    last: Annotated[
        str | None, typer.Option("--to", metavar="YYYY-MM-DD", help="class: closed until; today if left out.")
    ] = None,
    campaign: Annotated[str | None, typer.Option("--campaign", metavar="NAME", help="Only its cases.")] = None,
    name: Annotated[
        list[str] | None,
        typer.Option("--name", metavar="ID=TEXT", help="Name the seller of a case: its published decision's 文号."),
    ] = None,
    out: Out = None,
    unit: Unit = None,
    as_json: JsonFlag = False,
) -> None:
    """Draft a bulletin from closed cases. Personal data and sellers masked; a criminal case is reported at once."""
    from adwatch.app import bulletins, open_office
    from adwatch.models import Actor

    with open_office() as office:
        named = dict(_named(office, each) for each in name or [])
        days = [
            date.fromisoformat(checked_day(day, office.settings, option)) if day else None
            for day, option in ((first, "--from"), (last, "--to"))
        ]
        actor = Actor(by, office.unit(unit))
        span = {"first": days[0], "last": days[1]}
        row = bulletins.draft(office, kind, key, actor, **span, campaign=campaign, named=named, out=out)
    if as_json:
        print_json([row])
    else:
        say(f"{row['number']}: {safe(row['title'])}，{row['cases']} 件，{row['file']}")
        say(f"下一步: 由另一人 adwatch bulletin approve {row['number']} --by 姓名")


def _named(office: Office, text: str) -> tuple[int, str]:
    case, _, document = text.partition("=")
    if not document.strip():
        raise UsageError(f"--name {text[:60]!r}: 写作 案件号=处罚决定书文号")
    return case_of(office, case.strip()), document.strip()


@bulletin.command("list", epilog=examples("bulletin list"))
def list_bulletins(as_json: JsonFlag = False) -> None:
    """Show bulletins. Who drafted, approved, published."""
    from adwatch.app import bulletins, open_office

    with open_office() as office:
        rows = bulletins.listed(office)
    if as_json:
        print_json(rows)
        return
    names = ("number", "kind_label", "title", "cases", "state_label", "drafted_by", "approved_by", "ended_by")
    heads = ("编号", "种类", "标题", "案件", "状态", "起草", "批准", "发布")
    print_table(f"通报 ({len(rows)})", heads, [tuple(row[name] for name in names) for row in rows])


@bulletin.command("show", epilog=examples("bulletin show ADW-TB-2026-0001"))
def show(number: Number, as_json: JsonFlag = False) -> None:
    """Show a bulletin. What it says, and whether this unit may publish it."""
    from adwatch.app import bulletins, open_office

    with open_office() as office:
        row = bulletins.content(office, number)
    if as_json:
        print_json([row])
        return
    say(f"{row['number']} {row['state_label']}: {safe(row['content']['title'])}")
    say(f"  小结: {safe(row['content']['narrative'])}")
    for each in row["content"]["cases"]:
        said = f"{each['seller']} {'、'.join(each['offers'])} {'、'.join(each['outcomes'])}"
        say(f"  案件 {each['case_id']} {each['lead_number']}: {safe(said)}".rstrip())
    say("  本单位可以发布" if row["may_publish"] else f"  不能发布: {safe(row['why_not'])}")


@bulletin.command("approve", epilog=examples("bulletin approve ADW-TB-2026-0001 --by 赵主任"))
def approve(number: Number, by: By, unit: Unit = None, as_json: JsonFlag = False) -> None:
    """Approve a draft. Another person than the one who drafted it."""
    from adwatch.app import bulletins, open_office
    from adwatch.models import Actor

    with open_office() as office:
        row = bulletins.approve(office, number, Actor(by, office.unit(unit)))
    _answer(row, as_json)


@bulletin.command("publish", epilog=examples("bulletin publish ADW-TB-2026-0001 --by 赵主任"))
def publish(number: Number, by: By, out: Out = None, unit: Unit = None, as_json: JsonFlag = False) -> None:
    """Let an approved bulletin out. Only a unit that publication.csv and the campaign allow."""
    from adwatch.app import bulletins, open_office
    from adwatch.models import Actor

    with open_office() as office:
        row = bulletins.publish(office, number, Actor(by, office.unit(unit)), out)
    _answer(row, as_json)


@bulletin.command("refuse", epilog=examples("bulletin refuse ADW-TB-2026-0001 --reason 案件复议中 --by 赵主任"))
def refuse(
    number: Number,
    by: By,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why.")],
    unit: Unit = None,
    as_json: JsonFlag = False,
) -> None:
    """Keep a bulletin in. With the reason; a new one may be drafted."""
    from adwatch.app import bulletins, open_office
    from adwatch.models import Actor

    with open_office() as office:
        row = bulletins.refuse(office, number, reason, Actor(by, office.unit(unit)))
    _answer(row, as_json)


def _answer(row: dict[str, str], as_json: bool) -> None:
    if as_json:
        print_json([row])
    else:
        say(f"{row['number']}: {row['state_label']} {row.get('file', '')}".rstrip())
