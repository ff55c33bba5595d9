"""What is looked at by a second person (second_look.csv): findings that need two, and shares drawn for quality.

Columns: ``kind`` two_person | dismissed | unflagged; ``field`` all | class | scope; ``value`` the offer class or scope
(empty for all); ``share`` 0..1, of a ``two_person`` row always 1; ``note``. The narrowest row of a kind holds: class
before scope before all.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from adwatch.errors import SpecError
from adwatch.tables import table_file

COLUMNS = ["kind", "field", "value", "share", "note"]
KINDS = ("two_person", "dismissed", "unflagged")
FIELDS = ("all", "scope", "class")
TWO_PERSON_VERBS = ("confirm", "dismiss", "exclude")
"""Findings that the rule holds back until a second person agrees: those that end the question."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One row."""

    kind: str
    field: str
    value: str
    share: float
    """Of what the row names, how much is looked at again, 0..1."""
    note: str


class SecondLooks:
    """The rules in force."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules = tuple(rules)

    @classmethod
    def load(cls, data: Path | None = None) -> SecondLooks:
        """The office's rules, else the shipped ones."""
        file = table_file("second_look.csv", data)
        with file.open(encoding="utf-8-sig", newline="") as handle:
            reader = csv.DictReader(handle)
            if reader.fieldnames != COLUMNS:
                raise SpecError(str(file), 1, "", f"the columns must be {', '.join(COLUMNS)}")
            return cls([_rule(str(file), reader.line_num, row) for row in reader])

    def share(self, kind: str, scope: str, classes: Iterable[str]) -> float:
        """The share that is looked at again; of several classes the largest."""
        known = set(classes)
        found: dict[str, list[float]] = {}
        for rule in self.rules:
            if rule.kind == kind and (rule.field == "all" or rule.value in ((scope,), known)[rule.field == "class"]):
                found.setdefault(rule.field, []).append(rule.share)
        return next((max(found[field]) for field in reversed(FIELDS) if field in found), 0.0)

    def needs_two(self, verb: str, scope: str, classes: Iterable[str]) -> bool:
        """Whether a finding holds only when a second person finds the same."""
        return verb in TWO_PERSON_VERBS and self.share("two_person", scope, classes) > 0


def _rule(file: str, line: int, row: dict[str, str]) -> Rule:
    if None in row or None in row.values():
        raise SpecError(file, line, "", f"{len(COLUMNS)} columns are needed")
    if row["kind"] not in KINDS:
        raise SpecError(file, line, "kind", f"write one of {', '.join(KINDS)}")
    if row["field"] not in FIELDS or (row["field"] == "all") == bool(row["value"]):
        raise SpecError(file, line, "field", "write all with an empty value, or class or scope with one")
    try:
        share = float(row["share"])
    except ValueError as error:
        raise SpecError(file, line, "share", f"{row['share']!r} is no number; write 0 to 1") from error
    if not 0 <= share <= 1 or (row["kind"] == "two_person" and share not in (0.0, 1.0)):
        raise SpecError(file, line, "share", "write 0 to 1; of two_person 0 or 1")
    return Rule(row["kind"], row["field"], row["value"], share, row["note"])
