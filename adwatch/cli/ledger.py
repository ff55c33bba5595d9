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
