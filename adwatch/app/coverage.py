"""The coverage table as verbs call it: one row a platform and day, so that a zero is told from what was not seen."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine

from adwatch.app.office import Office
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
    "layout_changed": "页面改版",
    "stale": "数据未更新",
    "robots_denied": "robots禁止",
    "errors": "出错",
}
"""Chinese headings of the columns."""

SURE = {
    "whole": "全部看到",
    "part": "只看到一部分",
    "zero_sure": "确实没有",
    "zero_unsure": "没有，但无从核实",
    "zero_doubtful": "没有，但存疑",
    "unseen": "没能看",
}
"""How far a day's figures can be believed."""


def coverage(engine: Engine, first: str, last: str | None = None) -> list[dict[str, Any]]:
    """Rows of a day, or of the days from ``first`` to ``last``; their keys are those of ``HEADS``, in order."""
    with reading(engine) as connection:
        return stored(connection, first, last or first)


def missing(office: Office, first: str, last: str | None = None) -> list[str]:
    """Enabled platforms that have no run at all on those days: nobody has looked."""
    from adwatch.app.patrol import platform_names

    there = {row["platform"] for row in coverage(office.engine, first, last)}
    return [name for name in platform_names(office) if name not in there]


__all__ = ["COLUMNS", "HEADS", "coverage", "missing"]
