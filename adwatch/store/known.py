"""Whether listings are stored just as a page shows them now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Engine, select

from adwatch.models import Listing, listing_key
from adwatch.store import schema as s
from adwatch.store.engine import reading
from adwatch.store.erasures import TEXT, erased


def all_known(engine: Engine, before: datetime, listings: Sequence[Listing]) -> bool:
    """Whether a patrol had stored each with the same content before a time, and none has vanished.

    The time is the start of the run that asks: one that was killed and is continued comes to the same.
    """
    shown = {listing_key(one.platform, one.native_id): one.content_sha256 for one in listings}
    version, item = s.listing_version, s.listing
    stored = (
        select(item.c.key, version.c.content_sha256)
        .join(version, version.c.id == item.c.version_id)
        .where(item.c.vanished_day.is_(None), version.c.capture_row.is_(None), version.c.captured_at < before)
        .where(~erased(TEXT, version.c.id))
    )
    keys = list(shown)
    with reading(engine) as connection:
        for at in range(0, len(keys), 500):
            for row in connection.execute(stored.where(item.c.key.in_(keys[at : at + 500]))):
                if shown[bytes(row.key)] == row.content_sha256:
                    del shown[bytes(row.key)]
    return not shown


def last_known(engine: Engine, platform: str, before: str) -> Listing | None:
    """The listing with an address that was seen last before a day and has not vanished; None where none is known."""
    item, version = s.listing, s.listing_version
    query = (
        select(item.c.native_id, item.c.url, version.c.title, version.c.text, version.c.images)
        .join(s.platform, s.platform.c.id == item.c.platform_id)
        .join(version, version.c.id == item.c.version_id)
        .where(s.platform.c.name == platform, item.c.last_seen_day < before)
        .where(item.c.vanished_day.is_(None), item.c.url.is_not(None), version.c.capture_row.is_(None))
        .where(~erased(TEXT, version.c.id))
        .order_by(item.c.last_seen_at.desc(), item.c.id)
        .limit(1)
    )
    with reading(engine) as connection:
        row = connection.execute(query).first()
    if row is None:
        return None
    return Listing(platform, row.native_id, url=row.url, title=row.title, text=row.text, images=tuple(row.images or ()))


def stored_contents(engine: Engine, listings: Sequence[Listing]) -> set[tuple[str, str]]:
    """(native_id, digest of the content) of those listings that are stored in a version with just that content."""
    wanted = {listing_key(one.platform, one.native_id): one.native_id for one in listings}
    version, item = s.listing_version, s.listing
    stored = select(item.c.key, version.c.content_sha256).join(version, version.c.listing_id == item.c.id)
    found: set[tuple[str, str]] = set()
    keys = list(wanted)
    with reading(engine) as connection:
        for at in range(0, len(keys), 500):
            for row in connection.execute(stored.where(item.c.key.in_(keys[at : at + 500]))):
                found.add((wanted[bytes(row.key)], row.content_sha256))
    return found


def read_from(engine: Engine, captures: Iterable[int]) -> dict[int, set[str]]:
    """native_ids of the listings of which a version was read out of each of some captures."""
    version, item = s.listing_version, s.listing
    query = select(version.c.capture_id, item.c.native_id).join(item, item.c.id == version.c.listing_id)
    found: dict[int, set[str]] = {}
    ids = list(captures)
    with reading(engine) as connection:
        for at in range(0, len(ids), 500):
            for row in connection.execute(query.where(version.c.capture_id.in_(ids[at : at + 500]))):
                found.setdefault(row.capture_id, set()).add(row.native_id)
    return found
