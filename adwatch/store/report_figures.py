"""The computed figures of the tables: which listings and leads stand behind each, day by day.

All rest on leads whose last finding is 属实, so that a finding taken back takes its figures along. Counted are narrow
columns (``narrow``), of verified removals what is kept (``report_removed``); names, keys and numbers are read of those
alone that somebody wants to see.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, tzinfo
from typing import Any, NamedTuple

import numpy as np
import orjson
from sqlalchemy import Connection, case, exists, func, literal_column, select

from adwatch.store import schema as s
from adwatch.store.corrections import held, held_scope
from adwatch.store.narrow import Days, Numbers, columns, given
from adwatch.store.one_of import one_of
from adwatch.store.report_runs import Said, standing_since
from adwatch.store.times import day_span


@dataclass(frozen=True, slots=True)
class Counted:
    """One listing behind a figure."""

    listing_id: str
    """Stable key in hexadecimal."""
    platform: str
    lead_number: str | None
    scope: str | None
    """Scope that was decided on, as the person corrected it."""
    types: tuple[str, ...]
    """Classes that were decided on, as the person corrected them."""
    case_id: int
    day: str
    """Day on which it came to count."""


class Fits(NamedTuple):
    """Which of the listings behind a figure are counted."""

    scope: str | None = None
    """Only what was decided on in this scope."""
    types: tuple[str, ...] = ()
    """Only what was decided on as one of these classes."""


ANY = Fits()


class Listed(NamedTuple):
    """The listings behind a figure, a row each, by case and listing."""

    cases: Numbers
    listings: Numbers
    days: Days

    @property
    def leads(self) -> int:
        """How many leads."""
        return len(np.unique(self.cases))

    def rows(
        self, connection: Connection, most: int | None = None, of_cases: Iterable[int] | None = None, skip: int = 0
    ) -> list[Counted]:
        """The first so many of them, or all, but for ``skip``, with their names; those of some cases."""
        kept: Any = slice(None) if of_cases is None else np.isin(self.cases, np.fromiter(of_cases, np.int64))
        cases, listings, days = (each[kept][skip:most].tolist() for each in (self.cases, self.listings, self.days))
        known = _named(connection, listings)
        rows = zip(cases, listings, days, strict=True)
        return [Counted(**known[listing], case_id=case_id, day=day.isoformat()) for case_id, listing, day in rows]


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """The listings behind a figure: those of some cases, or some listings, whose case's last finding is 属实.

    The database counts them; they are read where somebody wants to see them.
    """

    key: Any
    """Column of ``case_listing`` that has the numbers."""
    numbers: Numbers
    """Of cases or of listings, ascending."""
    days: Days
    """On which each came to count."""
    fits: Fits

    def count(self, connection: Connection) -> int:
        """How many listings."""
        if self.fits.types:
            return len(self.read(connection).cases)
        return int(connection.scalar(self._query(connection, func.count())) or 0)

    def leads(self, connection: Connection) -> int:
        """How many leads."""
        if self.fits.types:
            return self.read(connection).leads
        link, numbers = s.case_listing, given(connection, self.numbers)
        if self.fits.scope is None and self.key is link.c.case_id:  # each of which has a listing
            query = select(func.count()).select_from(numbers).where(_last_result(numbers.c.value) == _CONFIRM)
        else:
            query = self._query(connection, func.count(link.c.case_id.distinct()))
        return int(connection.scalar(query) or 0)

    def totals(self, connection: Connection) -> tuple[int, int]:
        """How many listings, of how many leads."""
        if self.fits.types:
            found = self.read(connection)
            return len(found.cases), found.leads
        of = s.case_listing.c.case_id
        listings, leads = connection.execute(self._query(connection, func.count(), func.count(of.distinct()))).one()
        return int(listings), int(leads)

    def _query(self, connection: Connection, *wanted: Any) -> Any:
        numbers, link, d = given(connection, self.numbers), s.case_listing, s.decision
        query = select(*wanted).select_from(numbers).join(link, self.key == numbers.c.value)
        query = query.where(_last_result(link.c.case_id) == _CONFIRM)
        if self.fits == ANY:
            return query
        query = query.join(d, d.c.id == _newest())
        return query if self.fits.scope is None else query.where(held_scope(connection) == self.fits.scope)

    def read(self, connection: Connection, most: int | None = None) -> Listed:
        """All of them, or so many of the first at least."""
        if most is not None and not self.fits.types and self.key is s.case_listing.c.case_id:
            return self._first(connection, most)
        return self._read(connection)

    def _first(self, connection: Connection, most: int) -> Listed:
        """So many of the first at least: their cases stand in the order of what is read."""
        found, at = Listed(self.numbers[:0], self.numbers[:0], self.days[:0]), 0
        while at < len(self.numbers) and len(found.cases) < most:
            some = replace(self, numbers=self.numbers[at : at + most], days=self.days[at : at + most])
            more = some._read(connection)
            found = Listed(*(np.concatenate(each) for each in zip(found, more, strict=True)))
            at += most
        return found

    def _read(self, connection: Connection) -> Listed:
        link, d = s.case_listing.c, s.decision.c
        if self.fits.types:
            query = self._query(connection, link.case_id, link.listing_id, link.decided_types, d.corrected)
            cases, listings, *said = columns(connection, query, "number", "number", "text", "text")
            kept = np.array(_of_types(said, self.fits.types), np.bool_)
            cases, listings = cases[kept], listings[kept]
        else:
            query = self._query(connection, link.case_id, link.listing_id)
            cases, listings = columns(connection, query, "number", "number")
        at = np.searchsorted(self.numbers, cases if self.key.name == "case_id" else listings)
        order = np.lexsort((listings, cases))
        return Listed(cases[order], listings[order], self.days[at][order])


_CONFIRM: Any = literal_column("'confirm'")


def _last_result(case_id: Any) -> Any:
    """What a case was last found, out of one place of one index."""
    d = s.decision.alias()
    last = select(d.c.result).where(d.c.case_id == case_id).order_by(d.c.id.desc()).limit(literal_column("1"))
    return last.correlate(case_id.table).scalar_subquery()


def _newest() -> Any:
    """The last finding of a listing's case."""
    link, d = s.case_listing, s.decision.alias()
    return select(func.max(d.c.id)).where(d.c.case_id == link.c.case_id).correlate(link).scalar_subquery()


def _of_types(said: list[list[str]], types: tuple[str, ...]) -> list[bool]:
    """Of classes and corrections as they are stored ("" is NULL) whether one of some classes holds."""
    wanted = set(types)
    known = {
        each: not wanted.isdisjoint(held(orjson.loads(each[1] or "null"), None, orjson.loads(each[0] or "null")).types)
        for each in set(zip(*said, strict=True))
    }
    return [known[each] for each in zip(*said, strict=True)]


def _named(connection: Connection, listings: list[int]) -> dict[int, dict[str, Any]]:
    """By listing: stable key, platform, number of the lead, scope and classes that were decided on."""
    item, link, d, found = s.listing.c, s.case_listing, s.decision, dict[int, dict[str, Any]]()
    query = (
        select(item.id, item.key, s.platform.c.name, s.case.c.lead_number, link.c.decided_scope, link.c.decided_types)
        .add_columns(d.c.corrected)
        .join(link, link.c.listing_id == item.id)
        .join(s.case, s.case.c.id == link.c.case_id)
        .join(s.platform, s.platform.c.id == item.platform_id)
        .join(d, d.c.id == _newest())
    )
    for at in range(0, len(listings), 500):
        for row in connection.execute(query.where(one_of(connection, item.id, listings[at : at + 500]))):
            holds = held(row.corrected, row.decided_scope, row.decided_types)
            lead = {"listing_id": row.key.hex(), "platform": row.name, "lead_number": row.lead_number}
            found[row.id] = {**lead, "scope": holds.scope, "types": holds.types}
    return found


def confirmed(connection: Connection, first: date, last: date, zone: tzinfo, fits: Fits = ANY) -> Figure:
    """Listings of the leads found 属实 in the period: first of the findings that all say so since the last other."""
    d, (begin, end) = s.decision, day_span(first, last, zone)
    then = select(d.c.case_id).where(d.c.result == "confirm", d.c.at >= begin, d.c.at < end)  # one of them counts
    return Figure(s.case_listing.c.case_id, *_confirmed(connection, then, first, last, zone), fits)


def sites(connection: Connection, first: date, last: date, zone: tzinfo, fits: Fits = ANY) -> Figure:
    """The entries of sites (apps, accounts) whose leads were found 属实 in the period, each site once."""
    link = s.case_listing
    entries = select(link.c.case_id, link.c.listing_id).join(s.site, s.site.c.listing_id == link.c.listing_id)
    cases, days = _confirmed(connection, entries.with_only_columns(link.c.case_id), first, last, zone)
    of, listings = columns(connection, entries, "number", "number")
    if not len(cases):
        return Figure(link.c.listing_id, cases, days, fits)
    at = np.minimum(np.searchsorted(cases, of), len(cases) - 1)
    there = cases[at] == of
    wanted, rows = np.unique(listings[there], return_index=True)
    return Figure(link.c.listing_id, wanted, days[at[there][rows]], fits)


def _confirmed(connection: Connection, cases: Any, first: date, last: date, zone: tzinfo) -> tuple[Numbers, Days]:
    """Of some cases those found 属实 in the period, and the day from which on all findings say so."""
    d = s.decision
    query = select(d.c.case_id, d.c.id, case((d.c.result == "confirm", 1), else_=0), d.c.at)
    said = columns(connection, query.where(d.c.case_id.in_(cases)), "number", "number", "number", "time")
    return standing_since(Said(*said), first, last, zone)


def transferred(connection: Connection, column: str, first: date, last: date, fits: Fits = ANY) -> Figure:
    """Listings of the leads entered under this column; each lead counts where its last entry says."""
    link, later = s.report_lead, s.report_lead.alias()
    query = select(link.c.case_id, link.c.day).where(
        link.c.column == column, link.c.day.between(first.isoformat(), last.isoformat())
    )
    query = query.where(~exists().where(later.c.case_id == link.c.case_id, later.c.id > link.c.id))
    cases, days = columns(connection, query, "number", "day")
    order = np.argsort(cases)
    return Figure(s.case_listing.c.case_id, cases[order], days[order], fits)
