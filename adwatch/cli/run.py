"""Verbs that bring listings in: patrol, ingest, extract, and the demo."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from adwatch.cli.output import (
    DayOption,
    JsonFlag,
    checked_day,
    examples,
    finish,
    print_json,
    print_table,
    progress_bar,
    say,
    seconds,
    tell,
)
from adwatch.errors import UsageError

STRICT = ("unreachable", "layout_changed", "stale")
Strict = Annotated[bool, typer.Option("--strict", help="Exit 3 also on unreachable, layout_changed and stale.")]


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.command("patrol", epilog=examples("patrol", "patrol --day 2026-11-22 --platform some_mall"))(patrol)
    app.command("ingest", epilog=examples("ingest 平台数据.csv --platform some_mall", "ingest folder --platform tips"))(
        ingest
    )
    app.command("extract", epilog=examples("extract --day 2026-11-22"))(extract)
    app.command("demo", epilog=examples("demo", "demo --no-airflow", "demo --score"))(demo)


def print_results(title: str, rows: list[dict[str, Any]], as_json: bool) -> None:
    """The table of a day: one row a platform."""
    if as_json:
        print_json(rows)
        return
    columns = ("platform", "outcome", "seen", "new", "changed", "flagged", "seconds")
    heads = ("平台 platform", "结果 outcome", "所见 seen", "新增 new", "变更 changed", "命中 flagged", "秒 seconds")
    print_table(title, heads, [[seconds(r[c]) if c == "seconds" else r[c] for c in columns] for r in rows])
    for row in rows:
        for note in row.get("notes", [])[:5]:
            say(f"  {row['platform']}: {note}")


def not_indexed(rows: list[dict[str, Any]]) -> bool:
    """Whether the index stage ended in error; what it did not take waits in the outbox."""
    from adwatch.app.indexing import GOOD

    return any(row["index"] not in GOOD for row in rows)


def patrol(
    day: DayOption = None,
    platform: Annotated[
        list[str] | None, typer.Option("--platform", metavar="NAME", help="Only this platform; may be repeated.")
    ] = None,
    at_once: Annotated[
        int,
        typer.Option(
            "--at-once", metavar="N", min=1, max=200, help="Platforms collected at once; each host keeps its rate."
        ),
    ] = 8,
    strict: Strict = False,
    as_json: JsonFlag = False,
) -> None:
    """Run the day's work for all enabled platforms. Collect, archive, extract, classify, store, index."""
    from adwatch.app import open_office
    from adwatch.app import patrol as work

    with open_office() as office:
        day = checked_day(day, office.settings)
        names = work.platform_names(office, platform)
        rows = []
        with progress_bar("巡查", len(names), "platforms") as advance:
            for row in work.patrol(office, day, names, at_once):
                rows.append(row.as_dict())
                advance(1)
        rows.sort(key=lambda row: names.index(row["platform"]))
        broken = office.platform_errors
    print_results(f"{day} 巡查结果", rows, as_json)
    bad = {"error", *(STRICT if strict else ())}
    for error in broken:
        tell(f"adwatch: left out: {error}")
    if any(row["outcome"] in bad for row in rows) or not_indexed(rows):
        raise typer.Exit(3)
    if broken:
        raise typer.Exit(1)


def ingest(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="JSON lines, CSV, XLSX, WARC, HAR, saved page, picture, or a folder."),
    ],
    platform: Annotated[
        str,
        typer.Option("--platform", metavar="NAME", help="Whose data it is; an unknown name makes a hand-over source."),
    ],
    new_source: Annotated[
        bool, typer.Option("--new-source", help="A new source is meant, though its name is nearly a known one.")
    ] = False,
    day: DayOption = None,
    by: Annotated[str | None, typer.Option("--by", metavar="NAME", help="Who captured what is in the file.")] = None,
    made_by: Annotated[
        str | None, typer.Option("--with", metavar="PROGRAM", help="With what; else what the file says itself.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Take in a handed-over file. It is archived whole; each row is read, classified, stored and indexed."""
    from adwatch.app import ingest as work
    from adwatch.app import open_office

    with open_office() as office, progress_bar("读入", work.size(file), "bytes") as advance:
        day = checked_day(day, office.settings)
        result = work.ingest(office, file, platform, day, advance, by=by, made_by=made_by, new_source=new_source)
    row = result.as_dict()
    shown = row if as_json else {**row, "notes": result.notes}  # what was refused is told once, at the end
    print_results(f"{file.name} → {platform}", [shown], as_json)
    if result.rejects:
        tell(f"被拒的行 refused rows: {result.rejects}")
    if not_indexed([row]):
        raise typer.Exit(3)
    finish(result.report)


def extract(
    day: Annotated[str, typer.Option("--day", metavar="YYYY-MM-DD", help="Day to rebuild.")],
    platform: Annotated[
        list[str] | None, typer.Option("--platform", metavar="NAME", help="Only this platform; may be repeated.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Rebuild a day's listings from the archive. The network is not used."""
    from adwatch.app import extract as work
    from adwatch.app import open_office

    with open_office() as office, progress_bar("重建", None, "listings") as advance:
        rows = [row.as_dict() for row in work.extract_day(office, checked_day(day, office.settings), platform, advance)]
    if not rows:
        raise UsageError(f"--day {day}: nothing is archived of this day; see adwatch coverage --day {day}")
    print_results(f"{day} 由存档重建", rows, as_json)
    if any(row["outcome"] == "error" for row in rows) or not_indexed(rows):
        raise typer.Exit(3)


def demo(
    day: Annotated[
        str | None, typer.Option("--day", metavar="N|next", help="Simulated day: next, a later one, the last again.")
    ] = None,
    through_airflow: Annotated[
        bool, typer.Option("--airflow/--no-airflow", help="Run the day's patrol through Airflow (the airflow extra).")
    ] = True,
    with_score: Annotated[
        bool,
        typer.Option("--score", help="The whole score; without --day the last day is scored again, not patrolled."),
    ] = False,
    with_table: Annotated[
        bool, typer.Option("--table", help="Hold the months' tables against the truth; nothing is patrolled.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Patrol an invented world and score the result. Each run is its next simulated day, compared with the truth."""
    from adwatch.app import demo as work

    if with_table:
        _held_table(as_json)
        return
    again = with_score and day is None
    with progress_bar("演示") if through_airflow and not again else nullcontext():
        outcome = work.score_again() if again else work.run_demo(through_airflow, tell, day or work.NEXT)
    print_results(f"{outcome.step.day}（演示第 {outcome.step.number} 天）巡查结果", outcome.rows, as_json)
    if as_json:
        print_json([outcome.as_dict()])
    else:
        if with_score:
            for title, headings, rows in outcome.tables():
                print_table(title, headings, rows)
        for line in outcome.report(with_score):
            say(line)
    if not outcome.complete:
        raise typer.Exit(3)


def _held_table(as_json: bool) -> None:
    """Each figure of the months' tables, and the cases by which it is not what the truth says."""
    from adwatch.app.demo_table import hold_table

    rows = hold_table()
    if as_json:
        print_json([asdict(row) for row in rows])
    else:
        headings = ("期间", "列", "表上", "其中非演示网站的", "不应计入的案件", "漏计的案件", "与真相")
        shown = [
            (row.month, row.heading, row.shown, row.outside, *(_listed(each) for each in (row.wrong, row.missing)))
            for row in rows
        ]
        words = ["相符" if row.holds else "不符" for row in rows]
        print_table("统计表与演示的真相", headings, [(*one, word) for one, word in zip(shown, words, strict=True)])
        say(
            "甄别属实、移交：所计的都应是违法招揽。清理：发函后两次核验都不在架的安全生产类招揽；不在安全生产类的，请更正案件的范围。"
        )
    if not all(row.holds for row in rows):
        raise typer.Exit(3)


def _listed(cases: Sequence[int]) -> str:
    return "、".join(map(str, cases))
