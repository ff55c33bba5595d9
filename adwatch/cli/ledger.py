"""Verb of inspectors: screen a personnel ledger."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from adwatch.cli.output import JsonFlag, checked_day, examples, print_json, print_table, progress_bar, say

ledger = typer.Typer(
    help="Personnel ledgers (台账): check certificate numbers, dates, repetitions.", no_args_is_help=True
)


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.add_typer(ledger, name="ledger")


@ledger.command("clue", epilog=examples("ledger clue 台账.xlsx --row 12 --place 某公司 --by 张三"))
def clue(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The ledger as it was checked.")],
    row: Annotated[int, typer.Option("--row", metavar="N", help="Number of the row in the sheet, from 1.")],
    place: Annotated[str, typer.Option("--place", metavar="TEXT", help="The enterprise whose ledger it is.")],
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who confirmed that the row is bad.")],
    unit: Annotated[str | None, typer.Option("--unit", metavar="UNIT", help="The setting if left out.")] = None,
    bought: Annotated[str, typer.Option("--bought", metavar="TEXT", help="Where it was bought, as far as known.")] = "",
    contact: Annotated[str, typer.Option("--contact", metavar="TEXT", help="How the seller is reached.")] = "",
    seller: Annotated[str, typer.Option("--seller", metavar="TEXT", help="Name of the shop or account.")] = "",
    qr: Annotated[str, typer.Option("--qr", metavar="URL", help="Where the card's QR code leads.")] = "",
    issued: Annotated[
        list[Path] | None, typer.Option("--issued", metavar="FILE", help="The authority's own export; may repeat.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Make a clue of a row that a person has confirmed to be bad, and link it back to listings (倒查)."""
    from adwatch.app import ledger_clue as work
    from adwatch.app import open_office
    from adwatch.models import Actor

    about = {"place": place, "bought": bought, "contact": contact, "seller": seller, "qr": qr}
    with open_office() as office:
        done = work.clue(office, file, row, Actor(by, office.unit(unit)), about, issued or ())
    if as_json:
        print_json([done])
    else:
        linked = "、".join(str(each["other"]) for each in done["links"]) or "无"
        say(f"{done['number']} 案件 {done['case_id']}（{'；'.join(done['reasons'])}）；关联案件: {linked}")


@ledger.command("check", epilog=examples("ledger check 台账.xlsx", "ledger check 台账.xlsx --issued 发证记录.csv"))
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV, XLSX or XLS; it stays as it is.")],
    issued: Annotated[
        list[Path] | None,
        typer.Option("--issued", metavar="FILE", help="The authority's own export of issued certificates; may repeat."),
    ] = None,
    day: Annotated[
        str | None,
        typer.Option("--day", metavar="YYYY-MM-DD", help="Day as of which it is checked; today if left out."),
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option("--column", metavar="HEADING=FIELD", help="What a heading means that is not known; may repeat."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="The result; beside the ledger if left out.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Check a ledger row by row. The result is the same sheet with a conclusion, its reasons, and where to look it up.
    Nothing is stored. Not found in the records never means false.
    """
    from datetime import date

    from adwatch.app import ledger as work
    from adwatch.app import open_office

    with open_office() as office, progress_bar("核对台账", None, "rows") as advance:
        on = date.fromisoformat(checked_day(day, office.settings)) if day else None
        done = work.check(office, file, issued=issued or (), on=on, columns=column or (), out=out, progress=advance)
    if as_json:
        print_json([done])
        return
    print_table(
        f"台账核对 ({done['rows']:,} 行)", ("结论", "行数"), [(row["label"], row["rows"]) for row in done["words"]]
    )
    if done["issued"]:
        say(f"比对发证记录 {done['issued']:,} 条；未查到不等于假证。")
    say(done["file"])
