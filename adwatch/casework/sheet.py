"""Writes a list as XLSX, CSV or JSON lines so that no cell is ever taken for a formula or a link."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from io import BytesIO, StringIO
from typing import Any

import orjson
import xlsxwriter

from adwatch.casework.shown import without_controls
from adwatch.casework.weekly import COVERED
from adwatch.errors import UsageError

CELL_LIMIT = 32_767
"""Characters that a cell holds, counted in UTF-16 units (ECMA-376, Excel specifications and limits)."""
ROW_LIMIT = 1_048_575
"""Rows of a sheet under its heading."""
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What spreadsheet programs take for a formula at the start of a CSV cell (OWASP, CSV injection)."""

WIDTHS = (5, 15, 10, 9, 9, 10, 12, 10, 15, 20, 32, 11, 9, 19, 9, 10, 15, 14, 15, 10, 5)
"""Widths of the columns, in characters; all of them on a page of A3, still legible."""
LINE, MOST_LINES = 12.5, 16
"""Height of a line in points and most lines of a row; not every program fits rows itself."""

ONE_PAGE = 90
"""Lines of figures that are still legible on one page of A4."""


def cell(value: object) -> str:
    """A text cell: forbidden control characters replaced, cut to what a cell holds."""
    text = without_controls(str(value))
    if len(text) * 2 <= CELL_LIMIT:
        return text
    units = text.encode("utf-16-le")[: CELL_LIMIT * 2]
    return units.decode("utf-16-le", "ignore")


def csv_cell(value: object) -> str:
    """A cell that a spreadsheet program opens as text: an apostrophe before what would start a formula."""
    text = str(value)
    guarded = f"'{text}" if text.startswith(FORMULA_STARTS) or text.lstrip().startswith(FORMULA_STARTS) else text
    return cell(guarded)


def as_csv(issue: Mapping[str, Any], columns: Mapping[str, str]) -> bytes:
    """UTF-8 with BOM, CRLF, every cell quoted."""
    out = StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(columns.values())
    writer.writerows([csv_cell(row[name]) for name in columns] for row in issue["rows"])
    return out.getvalue().encode("utf-8-sig", "replace")


def as_jsonl(issue: Mapping[str, Any], _columns: Mapping[str, str]) -> bytes:
    """One object a row, with ids and scores besides the cells of the sheet."""
    return b"".join(orjson.dumps(row) + b"\n" for row in issue["rows"])


def as_xlsx(issue: Mapping[str, Any], columns: Mapping[str, str]) -> bytes:
    """The list, a sheet 统计 and one 巡查覆盖; the same issue gives the same bytes."""
    if len(issue["rows"]) > ROW_LIMIT:
        raise UsageError(f"{len(issue['rows']):,} rows do not fit into a sheet; write --format csv")
    out = BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    book = xlsxwriter.Workbook(out, options)
    created = datetime.fromisoformat(issue["as_of"]).astimezone(UTC).replace(tzinfo=None, microsecond=0)
    book.set_properties({"title": issue["title"], "author": "AdWatch 证巡", "created": created})
    base = {"font_name": "宋体", "font_size": 9, "valign": "top", "border": 1}
    head = book.add_format(
        {**base, "bold": True, "bg_color": "#DDE6F0", "align": "center", "valign": "vcenter", "text_wrap": True}
    )
    text = book.add_format({**base, "text_wrap": True, "num_format": "@", "quote_prefix": True})
    struck = book.add_format(
        {**base, "text_wrap": True, "num_format": "@", "quote_prefix": True, "font_color": "#808080", "italic": True}
    )
    number = book.add_format({**base, "align": "center"})
    _list_sheet(book, issue, columns, head, text, struck, number)
    _figures_sheet(book, issue, head, text, number)
    if issue.get("coverage"):  # issues from before it was kept have none
        _coverage_sheet(book, issue["coverage"], head, text, number)
    book.close()
    return out.getvalue()


def _list_sheet(
    book: Any, issue: Mapping[str, Any], columns: Mapping[str, str], head: Any, text: Any, struck: Any, number: Any
) -> None:
    sheet = book.add_worksheet("监测清单")
    for at, (name, width) in enumerate(zip(columns.values(), WIDTHS, strict=True)):
        sheet.write_string(0, at, name, head)
        sheet.set_column(at, at, width)
    for line, row in enumerate(issue["rows"], 1):
        look = struck if row["dismissed"] else text
        sheet.set_row(line, LINE * _lines(row, columns) + 2)
        for at, name in enumerate(columns):
            if name == "seq":
                sheet.write_number(line, at, row[name], number)
            else:
                sheet.write_string(line, at, cell(row[name]), look)
    sheet.freeze_panes(1, 2)
    sheet.autofilter(0, 0, max(1, len(issue["rows"])), len(columns) - 1)
    sheet.set_landscape()
    sheet.set_paper(8)  # A3
    sheet.set_margins(left=0.4, right=0.4, top=0.8, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_header(f"&C&14{issue['title']}")
    sheet.set_footer("&C第 &P 页，共 &N 页")


def _lines(row: Mapping[str, Any], columns: Mapping[str, str]) -> int:
    """Lines that the fullest cell of a row needs; a Chinese character is two wide."""
    lines = 1
    for name, width in zip(columns, WIDTHS, strict=True):
        text = str(row[name])[: width * MOST_LINES]
        wide = len(text) + sum(char > "\u2e80" for char in text)
        lines = max(lines, -(-wide // width))
    return min(lines, MOST_LINES)


def _figures_sheet(book: Any, issue: Mapping[str, Any], head: Any, text: Any, number: Any) -> None:
    sheet = book.add_worksheet("统计")
    sheet.set_column(0, 0, 44)
    sheet.set_column(1, 1, 24)
    facts: Sequence[tuple[str, object]] = (
        ("周次", issue["week"]),
        ("起止日期", f"{_chinese(issue['from'])}至{_chinese(issue['to'])}"),
        ("期号", f"第{issue['issue']}次出具"),
        ("数据截至", f"{_chinese(issue['as_of_local'][:10])}{issue['as_of_local'][10:]}"),
        ("本周是否已结束", "是" if issue["complete"] else "否，统计至出具时"),
        ("信息条数", len(issue["rows"])),
    )
    line = _block(sheet, 0, issue["title"], facts, head, text, number)
    for block in issue["statistics"]:
        rows = [(name, count) for _, name, count in block["rows"]]
        line = _block(sheet, line + 1, block["title"], rows, head, text, number)
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 1 if line <= ONE_PAGE else 0)
    sheet.set_footer("&C第 &P 页，共 &N 页")


def _coverage_sheet(book: Any, rows: Sequence[Mapping[str, Any]], head: Any, text: Any, number: Any) -> None:
    sheet = book.add_worksheet("巡查覆盖")
    for at, name in enumerate(COVERED.values()):
        sheet.write_string(0, at, name, head)
        sheet.set_column(at, at, 18 if at in (1, 3) else 11)
    for line, row in enumerate(rows[:ROW_LIMIT], 1):
        for at, name in enumerate(COVERED):
            value = row.get(name, "")  # an issue of before a column was added has none
            if isinstance(value, int):
                sheet.write_number(line, at, value, number)
            else:
                sheet.write_string(line, at, cell(value), text)
    sheet.freeze_panes(1, 2)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _chinese(day: str) -> str:
    return "{}年{}月{}日".format(*map(int, day.split("-")))


def _block(
    sheet: Any, line: int, title: str, rows: Sequence[tuple[str, object]], head: Any, text: Any, number: Any
) -> int:
    sheet.merge_range(line, 0, line, 1, cell(title), head)
    for name, value in rows:
        line += 1
        sheet.write_string(line, 0, cell(name), text)
        if isinstance(value, int):
            sheet.write_number(line, 1, value, number)
        else:
            sheet.write_string(line, 1, cell(value), text)
    return line + 1


FORMATS: Mapping[str, Callable[[Mapping[str, Any], Mapping[str, str]], bytes]] = {
    "xlsx": as_xlsx,
    "csv": as_csv,
    "jsonl": as_jsonl,
}
"""Formats by their name, which is also the end of the file's name."""
