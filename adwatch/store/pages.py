"""Full captures: which are due, kept and shown. What is due comes from the store alone, so that a run can begin again.

An occasion is due while no attempt of it stands: one that captured, one that did not and is final, or one that did not
and waits for its next time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, literal, or_, select

from adwatch.store import schema as s
from adwatch.store.engine import insert_id

ATTEMPTS = 3
_WAITS = (timedelta(minutes=30), timedelta(hours=6))
_OVER = ("excluded", "dismissed", "closed")
NOT_ASKED = ("no_url", "no_browser")
"""Reasons of attempts that asked no host: they are not counted against a budget."""


@dataclass(frozen=True, slots=True)
class Due:
    """One capture that is to be made."""

    listing_id: int
    case_id: int
    occasion: str
    ref: int
    score: float
    platform: str
    url: str | None


def due(connection: Connection, now: datetime, since: datetime, most: int) -> list[Due]:
    """What is due: the occasions that people made first, then flagged leads; each by scope and score, ``most`` of each.

    ``since``: occasions before it are not captured any more: the page would not be that of the occasion.
    """
    found: list[Due] = []
    for occasion, query in _occasions(now, since):
        rows = connection.execute(query.order_by(s.case.c.scope.desc(), s.case.c.score.desc(), s.case.c.id).limit(most))
        found += [Due(r.listing_id, r.case_id, occasion, int(r.ref), r.score, r.platform, r.url) for r in rows]
    return found


def listings_of_case(connection: Connection, case_id: int, occasion: str) -> list[Due]:
    """Every listing of a case, for a capture that a person asks for; ``ref`` counts on."""
    rows = connection.execute(_listings(literal(0)).where(s.case.c.id == case_id).order_by(s.listing.c.id)).all()
    made = []
    for row in rows:
        mine = (s.page_capture.c.listing_id == row.listing_id) & (s.page_capture.c.occasion == occasion)
        last = connection.scalar(select(func.max(s.page_capture.c.ref)).where(mine)) or 0
        made.append(Due(row.listing_id, case_id, occasion, int(last) + 1, row.score, row.platform, row.url))
    return made


def _listings(ref: ColumnElement[int]) -> Select[Any]:
    return (
        select(
            s.listing.c.id.label("listing_id"),
            s.case.c.id.label("case_id"),
            s.case.c.score,
            s.platform.c.name.label("platform"),
            s.listing.c.url,
            ref.label("ref"),
        )
        .join_from(s.case_listing, s.case, s.case.c.id == s.case_listing.c.case_id)
        .join(s.listing, s.listing.c.id == s.case_listing.c.listing_id)
        .join(s.platform, s.platform.c.id == s.listing.c.platform_id)
    )


def _occasions(now: datetime, since: datetime) -> list[tuple[str, Select[Any]]]:
    last_sent = (
        select(s.takedown_listing.c.listing_id, func.max(s.takedown.c.id).label("ref"))
        .join(s.takedown, s.takedown.c.id == s.takedown_listing.c.takedown_id)
        .where(s.takedown.c.sent_at >= since)
        .group_by(s.takedown_listing.c.listing_id)
        .subquery()
    )
    last_yes = (
        select(s.decision.c.case_id, func.max(s.decision.c.id).label("ref"))
        .where(s.decision.c.result == "confirm", s.decision.c.at >= since)
        .group_by(s.decision.c.case_id)
        .subquery()
    )
    last_check = (
        select(s.takedown_check.c.listing_id, func.max(s.takedown_check.c.id).label("ref"))
        .where(s.takedown_check.c.at >= since)
        .group_by(s.takedown_check.c.listing_id)
        .subquery()
    )
    sent = _listings(last_sent.c.ref).join(last_sent, last_sent.c.listing_id == s.listing.c.id)
    confirmed = _listings(last_yes.c.ref).join(last_yes, last_yes.c.case_id == s.case.c.id)
    checked = _listings(last_check.c.ref).join(last_check, last_check.c.listing_id == s.listing.c.id)
    flagged = _listings(literal(0)).where(s.listing.c.first_flagged_at >= since, s.case.c.state.not_in(_OVER))
    return [
        ("sent", sent.where(_none_stands("sent", last_sent.c.ref, now))),
        ("confirmed", confirmed.where(_none_stands("confirmed", last_yes.c.ref, now))),
        ("check", checked.where(_none_stands("check", last_check.c.ref, now))),
        ("flagged", flagged.where(_none_stands("flagged", literal(0), now))),
    ]


def _none_stands(occasion: str, ref: ColumnElement[int], now: datetime) -> ColumnElement[bool]:
    row = s.page_capture.c
    same = and_(row.listing_id == s.listing.c.id, row.occasion == occasion, row.ref == ref)
    return ~exists().where(same, or_(row.state == "captured", row.retry_at.is_(None), row.retry_at > now))


def attempt_of(connection: Connection, wanted: Due) -> int:
    """Number of the next attempt, from 1."""
    row = s.page_capture.c
    same = (row.listing_id == wanted.listing_id) & (row.occasion == wanted.occasion) & (row.ref == wanted.ref)
    return int(connection.scalar(select(func.max(row.attempt)).where(same)) or 0) + 1


def retry_time(attempt: int, now: datetime) -> datetime | None:
    """When an attempt that failed may be made again, if ever."""
    return now + _WAITS[attempt - 1] if attempt < ATTEMPTS else None


def spent(connection: Connection, day: str) -> dict[str, int]:
    """Captures of a day by host, those not counted that asked none."""
    row = s.page_capture.c
    counted = or_(row.reason.is_(None), row.reason.not_in(NOT_ASKED))
    query = select(row.host, func.count()).where(row.day == day, counted, row.occasion != "extraction")
    return {host: int(count) for host, count in connection.execute(query.group_by(row.host))}


def add_page_capture(connection: Connection, **values: Any) -> int:
    """Append an attempt; gives its number."""
    return insert_id(connection, s.page_capture, **values)


def page_captures(connection: Connection, case_ids: Iterable[int]) -> list[dict[str, Any]]:
    """Attempts of cases, oldest first, with the stable id of the listing."""
    query = (
        select(s.page_capture, s.listing.c.key, s.platform.c.name.label("platform"))
        .join(s.listing, s.listing.c.id == s.page_capture.c.listing_id)
        .join(s.platform, s.platform.c.id == s.listing.c.platform_id)
        .where(s.page_capture.c.case_id.in_(list(case_ids)))
        .order_by(s.page_capture.c.id)
    )
    return [dict(row._mapping) for row in connection.execute(query)]


def page_capture_by_id(connection: Connection, capture_id: int) -> dict[str, Any] | None:
    """One attempt."""
    found = connection.execute(select(s.page_capture).where(s.page_capture.c.id == capture_id)).first()
    return None if found is None else dict(found._mapping)
