"""The attachment table of a 更正函 about a paper that went out, as XLSX: rows that differ, what was said, what holds.

Every cell is text, so that none is taken for a formula or a link; equal content, equal bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import xlsxwriter

from adwatch.casework.correction_paper import COLUMNS, TITLES, table
from adwatch.casework.sheet import cell
from adwatch.casework.shown import printable

SHEET = "更正内容清单"
WIDTHS = (6, 20, 60, 34, 34)


def correction_sheet(content: Mapping[str, Any]) -> bytes:
    """The list of a letter."""
    out = BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    book = xlsxwriter.Workbook(out, options)
    created = datetime.fromisoformat(content["drafted_at"]).astimezone(UTC).replace(tzinfo=None, microsecond=0)
    title = f"{TITLES[content['paper']]} 附件"
    book.set_properties({"title": title, "author": content["unit"] or "", "created": created})
    base = {"font_name": "宋体", "font_size": 10, "valign": "top", "border": 1, "text_wrap": True}
    heading = book.add_format({**base, "bold": True, "bg_color": "#DDE6F0", "align": "center"})
    words = book.add_format({**base, "num_format": "@", "quote_prefix": True})
    sheet = book.add_worksheet(SHEET)
    for at, ((name, _), width) in enumerate(zip(COLUMNS, WIDTHS, strict=True)):
        sheet.write_string(0, at, name, heading)
        sheet.set_column(at, at, width)
    for line, values in enumerate(table(content), 1):
        for at, value in enumerate(values):
            sheet.write_string(line, at, cell(printable(value)), words)
    sheet.freeze_panes(1, 1)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_header(f"&C{content['number'].replace('&', '&&')}")
    sheet.set_footer("&C第 &P 页，共 &N 页")
    book.close()
    return out.getvalue()
