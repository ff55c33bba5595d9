"""Captures of pictures by their address, through an index that holds no other captures."""

from __future__ import annotations

from sqlalchemy import Connection, select, text

from adwatch.models import Capture
from adwatch.store import schema as s
from adwatch.store.captures import captures_by_id
from adwatch.store.schema_listings import PICTURES


def picture_capture(connection: Connection, address: str) -> Capture | None:
    """The newest capture of a picture with that address."""
    query = select(s.capture.c.id).where(s.capture.c.url == address, text(PICTURES), s.capture.c.status == 200)
    found = connection.scalar(query.order_by(s.capture.c.id.desc()).limit(1))
    return None if found is None else next(iter(captures_by_id(connection, [int(found)])), None)
