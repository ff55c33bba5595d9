"""Verbs of full captures and their records: evidence capture, show, record."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from adwatch.cli.maintain import evidence
from adwatch.cli.output import MOST, JsonFlag, case_of, examples, print_json, print_table, progress_bar, safe, say, tell
from adwatch.errors import UsageError

By = Annotated[str | None, typer.Option("--by", metavar="NAME", help="The person who does it; needed with --case.")]
Unit = Annotated[str | None, typer.Option("--unit", metavar="UNIT", help="For which unit; ADWATCH_UNIT if left out.")]


def register(_app: typer.Typer) -> None:
    """Add the verbs to the group ``evidence``."""
    evidence.command("capture", epilog=examples("evidence capture --due", "evidence capture --case 12 --by 王芳"))(
        capture
    )
    evidence.command("show", epilog=examples("evidence show 12"))(show)
    evidence.command(
        "record",
        epilog=examples(
            "evidence record --case 12 --kind monitoring --by 王芳",
            "evidence record --case 12 --kind extraction --officer 王芳:14080001 --officer 李强:14080002 --place 支队",
        ),
    )(record)


def capture(
    case: Annotated[str | None, typer.Option("--case", metavar="ID", help="Every listing of this case, now.")] = None,
    due: Annotated[bool, typer.Option("--due", help="What is due, within the budgets of the day and host.")] = False,
    by: By = None,
    unit: Unit = None,
    limit: Annotated[int | None, typer.Option("--limit", metavar="N", min=1, max=MOST, help="At most so many.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Capture pages in full. Rendered by chromium, with picture, archive (WACZ) and what is to be known of the answer;
    where that fails the reason is kept.
    """
    from adwatch.app import open_office
    from adwatch.app import page_capture as work
    from adwatch.models import Actor

    if due == (case is not None):
        raise UsageError("write --case ID or --due, one of them")
    if case is not None and by is None:
        raise UsageError("--by: a capture that is asked for needs a person; write --by NAME")
    with open_office() as office:
        actor = Actor(by, office.unit(unit)) if by is not None else work.MACHINE
        if case is not None:
            rows = work.capture_case(office, case_of(office, case), actor)
        else:
            with progress_bar("取证") as advance:
                rows = list(work.capture_due(office, actor, limit, advance))
        left = work.waiting(office)
    if as_json:
        print_json([_line(row) for row in rows])
    else:
        _table(rows)
        say(f"待取证 still due: {left:,}" if due else "查看: adwatch evidence show 案件号")
    if any(row["state"] == "failed" for row in rows):
        raise typer.Exit(1)


def _line(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in ("facts", "host", "day")}


def _table(rows: list[dict[str, Any]]) -> None:
    from adwatch.tables.capture import OCCASIONS, REASONS, STATES

    print_table(
        f"取证 ({len(rows)})",
        ("编号", "案件号", "时机", "结果", "原因", "说明", "链接"),
        [
            (
                *(row["id"], row["case_id"], OCCASIONS[row["occasion"]], STATES[row["state"]]),
                *(REASONS.get(row["reason"] or "", ""), row["message"], row["url"] or ""),
            )
            for row in rows
        ],
    )


def show(
    case: Annotated[str, typer.Argument(metavar="CASE", help="A case, by 案件号 or 线索编号 (ADW-…).")],
    as_json: JsonFlag = False,
) -> None:
    """Show the full captures of a case. Each attempt with its reason, address, certificate, clock and digests."""
    from adwatch.app import open_office
    from adwatch.app import page_views as work
    from adwatch.app.rows import known_case

    with open_office() as office:
        number = case_of(office, case)
        known_case(office, number)
        rows = work.captures_of_case(office, number)
    if as_json:
        print_json(rows)
        return
    print_table(
        f"案件 {number} 的取证 ({len(rows)})",
        ("编号", "时机", "时间", "结果", "原因", "标题", "服务器地址", "时钟偏差(秒)"),
        [
            (
                *(row["id"], row["occasion_label"], row["at"], row["state_label"], row["reason_label"], row["title"]),
                *(row["server_ip"] or "", "未测得" if row["clock_offset"] is None else row["clock_offset"]),
            )
            for row in rows
        ],
    )
    for row in rows:
        for file in row["files"]:
            say(f"{row['id']} {file['label']} {file['size']:,} B sha256 {file['sha256']}")


def record(
    case: Annotated[str, typer.Option("--case", metavar="ID", help="A case, by 案件号 or 线索编号 (ADW-…).")],
    kind: Annotated[
        str, typer.Option("--kind", metavar="KIND", help="monitoring (监测记录) or extraction (电子数据提取笔录).")
    ],
    officer: Annotated[
        list[str] | None,
        typer.Option("--officer", metavar="NAME:NUMBER", help="With 执法证号; an extraction needs two."),
    ] = None,
    by: By = None,
    place: Annotated[str, typer.Option("--place", metavar="TEXT", help="Where it is extracted.")] = "",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Folder; records/ in home if left out.")
    ] = None,
    unit: Unit = None,
    as_json: JsonFlag = False,
) -> None:
    """Draw up a record (.docx). An extraction captures the pages of a filed case again and names the earlier ones."""
    from adwatch.app import evidence_record as work
    from adwatch.app import open_office

    with open_office() as office:
        row = work.draw(office, case_of(office, case), kind, officer or [], by=by, place=place, out=out, unit=unit)
    if as_json:
        print_json([row])
        return
    say(f"{row['title']}: {safe(row['file'])}\nsha256 {row['sha256']}")
    for note in row["notes"]:
        tell(f"adwatch: {safe(note)}")
