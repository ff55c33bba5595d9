"""Rows of ``removal``: which listings of sent requests are due for a look, and how looks add up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, update

from adwatch.store import schema as s
from adwatch.store.life_line_due import touched
from adwatch.store.opening import chunks

KEYS = ("takedown_id", "listing_id")


@dataclass(frozen=True, slots=True)
class ToLook:
    """A listing of a sent request that is to be looked at."""

    takedown_id: int
    number: str
    platform: str
    listing_id: int
    version_id: int
    word: str | None
    """Word of the last check."""
    deadline_at: datetime | None
    due_at: datetime | None
    """None: never looked at, or nobody looks any more."""


def to_look(
    connection: Connection, day: str, now: datetime, number: str | None = None, everything: bool = False
) -> list[ToLook]:
    """Listings of sent requests that are due on a day, or all; by request and listing.

    What was never looked at is due; so is what was last looked at for a later day than this one: somebody works
    through days that are past, or simulated.
    """
    link, row = s.takedown_listing, s.removal
    query = (
        select(
            link.c.takedown_id,
            s.takedown.c.number,
            s.platform.c.name,
            link.c.listing_id,
            link.c.version_id,
            link.c.word,
            s.takedown.c.deadline_at,
            row.c.due_at,
        )
        .join(s.takedown, s.takedown.c.id == link.c.takedown_id)
        .join(s.platform, s.platform.c.id == s.takedown.c.platform_id)
        .outerjoin(row, and_(*(row.c[name] == link.c[name] for name in KEYS)))
        .where(s.takedown.c.state == "sent")
        .order_by(link.c.takedown_id, link.c.listing_id)
    )
    if number is not None:
        query = query.where(s.takedown.c.number == number)
    if not everything:
        query = query.where(is_due(day, now))
    return [ToLook(*found) for found in connection.execute(query)]


def is_due(day: str, now: datetime) -> ColumnElement[bool]:
    """Whether a listing of a sent request is due; ``removal`` is outer joined."""
    row = s.removal
    return or_(row.c.listing_id.is_(None), row.c.due_day <= day, row.c.due_at <= now, row.c.last_day > day)


def standing(connection: Connection, takedown_id: int, listing_id: int) -> dict[str, Any] | None:
    """The row as it stands, without its keys; None where the listing was never looked at."""
    row = s.removal
    found = connection.execute(select(row).where(row.c.takedown_id == takedown_id, row.c.listing_id == listing_id))
    values = found.mappings().first()
    return {str(name): value for name, value in values.items() if name not in KEYS} if values is not None else None


def keep(connection: Connection, takedown_id: int, listing_id: int, values: Mapping[str, Any]) -> None:
    """Write the row."""
    row, keys = s.removal, {"takedown_id": takedown_id, "listing_id": listing_id}
    where = (row.c.takedown_id == takedown_id) & (row.c.listing_id == listing_id)
    if not connection.execute(update(row).where(where).values(**values)).rowcount:
        connection.execute(row.insert().values(**keys, **values))
    touched(connection, takedown_id)


def verified(connection: Connection, listing_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """By listing: the row of its first verified removal that nothing has come back from yet."""
    found: dict[int, dict[str, Any]] = {}
    row = s.removal
    for ids in chunks(listing_ids):
        query = select(row).where(row.c.listing_id.in_(ids), row.c.verified_at.is_not(None))
        for each in connection.execute(query.order_by(row.c.takedown_id)):
            found.setdefault(each.listing_id, dict(each._mapping))
    return found


def relisted(connection: Connection, takedown_id: int, listing_id: int, at: datetime, day: str, how: str) -> bool:
    """Remember when and how a removed listing was first back; False where that is known."""
    row = s.removal
    where = and_(
        row.c.takedown_id == takedown_id,
        row.c.listing_id == listing_id,
        row.c.verified_at.is_not(None),
        row.c.relisted_at.is_(None),
    )
    values = {"relisted_at": at, "relisted_day": day, "relisted_how": how}
    first = bool(connection.execute(update(row).where(where).values(**values)).rowcount)
    if first:
        touched(connection, takedown_id)
    return first


def steps_of_case(connection: Connection, case_id: int) -> tuple[int, int, int]:
    """Of the case's listings in sent requests: how many, how many gone at the last look, how many verified so.

    What was back meanwhile is verified anew, by looks on two days: that it was gone once before does not count.
    """
    link, row = s.takedown_listing, s.removal
    gone = row.c.gone_at.is_not(None)
    anew = or_(row.c.relisted_at.is_(None), and_(row.c.gone_looks > 1, row.c.last_day > row.c.gone_day))
    query = (
        select(
            func.count(),
            func.count().filter(gone),
            func.count().filter(and_(gone, row.c.verified_at.is_not(None), anew)),
        )
        .select_from(s.case_listing)
        .join(link, link.c.listing_id == s.case_listing.c.listing_id)
        .join(s.takedown, and_(s.takedown.c.id == link.c.takedown_id, s.takedown.c.state == "sent"))
        .outerjoin(row, and_(*(row.c[name] == link.c[name] for name in KEYS)))
        .where(s.case_listing.c.case_id == case_id)
    )
    many, down, sure = connection.execute(query).one()
    return int(many), int(down), int(sure)
