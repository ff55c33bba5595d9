"""Holds what the policy deleted against its tombstones and the audit log: nothing else is gone, and that is gone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, func, or_, select

from adwatch.store import erasures
from adwatch.store import schema as s
from adwatch.store.attachments import attachment_file
from adwatch.store.erase_texts import WORDS


def check_erasures(connection: Connection, home: Path) -> tuple[int, list[str]]:
    """(tombstones, what is wrong in words)."""
    count = int(connection.scalar(select(func.count()).select_from(s.tombstone)) or 0)
    return count, [*erasures.check(connection), *_still_there(connection, home)]


def _still_there(connection: Connection, home: Path) -> Iterator[str]:
    """What has a tombstone and is not gone; what is noted and not yet deleted is the next run's."""
    t, v = s.tombstone.c, s.listing_version.c
    worded = or_(*(v[name].is_not(None) for name in WORDS))
    wiped = select(v.id).join(s.tombstone, (t.kind == erasures.TEXT) & (t.subject_id == v.id))
    for number in connection.scalars(wiped.where(worded).order_by(v.id)):
        yield f"version {number}: has words, and a tombstone that says they were deleted"
    o = s.opinion.c
    emptied = select(o.id).join(s.tombstone, (t.kind == erasures.OPINION) & (t.subject_id == o.id))
    for number in connection.scalars(emptied.where(o.quote.is_not(None) | (o.reason != "")).order_by(o.id)):
        yield f"opinion {number}: has words, and a tombstone that says they were deleted"
    noted = {digest for _, digest in erasures.waiting(connection, erasures.ATTACHMENT)}
    for sha256 in erasures.gone_attachments(connection):
        if sha256 not in noted and attachment_file(home, sha256).is_file():
            yield f"attachment {sha256}: lies there, and a tombstone says that it was deleted"
