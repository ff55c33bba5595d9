"""Whether listings are stored just as a page shows them now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Engine, select

from adwatch.models import Listing, listing_key
from adwatch.store import schema as s
from adwatch.store.engine import reading


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
    )
    keys = list(shown)
    with reading(engine) as connection:
        for at in range(0, len(keys), 500):
            for row in connection.execute(stored.where(item.c.key.in_(keys[at : at + 500]))):
                if shown[bytes(row.key)] == row.content_sha256:
                    del shown[bytes(row.key)]
    return not shown
