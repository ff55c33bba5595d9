"""What is known of the items of a platform's lists: when each was last looked at whole, seen, or found gone.

A *look* is the fetching of an item's own page; a *sighting* is its standing in a list. A sighting alone marks a known
listing as seen. Whether a look is due is said by the platform file's plan and by what the list shows of the item.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, func, select, update

from adwatch.failpoints import failpoint
from adwatch.models import listing_key
from adwatch.store import schema as s
from adwatch.store.bulk import insert_rows, update_rows
from adwatch.store.engine import UPSERT_LOCK, advisory_lock, db_time, reading, writing
from adwatch.text import url_norm

_LOOK = ("key", "listing_id", "shown", "looked_at", "looked_day", "gone")
_NO_LONGER_WATCHED = ("excluded", "dismissed", "closed")
"""States of a case in which a person has said that its listings need no daily look."""


@dataclass(frozen=True, slots=True)
class Look:
    """One fetched page of an item."""

    link: str
    """Address as the list gave it."""
    at: datetime
    """When, UTC."""
    native_id: str | None
    """The listing that was read there; None where the page says that it is gone."""
    shown: str = ""
    """Fingerprint of what the list showed of it."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """An item standing in a list."""

    link: str
    """Address as the list gave it."""
    at: datetime
    """When, UTC."""


@dataclass(frozen=True, slots=True)
class RevisitPlan:
    """When a known listing's page is fetched again."""

    every_days: int
    """Days between two looks."""
    flagged_days: int
    """The same for one that is flagged and not dismissed."""


def look_key(platform: str, link: str) -> bytes:
    """16-byte stable key of an item's address; tracking parameters make no other."""
    return hashlib.sha256(f"{platform}\0{url_norm(link) or link}".encode()).digest()[:16]


def due(engine: Engine, platform: str, shown: Mapping[str, str], day: str, plan: RevisitPlan) -> set[str]:
    """Of the links (with what the list shows of each now), those whose page is to be fetched on a day."""
    keys = {look_key(platform, link): link for link in shown}
    rested: set[str] = set()
    with reading(engine) as connection:
        for row in _rows(connection, list(keys), _watched()):
            link = keys[bytes(row.key)]
            span = plan.flagged_days if row.watched else plan.every_days
            old = date.fromisoformat(day) - date.fromisoformat(row.looked_day) >= timedelta(days=span)
            if not (row.gone or row.listing_id is None or old or row.shown != shown[link]):
                rested.add(link)
    return set(shown) - rested


def _watched() -> Any:
    """Whether the look's listing has a case that nobody has dismissed."""
    case = select(s.case.c.id).join(s.case_listing, s.case_listing.c.case_id == s.case.c.id)
    there = case.where(s.case_listing.c.listing_id == s.look.c.listing_id, s.case.c.state.not_in(_NO_LONGER_WATCHED))
    return there.exists().label("watched")


def _rows(connection: Connection, keys: Sequence[bytes], *columns: Any) -> list[Any]:
    """Look rows by key, with what else is asked of each."""
    found: list[Any] = []
    for at in range(0, len(keys), 500):
        query = select(s.look, *columns).where(s.look.c.key.in_(keys[at : at + 500]))
        found += connection.execute(query).all()
    return found


def record(engine: Engine, platform: str, looks: Sequence[Look], sightings: Sequence[Sighting], day: str) -> None:
    """Store looks and sightings in one transaction; applied twice, or in parts, they come to the same."""
    if not looks and not sightings:
        return
    with writing(engine) as connection:
        advisory_lock(connection, UPSERT_LOCK)
        _see(connection, {look_key(platform, one.link): one.at for one in sightings}, day)
        newest = {look_key(platform, one.link): one for one in looks}
        _look(connection, platform, newest, day)
        # items first looked at in this batch were unknown above: a later patrol of the day may have seen them again
        _see(connection, {key: one.at for one in sightings if (key := look_key(platform, one.link)) in newest}, day)
        failpoint("looks.before_commit")


def _see(connection: Connection, seen: Mapping[bytes, datetime], day: str) -> None:
    """Known listings that stand in a list were seen; one whose page says that it is gone was not."""
    changes: list[tuple[Any, ...]] = []
    told: list[tuple[int]] = []
    item = s.listing
    for at in range(0, len(seen), 500):
        query = (
            select(s.look.c.key, item.c.id, item.c.last_seen_at, item.c.last_seen_day, item.c.vanished_day)
            .join(item, item.c.id == s.look.c.listing_id)
            .where(s.look.c.key.in_(list(seen)[at : at + 500]), s.look.c.gone.is_(False))
        )
        for row in connection.execute(query):
            when = seen[bytes(row.key)]
            if row.last_seen_at >= when:
                continue
            changes.append((row.id, db_time(connection, when), day, still_gone(row.vanished_day, day)))
            if row.last_seen_day != day:
                told.append((row.id,))
    update_rows(connection, item, ("last_seen_at", "last_seen_day", "vanished_day"), changes)
    insert_rows(connection, s.outbox, ("listing_id",), told)


def still_gone(vanished_day: str | None, day: str) -> str | None:
    """The day a listing vanished, unless it is seen on that day or later: an earlier day may be read again."""
    return vanished_day if vanished_day is not None and vanished_day > day else None


def _look(connection: Connection, platform: str, looks: Mapping[bytes, Look], day: str) -> None:
    known = {bytes(row.key): row for row in _rows(connection, list(looks))}
    ids = _listing_ids(connection, platform, [look.native_id for look in looks.values() if look.native_id is not None])
    fresh: list[tuple[Any, ...]] = []
    changes: list[tuple[Any, ...]] = []
    gone: list[int] = []
    for key, look in looks.items():
        row = known.get(key)
        if row is not None and row.looked_at > look.at:
            continue
        listing_id = ids.get(look.native_id) if look.native_id is not None else (row.listing_id if row else None)
        is_gone = look.native_id is None
        if is_gone and listing_id is not None:
            gone.append(listing_id)
        if row is None:
            fresh.append((key, listing_id, look.shown, db_time(connection, look.at), day, is_gone))
        else:
            changes.append((row.id, listing_id, look.shown, db_time(connection, look.at), day, is_gone))
    insert_rows(connection, s.look, _LOOK, fresh)
    update_rows(connection, s.look, _LOOK[1:], changes)
    for at in range(0, len(gone), 500):
        there = s.listing.c.id.in_(gone[at : at + 500]) & s.listing.c.vanished_day.is_(None)
        connection.execute(update(s.listing).where(there).values(vanished_day=day))


def _listing_ids(connection: Connection, platform: str, native_ids: Sequence[str]) -> dict[str, int]:
    keys = {listing_key(platform, native_id): native_id for native_id in native_ids}
    found: dict[str, int] = {}
    listed = list(keys)
    for at in range(0, len(listed), 500):
        query = select(s.listing.c.key, s.listing.c.id).where(s.listing.c.key.in_(listed[at : at + 500]))
        found.update((keys[bytes(row.key)], row.id) for row in connection.execute(query))
    return found


def mark_vanished(engine: Engine, platform: str, since: datetime, day: str, replies: str | None = None) -> int:
    """Listings that a complete patrol, begun at ``since``, did not see have vanished on its day; how many.

    Rows of handed-over files are left alone: no patrol could have seen them. So are replies (``replies``: how their ids
    begin) unless the page that each was read on was read again, or has vanished with its item: what is known is not
    fetched every day.
    """
    version = s.listing_version
    handed = select(version.c.id).where(version.c.id == s.listing.c.version_id, version.c.capture_row.is_not(None))
    with writing(engine) as connection:
        there = (
            (s.listing.c.platform_id == _platform(platform))
            & (s.listing.c.last_seen_at < since)
            & s.listing.c.vanished_day.is_(None)
            & ~handed.exists()
        )
        of_reply = s.listing.c.native_id.like(f"{replies}%") if replies is not None else None
        own = there if of_reply is None else there & ~of_reply
        count = int(connection.execute(update(s.listing).where(own).values(vanished_day=day)).rowcount)
        if of_reply is not None:
            left = there & of_reply & _page_known(platform, since, day)
            count += int(connection.execute(update(s.listing).where(left).values(vanished_day=day)).rowcount)
        failpoint("vanished.before_commit")
    return count


def _page_known(platform: str, since: datetime, day: str) -> Any:
    """Whether the page that the listing's current version was read on was read since, or is that of an item that has
    vanished on the day.
    """
    version, first, again = s.listing_version, s.capture.alias(), s.capture.alias()
    item, its, page = s.listing.alias(), s.listing_version.alias(), s.capture.alias()
    gone = select(page.c.url).join(its, its.c.capture_id == page.c.id).join(item, item.c.version_id == its.c.id)
    gone = gone.where(item.c.platform_id == _platform(platform), item.c.vanished_day == day)
    read = select(again.c.url).where(again.c.platform_id == _platform(platform), again.c.fetched_at >= since)
    pages = read.where(again.c.role == "detail", again.c.status.in_((200, 304)))
    query = select(version.c.id).join(first, first.c.id == version.c.capture_id)
    return query.where(version.c.id == s.listing.c.version_id, first.c.url.in_(pages) | first.c.url.in_(gone)).exists()


def _platform(name: str) -> Any:
    return select(s.platform.c.id).where(s.platform.c.name == name).scalar_subquery()


@dataclass(frozen=True, slots=True)
class Seen:
    """What a patrol saw."""

    listings: int
    """Listings seen, by their page or in a list."""
    vanished: int
    """Listings that vanished on its day."""
    newest: datetime | None
    """When the newest of those seen was put up, as far as that is shown."""


def seen_since(engine: Engine, platform: str, since: datetime, day: str) -> Seen:
    """What was seen of a platform since a time, and what vanished on a day."""
    item = s.listing
    here = item.c.platform_id == _platform(platform)
    seen = here & (item.c.last_seen_at >= since)
    newest = select(func.max(s.listing_version.c.posted_at)).join(item, item.c.version_id == s.listing_version.c.id)
    with reading(engine) as connection:
        listings = connection.scalar(select(func.count()).select_from(item).where(seen))
        vanished = connection.scalar(select(func.count()).select_from(item).where(here, item.c.vanished_day == day))
        return Seen(int(listings or 0), int(vanished or 0), connection.scalar(newest.where(seen)))
