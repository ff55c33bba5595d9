"""A table as it was handed over, cell by cell (CSV, XLSX or XLS), without a guess at what its columns mean."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import chain, islice
from pathlib import Path
from typing import Any

from collectors.handover.delimited import DELIMITERS, PREVIEW
from collectors.handover.encoding import LINE_LIMIT, encoding_of, text_lines
from collectors.handover.sheets import xls_sheets
from collectors.handover.values import ValueRefused
from collectors.handover.workbook import Workbook

Row = tuple[int, list[Any]]
"""(number of the row, or of the line on which it ends, from 1; its cells)."""
HEAD = 1 << 16


def tables(file: Path) -> Iterator[tuple[str, Iterator[Row]]]:
    """(name of the sheet, its rows) of each sheet; a CSV is one, named after the file. ValueRefused for another file.

    Rows of a sheet are to be read before the next sheet is asked for.
    """
    with ExitStack() as held:
        stream = held.enter_context(file.open("rb"))
        head = stream.read(HEAD)
        stream.seek(0)
        if head.startswith(b"PK"):
            book = Workbook(stream)
            held.callback(book.close)
            yield from book.sheets()
        elif head.startswith(b"\xd0\xcf\x11\xe0"):
            yield from xls_sheets(stream)
        elif b"\0" in head and encoding_of(head) is None:
            raise ValueRefused(
                "unknown_format", "不是表格，应为 CSV、XLSX 或者 XLS this is no table; CSV, XLSX or XLS is expected"
            )
        else:
            yield file.stem, _csv_rows(text_lines(stream.read, encoding_of(head)))


def _csv_rows(found: Iterator[str | None]) -> Iterator[Row]:
    if csv.field_size_limit() < LINE_LIMIT:
        csv.field_size_limit(LINE_LIMIT)  # the whole process's: csv has no other
    lines = (line or "" for line in found)  # a line over the limit is a row without cells
    preview = [line.removeprefix("\ufeff") for line in islice(lines, PREVIEW)]
    reader = csv.reader(chain(preview, lines), delimiter=_delimiter(preview))
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise ValueRefused("corrupt", f"第 {reader.line_num} 行损坏 line {reader.line_num}: {error}") from error
        yield reader.line_num, list(cells)


def _delimiter(preview: list[str]) -> str:
    """What cuts most of the first lines into the same number of cells."""
    best, most = ",", 0
    for delimiter in DELIMITERS:
        counts = Counter(len(line.split(delimiter)) for line in preview if line.strip())
        width, times = max(counts.items(), key=lambda pair: pair[0] > 1 and pair[1], default=(1, 0))
        if width > 1 and times * width > most:
            best, most = delimiter, times * width
    return best
