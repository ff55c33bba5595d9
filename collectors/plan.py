"""What a patrol knows before it starts, and what it tells besides captures: plan, breaker and tally."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


def everything(shown: Mapping[str, str]) -> set[str]:
    """All pages are due: nothing is known of them."""
    return set(shown)


def nowhere(_cursor: Mapping[str, Any]) -> None:
    """Nobody wants to know how far the lists were read."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What the house knows of a platform before it is asked."""

    due: Callable[[Mapping[str, str]], set[str]] = everything
    """Given links with fingerprints of what the list shows of each: those whose page is to be fetched."""
    half_open: bool = False
    """Whether the last run gave the platform up: then one failure is enough to do so again."""
    reached: Callable[[Mapping[str, Any]], None] = nowhere
    """Told how far a list was read, after each of its pages."""
    searches_rest: bool = False
    """Whether searches are left out where the other lists are read to their end: the last round found nothing more."""


@dataclass(slots=True)
class Tally:
    """How far a patrol of one platform came."""

    terms: int = 0
    """Search terms asked."""
    terms_empty: int = 0
    """Terms without a hit."""
    beyond: int = 0
    """Items that only searches found, and no other list."""
    complete: bool = True
    """Whether every list was read to its end: only then is a listing that was not seen gone from the lists."""
    probe: str | None = None
    """ok | failed: whether the term that always has hits had some; None where none is declared."""
    breaker: str = "closed"
    """closed | open: whether the platform was given up for today."""


@dataclass(slots=True)
class Breaker:
    """Counts failures in a row; half open, the first one trips it."""

    most: int
    """Failures in a row that trip it."""
    half_open: bool = False
    """Whether it has to prove itself first."""
    failures: int = field(default=0, init=False)

    def failed(self) -> bool:
        """Count a failure; whether it trips now."""
        self.failures += 1
        return self.failures >= (1 if self.half_open else self.most)

    def answered(self) -> None:
        """All is well again."""
        self.failures = 0
        self.half_open = False
