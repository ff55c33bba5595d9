"""What holds of a case: as the person corrected it whose finding stands, else as the machine reads it.

This is the one place of that rule. A correction stands as long as its finding is the last one and the case is in one of
the states ``STANDING``: neither re-opened nor the finding taken back. A later finding without a correction says that
the machine was right. Whatever names scope, classes or families of a case goes by ``ListingView.reading``, by the
case's own row and tags (``opening.hold`` writes them), or by ``held``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, case, func, literal_column, select

from adwatch.models import Verdict
from adwatch.store import schema as s
from adwatch.store.one_of import given, one_of_named

STANDING = ("confirmed", "closed")
"""States of a case in which a finding that corrects stands: 属实, and what is done upon it (see ``state_found``)."""
CLOSED_ON = {"dismiss": "dismissed", "refer": "referred"}
"""Findings on which a case can be 办结 that was not found 属实, and the state that each of them led to."""
Corrected = Mapping[str, Any]
"""``decision.corrected``: those of ``scope``, ``types`` and ``families`` that the person gave."""


class Held(NamedTuple):
    """Scope, offer classes and certificate families that hold."""

    scope: str | None
    types: tuple[str, ...]
    families: tuple[str, ...]


def held(
    corrected: Corrected | None, scope: str | None, types: Iterable[str] | None, families: Iterable[str] | None = None
) -> Held:
    """What the machine reads, with what a person corrected of it in its place."""
    given = corrected or {}
    return Held(
        given.get("scope", scope), tuple(given.get("types", types) or ()), tuple(given.get("families", families) or ())
    )


def state_found() -> ColumnElement[str]:
    """The state of a ``case``; of one that is 办结 without having been found 属实, what it was closed on.

    Whoever asks by STANDING whether a case is 属实 asks this: 不属实 stays 不属实 once it is 办结.
    """
    d, state = s.decision, s.case.c.state
    last = select(case(CLOSED_ON, value=d.c.result)).where(d.c.case_id == s.case.c.id).order_by(d.c.id.desc()).limit(1)
    return func.coalesce(case((state == "closed", last.correlate(s.case).scalar_subquery())), state, "")


def found_as(connection: Connection, case_id: int) -> str:
    """``state_found`` of one case."""
    return str(connection.scalar(select(state_found()).where(s.case.c.id == case_id)))


def held_scope(connection: Connection) -> ColumnElement[str]:
    """``held`` of the scope, over a listing's row in ``case_listing`` and the last ``decision`` of its case."""
    corrected, scope = s.decision.c.corrected, s.case_listing.c.decided_scope
    if connection.dialect.name == "sqlite":
        where: Any = literal_column("'$.scope'")
        given: Any = func.json_type(corrected, where)
        said: Any = func.json_extract(corrected, where)
    else:
        given, said = corrected.op("->")(literal_column("'scope'")), corrected.op("->>")(literal_column("'scope'"))
    return case((corrected.is_(None), scope), (given.is_(None), scope), else_=said)


def as_corrected(verdict: Verdict | None, corrected: Corrected | None) -> Verdict | None:
    """The verdict as a person corrected it; other classes rest on other articles than those that the machine cited."""
    if verdict is None or not corrected:
        return verdict
    scope, types, families = held(corrected, verdict.scope, verdict.offer_types, verdict.certificate_kinds)
    basis = () if "types" in corrected else verdict.basis
    return replace(verdict, scope=scope, offer_types=types, certificate_kinds=families, basis=basis)


def standing(connection: Connection, listing_ids: Sequence[int]) -> dict[int, Corrected]:
    """The corrections that stand, by listing; of as many listings as one statement takes."""
    dialect = connection.dialect.name
    rows = connection.execute(_standing(dialect), {"listing_ids": given(dialect, listing_ids)})
    return {row.listing_id: row.corrected for row in rows}


@cache
def _standing(dialect: str) -> Any:
    link, d, any_decision = s.case_listing, s.decision, s.decision.alias()
    last = select(func.max(any_decision.c.id)).where(any_decision.c.case_id == link.c.case_id).correlate(link)
    state = func.coalesce(s.case.c.state, "")  # wrapped: SQLite would walk all cases of these states for some listings
    return (
        select(link.c.listing_id, d.c.corrected)
        .join(s.case, s.case.c.id == link.c.case_id)
        .join(d, d.c.id == last.scalar_subquery())
        .where(state.in_(STANDING), d.c.corrected.is_not(None))
        .where(one_of_named(dialect, link.c.listing_id, "listing_ids"))
    )
