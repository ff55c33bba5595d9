"""How full captures are made (capture_rules.csv): budgets a day and host, scripts, limits of one page; its words.

Columns: ``platform`` (``*``: all that have no row of their own, and the budget of a day over all of them), ``per_day``
and ``per_host`` captures, ``javascript`` yes | no, ``seconds`` until loading is ended, ``requests`` and ``megabytes``
of one page, ``height`` of a screenshot in pixels, ``within_days`` in which an occasion is still worth a capture.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from adwatch.errors import SpecError
from adwatch.tables import table_file

FILE = "capture_rules.csv"
COLUMNS = ["platform", "per_day", "per_host", "javascript", "seconds", "requests", "megabytes", "height"]
COLUMNS += ["within_days", "note"]
_RANGES = {
    "per_day": (0, 100_000),
    "per_host": (0, 100_000),
    "seconds": (5, 600),
    "requests": (1, 2000),
    "megabytes": (1, 500),
    "height": (600, 16_000),
    "within_days": (1, 3660),
}

OCCASIONS = {
    "flagged": "命中",
    "confirmed": "甄别属实",
    "sent": "函件发出",
    "check": "核验",
    "asked": "人工取证",
    "extraction": "电子数据提取",
    "site": "仿冒网站核查",
}
"""What a capture is made for."""

STATES = {"captured": "已取证", "partial": "部分取证", "failed": "未取证"}
"""How an attempt ended: partial has the archived answers but no (whole) picture."""

REASONS = {
    "no_url": "没有链接",
    "no_browser": "没有可用的浏览器",
    "no_font": "缺少中文字体，截图会显示为方框",
    "robots": "robots.txt 不允许",
    "blocked": "网站拒绝访问",
    "unreachable": "无法连接或未应答",
    "refused": "不予获取（私网地址、过大或重定向过多）",
    "download": "是下载文件而不是网页",
    "timeout": "浏览器在时限内没有完成",
    "crashed": "浏览器崩溃",
    "too_large": "截图过大",
}
"""Why a page was not captured, or not whole."""

TRANSIENT = frozenset({"no_browser", "no_font", "blocked", "unreachable", "timeout", "crashed"})
"""Reasons for which an attempt is made again, a few times, later and later."""

FILES = {
    "page_archive": ("wacz", "application/wacz", "网页归档（WACZ）"),
    "page_screenshot": ("png", "image/png", "网页截图"),
    "page_facts": ("json", "application/json", "取证要素"),
}
"""Ending, media type and Chinese name of a capture's files, by kind."""


@dataclass(frozen=True, slots=True)
class CaptureRule:
    """One row."""

    platform: str
    per_day: int
    per_host: int
    javascript: bool
    """Whether the page's scripts are run."""
    seconds: int
    """After which loading is ended and the page taken as it is."""
    requests: int
    megabytes: int
    height: int
    """Pixels of a screenshot, at most."""
    within_days: int
    note: str


def capture_rules(data: Path | None = None) -> Mapping[str, CaptureRule]:
    """The rules in force by platform; ``*`` is there."""
    file = table_file(FILE, data)
    found: dict[str, CaptureRule] = {}
    with file.open(encoding="utf-8-sig", newline="") as handle:
        reader = csv.DictReader(handle)
        if reader.fieldnames != COLUMNS:
            raise SpecError(str(file), 1, "", f"the columns must be {', '.join(COLUMNS)}")
        for row in reader:
            rule = _rule(str(file), reader.line_num, row)
            if rule.platform in found:
                raise SpecError(str(file), reader.line_num, "platform", f"{rule.platform} stands there twice")
            found[rule.platform] = rule
    if "*" not in found:
        raise SpecError(str(file), None, "platform", "a row * for all platforms without one of their own is missing")
    return found


def _rule(file: str, line: int, row: dict[str, str]) -> CaptureRule:
    if None in row or None in row.values():
        raise SpecError(file, line, "", f"{len(COLUMNS)} columns are needed")
    if not row["platform"].strip():
        raise SpecError(file, line, "platform", "name a platform file, or *")
    if row["javascript"] not in ("yes", "no"):
        raise SpecError(file, line, "javascript", "write yes or no")
    numbers: dict[str, int] = {}
    for name, (low, high) in _RANGES.items():
        try:
            numbers[name] = int(row[name])
        except ValueError as error:
            raise SpecError(file, line, name, f"{row[name]!r} is no whole number") from error
        if not low <= numbers[name] <= high:
            raise SpecError(file, line, name, f"write {low} to {high}")
    return CaptureRule(row["platform"].strip(), javascript=row["javascript"] == "yes", note=row["note"], **numbers)
