"""The queue of cases: filtered, safety production first, then by score, in pages that begin where the last one ended.

Each query is one range of one index, whatever the database thinks of its statistics: the order is walked for each state
by itself and merged here, and so for each region and family that is looked for, or that a person is limited to
(``reach``). Where a condition leaves few cases (an offer class, a region, a day), those are looked up and
sorted instead, so that a rare condition does not walk the whole order.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select

from adwatch.store import schema as s
from adwatch.store.cases import add_listings
from adwatch.store.filters import Filters
from adwatch.store.opening import chunks
from adwatch.store.reach import Part, parts, states

__all__ = ["Cursor", "Filters", "counted", "cursor_of", "folded", "limits", "page", "within"]

FEW = 5000
"""So many cases are looked up and sorted rather than met on the way along the order."""
SCOPES = ("safety_production", "other_credential")
"""In the order of the queue: descending."""

Cursor = tuple[str, float, int]
"""(scope, score, id) of the last case of a page."""


def page(connection: Connection, filters: Filters, after: Cursor | None, limit: int | None) -> list[dict[str, Any]]:
    """Cases with the numbers of their listings (``listings``: surrogate keys), at most so many, behind a cursor."""
    where = _conditions(connection, filters)
    if where is None:
        return []
    few = _few(connection, filters)
    if few is not None:
        found = _sorted(connection, few, [*where, *_beside(filters)], after)
    else:
        found = heapq.merge(*_walks(connection, filters, where, after, limit), key=lambda case: _rank(cursor_of(case)))
    cases = [case for case, _ in zip(found, range(limit), strict=False)] if limit is not None else list(found)
    add_listings(connection, cases)
    return cases


def cursor_of(case: dict[str, Any]) -> Cursor:
    """The place of a case in the order."""
    return case["scope"], case["score"], case["id"]


def counted(connection: Connection, filters: Filters, most: int = 1_000) -> int:
    """How many cases there are, counted up to ``most``."""
    where = _conditions(connection, filters)
    if where is None:
        return 0
    few = _few(connection, filters)
    if few is not None:
        return sum(1 for _ in _sorted(connection, few, [*where, *_beside(filters)], None))
    found = 0
    for part in _parts(connection, filters):
        some = select(s.case.c.id).where(*where, *part.where, *_states(filters)).limit(most - found).subquery()
        found += int(connection.scalar(select(func.count()).select_from(some)) or 0)
        if found >= most:
            break
    return found


def _conditions(connection: Connection, filters: Filters) -> list[ColumnElement[bool]] | None:
    """All conditions but those of ``_beside``; None where nothing can fit them."""
    c, where = s.case.c, []
    if filters.platform is not None:
        platform = connection.scalar(select(s.platform.c.id).where(s.platform.c.name == filters.platform))
        if platform is None:
            return None
        where.append((c.platform_id + 0 if _limited(filters) else c.platform_id) == platform)
    for name in ("scope", "band", "tier", "owner", "origin", "campaign"):
        value = getattr(filters, name)
        if value is not None:
            where.append(c[name] == value)
    where += [_tagged(kind, value) for kind, value in _tags(filters) if kind != "family"]
    if filters.score_from is not None:
        where.append(c.score >= filters.score_from)
    if filters.score_to is not None:
        where.append(c.score < filters.score_to)
    where += _days(filters)
    if filters.subject is not None:
        where.append(c.subject_id == filters.subject)
    if filters.fold:
        where.append(_first_of_subject(filters))
    return where


def limits(filters: Filters) -> list[ColumnElement[bool]]:
    """The conditions of what a person is limited to; others choose further, these are never left out."""
    c, where = s.case.c, []
    if filters.only_regions:
        where.append(or_(c.region.is_(None), *(_begins(each) for each in filters.only_regions)))
    if filters.only_families:
        tag = s.case_tag.alias()  # the query that takes the conditions may have the table among its own
        any_family = exists().where(tag.c.case_id == c.id, tag.c.kind == "family")
        where.append(or_(any_family.where(tag.c.value.in_(filters.only_families)), ~any_family))
    return where


def within(connection: Connection, filters: Filters, ids: Iterable[int]) -> set[int]:
    """Those of some cases that a person who is limited so may see; none that does not exist."""
    found: set[int] = set()
    for some in chunks(ids):
        found.update(connection.scalars(select(s.case.c.id).where(s.case.c.id.in_(some), *limits(filters))))
    return found


def _first_of_subject(filters: Filters) -> ColumnElement[bool]:
    """That no case of the same subject stands before it in the order."""
    c, o = s.case.c, s.case.alias().c
    # wrapped, so that the others are looked up by their subject, whatever index the database would rather take
    state, scope = func.coalesce(o.state, ""), func.coalesce(o.scope, "")
    same = [o.subject_id == c.subject_id, or_(scope > c.scope, and_(scope == c.scope, _better(o, c)))]
    if filters.states:
        same.append(state.in_(filters.states))
    if filters.scope is not None:
        same.append(scope == filters.scope)
    return or_(c.subject_id.is_(None), ~exists().where(*same))


def _better(o: Any, c: Any) -> ColumnElement[bool]:
    score = func.coalesce(o.score, 0)
    return or_(score > c.score, and_(score == c.score, o.id < c.id))


def folded(connection: Connection, filters: Filters, subjects: Sequence[int]) -> dict[int, int]:
    """By subject: how many cases of these states and this scope it has."""
    c = s.case.c
    found: dict[int, int] = {}
    for ids in chunks(subjects):
        query = select(c.subject_id, func.count()).where(c.subject_id.in_(ids), *_states(filters))
        if filters.scope is not None:
            query = query.where(c.scope == filters.scope)
        found.update((row[0], row[1]) for row in connection.execute(query.group_by(c.subject_id)))
    return found


def _tags(filters: Filters) -> list[tuple[str, str]]:
    named = (("class", filters.offer_class), ("family", filters.family), ("contact", filters.contact))
    return [(kind, value) for kind, value in named if value is not None]


def _tagged(kind: str, value: str) -> ColumnElement[bool]:
    tag = s.case_tag
    return exists().where(tag.c.case_id == s.case.c.id, tag.c.kind == kind, tag.c.value == value)


def _begins(text: str) -> ColumnElement[bool]:
    """A range of the index on the region, which LIKE is not on every database."""
    return and_(s.case.c.region >= text, s.case.c.region < text + "\U0010ffff")


def _days(filters: Filters) -> list[ColumnElement[bool]]:
    where = [s.case.c.opened_day >= filters.opened_from] if filters.opened_from is not None else []
    return [*where, s.case.c.opened_day <= filters.opened_to] if filters.opened_to is not None else where


def _states(filters: Filters) -> list[ColumnElement[bool]]:
    return [s.case.c.state.in_(filters.states)] if filters.states else []


def _named(filters: Filters) -> list[ColumnElement[bool]]:
    """Region and family that are looked for, as conditions; ``_parts`` has them as ranges of an index."""
    where = [_begins(filters.region)] if filters.region is not None else []
    return [*where, _tagged("family", filters.family)] if filters.family is not None else where


def _beside(filters: Filters) -> list[ColumnElement[bool]]:
    """What walks and their parts choose by themselves."""
    return [*_named(filters), *limits(filters), *_states(filters)]


def _few(connection: Connection, filters: Filters) -> list[int] | None:
    """Ids that the rarest condition leaves; None where each leaves many."""
    tag = s.case_tag
    rare = [select(tag.c.case_id).where(tag.c.kind == kind, tag.c.value == value) for kind, value in _tags(filters)]
    each = [_begins(filters.region)] if filters.region is not None else []
    each += [s.case.c[name] == getattr(filters, name) for name in ("owner", "campaign") if getattr(filters, name)]
    each += [s.case.c.subject_id == filters.subject] if filters.subject is not None else []
    if days := _days(filters):
        each.append(and_(*days))
    rare += [select(s.case.c.id).where(condition) for condition in each]
    for query in rare:
        ids = list(connection.scalars(query.limit(FEW + 1)))
        if len(ids) <= FEW:
            return ids
    return None


def _sorted(
    connection: Connection, ids: list[int], where: list[ColumnElement[bool]], after: Cursor | None
) -> Iterator[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for some in chunks(ids):
        query = select(s.case).where(s.case.c.id.in_(some), *where)
        found.extend(dict(row._mapping) for row in connection.execute(query))
    behind = None if after is None else _rank(after)
    for case in sorted(found, key=lambda case: _rank(cursor_of(case))):
        if behind is None or _rank(cursor_of(case)) > behind:
            yield case


def _limited(filters: Filters) -> bool:
    """Whether the ranges are those of regions and families; + 0 keeps a database from taking others."""
    return bool(filters.only_regions or filters.only_families)


def _parts(connection: Connection, filters: Filters) -> list[Part]:
    """What limits, region and family leave in parts that share no case; all of it in one where that cuts too finely."""
    named = tuple(_named(filters))
    if _limited(filters):
        found = parts(connection, filters.only_regions, filters.only_families)
        each = [Part(tuple(limits(filters)))] if found is None else found
        return [Part((*part.where, *named), part.order) for part in each]
    if filters.platform is not None or not named:
        return [Part(named, (s.case.c.platform_id,) if filters.platform is not None else ())]
    begins, families = ([name] if name is not None else [] for name in (filters.region, filters.family))
    found = parts(connection, begins, families, unnamed=False)
    return [Part(named)] if found is None else found


def _walks(
    connection: Connection,
    filters: Filters,
    where: list[ColumnElement[bool]],
    after: Cursor | None,
    limit: int | None,
) -> Iterator[Iterator[dict[str, Any]]]:
    """Walks along the order whose cases, merged, are those of the queue."""
    for part in _parts(connection, filters):
        each = filters.states or (states(connection) if part.order else ())
        if not each:
            yield _walk(connection, [*where, *part.where], part, after, limit)
        for state in dict.fromkeys(each):
            yield _walk(connection, [*where, *part.where, s.case.c.state == state], part, after, limit)


def _walk(
    connection: Connection, where: list[ColumnElement[bool]], part: Part, after: Cursor | None, limit: int | None
) -> Iterator[dict[str, Any]]:
    """Along the order, one range of the index after the other."""
    left, c = limit, s.case.c
    for behind in _ranges(after):
        query = select(s.case).where(*where, *behind).order_by(*part.order, c.scope.desc(), c.score.desc(), c.id)
        for row in connection.execute(query if left is None else query.limit(left)):
            yield dict(row._mapping)
            left = None if left is None else left - 1
        if left == 0:
            return


def _ranges(after: Cursor | None) -> list[list[ColumnElement[bool]]]:
    c = s.case.c
    if after is None:
        return [[c.scope == scope] for scope in SCOPES]
    scope, score, case_id = after
    behind = [[c.scope == each] for each in SCOPES if each < scope]
    return [
        [c.scope == scope, c.score == score, c.id > case_id],
        [c.scope == scope, c.score < score],
        *behind,
    ]


def _rank(cursor: Cursor) -> tuple[int, float, int]:
    scope, score, case_id = cursor
    return (SCOPES.index(scope), -score, case_id)
