"""Verbs of verification: takedown verify, due, clocks, relisted, checks."""

from __future__ import annotations

from typing import Annotated

import typer

from adwatch.cli.casework import takedown
from adwatch.cli.output import (
    JsonFlag,
    checked_day,
    examples,
    print_json,
    print_table,
    progress_bar,
    safe,
    say,
    tell,
)

Platform = Annotated[str | None, typer.Option("--platform", metavar="NAME", help="Only this platform.")]


def register(app: typer.Typer) -> None:
    """The verbs are added to those of takedown when this module is loaded."""


@takedown.command(
    "verify", epilog=examples("takedown verify", "takedown verify --all", "takedown verify --number ADW-TD-2026-0001")
)
def verify(
    number: Annotated[
        str | None, typer.Option("--number", metavar="NUMBER", help="Only this request, due or not.")
    ] = None,
    day: Annotated[
        str | None, typer.Option("--day", metavar="YYYY-MM-DD", help="Day of the check; today if left out.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Also listings that are not due yet.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Check whether listings are gone. Those of sent requests that are due are fetched again: gone, up, changed, moved,
    or unknown, which is never taken for gone. Removed is what two checks at distance found gone.
    """
    from adwatch.app import open_office, verification

    with open_office() as office, progress_bar("核验", None, "listings") as advance:
        rows = verification.verify(office, number, checked_day(day, office.settings), advance, everything)
        sent = bool(rows) or verification.any_sent(office)
    failed = [row for row in rows if row["failed"]]
    if as_json:
        print_json(rows)
    elif rows:
        shown = ("number", "platform", "url", "word_label", "message", "due_day")
        table = [tuple(safe(row[name] or "") for name in shown) for row in rows]
        print_table("核验", ("编号", "平台", "链接", "结果", "依据", "下次核验"), table)
    elif sent:
        say("现在没有到期的核验：adwatch takedown due 看何时到期，加 --all 全部核验一遍。")
    else:
        say("没有已发出的下架函需要核验：先用 adwatch takedown mark-sent 记录发函。")
    for row in failed:
        tell(f"未能核验: {row['number']} {row['platform']} {safe(row['url'])}: {safe(row['message'])}")
    if failed:
        raise typer.Exit(1)


@takedown.command("due", epilog=examples("takedown due", "takedown due --day 2026-12-01 --json"))
def due(
    day: Annotated[
        str | None, typer.Option("--day", metavar="YYYY-MM-DD", help="Checks due by this day; today if left out.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Show what is overdue, and which checks are due. Overdue is a request past its deadline with listings that the
    last check did not find gone.
    """
    from adwatch.app import open_office, verification

    with open_office() as office:
        found = verification.due(office, checked_day(day, office.settings) if day else None)
    if as_json:
        print_json([{"kind": kind, **row} for kind, rows in found.items() for row in rows])
        return
    overdue = [(r["number"], r["platform"], r["deadline_at"], r["hours_over"], r["open"]) for r in found["overdue"]]
    print_table("超期未下架", ("编号", "平台", "期限", "超出小时", "未下架链接"), overdue)
    checks = [
        (r["number"], r["platform"], safe(r["url"]), r["word_label"], r["due_day"] or "") for r in found["rechecks"]
    ]
    print_table("到期核验", ("编号", "平台", "链接", "上次结果", "到期"), checks)


@takedown.command("clocks", epilog=examples("takedown clocks", "takedown clocks --platform some_mall --json"))
def clocks(
    platform: Platform = None,
    first: Annotated[
        str | None, typer.Option("--from", metavar="YYYY-MM-DD", help="Requests sent on this day or later.")
    ] = None,
    last: Annotated[
        str | None, typer.Option("--to", metavar="YYYY-MM-DD", help="Requests sent on this day or before.")
    ] = None,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="First make anew what is kept of each listing's times for counting.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Show how long each step takes, by platform. Median and p90 in hours of what ended, how many still run, and how
    many removals stayed for 7, 30 and 90 days.
    """
    from datetime import date

    from adwatch.app import open_office, verification
    from adwatch.app.life_lines import life_lines_afresh

    with open_office() as office:
        if rebuild:
            tell(f"已重新整理 {life_lines_afresh(office)} 件函的时点")
        days = [date.fromisoformat(checked_day(one, office.settings)) if one else None for one in (first, last)]
        found = verification.clocks(office, platform, *days)
    if as_json:
        print_json([{"kind": kind, **row} for kind, rows in found.items() for row in rows])
        return
    rows = [
        (r["platform"], r["label"], r["n"], r["open"], _figure(r["median"]), _figure(r["p90"]), r["definition"])
        for r in found["clocks"]
    ]
    print_table("用时（小时）", ("平台", "时段", "已完成", "未完成", "中位", "P90", "口径"), rows)
    stays = [
        (r["platform"], r["days"], r["of"], r["stayed"], r["back"], _share(r["share"]), r["unwatched"])
        for r in found["stay_down"]
    ]
    print_table("下架保持", ("平台", "天数", "分母", "保持", "复现", "比例", "满期未核验"), stays)
    say(verification.STAY_DEFINITION)


@takedown.command("relisted", epilog=examples("takedown relisted", "takedown relisted --platform some_mall"))
def relisted(platform: Platform = None, as_json: JsonFlag = False) -> None:
    """Show what is back after its removal. By what it is known again: the same link, seller, contact, text, picture."""
    from adwatch.app import open_office, verification

    with open_office() as office:
        rows = verification.back_again(office, platform)
    if as_json:
        print_json(rows)
        return
    table = [
        (
            *(r["number"], r["platform"], safe(r["url"]), r["removed_day"], r["relisted_day"], r["relisted_label"]),
            "、".join(map(str, r["back_as"])),
        )
        for r in rows
    ]
    print_table("复现", ("编号", "平台", "原链接", "下架", "复现", "依据", "新案件号"), table)


@takedown.command("checks", epilog=examples("takedown checks 0123456789abcdef0123456789abcdef"))
def checks(
    listing: Annotated[str, typer.Argument(metavar="LISTING", help="listing_id, 32 hex digits.")],
    as_json: JsonFlag = False,
) -> None:
    """Show every check of a listing. Each with its rule, how sure that is, and its capture."""
    from adwatch.app import open_office, verification

    with open_office() as office:
        rows = verification.checks_of(office, listing)
    if as_json:
        print_json(rows)
        return
    table = [
        (r["number"], r["at"], r["word_label"], r["rule_label"] or "", _figure(r["confidence"]), safe(r["message"]))
        for r in rows
    ]
    print_table("核验记录", ("编号", "时间", "结果", "依据", "把握", "说明"), table)


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.1%}"
