"""Which captures the cases rest on: those of their listings' versions and of the checks of their removal."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, select

from adwatch.store import schema as s
from adwatch.store.opening import chunks


def captures_of_cases(connection: Connection, case_ids: Iterable[int]) -> set[int]:
    """Numbers of the captures of some cases."""
    link, found = s.case_listing, set[int]()
    for ids in chunks(case_ids):
        version = select(s.listing_version.c.capture_id)
        version = version.join(link, link.c.listing_id == s.listing_version.c.listing_id)
        check = select(s.takedown_check.c.capture_id).join(link, link.c.listing_id == s.takedown_check.c.listing_id)
        for query in (version, check):
            found.update(each for each in connection.scalars(query.where(link.c.case_id.in_(ids))) if each is not None)
    return found
