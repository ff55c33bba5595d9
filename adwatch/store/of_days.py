"""Cases of some days in some regions: most regions of a province may have none of a week, or hardly any.

An index has the cases of a region by day, with family and state. By it they are counted, and read where they are few;
only where a region has many of these days is its order walked until a page is full.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select, union_all

from adwatch.store import schema as s
from adwatch.store.filters import Filters
from adwatch.store.queue_where import on_days
from adwatch.store.ranges import Range, listed, row_of
from adwatch.store.reach import Part

FEW = 400
"""Cases of a region that are read and sorted rather than met on the way along its order."""
_C = s.case.c
_FAMILY, _STATE = func.coalesce(_C.family, ""), func.coalesce(_C.state, "")
"""Wrapped, so that no database takes an index of these, which has no day."""


def by_region(filters: Filters, parts: Sequence[Part]) -> bool:
    """Whether days are looked for, and all parts are of one region each."""
    whole = filters.opened_from is None and filters.opened_to is None
    return not whole and bool(parts) and all(part.equal and part.equal[0][0] is _C.region for part in parts)


def few_of(connection: Connection, filters: Filters, parts: Sequence[Part]) -> tuple[Any, list[Part]]:
    """(columns of the cases, read beforehand, of all regions that have few on these days: None if none has any, the
    parts of the others). What else is looked for is still to be asked of the cases."""
    few, found = set[str | None](), list[Select[Any]]()
    for regions in _regions(parts):
        counts = _counts(connection, filters, regions)
        some = [region for region in regions if 0 < counts[region] <= FEW]
        few.update(region for region in regions if counts[region] <= FEW)
        if some:
            found.append(listed(connection, [[each] for each in some], partial(_read, s.case, filters), _C.keys()))
    many = [part for part in parts if part.equal[0][1] not in few]
    if not found:
        return None, many
    together = found[0] if len(found) == 1 else union_all(*found)
    return together.cte().prefix_with("MATERIALIZED").c, many


def ranges(filters: Filters, parts: Sequence[Part], where: Sequence[ColumnElement[bool]]) -> list[Range]:
    """The parts as ranges of that index, one for each region, to be counted."""
    inside = [*on_days(_C, filters), *([_STATE.in_(filters.states)] if filters.states else [])]
    families = {value or "": part.beside for part in parts for _, value in part.equal[1:]}
    if families:
        several = [and_(_FAMILY.in_((value,)), *beside) for value, beside in families.items() if beside]
        inside.append(or_(_FAMILY.in_([value for value, beside in families.items() if not beside]), *several))
    order = (_C.region, _C.opened_day)
    return [Range(_C, (*where, *inside), ((_C.region, each),), only=order) for some in _regions(parts) for each in some]


def _regions(parts: Sequence[Part]) -> list[list[str | None]]:
    """Regions of the parts, and apart from them none, which is another condition."""
    found = list(dict.fromkeys(part.equal[0][1] for part in parts))
    both = [each for each in found if each is not None], [each for each in found if each is None]
    return [list(each) for each in both if each]


def _counts(connection: Connection, filters: Filters, regions: Sequence[str | None]) -> dict[str | None, int]:
    """How many cases each has on these days, to one more than FEW."""
    row, (at, *values) = row_of(connection, [[str(at), each] for at, each in enumerate(regions)])
    some = _read(_C.id, filters, values).correlate(row).subquery()
    counted = select(at, select(func.count()).select_from(some).scalar_subquery()).select_from(row)
    return {regions[int(at)]: int(count) for at, count in connection.execute(counted)}


def _read(what: Any, filters: Filters, row: Sequence[Any]) -> Select[Any]:
    """The cases of a region on these days, to one more than FEW."""
    query = select(what).where(_C.region == row[0], *on_days(_C, filters))
    return query.order_by(_C.region, _C.opened_day).limit(FEW + 1)
