"""Compares the index with the store: counts a day, listings it lacks or only it holds, digests of sampled documents.

Both are walked in the order of the stable keys, once for each part of the index; what waits in the outbox when the walk
begins is left out. What a patrol changes while it goes on may be told as a difference: compare again then.
"""

from __future__ import annotations

import hashlib
import heapq
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import Engine

from adwatch.search.base import SearchIndex
from adwatch.search.document import documents
from adwatch.store import outbox
from adwatch.store.engine import reading

SAMPLES = 1000
"""Documents of a part whose digests are compared."""

NAMED = 1000
"""Listing ids that are kept by name, of each kind; all are counted."""

LATER = ("version",)
"""Fields that differ between two readings of the same."""


@dataclass(slots=True)
class PartDifference:
    """One part of the index beside the same part of the store."""

    part: str
    """all | hits."""
    listings: int = 0
    """Listings in the store."""
    documents: int = 0
    """Documents in the index."""
    missing: list[str] = field(default_factory=list)
    """Listing ids that the index lacks."""
    orphans: list[str] = field(default_factory=list)
    """Listing ids that only the index holds."""
    counts: Counter[str] = field(default_factory=Counter)
    """How many are missing, how many orphans."""
    sampled: int = 0
    different: dict[str, list[str]] = field(default_factory=dict)
    """Sampled listing ids whose digests differ, with the fields that do."""
    in_store: Counter[str] = field(default_factory=Counter)
    """Listings by their first day."""
    in_index: Counter[str] = field(default_factory=Counter)
    """Documents by their first day."""

    @property
    def uneven(self) -> dict[str, tuple[int, int]]:
        """Days of which store and index have not the same number: (store, index)."""
        days = sorted({*self.in_store, *self.in_index})
        counted = {day: (self.in_store[day], self.in_index[day]) for day in days}
        return {day: both for day, both in counted.items() if both[0] != both[1]}


@dataclass(slots=True)
class Difference:
    """What a comparison of store and index found."""

    parts: list[PartDifference]
    """The whole, then the hits where they stand apart."""
    pending: int
    """Listings that wait in the outbox: not compared."""

    @property
    def listings(self) -> int:
        """Listings in the store, of the larger part."""
        return self.parts[0].listings

    @property
    def documents(self) -> int:
        """Documents in the index, of the larger part."""
        return self.parts[0].documents

    @property
    def sampled(self) -> int:
        """Documents whose digests were compared."""
        return sum(part.sampled for part in self.parts)

    @property
    def missing(self) -> list[str]:
        """Listing ids that a part of the index lacks."""
        return [name for part in self.parts for name in part.missing]

    @property
    def orphans(self) -> list[str]:
        """Listing ids that only a part of the index holds."""
        return [name for part in self.parts for name in part.orphans]

    @property
    def different(self) -> dict[str, list[str]]:
        """Sampled listing ids whose document differs, with the fields."""
        return {name: fields for part in self.parts for name, fields in part.different.items()}

    @property
    def equal(self) -> bool:
        """Whether the index is a true view of the store."""
        return not (self.missing or self.orphans or self.different or any(part.uneven for part in self.parts))


class _Sample:
    """So many listings, drawn by their keys, which are digests; from which byte on changes with every number."""

    def __init__(self, size: int, turn: int) -> None:
        self._size = size
        self._turn = turn % 16
        self._kept: list[tuple[int, int]] = []

    def offer(self, listing_id: int, key: bytes) -> None:
        """Keep it if it is among the lowest."""
        rank = -int.from_bytes(key[self._turn :] + key[: self._turn])
        if len(self._kept) < self._size:
            heapq.heappush(self._kept, (rank, listing_id))
        elif self._kept and rank > self._kept[0][0]:
            heapq.heapreplace(self._kept, (rank, listing_id))

    def listing_ids(self) -> list[int]:
        """Surrogate keys, ascending."""
        return sorted(listing_id for _, listing_id in self._kept)


def verify(engine: Engine, index: SearchIndex, samples: int = SAMPLES) -> Difference:
    """Compare keys and days of all, and digests of ``samples`` documents of each part."""
    waiting = outbox.pending_listings(engine)
    with reading(engine) as connection:
        turn = outbox.high_water(connection)
    parts = []
    for name in index.parts():
        sample = _Sample(samples, turn)
        found = _walk(engine, index, name, waiting, sample)
        _compare_documents(engine, index, found, sample.listing_ids())
        parts.append(found)
    return Difference(parts, len(waiting))


def _walk(engine: Engine, index: SearchIndex, part: str, waiting: set[int], sample: _Sample) -> PartDifference:
    """Merge the two sorted sequences of keys, and count days on the way."""
    found = PartDifference(part)
    theirs = index.entries(part)
    other = next(theirs, None)
    for listing_id, raw, day in outbox.listing_keys(engine, hits=part == "hits"):
        key = raw.hex()
        while other is not None and other[0] < key:
            _orphan(found, other)
            other = next(theirs, None)
        found.listings += 1
        held = other[1] if other is not None and other[0] == key else None
        if held is not None:
            found.documents += 1
            other = next(theirs, None)
        if listing_id in waiting:
            continue
        found.in_store[day] += 1
        if held is None:
            _name(found, "missing", key)
        else:
            found.in_index[held] += 1
            sample.offer(listing_id, raw)
    while other is not None:
        _orphan(found, other)
        other = next(theirs, None)
    return found


def _orphan(found: PartDifference, other: tuple[str, str]) -> None:
    found.documents += 1
    found.in_index[other[1]] += 1
    _name(found, "orphans", other[0])


def _name(found: PartDifference, kind: str, name: str) -> None:
    names: list[str] = getattr(found, kind)
    found.counts[kind] += 1
    if len(names) < NAMED:
        names.append(name)


def _compare_documents(engine: Engine, index: SearchIndex, found: PartDifference, sample: Sequence[int]) -> None:
    for at in range(0, len(sample), SAMPLES):
        with reading(engine) as connection:
            wanted = documents(list(outbox.load_rows(connection, sample[at : at + SAMPLES])), 0, index.secret)
        for document, body in zip(wanted, index.bodies(wanted, found.part), strict=True):
            found.sampled += 1
            if body is None or digest(body) != digest(document.body):
                found.different[document.body["listing_id"]] = _fields(body or {}, document.body)


def digest(body: dict[str, Any]) -> str:
    """SHA-256 over the document's canonical JSON, without what differs between two readings of the same."""
    content = {name: value for name, value in body.items() if name not in LATER}
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _fields(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    names = {*one, *other}.difference(LATER)
    return sorted(name for name in names if one.get(name) != other.get(name))
