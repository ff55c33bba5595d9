"""A small workbook read whole: every sheet's rows, and which cells hold formulas or are merged.

For sheets that come back with answers: XLSX, the old XLS and WPS's ET (the same container), ODS, CSV as a spreadsheet
program exports it. Files of listings are read by ``reader``, which streams.
"""

from __future__ import annotations

import csv
import io
import re
from contextlib import closing
from dataclasses import dataclass, field
from itertools import zip_longest

from collectors.handover.biff import formula_cells
from collectors.handover.opendocument import OpenDocument, is_opendocument
from collectors.handover.sheet_xml import Cell, Handler
from collectors.handover.sheets import old_workbook
from collectors.handover.values import ValueRefused
from collectors.handover.workbook import Workbook

ROWS, COLUMNS = 20_000, 200
"""Most rows and columns of a sheet that is read whole."""
_PLACE = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})")


@dataclass(slots=True)
class Sheet:
    """One sheet; places are (row, column) from 1."""

    name: str
    rows: list[tuple[int, list[Cell]]]
    formulas: set[tuple[int, int]] = field(default_factory=set)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    """(first row, first column, last row, last column)."""

    def trouble(self, row: int, columns: set[int]) -> str | None:
        """Why cells of a row cannot be trusted; None where they can."""
        if any((row, column) in self.formulas for column in columns):
            return "formula"
        for top, left, bottom, right in self.merged:
            if top <= row <= bottom and any(left <= column <= right for column in columns):
                return "merged"
        return None


def whole_workbook(data: bytes, name: str) -> list[Sheet]:
    """Every sheet of a file; ValueRefused where it is none that can be read."""
    if data.startswith(b"PK"):
        return _ods(data) if is_opendocument(io.BytesIO(data)) else _xlsx(data)
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _xls(data)
    return [Sheet(name, _csv(data))]


class _Marks(Handler):
    """Formulas and merged ranges of a sheet's XML."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet, self._row, self._column = sheet, 0, 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "row":
            number = attributes.get("r", "")
            self._row = int(number) if number.isdecimal() and len(number) < 9 else self._row + 1
            self._column = 0
        elif name == "c":
            place = _PLACE.fullmatch(attributes.get("r", ""))
            self._column = _number(place[1]) if place else self._column + 1
        elif name == "f":
            self._sheet.formulas.add((self._row, self._column))
        elif name == "mergeCell":
            ends = [_PLACE.fullmatch(end) for end in attributes.get("ref", "").split(":")]
            if len(ends) == 2 and ends[0] and ends[1]:
                first, last = ends[0], ends[1]
                self._sheet.merged.append((int(first[2]), _number(first[1]), int(last[2]), _number(last[1])))


def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _bounded(rows: list[tuple[int, list[Cell]]], row: tuple[int, list[Cell]]) -> None:
    if len(rows) >= ROWS:
        raise ValueRefused("too_large", f"工作表超过 {ROWS:,} 行 the sheet has more than {ROWS:,} rows")
    rows.append((row[0], row[1][:COLUMNS]))


def _xlsx(data: bytes) -> list[Sheet]:
    found = []
    with closing(Workbook(io.BytesIO(data))) as book:
        for name, lines in book.sheets():
            sheet = Sheet(name, [])
            for line in lines:
                _bounded(sheet.rows, line)
            book.parse_sheet(name, _Marks(sheet))
            found.append(sheet)
    return found


def _ods(data: bytes) -> list[Sheet]:
    found, book = [], OpenDocument(data)
    for number, name, lines in book.sheets():
        sheet = Sheet(name, [])
        for line in lines:
            _bounded(sheet.rows, line)
        for top, left, bottom, right in book.formulas[number]:
            rows, columns = range(top, min(bottom, ROWS) + 1), range(left, min(right, COLUMNS) + 1)
            sheet.formulas.update((row, column) for row in rows for column in columns)
        sheet.merged += book.merged[number]
        found.append(sheet)
    return found


def _xls(data: bytes) -> list[Sheet]:
    sheets = old_workbook(io.BytesIO(data))
    try:
        formulas = formula_cells(data)
    except ValueError as error:
        raise ValueRefused(
            "corrupt", f"不是能读的表格，请另存为 XLSX no spreadsheet that can be read ({error}); save it as XLSX"
        ) from error
    found = []
    for read, computed in zip_longest(sheets, formulas):
        if read is not None:
            sheet = Sheet(read.name, [], computed or set(), read.merged)
            for line in read.rows:
                _bounded(sheet.rows, line)
            found.append(sheet)
    return found


def _csv(data: bytes) -> list[tuple[int, list[Cell]]]:
    text = ""
    names = ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030")
    for encoding in names:
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    if not text.strip() or "\0" in text:
        said = "不是表格，应为 XLSX、XLS、ET、ODS 或者 CSV no spreadsheet: XLSX, XLS, ET, ODS or CSV is expected"
        raise ValueRefused("unknown_format", said)
    if text.isascii() and "????" in text:  # what a program writes where the character set has no Chinese
        said = "文字已成问号，另存 CSV 时请选 UTF-8 或者 GB18030 all text became question marks; save it as UTF-8"
        raise ValueRefused("encoding", said)
    delimiter = "\t" if text.count("\t") > text.count(",") else ","
    rows: list[tuple[int, list[Cell]]] = []
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), 1):
            if any(cells):
                _bounded(rows, (number, [cell or None for cell in cells]))
    except csv.Error as error:
        raise ValueRefused("corrupt", f"CSV 已损坏，请另存为 XLSX broken CSV: {error}; save it as XLSX") from error
    return rows
