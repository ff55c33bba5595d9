"""Cases out of several ranges of indexes by one statement: each range is walked in its own order, what is found is
merged by the database.

That a range is put in the order of its index, and is one subquery with a limit, leaves no database another way: by its
statistics it would rather read the table from its beginning, where the oldest cases lie.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select, union_all

AT_ONCE = 60
"""Ranges of one statement; SQLite takes 500."""


@dataclass(frozen=True, slots=True)
class Range:
    """Cases that conditions leave, in an order that an index has."""

    c: Any
    """Columns of ``case``, or of a part of it that is read beforehand."""
    where: tuple[ColumnElement[bool], ...]
    same: tuple[ColumnElement[Any], ...] = ()
    """Columns that are the same for all of the range: named first in the order."""
    only: ColumnElement[Any] | None = None
    """The one column in whose order it is read, where it is only counted and that is the order of its index."""

    def read(self, limit: int | None) -> Select[Any]:
        """Its cases (id, scope, score), at most so many."""
        query = select(self.c.id, self.c.scope, self.c.score).where(*self.where)
        return query.order_by(*((*self.same, *order(self.c)) if self.only is None else (self.only,))).limit(limit)


def order(c: Any) -> tuple[Any, ...]:
    """The order of the queue: safety production first, then by score."""
    return c.scope.desc(), c.score.desc(), c.id


def first_places(connection: Connection, ranges: Sequence[Range], limit: int | None) -> list[tuple[str, float, int]]:
    """Places (scope, score, id) of the first cases of all ranges in the order of the queue."""
    found: list[tuple[str, float, int]] = []
    for some in _some(ranges):
        merged = _together(some, limit).subquery()
        rows = connection.execute(
            select(merged.c.scope, merged.c.score, merged.c.id).order_by(*order(merged.c)).limit(limit)
        )
        found += [(row.scope, row.score, row.id) for row in rows]
    if len(ranges) > AT_ONCE:
        found.sort(key=lambda row: (row[0], row[1], -row[2]), reverse=True)
    return found[:limit]


def how_many(connection: Connection, wanted: Sequence[Sequence[Range]], most: int) -> list[int]:
    """How many cases each of some choices has, each counted to ``most``; what is short is one statement."""
    if sum(map(len, wanted)) > AT_ONCE and len(wanted) > 1:
        return [count for each in wanted for count in how_many(connection, [each], most)]
    if len(wanted) == 1:
        found = 0
        for some in _some(wanted[0]):
            found += int(connection.scalar(_counted(some, most - found)) or 0)
            if found >= most:
                break
        return [found]
    columns = [_counted(each, most).scalar_subquery() for each in wanted if each]
    row = iter(connection.execute(select(*columns)).one() if columns else ())
    return [int(next(row)) if each else 0 for each in wanted]


def _some(ranges: Sequence[Range]) -> Iterator[Sequence[Range]]:
    for at in range(0, len(ranges), AT_ONCE):
        yield ranges[at : at + AT_ONCE]


def _together(ranges: Sequence[Range], limit: int | None) -> Any:
    """What some ranges have, each at most so many."""
    each = [
        select(found.c.id, found.c.scope, found.c.score) for found in (one.read(limit).subquery() for one in ranges)
    ]
    return each[0] if len(each) == 1 else union_all(*each)


def _counted(ranges: Sequence[Range], most: int) -> Select[Any]:
    some = _together(ranges, most).limit(most).subquery()
    return select(func.count()).select_from(some)
