"""Sites for a screen: a page of those chosen, newest first, and how many wait, within what a person is limited to.

A site is chosen by itself or, once it has an entry, by its case. All cases of entries are of one source, so that those
are one range of the index of platforms, however many other cases there are; sites without an entry have no case.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    Select,
    Text,
    and_,
    cast,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)

from adwatch.store import schema as s
from adwatch.store.filters import Filters
from adwatch.store.opening import chunks
from adwatch.store.queue import limits as conditions
from adwatch.store.sites import ENTRIES

Row = dict[str, Any]
BY_CASE = {"waiting": ("screening", "registered", "reopened", "doubtful"), "standing": ("confirmed",)}
"""What is chosen by the state of its case."""
SHOWN: dict[str, ColumnElement[bool]] = {
    **dict.fromkeys((*BY_CASE, "suspected"), s.site.c.band == "flagged"),
    "doubtful": s.site.c.band == "review",
    "unseen": and_(s.site.c.looked_at.is_(None), func.coalesce(s.site.c.kind, "") == "site"),
    "clear": s.site.c.band.in_(("clear", "dismissed")),
    "all": true(),
}
"""What may be chosen: suspected (all with a case), of these those that wait for a person and those confirmed; doubtful;
not looked at yet (few; the kind is wrapped, else SQLite walks all of a kind); nothing found, or set aside."""


def page(
    connection: Connection,
    shown: str,
    limits: Filters | None,
    *,
    kind: str | None = None,
    name: str | None = None,
    before: int | None = None,
    most: int = 50,
) -> list[Row]:
    """Rows of ``site`` with ``case_id``, ``lead_number``, ``state``, newest first, below a number."""
    site, case = s.site.c, s.case.c
    further = [site.kind == kind] if kind is not None else []
    if name is not None:
        further.append(site.name.contains(name.lower(), autoescape=True))
    if before is not None:
        further.append(site.id < before)
    found: set[int] = set()
    for query in _chosen(_cases(connection), shown, limits):
        found.update(connection.scalars(query.where(*further).order_by(site.id.desc()).limit(most)))
    query = _joined(select(s.site, case.id.label("case_id"), case.lead_number, case.state))
    ids = sorted(found, reverse=True)[:most]
    rows = connection.execute(query.where(site.id.in_(ids)).order_by(site.id.desc())) if ids else ()
    return [dict(row._mapping) for row in rows]


def counts(connection: Connection, shown: Sequence[str], limits: Filters | None, most: int) -> list[int]:
    """How many there are of each, counted to ``most``, in one statement."""
    columns, cases = [], _cases(connection)
    for each in shown:
        some = [query.limit(most).subquery() for query in _chosen(cases, each, limits)]
        together = union_all(*(select(one.c.id) for one in some)).limit(most).subquery()
        columns.append(select(func.count()).select_from(together).scalar_subquery())
    return [int(count) for count in connection.execute(select(*columns)).one()]


def visible(connection: Connection, ids: Sequence[int], limits: Filters | None) -> set[int]:
    """Those of some sites that a person who is limited so may see."""
    found: set[int] = set()
    for part in chunks(ids):
        query = _joined(select(s.site.c.id)).where(s.site.c.id.in_(part))
        found.update(connection.scalars(query if limits is None else query.where(_within(limits))))
    return found


def _cases(connection: Connection) -> CTE:
    """The cases of entries, read by themselves, before anything else is asked of them."""
    c = s.case.c
    source = connection.scalar(select(s.platform.c.id).where(s.platform.c.name == ENTRIES))
    columns = (c.id, c.state, c.region, c.family)  # what limits ask of, too
    query = select(*columns).where(c.platform_id == source)  # none where there is no such source yet
    return query.cte().prefix_with("MATERIALIZED")


def _chosen(cases: CTE, shown: str, limits: Filters | None) -> list[Select[Any]]:
    """Queries of numbers of sites that, together, give each site once."""
    site = s.site.c
    if shown in BY_CASE:
        return [_by_case(cases, limits, BY_CASE[shown])]
    query = select(site.id).where(SHOWN[shown])
    if limits is None:
        return [query]
    without = and_(site.listing_id.is_(None), _free(limits))
    if shown == "unseen":
        return [query.where(or_(without, _entry_within(limits)))]
    return [query.where(without), *([_by_case(cases, limits)] if shown in ("suspected", "all") else [])]


def _by_case(cases: CTE, limits: Filters | None, states: Sequence[str] = ()) -> Select[Any]:
    """Sites by the cases of their entries: one set out of another, since SQLite would join each site with each case."""
    link, site = s.case_listing.c, s.site.c
    within = select(cases.c.id).where(*(conditions(limits, cases.c) if limits is not None else ()))
    within = within.where(cases.c.state.in_(states)) if states else within
    entries = select(link.listing_id).where(link.case_id.in_(within))
    return select(site.id).where(func.coalesce(site.band, "") == "flagged", site.listing_id.in_(entries))


def _entry_within(limits: Filters) -> ColumnElement[bool]:
    """That a site has an entry whose case is within; looked up for each site, which is right where sites are few."""
    link = s.case_listing.c
    case = select(s.case.c.id).join(s.case_listing, link.case_id == s.case.c.id)
    return case.where(link.listing_id == s.site.c.listing_id, *conditions(limits)).scalar_subquery().is_not(None)


def _joined(query: Select[Any]) -> Select[Any]:
    link = s.case_listing.c
    return (
        query.select_from(s.site)
        .outerjoin(s.case_listing, link.listing_id == s.site.c.listing_id)
        .outerjoin(s.case, s.case.c.id == link.case_id)
    )


def _within(limits: Filters) -> ColumnElement[bool]:
    """By its case; a site without one by its families: where none is known it belongs to everybody, as cases do."""
    return or_(and_(s.case.c.id.is_not(None), *conditions(limits)), and_(s.case.c.id.is_(None), _free(limits)))


def _free(limits: Filters) -> ColumnElement[bool]:
    families = cast(s.site.c.families, Text)
    named = [families.like(f'%"{each}"%') for each in limits.only_families]
    return or_(families == "[]", *named) if named else literal(True)
