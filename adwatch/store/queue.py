"""The queue of cases: filtered, safety production first, then by score, in pages that begin where the last one ended.

Each page is two statements, of which the first walks ranges of indexes (``ranges``), whatever the database thinks of
its statistics: the order is walked for each state by itself, and so for each region and family that is looked for, or
that a person is limited to (``reach``). Where a condition leaves few cases (an offer class, a region, a day), those are
read and sorted instead, so that a rare condition does not walk the whole order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, func, literal_column, or_, select

from adwatch.store import of_days
from adwatch.store import schema as s
from adwatch.store.cases import add_listings
from adwatch.store.filters import Filters
from adwatch.store.one_of import one_of
from adwatch.store.opening import chunks
from adwatch.store.queue_where import begins, first_of_subject, in_states, on_days, sought, tagged
from adwatch.store.ranges import Range, first_places, how_many, order
from adwatch.store.rare import rare
from adwatch.store.reach import SEVERAL, Part, parts, states

__all__ = ["Cursor", "Filters", "counted", "counted_each", "cursor_of", "folded", "limits", "page", "places", "within"]

SCOPES = ("safety_production", "other_credential")
"""In the order of the queue: descending."""

MANY = 20_000
"""Cases of some families from which on those of a day are rather met among all of the day."""

FINELY, PROBED = 12, 400
"""More ranges than the first of a choice are counted only where the first so many of its cases are not enough."""

Cursor = tuple[str, float, int]
"""(scope, score, id) of the last case of a page."""


def page(connection: Connection, filters: Filters, after: Cursor | None, limit: int | None) -> list[dict[str, Any]]:
    """Cases with the numbers of their listings (``listings``: surrogate keys), at most so many, behind a cursor."""
    ids = [place[2] for place in places(connection, filters, after, limit)]
    found: dict[int, dict[str, Any]] = {}
    for some in chunks(ids):
        query = select(s.case).where(s.case.c.id.in_(some))
        found.update((row.id, dict(row._mapping)) for row in connection.execute(query))
    cases = [found[each] for each in ids]
    add_listings(connection, cases)
    return cases


def places(connection: Connection, filters: Filters, after: Cursor | None, limit: int | None) -> list[Cursor]:
    """The places of the cases of ``page``, of which nothing else is read."""
    [few] = rare(connection, [filters])
    return first_places(connection, _ranges(connection, filters, few, after), limit)


def cursor_of(case: dict[str, Any]) -> Cursor:
    """The place of a case in the order."""
    return case["scope"], case["score"], case["id"]


def counted(connection: Connection, filters: Filters, most: int = 1_000) -> int:
    """How many cases there are, counted up to ``most``."""
    return counted_each(connection, [filters], most)[0]


def counted_each(connection: Connection, wanted: Sequence[Filters], most: int) -> list[int]:
    """How many cases each choice has, each counted up to ``most``: all together in few statements."""
    few = rare(connection, wanted)
    known: dict[tuple[Any, ...], list[Part]] = {}
    reaches = [_reach(filters) for filters in wanted]
    for filters, c, reach in zip(wanted, few, reaches, strict=True):
        if c is None and reach not in known:
            known[reach] = _parts(connection, filters)
    finely = [c is None and len(known[reach]) > FINELY for c, reach in zip(few, reaches, strict=True)]
    found = _met(connection, [each if cut else None for each, cut in zip(wanted, finely, strict=True)], most)
    left = [at for at, count in enumerate(found) if count < most]
    ranges = [_counted_ranges(connection, wanted[at], few[at], known.get(reaches[at], ())) for at in left]
    for at, count in zip(left, how_many(connection, ranges, most), strict=True):
        found[at] = count
    return found


def _reach(filters: Filters) -> tuple[Any, ...]:
    return (filters.only_regions, filters.only_families, filters.region, filters.family, filters.platform)


def _met(connection: Connection, wanted: Sequence[Filters | None], most: int) -> list[int]:
    """How many each choice has, to ``most``, among the first PROBED of its state or day: often all that is asked.

    What is cut into many ranges takes longer to be planned than to be counted; who may see a province finds some
    everywhere.
    """
    c, found, asked = s.case.c, [0] * len(wanted), dict[int, Any]()
    for at, filters in enumerate(wanted):
        if filters is None or filters.fold or most > PROBED:
            continue
        if len(filters.states) == 1:
            walk = select(s.case).where(c.state == filters.states[0]).order_by(*order(c))
        elif days := on_days(c, filters):
            walk = select(s.case).where(*days).order_by(c.opened_day)
        else:
            continue
        some = walk.limit(PROBED).subquery().c
        where = (*_conditions(some, filters), *sought(some, filters), *limits(filters, some), *in_states(some, filters))
        asked[at] = select(func.count()).select_from(select(some.id).where(*where).limit(most).subquery())
    if asked:
        row = connection.execute(select(*(each.scalar_subquery() for each in asked.values()))).one()
        for at, count in zip(asked, row, strict=True):
            found[at] = int(count)
    return found


def _counted_ranges(connection: Connection, filters: Filters, few: Any, reach: Iterable[Part]) -> list[Range]:
    """As ``_ranges``, but no order is needed: what all states have in one index is one range of it."""
    c, reach = s.case.c, list(reach)
    scored = filters.score_from is not None or filters.score_to is not None
    if few is None and not scored and of_days.by_region(filters, reach):
        return of_days.ranges(filters, reach, _conditions(c, filters))
    if few is not None or filters.states or scored:
        return _ranges(connection, filters, few, None, reach)
    where = _conditions(c, filters)
    if any(part.order for part in reach):
        whole = [Range(c, part.beside, part.equal, (*part.order, c.state)) for part in reach]
        if on_days(c, filters) and how_many(connection, [whole], MANY)[0] == MANY:
            inside = (or_(each, literal_column("0 = 1")) for each in (*limits(filters), *sought(c, filters)))
            return [Range(c, (*where, *inside, *on_days(c, filters)), only=(c.opened_day,))]
        return [Range(c, (*where, *part.beside), part.equal, (*part.order, c.state)) for part in reach]
    days = on_days(c, filters)
    only = (c.opened_day,) if days else ()
    return [Range(c, (*where, *days, *part.beside), only=only) for part in reach]


def _conditions(c: Any, filters: Filters) -> list[ColumnElement[bool]]:
    """All conditions but those of ``_beside``, on the columns of ``case``."""
    where: list[ColumnElement[bool]] = []
    limited = bool(filters.only_regions or filters.only_families)  # whose ranges are those of regions and families:
    if filters.platform is not None:  # + 0 and coalesce keep a database from taking others
        named = select(s.platform.c.id).where(s.platform.c.name == filters.platform).scalar_subquery()
        where.append((c.platform_id + 0 if limited else c.platform_id) == named)
    if filters.owner is not None:
        where.append((func.coalesce(c.owner, "") if limited else c.owner) == filters.owner)
    for name in ("scope", "band", "tier", "origin", "campaign"):
        value = getattr(filters, name)
        if value is not None:
            where.append(c[name] == value)
    tags = (("class", filters.offer_class), ("contact", filters.contact))
    where += [tagged(c, kind, value) for kind, value in tags if value is not None]
    if filters.score_from is not None:
        where.append(c.score >= filters.score_from)
    if filters.score_to is not None:
        where.append(c.score < filters.score_to)
    where += on_days(c, filters, met=True)
    if filters.subject is not None:
        where.append(c.subject_id == filters.subject)
    if filters.fold:
        where.append(first_of_subject(c, filters))
    return where


def limits(filters: Filters, c: Any = s.case.c) -> list[ColumnElement[bool]]:
    """The conditions of what a person is limited to; others choose further, these are never left out."""
    where = []
    if filters.only_regions:
        where.append(or_(c.region.is_(None), *(begins(c, each) for each in filters.only_regions)))
    if filters.only_families:
        tag = s.case_tag.alias()  # the query that takes the conditions may have the table among its own
        named = exists().where(tag.c.case_id == c.id, tag.c.kind == "family", tag.c.value.in_(filters.only_families))
        family = func.coalesce(c.family, "")  # wrapped: no database looks up these cases by their family
        where.append(or_(family.in_(("", *filters.only_families)), and_(family == SEVERAL, named)))
    return where


def within(connection: Connection, filters: Filters, ids: Iterable[int]) -> set[int]:
    """Those of some cases that a person who is limited so may see; none that does not exist."""
    found: set[int] = set()
    for some in chunks(ids):
        found.update(
            connection.scalars(select(s.case.c.id).where(one_of(connection, s.case.c.id, some), *limits(filters)))
        )
    return found


def folded(connection: Connection, filters: Filters, subjects: Sequence[int]) -> dict[int, int]:
    """By subject: how many cases of these states and this scope it has."""
    c = s.case.c
    found: dict[int, int] = {}
    for ids in chunks(subjects):
        query = select(c.subject_id, func.count()).where(c.subject_id.in_(ids))
        if filters.states:  # wrapped: SQLite would read all cases of these states for some subjects
            query = query.where(func.coalesce(c.state, "").in_(filters.states))
        if filters.scope is not None:
            query = query.where(c.scope == filters.scope)
        found.update((row[0], row[1]) for row in connection.execute(query.group_by(c.subject_id)))
    return found


def _parts(connection: Connection, filters: Filters) -> list[Part]:
    """What limits, region and family leave in parts that share no case; all of it in one where that cuts too finely."""
    limited = bool(filters.only_regions or filters.only_families)
    whole = Part((*limits(filters), *sought(s.case.c, filters)))
    if filters.platform is not None and not limited:
        return [_of_platform(filters)]
    begins, families = filters.only_regions, filters.only_families
    if filters.region is not None:
        begins = _both(begins, filters.region)
        if not begins:
            return []
    if filters.family is not None:
        families = (filters.family,)
    if not begins and not families:
        return [whole]
    found = parts(connection, begins, families, anywhere=filters.region is None, nameless=filters.family is None)
    if filters.family is not None and filters.only_families and filters.family not in filters.only_families:
        if found is None:
            return [Part(whole.beside, ((s.case.c.family, SEVERAL),))]
        both = limits(replace(filters, only_regions=()))  # only who names one of a person's besides is inside
        return [Part((*part.beside, *both), part.equal) for part in found if part.equal[-1][1] == SEVERAL]
    if found is not None and filters.platform is not None:
        ranges = [Range(s.case.c, part.beside, part.equal, (*part.order, s.case.c.state)) for part in found]
        if how_many(connection, [ranges], MANY)[0] == MANY:
            return [_of_platform(filters)]
    return [whole] if found is None else found


def _of_platform(filters: Filters) -> Part:
    """What is inside of a platform's cases: fewer than a whole province has."""
    c, whole = s.case.c, (*limits(filters), *sought(s.case.c, filters))
    named = select(s.platform.c.id).where(s.platform.c.name == filters.platform).scalar_subquery()
    inside = (or_(each, literal_column("0 = 1")) for each in whole)
    return Part((c.platform_id == named, *inside), at=(c.platform_id,))


def _both(begins: Sequence[str], begin: str) -> tuple[str, ...]:
    """Begins of what begins with one of several and with another one; those of several are none where all is meant."""
    if not begins or any(begin.startswith(each) for each in begins):
        return (begin,)
    return tuple(each for each in begins if each.startswith(begin))


def _ranges(
    connection: Connection,
    filters: Filters,
    few: Any,
    after: Cursor | None,
    reach: Iterable[Part] | None = None,
) -> list[Range]:
    """Ranges whose cases, merged, are those of the queue; of ``few`` cases that are read beforehand, what fits."""
    if few is not None:
        return [_of_few(filters, few, after)]
    c, where, behind = s.case.c, tuple(_conditions(s.case.c, filters)), _behind(s.case.c, filters, after)
    found, every = list[Range](), None
    reach = _parts(connection, filters) if reach is None else list(reach)
    if of_days.by_region(filters, reach):
        few, reach = of_days.few_of(connection, filters, reach)
        found += [] if few is None else [_of_few(filters, few, after)]
    for part in reach:
        if part.order and not filters.states:
            every = states(connection) if every is None else every
        each: Sequence[str | None] = filters.states or (every if part.order and every is not None else (None,))
        for state in dict.fromkeys(each):
            equal = part.equal if state is None else (*part.equal, (c.state, state))
            found += [Range(c, (*where, *part.beside, *place), equal, part.order) for place in behind]
    return found


def _of_few(filters: Filters, few: Any, after: Cursor | None) -> Range:
    """What fits of cases that are read beforehand."""
    beside = (*sought(few, filters), *limits(filters, few), *in_states(few, filters))
    where, behind = (*_conditions(few, filters), *beside), _behind(few, filters, after)
    return Range(few, (*where, or_(*(and_(*each) for each in behind))) if behind != [[]] else where)


def _behind(c: Any, filters: Filters, after: Cursor | None) -> list[list[ColumnElement[bool]]]:
    """What stands behind a cursor, as ranges of the order; scope by scope too where the score is bounded."""
    if after is None:
        scored = filters.score_from is not None or filters.score_to is not None
        return [[c.scope == scope] for scope in SCOPES] if scored else [[]]
    scope, score, case_id = after
    further = [[c.scope == each] for each in SCOPES if each < scope]
    return [[c.scope == scope, c.score <= score, or_(c.score < score, c.id > case_id)], *further]
