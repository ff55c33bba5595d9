"""Sites for a screen: a page of those chosen, newest first, and how many wait, within what a person is limited to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Text, and_, cast, func, or_, select, true

from adwatch.store import schema as s
from adwatch.store.filters import Filters
from adwatch.store.opening import chunks
from adwatch.store.queue import limits as conditions

Row = dict[str, Any]
_SURE = ("confirmed",)
SHOWN: dict[str, ColumnElement[bool]] = {
    "suspected": s.site.c.band == "flagged",
    "waiting": and_(
        s.site.c.band == "flagged", s.case.c.state.in_(("screening", "registered", "reopened", "doubtful"))
    ),
    "standing": and_(s.site.c.band == "flagged", s.case.c.state.in_(_SURE)),
    "doubtful": s.site.c.band == "review",
    "unseen": and_(s.site.c.looked_at.is_(None), s.site.c.kind == "site"),
    "clear": s.site.c.band == "clear",
    "all": true(),
}
"""What may be chosen: suspected (all with a case), of these those that wait for a person and those confirmed; doubtful;
not looked at yet; nothing found."""


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
    query = _joined(select(s.site, case.id.label("case_id"), case.lead_number, case.state), shown, limits)
    if kind is not None:
        query = query.where(site.kind == kind)
    if name is not None:
        query = query.where(site.name.contains(name.lower(), autoescape=True))
    if before is not None:
        query = query.where(site.id < before)
    return [dict(row._mapping) for row in connection.execute(query.order_by(site.id.desc()).limit(most))]


def count(connection: Connection, shown: str, limits: Filters | None, most: int) -> int:
    """How many there are, counted to ``most``."""
    some = _joined(select(s.site.c.id), shown, limits).limit(most).subquery()
    return int(connection.scalar(select(func.count()).select_from(some)) or 0)


def visible(connection: Connection, ids: Sequence[int], limits: Filters | None) -> set[int]:
    """Those of some sites that a person who is limited so may see."""
    found: set[int] = set()
    for part in chunks(ids):
        found.update(connection.scalars(_joined(select(s.site.c.id), "all", limits).where(s.site.c.id.in_(part))))
    return found


def _joined(query: Select[Any], shown: str, limits: Filters | None) -> Select[Any]:
    link = s.case_listing.c
    query = (
        query.select_from(s.site)
        .outerjoin(s.case_listing, link.listing_id == s.site.c.listing_id)
        .outerjoin(s.case, s.case.c.id == link.case_id)
        .where(SHOWN[shown])
    )
    return query if limits is None else query.where(_within(limits))


def _within(limits: Filters) -> ColumnElement[bool]:
    """By its case; a site without one by its families: where none is known it belongs to everybody, as cases do."""
    families = cast(s.site.c.families, Text)
    named = [families.like(f'%"{each}"%') for each in limits.only_families]
    free = or_(families == "[]", *named) if named else true()
    return or_(and_(s.case.c.id.is_not(None), *conditions(limits)), and_(s.case.c.id.is_(None), free))
