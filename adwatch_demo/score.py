"""Scores what a patrol knows of the demo's world against the truth that lies beside it.

Stages: served (stands on a site that day) → collected (its id lies in an archived answer of the day) → extracted (known
as it stands there that day, in title and text) → flagged. An id is missed where it was last seen one stage before. Rows
whose truth is ``review`` are neither offers nor wrong when flagged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from adwatch_demo import HANDED, SITES
from adwatch_demo.world import changed_on, expected, relisted_on, standing, truth_on, vanished_on

PLAIN = "none"
"""Disguise of an offer that has none."""


@dataclass(frozen=True, slots=True)
class Found:
    """One listing as the patrol knows it."""

    title: str | None
    """Title."""
    text: str | None
    """Text."""
    flagged: bool
    """Whether the patrol flags it."""
    by_keyword: bool
    """Whether the keyword lists alone would."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the patrol knows of one site on a day."""

    outcome: str
    """Outcome word of the platform."""
    words: frozenset[str] = frozenset()
    """Words told on the way."""
    collected: frozenset[str] = frozenset()
    """Ids that lie in the archived answers of the day."""
    listings: Mapping[str, Found] = field(default_factory=dict)
    """Listings seen that day."""


@dataclass(slots=True)
class Figures:
    """Counts of one classifier on some rows."""

    offers: int = 0
    """Offers that stand there."""
    found: int = 0
    """Offers flagged."""
    flagged: int = 0
    """Rows flagged, rightly or wrongly, review rows left out."""

    @property
    def precision(self) -> float:
        """Flagged rows that are offers; 1.0 when nothing is flagged."""
        return self.found / self.flagged if self.flagged else 1.0

    @property
    def recall(self) -> float:
        """Offers that are flagged; 1.0 when there is none."""
        return self.found / self.offers if self.offers else 1.0

    def count(self, label: str, flagged: bool) -> None:
        """Count one row."""
        self.offers += label == "offer"
        self.found += label == "offer" and flagged
        self.flagged += label != "review" and flagged

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        counts = {"offers": self.offers, "found": self.found, "flagged": self.flagged}
        return {**counts, "precision": round(self.precision, 4), "recall": round(self.recall, 4)}


@dataclass(slots=True)
class Pair:
    """Ours, and the keyword lists alone."""

    ours: Figures = field(default_factory=Figures)
    keyword_only: Figures = field(default_factory=Figures)

    def count(self, label: str, found: Found | None) -> None:
        """Count one row; one that is not known is flagged by nobody."""
        self.ours.count(label, found is not None and found.flagged)
        self.keyword_only.count(label, found is not None and found.by_keyword)

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return {"ours": self.ours.as_dict(), "keyword_only": self.keyword_only.as_dict()}


@dataclass(slots=True)
class Events:
    """Of what happened on a day, how much was noticed."""

    noticed: int = 0
    total: int = 0

    def count(self, noticed: set[str], happened: set[str]) -> None:
        """Count ids that are meant to be noticed."""
        self.noticed += len(noticed & happened)
        self.total += len(happened)


@dataclass(slots=True)
class SiteScore:
    """One site's day."""

    outcome: str
    """As the patrol said."""
    expected: str
    """As it ought to be."""
    as_expected: bool
    """Whether outcome, words and what was seen are as the site's mood allows."""
    served: int
    """Rows that stand there."""
    readable: int
    """Of these, what a polite patrol can read."""
    extracted: int
    """Known as they stand."""
    figures: Pair = field(default_factory=Pair)


@dataclass(slots=True)
class DayScore:
    """Figures of one simulated day."""

    number: int
    """Number of the simulated day."""
    total: Pair = field(default_factory=Pair)
    sites: dict[str, SiteScore] = field(default_factory=dict)
    disguises: dict[str, Pair] = field(default_factory=dict)
    """By disguise of the offers; only recall means something here."""
    stages: dict[str, Figures] = field(default_factory=dict)
    """Stage → rows (flagged) and offers (found) that came so far, of all offers."""
    lost: dict[str, list[str]] = field(default_factory=dict)
    """Stage → ids of rows (of offers, for flagged) that came to the stage before and not to this one."""
    wrong: list[str] = field(default_factory=list)
    """Ids wrongly flagged."""
    changed: Events = field(default_factory=Events)
    relisted: Events = field(default_factory=Events)
    vanished: Events = field(default_factory=Events)

    @property
    def complete(self) -> bool:
        """Whether every site's day went as it ought to."""
        return bool(self.sites) and all(site.as_expected for site in self.sites.values())

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        sites = {
            name: {
                "outcome": site.outcome,
                "expected": site.expected,
                "as_expected": site.as_expected,
                "served": site.served,
                "readable": site.readable,
                "extracted": site.extracted,
                **site.figures.as_dict(),
            }
            for name, site in self.sites.items()
        }
        events = {"changed": self.changed, "relisted": self.relisted, "vanished": self.vanished}
        return {
            "total": self.total.as_dict(),
            "stages": {name: {"rows": one.flagged, "offers": one.found} for name, one in self.stages.items()},
            "lost": self.lost,
            "wrong": self.wrong,
            "sites": sites,
            "disguises": {name: pair.as_dict() for name, pair in self.disguises.items()},
            **{name: {"noticed": one.noticed, "total": one.total} for name, one in events.items()},
            "complete": self.complete,
        }


def same(row: Mapping[str, Any], found: Found) -> bool:
    """Whether a listing is known as the row stands there; where lines break does not matter."""
    pairs = ((row["title"], found.title), (row["text"], found.text))
    return all("".join((there or "").split()) == "".join((here or "").split()) for there, here in pairs)


def score(number: int, known: Mapping[str, Known]) -> DayScore:
    """Score what is known of each site on a simulated day."""
    day = DayScore(number)
    truth = truth_on(number)
    came: dict[str, list[tuple[str, str]]] = {name: [] for name in ("served", "collected", "extracted", "flagged")}
    for site in SITES:
        mine = known.get(site, Known("-"))
        rows = {row["id"]: row for row in standing(site, number)}
        as_it_stands = {one for one, row in rows.items() if one in mine.listings and same(row, mine.listings[one])}
        day.sites[site] = one_site = _site(site, number, mine, set(rows), as_it_stands)
        for one in rows:
            label, found = truth[one]["label"], mine.listings.get(one)
            for pair in (day.total, one_site.figures):
                pair.count(label, found)
            if label == "offer":
                day.disguises.setdefault(truth[one]["disguise"] or PLAIN, Pair()).count(label, found)
            elif label == "not_offer" and found is not None and found.flagged:
                day.wrong.append(one)
            at = _stages(one in mine.collected, one in as_it_stands, found is not None and found.flagged)
            for stage in at:
                came[stage].append((one, label))
        _events(day, site, mine, as_it_stands)
    _count_stages(day, came)
    day.wrong.sort()
    return day


def _stages(collected: bool, extracted: bool, flagged: bool) -> list[str]:
    """Stages that a row came to; without the stage before there is none after."""
    reached = ["served"]
    for stage, came in (("collected", collected), ("extracted", extracted), ("flagged", flagged)):
        if not came:
            break
        reached.append(stage)
    return reached


def _site(site: str, number: int, mine: Known, there: set[str], as_it_stands: set[str]) -> SiteScore:
    ought = expected(site, number)
    readable = there - ought.hidden
    told = mine.words - {"ok", "empty"}
    again = site == HANDED and mine.outcome == "empty"  # a file that was taken in already is not taken in again
    well = as_it_stands == readable and (again or (mine.outcome, told) == (ought.outcome, ought.words))
    return SiteScore(mine.outcome, ought.outcome, well, len(there), len(readable), len(as_it_stands))


def _events(day: DayScore, site: str, mine: Known, as_it_stands: set[str]) -> None:
    hidden = expected(site, day.number).hidden
    day.changed.count(as_it_stands, changed_on(site, day.number) - hidden)
    day.relisted.count(as_it_stands, relisted_on(site, day.number) - hidden)
    gone = vanished_on(site, day.number)
    day.vanished.count(gone - mine.listings.keys(), gone)


def _count_stages(day: DayScore, came: Mapping[str, list[tuple[str, str]]]) -> None:
    offers = sum(label == "offer" for _, label in came["served"])
    before: list[tuple[str, str]] = []
    for stage, rows in came.items():
        day.stages[stage] = Figures(offers, sum(label == "offer" for _, label in rows), len(rows))
        wanted = [one for one, label in before if stage != "flagged" or label == "offer"]
        day.lost[stage] = sorted(set(wanted) - {one for one, _ in rows})
        before = rows
