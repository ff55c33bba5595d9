"""Verbs of leads from outside (线索来源): import, sheets, list, answer, ack, tell, reward, inspection, link."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from adwatch.cli.output import MOST, JsonFlag, examples, finish, print_json, print_table, safe, say

source = typer.Typer(
    help="Leads from outside (线索来源): hotlines, 上级交办, departments, inspections.", no_args_is_help=True
)

By = Annotated[str, typer.Option("--by", metavar="NAME", help="The person who does it.")]
Unit = Annotated[str | None, typer.Option("--unit", metavar="UNIT", help="For which unit; ADWATCH_UNIT if left out.")]
Origin = Annotated[str, typer.Option("--origin", metavar="ID", help="An id of origins.csv: 12315, superior, ...")]
Numbers = Annotated[list[str], typer.Argument(metavar="NUMBER", help="Numbers under which they came.")]


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.add_typer(source, name="source")


@source.command(
    "import",
    epilog=examples(
        "source import 交办线索.xlsx --origin superior --document 某安办〔2026〕12号 --from 省安委办 --by 王芳",
        "source import 12315.csv --origin 12315 --by 王芳",
    ),
)
def take_in(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A sheet with numbered rows: XLSX, XLS, ET, ODS, CSV.")],
    origin: Origin,
    by: By,
    document: Annotated[str, typer.Option("--document", metavar="TEXT", help="文号 of the order.")] = "",
    giver: Annotated[str, typer.Option("--from", metavar="UNIT", help="Who gave it.")] = "",
    unit: Unit = None,
    as_json: JsonFlag = False,
) -> None:
    """Take in a sheet of leads. Archived and classified as any data; each row gets a case that keeps its number."""
    from adwatch.app import open_office, sources
    from adwatch.models import Actor

    with open_office() as office:
        actor = Actor(by, office.unit(unit))
        report, row = sources.take_in(office, file, origin, actor, document=document, giver=giver)
    if as_json:
        print_json([{**row, "notes": report.notes}])
    else:
        known = f"，{row['repeated']} 条此前已有" if row["repeated"] else ""
        say(f"来表 {row['intake']}: {row['origin']} {row['leads']} 条线索{known}")
    finish(report)


@source.command("sheets", epilog=examples("source sheets"))
def sheets(as_json: JsonFlag = False) -> None:
    """Show the sheets that came in."""
    from adwatch.app import open_office, sources

    with open_office() as office:
        rows = sources.sheets(office)
    if as_json:
        print_json(rows)
    else:
        names = ("id", "origin_label", "document", "giver", "file", "received")
        print_table(
            "来表", ("号", "来源", "文号", "交办单位", "文件", "收到"), [tuple(r[n] for n in names) for r in rows]
        )


@source.command("list", epilog=examples("source list", "source list --due", "source list --origin 12345"))
def list_leads(
    origin: Annotated[str | None, typer.Option("--origin", metavar="ID", help="Only of this origin.")] = None,
    due: Annotated[bool, typer.Option("--due", help="Only those that wait for an answer with a time limit.")] = False,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, max=MOST, help="At most so many.")] = 200,
    as_json: JsonFlag = False,
) -> None:
    """Show leads from outside. Those due first, with what was told."""
    from adwatch.app import open_office, sources

    with open_office() as office:
        rows = sources.listed(office, origin, due, limit)
    if as_json:
        print_json(rows)
        return
    print_table(
        f"来源线索 ({len(rows)})",
        ("来源", "编号", "案件号", "线索编号", "状态", "期限", "已告知受理", "已答复", "已奖励"),
        [
            (
                row["origin_label"],
                row["number"],
                row["case_id"],
                row["lead_number"],
                row["state_label"],
                (row["due_on"] or "") + ("（逾期）" if row["overdue"] else ""),
                row["acknowledged"],
                row["told"],
                row["rewarded"],
            )
            for row in rows
        ],
    )


@source.command("answer", epilog=examples("source answer 3 --by 王芳", "source answer 3 --out 反馈 --by 王芳"))
def answer(
    sheet: Annotated[int, typer.Argument(metavar="SHEET", help="Number of the sheet (source sheets).")],
    by: By,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Folder; answers/ in home if left out.")
    ] = None,
    unit: Unit = None,
    as_json: JsonFlag = False,
) -> None:
    """Answer a sheet on itself (原表答复). Only its cells for the answer are filled; what has no finding is named."""
    from adwatch.app import open_office, sources
    from adwatch.models import Actor

    with open_office() as office:
        report, row = sources.answer(office, sheet, Actor(by, office.unit(unit)), out)
    if as_json:
        print_json([{**row, "notes": report.notes}])
    else:
        say(f"{row['file']}: 答复 {row['answered']} 条，共 {row['leads']} 条")
    finish(report)


@source.command("ack", epilog=examples("source ack 1237001 --origin 12315 --by 王芳"))
def acknowledge(numbers: Numbers, origin: Origin, by: By, unit: Unit = None, as_json: JsonFlag = False) -> None:
    """Record acknowledgements (告知受理). Prints the text for whoever speaks to the person."""
    from adwatch.app import open_office, sources
    from adwatch.models import Actor

    with open_office() as office:
        rows = sources.acknowledge(office, origin, numbers, Actor(by, office.unit(unit)))
    _texts(rows, as_json)


@source.command("tell", epilog=examples("source tell 1237001 --origin 12315 --by 王芳"))
def tell_result(numbers: Numbers, origin: Origin, by: By, unit: Unit = None, as_json: JsonFlag = False) -> None:
    """Record that results were told (答复结果). Only where there is a finding; prints the text."""
    from adwatch.app import open_office, sources
    from adwatch.models import Actor

    with open_office() as office:
        rows = sources.tell(office, origin, numbers, Actor(by, office.unit(unit)))
    _texts(rows, as_json)


def _texts(rows: list[dict[str, str]], as_json: bool) -> None:
    if as_json:
        print_json(rows)
    else:
        for row in rows:
            say(f"{row['number']}: {safe(row['text'])}")


@source.command("reward", epilog=examples("source reward 1237001 --origin 12350 --note 举报奖励办法 --by 王芳"))
def reward(
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="Number of the tip.")],
    origin: Origin,
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="What, and by which rule.")],
    by: By,
    unit: Unit = None,
    as_json: JsonFlag = False,
) -> None:
    """Record that a tip was rewarded (举报奖励). Only one that was found true and whose result was told."""
    from adwatch.app import open_office, sources
    from adwatch.models import Actor

    with open_office() as office:
        row = sources.reward(office, origin, number, note, Actor(by, office.unit(unit)))
    if as_json:
        print_json([row])
    else:
        say(f"{row['number']}: 已记为奖励")


@source.command(
    "inspection",
    epilog=examples(
        "source inspection --place 某建筑工地 --certificate 电工证 --card T110101... --seller 某店 --by 李建国",
        "source inspection --place 某厂 --certificate 焊工证 --bought https://... --photo 1.jpg --by 李建国",
    ),
)
def inspection(
    place: Annotated[str, typer.Option("--place", metavar="TEXT", help="Where it was found.")],
    certificate: Annotated[str, typer.Option("--certificate", metavar="TEXT", help="What the card says it is.")],
    by: By,
    card: Annotated[str, typer.Option("--card", metavar="NUMBER", help="Its number; kept raw in the store only.")] = "",
    qr: Annotated[str, typer.Option("--qr", metavar="URL", help="Where its QR code leads.")] = "",
    bought: Annotated[str, typer.Option("--bought", metavar="TEXT", help="Where it was bought.")] = "",
    payment: Annotated[str, typer.Option("--payment", metavar="TEXT", help="How it was paid.")] = "",
    contact: Annotated[str, typer.Option("--contact", metavar="TEXT", help="The seller's contact.")] = "",
    seller: Annotated[str, typer.Option("--seller", metavar="TEXT", help="Name of shop or account.")] = "",
    photo: Annotated[list[Path] | None, typer.Option("--photo", metavar="FILE", help="A photograph; several.")] = None,
    day: Annotated[
        str | None, typer.Option("--day", metavar="YYYY-MM-DD", help="When it was found; today if left out.")
    ] = None,
    unit: Unit = None,
    as_json: JsonFlag = False,
) -> None:
    """Record a false card that an inspection found (倒查). A lead, linked to listings by contact, link or seller."""
    from adwatch.app import open_office, sources
    from adwatch.models import Actor

    with open_office() as office:
        about = (place, certificate, card, qr, bought, payment, contact, seller)
        row, links = sources.inspect(office, day, about, photo or [], Actor(by, office.unit(unit)))
    if as_json:
        print_json([{**row, "links": links}])
        return
    say(f"{row['number']}: 案件 {row['case_id']}")
    for link in links:
        say(f"  关联案件 {link['other']}: {link['how']}")
    if not links:
        say("  没有找到相关的售卖信息；新的信息收进来后用 adwatch source link 再查")


@source.command("link", epilog=examples("source link"))
def link(as_json: JsonFlag = False) -> None:
    """Look again for the listings behind inspected cards. What has come in since is linked."""
    from adwatch.app import open_office, sources

    with open_office() as office:
        rows = sources.link_back(office)
    if as_json:
        print_json(rows)
    else:
        for row in rows:
            say(f"{row['number']} 案件 {row['case_id']} → 案件 {row['other']}: {row['how']}")
        say(f"新关联 {len(rows)} 处")
