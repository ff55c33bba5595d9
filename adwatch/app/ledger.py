"""Screening of a ledger for the command: the file is read where it stands, the result is written beside nothing else.

The result is the same sheet with three more columns, readable by its owner only, since it has the ledger's own numbers.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import xlsxwriter

from adwatch.app.office import Office
from adwatch.casework.ledger import WORDS, Columns, FamilyOf, Screening, bare_heading, find_columns, parse_columns
from adwatch.casework.sheet import ROW_LIMIT, cell, csv_cell
from adwatch.errors import UsageError
from adwatch.ports import Progress
from adwatch.tables import families, table_file
from adwatch.tables.certificates import Certificates
from classifiers.lexicon import Lexicon
from collectors.handover.delimited import PREVIEW
from collectors.handover.plain_rows import Row, tables
from collectors.handover.values import ValueRefused

MORE = ("核对结论", "核对说明", "官方查询")
COLUMNS = "ledger_columns.csv"
EVERY = 1000
"""Rows after which progress is told."""


class _Out(Protocol):
    def row(self, cells: Sequence[object]) -> None: ...


def check(
    office: Office,
    file: Path,
    *,
    issued: Sequence[Path] = (),
    on: date | None = None,
    columns: Sequence[str] = (),
    out: Path | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Screen a ledger; gives ``file`` (the result), ``rows``, ``words`` (rows by word) and ``issued`` (records given).

    UsageError where the file is no table, has no known heading, or the result would be written over it.
    """
    screening, headings = screening_of(office, on, columns)
    kinds = families(office.settings.data)
    records = sum(take_in(each, screening, headings) for each in issued)
    target = out or file.with_name(f"{file.stem}-核对结果{'.csv' if _is_text(file) else '.xlsx'}")
    if target.resolve() in {each.resolve() for each in (file, *issued)}:
        raise UsageError(f"{target}: is the ledger itself; name another file with --out")
    lookups = {name: kind.lookup for name, kind in kinds.items()}
    rows = 0
    with _writer(target) as writer:
        for number, cells, found in ledger_rows(file, headings):
            if found is None:
                writer.row([*cells, *(MORE if number == 0 else ())])
                continue
            verdict = screening.row(number, cells, found)
            if verdict is None:
                continue
            rows += 1
            link = lookups.get(verdict.family or "", "") if verdict.look_up else ""
            writer.row([*cells, WORDS[verdict.word], "；".join(verdict.reasons), link])
            if progress and rows % EVERY == 0:
                progress(EVERY)
    return {"file": str(target), "rows": rows, "issued": records, "words": screening.summary()}


def screening_of(
    office: Office, on: date | None = None, columns: Sequence[str] = ()
) -> tuple[Screening, dict[str, str]]:
    """A screening as of a day, and the fields by heading."""
    data = office.settings.data
    headings = _headings(data)
    headings |= parse_columns(columns, headings.values())
    kinds = families(data)
    day = on or office.clock.now().astimezone(office.settings.zone).date()
    labels = {name: kind.label for name, kind in kinds.items()}
    return Screening(Certificates(data), family_of(Lexicon.load(data), kinds), day, labels), headings


def family_of(lexicon: Lexicon, kinds: Mapping[str, Any]) -> FamilyOf:
    """The family whose longest word stands in a text; words are those of the keyword lists, in lower case."""
    words = {entry.word: entry.list for entry in lexicon.entries if entry.kind == "certificate" and entry.list in kinds}
    longest = max(map(len, words), default=0)

    @lru_cache(4096)
    def found(text: str) -> str | None:
        bare = text.lower()
        for size in range(min(longest, len(bare)), 1, -1):
            for at in range(len(bare) - size + 1):
                if (family := words.get(bare[at : at + size])) is not None:
                    return family
        return None

    return found


def _headings(data: Path | None) -> dict[str, str]:
    with table_file(COLUMNS, data).open(encoding="utf-8-sig", newline="") as handle:
        return {bare_heading(row["heading"]): row["field"] for row in csv.DictReader(handle)}


def _is_text(file: Path) -> bool:
    return file.suffix.lower() in (".csv", ".tsv", ".txt")


def take_in(file: Path, screening: Screening, headings: Mapping[str, str]) -> int:
    """The authority's records of one file."""
    count = 0
    for _, cells, found in ledger_rows(file, headings):
        if found is not None:
            count += screening.add_issued([cells], found)
    return count


def ledger_rows(file: Path, headings: Mapping[str, str]) -> Iterator[tuple[int, list[Any], Columns | None]]:
    """(row number, cells, columns) of the sheets that have a heading; what stands above it has no columns, and the
    heading itself the number 0."""
    headed = 0
    try:
        for _, rows in tables(file):
            above: list[Row] = []
            found: Columns | None = None
            width = 0
            for number, cells in rows:
                if found is not None:
                    yield number, _fitted(cells, width), found
                    continue
                found = find_columns(cells, headings)
                if found is None:
                    above.append((number, cells))
                    if len(above) >= PREVIEW:
                        break
                    continue
                headed += 1
                width = len(cells)
                yield from ((line, _fitted(note, width), None) for line, note in above)
                yield 0, list(cells), None
    except ValueRefused as error:
        raise UsageError(f"{file}: {error.message}") from error
    except OSError as error:
        raise UsageError(f"{file}: cannot be read: {error.strerror}") from error
    if not headed:
        known = "、".join(dict.fromkeys(headings))
        raise UsageError(
            f"{file}: no heading in the first {PREVIEW} rows that has a number (证书编号 or 身份证号) and another known"
            f" column; name yours with --column HEADING=FIELD. Known: {known}"
        )


def _fitted(cells: list[Any], width: int) -> list[Any]:
    return [*cells[:width], *[None] * (width - len(cells))]


@contextmanager
def _writer(target: Path) -> Iterator[_Out]:
    """Writes the result; a run that fails leaves none."""
    draft = target.with_name(f".{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        draft.touch(mode=0o600)
        draft.chmod(0o600)
        if target.suffix.lower() == ".xlsx":
            with _Sheet(draft) as sheet:
                yield sheet
        else:
            with draft.open("w", encoding="utf-8-sig", errors="replace", newline="") as handle:
                yield _Csv(handle)
        draft.replace(target)
    except OSError as error:
        raise UsageError(f"{target}: cannot be written: {error.strerror}; name another with --out") from error
    finally:
        draft.unlink(missing_ok=True)


class _Csv:
    def __init__(self, handle: Any) -> None:
        self._writer = csv.writer(handle, quoting=csv.QUOTE_ALL)

    def row(self, cells: Sequence[object]) -> None:
        """One row, no cell of it a formula."""
        self._writer.writerow([csv_cell(_shown(value)) for value in cells])


class _Sheet:
    """A workbook written row by row; a full sheet is followed by another."""

    def __init__(self, file: Path) -> None:
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self._book = xlsxwriter.Workbook(str(file), options)
        self._sheet = self._book.add_worksheet()
        self._next = 0

    def __enter__(self) -> _Sheet:
        return self

    def __exit__(self, *failed: object) -> None:
        self._book.close()

    def row(self, cells: Sequence[object]) -> None:
        """One row, every cell text or a number that is exact."""
        if self._next > ROW_LIMIT:
            self._sheet, self._next = self._book.add_worksheet(), 0
        for place, value in enumerate(cells):
            if isinstance(value, int | float) and not isinstance(value, bool):
                self._sheet.write_number(self._next, place, value)
            elif value not in (None, ""):
                self._sheet.write_string(self._next, place, cell(_shown(value)))
        self._next += 1


def _shown(value: object) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == value.min.time() else value.isoformat(" ", "minutes")
    return "" if value is None else str(value)
