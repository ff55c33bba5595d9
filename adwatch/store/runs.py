"""Runs of platforms: begun, continued after a crash, and what earlier ones came to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, delete, func, select, update

from adwatch.models import Capture
from adwatch.store import schema as s
from adwatch.store.captures import capture_by_id, captures_by_id, platform_id
from adwatch.store.engine import insert_id, reading, writing
from adwatch.store.partitions import begin_month


@dataclass(frozen=True, slots=True)
class Run:
    """A run that is at work."""

    id: int
    """Surrogate key."""
    started_at: datetime
    """When it was first begun, UTC."""
    resumed: bool = False
    """Whether an earlier process began it and did not come to its end."""
    cursors: dict[str, Any] = field(default_factory=dict)
    """Where in its lists that process stood."""


def open_run(engine: Engine, kind: str, day: str, platform: str, platform_kind: str, now: datetime) -> Run:
    """The platform's newest run of the day and kind if it never ended, else a new one; the caller holds its lock."""
    begin_month(engine, now)
    with writing(engine) as connection:
        pid = platform_id(connection, platform, platform_kind)
        there = (s.run.c.kind == kind) & (s.run.c.day == day) & (s.run.c.platform_id == pid)
        last = connection.execute(select(s.run).where(there).order_by(s.run.c.id.desc()).limit(1)).first()
        if last is not None and last.ended_at is None:
            return Run(last.id, last.started_at, True, last.cursors)
        values = {"kind": kind, "day": day, "platform_id": pid, "started_at": now, "counts": {}, "cursors": {}}
        return Run(insert_id(connection, s.run, **values), now)


_CURSORS = update(s.run).where(s.run.c.id == bindparam("run_id")).values(cursors=bindparam("reached"))


def set_cursors(engine: Engine, run_id: int, cursors: dict[str, Any]) -> None:
    """Remember how far the lists were read."""
    with writing(engine) as connection:
        connection.execute(_CURSORS, {"run_id": run_id, "reached": cursors})


def leave_open(engine: Engine, run_id: int, outcome: str, counts: dict[str, Any]) -> None:
    """Store what a run came to that our own side stopped (disk, store, index): the next one continues it."""
    with writing(engine) as connection:
        connection.execute(update(s.run).where(s.run.c.id == run_id).values(outcome=outcome, counts=counts))


def recent_counts(engine: Engine, platform: str, kind: str, before: int, limit: int = 30) -> list[dict[str, Any]]:
    """Counts of the runs that ended before another, newest first."""
    query = (
        select(s.run.c.counts)
        .join(s.platform, s.platform.c.id == s.run.c.platform_id)
        .where(s.platform.c.name == platform, s.run.c.kind == kind, s.run.c.id < before, s.run.c.ended_at.is_not(None))
        .order_by(s.run.c.id.desc())
        .limit(limit)
    )
    with reading(engine) as connection:
        return list(connection.scalars(query))


def counts_before(engine: Engine, platform: str, kind: str, before: int) -> dict[str, Any]:
    """Counts of the run before another; nothing where it never came to its end."""
    query = (
        select(s.run.c.counts, s.run.c.ended_at)
        .join(s.platform, s.platform.c.id == s.run.c.platform_id)
        .where(s.platform.c.name == platform, s.run.c.kind == kind, s.run.c.id < before)
        .order_by(s.run.c.id.desc())
        .limit(1)
    )
    with reading(engine) as connection:
        last = connection.execute(query).first()
    return last.counts if last is not None and last.ended_at is not None else {}


def versions_of_run(engine: Engine, run_id: int) -> tuple[int, int]:
    """(listings first stored, known listings with new content) out of a run's captures, however often it was begun."""
    version, earlier = s.listing_version, s.listing_version.alias()
    first = select(func.min(earlier.c.id)).where(earlier.c.listing_id == version.c.listing_id).scalar_subquery()
    query = (
        select((version.c.id == first).label("new"), func.count())
        .join(s.capture, s.capture.c.id == version.c.capture_id)
        .where(s.capture.c.run_id == run_id)
        .group_by("new")
    )
    with reading(engine) as connection:
        counted = {bool(new): int(count) for new, count in connection.execute(query)}
    return counted.get(True, 0), counted.get(False, 0)


_KNOWN_BODY = (
    select(s.capture.c.id)
    .join(s.platform, s.platform.c.id == s.capture.c.platform_id)
    .where(s.capture.c.sha256 == bindparam("digest"), s.capture.c.status == 200)
    .where(s.platform.c.name == bindparam("platform"))
    .order_by(s.capture.c.id.desc())
    .limit(1)
)


def known_body(engine: Engine, platform: str, sha256: str) -> Capture | None:
    """The newest whole answer of a platform with this body."""
    with reading(engine) as connection:
        found = connection.scalar(_KNOWN_BODY, {"digest": sha256, "platform": platform})
    return capture_by_id(engine, int(found)) if found is not None else None


def last_offset(engine: Engine, warc: str) -> int:
    """Offset of the last record of a WARC file that has a capture row; 0 if none has."""
    with reading(engine) as connection:
        return int(connection.scalar(select(func.max(s.capture.c.offset)).where(s.capture.c.warc == warc)) or 0)


def forget_lost(engine: Engine, warc: str, offset: int) -> int:
    """Delete the rows of captures whose records were torn off and of which nothing was read yet; how many."""
    lost = (s.capture.c.warc == warc) & (s.capture.c.offset >= offset)
    with writing(engine) as connection:
        unread = lost & s.capture.c.id.not_in(_read(connection, lost))
        ids = select(s.capture.c.id).where(unread)
        connection.execute(delete(s.validator).where(s.validator.c.capture_id.in_(ids)))
        return int(connection.execute(delete(s.capture).where(unread)).rowcount)


def _read(connection: Connection, which: Any) -> list[int]:
    """Captures of these that a stored version was read from."""
    query = select(s.listing_version.c.capture_id).join(s.capture, s.capture.c.id == s.listing_version.c.capture_id)
    return [int(found) for found in connection.scalars(query.where(which).distinct())]


def day_before(engine: Engine, platform: str, day: str) -> str | None:
    """The last day before another on which a patrol of the platform ended."""
    query = (
        select(func.max(s.run.c.day))
        .join(s.platform, s.platform.c.id == s.run.c.platform_id)
        .where(
            s.platform.c.name == platform, s.run.c.kind == "patrol", s.run.c.day < day, s.run.c.ended_at.is_not(None)
        )
    )
    with reading(engine) as connection:
        found: str | None = connection.scalar(query)
        return found


def sampled_captures(engine: Engine, platform: str, day: str, most: Mapping[str, int]) -> list[Capture]:
    """Captures of a platform's day that were answered, evenly out of each role, so many of it at most."""
    c = s.capture.c
    query = select(c.id).join(s.platform, s.platform.c.id == c.platform_id).order_by(c.id)
    here = query.where(s.platform.c.name == platform, c.day == day, c.status.in_((200, 304)), c.run_id.is_not(None))
    wanted: list[int] = []
    with reading(engine) as connection:
        for role, count in most.items():
            ids = list(connection.scalars(here.where(c.role == role)))
            wanted += ids[:: -(-len(ids) // count) or 1]
        return captures_by_id(connection, wanted)
