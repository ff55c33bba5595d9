"""Keeps the index equal to the store: drains the outbox, rebuilds.

A batch is put into the index (durably), then acknowledged in the store: a crash between the two puts it again, which
changes nothing. One drainer works at a time, by a lock held for a batch; searches and writers never wait for it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from sqlalchemy import Engine

from adwatch.errors import LockHeld, SearchError
from adwatch.models import StageReport
from adwatch.ports import Progress
from adwatch.search.base import Put, SearchIndex
from adwatch.search.document import documents
from adwatch.store import outbox
from adwatch.store.dead_letters import note_refused
from adwatch.store.engine import reading, writing
from adwatch.store.locks import run_lock

BATCH = 5000
LOCK_WAIT = 60.0
"""Seconds that a drainer waits for another's batch; a rebuild takes longer and is reported."""


class Stop(Protocol):
    """A threading or multiprocessing event."""

    def is_set(self) -> bool:
        """Whether to end."""

    def wait(self, timeout: float) -> bool:
        """Sleep until set or timed out."""


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    end = time.monotonic() + LOCK_WAIT
    while True:
        lock = run_lock(home, "index")
        try:
            lock.__enter__()
            break
        except LockHeld:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)
    try:
        yield
    finally:
        lock.__exit__(None, None, None)


def _check_ahead(engine: Engine, index: SearchIndex) -> None:
    with reading(engine) as connection:
        highest = outbox.high_water(connection)
    newest = index.newest()
    if newest > highest:
        raise SearchError(
            f"{index.name}: is ahead of the store ({newest} > {highest}): it was filled from another one, or the store"
            " was restored; run adwatch index rebuild"
        )


def _refused(report: StageReport, put: Put) -> None:
    for document, reason in put.refused:
        report.drop("refused", f"{document.body['listing_id']}: the index refused it: {reason}")


def _push_batch(engine: Engine, index: SearchIndex, after: int, limit: int, report: StageReport) -> outbox.Drained:
    batch = outbox.drain(engine, after, limit)
    if not batch.seqs:
        return batch
    put = index.put(documents(batch.rows, batch.version, index.secret))
    report.kept += put.kept
    report.dropped["repeated"] += len(batch.seqs) - len(set(batch.listing_ids))
    report.dropped["gone"] += len(set(batch.listing_ids)) - len(batch.rows)
    report.dropped["older"] += put.older
    _refused(report, put)
    outbox.acknowledge(engine, batch.seqs, batch, {document.id: reason for document, reason in put.refused})
    return batch


def push(engine: Engine, index: SearchIndex, limit: int | None = None, progress: Progress | None = None) -> StageReport:
    """Drain the outbox, or its oldest ``limit`` rows. What the index refuses is named, and kept with its reason."""
    report = StageReport("index")
    if index.prepare() and not outbox.only_new(engine):
        report = rebuild(engine, index, progress)
        report.notes.append(f"{index.name}: was empty and is made anew from the store")
        return report
    _check_ahead(engine, index)
    after = done = 0
    while limit is None or done < limit:
        with _alone(index.home):
            batch = _push_batch(engine, index, after, BATCH if limit is None else min(BATCH, limit - done), report)
        if not batch.seqs:
            break
        after = batch.seqs[-1]
        done += len(batch.seqs)
        if progress is not None:
            progress(len(batch.seqs))
    if done:
        index.refresh()
    report.dropped = +report.dropped
    return report


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
    """Fill a new generation from the store, let searches see it when it is whole, push what has changed meanwhile."""
    report = StageReport("index")
    with _alone(index.home):
        fresh = index.rebuilding()
        last = 0
        while True:
            with reading(engine) as connection:
                version = outbox.high_water(connection)
                rows = outbox.load_after(connection, last, BATCH)
            if not rows:
                break
            put = fresh.put(documents(rows, version, index.secret))
            report.kept += put.kept
            _refused(report, put)
            with writing(engine) as connection:
                reasons = {document.id: reason for document, reason in put.refused}
                note_refused(connection, version, [row.id for row in rows], reasons)
            last = rows[-1].id
            if progress is not None:
                progress(len(rows))
        fresh.refresh()
        fresh.switch()
        fresh.close()
    report.merge(push(engine, index, progress=progress))
    return report
