"""Keeps the index equal to the store: drains the outbox.

A batch is put into the index (durably), then acknowledged in the store: a crash between the two puts it again, which
changes nothing. On PostgreSQL drainers share the work, each claims rows that no other sees; on SQLite one works at a
time, by a lock held for a batch. Searches and writers never wait for it.
"""

from __future__ import annotations

from typing import Protocol

from sqlalchemy import Engine

from adwatch.errors import LockHeld, SearchError
from adwatch.models import StageReport
from adwatch.ports import Progress
from adwatch.search.base import SearchIndex
from adwatch.search.document import documents
from adwatch.search.remaking import LOCK_WAIT, name_refused, remake
from adwatch.store import outbox
from adwatch.store.claims import claimed_outbox
from adwatch.store.engine import reading
from adwatch.store.index_lock import PUSHING, index_lock

BATCH = 5000


class Stop(Protocol):
    """A threading or multiprocessing event."""

    def is_set(self) -> bool:
        """Whether to end."""

    def wait(self, timeout: float) -> bool:
        """Sleep until set or timed out."""


def _check_ahead(engine: Engine, index: SearchIndex) -> None:
    newest = index.newest()  # before the store's: others push meanwhile
    with reading(engine) as connection:
        highest = outbox.high_water(connection)
    if newest > highest:
        raise SearchError(
            f"{index.name}: is ahead of the store ({newest} > {highest}): it was filled from another one, or the store"
            " was restored; run adwatch index rebuild",
            "ahead of the store",
        )


def _push_batch(engine: Engine, index: SearchIndex, after: int, limit: int, report: StageReport) -> outbox.Drained:
    with claimed_outbox(engine, after, limit) as claim:
        batch = claim.drained
        if not batch.seqs:
            return batch
        put = index.put(documents(batch.rows, batch.version, index.secret))
        claim.acknowledge(batch.seqs, {document.id: reason for document, reason in put.refused})
    report.kept += put.kept
    report.dropped["repeated"] += len(batch.seqs) - len(set(batch.listing_ids))
    report.dropped["gone"] += len(set(batch.listing_ids)) - len(batch.rows)
    report.dropped["older"] += put.older
    name_refused(report, put)
    return batch


def push(engine: Engine, index: SearchIndex, limit: int | None = None, progress: Progress | None = None) -> StageReport:
    """Drain the outbox, or its oldest ``limit`` rows. What the index refuses is named, and kept with its reason.

    What another has claimed on PostgreSQL is left to it; its numbers may be lower, so the end is looked for twice.
    """
    report = StageReport("index")
    if _is_empty(index) and not outbox.only_new(engine):
        report.merge(remake(engine, index, progress))
        report.notes.append(f"{index.name}: was empty and is made anew from the store")
    _check_ahead(engine, index)
    after = done = 0
    while limit is None or done < limit:
        most = BATCH if limit is None else min(BATCH, limit - done)
        with index_lock(engine, index.home, PUSHING, LOCK_WAIT, alone=False):
            batch = _push_batch(engine, index, after, most, report)
        if not batch.seqs and not after:
            break
        after = batch.seqs[-1] if len(batch.seqs) == most else 0
        done += len(batch.seqs)
        if progress is not None:
            progress(len(batch.seqs))
    if done:
        index.refresh()
    report.dropped = +report.dropped
    return report


def _is_empty(index: SearchIndex) -> bool:
    """Whether it was made just now, or by a run that was killed before it was filled."""
    return index.prepare() or ("all" in index.parts() and index.newest() == 0)


def drain_forever(engine: Engine, index: SearchIndex, stop: Stop, pause: float = 0.5) -> StageReport:
    """Push until ``stop`` is set, then what is left. While the index is away it waits, 30 seconds at most."""
    report = StageReport("index")
    wait = pause
    while True:
        last = stop.is_set()
        try:
            if last or outbox.pending(engine):
                report.merge(push(engine, index))
            wait = pause
        except (SearchError, LockHeld) as error:
            if last:
                raise
            report.drop("retried", str(error))
            wait = min(30.0, wait * 2)
        if last:
            return report
        stop.wait(wait)


def rebuild(engine: Engine, index: SearchIndex, progress: Progress | None = None) -> StageReport:
    """Make the index anew from the store, or go on where that was cut off, and push what waits."""
    report = remake(engine, index, progress)
    report.merge(push(engine, index, progress=progress))
    return report
