"""Spreadsheets → rows: XLSX and ODS by our streaming readers, the old XLS (65,536 rows at most) by python-calamine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import BinaryIO

from adwatch.models import Listing
from adwatch.text.old_sheets import OldSheet, OldSheetRefused, old_sheets
from collectors.handover.delimited import PREVIEW, header_at
from collectors.handover.opendocument import OpenDocument, is_opendocument
from collectors.handover.rows import Plan, RefusedRow, RowReader
from collectors.handover.sheet_xml import Cell
from collectors.handover.values import ValueRefused, to_text
from collectors.handover.workbook import Workbook

Rows = Iterator[tuple[int, list[Cell]]]


def read_xlsx(stream: BinaryIO, name: str, rows: RowReader) -> Iterator[Listing | RefusedRow]:
    """Rows of every sheet that has a heading; row 1 of the second sheet is numbered after the last of the first.

    An ODS is read likewise.
    """
    if is_opendocument(stream):
        yield from _read_sheets(((sheet, lines) for _, sheet, lines in OpenDocument(stream).sheets()), name, rows)
        return
    book = Workbook(stream)
    try:
        yield from _read_sheets(book.sheets(), name, rows)
    finally:
        book.close()


def read_xls(stream: BinaryIO, name: str, rows: RowReader) -> Iterator[Listing | RefusedRow]:
    """Rows of an XLS file."""
    yield from _read_sheets(xls_sheets(stream), name, rows)


def old_workbook(stream: BinaryIO) -> list[OldSheet]:
    """Every sheet of an XLS or ET; ValueRefused where it cannot be read."""
    try:
        return old_sheets(stream)
    except OldSheetRefused as error:
        raise ValueRefused(error.word, str(error)) from error


def xls_sheets(stream: BinaryIO) -> Iterator[tuple[str, Rows]]:
    """(name, rows that are not blank) of each sheet of an XLS file."""
    for sheet in old_workbook(stream):
        yield sheet.name, _xls_rows(sheet.rows)


def _xls_rows(rows: Iterable[tuple[int, list[Cell]]]) -> Rows:
    for number, cells in rows:
        yield number, [int(c) if isinstance(c, float) and c.is_integer() and abs(c) < 10**15 else c for c in cells]


def _read_sheets(sheets: Iterator[tuple[str, Rows]], name: str, rows: RowReader) -> Iterator[Listing | RefusedRow]:
    before, headed, headless = 0, 0, []
    for sheet, cells in sheets:
        reader = _Sheet(sheet, name, rows, before)
        yield from reader.read(cells)
        before += reader.last
        headed += reader.plan is not None
        if reader.plan is None and reader.last:
            headless.append(sheet)
    if not headed:
        message = (
            f"前 {PREVIEW} 行中没有认识的表头，请把列名加入 columns.csv"
            f" no heading with known columns in the first {PREVIEW} rows of {'、'.join(headless) or 'any sheet'};"
            " add its names to columns.csv"
        )
        yield RefusedRow("no_header", name, message, name, 0)


class _Sheet:
    """One sheet: the heading is looked for in its first rows, then every row that is not blank is read."""

    def __init__(self, sheet: str, name: str, rows: RowReader, before: int) -> None:
        self._where, self._name, self._rows, self._before = f"{name}:{sheet}", name, rows, before
        self.plan: Plan | None = None
        self.last = 0
        """Number of the last row seen."""

    def read(self, cells: Rows) -> Iterator[Listing | RefusedRow]:
        """The sheet's listings."""
        preview: list[tuple[int, list[Cell]]] = []
        heading: list[Cell] = []
        for number, row in cells:
            self.last = number
            if self.plan is not None:
                yield from self._one(number, row, heading)
                continue
            preview.append((number, row))
            if header_at([row], self._rows.columns)[1] >= 2:
                heading, self.plan = row, self._rows.plan(row)
            elif len(preview) >= PREVIEW:
                break
        if self.plan is None:
            yield from self._single(preview, cells)

    def _single(self, preview: list[tuple[int, list[Cell]]], cells: Rows) -> Iterator[Listing | RefusedRow]:
        """A sheet in which no row has two known headings: one of a single known column will do."""
        at, _ = header_at([row for _, row in preview], self._rows.columns)
        if at < 0:
            return
        heading = preview[at][1]
        self.plan = self._rows.plan(heading)
        for number, row in preview[at + 1 :]:
            yield from self._one(number, row, heading)
        for number, row in cells:
            self.last = number
            yield from self._one(number, row, heading)

    def _one(self, number: int, row: list[Cell], heading: list[Cell]) -> Iterator[Listing | RefusedRow]:
        assert self.plan is not None  # noqa: S101  # for the type checker: rows are read under a heading
        missing = len(heading) - len(row)
        if missing > 0:
            row = row + [None] * missing
        if row == heading:
            return
        try:
            yield self._rows.listing(self.plan, row, self._before + number)
        except ValueRefused as error:
            raw = "\t".join(_shown(cell) for cell in row)[:20_000]
            if raw.strip():
                where = f"{self._where}:{number}"
                yield RefusedRow(error.reason, where, error.message, self._name, self._before + number, raw)


def _shown(cell: Cell) -> str:
    try:
        return (to_text(cell) or "").replace("\n", " ")
    except ValueRefused:
        return str(cell)[:1000]
