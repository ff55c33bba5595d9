"""Figures of the store for a watcher who asks every few seconds: counts that indexes serve, whatever the store's size.

Nothing here reads a listing's text, and no figure names a person.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, case, func, select, text

from adwatch.store import schema as s
from adwatch.store.asked_anew import is_asked_anew
from adwatch.store.last_looks import is_cleared
from adwatch.store.outbox import high_water
from adwatch.store.partitions import A_MONTH

EXACT = 20_000
"""Unjudged versions, or ten times so many waiting changes, are counted one by one up to here, and by their numbers
beyond it."""


@dataclass(frozen=True, slots=True)
class PatrolFigures:
    """What the patrols of one platform came to lately."""

    platform: str
    kind: str
    """Kind of the platform file: html, json, ..., handover."""
    outcome: str | None = None
    """Word in which its newest run ended or was stopped; None where none did."""
    counts: dict[str, Any] = field(default_factory=dict)
    """Counts of that run."""
    started_at: datetime | None = None
    """When that run was begun."""
    ended_at: datetime | None = None
    """When that run ended; None where our own side stopped it."""
    unfinished: bool = False
    """Whether the newest run of all never came to its end, or is at work now."""
    ok_at: datetime | None = None
    """When the newest good run ended: ok, or, for a hand-over, nothing new in its folder."""


def patrol_figures(connection: Connection, since: str) -> list[PatrolFigures]:
    """The platforms patrolled on a day or later, by name; what is older is not looked for.

    Grouped by the index of days, and not put in order, else SQLite reads every run there ever was, with its notes.
    """
    r, p = s.run, s.platform
    good = (r.c.outcome == "ok") | ((r.c.outcome == "empty") & (p.c.kind == "handover"))
    query = (
        select(
            p.c.name,
            p.c.kind,
            func.max(r.c.id).label("newest"),
            func.max(case((r.c.outcome.is_not(None), r.c.id))).label("told"),
            func.max(case((good, r.c.ended_at))).label("ok_at"),
        )
        .join(p, p.c.id == r.c.platform_id)
        .where(r.c.day >= since, r.c.kind == "patrol")
        .group_by(p.c.id, p.c.name, p.c.kind)
    )
    lately = connection.execute(query).all()
    ids = sorted({number for row in lately for number in (row.newest, row.told) if number is not None})
    runs: dict[int, Any] = {}
    for at in range(0, len(ids), 500):
        columns = (r.c.id, r.c.outcome, r.c.counts, r.c.started_at, r.c.ended_at)
        found = connection.execute(select(*columns).where(r.c.id.in_(ids[at : at + 500])))
        runs.update((row.id, row) for row in found)
    figures = []
    for row in sorted(lately):
        unfinished = runs[row.newest].ended_at is None
        each = PatrolFigures(row.name, row.kind, unfinished=unfinished, ok_at=row.ok_at)
        if row.told is not None:
            told = runs[row.told]
            result = {"outcome": told.outcome, "started_at": told.started_at, "ended_at": told.ended_at}
            each = replace(each, counts=told.counts, **result)
        figures.append(each)
    return figures


def unjudged(connection: Connection, exact: int = EXACT) -> int:
    """Versions that no classifier has judged.

    Before the newest judged one, the last of them are looked at; behind it, where there are many, numbers are counted.
    """
    v, d = s.listing_version, s.verdict
    judged = int(connection.scalar(select(func.max(d.c.version_id))) or 0)
    mark = int(connection.scalar(select(func.max(s.classifier.c.classified_to))) or 0)
    last = select(v.c.id).where(v.c.id > mark, v.c.id <= judged).order_by(v.c.id.desc()).limit(exact).subquery()
    gaps = select(func.count()).select_from(last.outerjoin(d, d.c.version_id == last.c.id))
    missed = int(connection.scalar(gaps.where(d.c.version_id.is_(None))) or 0)
    some = select(v.c.id).where(v.c.id > judged).order_by(v.c.id).limit(exact + 1).subquery()  # in order: by the index
    ahead = int(connection.scalar(select(func.count()).select_from(some)) or 0)
    return missed + (ahead if ahead <= exact else _numbers_after(connection, judged))


def _numbers_after(connection: Connection, number: int) -> int:
    """How many numbers of versions were given after one; where they begin anew with each month, month by month."""
    v, total = s.listing_version.c.id, 0
    while True:
        month = max(number, int(connection.scalar(select(func.min(v)).where(v > number)) or number)) // A_MONTH
        newest = connection.scalar(select(func.max(v)).where(v > number, v < (month + 1) * A_MONTH))
        if newest is None:
            return total
        total += int(newest) - max(number, month * A_MONTH)
        number = int(newest)


@dataclass(frozen=True, slots=True)
class CaseFigures:
    """The cases in one state."""

    state: str
    count: int
    oldest_at: datetime
    """When the longest known of them was opened."""


def case_figures(connection: Connection) -> list[CaseFigures]:
    """Cases by state; case numbers rise with the time of opening, so that the index alone says which is the oldest."""
    c = s.case
    rows = connection.execute(select(c.c.state, func.count(), func.min(c.c.id)).group_by(c.c.state)).all()
    opened = dict(connection.execute(select(c.c.id, c.c.opened_at).where(c.c.id.in_([row[2] for row in rows]))).all())
    return [CaseFigures(state, count, opened[first]) for state, count, first in sorted(rows)]


def oldest_registered(connection: Connection) -> datetime | None:
    """When the lead that has waited longest for a person's finding was registered: the legal clock runs from there."""
    query = select(func.min(s.case.c.registered_at)).where(s.case.c.state.in_(("registered", "doubtful")))
    found: datetime | None = connection.scalar(query)
    return found


@dataclass(frozen=True, slots=True)
class TakedownFigures:
    """Listings whose takedown was asked for."""

    words: dict[str, int]
    """How many by the word of their last check; "unchecked" where none was made."""
    due: int
    """Those at which nobody has looked for the given span."""
    overdue: int
    """Those past the platform's deadline that are not gone nor harmless, and that no later request asks for anew."""
    oldest_deadline: datetime | None
    """The earliest deadline that was missed."""
    requests: dict[str, int]
    """Requests by state: draft, sent."""


def takedown_figures(connection: Connection, now: datetime, every: timedelta) -> TakedownFigures:
    """Counts over the sent requests; a check is due when the last one, or the sending, is longer ago than ``every``."""
    t, link = s.takedown, s.takedown_listing
    word = func.coalesce(link.c.word, "unchecked")
    harmless = (word == "changed") & is_cleared(link.c)
    late = (t.c.deadline_at < now) & (word != "gone") & ~harmless & ~is_asked_anew(link.c)
    query = (
        select(
            word,
            func.count(),
            func.sum(case((func.coalesce(link.c.checked_at, t.c.sent_at) < now - every, 1), else_=0)),
            func.sum(case((late, 1), else_=0)),
            func.min(case((late, t.c.deadline_at))),
        )
        .join(t, t.c.id == link.c.takedown_id)
        .where(t.c.state == "sent")
        .group_by(word)
    )
    rows = connection.execute(query).all()
    states = connection.execute(select(t.c.state, func.count()).group_by(t.c.state)).all()
    return TakedownFigures(
        {row[0]: row[1] for row in rows},
        sum(int(row[2] or 0) for row in rows),
        sum(int(row[3] or 0) for row in rows),
        min((row[4] for row in rows if row[4] is not None), default=None),
        {row[0]: row[1] for row in states},
    )


@dataclass(frozen=True, slots=True)
class OutboxFigures:
    """What the search index has not taken yet."""

    depth: int
    """Changes that wait; beyond some 200,000, the span of their numbers."""
    oldest: int
    """Number of the oldest change that waits; the one after the newest where none does."""
    newest: int
    """Highest number given so far."""
    oldest_at: datetime | None = None
    """Since when the oldest change waits, by the store's clock."""

    def waited(self, now: datetime) -> float:
        """Seconds that the oldest change has waited; 0 where none waits."""
        return 0.0 if self.oldest_at is None else max(0.0, (now - self.oldest_at).total_seconds())


def outbox_figures(connection: Connection) -> OutboxFigures:
    """Depth and numbers of the outbox, and since when its oldest change waits."""
    newest = high_water(connection)
    first = select(s.outbox.c.seq, s.outbox.c.enqueued_at).order_by(s.outbox.c.seq).limit(1)
    oldest = connection.execute(first).first()
    if oldest is None:
        return OutboxFigures(0, newest + 1, newest)
    limit = 10 * EXACT
    some = select(s.outbox.c.seq).limit(limit + 1).subquery()
    counted = int(connection.scalar(select(func.count()).select_from(some)) or 0)
    depth = counted if counted <= limit else newest - oldest.seq + 1
    return OutboxFigures(depth, oldest.seq, newest, oldest.enqueued_at)


def store_bytes(connection: Connection) -> int:
    """Size of the database; of SQLite's file without its log."""
    if connection.dialect.name == "sqlite":
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        return int(pages * connection.exec_driver_sql("PRAGMA page_size").scalar_one())
    return int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())
