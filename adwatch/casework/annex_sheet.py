"""The table that goes out with a letter, as XLSX: every cell is text, so that none is taken for a formula or a link."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import xlsxwriter

from adwatch.casework.sheet import cell
from adwatch.casework.shown import printable

A3, A4 = 8, 9
"""Papers by their numbers in the format."""


def annex_sheet(
    content: Mapping[str, Any],
    title: str,
    name: str,
    columns: Sequence[tuple[str, int]],
    rows: Iterable[Sequence[str]],
    paper: int,
) -> bytes:
    """The table of a letter; equal content, equal bytes.

    ``columns``: headings and widths in characters; where a row is shorter, its last cells are left to be filled in.
    """
    out = BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    book = xlsxwriter.Workbook(out, options)
    created = datetime.fromisoformat(content["drafted_at"]).astimezone(UTC).replace(tzinfo=None, microsecond=0)
    book.set_properties({"title": f"{title} 附件", "author": content["unit"] or "", "created": created})
    base = {"font_name": "宋体", "font_size": 10, "valign": "top", "border": 1, "text_wrap": True}
    heading = book.add_format({**base, "bold": True, "bg_color": "#DDE6F0", "align": "center"})
    words = book.add_format({**base, "num_format": "@", "quote_prefix": True})
    empty = book.add_format({**base, "num_format": "@", "bg_color": "#FFF8DC"})
    sheet = book.add_worksheet(name)
    for at, (head, width) in enumerate(columns):
        sheet.write_string(0, at, head, heading)
        sheet.set_column(at, at, width)
    for line, values in enumerate(rows, 1):
        for at, value in enumerate(values):
            sheet.write_string(line, at, cell(printable(value)), words)
        for at in range(len(values), len(columns)):
            sheet.write_blank(line, at, None, empty)
    sheet.freeze_panes(1, 1)
    sheet.set_landscape()
    sheet.set_paper(paper)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_header(f"&C{content['number'].replace('&', '&&')}")
    sheet.set_footer("&C第 &P 页，共 &N 页")
    book.close()
    return out.getvalue()
