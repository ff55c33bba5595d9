"""The attachment list of a letter as XLSX: the rows of its annex and empty columns for the platform's answer.

Every cell is text, so that none is taken for a formula or a link; what was masked in the letter is masked here.
"""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import xlsxwriter

from adwatch.casework.letter import deadline, kind
from adwatch.casework.sheet import cell
from adwatch.casework.shown import printable

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
    ("处置措施（平台填）", 18),
    ("处置时间（平台填）", 18),
    ("不予处置的理由（平台填）", 24),
)
"""Headings and widths in characters; the last three are filled in by the platform."""
FILLED_IN = 3


def as_workbook(content: dict[str, Any]) -> bytes:
    """The list of a letter; the same letter gives the same bytes."""
    out = BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    book = xlsxwriter.Workbook(out, options)
    created = datetime.fromisoformat(content["drafted_at"]).astimezone(UTC).replace(tzinfo=None, microsecond=0)
    book.set_properties({"title": f"{kind(content).title} 附件", "author": content["unit"] or "", "created": created})
    base = {"font_name": "宋体", "font_size": 10, "valign": "top", "border": 1, "text_wrap": True}
    heading = book.add_format({**base, "bold": True, "bg_color": "#DDE6F0", "align": "center"})
    words = book.add_format({**base, "num_format": "@", "quote_prefix": True})
    empty = book.add_format({**base, "num_format": "@", "bg_color": "#FFF8DC"})
    sheet = book.add_worksheet("涉嫌违法信息清单")
    for at, (name, width) in enumerate(COLUMNS):
        sheet.write_string(0, at, name, heading)
        sheet.set_column(at, at, width)
    within = deadline(content, short=True) if kind(content).asks else ""
    for line, row in enumerate(content["listings"], 1):
        values = _values(row, within)
        for at, value in enumerate(values):
            sheet.write_string(line, at, cell(printable(value)), words)
        for at in range(len(values), len(COLUMNS)):
            sheet.write_blank(line, at, None, empty)
    sheet.freeze_panes(1, 1)
    sheet.set_landscape()
    sheet.set_paper(8)  # A3
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_header(f"&C{content['number'].replace('&', '&&')}")
    sheet.set_footer("&C第 &P 页，共 &N 页")
    book.close()
    return out.getvalue()


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
    )
