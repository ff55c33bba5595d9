"""Platforms, runs and captures: what was asked, when, and where its evidence lies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from adwatch.failpoints import failpoint
from adwatch.models import Capture
from adwatch.store import schema as s
from adwatch.store.engine import insert_id, reading, writing
from adwatch.store.partitions import begin_month

_PLATFORM = select(s.platform.c.id, s.platform.c.kind).where(s.platform.c.name == bindparam("wanted"))
_SAME_CAPTURE = select(s.capture.c.id).where(s.capture.c.record_id == bindparam("wanted"))
_NEW_CAPTURE = s.capture.insert().returning(s.capture.c.id)


def platform_id(connection: Connection, name: str, kind: str = "unknown") -> int:
    """Id of the platform's row, made when new."""
    found = connection.execute(_PLATFORM, {"wanted": name}).first()
    if found is None:
        insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
        connection.execute(insert(s.platform).values(name=name, kind=kind).on_conflict_do_nothing())
        found = connection.execute(_PLATFORM, {"wanted": name}).one()
    if kind not in ("unknown", found.kind):
        connection.execute(update(s.platform).where(s.platform.c.id == found.id).values(kind=kind))
    return int(found.id)


def start_run(engine: Engine, kind: str, day: str, platform: str, platform_kind: str, now: datetime) -> int:
    """A new run row."""
    begin_month(engine, now)
    with writing(engine) as connection:
        pid = platform_id(connection, platform, platform_kind)
        return insert_id(connection, s.run, kind=kind, day=day, platform_id=pid, started_at=now, counts={}, cursors={})


def end_run(engine: Engine, run_id: int, outcome: str, counts: dict[str, Any], now: datetime) -> None:
    """Store a run's outcome and counts."""
    with writing(engine) as connection:
        connection.execute(
            update(s.run).where(s.run.c.id == run_id).values(outcome=outcome, counts=counts, ended_at=now)
        )


def runs_of_day(engine: Engine, day: str) -> list[dict[str, Any]]:
    """Runs of a day, oldest first: platform, kind, outcome, counts, started_at, ended_at."""
    query = (
        select(s.platform.c.name.label("platform"), s.run)
        .join(s.platform, s.platform.c.id == s.run.c.platform_id)
        .where(s.run.c.day == day)
        .order_by(s.run.c.id)
    )
    with reading(engine) as connection:
        return [dict(row._mapping) for row in connection.execute(query)]


def store_capture(engine: Engine, capture: Capture, platform_kind: str, run_id: int | None) -> int:
    """T1: the capture row, idempotent by its record id."""
    with writing(engine) as connection:
        found = connection.scalar(_SAME_CAPTURE, {"wanted": capture.record_id})
        if found is not None:
            return int(found)
        values = {
            "platform_id": platform_id(connection, capture.platform, platform_kind),
            "run_id": run_id,
            "day": capture.day,
            "role": capture.role,
            "url": capture.url,
            "fetched_at": capture.fetched_at,
            "status": capture.status,
            "sha256": capture.sha256,
            "warc": capture.warc,
            "offset": capture.offset,
            "record_id": capture.record_id,
            "content_type": capture.content_type,
            "server_ip": capture.server_ip,
            "operator": capture.operator,
            "software": capture.software,
            "context": capture.context,
        }
        capture_id = int(connection.execute(_NEW_CAPTURE, values).scalar_one())
        failpoint("capture.before_commit")
    failpoint("capture.after_commit")
    return capture_id


def _capture(row: Any) -> Capture:
    return Capture(
        platform=row.platform,
        day=row.day,
        role=row.role,
        url=row.url,
        fetched_at=row.fetched_at,
        status=row.status,
        sha256=row.sha256,
        warc=row.warc,
        offset=row.offset,
        record_id=row.record_id,
        content_type=row.content_type,
        server_ip=row.server_ip,
        operator=row.operator,
        software=row.software,
        context=row.context,
        id=row.id,
    )


def _select_captures() -> Any:
    return select(s.capture, s.platform.c.name.label("platform")).join(
        s.platform, s.platform.c.id == s.capture.c.platform_id
    )


def captures(engine: Engine, day: str | None = None, platform: str | None = None) -> Iterator[Capture]:
    """Captures in the order they were stored, a thousand rows at a time."""
    query = _select_captures()
    if day is not None:
        query = query.where(s.capture.c.day == day)
    if platform is not None:
        query = query.where(s.platform.c.name == platform)
    return _in_order(engine, query)


def captures_of_run(engine: Engine, run_id: int) -> Iterator[Capture]:
    """Captures of one run, in order, a thousand rows at a time: a run may have more than memory should hold."""
    return _in_order(engine, _select_captures().where(s.capture.c.run_id == run_id))


def _in_order(engine: Engine, query: Any) -> Iterator[Capture]:
    last = 0
    while True:
        with reading(engine) as connection:
            rows = connection.execute(query.where(s.capture.c.id > last).order_by(s.capture.c.id).limit(1000)).all()
        if not rows:
            return
        yield from map(_capture, rows)
        last = rows[-1].id


def capture_by_id(engine: Engine, capture_id: int) -> Capture | None:
    """One capture."""
    with reading(engine) as connection:
        row = connection.execute(_select_captures().where(s.capture.c.id == capture_id)).first()
    return _capture(row) if row else None


def newest_captures(engine: Engine, platform: str, most: int, url: str | None = None) -> list[Capture]:
    """A platform's last captures that a site answered with 200, the newest first; of one address, if it is named."""
    query = _select_captures().where(s.platform.c.name == platform, s.capture.c.status == 200)
    if url is not None:
        query = query.where(s.capture.c.url == url)
    with reading(engine) as connection:
        return [_capture(row) for row in connection.execute(query.order_by(s.capture.c.id.desc()).limit(most))]


def captures_of_day(connection: Connection, day: str) -> Iterator[Capture]:
    """Captures of a day in the order they were stored, within a transaction."""
    query = _select_captures().where(s.capture.c.day == day).order_by(s.capture.c.id)
    with connection.execute(query, execution_options={"yield_per": 1000}) as found:
        yield from map(_capture, found)


def captures_by_id(connection: Connection, ids: Iterable[int]) -> list[Capture]:
    """Some captures, by number."""
    query = _select_captures().order_by(s.capture.c.id)
    wanted = sorted(set(ids))
    found = []
    for at in range(0, len(wanted), 500):
        found += [_capture(row) for row in connection.execute(query.where(s.capture.c.id.in_(wanted[at : at + 500])))]
    return found


def captures_by_record(connection: Connection, record_ids: Iterable[str]) -> list[Capture]:
    """Some captures by the ids of their records."""
    query = _select_captures().order_by(s.capture.c.id)
    wanted = sorted(set(record_ids))
    found = []
    for at in range(0, len(wanted), 500):
        part = wanted[at : at + 500]
        found += [_capture(row) for row in connection.execute(query.where(s.capture.c.record_id.in_(part)))]
    return found


def count_captures(engine: Engine, run_id: int | None = None) -> int:
    """Number of captures, in all or of one run."""
    query = select(func.count()).select_from(s.capture)
    if run_id is not None:
        query = query.where(s.capture.c.run_id == run_id)
    with reading(engine) as connection:
        return int(connection.scalar(query) or 0)


def resource_digests(engine: Engine, platform: str) -> set[str]:
    """SHA-256 of the files that were taken in for a platform."""
    query = (
        select(s.capture.c.sha256)
        .join(s.platform, s.platform.c.id == s.capture.c.platform_id)
        .where(s.platform.c.name == platform, s.capture.c.role == "resource")
    )
    with reading(engine) as connection:
        return set(connection.scalars(query))


def platforms_of_day(engine: Engine, day: str) -> list[str]:
    """Platforms of which captures of a day are stored."""
    query = (
        select(s.platform.c.name)
        .where(
            select(s.capture.c.id).where(s.capture.c.day == day, s.capture.c.platform_id == s.platform.c.id).exists()
        )
        .order_by(s.platform.c.name)
    )
    with reading(engine) as connection:
        return list(connection.scalars(query))
