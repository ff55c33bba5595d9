"""The computed figures of the tables: which listings and leads stand behind each, day by day.

All three rest on leads whose last finding is 属实, so that a finding taken back takes its figures along.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select

from adwatch.store import schema as s
from adwatch.store.corrections import held
from adwatch.store.times import day_span
from adwatch.tables.rechecks import far_apart

UNDOES = ("up", "changed", "moved")
"""Words of a check that end what earlier ones said of a removal."""


@dataclass(frozen=True, slots=True)
class Counted:
    """One listing behind a figure."""

    listing_id: str
    """Stable key in hexadecimal."""
    platform: str
    case_id: int
    lead_number: str | None
    scope: str | None
    """Scope that was decided on, as the person corrected it."""
    types: tuple[str, ...]
    """Classes that were decided on, as the person corrected them."""
    day: str
    """Day on which it came to count."""


def confirmed(connection: Connection, first: date, last: date, zone: tzinfo) -> list[Counted]:
    """Listings of the leads found 属实 in the period: first of the findings that all say so since the last other."""
    d, (begin, end) = s.decision, day_span(first, last, zone)
    then = select(d.c.case_id).where(d.c.result == "confirm", d.c.at >= begin, d.c.at < end)  # one of them counts
    found: dict[int, Any] = {}
    query = select(d.c.case_id, d.c.result, d.c.at).where(d.c.case_id.in_(then)).order_by(d.c.id)
    for row in connection.execute(query):
        if row.result != "confirm":
            found.pop(row.case_id, None)
        else:
            found.setdefault(row.case_id, row.at)
    days = {case_id: at.astimezone(zone).date() for case_id, at in found.items()}
    wanted = {case_id: day.isoformat() for case_id, day in days.items() if first <= day <= last}
    return list(_decided(connection, wanted))


def sites(connection: Connection, first: date, last: date, zone: tzinfo) -> list[Counted]:
    """The entries of sites (apps, accounts) whose leads were found 属实 in the period, each site once."""
    cases = {each.case_id: each for each in confirmed(connection, first, last, zone)}
    link = s.case_listing
    query = select(link.c.case_id, link.c.listing_id).join(s.site, s.site.c.listing_id == link.c.listing_id)
    wanted = {listing: cases[case].day for case, listing in connection.execute(query) if case in cases}
    return list(_decided(connection, None, wanted)) if wanted else []


def transferred(connection: Connection, column: str, first: date, last: date) -> list[Counted]:
    """Listings of the leads entered under this column; each lead counts where its last entry says."""
    link = s.report_lead
    newest = select(func.max(link.c.id)).group_by(link.c.case_id)
    query = select(link.c.case_id, link.c.day).where(
        link.c.id.in_(newest), link.c.column == column, link.c.day.between(first.isoformat(), last.isoformat())
    )
    return list(_decided(connection, {row.case_id: row.day for row in connection.execute(query)}))


def removed(
    connection: Connection, first: date, last: date, zone: tzinfo, apart_days: int, apart_hours: int = 20
) -> list[Counted]:
    """Listings whose removal was verified in the period, each once.

    Verified is the first check that says gone ``apart_days`` days and ``apart_hours`` hours or more after another that
    did, with nothing but "unknown" between them. A check's day is that of its capture, else the office's day at its
    time. A listing put back and removed again is verified again. Only requests that were sent count.
    """
    check, day_of, (begin, end) = s.takedown_check, s.capture.c.day, day_span(first, last, zone)
    of_capture = day_of.between(first.isoformat(), last.isoformat())
    of_office = and_(day_of.is_(None), check.c.at >= begin, check.c.at < end)
    then = select(check.c.listing_id).outerjoin(s.capture, s.capture.c.id == check.c.capture_id)
    then = then.where(check.c.word == "gone", or_(of_capture, of_office))
    query = (
        select(check.c.listing_id, check.c.word, check.c.at, s.capture.c.day)
        .join(s.takedown, s.takedown.c.id == check.c.takedown_id)
        .outerjoin(s.capture, s.capture.c.id == check.c.capture_id)
        .where(s.takedown.c.sent_at.is_not(None), check.c.listing_id.in_(then))
        .order_by(check.c.listing_id, check.c.id)
    )
    since: dict[int, tuple[datetime, str]] = {}
    done: set[int] = set()
    wanted: dict[int, str] = {}
    for listing_id, word, at, captured in connection.execute(query):
        day = date.fromisoformat(captured) if captured else at.astimezone(zone).date()
        if word in UNDOES:
            since.pop(listing_id, None)
            done.discard(listing_id)
        elif word == "gone" and listing_id not in done:
            look = (at, day.isoformat())
            if far_apart(since.setdefault(listing_id, look), look, apart_days, apart_hours, zone):
                done.add(listing_id)
                if first <= day <= last:
                    wanted.setdefault(listing_id, day.isoformat())
    return list(_decided(connection, None, wanted))


def _decided(
    connection: Connection, cases: dict[int, str] | None, listings: dict[int, str] | None = None
) -> Iterator[Counted]:
    """Listings of some cases, or some listings, whose case's last finding is 属实."""
    link, d = s.case_listing, s.decision
    wanted = (cases if cases is not None else listings) or {}
    key = link.c.case_id if cases is not None else link.c.listing_id
    ids = sorted(wanted)
    for at in range(0, len(ids), 500):
        newest = select(func.max(d.c.id)).where(d.c.case_id == link.c.case_id).correlate(link).scalar_subquery()
        query = (
            select(
                link.c.listing_id,
                s.listing.c.key,
                s.platform.c.name,
                link.c.case_id,
                s.case.c.lead_number,
                link.c.decided_scope,
                link.c.decided_types,
                d.c.corrected,
            )
            .join(s.case, s.case.c.id == link.c.case_id)
            .join(s.listing, s.listing.c.id == link.c.listing_id)
            .join(s.platform, s.platform.c.id == s.listing.c.platform_id)
            .join(d, d.c.id == newest)
            .where(key.in_(ids[at : at + 500]), d.c.result == "confirm")
            .order_by(link.c.case_id, link.c.listing_id)
        )
        for row in connection.execute(query):
            day = wanted[row.case_id if cases is not None else row.listing_id]
            holds = held(row.corrected, row.decided_scope, row.decided_types)
            yield Counted(row.key.hex(), row.name, row.case_id, row.lead_number, holds.scope, holds.types, day)
