"""What a seller is known again by: rows of ``offer_mark``, each found by one look into an index."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from adwatch.store import schema as s

Mark = tuple[str, str]
"""Kind and value."""
SERIES = "relisting"
"""Name in ``counter``: the last case whose listings have been given marks."""
MOST = 20
"""Removed listings that one mark is compared with at most, the last removed first."""


@dataclass(frozen=True, slots=True)
class Fresh:
    """A listing of a case that has no marks yet."""

    listing_id: int
    case_id: int
    opened_day: str


def fresh_cases(connection: Connection, limit: int) -> tuple[list[Fresh], int]:
    """Listings of the next cases behind the last that was seen, and the number of the last of these cases."""
    last = int(connection.scalar(select(s.counter.c.value).where(s.counter.c.name == SERIES)) or 0)
    ids = list(connection.scalars(select(s.case.c.id).where(s.case.c.id > last).order_by(s.case.c.id).limit(limit)))
    if not ids:
        return [], last
    link = s.case_listing
    query = (
        select(link.c.listing_id, link.c.case_id, s.case.c.opened_day)
        .join(s.case, s.case.c.id == link.c.case_id)
        .where(link.c.case_id > last, link.c.case_id <= ids[-1])
        .order_by(link.c.case_id, link.c.listing_id)
    )
    return [Fresh(*row) for row in connection.execute(query)], ids[-1]


def seen_to(connection: Connection, case_id: int) -> None:
    """Remember the last case whose listings have marks."""
    insert = _insert(connection)(s.counter).values(name=SERIES, value=case_id)
    connection.execute(insert.on_conflict_do_update(index_elements=["name"], set_={"value": case_id}))


def add_marks(connection: Connection, listing: Fresh, marks: Iterable[Mark]) -> None:
    """Keep what a listing is known by; what is there already stays."""
    about = {"listing_id": listing.listing_id, "case_id": listing.case_id, "opened_day": listing.opened_day}
    rows = [{"kind": kind, "value": value, **about} for kind, value in sorted(set(marks))]
    if rows:
        connection.execute(_insert(connection)(s.offer_mark).on_conflict_do_nothing(), rows)


def mark_removed(connection: Connection, listing_id: int, day: str) -> None:
    """The listing's removal was verified: what shares a mark with it and comes later is back."""
    mark = s.offer_mark
    connection.execute(update(mark).where(mark.c.listing_id == listing_id).values(removed_day=day))


def removed_with(
    connection: Connection, marks: Iterable[Mark], day: str, listing_id: int
) -> dict[tuple[int, int], list[str]]:
    """(case, listing) of what else was removed up to a day and shares a mark, with the kinds."""
    mark = s.offer_mark
    return _sharing(
        connection,
        marks,
        listing_id,
        lambda kind, value: (
            select(mark.c.case_id, mark.c.listing_id)
            .where(mark.c.kind == kind, mark.c.value == value, mark.c.removed_day <= day)
            .order_by(mark.c.removed_day.desc(), mark.c.listing_id.desc())
        ),
    )


def opened_since(connection: Connection, listing_id: int, day: str) -> dict[tuple[int, int], list[str]]:
    """(case, listing) of what else was opened on a day or later and shares a mark with a listing, with the kinds."""
    mark = s.offer_mark
    mine = connection.execute(select(mark.c.kind, mark.c.value).where(mark.c.listing_id == listing_id)).all()
    return _sharing(
        connection,
        [(row.kind, row.value) for row in mine],
        listing_id,
        lambda kind, value: (
            select(mark.c.case_id, mark.c.listing_id)
            .where(mark.c.kind == kind, mark.c.value == value, mark.c.opened_day >= day)
            .order_by(mark.c.opened_day, mark.c.listing_id)
        ),
    )


def _sharing(
    connection: Connection, marks: Iterable[Mark], listing_id: int, query: Callable[[str, str], Any]
) -> dict[tuple[int, int], list[str]]:
    found: dict[tuple[int, int], list[str]] = {}
    for kind, value in marks:
        for row in connection.execute(query(kind, value).limit(MOST)):
            if row.listing_id != listing_id:
                found.setdefault((row.case_id, row.listing_id), []).append(kind)
    return found


def add_link(
    connection: Connection, case_id: int, other_id: int, kind: str, at: datetime, detail: dict[str, Any]
) -> bool:
    """Link a case to another; False where it is linked so already."""
    values = {"case_id": case_id, "other_id": other_id, "kind": kind, "at": at, "detail": detail}
    insert = _insert(connection)(s.case_link).values(**values).on_conflict_do_nothing()
    return bool(connection.execute(insert).rowcount)


def due_where_seen(connection: Connection, day: str, now: datetime) -> int:
    """Make removed listings due that a patrol has seen on their platform again, and say how many.

    The next look decides: a list may still show what is gone. Only those are read that somebody still looks at.
    """
    row, item = s.removal, s.listing
    seen = (
        select(item.c.id)
        .where(
            item.c.id == row.c.listing_id, item.c.last_seen_at > row.c.last_at, item.c.last_seen_day > row.c.gone_day
        )
        .exists()
    )
    watched = row.c.due_day > day
    where = and_(watched, row.c.verified_at.is_not(None), row.c.gone_at.is_not(None), seen)
    return connection.execute(update(row).where(where).values(due_day=day, due_at=now)).rowcount


def case_of(connection: Connection, listing_id: int) -> tuple[int, str] | None:
    """A listing's case and the day on which that was opened."""
    link = s.case_listing
    query = select(s.case.c.id, s.case.c.opened_day).join(link, link.c.case_id == s.case.c.id)
    row = connection.execute(query.where(link.c.listing_id == listing_id)).first()
    return (row.id, row.opened_day) if row is not None else None


def count_marks(connection: Connection) -> int:
    """How many marks there are."""
    return int(connection.scalar(select(func.count()).select_from(s.offer_mark)) or 0)


def _insert(connection: Connection) -> Any:
    return postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
