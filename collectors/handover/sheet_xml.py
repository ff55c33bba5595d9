"""Parts of an XLSX file → cells: expat handlers for shared strings and sheets (ECMA-376 part 1, 18.3, 18.4)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Protocol
from xml.parsers import expat  # a DTD, and with it every entity, is refused below

from adwatch.text import clean
from collectors.handover.values import TEXT_LIMIT, ValueRefused, excel_time

_MAX_COLUMNS = 16_384
_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")

Cell = object
"""str, int, float (also an integer that the sheet has rounded), bool, datetime or None."""


class Strings(Protocol):
    """Where shared strings are kept."""

    def add(self, text: str) -> None:
        """One more string."""

    def get(self, at: int) -> str | None:
        """The string with that number."""


class Handler:
    """Callbacks of a parser; names come without their namespace prefix."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """An element ends."""

    def text(self, data: str) -> None:
        """Characters, possibly in several pieces."""


class Collect(Handler):
    def __init__(self) -> None:
        self.found: list[tuple[str, dict[str, str]]] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.found.append((name, attributes))
        if len(self.found) > 500_000:
            raise ValueRefused(
                "corrupt", "工作簿的样式或者工作表超过 500,000 个 the workbook has more than 500,000 styles or sheets"
            )


class _Grab(Handler):
    """Gathers the text of <t> (and <v>), cut a little above TEXT_LIMIT, phonetic readings left out."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._length = 0
        self._open = False
        self._phonetic = False

    def text(self, data: str) -> None:
        if self._open and self._length <= TEXT_LIMIT:
            self._pieces.append(data)
            self._length += len(data)

    def _taken(self) -> str:
        text = "".join(self._pieces)
        self._pieces, self._length = [], 0
        return clean(_ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)) if "_x" in text else text


class StringsHandler(_Grab):
    def __init__(self, strings: Strings) -> None:
        super().__init__()
        self._strings = strings

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "t":
            self._open = not self._phonetic
        elif name == "rPh":
            self._phonetic = True

    def end(self, name: str) -> None:
        if name == "t":
            self._open = False
        elif name == "rPh":
            self._phonetic = False
        elif name == "si":
            self._strings.add(self._taken())


class SheetHandler(_Grab):
    def __init__(self, strings: Strings, dates: frozenset[str], from_1904: bool) -> None:
        super().__init__()
        self.rows: list[tuple[int, list[Cell]]] = []
        self._strings, self._dates, self._from_1904 = strings, dates, from_1904
        self._number = 0
        self._cells: list[Cell] = []
        self._column = -1
        self._cell: dict[str, str] = {}
        self._seen = False
        self._letters: dict[str, int] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            self._cell = attributes
            self._column += 1
        elif name == "v":
            self._open = self._seen = True
        elif name == "t":
            self._open = self._seen = not self._phonetic
        elif name == "row":
            number = attributes.get("r", "")
            self._number = int(number) if number.isdecimal() and len(number) < 9 else self._number + 1
            self._column, self._cells = -1, []
        elif name == "rPh":
            self._phonetic = True

    def end(self, name: str) -> None:
        if name in ("v", "t"):
            self._open = False
        elif name == "c":
            reference = self._cell.get("r")
            if reference:
                letters = reference.rstrip("0123456789")
                at = self._letters.get(letters)
                self._column = self._at(letters) if at is None else at
            if not self._seen:
                return
            self._seen = False
            value = self._value(self._taken())
            missing = self._column - len(self._cells)
            if value is None or value == "" or self._column >= _MAX_COLUMNS:
                return
            if missing < 0:
                self._cells[self._column] = value
                return
            if missing:
                self._cells.extend([None] * missing)
            self._cells.append(value)
        elif name == "row":
            if self._cells:
                self.rows.append((self._number, self._cells))
        elif name == "rPh":
            self._phonetic = False

    def _at(self, letters: str) -> int:
        """Number of a column from 0; what is no column counts on from the cell before."""
        at = 0
        for letter in letters.upper() if len(letters) <= 3 else "":
            at = at * 26 + ord(letter) - 64
        if not 0 < at <= _MAX_COLUMNS or not (letters.isalpha() and letters.isascii()):
            return self._column
        self._letters[letters] = at - 1
        return at - 1

    def _value(self, text: str) -> Cell:
        kind = self._cell.get("t")
        if kind == "s":
            return self._strings.get(int(text)) if text.isdecimal() and len(text) < 12 else None
        if kind in ("str", "inlineStr", "d"):
            return text
        if kind == "b":
            return text == "1"
        if kind == "e":
            return None
        return _number(text, self._cell.get("s") in self._dates, self._from_1904)


def _number(text: str, date: bool, from_1904: bool) -> Cell:
    try:
        if text.isdecimal() and len(text) < 16 and not date:
            return int(text)
        number = float(text)
    except ValueError:
        return text
    if date:
        return excel_time(number, from_1904) or number
    return int(number) if number.is_integer() and abs(number) < 10**15 else number


def parser_for(handler: Handler) -> Any:
    """A parser that calls the handler with names freed of their namespace prefix."""
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def first(name: str, attributes: dict[str, str]) -> None:
        if ":" in name:
            parser.StartElementHandler = lambda name, found: handler.start(name.rpartition(":")[2], found)
            parser.EndElementHandler = lambda name: handler.end(name.rpartition(":")[2])
        else:
            parser.StartElementHandler, parser.EndElementHandler = handler.start, handler.end
        handler.start(name.rpartition(":")[2], attributes)

    def doctype(*_: object) -> None:
        raise ValueRefused(
            "corrupt",
            "工作簿含有 DTD，正常的表格软件不会写出 the workbook declares a DTD, which no spreadsheet program writes",
        )

    parser.StartElementHandler = first
    parser.CharacterDataHandler = handler.text
    parser.StartDoctypeDeclHandler = doctype
    return parser


def feed(parser: Any, chunk: bytes, final: bool) -> None:
    """Parse a piece; damaged XML is a ValueRefused."""
    try:
        parser.Parse(chunk, final)
    except expat.ExpatError as error:
        raise ValueRefused("corrupt", f"工作簿中的 XML 已损坏 the XML in the workbook is damaged: {error}") from error


def parse(chunks: Iterator[bytes], handler: Handler) -> None:
    """Parse a whole part."""
    parser = parser_for(handler)
    for chunk in chunks:
        feed(parser, chunk, False)
    feed(parser, b"", True)
