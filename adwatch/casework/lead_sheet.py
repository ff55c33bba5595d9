"""Sheets in which leads come in from outside: the columns of number, time limit and answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from adwatch.casework.shown import without_controls
from adwatch.errors import UsageError

DUE = ("反馈时限", "反馈期限", "回复时限", "办理时限", "办结时限", "反馈截止日期")
REAL_NAME = ("是否实名", "实名举报", "是否实名举报")
ANSWERED = {
    "finding": ("核查情况", "核查结果", "核实情况", "调查情况", "甄别结果", "办理结果"),
    "handling": ("处置情况", "处理情况", "处理结果", "办理情况", "处置结果", "处置措施", "反馈情况"),
    "unit": ("承办单位", "反馈单位", "办理单位", "承办部门"),
    "person": ("经办人", "承办人", "反馈人", "办理人"),
    "day": ("反馈时间", "反馈日期", "办结时间", "办结日期"),
}
"""Headings under which a sheet of a superior office wants its answers."""
_SPACE = re.compile(r"[\s　]+")


class ReadSheet(Protocol):
    """A sheet of a file (collectors.handover.whole)."""

    name: str
    rows: list[tuple[int, list[object]]]


@dataclass(frozen=True, slots=True)
class SheetLead:
    """One row."""

    line: int
    number: str
    due: date | None
    real_name: bool


@dataclass(slots=True)
class LeadSheet:
    """A sheet of leads."""

    name: str
    """Of the worksheet."""
    leads: list[SheetLead] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)
    """Columns of the answers, from 1, by what is answered."""
    refused: list[tuple[int, str]] = field(default_factory=list)


def read_leads(
    sheets: Sequence[ReadSheet],
    file: str,
    is_number: Callable[[object], bool],
    as_day: Callable[[object], date | None],
) -> LeadSheet:
    """The first sheet with a column of numbers (``is_number`` knows its heading); UsageError where there is none."""
    for sheet in sheets:
        for at, (line, cells) in enumerate(sheet.rows[:30]):
            column = next((where for where, cell in enumerate(cells) if is_number(cell)), None)
            if column is not None and sum(bool(_text(cell)) for cell in cells) > 1:
                return _read(sheet, at, line, column, as_day)
    raise UsageError(
        f"{file}: 没有线索编号（或工单、举报编号）一列，不能逐条答复；补上编号列，或用 adwatch ingest 作为普通数据读入"
    )


def _read(sheet: ReadSheet, at: int, heading: int, column: int, as_day: Callable[[object], date | None]) -> LeadSheet:
    heads = [_SPACE.sub("", _text(cell)) for cell in sheet.rows[at][1]]
    done = LeadSheet(sheet.name)
    for name, headings in ANSWERED.items():
        where = next((heads.index(each) for each in headings if each in heads), None)
        if where is not None and where + 1 not in done.places.values():
            done.places[name] = where + 1
    due = next((heads.index(each) for each in DUE if each in heads), None)
    real = next((heads.index(each) for each in REAL_NAME if each in heads), None)
    seen: set[str] = set()
    for line, cells in sheet.rows[at + 1 :]:
        number = _text(cells[column]) if column < len(cells) else ""
        if not number:
            continue
        if number in seen:
            done.refused.append((line, f"{number}: 编号重复，以前一行为准"))
            continue
        seen.add(number)
        day = None
        if due is not None and due < len(cells) and _text(cells[due]):
            day = as_day(cells[due])
            if day is None:
                said = f"{number}: {heads[due]} {_text(cells[due])[:20]!r} 不是日期，线索照收，没有期限"
                done.refused.append((line, said))
        named = real is not None and real < len(cells) and _text(cells[real]) in ("是", "实名", "Y", "1")
        done.leads.append(SheetLead(line, number, day, named))
    if not done.leads:
        raise UsageError(f"{sheet.name}: 第 {heading} 行表头之下没有线索")
    return done


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return without_controls(str(value)).strip()
