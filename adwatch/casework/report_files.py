"""Files of a table: XLSX in the layout of the form, CSV, JSON. The same content gives the same bytes."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from io import BytesIO, StringIO
from typing import Any

import orjson
import xlsxwriter

from adwatch.casework.report_table import DECLARED, OWN, TOTAL, chinese
from adwatch.casework.sheet import cell, csv_cell

FIRST = "部门"
"""Heading of the first column."""
HEAD_ROW = 3
"""Row (from 0) of the groups; the headings stand in the next."""
Content = Mapping[str, Any]


def head(content: Content) -> tuple[tuple[str, str], ...]:
    """The sheet's head: 填报单位, 填报人, 联系方式, 填报时间."""
    pairs = (("填报单位", "unit"), ("填报人", "by"), ("联系方式", "contact"), ("填报时间", "as_of_local"))
    return tuple((label, str(content[name] or "")) for label, name in pairs)


def state_line(content: Content) -> str:
    """Which issue of which period."""
    span = f"{chinese(content['first'])}至{chinese(content['last'])}"
    number = content["issue"]
    said = "" if number else "未报送（草表）"
    if number > 1:
        said = f"更正（第{number}次报送），原因：{content['reason']}"
    return f"统计期间：{span}　{said}".rstrip()


def rows(content: Content) -> Iterator[tuple[str, dict[str, Any]]]:
    """(name, cells) of each row of the form, the bottom rows last."""
    for name in (*content["departments"], TOTAL, OWN, DECLARED):
        yield name, content["shown"][name]


def as_json(content: Content) -> bytes:
    """The whole content."""
    return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n"


def as_csv(content: Content) -> bytes:
    """The form's rows under two heading rows; UTF-8 with BOM, every cell quoted, nothing that starts a formula."""
    out = StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow([csv_cell(f"{label}：{value}") for label, value in head(content)])
    writer.writerow(["", *(csv_cell(column["group"]) for column in content["columns"])])
    writer.writerow([FIRST, *(csv_cell(column["heading"]) for column in content["columns"])])
    for name, cells in rows(content):
        values = (cells.get(column["id"]) for column in content["columns"])
        writer.writerow([csv_cell(name), *("" if value is None else csv_cell(value) for value in values)])
    return out.getvalue().encode("utf-8-sig", "replace")


def as_xlsx(content: Content) -> bytes:
    """Sheets 统计表 (the form), 分列 (ours and theirs), 明细 (listings behind computed cells), 小结, 更正 where any."""
    out = BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    book = xlsxwriter.Workbook(out, options)
    created = datetime.fromisoformat(content["as_of"]).astimezone(UTC).replace(tzinfo=None, microsecond=0)
    book.set_properties({"title": content["title"], "author": "AdWatch 证巡", "created": created})
    look = _Look(book)
    _form(book, content, look)
    _list(book, "分列", ("部门", "列", "来源", "填报单位", "数值", "填报人", "填报时间"), _parts(content), look)
    _list(book, "明细", ("列", "线索编号", "案件", "平台", "信息编号", "计入日期"), _behind(content), look)
    _list(book, "小结", ("小结",), [(content["narrative"],)], look, 100)
    if content["changes"]:
        said = [(c["department"], c["heading"], _SIDES[c["side"]], c["before"], c["after"]) for c in content["changes"]]
        _list(book, "更正", ("部门", "列", "来源", "原数值", "现数值"), said, look)
    book.close()
    return out.getvalue()


_SIDES = {"own": "本单位", "declared": "各单位申报"}


class _Look:
    """Formats of a workbook."""

    def __init__(self, book: Any) -> None:
        base = {"font_name": "宋体", "font_size": 10, "valign": "vcenter", "border": 1, "text_wrap": True}
        self.title = book.add_format({"font_name": "黑体", "font_size": 16, "align": "center", "valign": "vcenter"})
        self.plain = book.add_format({"font_name": "宋体", "font_size": 10, "num_format": "@", "quote_prefix": True})
        self.head = book.add_format({**base, "bold": True, "align": "center", "bg_color": "#DDE6F0"})
        self.text = book.add_format({**base, "num_format": "@", "quote_prefix": True})
        self.number = book.add_format({**base, "align": "center"})


def _form(book: Any, content: Content, look: _Look) -> None:
    sheet = book.add_worksheet("统计表")
    columns = content["columns"]
    width = len(columns)
    sheet.merge_range(0, 0, 0, width, cell(content["title"]), look.title)
    for at, (label, value) in enumerate(head(content)):
        sheet.write_string(1, at * max(1, (width + 1) // 4), cell(f"{label}：{value}"), look.plain)
    sheet.write_string(2, 0, cell(state_line(content)), look.plain)
    sheet.merge_range(HEAD_ROW, 0, HEAD_ROW + 1, 0, FIRST, look.head)
    at = 0
    while at < width:
        group = columns[at]["group"]
        end = at
        while group and end + 1 < width and columns[end + 1]["group"] == group:
            end += 1
        if not group:
            sheet.merge_range(HEAD_ROW, at + 1, HEAD_ROW + 1, at + 1, cell(columns[at]["heading"]), look.head)
        else:
            if end > at:
                sheet.merge_range(HEAD_ROW, at + 1, HEAD_ROW, end + 1, cell(group), look.head)
            else:
                sheet.write_string(HEAD_ROW, at + 1, cell(group), look.head)
            for each in range(at, end + 1):
                sheet.write_string(HEAD_ROW + 1, each + 1, cell(columns[each]["heading"]), look.head)
        at = end + 1
    for line, (name, cells) in enumerate(rows(content), HEAD_ROW + 2):
        sheet.write_string(line, 0, cell(name), look.text)
        for place, column in enumerate(columns, 1):
            _write(sheet, line, place, cells.get(column["id"]), column["kind"], look)
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, width, 11)
    sheet.set_row(0, 30)
    sheet.set_row(HEAD_ROW + 1, 75)
    sheet.freeze_panes(HEAD_ROW + 2, 1)
    sheet.set_landscape()
    sheet.set_paper(8 if width > 8 else 9)  # A3, A4
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&C第 &P 页，共 &N 页")


def _write(sheet: Any, line: int, at: int, value: Any, kind: str, look: _Look) -> None:
    if value is None:
        sheet.write_blank(line, at, None, look.text)
    elif kind == "number":
        sheet.write_number(line, at, value, look.number)
    elif kind == "decimal":
        sheet.write_number(line, at, float(value), look.number)
    else:
        sheet.write_string(line, at, cell(value), look.text)


def _parts(content: Content) -> Iterator[tuple[Any, ...]]:
    """What each cell is made of."""
    for column in content["columns"]:
        for name in content["departments"]:
            ours = content["own"][name].get(column["id"])
            if ours is not None:
                source = "本单位填报" if "by" in ours else "系统计算"
                who = (ours.get("by", ""), ours.get("at", ""))
                yield (name, column["heading"], source, content["unit"], ours["value"], *who)
            for part in content["declared"][name].get(column["id"], {}).get("parts", ()):
                yield (name, column["heading"], "各单位申报", part["unit"], part["value"], "", "")


def _behind(content: Content) -> Iterator[tuple[Any, ...]]:
    for column in content["columns"]:
        for item in content["own"][content["own_department"]].get(column["id"], {}).get("listings", ()):
            lead = item["lead_number"] or ""
            yield (column["heading"], lead, item["case_id"], item["platform"], item["listing_id"], item["day"])


def _list(book: Any, name: str, heads: tuple[str, ...], lines: Any, look: _Look, width: int = 20) -> None:
    sheet = book.add_worksheet(name)
    sheet.set_column(0, len(heads) - 1, width)
    for at, each in enumerate(heads):
        sheet.write_string(0, at, each, look.head)
    for line, values in enumerate(lines, 1):
        for at, value in enumerate(values):
            if isinstance(value, int):
                sheet.write_number(line, at, value, look.number)
            else:
                sheet.write_string(line, at, cell("" if value is None else value), look.text)


FORMATS: Mapping[str, Callable[[Content], bytes]] = {"xlsx": as_xlsx, "csv": as_csv, "json": as_json}
"""Formats by their name, which is also the end of the file's name."""
