"""The attachment list of a letter as XLSX: the rows of its annex and empty columns for the platform's answer.

Every cell is text, so that none is taken for a formula or a link; what was masked in the letter is masked here.
"""

from __future__ import annotations

from typing import Any

from adwatch.casework.annex_sheet import A3, annex_sheet
from adwatch.casework.letter import asked_before, deadline, kind

COLUMNS = (
    ("序号", 6),
    ("线索编号", 18),
    ("平台内编号", 18),
    ("链接（URL）", 40),
    ("店铺", 18),
    ("标题", 28),
    ("违法原文（摘录，联系方式已脱敏）", 40),
    ("涉嫌违法类型", 18),
    ("法律依据", 26),
    ("证据编号", 26),
    ("取证时间", 17),
    ("处置期限", 16),
    ("前次去函", 24),
    ("处置措施（平台填）", 18),
    ("处置时间（平台填）", 18),
    ("不予处置的理由（平台填）", 24),
)
"""Headings and widths in characters; the last three are filled in by the platform."""
FILLED_IN = 3


def as_workbook(content: dict[str, Any]) -> bytes:
    """The list of a letter; the same letter gives the same bytes."""
    within = deadline(content, short=True) if kind(content).asks else ""
    rows = [_values(row, within) for row in content["listings"]]
    return annex_sheet(content, kind(content).title, "涉嫌违法信息清单", COLUMNS, rows, A3)


def _values(row: dict[str, Any], within: str) -> tuple[str, ...]:
    return (
        str(row["seq"]),
        row["lead_number"] or "",
        row["native_id"],
        row["url"] or "",
        row["seller_name"] or "页面未显示",
        row["title"],
        " ".join(f"“{quote}”" for quote in row["quotes"]),
        "、".join(row["offer_labels"]),
        " ".join(row["cites"]),
        row["evidence_number"],
        row["captured_at"],
        within,
        asked_before(row),
    )
