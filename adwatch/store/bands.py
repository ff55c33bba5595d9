"""Rows of ``offer_band``: who shares a band of wording with what was removed, or was opened since.

Kept are the bands of removed listings and of those opened in the last KEPT days; the others are forgotten, so that the
table grows with removals and not with listings.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from adwatch.store import schema as s
from adwatch.store.marks import Fresh
from adwatch.store.opening import chunks

KEPT = 30
"""Days: a removal is mostly verified within so many days of the first look that found it gone."""
MOST = 20
"""Listings with one band that are compared at most, the last removed, or the first opened, before the others."""
Found = dict[int, int]
"""Case by listing."""


def add(connection: Connection, listing: Fresh, bands: Iterable[int], removed_day: str | None = None) -> None:
    """Keep a listing's bands; what is there already stays, but for the day of its removal."""
    about: dict[str, Any] = {"case_id": listing.case_id, "opened_day": listing.opened_day, "removed_day": removed_day}
    rows = [{"band": band, "listing_id": listing.listing_id, **about} for band in sorted(set(bands))]
    if rows:
        insert = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(s.offer_band)
        connection.execute(insert.on_conflict_do_nothing(), rows)
    if removed_day is not None:
        mine = s.offer_band.c.listing_id == listing.listing_id
        connection.execute(update(s.offer_band).where(mine).values(removed_day=removed_day))


def removed(connection: Connection, bands: Sequence[int], day: str, listing_id: int) -> Found:
    """What else was removed up to a day and shares a band."""
    b = s.offer_band.c
    query = select(b.listing_id, b.case_id).where(b.removed_day <= day).order_by(b.removed_day.desc())
    return _sharing(connection, query.order_by(b.listing_id.desc()), bands, listing_id)


def opened(connection: Connection, bands: Sequence[int], day: str, listing_id: int) -> Found:
    """What else was opened on a day or later and shares a band."""
    b = s.offer_band.c
    query = select(b.listing_id, b.case_id).where(b.opened_day >= day).order_by(b.opened_day, b.listing_id)
    return _sharing(connection, query, bands, listing_id)


def _sharing(connection: Connection, query: Any, bands: Sequence[int], listing_id: int) -> Found:
    found: Found = {}
    for band in bands:
        for listing, case in connection.execute(query.where(s.offer_band.c.band == band).limit(MOST)):
            if listing != listing_id:
                found[int(listing)] = int(case)
    return found


def forget(connection: Connection, day: str) -> int:
    """Forget the bands of what was opened long before a day and not removed; of how many listings."""
    b = s.offer_band.c
    before = (date.fromisoformat(day) - timedelta(KEPT)).isoformat()
    old = select(b.listing_id).where(b.removed_day.is_(None), b.opened_day < before).distinct()
    listings = list(connection.scalars(old))
    for ids in chunks(listings):
        connection.execute(delete(s.offer_band).where(b.listing_id.in_(ids)))
    return len(listings)
