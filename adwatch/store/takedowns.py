"""Requests to platforms, the listings in them and every check of a listing since."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection, exists, or_, select, update

from adwatch.store import schema as s
from adwatch.store.bulk import insert_rows
from adwatch.store.engine import insert_id
from adwatch.store.life_line_due import touched
from adwatch.store.opening import chunks


@dataclass(frozen=True, slots=True)
class Waiting:
    """A confirmed listing that is in no request yet, or is back since."""

    platform_id: int
    platform: str
    listing_id: int
    version_id: int | None
    """The version that was confirmed."""
    case_id: int
    lead_number: str | None


@dataclass(frozen=True, slots=True)
class Requested:
    """A listing in a request."""

    takedown_id: int
    number: str
    platform: str
    listing_id: int
    version_id: int
    word: str | None
    """Word of the last check."""


class Asked(Protocol):
    """A listing in a request, by its keys."""

    @property
    def takedown_id(self) -> int: ...

    @property
    def listing_id(self) -> int: ...


def waiting(connection: Connection) -> list[Waiting]:
    """Listings of confirmed cases that are in no request, by platform and in the order of their cases.

    One that is back at its own address is asked for anew, once every request over it was verified and it is up since:
    another request that is drafted, sent or not verified yet is under way.
    """
    link, row = s.takedown_listing, s.removal
    back = exists().where(
        row.c.takedown_id == link.c.takedown_id,
        row.c.listing_id == link.c.listing_id,
        row.c.verified_at.is_not(None),
        row.c.relisted_at.is_not(None),
        row.c.gone_at.is_(None),
        row.c.word.in_(("up", "changed")),
        or_(row.c.judged.is_(None), row.c.judged != "clear"),
    )
    asked = select(link.c.listing_id).join(s.takedown, s.takedown.c.id == link.c.takedown_id)
    asked = asked.where(s.takedown.c.state != "void", ~back)
    sites = select(s.site.c.listing_id).where(s.site.c.listing_id.is_not(None))  # no platform: they are transferred
    query = (
        select(
            s.platform.c.id,
            s.platform.c.name,
            s.listing.c.id,
            s.case_listing.c.decided_version_id,
            s.case.c.id,
            s.case.c.lead_number,
        )
        .join(s.case_listing, s.case_listing.c.case_id == s.case.c.id)
        .join(s.listing, s.listing.c.id == s.case_listing.c.listing_id)
        .join(s.platform, s.platform.c.id == s.listing.c.platform_id)
        .where(s.case.c.state == "confirmed", s.listing.c.id.not_in(asked))
        .where(s.listing.c.id.not_in(sites))
        .order_by(s.platform.c.name, s.case.c.id, s.listing.c.id)
    )
    return [Waiting(*row) for row in connection.execute(query)]


def add_request(
    connection: Connection,
    number: str,
    platform_id: int,
    listings: Sequence[tuple[int, int]],
    content: dict[str, Any],
    now: datetime,
) -> int:
    """A drafted request over (listing, version) pairs; ``content`` is all that its letter says."""
    values = {"number": number, "platform_id": platform_id, "state": "draft", "drafted_at": now, "content": content}
    takedown_id = insert_id(connection, s.takedown, **values)
    rows = [(takedown_id, listing_id, version_id) for listing_id, version_id in listings]
    insert_rows(connection, s.takedown_listing, ("takedown_id", "listing_id", "version_id"), rows)
    return takedown_id


def requests(connection: Connection, state: str | None = None, number: str | None = None) -> list[dict[str, Any]]:
    """Requests with the name of their platform, in the order they were drafted."""
    query = select(s.takedown, s.platform.c.name.label("platform")).join(
        s.platform, s.platform.c.id == s.takedown.c.platform_id
    )
    if state is not None:
        query = query.where(s.takedown.c.state == state)
    if number is not None:
        query = query.where(s.takedown.c.number == number)
    return [dict(row._mapping) for row in connection.execute(query.order_by(s.takedown.c.id))]


def sent(connection: Connection, takedown_id: int, by: str, at: datetime, deadline: datetime | None) -> bool:
    """Mark a draft as sent; False if it was sent already."""
    where = (s.takedown.c.id == takedown_id) & (s.takedown.c.state == "draft")
    values = {"state": "sent", "sent_by": by, "sent_at": at, "deadline_at": deadline}
    touched(connection, takedown_id)
    return bool(connection.execute(update(s.takedown).where(where).values(**values)).rowcount)


def listings_of(connection: Connection, takedown_ids: Iterable[int]) -> list[Requested]:
    """The listings of requests, in order."""
    link = s.takedown_listing
    found: list[Requested] = []
    for ids in chunks(takedown_ids):
        query = (
            select(
                link.c.takedown_id,
                s.takedown.c.number,
                s.platform.c.name,
                link.c.listing_id,
                link.c.version_id,
                link.c.word,
            )
            .join(s.takedown, s.takedown.c.id == link.c.takedown_id)
            .join(s.platform, s.platform.c.id == s.takedown.c.platform_id)
            .where(link.c.takedown_id.in_(ids))
            .order_by(link.c.takedown_id, link.c.listing_id)
        )
        found += [Requested(*row) for row in connection.execute(query)]
    return found


def add_check(
    connection: Connection,
    asked: Asked,
    word: str,
    at: datetime,
    capture_id: int | None,
    message: str,
    **more: Any,
) -> None:
    """Append what a check found, and keep it as the last word; ``more``: day, rule, confidence, judged.

    The day of its capture is what a check counts on: figures read it here, without the capture.
    """
    where = {"takedown_id": asked.takedown_id, "listing_id": asked.listing_id}
    if capture_id is not None:
        more.setdefault("day", select(s.capture.c.day).where(s.capture.c.id == capture_id).scalar_subquery())
    check = {"word": word, "at": at, "capture_id": capture_id, "message": message, **more}
    connection.execute(s.takedown_check.insert().values(**where, **check))
    link = s.takedown_listing
    last = update(link).where(link.c.takedown_id == asked.takedown_id, link.c.listing_id == asked.listing_id)
    connection.execute(last.values(word=word, checked_at=at, check_capture_id=capture_id))
    touched(connection, asked.takedown_id)


def requests_by_listing(
    connection: Connection, listing_ids: Iterable[int], at: datetime | None = None
) -> dict[int, list[dict[str, Any]]]:
    """For each listing its requests, each with its ``checks``, oldest first; as known at a time.

    A request that was sent later than ``at`` counts as a draft.
    """
    found: dict[int, list[dict[str, Any]]] = {}
    link = s.takedown_listing
    names = ("id", "number", "state", "drafted_at", "sent_at", "deadline_at")
    for ids in chunks(listing_ids):
        query = select(link.c.listing_id, *(s.takedown.c[name] for name in names))
        query = query.join(s.takedown, s.takedown.c.id == link.c.takedown_id).where(link.c.listing_id.in_(ids))
        by_pair: dict[tuple[int, int], dict[str, Any]] = {}
        for row in connection.execute(query.order_by(s.takedown.c.id)):
            asked = {**row._mapping, "checks": []}
            if at is not None and row.drafted_at > at:
                continue
            if at is not None and row.sent_at is not None and row.sent_at > at:
                asked.update(state="draft", sent_at=None, deadline_at=None)
            found.setdefault(row.listing_id, []).append(asked)
            by_pair[(row.id, row.listing_id)] = asked
        check = s.takedown_check
        for row in connection.execute(select(check).where(check.c.listing_id.in_(ids)).order_by(check.c.id)):
            pair = (row.takedown_id, row.listing_id)
            if pair in by_pair and (at is None or row.at <= at):
                by_pair[pair]["checks"].append(dict(row._mapping))
    return found
