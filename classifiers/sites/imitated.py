"""Which authority a site imitates: the certificate families that its name and page speak of (imitated_words.csv).

It says who is asked to confirm; where nothing tells, nothing is guessed and a person assigns it.
"""

from __future__ import annotations

import csv
from collections import Counter
from functools import cache
from pathlib import Path

from adwatch.errors import SpecError
from adwatch.tables import families

SAFETY = ("special_operations", "safety_knowledge", "construction", "special_equipment")
"""Families of the safety authorities."""


def imitated(name: str, text: str = "") -> tuple[str, ...]:
    """Families in the order of how often they are spoken of: in the page where there is one, else in the name."""
    plain = name.lower().replace("-", "").replace(".", "")
    for said in (text, plain):
        found: Counter[str] = Counter()
        for word, family in _words():
            found[family] += said.count(word)
        best = [(count, family) for family, count in found.items() if count]
        if best:
            most = max(best)[0]
            return tuple(family for count, family in sorted(best, key=lambda each: -each[0]) if count * 3 >= most)
    return ()


@cache
def _words() -> tuple[tuple[str, str], ...]:
    file, known = Path(__file__).parent / "imitated_words.csv", set(families())
    with file.open(encoding="utf-8", newline="") as handle:
        rows = [(row["word"], row["family"]) for row in csv.DictReader(handle)]
    for number, (word, family) in enumerate(rows, 2):
        if family not in known or not word:
            raise SpecError(str(file), number, "family", f"{family!r}: write one of {', '.join(sorted(known))}")
    return tuple(rows)
