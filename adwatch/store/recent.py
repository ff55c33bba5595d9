"""The listings seen within some days, as they stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Engine, select

from adwatch.store import schema as s
from adwatch.store.engine import reading

PAGE = 2000


@dataclass(frozen=True, slots=True)
class SeenListing:
    """A listing's current content; personal data is raw."""

    id: int
    """Surrogate key."""
    key: bytes
    """Stable key: listing_id.hex()."""
    platform: str
    url: str | None
    seller: str | None
    """Identifier of the shop, else its name."""
    title: str | None
    text: str | None


def seen_listings(
    engine: Engine, first_day: str | None = None, last_day: str | None = None
) -> Iterator[list[SeenListing]]:
    """Listings last seen from one day to another, both included, in pages by surrogate key."""
    item, v = s.listing, s.listing_version
    query = (
        select(
            item.c.id, item.c.key, s.platform.c.name, item.c.url, v.c.seller_id, v.c.seller_name, v.c.title, v.c.text
        )
        .select_from(item)
        .join(v, v.c.id == item.c.version_id)
        .join(s.platform, s.platform.c.id == item.c.platform_id)
        .order_by(item.c.id)
        .limit(PAGE)
    )
    if first_day is not None:
        query = query.where(item.c.last_seen_day >= first_day)
    if last_day is not None:
        query = query.where(item.c.last_seen_day <= last_day)
    last = 0
    while True:
        with reading(engine) as connection:
            rows = connection.execute(query.where(item.c.id > last)).all()
        if not rows:
            return
        yield [SeenListing(row[0], bytes(row[1]), row[2], row[3], row[4] or row[5], row[6], row[7]) for row in rows]
        last = rows[-1][0]
