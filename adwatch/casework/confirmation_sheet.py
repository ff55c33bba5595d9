"""线索清单 of a 甄别函: the XLSX that goes out with locked lead numbers, and what comes back read by lead number."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any, Protocol

import xlsxwriter

from adwatch.casework.sheet import cell
from adwatch.casework.shown import without_controls
from adwatch.errors import UsageError

ANSWERS = {"属实": "confirm", "不属实": "dismiss", "无法认定": "doubt", "非本部门": "refer"}
"""The closed list of answers and the findings that they are."""
SHEET = "线索清单"
COLUMNS = (
    ("seq", "序号", 5),
    ("lead_number", "线索编号", 18),
    ("found", "发现时间", 11),
    ("platform", "平台", 12),
    ("seller", "店铺", 14),
    ("operator", "经营主体", 16),
    ("title", "标题", 22),
    ("url", "链接", 30),
    ("quotes", "违法原文（联系方式已脱敏）", 40),
    ("families", "证书类别", 14),
    ("offers", "涉嫌违法类型", 12),
    ("cites", "依据", 18),
    ("evidence", "证据号", 18),
)
"""What we say of a lead: locked."""
FILLED = (("answer", "甄别结论", 11), ("reason", "理由", 28), ("person", "甄别人", 10), ("day", "甄别日期", 12))
"""What the authority fills in."""
NUMBER_HEAD = "函件编号"
HEADINGS = {"seq": "序号", "lead_number": "线索编号", **{name: heading for name, heading, _ in FILLED}}
"""Columns that are read back."""
REASON_LIMIT = 2000
_SPACE = re.compile(r"\s+")


def confirmation_sheet(content: Mapping[str, Any], only: Iterable[str] | None = None) -> bytes:
    """The XLSX of a batch (``only``: just these lead numbers, under their old 序号); equal content, equal bytes."""
    wanted = None if only is None else set(only)
    rows = [row for row in content["rows"] if wanted is None or row["lead_number"] in wanted]
    out = BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    book = xlsxwriter.Workbook(out, options)
    created = datetime.fromisoformat(content["drafted_at"]).astimezone(UTC).replace(tzinfo=None, microsecond=0)
    title = f"涉嫌违法证书类信息线索清单（{content['authority_label']}）"
    book.set_properties({"title": title, "subject": content["number"], "author": "AdWatch 证巡", "created": created})
    base = {"font_name": "宋体", "font_size": 9, "valign": "top", "border": 1, "text_wrap": True}
    head = book.add_format({**base, "bold": True, "bg_color": "#DDE6F0", "align": "center", "valign": "vcenter"})
    ask = book.add_format({**base, "bold": True, "bg_color": "#FFF2CC", "align": "center", "valign": "vcenter"})
    text = book.add_format({**base, "num_format": "@", "quote_prefix": True})
    number = book.add_format({**base, "align": "center"})
    plain = book.add_format({"font_name": "宋体", "font_size": 10, "num_format": "@", "quote_prefix": True})
    big = book.add_format({"font_name": "黑体", "font_size": 15})
    open_text = book.add_format({**base, "bg_color": "#FFFDF2", "locked": False, "num_format": "@"})
    open_day = book.add_format({**base, "bg_color": "#FFFDF2", "locked": False, "num_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet(SHEET)
    sheet.write_string(0, 0, cell(title), big)
    sheet.write_string(1, 0, cell(f"{NUMBER_HEAD}：{content['number']}"), plain)
    sheet.write_string(1, 6, cell(f"发函单位：{content['unit']}"), plain)
    asked = "只填写黄色各列：甄别结论从下拉表选一项；不属实、无法认定、非本部门须写理由。编号、序号和表头请勿改动。"
    sheet.write_string(2, 0, asked, plain)
    width = len(COLUMNS)
    for at, (_, heading, size) in enumerate((*COLUMNS, *FILLED)):
        sheet.write_string(3, at, heading, head if at < width else ask)
        sheet.set_column(at, at, size)
    for line, row in enumerate(rows, 4):
        sheet.write_number(line, 0, row["seq"], number)
        for at, (name, _, _) in enumerate(COLUMNS[1:], 1):
            sheet.write_string(line, at, cell(row[name]), text)
        for at, (name, _, _) in enumerate(FILLED, width):
            sheet.write_blank(line, at, None, open_day if name == "day" else open_text)
    last = max(4, 3 + len(rows))
    closed = {"validate": "list", "source": list(ANSWERS), "error_title": "甄别结论", "error_message": "请从下拉表选择"}
    sheet.data_validation(4, width, last, width, closed)
    sheet.protect("", {"format_columns": True, "format_rows": True, "autofilter": True, "select_locked_cells": True})
    sheet.freeze_panes(4, 2)
    sheet.set_landscape()
    sheet.set_paper(8)  # A3
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(3)
    sheet.set_footer(f"&L{content['number']}&C第 &P 页，共 &N 页")
    book.close()
    return out.getvalue()


class ReadSheet(Protocol):
    """A sheet of a file that came back (collectors.handover.whole)."""

    name: str
    rows: list[tuple[int, list[object]]]

    def trouble(self, row: int, columns: set[int]) -> str | None:
        """formula or merged where cells of a row cannot be trusted."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One row that came back."""

    line: int
    seq: int | None
    lead_number: str
    answer: str
    """confirm | dismiss | doubt | refer."""
    reason: str
    person: str
    day: date


@dataclass(slots=True)
class Returned:
    """A sheet that came back."""

    number: str = ""
    """Number of the batch in its head; empty where it is gone."""
    answers: list[Answer] = field(default_factory=list)
    refused: list[tuple[int, str]] = field(default_factory=list)
    """(line, what is wrong), in the order of the lines."""
    blank: int = 0
    """Rows of which nothing is filled in."""


TROUBLE = {"formula": "单元格是公式，请改为填写的文字", "merged": "单元格已合并，请拆分后逐行填写"}


def read_returned(sheets: Sequence[ReadSheet], file: str, as_day: Callable[[object], date | None]) -> Returned:
    """What a file says, row by row; UsageError where it is no 线索清单 at all.

    ``as_day`` reads a date as spreadsheets hold it: a date, a serial number, a text.
    """
    listed = [(sheet, found) for sheet in sheets if (found := _places(sheet))]
    whole = [(sheet, found) for sheet, found in listed if found[1].keys() == HEADINGS.keys()]
    if not whole:
        if listed:
            missing = "、".join(HEADINGS[name] for name in HEADINGS if name not in listed[0][1][1])
            raise UsageError(f"{file} {listed[0][0].name}: 表头缺少列: {missing}（列名不能改动）")
        raise UsageError(f"{file}: 没有“线索编号”“甄别结论”一行表头，不是甄别的线索清单")
    if len(whole) > 1:
        names = "、".join(sheet.name for sheet, _ in whole)
        raise UsageError(f"{file}: 有 {len(whole)} 张清单（{names}），请只留一张")
    sheet, (heading, places) = whole[0]
    done = Returned(number=_number_of(sheet, heading))
    seen: dict[str, tuple[str, int]] = {}
    doubled: set[str] = set()
    for line, cells in sheet.rows:
        if line <= heading:
            continue
        texts = {name: _text(cells[at] if at < len(cells) else None) for name, at in places.items()}
        if not any(texts.values()):
            continue
        if not any(texts[name] for name in ("answer", "reason", "person", "day")):
            done.blank += bool(texts["lead_number"])
            continue
        word = sheet.trouble(line, {at + 1 for at in places.values()})
        raw_day = cells[places["day"]] if places["day"] < len(cells) else None
        read = TROUBLE[word] if word else _answer(line, texts, as_day(raw_day) if texts["day"] else None)
        if isinstance(read, str):
            done.refused.append((line, read))
            continue
        before = seen.get(read.lead_number)
        if before is None:
            seen[read.lead_number] = (read.answer, line)
            done.answers.append(read)
        elif before[0] != read.answer:
            doubled.add(read.lead_number)
            said = f"{read.lead_number}: 与第 {before[1]} 行的结论不同，两行都不采用"
            done.refused.append((line, said))
    done.answers = [each for each in done.answers if each.lead_number not in doubled]
    return done


def _places(sheet: ReadSheet) -> tuple[int, dict[str, int]] | None:
    """(line, places by name) of the row of headings; the one with 线索编号 and most others."""
    best: tuple[int, dict[str, int]] | None = None
    for line, cells in sheet.rows[:30]:
        texts = [_SPACE.sub("", _text(value)) for value in cells]
        found = {name: texts.index(heading) for name, heading in HEADINGS.items() if heading in texts}
        if len(found) > 1 and "lead_number" in found and (best is None or len(found) > len(best[1])):
            best = line, found
    return best


def _number_of(sheet: ReadSheet, heading: int) -> str:
    for line, cells in sheet.rows:
        if line >= heading:
            break
        for value in cells:
            bare = _SPACE.sub("", _text(value))
            if bare.startswith(NUMBER_HEAD):
                return re.sub(rf"^{NUMBER_HEAD}[：:]?", "", bare)
    return ""


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return without_controls(str(value)).strip().removeprefix("'")


def _answer(line: int, texts: Mapping[str, str], day: date | None) -> Answer | str:
    """The row, or what is wrong with it."""
    number, said = texts["lead_number"], _SPACE.sub("", texts["answer"])
    if not number:
        return "没有线索编号"
    if not said:
        return f"{number}: 没有写甄别结论"
    if said not in ANSWERS:
        return f"{number}: 甄别结论 {said[:20]!r} 不在表内；应为 {'、'.join(ANSWERS)}"
    if ANSWERS[said] != "confirm" and not texts["reason"]:
        return f"{number}: {said}须写理由"
    if len(texts["reason"]) > REASON_LIMIT:
        return f"{number}: 理由超过 {REASON_LIMIT} 字"
    if not texts["person"]:
        return f"{number}: 没有写甄别人"
    if not texts["day"]:
        return f"{number}: 没有写甄别日期"
    if day is None:
        return f"{number}: 甄别日期 {texts['day'][:20]!r} 不是日期；应为 YYYY-MM-DD"
    seq = int(texts["seq"]) if texts["seq"].isascii() and texts["seq"].isdecimal() else None
    return Answer(line, seq, number, ANSWERS[said], texts["reason"], texts["person"], day)
