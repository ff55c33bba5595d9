"""What a patrol knows before it starts, and what it tells besides captures: plan, breaker and tally."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from adwatch.models import Listing


def everything(shown: Mapping[str, str]) -> set[str]:
    """All pages are due: nothing is known of them."""
    return set(shown)


def nothing(_listings: Sequence[Listing]) -> bool:
    """Of no listing is anything known."""
    return False


def nowhere(_cursor: Mapping[str, Any]) -> None:
    """Nobody wants to know how far the lists were read."""


@dataclass(frozen=True, slots=True)
class Whole:
    """When a list that holds the listings themselves was last read to its end."""

    day: str
    """The patrol's day."""
    pages: int
    """Pages read then."""
    first: str
    """What its first page said when that was last read: a digest of its items' ids, and its Last-Modified."""


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
    """Whether searches are left out where no other list breaks off: the last round found nothing more."""
    whole: Mapping[str, Whole] = field(default_factory=dict)
    """Lists that may be left at the first page on which all is known, by ``list_key``."""
    known: Callable[[Sequence[Listing]], bool] = nothing
    """Whether all of these are stored just as they are shown."""


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
    """Whether no list broke off: if none rests either, a listing that was not seen is gone from the lists."""
    rested: int = 0
    """Lists that were left where all was known: what stands further down was not seen."""
    whole: Mapping[str, Whole] = field(default_factory=dict)
    """What a later patrol has to know to let lists rest; nothing where one broke off."""
    probe: str | None = None
    """ok | failed: whether the term that always has hits had some; None where none is declared."""
    breaker: str = "closed"
    """closed | open: whether the platform was given up for today."""
    spent: bool = False
    """Whether the day's budget of requests was used up before all was read."""
    said: Counter[str] = field(default_factory=Counter)
    """How often the platform said in so many words why it showed no items (``answers``, ``interface.failures``)."""


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
