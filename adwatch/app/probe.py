"""Probes: synthetic offers sent through the stages after collection, on the real store, with nothing left behind.

They are read by the hand-over reader (extract, T2), judged and stored with case and outbox row (T3), then read back as
a person would see them, all in one transaction that is rolled back: no case, export, count or search can ever hold one.
They are not archived: the archive is evidence. The index reads only what was committed, so it never sees them either.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any

import orjson
from sqlalchemy import Engine, select

from adwatch.app.office import Office
from adwatch.models import Listing, StageReport
from adwatch.ports import Judge
from adwatch.stages.classify import Classifier
from adwatch.stages.extract import store_listings
from adwatch.store import schema as s
from adwatch.store.cases import cases_of_listings
from adwatch.store.engine import reading
from adwatch.store.undone import undone
from adwatch.store.views import as_it_stands, versions_of
from classifiers.figures import rounded, wilson
from classifiers.probes import Probe, probes
from collectors.handover import ColumnTable, read_stream

MARK = "adwatch-probe"
"""Platform of every probe while it exists."""


@dataclass(slots=True)
class Way:
    """What became of the probes of one disguise."""

    disguise: str
    """``plain`` or the name of the disguise."""
    injected: int = 0
    """Offers sent in."""
    stored: int = 0
    """Of these stored as listings: what is missing was refused by the reader."""
    flagged: int = 0
    """Judged an offer."""
    review: int = 0
    """Judged uncertain."""
    cleared: int = 0
    """Judged no offer."""
    cases: int = 0
    """Would have opened a case."""

    @property
    def recall(self) -> float:
        """Share flagged of those sent in."""
        return self.flagged / max(1, self.injected)

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "disguise": self.disguise,
            "injected": self.injected,
            "stored": self.stored,
            "flagged": self.flagged,
            "review": self.review,
            "cleared": self.cleared,
            "cases": self.cases,
            "recall": round(self.recall, 4),
            "recall_ci": rounded(wilson(self.flagged, self.injected)),
        }


def inject(office: Office, day: str, seed: int | None = None, most: int | None = None) -> list[Way]:
    """Live recall by disguise, the plain ones first; the same day has the same probes unless a seed is given."""
    made = probes(date.fromisoformat(day).toordinal() if seed is None else seed, most)
    ways: dict[str, Way] = {}
    for probe in made:
        ways.setdefault(probe.disguise, Way(probe.disguise)).injected += 1
    judge = office.judge_on(day)
    with undone(office.engine) as engine:
        _store_and_judge(office, engine, judge, made, day)
        _read_back(engine, {f"{MARK}:{probe.id}": ways[probe.disguise] for probe in made})
    return list(ways.values())


def _store_and_judge(office: Office, engine: Engine, judge: Judge, made: list[Probe], day: str) -> None:
    """Extract, T2 and T3, as for a handed-over file."""
    rows = (orjson.dumps({"native_id": f"{MARK}:{probe.id}", "text": probe.text}) for probe in made)
    report = StageReport("probe")
    columns = ColumnTable.load(office.settings.data)
    zone = office.settings.zone
    items = read_stream(BytesIO(b"\n".join(rows)), "probes.jsonl", MARK, columns=columns, zone=zone, report=report)
    classifier = Classifier(engine, judge, office.clock)
    listings = (item for item in items if isinstance(item, Listing))
    for versions in store_listings(engine, MARK, listings, day, office.clock.now(), report):
        classifier.classify(versions, day)


def _read_back(engine: Engine, ways: dict[str, Way]) -> None:
    with reading(engine) as connection:
        there = select(s.listing.c.id).join(s.platform, s.platform.c.id == s.listing.c.platform_id)
        ids = list(connection.scalars(there.where(s.platform.c.name == MARK)))
        views, cases = versions_of(connection, ids), cases_of_listings(connection, ids)
    for number, versions in views.items():
        view = as_it_stands(versions)
        way = ways[view.listing.native_id]
        way.stored += 1
        way.cases += number in cases
        band = view.verdict.band if view.verdict else "clear"
        way.flagged += band == "flagged"
        way.review += band == "review"
        way.cleared += band == "clear"


def total(ways: list[Way]) -> dict[str, Any]:
    """All disguises together."""
    sums: dict[str, int] = defaultdict(int)
    for way in ways:
        for name in ("injected", "stored", "flagged", "review", "cleared", "cases"):
            sums[name] += getattr(way, name)
    return Way("all", **sums).as_dict()


def rows(ways: list[Way]) -> Iterator[tuple[object, ...]]:
    """Cells for people."""
    for item in (*(way.as_dict() for way in ways), total(ways)):
        low, high = item["recall_ci"]
        yield (
            *(item[name] for name in ("disguise", "injected", "stored", "flagged", "review", "cleared", "cases")),
            f"{item['recall']:.3f} ({low:.3f}–{high:.3f})",
        )
