"""When a listing of a sent request is looked at again, as data: ``rechecks.csv``, by the word of the last look.

``look`` is how many times in a row the word was found; the row with the highest look that is reached holds, and its
hours count from that look. Those of ``gone`` count from the first look that said so, and end with the last row. A
listing is looked at first as soon as its request is sent, and again at the deadline.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from pathlib import Path

from adwatch.errors import SpecError
from adwatch.tables import table_file

WORDS = ("gone", "up", "changed", "moved", "unknown")
APART = "apart"


@dataclass(frozen=True, slots=True)
class Rechecks:
    """The table."""

    apart_hours: int
    """Hours between two looks that both say gone, before a listing counts as removed."""
    steps: Mapping[str, tuple[tuple[int, int], ...]]
    """(look, hours) by word, ascending."""

    def hours(self, word: str, looks: int) -> int:
        """Hours from a look to the next one, of a word but gone that was found so many times in a row."""
        return [hours for look, hours in self.steps[word] if look <= looks][-1]

    @property
    def after_gone(self) -> tuple[int, ...]:
        """Hours after the first look that said gone at which others are due, ascending."""
        return tuple(hours for _, hours in self.steps["gone"])


def far_apart(first: tuple[datetime, str], second: tuple[datetime, str], days: int, hours: int, zone: tzinfo) -> bool:
    """Whether two looks (UTC time, day that each was made for) are so many days and hours apart.

    Hours are only asked of looks made on the days they were made for: a past or simulated day has no hours of its own.
    """
    if date.fromisoformat(second[1]) - date.fromisoformat(first[1]) < timedelta(days):
        return False
    own = all(at.astimezone(zone).date().isoformat() == day for at, day in (first, second))
    return days == 0 or not own or second[0] - first[0] >= timedelta(hours=hours)


def rechecks(data: Path | None = None) -> Rechecks:
    """The office's table, else the shipped one."""
    file = table_file("rechecks.csv", data)
    found: dict[str, dict[int, int]] = {word: {} for word in (*WORDS, APART)}
    with file.open(encoding="utf-8-sig", newline="") as handle:
        reader = csv.DictReader(handle)
        if reader.fieldnames != ["word", "look", "hours", "note"]:
            raise SpecError(str(file), 1, "", "the columns must be word, look, hours, note")
        for row in reader:
            try:
                look, hours = int(row["look"]), int(row["hours"])
                if look < 1 or hours < 0 or look in found[row["word"]]:
                    raise ValueError
                found[row["word"]][look] = hours
            except (ValueError, KeyError, TypeError) as error:
                raise SpecError(
                    str(file),
                    reader.line_num,
                    "",
                    f"write a word of {', '.join(found)}, a look from 1, each once, and hours",
                ) from error
    for word, steps in found.items():
        if 1 not in steps:
            raise SpecError(str(file), None, word, "a row for look 1 is needed")
        if word == "gone" and [hours for _, hours in sorted(steps.items())] != sorted(set(steps.values())):
            raise SpecError(str(file), None, word, "the hours must rise: they count from the first look")
    return Rechecks(found.pop(APART)[1], {word: tuple(sorted(steps.items())) for word, steps in found.items()})


@dataclass(frozen=True, slots=True)
class CheckRule:
    """One row of check_rules.csv: what told a word, and how sure that is."""

    rule: str
    word: str
    confidence: float | None
    """0 to 1, by our judgement, to sort by; None where nothing is known."""
    label: str
    """Chinese."""
    note: str


def check_rules(data: Path | None = None) -> dict[str, CheckRule]:
    """Rules by id."""
    file = table_file("check_rules.csv", data)
    found: dict[str, CheckRule] = {}
    with file.open(encoding="utf-8-sig", newline="") as handle:
        reader = csv.DictReader(handle)
        if reader.fieldnames != ["rule", "word", "confidence", "label", "note"]:
            raise SpecError(str(file), 1, "", "the columns must be rule, word, confidence, label, note")
        for row in reader:
            try:
                sure = float(row["confidence"]) if row["confidence"] else None
                if row["word"] not in WORDS or not row["label"] or (sure is not None and not 0 <= sure <= 1):
                    raise ValueError
            except (ValueError, TypeError) as error:
                raise SpecError(
                    str(file), reader.line_num, "", "write rule,word,0 to 1 or nothing,label,note"
                ) from error
            found[row["rule"]] = CheckRule(row["rule"], row["word"], sure, row["label"], row["note"] or "")
    return found
