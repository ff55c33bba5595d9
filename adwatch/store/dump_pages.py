"""Rows of the canonical dump about full captures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, select

from adwatch.store import schema as s

Named = tuple[str, dict[str, Any]]


def pages(connection: Connection) -> Iterator[Named]:
    """Without clocks, and files by kind only: no two pictures of a page are the same."""
    row = s.page_capture
    query = select(row, s.listing.c.key).join(s.listing, s.listing.c.id == row.c.listing_id)
    shown = ("occasion", "attempt", "state", "reason", "url", "person", "unit")
    for each in connection.execute(query):
        told = {name: getattr(each, name) for name in shown}
        yield "page_capture", {**told, "listing_id": each.key.hex(), "files": sorted(each.files)}
