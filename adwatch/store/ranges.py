"""Cases out of several ranges of indexes by one statement: each range is walked in its own order, what is found is
merged by the database.

That a range is put in the order of its index, and is one subquery with a limit, leaves no database another way: by its
statistics it would rather read the table from its beginning, where the oldest cases lie. Ranges that differ only in the
values of some columns (a province has hundreds: region by family by state) are one subquery over a list of these:
to write and to plan each by itself took many times as long as to read them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    Select,
    Text,
    cast,
    func,
    literal,
    literal_column,
    select,
    true,
    union_all,
)

from adwatch.store import schema as s

AT_ONCE = 60
"""Subqueries of one statement; SQLite takes 500."""
LISTED, SHORT = 3, 2_000
"""So many ranges that differ in values alone are a list. SQLite looks each case of it up by its key, so that it takes a
list only where each range is read to so many cases."""


@dataclass(frozen=True, slots=True)
class Range:
    """Cases that conditions leave, in an order that an index has."""

    c: Any
    """Columns of ``case``, or of a part of it that is read beforehand."""
    where: tuple[ColumnElement[bool], ...]
    equal: tuple[tuple[ColumnElement[Any], str | None], ...] = ()
    """Columns with the value that all have; ranges with the same columns and the same ``where`` can be a list."""
    same: tuple[ColumnElement[Any], ...] = ()
    """Columns that are the same for all of the range: named first in the order."""
    only: tuple[ColumnElement[Any], ...] = ()
    """The columns in whose order it is read, where it is only counted and that is the order of its index."""

    def read(self, limit: int | None) -> Select[Any]:
        """Its cases (id, scope, score), at most so many."""
        return self.read_for([value for _, value in self.equal], limit)

    def read_for(self, values: Sequence[Any], limit: int | None) -> Select[Any]:
        """The same with other values of ``equal``."""
        equal = (column == value for (column, _), value in zip(self.equal, values, strict=True))
        query = select(self.c.id, self.c.scope, self.c.score).where(*equal, *self.where)
        return query.order_by(*(self.only or (*self.same, *order(self.c)))).limit(limit)

    @property
    def kind(self) -> tuple[Any, ...]:
        """What it has in common with those of its list."""
        columns = tuple((column, value is None) for column, value in self.equal)
        return (id(self.c), *(tuple(map(id, each)) for each in (self.where, self.same, self.only)), columns)


def order(c: Any) -> tuple[Any, ...]:
    """The order of the queue: safety production first, then by score."""
    return c.scope.desc(), c.score.desc(), c.id


def first_places(connection: Connection, ranges: Sequence[Range], limit: int | None) -> list[tuple[str, float, int]]:
    """Places (scope, score, id) of the first cases of all ranges in the order of the queue."""
    found: list[tuple[str, float, int]] = []
    subqueries = _subqueries(connection, ranges, limit)
    for some in _some(subqueries):
        merged = _together(some).subquery()
        rows = connection.execute(
            select(merged.c.scope, merged.c.score, merged.c.id).order_by(*order(merged.c)).limit(limit)
        )
        found += [(row.scope, row.score, row.id) for row in rows]
    if len(subqueries) > AT_ONCE:
        found.sort(key=lambda row: (row[0], row[1], -row[2]), reverse=True)
    return found[:limit]


def how_many(connection: Connection, wanted: Sequence[Sequence[Range]], most: int) -> list[int]:
    """How many cases each of some choices has, each counted to ``most``; what is short is one statement."""
    each = [_subqueries(connection, ranges, most) for ranges in wanted]
    if sum(map(len, each)) > AT_ONCE:
        return [_long(connection, subqueries, most) for subqueries in each]
    columns = [_counted(some, most).scalar_subquery() for some in each if some]
    row = iter(connection.execute(select(*columns)).one() if columns else ())
    return [int(next(row)) if some else 0 for some in each]


def _long(connection: Connection, subqueries: Sequence[Select[Any]], most: int) -> int:
    found = 0
    for some in _some(subqueries):
        found += int(connection.scalar(_counted(some, most - found)) or 0)
        if found >= most:
            break
    return found


def _subqueries(connection: Connection, ranges: Sequence[Range], limit: int | None) -> list[Select[Any]]:
    """What reads the ranges, each to so many cases: lists of those that are alike, the others by themselves."""
    lite = connection.dialect.name == "sqlite"
    alike: dict[Any, list[Range]] = {}
    for number, one in enumerate(ranges):
        single = not one.equal or (lite and (limit is None or limit > SHORT))
        alike.setdefault(number if single else one.kind, []).append(one)
    found = []
    for some in alike.values():
        if len(some) >= LISTED:
            rows = [[value for _, value in one.equal] for one in some]
            found.append(listed(connection, rows, partial(some[0].read_for, limit=limit), ("id", "scope", "score")))
        else:
            found += [
                select(one.c.id, one.c.scope, one.c.score) for one in (each.read(limit).subquery() for each in some)
            ]
    return found


def listed(
    connection: Connection,
    rows: Sequence[Sequence[str | None]],
    read: Callable[[Sequence[Any]], Select[Any]],
    names: Any,
) -> Select[Any]:
    """Some columns of the cases that are read for each of some rows of values; None is a value that stands as it is."""
    row, values = row_of(connection, rows)
    if connection.dialect.name == "sqlite":  # which takes nothing of a list into a subquery but where it is looked up
        found = s.case.alias()
        among = found.c.id.in_(read(values).with_only_columns(s.case.c.id).correlate(row))
        return select(*(found.c[name] for name in names)).select_from(row.join(found, among))
    one = read(values).correlate(row).lateral()
    return select(*(one.c[name] for name in names)).select_from(row.join(one, true()))


def row_of(connection: Connection, rows: Sequence[Sequence[str | None]]) -> tuple[Any, list[Any]]:
    """(a list of rows of values as a table, the values of its row); what is None in the first is None for all."""
    text = literal(json.dumps(rows), Text)
    if connection.dialect.name == "sqlite":
        row = func.json_each(text).table_valued("value")
        values: list[Any] = [func.json_extract(row.c.value, literal_column(f"'$[{n}]'")) for n in range(len(rows[0]))]
    else:
        row = func.json_array_elements(cast(text, JSON)).table_valued("value")
        values = [row.c.value.op("->>", return_type=Text())(literal_column(str(n))) for n in range(len(rows[0]))]
    return row, [None if given is None else value for given, value in zip(rows[0], values, strict=True)]


def _some(subqueries: Sequence[Select[Any]]) -> Iterator[Sequence[Select[Any]]]:
    for at in range(0, len(subqueries), AT_ONCE):
        yield subqueries[at : at + AT_ONCE]


def _together(subqueries: Sequence[Select[Any]]) -> Any:
    return subqueries[0] if len(subqueries) == 1 else union_all(*subqueries)


def _counted(subqueries: Sequence[Select[Any]], most: int) -> Select[Any]:
    some = _together(subqueries).limit(most).subquery()
    return select(func.count()).select_from(some)
