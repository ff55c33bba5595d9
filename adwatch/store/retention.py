"""What retention asks of the store: how cases stand, what they rest on, holds, what was deleted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from adwatch.store import schema as s
from adwatch.store.engine import insert_id

Row = dict[str, Any]


def _plain(row: Any) -> Row:
    return {str(name): value for name, value in row._mapping.items()}


def open_holds(connection: Connection) -> list[Row]:
    """Holds that were not released, oldest first."""
    query = select(s.legal_hold).where(s.legal_hold.c.released_at.is_(None)).order_by(s.legal_hold.c.id)
    return [_plain(row) for row in connection.execute(query)]


def all_holds(connection: Connection) -> list[Row]:
    """Every hold, oldest first."""
    return [_plain(row) for row in connection.execute(select(s.legal_hold).order_by(s.legal_hold.c.id))]


def last_run(connection: Connection) -> Row | None:
    """The log's entry of the last run: at, person, unit, detail."""
    log = s.audit_entry
    query = select(log.c.at, log.c.person, log.c.unit, log.c.detail).where(
        log.c.subject == "erasure", log.c.subject_id == "run"
    )
    found = connection.execute(query.order_by(log.c.seq.desc()).limit(1)).first()
    return None if found is None else _plain(found)


def add_hold(connection: Connection, **values: Any) -> int:
    """A new hold; gives its number."""
    return insert_id(connection, s.legal_hold, **values)


def release_hold(connection: Connection, hold_id: int, **values: Any) -> bool:
    """Release a hold; False where there is none that holds."""
    where = (s.legal_hold.c.id == hold_id) & s.legal_hold.c.released_at.is_(None)
    return bool(connection.execute(update(s.legal_hold).where(where).values(**values)).rowcount)


def case_states(connection: Connection) -> Iterator[Row]:
    """Each case with ``state``, ``confirmed``, ``busy`` and ``last``.

    ``confirmed``: whether it was ever found 属实; ``busy``: a track or a transfer is open; ``last``: when something
    happened to it last.
    """
    happened: dict[int, datetime] = {}
    query = select(s.event.c.subject_id, func.max(s.event.c.at)).where(s.event.c.subject == "case")
    happened.update((row[0], row[1]) for row in connection.execute(query.group_by(s.event.c.subject_id)))
    confirmed = set(connection.scalars(select(s.decision.c.case_id).where(s.decision.c.result == "confirm")))
    busy = set(connection.scalars(select(s.track.c.case_id).where(s.track.c.closed_at.is_(None))))
    under_way = select(s.transfer_case.c.case_id).join(s.transfer, s.transfer.c.id == s.transfer_case.c.transfer_id)
    busy |= set(connection.scalars(under_way.where(s.transfer.c.closed_at.is_(None))))
    columns = (s.case.c.id, s.case.c.state, s.case.c.opened_at, s.case.c.updated_at)
    for row in connection.execute(select(*columns)):
        times = [each for each in (happened.get(row.id), row.opened_at, row.updated_at) if each is not None]
        yield {
            "id": row.id,
            "state": row.state,
            "confirmed": row.id in confirmed,
            "busy": row.id in busy,
            "last": max(times),
        }


def captures_by_case(connection: Connection) -> Iterator[tuple[int, int]]:
    """(capture, case) for all that cases rest on: versions of their listings, checks of their removal."""
    link, version, check = s.case_listing, s.listing_version, s.takedown_check
    for table in (version, check):
        query = select(table.c.capture_id, link.c.case_id).join(link, link.c.listing_id == table.c.listing_id)
        with connection.execute(
            query.where(table.c.capture_id.is_not(None)), execution_options={"yield_per": 5000}
        ) as rows:
            yield from ((int(row[0]), int(row[1])) for row in rows)


def captures_before(connection: Connection, day: str) -> Iterator[Row]:
    """Captures of days before a day: id, warc, fetched_at, record_id."""
    c = s.capture.c
    query = select(c.id, c.warc, c.fetched_at, c.record_id).where(c.day < day)
    with connection.execute(query, execution_options={"yield_per": 5000}) as rows:
        for row in rows:
            yield _plain(row)


def references(connection: Connection) -> Iterator[tuple[int, str]]:
    """(capture, record id of the earlier answer that it stands for)."""
    query = select(s.capture.c.id, s.capture.c.context)
    with connection.execute(query, execution_options={"yield_per": 5000}) as rows:
        for row in rows:
            if "earlier" in row.context:
                yield int(row.id), str(row.context["earlier"]["record_id"])


def packages_of(connection: Connection) -> dict[int, list[Row]]:
    """Kept packages by case, oldest first."""
    found: dict[int, list[Row]] = {}
    for row in connection.execute(select(s.evidence_package).order_by(s.evidence_package.c.id)):
        found.setdefault(row.case_id, []).append(_plain(row))
    return found


def packaged(connection: Connection) -> dict[int, set[int]]:
    """Captures whose records lie in a package, by package."""
    found: dict[int, set[int]] = {}
    for row in connection.execute(select(s.package_capture.c.package_id, s.package_capture.c.capture_id)):
        found.setdefault(row.package_id, set()).add(row.capture_id)
    return found


def drop_packages(connection: Connection, package_ids: Sequence[int]) -> None:
    """Forget packages whose files go."""
    inside, package = s.package_capture, s.evidence_package
    connection.execute(delete(inside).where(inside.c.package_id.in_(package_ids)))
    connection.execute(delete(package).where(package.c.id.in_(package_ids)))


def add_expired(connection: Connection, **values: Any) -> int:
    """Note that a WARC file is going to be deleted."""
    return insert_id(connection, s.expired_file, **values)


def unfinished(connection: Connection) -> list[Row]:
    """Files that are noted as expired, and of which nobody noted that they are gone."""
    query = select(s.expired_file).where(s.expired_file.c.deleted_at.is_(None)).order_by(s.expired_file.c.id)
    return [_plain(row) for row in connection.execute(query)]


def set_deleted(connection: Connection, ids: Iterable[int], at: datetime) -> None:
    """Note that files are gone."""
    wanted = list(ids)
    connection.execute(update(s.expired_file).where(s.expired_file.c.id.in_(wanted)).values(deleted_at=at))


def expired_names(connection: Connection) -> set[str]:
    """WARC files that were deleted by policy, or are about to be."""
    return set(connection.scalars(select(s.expired_file.c.file)))
