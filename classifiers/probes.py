"""Marked synthetic offers: invented texts, plain and in every disguise of the generator, the same for the same seed."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

from classifiers.disguise import WAYS

FILE = Path(__file__).with_name("probes.txt")
PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Probe:
    """One offer that nobody made."""

    id: str
    """Number of the text and name of the disguise."""
    disguise: str
    """``plain`` or the name of the way."""
    text: str
    """As a seller would have written it."""


def sentences(file: Path = FILE) -> list[str]:
    """The invented offers."""
    return [line for line in file.read_text(encoding="utf-8").splitlines() if line]


def probes(seed: int, most: int | None = None) -> list[Probe]:
    """Every text (or the first ``most``) plain and in each disguise, ordered by disguise."""
    ways = {way.__name__: way for way in WAYS}
    texts = sentences()[:most]
    made = [Probe(f"{number}-{PLAIN}", PLAIN, text) for number, text in enumerate(texts, 1)]
    for place, (name, way) in enumerate(sorted(ways.items())):
        for number, text in enumerate(texts, 1):
            chance = random.Random(seed * 1_000_003 + place * 1009 + number)  # noqa: S311 - repeatable, nothing secret
            made.append(Probe(f"{number}-{name}", name, way(text, chance)))
    return made
