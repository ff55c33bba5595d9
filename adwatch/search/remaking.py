"""Makes an index anew from the store beside the one that answers; killed, it goes on where it was.

The new index is filled in the order of the listings' surrogate keys, and how far it has come is kept in the store. What
changes meanwhile the old one takes: its documents of the number with which the rebuild began, and later, are read anew
at the end, the last of them while nobody writes; then searches see the new one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import islice

from sqlalchemy import Engine

from adwatch.failpoints import failpoint
from adwatch.models import StageReport
from adwatch.ports import Progress
from adwatch.search.base import Put, SearchIndex
from adwatch.search.document import documents
from adwatch.search.fields import layout
from adwatch.store import outbox, rebuilds
from adwatch.store.dead_letters import note_refused, refused_since
from adwatch.store.engine import reading, writing
from adwatch.store.index_lock import PUSHING, REBUILDING, index_lock
from adwatch.store.outbox import IndexRow
from adwatch.store.rebuilds import Rebuild

PAGE = 5000
LOCK_WAIT = 60.0
"""Seconds that one waits for another's batch."""


def remake(engine: Engine, index: SearchIndex, progress: Progress | None = None) -> StageReport:
    """A new index takes the old one's place when it is whole. LockHeld where another is being made."""
    report = StageReport("index")
    with index_lock(engine, index.home, REBUILDING, wait=0):
        state, fresh = _resumed(engine, index) or _begun(engine, index)
        report.counts["continued_after"] = state.listing_id
        _fill(engine, fresh, state, report, progress)
        with index_lock(engine, index.home, PUSHING, LOCK_WAIT):  # what was read before the mark is in the old one now
            mark = outbox.take_number(engine)
        _catch_up(engine, index, fresh, state.version, report, progress)
        with index_lock(engine, index.home, PUSHING, LOCK_WAIT):
            _catch_up(engine, index, fresh, mark, report, progress)
            fresh.refresh()
            failpoint("rebuild.before_switch")
            fresh.switch()
            failpoint("rebuild.after_switch")
            rebuilds.ended(engine, state.name)
        fresh.drop_others()
        fresh.close()
    report.counts = +report.counts
    return report


def name_refused(report: StageReport, put: Put) -> None:
    """Count what the index refused, each with its reason."""
    for document, reason in put.refused:
        report.drop("refused", f"{document.body['listing_id']}: the index refused it: {reason}")


def form_of(index: SearchIndex) -> str:
    """All that the documents depend on besides the store: a rebuild by another version or secret is begun anew."""
    told = (layout().encode(), index.secret, " ".join(index.parts()).encode())
    return hashlib.sha256(b"\0".join(told)).hexdigest()[:32]


def _resumed(engine: Engine, index: SearchIndex) -> tuple[Rebuild, SearchIndex] | None:
    """The rebuild that was cut off, where what it made is still there and of this store."""
    state = rebuilds.unfinished(engine, index.name)
    if state is None or state.form != form_of(index):
        return None
    fresh = index.rebuilding(state.generation)
    with reading(engine) as connection:
        highest = outbox.high_water(connection)
    if fresh.generation == state.generation and fresh.newest() <= highest:
        return state, fresh
    fresh.close()
    return None


def _begun(engine: Engine, index: SearchIndex) -> tuple[Rebuild, SearchIndex]:
    rebuilds.ended(engine, index.name)  # before the new one is made: an empty one must not pass for a half-filled one
    version = outbox.take_number(engine)
    fresh = index.rebuilding()
    state = Rebuild(index.name, form_of(index), fresh.generation or 0, version)
    rebuilds.begun(engine, state)
    return state, fresh


def _fill(engine: Engine, fresh: SearchIndex, state: Rebuild, report: StageReport, progress: Progress | None) -> None:
    last = state.listing_id
    while True:
        with reading(engine) as connection:
            version = outbox.high_water(connection)
            rows = outbox.load_after(connection, last, PAGE)
        if not rows:
            return
        last = rows[-1].id
        _put(engine, fresh, rows, version, report, state.name, last)
        failpoint("rebuild.after_batch")
        if progress is not None:
            progress(len(rows))


def _put(
    engine: Engine,
    fresh: SearchIndex,
    rows: Sequence[IndexRow],
    version: int,
    report: StageReport,
    name: str = "",
    position: int | None = None,
) -> None:
    """Put rows into the new index, then keep what it refused and, if given, how far it has come."""
    put = fresh.put(documents(rows, version, fresh.secret))
    report.kept += put.kept
    name_refused(report, put)
    failpoint("rebuild.after_put")
    with writing(engine) as connection:
        reasons = {document.id: reason for document, reason in put.refused}
        note_refused(connection, version, [row.id for row in rows], reasons)
        if position is not None:
            rebuilds.reached(connection, name, position)


def _catch_up(
    engine: Engine, old: SearchIndex, fresh: SearchIndex, version: int, report: StageReport, progress: Progress | None
) -> None:
    """Read again what the old index took, or refused, at that number of the outbox or later."""
    newer = old.newer(version)
    while keys := list(islice(newer, PAGE)):
        with reading(engine) as connection:
            highest = outbox.high_water(connection)
            rows = list(outbox.load_keys(connection, [bytes.fromhex(key) for key in dict.fromkeys(keys)]))
        _put(engine, fresh, rows, highest, report)
        if progress is not None:
            progress(len(rows))
    if refused := refused_since(engine, version):
        with reading(engine) as connection:
            highest = outbox.high_water(connection)
            rows = list(outbox.load_rows(connection, refused))
        _put(engine, fresh, rows, highest, report)
