"""Compares the index with the store: which listings it lacks, which only it holds, which sampled documents differ."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Engine, func, select

from adwatch.search.base import SearchIndex
from adwatch.search.document import Document, documents
from adwatch.store import outbox
from adwatch.store import schema as s
from adwatch.store.engine import reading

SAMPLES = 1000
"""Documents compared field by field, spread evenly over the keys."""


@dataclass(slots=True)
class Difference:
    """What a comparison of store and index found."""

    listings: int = 0
    """Listings in the store."""
    documents: int = 0
    """Documents in the index."""
    pending: int = 0
    """Listings that wait in the outbox: not compared."""
    missing: list[str] = field(default_factory=list)
    """Listing ids that the index lacks (the first thousand)."""
    orphans: list[str] = field(default_factory=list)
    """Listing ids that only the index holds (the first thousand)."""
    sampled: int = 0
    """Documents compared field by field."""
    different: list[str] = field(default_factory=list)
    """Sampled listing ids whose document differs."""

    @property
    def equal(self) -> bool:
        """Whether the index is a true view of the store."""
        return not (self.missing or self.orphans or self.different)


def _compare_keys(
    engine: Engine, index: SearchIndex, part: str, every: int, found: Difference, waiting: set[int]
) -> list[int]:
    """Merge the two sorted sequences of keys; gives the surrogate keys of the sample."""
    sample: list[int] = []
    ours = index.keys(part)
    theirs = next(ours, None)
    for listing_id, raw in outbox.listing_keys(engine, hits=part == "hits"):
        key = raw.hex()
        while theirs is not None and theirs < key:
            found.documents += 1
            _note(found.orphans, theirs)
            theirs = next(ours, None)
        if theirs == key:
            found.documents += 1
            theirs = next(ours, None)
            if found.listings % every == 0 and listing_id not in waiting:
                sample.append(listing_id)
        elif listing_id not in waiting:
            _note(found.missing, key)
        found.listings += 1
    while theirs is not None:
        found.documents += 1
        _note(found.orphans, theirs)
        theirs = next(ours, None)
    return sample


def _note(names: list[str], name: str) -> None:
    if len(names) < 1000:
        names.append(name)


def _content(document: Document) -> dict[str, object]:
    return {name: value for name, value in document.body.items() if name != "version"}


def verify(engine: Engine, index: SearchIndex, samples: int = SAMPLES) -> Difference:
    """Compare keys of all and content of ``samples`` documents; listings in the outbox are counted, not compared.

    Where hits are held apart they are compared as well; counted are the listings of the larger part.
    """
    whole, *others = index.parts()
    found = _verify_part(engine, index, whole, samples)
    for part in others:
        more = _verify_part(engine, index, part, samples)
        found.sampled += more.sampled
        found.missing += more.missing
        found.orphans += more.orphans
        found.different += more.different
    return found


def _verify_part(engine: Engine, index: SearchIndex, part: str, samples: int) -> Difference:
    found = Difference()
    waiting = outbox.pending_listings(engine)
    found.pending = len(waiting)
    with reading(engine) as connection:
        total = int(connection.scalar(select(func.count()).select_from(s.listing)) or 0)
    sample = _compare_keys(engine, index, part, max(1, total // samples), found, waiting)
    for at in range(0, len(sample), SAMPLES):
        with reading(engine) as connection:
            wanted = documents(list(outbox.load_rows(connection, sample[at : at + SAMPLES])), 0, index.secret)
        for document, body in zip(wanted, index.bodies(wanted, part), strict=True):
            found.sampled += 1
            if body is None or {k: v for k, v in body.items() if k != "version"} != _content(document):
                found.different.append(document.body["listing_id"])
    return found
