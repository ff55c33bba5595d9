"""What links accounts, and how much it weighs (links.csv); contacts that are nobody's own (public_contacts.csv).

Two kinds that are not enough each may be enough together: those pairs are kinds of their own (``contact+text``).
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from adwatch.errors import SpecError
from adwatch.tables import table_file

COLUMNS = ("kind", "label", "weight", "most", "together", "most_together", "copied", "note")
TREATED = ("ignore", "hotline")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of evidence, or two of them together."""

    id: str
    """company, contact, hotline, text, long_text, image; or two joined by +."""
    label: str
    """Chinese name."""
    weight: float
    """What it weighs; 1.0 is enough as shipped."""
    most: int
    """Accounts up to which it links; what more accounts share links none of them."""
    copied: bool
    """Whether another seller can have it by copying: then it links only accounts that show no different contacts."""
    links: bool
    """Whether it is enough."""


class Links:
    """The rules: which kinds of evidence link accounts, and which contacts count as what."""

    def __init__(self, data: Path | None = None) -> None:
        file = table_file("links.csv", data)
        rows = [(line, _numbers(file, line, row)) for line, row in _rows(file, COLUMNS)]
        enough = [row["weight"] for _, row in rows if row["kind"] == "enough"]
        if len(enough) != 1:
            raise SpecError(str(file), None, "kind", "one row must be enough: the weight that links")
        single = {row["kind"]: row for _, row in rows if row["kind"] != "enough"}
        found = [
            Kind(name, row["label"], row["weight"], row["most"], row["copied"] == "yes", row["weight"] >= enough[0])
            for name, row in single.items()
        ]
        found += _pairs(list(single.values()), enough[0])
        self.kinds = {kind.id: kind for kind in sorted(found, key=lambda kind: (-kind.weight, kind.id))}
        """By id, heaviest first."""
        self.public = _public(table_file("public_contacts.csv", data))

    def contact_kind(self, value: str) -> str | None:
        """contact or hotline; None for a contact that is nobody's own."""
        for pattern, treat in self.public:
            if pattern.fullmatch(value):
                return None if treat == "ignore" else "hotline"
        return "contact"


def _pairs(rows: list[dict[str, Any]], enough: float) -> list[Kind]:
    """Pairs that are enough together, of which one at least is what anybody could show."""
    found = []
    for at, one in enumerate(rows):
        for other in rows[at + 1 :]:
            weight = float(one["together"]) + float(other["together"])
            copied = (one["copied"] == "yes", other["copied"] == "yes")
            if one["together"] and other["together"] and weight >= enough and any(copied):
                name, label = (f"{one[key]}{plus}{other[key]}" for key, plus in (("kind", "+"), ("label", "且")))
                most = min(int(one["most_together"]), int(other["most_together"]))
                found.append(Kind(name, label, weight, most, all(copied), True))
    return found


@cache
def places() -> re.Pattern[str]:
    """Names of provinces and prefectures (places.csv), the longer first: templates differ in them only."""
    rows = [row["names"] for _, row in _rows(table_file("places.csv"), ("names",))]
    names = sorted(" ".join(rows).split(), key=lambda name: (-len(name), name))
    return re.compile("(?:" + "|".join(names) + ")[省市]?")


def _numbers(file: Path, line: int, row: dict[str, str]) -> dict[str, Any]:
    out: dict[str, Any] = dict(row)
    wanted = {"weight": float, "most": int, "together": float, "most_together": int}
    for name, kind in wanted.items():
        try:
            out[name] = kind(row[name] or 0)
        except ValueError as error:
            raise SpecError(str(file), line, name, f"{row[name]!r} is no number") from error
    return out


def _public(file: Path) -> list[tuple[re.Pattern[str], str]]:
    found = []
    for line, row in _rows(file, ("pattern", "treat", "note")):
        if row["treat"] not in TREATED:
            raise SpecError(str(file), line, "treat", f"write one of {', '.join(TREATED)}")
        try:
            found.append((re.compile(row["pattern"]), row["treat"]))
        except re.error as error:
            raise SpecError(str(file), line, "pattern", str(error)) from error
    return found


def _rows(file: Path, columns: tuple[str, ...]) -> list[tuple[int, dict[str, str]]]:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream)
        if tuple(reader.fieldnames or ()) != columns:
            raise SpecError(str(file), 1, "", f"the columns must be {', '.join(columns)}")
        rows = []
        for record in reader:
            if None in record or None in record.values():
                raise SpecError(str(file), reader.line_num, "", f"{len(columns)} columns are needed")
            rows.append((reader.line_num, record))
        return rows
