"""CSV with any delimiter → rows; a quote that is never closed costs its own line, not the rest of the file."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from adwatch.models import Listing
from adwatch.text import one_line
from collectors.handover.columns import ColumnTable
from collectors.handover.encoding import LINE_LIMIT, text_lines
from collectors.handover.rows import Plan, RefusedRow, RowReader
from collectors.handover.values import ValueRefused

DELIMITERS = ",\t;|"
PREVIEW = 40
"""Lines in which the heading is looked for: offices put titles and notes above it."""
_RECORD_LINES = 1000
"""Lines that one record may span before its opening quote is taken for a misprint."""


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of a file and how its rows are separated."""

    delimiter: str
    cells: list[str]
    lines: int
    """Lines up to and including the heading."""
    known: int
    """Known columns in it."""


def header_at(rows: Sequence[Sequence[object]], columns: ColumnTable) -> tuple[int, int]:
    """(index of the heading among these rows, number of known columns in it); (-1, 0) where there is none."""
    single = (-1, 0)
    for at, row in enumerate(rows):
        known = [column for column in map(columns.get, row) if column]
        if len({column.field for column in known}) >= 2:
            return at, len(known)
        if single[0] < 0 and known and known[0].field in ("url", "native_id", "title", "text"):
            single = (at, 1)
    return single


def find_heading(lines: Sequence[str], columns: ColumnTable) -> Heading | None:
    """The delimiter under which most columns are known, and where its heading stands."""
    best: Heading | None = None
    for delimiter in DELIMITERS:
        reader = csv.reader(lines, delimiter=delimiter)
        parsed: list[list[str]] = []
        ends: list[int] = []
        try:
            for row in reader:
                parsed.append(row)
                ends.append(reader.line_num)
        except csv.Error:
            pass  # what was parsed before is enough to look at; the record itself is refused later
        at, known = header_at(parsed, columns)
        if at >= 0 and (best is None or (known, len(parsed[at])) > (best.known, len(best.cells))):
            best = Heading(delimiter, parsed[at], ends[at], known)
    return best


def read_delimited(
    read: Callable[[int], bytes], encoding: str | None, name: str, rows: RowReader
) -> Iterator[Listing | RefusedRow]:
    """Rows of a CSV file; the row number is the number of the line on which the record begins."""
    if csv.field_size_limit() < LINE_LIMIT:
        csv.field_size_limit(LINE_LIMIT)  # the whole process's: csv has no other
    lines = text_lines(read, encoding)
    preview = list(islice(lines, PREVIEW))
    heading = find_heading([line if line is not None else "" for line in preview], rows.columns)
    if heading is None:
        seen = one_line(next((line for line in preview if line and line.strip()), ""))
        message = (
            f"前 {PREVIEW} 行中没有认识的表头，请把列名加入 columns.csv"
            f" no heading with known columns in the first {PREVIEW} lines ({seen}); add its names to columns.csv"
        )
        yield RefusedRow("no_header", f"{name}:1", message, name, 0, seen)
        return
    plan, cells = rows.plan(heading.cells), heading.cells
    width, listing = len(cells), rows.listing
    records = _Records(chain(preview[heading.lines :], lines), heading, plan)
    for number, record, problem in records:
        refusal = problem
        if refusal is None:
            try:
                row = record if len(record) == width else _fitted(record, width)
                if row and row != cells:
                    yield listing(plan, row, number)
                continue
            except ValueRefused as error:
                if not any(cell.strip() for cell in record):
                    continue
                refusal = error
        yield RefusedRow(refusal.reason, f"{name}:{number}", refusal.message, name, number, records.raw())


def _fitted(record: list[str], width: int) -> list[str]:
    """The record without blank cells too many; empty for a blank line; ValueRefused for a ragged row."""
    if not any(cell.strip() for cell in record):
        return []
    if len(record) > width and not any(cell.strip() for cell in record[width:]):
        return record[:width]
    raise ValueRefused(
        "ragged", f"本行 {len(record)} 格，表头 {width} 列 {len(record)} cells where the heading has {width} columns"
    )


class _Records:
    """Records with the line they begin on; after a broken quote, reading goes on at the next line."""

    def __init__(self, lines: Iterator[str | None], heading: Heading, plan: Plan) -> None:
        self._lines, self._delimiter, self._width = lines, heading.delimiter, len(heading.cells)
        self._number = heading.lines
        self._again: deque[str | None] = deque()
        self._taken: list[str] = []
        self._size = 0
        ids = [where for slot, where, _ in plan.steps if slot in plan.identifying]
        self._ids: list[int] = ids

    def raw(self) -> str:
        """The lines of the record given last, cut at 20,000 characters."""
        return "".join(self._taken)[:20_000].rstrip("\r\n")

    def __iter__(self) -> Iterator[tuple[int, list[str], ValueRefused | None]]:
        feed = self._feed()
        reader = csv.reader(feed, delimiter=self._delimiter, strict=True)
        while True:
            self._taken, self._size = [], 0
            start = self._number + 1
            problem = None
            row: list[str] = []
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                problem = ValueRefused("quotes", f"引号不成对 broken quotes: {error}")
            except ValueRefused as error:
                problem = error
            if problem is None and len(self._taken) > 1 and self._swallowed(row):
                problem = ValueRefused("quotes", "引号没有在本行结束 a quote opens and is not closed on its line")
            if problem is not None:
                self._step_back()
                feed = self._feed()
                reader = csv.reader(feed, delimiter=self._delimiter, strict=True)
            yield start, row, problem

    def _feed(self) -> Iterator[str]:
        while True:
            line = self._again.popleft() if self._again else next(self._lines, "")
            if line == "":
                return
            if line is None and self._taken:  # the record before it is broken; the line itself comes next
                self._again.appendleft(None)
                raise ValueRefused("quotes", "引号没有结束 a quote opens and is not closed")
            self._number += 1
            if line is None:
                raise ValueRefused(
                    "too_large", f"一行超过 {LINE_LIMIT:,} 字 the line is longer than {LINE_LIMIT:,} characters"
                )
            self._taken.append(line)
            self._size += len(line)
            if len(self._taken) > _RECORD_LINES or self._size > LINE_LIMIT * 2:
                raise ValueRefused("quotes", "引号没有结束 a quote opens and is not closed")
            yield line

    def _step_back(self) -> None:
        """All lines but the first of the bad record are read again as lines of their own."""
        back = self._taken[1:]
        self._again.extendleft(reversed(back))
        self._number -= len(back)
        del self._taken[1:]

    def _swallowed(self, row: list[str]) -> bool:
        """Whether a record of several lines is rather a stray quote and the records behind it."""
        if len(row) != self._width:
            return True
        if self._width < 3:
            return False
        for line in self._taken[1:]:
            if line.count(self._delimiter) < self._width - 1 or line.count('"') % 2:
                continue  # too few cells for a record, or half of a quoted one
            cells = next(csv.reader([line], delimiter=self._delimiter), [])
            if len(cells) == self._width and any(_is_id(cells[at]) for at in self._ids):
                return True
        return False


def _is_id(cell: str) -> bool:
    return 0 < len(cell) <= 2000 and cell.isascii() and " " not in cell.strip()
