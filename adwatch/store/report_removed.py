"""The figure of verified removals: of what is kept (``verified``), and of what was written since by look and look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, tzinfo
from typing import Any

import numpy as np
import orjson
from sqlalchemy import Connection, and_, func, literal_column, or_, select, union_all

from adwatch.store import schema as s
from adwatch.store import verified as rows
from adwatch.store.narrow import Numbers, columns, given
from adwatch.store.report_figures import ANY, Figure, Fits, Listed
from adwatch.store.report_runs import first_of_each, verified
from adwatch.store.times import day_span

PART = 3
"""From a third of all checks on, they are read as they lie rather than looked up."""
WALKED = 5_000
"""Rows of what is kept among which the first of a period are looked for."""
MANY = 50_000
"""Listings to be made anew from which on all are told from their looks."""


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """The listings behind the figure: of what is kept, and of what is not made anew yet."""

    first: date
    last: date
    fits: Fits
    changed: Numbers
    """Listings whose rows are not believed."""
    fresh: Figure | None
    """Those behind the figure among them."""

    def count(self, connection: Connection) -> int:
        """How many listings."""
        more = self.fresh.count(connection) if self.fresh else 0
        row = s.verified_removal.c
        if not self.fits.types:
            return more + int(connection.scalar(self._query(connection, func.count())) or 0)
        found = connection.execute(self._query(connection, row.types, func.count()).group_by(row.types))
        return more + sum(int(count) for types, count in found if self._fitting(types))

    def leads(self, connection: Connection) -> int:
        """How many leads."""
        return self.read(connection).leads

    def totals(self, connection: Connection) -> tuple[int, int]:
        """How many listings, of how many leads."""
        return self.count(connection), self.leads(connection)

    def read(self, connection: Connection, most: int | None = None) -> Listed:
        """All of them, or so many of the first at least."""
        row = s.verified_removal.c
        query = self._query(connection, row.case_id, row.listing_id, row.turn, row.day, row.types, once=False)
        if most is not None and not self.fits.types:
            query = query.where(row.listing_id.in_(self._first(connection, most)))
        cases, listings, turns, days, types = columns(connection, query, "number", "number", "number", "day", "text")
        if self.fits.types:
            kept = np.array([self._fitting(each) for each in types], np.bool_)
            cases, listings, turns, days = (each[kept] for each in (cases, listings, turns, days))
        order = np.lexsort((turns, listings, cases))
        order = order[first_of_each(listings[order])]
        found = Listed(cases[order], listings[order], days[order])
        if not self.fresh:
            return found
        both = [np.concatenate(each) for each in zip(found, self.fresh.read(connection), strict=True)]
        order = np.lexsort((both[1], both[0]))
        return Listed(*(each[order] for each in both))

    def _first(self, connection: Connection, most: int) -> Any:
        """The first so many listings in the order of their cases: a long period has them among the first rows."""
        row = s.verified_removal.c
        walk = select(s.verified_removal).order_by(row.case_id, row.listing_id).limit(WALKED).subquery().c
        met = self._query(connection, walk.listing_id, of=walk).order_by(walk.case_id, walk.listing_id).limit(most)
        found = list(connection.scalars(met))
        if len(found) == most:
            return select(given(connection, np.array(found, np.int64)).c.value)
        return self._query(connection, row.listing_id).order_by(row.case_id, row.listing_id).limit(most)

    def _query(self, connection: Connection, *wanted: Any, once: bool = True, of: Any = None) -> Any:
        """Of the rows in the period, or of some of them; ``once``: of each listing the earliest alone."""
        row, first = s.verified_removal.c if of is None else of, self.first.isoformat()
        query = select(*wanted).where(row.day.between(first, self.last.isoformat()))
        if once:
            query = query.where(or_(row.earlier.is_(None), row.earlier < first))
        if self.fits.scope is not None:
            query = query.where(row.scope == self.fits.scope)
        if len(self.changed):
            query = query.where(row.listing_id.not_in(select(given(connection, self.changed).c.value)))
        return query

    def _fitting(self, types: str) -> bool:
        return not set(self.fits.types).isdisjoint(orjson.loads(types))


def removed(
    connection: Connection,
    first: date,
    last: date,
    zone: tzinfo,
    apart_days: int,
    apart_hours: int = 20,
    fits: Fits = ANY,
) -> Figure | Kept:
    """Listings whose removal was verified in the period, each once.

    Verified is the first check that says gone ``apart_days`` days and ``apart_hours`` hours or more after another that
    did, with nothing but "unknown" between them. A check's day is that for which its capture was made, else the
    office's day at its time. A listing put back and removed again is verified again. Only requests that were sent
    count.
    """
    apart = (apart_days, apart_hours)
    if apart != rows.APART or len(changed := rows.changed(connection, zone)) > MANY:
        return looked_through(connection, first, last, zone, apart, fits)
    among = looked_through(connection, first, last, zone, apart, fits, changed) if len(changed) else None
    return Kept(first, last, fits, changed, among)


def looked_through(
    connection: Connection,
    first: date,
    last: date,
    zone: tzinfo,
    apart: tuple[int, int],
    fits: Fits = ANY,
    among: Numbers | None = None,
) -> Figure:
    """The same from all looks at the listings that were gone in the period, or at those of some."""
    check, (begin, end) = s.takedown_check.c, day_span(first, last, zone)
    of_capture = and_(check.capture_id.is_not(None), check.day.between(first.isoformat(), last.isoformat()))
    of_office = and_(check.capture_id.is_(None), check.at >= begin, check.at < end)
    gone: Any = literal_column("takedown_check.word = 'gone'")  # by a parameter no database takes the indexes of these
    then = union_all(*(select(check.listing_id).where(gone, each) for each in (of_capture, of_office)))
    if among is not None:
        where = [check.listing_id.in_(select(given(connection, among).c.value))]
    else:
        part = (connection.scalar(select(func.max(check.id))) or 0) // PART
        where = [check.listing_id.in_(then)] if part >= _count(connection, then, part + 1) else []
    said, days = rows.looks(connection, *where)
    return Figure(s.case_listing.c.listing_id, *verified(said, days, first, last, zone, *apart), fits)


def _count(connection: Connection, query: Any, most: int) -> int:
    """How many rows a query has, counted to ``most``."""
    return int(connection.scalar(select(func.count()).select_from(query.limit(most).subquery())) or 0)
