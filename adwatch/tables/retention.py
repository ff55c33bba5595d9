"""How long what is kept (retention.csv), as the office's policy; a file of the same name in ADWATCH_DATA/tables counts.

``confirmed`` runs from the day a confirmed case was closed, and is never less than three years; ``dismissed`` from the
last finding or act on a lead that came to nothing; both are about all that the case has: records, texts, files.
``unflagged`` runs from the day of a capture that no lead rests on, ``text`` from the day on which a listing without a
lead, or a version of it, was seen last; ``paper`` from the day of a letter's, transfer's or handed-in sheet's file.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from adwatch.errors import SpecError
from adwatch.tables import table_file

COLUMNS = ["id", "label", "days", "basis", "note"]
LEAST = {"confirmed": 3 * 365, "dismissed": 62, "unflagged": 62, "text": 30, "paper": 3 * 365}
"""Days that no policy may go below: three years for confirmed cases and for the office's papers; two months for
captures, since an answer may refer to one of its calendar month; a month for texts, which patrols may miss for a while.
"""
LATER = ("text", "paper")
"""Rules that an office's older file may lack: the shipped ones count."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """One rule."""

    id: str
    label: str
    """What it is about, in Chinese."""
    days: int
    """How long it is kept."""
    basis: str
    """Where that is laid down."""
    note: str
    """Doubts to be checked by the office."""


def retention_rules(data: Path | None = None) -> dict[str, Keeping]:
    """All rules; a SpecError names file, line and field."""
    file = table_file("retention.csv", data)
    found = _read(file)
    lacking = [each for each in LEAST if each not in found]
    if any(each not in LATER for each in lacking):
        raise SpecError(str(file), None, "", f"{', '.join(lacking)}: missing")
    shipped = _read(table_file("retention.csv")) if lacking else {}
    return {each: found[each] if each in found else shipped[each] for each in LEAST}


def _read(file: Path) -> dict[str, Keeping]:
    found: dict[str, Keeping] = {}
    with file.open(encoding="utf-8-sig", newline="") as handle:
        reader = csv.DictReader(handle)
        if reader.fieldnames != COLUMNS:
            raise SpecError(str(file), 1, "", f"the columns must be {', '.join(COLUMNS)}")
        for row in reader:
            line = reader.line_num
            if None in row or None in row.values():
                raise SpecError(str(file), line, "", f"{len(COLUMNS)} columns are needed")
            if row["id"] not in LEAST or row["id"] in found:
                raise SpecError(str(file), line, "id", f"write each of {', '.join(LEAST)} once")
            days = int(row["days"]) if row["days"].isascii() and row["days"].isdecimal() else -1
            if days < LEAST[row["id"]]:
                raise SpecError(str(file), line, "days", f"write a number of days, {LEAST[row['id']]} or more")
            found[row["id"]] = Keeping(row["id"], row["label"], days, row["basis"], row["note"])
    return found
