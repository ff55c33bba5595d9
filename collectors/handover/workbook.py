"""XLSX → cells, sheet by sheet, streaming: python-calamine allocates the whole used rectangle, so that a 5 kB file
with a cell in the last row took 6.4 GB; here memory is flat. Formulas give the values stored with them."""

from __future__ import annotations

import re
import tempfile
import zipfile
from array import array
from collections.abc import Iterator
from itertools import chain
from typing import IO, BinaryIO

from collectors.handover import zips
from collectors.handover.encoding import CHUNK
from collectors.handover.sheet_xml import (
    Cell,
    Collect,
    Handler,
    SheetHandler,
    StringsHandler,
    feed,
    parse,
    parser_for,
)
from collectors.handover.values import ValueRefused

_PART_LIMIT = 8 << 30
"""Largest part of a workbook, unpacked, that is read: a million full rows have about 1 GB."""
_DATE_FORMATS = frozenset([*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)])
"""Built-in formats of dates and times, the East Asian ones included (ECMA-376 part 1, 18.8.30)."""
_NOT_FORMAT = re.compile(r'"[^"]*"|\[(?!h|m|s)[^\]]*\]|\\.|_.|\*.', re.IGNORECASE)


class Workbook:
    """The sheets of one XLSX file (or XLSM); ValueRefused where it is none."""

    def __init__(self, stream: BinaryIO) -> None:
        try:
            self._zip = zipfile.ZipFile(stream)
            self._names = {name.lower().lstrip("/"): name for name in self._zip.namelist()}
        except zips.OPENING as error:
            raise ValueRefused("corrupt", f"不是 XLSX 工作簿 no XLSX workbook: {error}") from error
        if "xl/workbook.xml" not in self._names:
            other = "xl/workbook.bin" in self._names or "content.xml" in self._names
            hint = "请另存为 XLSX save it as XLSX" if other else "请先解压 unpack it first"
            raise ValueRefused(
                "unknown_format", f"是 ZIP 文件，但不是 XLSX 工作簿 a ZIP file, but no XLSX workbook: {hint}"
            )
        self._from_1904 = False
        self._sheets: list[tuple[str, str]] = []
        self._read_workbook()
        self._dates = self._date_styles()
        self._strings = _Strings()
        if "xl/sharedstrings.xml" in self._names:
            try:
                parse(self._parts("xl/sharedstrings.xml"), StringsHandler(self._strings))
            except ValueRefused:
                self.close()
                raise

    def sheets(self) -> Iterator[tuple[str, Iterator[tuple[int, list[Cell]]]]]:
        """(name, rows) of each visible and hidden sheet; a row is (its number in the sheet, its cells)."""
        for name, part in self._sheets:
            if part.lower() in self._names:
                yield name, self._rows(part.lower())

    def part_of(self, name: str) -> str:
        """The part that a sheet is kept in, in lower case."""
        for known, part in self._sheets:
            if known == name and part.lower() in self._names:
                return part.lower()
        raise ValueRefused("corrupt", f"工作簿中没有工作表 {name} the workbook has no sheet {name}")

    def parse_sheet(self, name: str, handler: Handler) -> None:
        """Let a handler see a sheet's XML."""
        parse(self._parts(self.part_of(name)), handler)

    def close(self) -> None:
        """Free the temporary file."""
        self._strings.close()
        self._zip.close()

    def _rows(self, part: str) -> Iterator[tuple[int, list[Cell]]]:
        handler = SheetHandler(self._strings, self._dates, self._from_1904)
        parser = parser_for(handler)
        for chunk in chain(self._parts(part), [b""]):
            try:
                feed(parser, chunk, not chunk)
            except ValueRefused:
                yield from handler.rows  # what stands before the damage is kept
                raise
            yield from handler.rows
            handler.rows.clear()

    def _parts(self, name: str) -> Iterator[bytes]:
        size = 0
        try:
            with self._zip.open(self._names[name]) as part:
                while chunk := part.read(CHUNK // 4):
                    size += len(chunk)
                    if size > _PART_LIMIT:
                        raise ValueRefused(
                            "too_large",
                            f"{name} 解压后超过 {_PART_LIMIT:,} 字节 {name} unpacks to more than {_PART_LIMIT:,} bytes",
                        )
                    yield chunk
        except zips.READING as error:
            raise ValueRefused(
                "corrupt", f"工作簿中的 {name} 已损坏 {name} in the workbook is damaged: {error}"
            ) from error

    def _elements(self, name: str) -> Iterator[tuple[str, dict[str, str]]]:
        """(local name, attributes) of every element of a small part."""
        if name in self._names:
            handler = Collect()
            parse(self._parts(name), handler)
            yield from handler.found

    def _read_workbook(self) -> None:
        targets = {}
        for tag, attributes in self._elements("xl/_rels/workbook.xml.rels"):
            if tag == "Relationship":
                target = attributes.get("Target", "")
                targets[attributes.get("Id", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        for tag, attributes in self._elements("xl/workbook.xml"):
            if tag == "workbookPr":
                self._from_1904 = attributes.get("date1904") in ("1", "true")
            elif tag == "sheet":
                ids = [value for key, value in attributes.items() if key.endswith(":id") or key == "id"]
                part = targets.get(ids[0] if ids else "", "")
                self._sheets.append((attributes.get("name", ""), part))

    def _date_styles(self) -> frozenset[str]:
        """Numbers (as written in s="…") of the cell formats that show a number as a date."""
        custom: set[str] = set()
        styles: list[str] = []
        inside = False
        for tag, attributes in self._elements("xl/styles.xml"):
            if tag == "numFmt" and _is_date_format(attributes.get("formatCode", "")):
                custom.add(attributes.get("numFmtId", ""))
            elif tag in ("cellXfs", "cellStyleXfs", "cellStyles", "dxfs"):
                inside = tag == "cellXfs"
            elif tag == "xf" and inside:
                styles.append(attributes.get("numFmtId", "0"))
        builtin = {str(number) for number in _DATE_FORMATS}
        return frozenset(str(at) for at, code in enumerate(styles) if code in custom or code in builtin)


class _Strings:
    """Shared strings in a temporary file: eight bytes of memory each, however long they are."""

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  # closed with the workbook
        self._ends = array("Q", [0])
        self._pending: list[bytes] = []
        self._recent: dict[int, str] = {}

    def add(self, text: str) -> None:
        """One more string."""
        data = text.encode("utf-8", "replace")
        self._pending.append(data)
        self._ends.append(self._ends[-1] + len(data))
        if len(self._pending) >= 4096:
            self._flush()

    def get(self, at: int) -> str | None:
        """The string with that number; None where there is none."""
        text = self._recent.get(at)
        if text is None and 0 <= at < len(self._ends) - 1:
            self._flush()
            if len(self._recent) >= 65_536:
                self._recent.clear()
            self._read_from(at)
            text = self._recent[at]
        return text

    def close(self) -> None:
        """Delete the file."""
        self._file.close()

    def _flush(self) -> None:
        if self._pending:
            self._file.seek(0, 2)
            self._file.write(b"".join(self._pending))
            self._pending.clear()

    def _read_from(self, at: int) -> None:
        """Reads some strings ahead: cells mostly follow the order of the strings."""
        last = min(at + 1, len(self._ends) - 1)
        while last < len(self._ends) - 1 and last - at < 512 and self._ends[last] - self._ends[at] < 1 << 18:
            last += 1
        start = self._ends[at]
        self._file.seek(start)
        data = self._file.read(self._ends[last] - start)
        for number in range(at, last):
            piece = data[self._ends[number] - start : self._ends[number + 1] - start]
            self._recent[number] = piece.decode("utf-8", "replace")


def _is_date_format(code: str) -> bool:
    bare = _NOT_FORMAT.sub("", code)
    return bool(re.search(r"[ymdhs年月日]", bare, re.IGNORECASE)) and "general" not in bare.lower()
