"""As which cases a removed listing is back under another address, as known at a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from adwatch.store import schema as s
from adwatch.store.opening import chunks

KIND = "relisted"
"""Kind of the link from the new case to the one that was removed."""


@dataclass(frozen=True, slots=True)
class Back:
    """A case that was opened on what is back."""

    case_id: int
    lead_number: str | None
    """None where it was not registered then."""
    platform: str


def back_as(connection: Connection, listing_ids: Iterable[int], at: datetime) -> dict[int, list[Back]]:
    """By listing whose removal was verified: the cases, in the order they were opened, that were linked by a time.

    A case may have listings that never went; what came back is kept with the removal that it came back from.
    """
    row, link, mine, case = s.removal, s.case_link, s.case_listing, s.case
    first = select(func.min(mine.c.listing_id)).where(mine.c.case_id == case.c.id).correlate(case).scalar_subquery()
    own = mine.alias()
    query = (
        select(row.c.listing_id, case.c.id, case.c.lead_number, case.c.registered_at, s.platform.c.name)
        .join(own, own.c.listing_id == row.c.listing_id)
        .join(link, link.c.other_id == own.c.case_id)
        .join(case, case.c.id == link.c.case_id)
        .join(s.listing, s.listing.c.id == first)
        .join(s.platform, s.platform.c.id == s.listing.c.platform_id)
        .where(link.c.kind == KIND, link.c.at <= at, row.c.relisted_at <= at)
        .order_by(row.c.listing_id, case.c.id)
        .distinct()
    )
    found: dict[int, list[Back]] = {}
    for ids in chunks(listing_ids):
        for each in connection.execute(query.where(row.c.listing_id.in_(ids))):
            known = each.registered_at is not None and each.registered_at <= at
            found.setdefault(each.listing_id, []).append(Back(each.id, each.lead_number if known else None, each.name))
    return found
