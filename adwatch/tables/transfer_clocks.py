"""Clocks of transfers (transfer_clocks.csv): which step starts one, which ends it, how long it runs, by which article.

``starts`` is one step, ``ends`` several with spaces between. ``unit``: hours from the minute, days or working_days from
the day after. A file of the same name in ADWATCH_DATA/tables replaces the shipped one.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from adwatch.errors import SpecError
from adwatch.tables import table_file

COLUMNS = ["id", "kind", "label", "starts", "ends", "amount", "unit", "article", "note"]
UNITS = {"hours": "小时", "days": "日", "working_days": "个工作日"}


@dataclass(frozen=True, slots=True)
class TransferClock:
    """One clock."""

    id: str
    kind: str
    """Kind of transfer."""
    label: str
    """What is to be done, in Chinese."""
    starts: str
    """Step with which it begins."""
    ends: tuple[str, ...]
    """Steps any of which ends it."""
    amount: int
    unit: str
    article: str
    """Where that is laid down; empty: an agreement of the place."""
    note: str
    """Doubts to be checked by the office."""


def transfer_clocks(data: Path | None = None) -> list[TransferClock]:
    """The clocks in the order of the file; a SpecError names file, line and field."""
    file = table_file("transfer_clocks.csv", data)
    found: list[TransferClock] = []
    with file.open(encoding="utf-8-sig", newline="") as handle:
        reader = csv.DictReader(handle)
        if reader.fieldnames != COLUMNS:
            raise SpecError(str(file), 1, "", f"the columns must be {', '.join(COLUMNS)}")
        for row in reader:
            line = reader.line_num
            if None in row or None in row.values():
                raise SpecError(str(file), line, "", f"{len(COLUMNS)} columns are needed")
            if not row["id"] or any(each.id == row["id"] for each in found):
                raise SpecError(str(file), line, "id", "an id of its own is needed")
            if row["unit"] not in UNITS:
                raise SpecError(str(file), line, "unit", f"write one of {', '.join(UNITS)}")
            if not (row["amount"].isascii() and row["amount"].isdecimal() and int(row["amount"])):
                raise SpecError(str(file), line, "amount", f"{row['amount']!r} is no whole number above 0")
            if not row["starts"] or not row["ends"].split():
                raise SpecError(str(file), line, "ends", "a clock has a step that starts it and steps that end it")
            words = (row["id"], row["kind"], row["label"], row["starts"], tuple(row["ends"].split()))
            found.append(TransferClock(*words, int(row["amount"]), row["unit"], row["article"], row["note"]))
    return found
