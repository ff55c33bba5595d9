"""What a person limited to regions and families may see of that which is made of cases: subjects, letters, transfers.

Each condition is of one listing or case, so that what lies outside is neither read nor counted. None, or limits that
are empty, leave everything inside.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, select

from adwatch.store import schema as s
from adwatch.store.filters import Filters
from adwatch.store.opening import chunks
from adwatch.store.queue import limits


def of_case(filters: Filters | None) -> list[ColumnElement[bool]]:
    """Conditions on a query that has ``case`` among its tables."""
    return limits(filters) if filters is not None else []


def of_listing(column: Any, filters: Filters | None) -> list[ColumnElement[bool]]:
    """Conditions on a column that holds the key of a listing: a case that is inside has it."""
    where, link = of_case(filters), s.case_listing.alias()
    if not where:
        return []
    return [
        exists(
            select(1).select_from(link.join(s.case)).where(link.c.listing_id == column, *where).correlate(column.table)
        )
    ]


def of_request(column: Any, filters: Filters | None) -> list[ColumnElement[bool]]:
    """Conditions on a column that holds the key of a takedown: it asks for a listing that is inside."""
    where, link, taken = of_case(filters), s.case_listing.alias(), s.takedown_listing.alias()
    if not where:
        return []
    joined = taken.join(link, link.c.listing_id == taken.c.listing_id).join(s.case)
    return [exists(select(1).select_from(joined).where(taken.c.takedown_id == column, *where).correlate(column.table))]


def of_transfer(column: Any, filters: Filters | None) -> list[ColumnElement[bool]]:
    """Conditions on a column that holds the key of a transfer: it has a case that is inside."""
    where, link = of_case(filters), s.transfer_case.alias()
    if not where:
        return []
    return [
        exists(
            select(1).select_from(link.join(s.case)).where(link.c.transfer_id == column, *where).correlate(column.table)
        )
    ]


def listings_of_requests(
    connection: Connection, takedown_ids: Iterable[int], filters: Filters | None
) -> dict[int, set[str]]:
    """By request the public ids of its listings that are inside."""
    taken, found = s.takedown_listing, dict[int, set[str]]()
    for ids in chunks(takedown_ids):
        query = select(taken.c.takedown_id, s.listing.c.key).join(s.listing, s.listing.c.id == taken.c.listing_id)
        query = query.where(taken.c.takedown_id.in_(ids), *of_listing(taken.c.listing_id, filters))
        for request, key in connection.execute(query):
            found.setdefault(request, set()).add(key.hex())
    return found
