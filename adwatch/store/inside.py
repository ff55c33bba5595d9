"""What a person limited to regions and families may see of that which is made of cases: subjects, letters, transfers.

Each condition is of one listing or case, so that what lies outside is neither read nor counted. None, or limits that
are empty, leave everything inside.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from sqlalchemy import ColumnElement, Connection, Select, Subquery, case, exists, literal_column, or_, select, union_all

from adwatch.store import schema as s
from adwatch.store.filters import Filters
from adwatch.store.narrow import Numbers, columns, given
from adwatch.store.one_of import one_of
from adwatch.store.opening import chunks
from adwatch.store.queue import limits
from adwatch.store.ranges import Range, how_many
from adwatch.store.reach import Part, parts

FEW = 20_000
"""Cases inside that are read by the indexes of regions and families, and all else is looked up of them."""
FEWER = 5_000
"""The same where the alternative is to walk letters until a page is full, which the sooner ends the more are inside."""

_COUNTED: WeakKeyDictionary[Connection, dict[Any, tuple[int, list[Part]]]] = WeakKeyDictionary()
_ASKED: WeakKeyDictionary[Connection, dict[Any, Asked]] = WeakKeyDictionary()
"""What a reader was told of some limits: a page asks several times."""


def of_case(filters: Filters | None, *, looked_up: bool = False) -> list[ColumnElement[bool]]:
    """Conditions on a query that has ``case`` among its tables.

    ``looked_up``: it finds cases by something else (their subject, in whose index these conditions lie, or what differs
    of them). A condition that no index has keeps SQLite from looking up all cases of a region instead.
    """
    where = limits(filters) if filters is not None else []
    return [or_(each, literal_column("0 = 1")) for each in where] if looked_up else where


def few(connection: Connection, filters: Filters | None, most: int | None = None) -> Subquery | None:
    """The cases that are inside (id, subject_id), where limits leave no more than FEW, or ``most``."""
    if filters is None or not (filters.only_regions or filters.only_families):
        return None
    reads = connection.get_execution_options().get("adwatch_read", False)  # what is written meanwhile is not seen
    known = _COUNTED.setdefault(connection, {}) if reads else {}
    limits = filters.only_regions, filters.only_families
    if limits not in known:
        known[limits] = _counted(connection, *limits)
    count, reach = known[limits]
    if count > (FEW if most is None else min(most, FEW)):
        return None
    c = s.case.c
    return union_all(*(select(c.id, c.subject_id).where(*part.where) for part in reach)).subquery()


def _counted(connection: Connection, regions: Sequence[str], families: Sequence[str]) -> tuple[int, list[Part]]:
    """How many cases are inside, counted to one more than FEW, and the parts that they lie in."""
    c, reach = s.case.c, parts(connection, regions, families)
    if reach is None:
        return FEW + 1, []
    ranges = [Range(c, part.beside, part.equal, (*part.order, c.state)) for part in reach]
    return how_many(connection, [ranges], FEW + 1)[0], reach


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


def of_request(connection: Connection, column: Any, filters: Filters | None) -> list[ColumnElement[bool]]:
    """Conditions on a column that holds the key of a takedown: it asks for a listing that is inside."""
    where, link, taken = of_case(filters), s.case_listing.alias(), s.takedown_listing.alias()
    if not where:
        return []
    if few(connection, filters, FEWER) is not None and (some := asked(connection, filters)) is not None:
        return [column.in_(select(given(connection, np.unique(some.requests)).c.value))]
    joined = taken.join(link, link.c.listing_id == taken.c.listing_id).join(s.case)
    seen = select(1).select_from(joined).where(taken.c.takedown_id == column, *where).correlate(column.table)
    return [exists(seen.offset(0))]  # keeps PostgreSQL from joining all cases inside before it has fifty letters


def _one_of(column: Any, keys: Select[Any]) -> list[ColumnElement[bool]]:
    """Conditions on a column: one of some keys, which are read once, before anything is walked."""
    seen = keys.cte().prefix_with("MATERIALIZED")
    return [column.in_(select(*seen.c))]


def among_asked(connection: Connection, column: Any, filters: Filters | None) -> list[ColumnElement[bool]]:
    """As ``of_listing``, for a query that asks of many listings in requests few of which are inside: by those few."""
    some = asked(connection, filters)
    if some is None:
        return of_listing(column, filters)
    return [column.in_(select(given(connection, np.unique(some.listings)).c.value))]


class Asked(NamedTuple):
    """Listings in requests that are inside, a row each."""

    requests: Numbers
    listings: Numbers
    up: Numbers
    """1: not found gone at the last check, or never checked; 0: gone."""


def asked(connection: Connection, filters: Filters | None) -> Asked | None:
    """All of them, where limits leave few cases; read once for all that a page asks."""
    some = few(connection, filters)
    if some is None or filters is None:
        return None
    reads = connection.get_execution_options().get("adwatch_read", False)
    known = _ASKED.setdefault(connection, {}) if reads else {}
    limits = filters.only_regions, filters.only_families
    if limits not in known:
        taken, link = s.takedown_listing.c, s.case_listing.c
        gone = case((taken.word == literal_column("'gone'"), literal_column("0")), else_=literal_column("1"))
        query = select(taken.takedown_id, taken.listing_id, gone)
        query = query.join(s.case_listing, link.listing_id == taken.listing_id).join(some, some.c.id == link.case_id)
        known[limits] = Asked(*columns(connection, query, "number", "number", "number"))
    return known[limits]


def of_transfer(connection: Connection, column: Any, filters: Filters | None) -> list[ColumnElement[bool]]:
    """Conditions on a column that holds the key of a transfer: it has a case that is inside."""
    where, link = of_case(filters), s.transfer_case.alias()
    if not where:
        return []
    if (some := few(connection, filters, FEWER)) is not None:
        return _one_of(column, select(link.c.transfer_id).join(some, some.c.id == link.c.case_id))
    return [
        exists(
            select(1).select_from(link.join(s.case)).where(link.c.transfer_id == column, *where).correlate(column.table)
        )
    ]


def listings_of_requests(
    connection: Connection, takedown_ids: Iterable[int], filters: Filters | None
) -> dict[int, set[str]]:
    """By request the public ids of its listings that are inside."""
    return {request: set(words) for request, words in words_of_requests(connection, takedown_ids, filters).items()}


def words_of_requests(
    connection: Connection, takedown_ids: Iterable[int], filters: Filters | None
) -> dict[int, dict[str, str | None]]:
    """By request the public ids of its listings that are inside, each with the word of its last check."""
    taken, item, found = s.takedown_listing, s.listing, dict[int, dict[str, str | None]]()
    query = select(taken.c.takedown_id, item.c.key, taken.c.word).join(item, item.c.id == taken.c.listing_id)
    some = asked(connection, filters)
    for ids in chunks(takedown_ids):
        where = of_listing(taken.c.listing_id, filters)
        if some is not None:
            those = some.listings[np.isin(some.requests, ids)]
            where = [taken.c.listing_id.in_(select(given(connection, those).c.value))]
        for request, key, word in connection.execute(query.where(one_of(connection, taken.c.takedown_id, ids), *where)):
            found.setdefault(request, {})[key.hex()] = word
    return found
