"""Verbs of the office's work: review, takedown, export."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from adwatch.cli.output import (
    MOST,
    JsonFlag,
    case_of,
    checked_time,
    examples,
    finish,
    print_json,
    print_table,
    progress_bar,
    safe,
    say,
    tell,
)

review = typer.Typer(help="Leads: look, register (线索登记), confirm or dismiss (甄别).", no_args_is_help=True)
takedown = typer.Typer(help="Requests to platforms: draft, mark as sent, verify the removal.", no_args_is_help=True)

Ids = Annotated[list[str], typer.Argument(metavar="ID", help="Cases, by 案件号 or 线索编号 (ADW-…).")]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="The person who does it.")]
Unit = Annotated[str | None, typer.Option("--unit", metavar="UNIT", help="For which unit; ADWATCH_UNIT if left out.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, in your words.")]
Code = Annotated[str | None, typer.Option("--code", metavar="CODE", help="Why, by a code of review codes.")]


STATE_HELP = (
    "screening, excluded, registered, confirmed, dismissed, doubtful, referred, reopened, closed; several with commas."
)


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.add_typer(review, name="review")
    app.add_typer(takedown, name="takedown")
    app.command(
        "export", epilog=examples("export --week 2026-W47", "export --week 2026-W47 --format csv --out sheets")
    )(export)


@review.command("list", epilog=examples("review list", "review list --state screening,reopened --platform some_mall"))
def list_cases(
    state: Annotated[str | None, typer.Option("--state", metavar="STATE", help=STATE_HELP)] = None,
    scope: Annotated[
        str | None, typer.Option("--scope", metavar="SCOPE", help="safety_production or other_credential.")
    ] = None,
    platform: Annotated[
        str | None, typer.Option("--platform", metavar="NAME", help="Only cases of this platform.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, max=MOST, help="At most so many.")] = 200,
    as_json: JsonFlag = False,
) -> None:
    """List cases, safety production first, then by score."""
    from adwatch.app import casework, open_office

    with open_office() as office:
        rows = casework.list_cases(office, state=state, scope=scope, platform=platform, limit=limit)
    if as_json:
        print_json(rows)
        return
    print_table(
        f"线索 ({len(rows)})",
        ("案件号", "线索编号", "状态", "分数", "平台", "标题", "违法类型", "证书类别", "店铺", "迟发现"),
        [
            (
                row["case_id"],
                row["lead_number"],
                row["state_label"],
                f"{row['score']:.2f}",
                row["platform"],
                row["title"],
                row["offer_labels"],
                row["family_labels"],
                row["seller_name"],
                row["found_late"],
            )
            for row in rows
        ],
    )
    if rows:
        say("下一步: adwatch review show 编号 · adwatch review confirm 编号… --by 姓名 --unit 单位 --reason 理由")


@review.command("show", epilog=examples("review show 12", "review show 12 --unmask --why 核对联系方式 --by 王芳"))
def show(
    case_id: Annotated[str, typer.Argument(metavar="ID", help="A case, by 案件号 or 线索编号 (ADW-…).")],
    unmask: Annotated[
        bool, typer.Option("--unmask", help="Raw text and contacts instead: --why and --by are logged first.")
    ] = False,
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="Why they must be seen.")] = "",
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who sees them; an account whose role may.")] = "",
    unit: Unit = None,
    as_json: JsonFlag = False,
) -> None:
    """Show one case. The text with its findings, legal basis, versions, evidence and history."""
    from adwatch.app import casework, open_office
    from adwatch.cli.case_view import print_case, print_raw

    with open_office() as office:
        number, zone = case_of(office, case_id), office.settings.zone
        if unmask:
            from adwatch.app.unmask import unmask_by_name

            raw = unmask_by_name(office, number, why, by, unit)
        else:
            case = casework.show_case(office, number)
    if as_json:
        print_json(raw if unmask else [case])
    elif unmask:
        print_raw(raw)
    else:
        print_case(case, zone)


@review.command("register", epilog=examples("review register 12 13 --by 王芳"))
def register_cases(ids: Ids, by: By, unit: Unit = None, as_json: JsonFlag = False) -> None:
    """Register leads (线索登记). The legal clock starts here, not at the machine's hit."""
    from adwatch.app import casework, open_office

    with open_office() as office:
        report, rows = casework.register(office, ids, by, unit)
    print_cases(rows, as_json)
    finish(report)


def print_cases(rows: list[dict[str, object]], as_json: bool) -> None:
    """What became of cases that were acted on."""
    if as_json:
        print_json(rows)
    else:
        for row in rows:
            owner = f" 甄别单位: {safe(row['owner_label'])}" if "owner_label" in row else ""
            waits = "（待另一人复核）" if row.get("waiting") else ""
            say(f"{row['case_id']}: {row['state_label']}{waits} {row['lead_number'] or ''}".rstrip() + owner)


@takedown.command("draft", epilog=examples("takedown draft", "takedown draft --out letters"))
def draft(
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Folder for the letters; takedown/ in home if left out.")
    ] = None,
    by: Annotated[
        str | None, typer.Option("--by", metavar="NAME", help="The person who drafts; the machine if left out.")
    ] = None,
    unit: Unit = None,
    as_json: JsonFlag = False,
) -> None:
    """Draft one request per platform. A letter (.docx) over its confirmed listings, and the same as JSON."""
    from adwatch.app import casework, open_office
    from adwatch.models import Actor

    with open_office() as office, progress_bar("拟函"):
        actor = Actor(by, office.unit(unit)) if by is not None else None
        report, rows = casework.draft(office, out, actor)
    if as_json:
        print_json(rows)
    elif not rows and not report.dropped:
        say("没有新的属实信息需要下架：先用 adwatch review confirm 确认线索。")
    elif rows:
        print_table(
            "下架函",
            ("编号", "平台", "链接数", "函件", "数据"),
            [(r["number"], r["platform"], r["listings"], r["letter"], r["json"]) for r in rows],
        )
        say("下一步: 核对、用印、发出后 adwatch takedown mark-sent 编号 --by 姓名")
    for note in report.notes:
        tell(f"未列入函件: {safe(note)}")


@takedown.command("mark-sent", epilog=examples("takedown mark-sent ADW-TD-2026-0001 --by 王芳 --at 2026-11-22T09:30"))
def mark_sent(
    numbers: Annotated[
        list[str], typer.Argument(metavar="NUMBER", help="Numbers of requests, as takedown draft shows them.")
    ],
    by: By,
    at: Annotated[
        str | None, typer.Option("--at", metavar="TIME", help="When, YYYY-MM-DDTHH:MM; now if left out.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Record that requests were sent. Their deadlines run from here; one that says what no longer holds is named."""
    from adwatch.app import casework, open_office

    with open_office() as office:
        report, rows = casework.mark_sent(office, numbers, by, checked_time(at, office.settings))
    if as_json:
        print_json(rows)
    else:
        for row in rows:
            say(f"{row['number']}: 已发出，期限 {row['deadline_at']}")
    for row in rows:
        if row["warning"]:
            tell(safe(row["warning"]))
    finish(report)


def export(
    week: Annotated[str, typer.Option("--week", metavar="YYYY-Www", help="ISO week, Monday to Sunday.")],
    form: Annotated[str, typer.Option("--format", metavar="FORM", help="xlsx, csv or jsonl.")] = "xlsx",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Folder; exports/ in home if left out.")
    ] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", metavar="TIME", help="State as of this time.")] = None,
    reissue: Annotated[bool, typer.Option("--reissue", help="Issue the week again with later changes.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Export the listings first flagged in a week. Frozen when first issued; the same bytes when run again."""
    from adwatch.app import casework, open_office

    with open_office() as office, progress_bar("导出"):
        casework.refuse_early(office, week)
        files = casework.export(office, week, form, out, checked_time(as_of, office.settings), reissue)
    if as_json:
        print_json([{"file": str(file)} for file in files])
        return
    for file in files:
        say(str(file))
    if not json.loads(files[-1].read_bytes())["complete"]:
        say("出具时本周尚未结束；周末之后加 --reissue 另出一期。")
