"""Work that is taken by one worker at a time: what one has claimed, another does not even see.

On PostgreSQL a claim is a row lock that the others skip; it ends with the transaction that holds it, so what a killed
worker had claimed is free at once. SQLite has one machine, where the runs' locks keep workers apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, delete, select

from adwatch.failpoints import failpoint
from adwatch.store import outbox
from adwatch.store import schema as s
from adwatch.store.dead_letters import note_refused
from adwatch.store.engine import reading, writing
from adwatch.store.erasures import TEXT, erased
from adwatch.store.listings import StoredVersion
from adwatch.store.opening import chunks
from adwatch.store.verdicts import backlog


@contextmanager
def claimed_backlog(
    engine: Engine, classifier: int, limit: int = 2000, day: str | None = None
) -> Iterator[list[StoredVersion]]:
    """Versions without a verdict of that classifier, oldest first, that nobody else takes while the block runs.

    Empty where nothing is left, or all that is left is another worker's.
    """
    if engine.dialect.name != "postgresql":
        yield backlog(engine, classifier, limit, day)
        return
    with writing(engine) as connection:
        while found := _lock_versions(connection, classifier, limit, day):
            # one that another worker judged and let go between our looking and our locking is not ours any more
            if free := _without_verdict(connection, classifier, found):
                yield free
                return
        yield []


def _lock_versions(connection: Connection, classifier: int, limit: int, day: str | None) -> list[StoredVersion]:
    v, d, c = s.listing_version, s.verdict, s.classifier
    start = connection.scalar(select(c.c.classified_to).where(c.c.id == classifier)) or 0
    judged = select(d.c.version_id).where(d.c.version_id == v.c.id, d.c.classifier_id == classifier)
    query = select(v.c.id, v.c.listing_id, v.c.title, v.c.text, v.c.day).where(
        v.c.id > start, ~judged.exists(), ~erased(TEXT, v.c.id)
    )
    if day is not None:
        query = query.where(v.c.day == day)
    locked = query.order_by(v.c.id).limit(limit).with_for_update(skip_locked=True, of=v)
    return [StoredVersion(*row) for row in connection.execute(locked)]


def _without_verdict(connection: Connection, classifier: int, found: Sequence[StoredVersion]) -> list[StoredVersion]:
    d = s.verdict
    there = select(d.c.version_id).where(
        d.c.classifier_id == classifier, d.c.version_id.in_([version.id for version in found])
    )
    judged = set(connection.scalars(there))
    return [version for version in found if version.id not in judged]


@dataclass(frozen=True, slots=True)
class OutboxClaim:
    """Rows of the outbox that are ours until the block ends."""

    drained: outbox.Drained
    _engine: Engine
    _connection: Connection | None

    def acknowledge(self, seqs: Sequence[int], refused: Mapping[int, str] | None = None) -> None:
        """Delete what the index has dealt with; on PostgreSQL when the block ends. The rest is free for everybody.

        Exactly these: a row that was committed late, below the last, stays. What the index refused is kept in the same
        transaction: reasons by surrogate key.
        """
        if not seqs:
            return
        sent, told = self.drained, set(seqs)
        listing_ids = [listing_id for seq, listing_id in zip(sent.seqs, sent.listing_ids, strict=True) if seq in told]
        failpoint("index.before_ack")
        with nullcontext(self._connection) if self._connection else writing(self._engine) as connection:
            for ids in chunks(seqs):
                connection.execute(delete(s.outbox).where(s.outbox.c.seq.in_(ids)))
            note_refused(connection, sent.version, dict.fromkeys(listing_ids), refused or {})


@contextmanager
def claimed_outbox(engine: Engine, after: int = 0, limit: int = 5000) -> Iterator[OutboxClaim]:
    """The oldest free rows behind ``after``; no listing is in two claims, so its states reach the index in order."""
    if engine.dialect.name != "postgresql":
        yield OutboxClaim(outbox.drain(engine, after, limit), engine, None)
        return
    with writing(engine) as connection:
        mine = _lock_outbox(connection, after, limit)
        with reading(engine) as snapshot:  # begun after the rows were locked: it sees what they tell of
            version = outbox.high_water(snapshot)
            rows = list(outbox.load_rows(snapshot, list(dict.fromkeys(listing_id for _, listing_id in mine))))
        drained = outbox.Drained([seq for seq, _ in mine], [listing_id for _, listing_id in mine], rows, version)
        yield OutboxClaim(drained, engine, connection)


def _lock_outbox(connection: Connection, after: int, limit: int) -> list[tuple[int, int]]:
    """(seq, listing) that we have locked, less the listings of which another worker holds a row."""
    o = s.outbox
    query: Any = select(o.c.seq, o.c.listing_id).where(o.c.seq > after).order_by(o.c.seq).limit(limit)
    ours = {row.seq: row.listing_id for row in connection.execute(query.with_for_update(skip_locked=True))}
    if not ours:
        return []
    same = o.c.listing_id.in_(set(ours.values())) & o.c.seq.not_in(list(ours))
    further = {row.seq: row.listing_id for row in connection.execute(select(o.c.seq, o.c.listing_id).where(same))}
    if further:
        locked = select(o.c.seq).where(o.c.seq.in_(list(further))).with_for_update(skip_locked=True)
        free = set(connection.scalars(locked))
        theirs = {listing_id for seq, listing_id in further.items() if seq not in free}
        ours = {seq: listing_id for seq, listing_id in ours.items() if listing_id not in theirs}
    return sorted(ours.items())
