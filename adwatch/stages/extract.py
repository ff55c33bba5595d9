"""Extract: listings out of archived bodies, without the network."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from itertools import islice

from sqlalchemy import Engine

from adwatch.errors import AdWatchError
from adwatch.models import Capture, Listing, StageReport
from adwatch.ports import Refused
from adwatch.store.listings import StoredVersion, upsert_listings

BATCH = 1000

Extractor = Callable[[Capture], Iterable[Listing | Refused]]
"""Reads the listings of one capture from the archive: bound to its platform's source by the composition root."""


def read_captures(captures: Iterable[Capture], extract: Extractor, report: StageReport) -> Iterator[Listing]:
    """The listings of captures, in order; what cannot be read is counted and named, the rest goes on."""
    for capture in captures:
        try:
            for item in extract(capture):
                if isinstance(item, Refused):
                    report.drop(item.reason, f"{item.where}: {item.message}")
                else:
                    yield replace(item, capture_id=capture.id, captured_at=capture.fetched_at)
        except AdWatchError as error:
            report.drop("unreadable", f"{capture.warc} at {capture.offset} ({capture.url}): {error}")


def store_listings(
    engine: Engine,
    platform: str,
    listings: Iterable[Listing],
    day: str,
    now: datetime,
    report: StageReport,
    capture_id: int | None = None,
) -> Iterator[list[StoredVersion]]:
    """Store listings of one platform in batches (T2); gives the versions that each batch added.

    New, changed, unchanged and repeated items are counted in ``report.counts``.
    """
    source = iter(listings)
    while batch := list(islice(source, BATCH)):
        done = upsert_listings(engine, platform, batch, day, now, capture_id)
        report.counts.update(done.counts)
        report.kept += len(batch) - done.counts["repeated"]
        yield done.versions
