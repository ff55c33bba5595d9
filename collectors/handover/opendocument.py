"""ODS → cells, sheet by sheet, streaming (OpenDocument 1.3 part 3, 9.1 and 19); formulas give the values stored with
them. Rows and columns that a program folds into one (``number-rows-repeated``) are told apart again."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from typing import BinaryIO

from collectors.handover import zips
from collectors.handover.encoding import CHUNK
from collectors.handover.sheet_xml import Cell, Handler, feed, parser_for
from collectors.handover.values import TEXT_LIMIT, ValueRefused

PART_LIMIT = 1 << 30
MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384
"""What a sheet holds; cells beyond, which no program writes, are left out."""
_CELLS = ("table-cell", "covered-table-cell")
Area = tuple[int, int, int, int]
"""(first row, first column, last row, last column) from 1."""


def is_opendocument(stream: BinaryIO) -> bool:
    """Whether a ZIP file is an ODS; the stream is left at its beginning."""
    try:
        with zipfile.ZipFile(stream) as parts:
            names = set(parts.namelist())
            kind = b""
            if "mimetype" in names:
                with parts.open("mimetype") as part:
                    kind = part.read(100)
    except zips.OPENING:
        return False
    finally:
        stream.seek(0)
    return "content.xml" in names and kind.startswith(b"application/vnd.oasis.opendocument.spreadsheet")


class OpenDocument(Handler):
    """The sheets of one ODS file; ValueRefused where it is damaged or protected by a password."""

    def __init__(self, data: bytes | BinaryIO) -> None:
        self._stream = io.BytesIO(data) if isinstance(data, bytes) else data
        self.formulas: dict[int, list[Area]] = {}
        """By number of the sheet, of what was read so far."""
        self.merged: dict[int, list[Area]] = {}
        self._rows: list[tuple[int, str, int, list[Cell]]] = []
        self._sheet, self._name, self._nested = -1, "", 0
        self._row, self._again, self._cells = 0, 1, list[Cell]()
        self._cell: dict[str, str] = {}
        self._inside, self._column = 0, 0
        self._pieces: list[str] = []
        self._open = False

    def sheets(self) -> Iterator[tuple[int, str, Iterator[tuple[int, list[Cell]]]]]:
        """(number, name, rows) of each sheet; a row is (its number in the sheet, its cells)."""
        for (sheet, name), rows in groupby(self._read(), key=lambda row: row[:2]):
            yield sheet, name, (row[2:] for row in rows)

    def _read(self) -> Iterator[tuple[int, str, int, list[Cell]]]:
        parser, size = parser_for(self), 0
        try:
            with zipfile.ZipFile(self._stream) as parts:
                if _is_encrypted(parts):
                    said = "工作簿有密码保护，请取消密码后另存 it is protected by a password; save it without one"
                    raise ValueRefused("encrypted", said)
                with parts.open("content.xml") as part:
                    while chunk := part.read(CHUNK // 4):
                        size += len(chunk)
                        if size > PART_LIMIT:
                            said = f"content.xml 解压后超过 {PART_LIMIT:,} 字节 it unpacks to more than that many bytes"
                            raise ValueRefused("too_large", said)
                        feed(parser, chunk, False)
                        yield from self._rows
                        self._rows.clear()
        except zips.READING as error:
            said = f"工作簿中的 content.xml 已损坏 content.xml in the workbook is damaged: {error}"
            raise ValueRefused("corrupt", said) from error
        feed(parser, b"", True)
        yield from self._rows

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins; tables within cells and shapes are none of ours."""
        if self._inside:
            self._inside += 1
            self._within(name, attributes)
        elif name == "table":
            self._nested += 1
            if self._nested == 1:
                self._sheet += 1
                self._name, self._row = attributes.get("table:name", ""), 0
                self.formulas[self._sheet], self.merged[self._sheet] = [], []
        elif name == "table-row" and self._nested == 1:
            self._again, self._cells, self._column = _count(attributes, "rows-repeated"), [], 0
        elif name in _CELLS and self._nested == 1:
            self._cell, self._inside, self._pieces, self._open = attributes, 1, [], False

    def _within(self, name: str, attributes: dict[str, str]) -> None:
        """Text of a cell: its own paragraphs, without notes and text boxes."""
        if name == "p" and self._inside == 2:
            self._pieces += ["\n"] if self._pieces else []
            self._open = True
        elif self._open and name == "s":
            self._pieces.append(" " * min(_count(attributes, "text:c"), TEXT_LIMIT))
        elif self._open and name in ("tab", "line-break"):
            self._pieces.append("\t" if name == "tab" else "\n")

    def text(self, data: str) -> None:
        """Characters."""
        if self._open:
            self._pieces.append(data)

    def end(self, name: str) -> None:
        """An element ends."""
        if self._inside:
            if name == "p" and self._inside == 2:
                self._open = False
            self._inside -= 1
            if not self._inside:
                self._end_of_cell()
        elif name == "table":
            self._nested -= 1
        elif name == "table-row" and self._nested == 1:
            while self._cells and self._cells[-1] is None:
                self._cells.pop()
            if self._cells:
                last = min(self._row + self._again, MOST_ROWS)
                self._rows += [
                    (self._sheet, self._name, number, self._cells) for number in range(self._row + 1, last + 1)
                ]
            self._row += self._again

    def _end_of_cell(self) -> None:
        value, times = _value(self._cell, "".join(self._pieces)), _count(self._cell, "columns-repeated")
        column, row = self._column + 1, self._row + 1
        if self._cell.get("table:formula") is not None:
            self.formulas[self._sheet].append((row, column, row + self._again - 1, column + times - 1))
        wide, high = _count(self._cell, "columns-spanned"), _count(self._cell, "rows-spanned")
        if wide > 1 or high > 1:
            self.merged[self._sheet].append((row, column, row + high - 1, column + wide - 1))
        self._column += times
        if value is not None and column <= MOST_COLUMNS:
            self._cells += [None] * (column - 1 - len(self._cells))
            self._cells += [value] * min(times, MOST_COLUMNS - column + 1)


def _is_encrypted(parts: zipfile.ZipFile) -> bool:
    if "META-INF/manifest.xml" not in parts.namelist():
        return False
    with parts.open("META-INF/manifest.xml") as part:
        return b"encryption-data" in part.read(CHUNK)


def _count(attributes: dict[str, str], name: str) -> int:
    """A number of repetitions; 1 where none is given."""
    said = attributes.get(name if ":" in name else f"table:number-{name}", "")
    return int(said) if said.isascii() and said.isdecimal() and 0 < len(said) < 9 else 1


def _value(cell: dict[str, str], text: str) -> Cell:
    """What a cell holds: numbers and days as such, all others as they are shown."""
    kind, number = cell.get("office:value-type"), cell.get("office:value", "")
    if kind in ("float", "currency", "percentage") and number:
        try:
            found = float(number)
        except ValueError:
            return text or None
        return int(found) if found.is_integer() and abs(found) < 10**15 else found
    if kind == "date":
        try:
            return datetime.fromisoformat(cell.get("office:date-value", ""))
        except ValueError:
            return text or None
    if kind == "boolean":
        return cell.get("office:boolean-value") == "true"
    return text or cell.get("office:string-value") or None
