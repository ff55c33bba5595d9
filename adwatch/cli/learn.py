"""Verbs of the honest gauge: probes."""

from __future__ import annotations

from typing import Annotated

import typer

from adwatch.cli.output import DayOption, JsonFlag, checked_day, print_json, print_table, say, tell

probe = typer.Typer(
    help="Synthetic offers that measure what is found live and leave nothing behind.", no_args_is_help=True
)


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.add_typer(probe, name="probe")


@probe.callback()
def probe_group() -> None:
    """Synthetic offers that measure what is found live and leave nothing behind."""


@probe.command("inject")
def inject(
    day: DayOption = None,
    seed: Annotated[int | None, typer.Option("--seed", help="Other disguises than those of the day.")] = None,
    most: Annotated[int | None, typer.Option("--texts", min=1, help="Only so many texts of each disguise.")] = None,
    at_least: Annotated[
        float, typer.Option("--at-least", min=0, max=1, help="Exit 3 if the recall of all lies below.")
    ] = 0.0,
    as_json: JsonFlag = False,
) -> None:
    """Send marked synthetic offers, disguised, through the stages after collection; report live recall by disguise."""
    from adwatch.app import open_office
    from adwatch.app import probe as work

    with open_office() as office:
        ways = work.inject(office, checked_day(day, office.settings), seed, most)
    overall = work.total(ways)
    if as_json:
        print_json([*(way.as_dict() for way in ways), overall])
    else:
        heads = ("变形 disguise", "注入", "入库", "命中", "复核", "放过", "会立案", "查全率 recall (95%)")
        print_table("探针 probes", heads, work.rows(ways))
        say("探针已全部撤销：不进入线索、导出、统计、检索。")
    if overall["recall"] < at_least:
        tell(f"adwatch: live recall {overall['recall']:.3f} is below {at_least:.3f}")
        raise typer.Exit(3)
