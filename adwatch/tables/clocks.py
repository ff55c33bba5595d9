"""Legal clocks of a lead (clocks.csv): what starts them, what ends them, how long they run, by which article.

``starts``: ``registered`` (线索登记) or ``clock:ID`` (the day on which that clock ended). ``ends``: words with spaces,
any of which ends it: ``track:ID`` (the track left its first step), ``state:STATE``, ``event:KIND``. ``origins``:
sources of leads with spaces; empty for all. ``real_name``: yes where it runs only for tips under a real name.
``unit``: working_days or days; the first day does not count. ``extension``: in the same unit, 0 where there is none.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from adwatch.errors import SpecError
from adwatch.tables import table_file

COLUMNS = ["id", "label", "starts", "ends", "origins", "real_name", "amount", "unit", "extension", "article", "note"]
UNITS = {"working_days": "个工作日", "days": "日"}
ENDS = ("track", "state", "event")


@dataclass(frozen=True, slots=True)
class ClockRule:
    """One clock."""

    id: str
    """Identifier."""
    label: str
    """What is to be done, in Chinese."""
    starts: str
    """registered, or clock:ID."""
    ends: tuple[tuple[str, str], ...]
    """(track | state | event, its id): any of them ends it."""
    origins: tuple[str, ...]
    """Sources of the leads that it runs for; empty for all."""
    real_name: bool
    """Whether it runs only where somebody gave the tip under a real name."""
    amount: int
    """How long it runs, in units."""
    unit: str
    """working_days | days."""
    extension: int
    """By how much it may be extended once, with approval; 0: not."""
    article: str
    """Where that is laid down."""
    note: str
    """Doubts to be checked by the office."""

    def ended_by(self, kind: str) -> list[str]:
        """Ids of one kind of end."""
        return [value for each, value in self.ends if each == kind]


def clock_rules(data: Path | None = None) -> dict[str, ClockRule]:
    """Clocks in the order of the file: one that another starts stands before it."""
    file = table_file("clocks.csv", data)
    found: dict[str, ClockRule] = {}
    with file.open(encoding="utf-8-sig", newline="") as handle:
        reader = csv.DictReader(handle)
        if reader.fieldnames != COLUMNS:
            raise SpecError(str(file), 1, "", f"the columns must be {', '.join(COLUMNS)}")
        for row in reader:
            if None in row or None in row.values():
                raise SpecError(str(file), reader.line_num, "", f"{len(COLUMNS)} columns are needed")
            one = _rule(str(file), reader.line_num, row)
            kind, _, other = one.starts.partition(":")
            if one.starts != "registered" and (kind != "clock" or other not in found):
                raise SpecError(str(file), reader.line_num, "starts", "write registered, or clock:ID of a row above")
            if not one.id or one.id in found:
                raise SpecError(str(file), reader.line_num, "id", "an id of its own is needed")
            found[one.id] = one
    return found


def _rule(file: str, line: int, row: dict[str, str]) -> ClockRule:
    for name in ("amount", "extension"):
        if not (row[name].isascii() and row[name].isdecimal()):
            raise SpecError(file, line, name, f"{row[name]!r} is no whole number")
    amount, extension = int(row["amount"]), int(row["extension"])
    if row["unit"] not in UNITS:
        raise SpecError(file, line, "unit", f"write one of {', '.join(UNITS)}")
    ends = []
    for word in row["ends"].split():
        kind, _, value = word.partition(":")
        if kind not in ENDS or not value:
            raise SpecError(file, line, "ends", f"{word!r}: write track:ID, state:STATE or event:KIND")
        ends.append((kind, value))
    if not ends or not amount:
        raise SpecError(file, line, "ends", "a clock has an end and an amount above 0")
    if row["real_name"] not in ("yes", "no"):
        raise SpecError(file, line, "real_name", f"{row['real_name']!r}: write yes or no")
    origins = tuple(row["origins"].split())
    return ClockRule(
        *(row["id"], row["label"], row["starts"], tuple(ends), origins, row["real_name"] == "yes"),
        *(amount, row["unit"], extension, row["article"], row["note"]),
    )
