"""The coverage table as verbs call it: one row a platform and day, so that a zero is told from what was not seen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Engine

from adwatch.app.office import Office
from adwatch.app.rows import platform_labels
from adwatch.app.words import OUTCOMES
from adwatch.casework.states import SURE, answers_told
from adwatch.store.coverage import COLUMNS
from adwatch.store.coverage import coverage as stored
from adwatch.store.engine import reading

HEADS = {
    "day": "日期",
    "platform": "平台",
    "outcome": "结果",
    "runs": "巡查次数",
    "unfinished": "未完成",
    "pages": "页面",
    "seen": "所见",
    "new": "新增",
    "changed": "变更",
    "vanished": "消失",
    "flagged": "命中",
    "terms": "检索词",
    "terms_empty": "无结果的词",
    "complete": "读到末页",
    "spent": "请求额度用完",
    "rested": "余下未读的列表",
    "probe": "探针",
    "breaker": "熔断",
    "known": "已知信息复看",
    "reread": "昨日存档重读",
    "sure": "可信程度",
    "blocked": "被拦截",
    "unreachable": "无法访问",
    "unknown": "原因不明",
    "layout_changed": "页面改版",
    "stale": "数据未更新",
    "robots_denied": "robots禁止",
    "errors": "出错",
    "said": "站点答复",
}
"""Chinese headings of the columns."""


def coverage(engine: Engine, first: str, last: str | None = None) -> list[dict[str, Any]]:
    """Rows of a day, or of the days from ``first`` to ``last``; their keys are those of ``HEADS``, in order."""
    with reading(engine) as connection:
        return stored(connection, first, last or first)


def missing(office: Office, first: str, last: str | None = None) -> list[str]:
    """Enabled platforms that have no run at all on those days: nobody has looked."""
    from adwatch.app.patrol import platform_names

    there = {row["platform"] for row in coverage(office.engine, first, last)}
    return [name for name in platform_names(office) if name not in there]


def week_up_to(office: Office, last: str, platform: str = "") -> dict[str, Any]:
    """What a screen shows of the seven days up to one (today, where none is given): rows, labels, quiet platforms.

    Enabled platforms have a row for each day on which somebody has looked at any; where nobody did, it says so.
    """
    from adwatch.app.quiet import quiet
    from adwatch.app.schedule import checked_day

    last = checked_day(last) if last else office.clock.now().astimezone(office.settings.zone).date().isoformat()
    first = (date.fromisoformat(last) - timedelta(6)).isoformat()
    rows = coverage(office.engine, first, last)
    shown = [{**row, "outcome_label": _label(row), "remarks": remarks(row)} for row in rows]
    days = {row["day"] for row in rows}
    there = {(row["day"], row["platform"]) for row in rows}
    empty: dict[str, Any] = dict.fromkeys(COLUMNS)
    for name in _enabled(office):
        lacking = (day for day in days if (day, name) not in there)
        shown += [{**empty, "day": day, "platform": name, "outcome_label": "", "remarks": ""} for day in lacking]
    if platform:
        shown = [row for row in shown if row["platform"] == platform]
    shown.sort(key=lambda row: row["platform"])
    shown.sort(key=lambda row: row["day"], reverse=True)
    labels = platform_labels(office)
    return {"last": last, "rows": shown, "labels": labels, "quiet": quiet(office, last) if last in days else []}


def _enabled(office: Office) -> list[str]:
    from adwatch.app.patrol import platform_names

    return [name for name in platform_names(office) if office.platforms[name].kind != "handover"]


def _label(row: Mapping[str, Any]) -> str:
    return OUTCOMES.get(row["outcome"] or "", row["outcome"] or "未完成")


def remarks(row: Mapping[str, Any]) -> str:
    """In words what was not as it should be, besides the counted columns."""
    told = [
        (row["unfinished"], "有一次未完成"),
        (row["spent"], "当日请求额度用完"),
        (row["probe"] == "failed", "探针词无结果"),
        (row["breaker"] == "open", "当日已停止访问"),
        (row["known"] in ("up", "changed"), "列表为空而已知信息仍在"),
        (row["known"] == "gone", "已知信息确已下架"),
        (row["reread"] == "differs", "重读昨日存档与昨日不同"),
        (row["rested"], f"{row['rested']} 个列表读到已知处为止"),
        (row["robots_denied"], f"robots 禁止 {row['robots_denied']} 次"),
        (row["errors"], f"出错 {row['errors']} 次"),
        (row["said"], f"站点答复：{answers_told(row['said'] or {})}"),
    ]
    return "，".join(words for holds, words in told if holds)


__all__ = ["COLUMNS", "HEADS", "SURE", "answers_told", "coverage", "missing", "remarks", "week_up_to"]
