"""Words by which pages are told (page_words.csv): of authorities, look-ups, inputs, records, honest pages."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

from adwatch.errors import SpecError


class Words:
    """Words by kind."""

    def __init__(self) -> None:
        self.of = read_words()

    def first(self, kind: str, text: str) -> str | None:
        """The longest word of a kind that stands in a text."""
        lowered = text.lower()
        return next((word for word in self.of[kind] if word in lowered), None)

    def any(self, kind: str, text: str) -> bool:
        """Whether one stands in it."""
        return self.first(kind, text) is not None

    def all(self, kind: str, text: str) -> list[str]:
        """Those that stand in it, each once, a word within another left out."""
        found: list[str] = []
        lowered = text.lower()
        for word in self.of[kind]:
            if word in lowered and not any(word in longer for longer in found):
                found.append(word)
        return found


@cache
def read_words() -> dict[str, tuple[str, ...]]:
    """Words by kind, longest first."""
    file = Path(__file__).parent / "page_words.csv"
    found: dict[str, list[str]] = {}
    with file.open(encoding="utf-8", newline="") as handle:
        for number, row in enumerate(csv.DictReader(handle), 2):
            if row["word"] in found.setdefault(row["kind"], []):
                raise SpecError(str(file), number, "word", f"{row['word']} stands twice")
            found[row["kind"]].append(row["word"])
    return {kind: tuple(sorted(words, key=len, reverse=True)) for kind, words in found.items()}
