"""Small look-ups that several verbs share."""

from __future__ import annotations

import re

from sqlalchemy import Engine, func, select

from adwatch.store import schema as s
from adwatch.store.engine import reading


def lock_name(platform: str) -> str:
    """A file name for a platform's lock: hostile names cannot leave the folder."""
    return "platform-" + re.sub(r"[^A-Za-z0-9_\u4e00-\u9fff-]", "_", platform)[:80]


def flagged_on(engine: Engine, platform: str, day: str) -> int:
    """Listings of a platform seen on a day whose current version is flagged by the newest classifier."""
    newest = select(func.max(s.classifier.c.id)).scalar_subquery()
    query = (
        select(func.count())
        .select_from(s.listing)
        .join(s.platform, s.platform.c.id == s.listing.c.platform_id)
        .join(s.verdict, (s.verdict.c.version_id == s.listing.c.version_id) & (s.verdict.c.classifier_id == newest))
        .where(s.platform.c.name == platform, s.listing.c.last_seen_day == day, s.verdict.c.band == "flagged")
    )
    with reading(engine) as connection:
        return int(connection.scalar(query) or 0)
