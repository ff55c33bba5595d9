"""Verbs of learning and of the honest gauge: train, probe, review opinions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adwatch.cli.casework import review
from adwatch.cli.output import (
    MOST,
    DayOption,
    JsonFlag,
    checked_day,
    print_json,
    print_table,
    progress_bar,
    safe,
    say,
    tell,
)
from adwatch.errors import UsageError

if TYPE_CHECKING:
    from adwatch.app import Office

probe = typer.Typer(
    help="Synthetic offers that measure what is found live and leave nothing behind.", no_args_is_help=True
)


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.command("train")(train)
    app.add_typer(probe, name="probe")
    review.command("opinions")(opinions)


def train(
    promote: Annotated[
        bool, typer.Option("--promote", help="Put the newest candidate in use; trains one if there is none.")
    ] = False,
    rollback: Annotated[bool, typer.Option("--rollback", help="Use the model before again.")] = False,
    history: Annotated[bool, typer.Option("--history", help="Show every promotion and roll back.")] = False,
    by: Annotated[str | None, typer.Option("--by", help="Who promotes or rolls back; your login if left out.")] = None,
    model: Annotated[str | None, typer.Option("--model", help="Digest of the candidate to promote.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Promote although it compared worse.")] = False,
    frozen: Annotated[
        Path | None, typer.Option("--frozen", help="Labelled texts to compare on; those of the checkout if left out.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Train a candidate from the shipped text and decided cases, compare it; only --promote puts it in use."""
    from adwatch.app import open_office
    from adwatch.app import train as work

    if promote + rollback + history > 1:
        raise UsageError("write one of --promote, --rollback and --history")
    with open_office() as office:
        if history:
            entries = work.history(office)
        elif promote or rollback:
            if promote and not (model or work.waiting(office)):
                _show_candidate(_trained(office, frozen), as_json)
            entries = [work.promote(office, by, model, force) if promote else work.roll_back(office, by)]
        else:
            _show_candidate(_trained(office, frozen), as_json)
            return
    if as_json:
        print_json(entries)
        return
    heads = ("时间", "操作人", "动作", "现用模型", "原用模型")
    print_table(
        "模型", heads, [[entry[name] for name in ("at", "by", "act", "model", "instead_of")] for entry in entries]
    )
    if promote or rollback:
        say("全部在库信息将在下次巡查时按现用模型重新判定；已甄别的线索仅在判定变化时重新待查。")


def _trained(office: Office, frozen: Path | None) -> dict[str, Any]:
    from adwatch.app import train as work

    tell("训练候选模型，约需数分钟…")
    return work.train(office, frozen)


def _show_candidate(record: dict[str, Any], as_json: bool) -> None:
    from adwatch.app import train as work

    if as_json:
        print_json([record])
        return
    print_table("现用模型与候选模型", ("数据", "量 measure", "现用 current", "候选 candidate", "差"), work.rows(record))
    say(
        f"候选 {record['digest']}：学习 {record['decisions']} 条甄别结论，留出 {record['held_out']} 条；"
        f"未同意 {record['without_consent']}，重复 {record['repeated']}，前后矛盾 {record['contradictory']}"
    )
    for line in work.worse(record):
        say(f"候选更差 worse: {line}")
    say("下一步: 看过对比后 adwatch train --promote --by 姓名；撤回用 adwatch train --rollback")


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


def opinions(
    limit: Annotated[int, typer.Option("--limit", min=1, max=MOST, help="At most so many listings.")] = 50,
    ask: Annotated[
        bool, typer.Option("--ask/--no-ask", help="Ask the model about those it was not asked about.")
    ] = True,
    as_json: JsonFlag = False,
) -> None:
    """Show the review band with second opinions of a language model, asked for where one is set (ADWATCH_LLM_URL)."""
    from adwatch.app import open_office
    from adwatch.app import opinion as work
    from adwatch.cli.case_view import print_opinions

    report = None
    with open_office() as office:
        if ask and office.settings.llm_url:
            with progress_bar("征询", limit, "texts") as advance:
                report = work.ask(office, limit, advance)
        rows = work.review_band(office, limit)
    if as_json:
        print_json(rows)
    else:
        print_table(
            f"复核带 ({len(rows)})",
            ("分数", "平台", "标题", "内容（脱敏）", "链接"),
            [(f"{row['score']:.2f}", row["platform"], row["title"], row["snippet"], row["url"]) for row in rows],
        )
        for row in rows:
            if row["opinions"]:
                say(f"{row['listing_id'][:8]} {safe(row['title'] or row['snippet'][:40])}")
                print_opinions(row["opinions"])
    if report is not None:
        if report.counts["over_budget"]:
            tell(f"今日额度已用完，尚有 {report.counts['over_budget']} 条未征询（ADWATCH_LLM_PER_DAY）")
        if report.dropped:
            tell(f"adwatch: {report.notes[0]}")
            raise typer.Exit(3)
