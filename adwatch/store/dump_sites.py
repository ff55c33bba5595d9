"""Rows of the canonical dump about sites: by kind and name, without surrogate ids, clocks and an instance's digests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, select

from adwatch.store import schema as s

Named = tuple[str, dict[str, Any]]


def sites(connection: Connection) -> Iterator[Named]:
    """Sites, where they were met, what looks found, what they show, and the captures of official sites."""
    keys: dict[int | None, str] = {row.id: row.key.hex() for row in connection.execute(_keys())}
    names: dict[int, str] = {}
    for row in connection.execute(select(s.site)):
        names[row.id] = f"{row.kind}:{row.name}"
        shown = ("kind", "name", "url", "first_day", "verdict", "score", "why", "families", "about", "word", "band")
        told = {name: getattr(row, name) for name in shown}
        yield "site", {**told, "listing_id": keys.get(row.listing_id)}
    for row in connection.execute(select(s.site_sighting)):
        told = {name: getattr(row, name) for name in ("how", "address", "day", "detail")}
        yield "site_sighting", {**told, "site": names[row.site_id], "listing_id": keys.get(row.listing_id)}
    for row in connection.execute(select(s.site_look).order_by(s.site_look.c.id)):
        told = {name: getattr(row, name) for name in ("day", "word", "gone", "score", "points")}
        yield "site_look", {**told, "site": names[row.site_id]}
    for row in connection.execute(select(s.site_mark)):
        yield "site_mark", {"site": names[row.site_id], "kind": row.kind, "shown": row.shown}
    for row in connection.execute(select(s.site_reference)):
        yield "site_reference", {"host": row.host, "day": row.day, "person": row.person, "unit": row.unit}


def _keys() -> Any:
    """Stable keys of the listings that sites are met in or stand for."""
    met = select(s.site_sighting.c.listing_id).where(s.site_sighting.c.listing_id.is_not(None))
    own = select(s.site.c.listing_id).where(s.site.c.listing_id.is_not(None))
    return select(s.listing.c.id, s.listing.c.key).where(s.listing.c.id.in_(met) | s.listing.c.id.in_(own))
