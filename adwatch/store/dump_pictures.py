"""Rows of the canonical dump about listings' pictures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, select

from adwatch.store import schema as s

Named = tuple[str, dict[str, Any]]


def pictures(connection: Connection) -> Iterator[Named]:
    """Pictures by digest, addresses, and how far versions were gone through; numbers of rows left out."""
    digests = {row.id: row.sha256 for row in connection.execute(select(s.picture.c.id, s.picture.c.sha256))}
    for row in connection.execute(select(s.picture)):
        told = {name: getattr(row, name) for name in ("sha256", "word", "phash", "text", "spans", "codes", "reader")}
        yield "picture", {**told, "same_as": digests.get(row.same_as)}
    for row in connection.execute(select(s.picture_address)):
        told = {name: getattr(row, name) for name in ("url", "word", "day", "tries")}
        yield "picture_address", {**told, "picture": digests.get(row.picture_id)}
    v, t = s.listing_version, s.picture_version
    query = select(t, v.c.content_sha256, s.listing.c.key).join(v, v.c.id == t.c.version_id)
    for row in connection.execute(query.join(s.listing, s.listing.c.id == v.c.listing_id)):
        told = {"day": row.day, "state": row.state, "content_sha256": row.content_sha256}
        yield "picture_version", {**told, "listing_id": row.key.hex()}
