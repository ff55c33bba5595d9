"""Files that people hand in to be answered: read whole, within limits; dates as spreadsheets hold them."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from adwatch.app.office import Office
from adwatch.errors import UsageError
from collectors.handover.values import ValueRefused, to_time
from collectors.handover.whole import Sheet, whole_workbook

FILE_LIMIT = 50_000_000
"""Bytes of a sheet, a scan or a photograph."""


def read_bytes(file: Path) -> bytes:
    """The whole file; UsageError where it cannot be read or is too large."""
    try:
        with file.open("rb") as handle:
            data = handle.read(FILE_LIMIT + 1)
    except OSError as error:
        raise UsageError(f"{file}: cannot be read: {error.strerror}") from error
    if len(data) > FILE_LIMIT:
        raise UsageError(f"{file}: has more than {FILE_LIMIT:,} bytes")
    return data


def sheets_of(data: bytes, file: Path) -> list[Sheet]:
    """The sheets of a workbook."""
    try:
        return whole_workbook(data, file.name)
    except ValueRefused as error:
        raise UsageError(f"{file}: {error}") from error


def day_of(office: Office, value: object) -> date | None:
    """A date, a spreadsheet's day number or a text, as the office's day."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and value.strip().replace(".", "", 1).isdecimal() and len(value.strip()) < 8:
        value = float(value)
    found = to_time(value, office.settings.zone)
    return found.astimezone(office.settings.zone).date() if found else None
