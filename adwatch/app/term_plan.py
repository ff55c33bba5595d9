"""Which search terms a platform is asked today, and in what order: those that found most first, all of them in turn.

A platform file declares over how many days all terms are covered (``terms.days``). Each day the longest unasked ones
have their share, so that every term comes in that time; what the day's requests allow besides goes to the terms that
found most per answer before. With one day, which is the usual case, all are asked, the most fruitful first.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from adwatch.app.office import Office
from adwatch.errors import UsageError
from adwatch.store.term_yield import TermYield, yields
from collectors.spec import PlatformSpec

WINDOW = 28
"""Days whose yield counts; longer where covering takes longer."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One term."""

    term: str
    why: str
    """best (found most before) · turn (longest unasked) · rests (comes on a later day)."""
    known: TermYield


def fruit(known: TermYield) -> float:
    """New hits an answer, drawn towards nothing where little was asked."""
    return (known.hits + 0.1) / (known.pages + 1)


def planned(terms: Sequence[str], known: Mapping[str, TermYield], days: int, most: int | None) -> list[Planned]:
    """Terms in the order in which they are asked, those that rest last; ``most``: requests that the day has."""
    of = {term: known.get(term) or TermYield() for term in terms}
    by_fruit = sorted(terms, key=lambda term: -fruit(of[term]))
    if days <= 1:
        return [Planned(term, "best" if of[term].hits else "turn", of[term]) for term in by_fruit]
    share = math.ceil(len(terms) / days)
    oldest = sorted(by_fruit, key=lambda term: of[term].last_day or "")
    turn = set(oldest[:share])
    room = share if most is None else max(0, int(most / _cost(of.values())) - share)
    best = [term for term in by_fruit if of[term].hits and term not in turn][:room]
    in_turn = [term for term in oldest if term in turn]
    rest = [term for term in by_fruit if term not in turn and term not in best]
    words = (("best", best), ("turn", in_turn), ("rests", rest))
    return [Planned(term, why, of[term]) for why, group in words for term in group]


def _cost(known: Iterable[TermYield]) -> float:
    """Answers that a term takes on a day."""
    each = list(known)
    return max(1.0, sum(one.pages for one in each) / max(1, sum(one.days for one in each)))


def of_day(office: Office, spec: PlatformSpec, day: str) -> list[Planned]:
    """The plan of a day, made of the days before it: a patrol that is continued has the same one."""
    first = date.fromisoformat(day) - timedelta(days=max(WINDOW, 2 * spec.terms.days))
    known = yields(office.engine, spec.name, first.isoformat(), day)
    limits = [spec.budget, spec.interface.quota if spec.interface is not None else None]
    most = min((limit for limit in limits if limit is not None), default=None)
    return planned(office.search_terms(day), known, spec.terms.days, most)


def todays_terms(office: Office, spec: PlatformSpec, day: str) -> list[str]:
    """Terms to ask, in order; none where the platform is not searched."""
    if not spec.searched:
        return []
    return [each.term for each in of_day(office, spec, day) if each.why != "rests"]


def show(office: Office, name: str, day: str) -> list[dict[str, Any]]:
    """The plan of a platform as rows: place, term, why, last_day, pages, hits."""
    spec = office.platforms.get(name)
    if spec is None:
        raise office.unknown_platform(name)
    if not spec.searched:
        raise UsageError(f"{name}: it is not asked by search terms")
    return [
        {
            "place": number if each.why != "rests" else None,
            "term": each.term,
            "why": each.why,
            "last_day": each.known.last_day,
            "pages": each.known.pages,
            "hits": each.known.hits,
        }
        for number, each in enumerate(of_day(office, spec, day), 1)
    ]
