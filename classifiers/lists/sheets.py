"""Tables of a handed-over file (XLSX, XLS, CSV, Word) as rows of text, each with its sheet and row number."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from zipfile import BadZipFile

from adwatch.errors import InputRefused, UsageError
from adwatch.text.old_sheets import OldSheetRefused, old_sheets

LARGEST = 20_000_000
"""Bytes of a file that may be a table of keywords."""
ENCODINGS = ("utf-8-sig", "gb18030")
Table = tuple[str, list[tuple[int, list[str]]]]
"""Name of the sheet, and its rows that are not blank with their numbers from 1."""


def read_tables(file: Path) -> list[Table]:
    """All tables; InputRefused says why a file cannot be read."""
    readers = {
        ".xlsx": _workbook,
        ".xls": _old_workbook,
        ".csv": _text,
        ".tsv": _text,
        ".txt": _text,
        ".docx": _document,
    }
    if not file.is_file():
        raise UsageError(f"{file}: no such file")
    reader = readers.get(file.suffix.lower())
    if reader is None:
        raise UsageError(f"{file}: a table of keywords is .xlsx, .xls, .csv or .docx; save it as one of these")
    if file.stat().st_size > LARGEST:
        raise InputRefused(f"{file}: larger than {LARGEST // 1_000_000} MB; that is no table of keywords")
    return [(name, [row for row in rows if any(row[1])]) for name, rows in reader(file)]


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()


def _workbook(file: Path) -> Iterator[Table]:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        book = CalamineWorkbook.from_path(str(file))
        tables = [(name, book.get_sheet_by_name(name).to_python(skip_empty_area=False)) for name in book.sheet_names]
    except PasswordError as error:
        raise InputRefused(f"{file}: protected by a password; save it without one") from error
    except (CalamineError, OSError) as error:
        raise InputRefused(f"{file}: no spreadsheet that can be read ({error}); save it as XLSX") from error
    for name, rows in tables:
        yield name, [(number, [_cell(cell) for cell in row]) for number, row in enumerate(rows, 1)]


def _old_workbook(file: Path) -> Iterator[Table]:
    try:
        with file.open("rb") as stream:
            sheets = old_sheets(stream)
    except OldSheetRefused as error:
        raise InputRefused(f"{file}: {error}") from error
    for sheet in sheets:
        yield sheet.name, [(number, [_cell(cell) for cell in row]) for number, row in sheet.rows]


def _text(file: Path) -> Iterator[Table]:
    raw = file.read_bytes()
    for encoding in ENCODINGS:
        try:
            text = raw.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise InputRefused(f"{file}: neither UTF-8 nor GB18030; save it as UTF-8")
    delimiter = max(",\t;|", key="\n".join(text.split("\n", 20)[:20]).count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows: list[tuple[int, list[str]]] = []
    begins = 1
    try:
        for row in reader:
            rows.append((begins, [_cell(cell) for cell in row]))
            begins = reader.line_num + 1
    except csv.Error as error:
        raise InputRefused(f"{file}:{reader.line_num}: {error}") from error
    yield file.name, rows


def _document(file: Path) -> Iterator[Table]:
    from docx import Document
    from docx.opc.exceptions import PackageNotFoundError
    from lxml.etree import XMLSyntaxError

    try:
        document = Document(str(file))
        tables = [[[_cell(cell.text) for cell in row.cells] for row in table.rows] for table in document.tables]
    except (PackageNotFoundError, BadZipFile, KeyError, ValueError, XMLSyntaxError) as error:
        raise InputRefused(f"{file}: no Word document that can be read; save it as .docx") from error
    for number, rows in enumerate(tables, 1):
        yield f"表{number}", list(enumerate(rows, 1))
