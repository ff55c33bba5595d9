"""What is looked for in the queue of cases, as conditions on single columns of ``case`` or of cases read beforehand."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, tuple_

from adwatch.store import schema as s
from adwatch.store.filters import Filters


def tagged(c: Any, kind: str, value: str) -> ColumnElement[bool]:
    """Cases with a class, family or contact."""
    tag = s.case_tag
    asked = select(1).where(tag.c.case_id == c.id, tag.c.kind == kind, tag.c.value == value)
    return exists(asked.correlate_except(tag).offset(0))  # keeps PostgreSQL from reading all that are tagged so


def begins(c: Any, text: str) -> ColumnElement[bool]:
    """A range of the index on the region, which LIKE is not on every database."""
    return and_(c.region >= text, c.region < text + "\U0010ffff")


def on_days(c: Any, filters: Filters, *, met: bool = False) -> list[ColumnElement[bool]]:
    """Cases opened on the days looked for; ``met``: on the way along another order, and not by the index of days."""
    day = func.coalesce(c.opened_day, "") if met else c.opened_day
    where = [day >= filters.opened_from] if filters.opened_from is not None else []
    return [*where, day <= filters.opened_to] if filters.opened_to is not None else where


def in_states(c: Any, filters: Filters) -> list[ColumnElement[bool]]:
    """Cases in the states looked for."""
    return [c.state.in_(filters.states)] if filters.states else []


def sought(c: Any, filters: Filters) -> list[ColumnElement[bool]]:
    """Region and family that are looked for, as conditions; ``queue`` has them too, as ranges of an index."""
    where = [begins(c, filters.region)] if filters.region is not None else []
    return [*where, tagged(c, "family", filters.family)] if filters.family is not None else where


def first_of_subject(c: Any, filters: Filters) -> ColumnElement[bool]:
    """That no case of the same subject stands before it in the order."""
    o = s.case.alias().c
    # wrapped, so that the others are looked up by their subject, whatever index the database would rather take
    state, scope = func.coalesce(o.state, ""), func.coalesce(o.scope, "")
    same = [o.subject_id == c.subject_id, or_(scope > c.scope, and_(scope == c.scope, _better(o, c)))]
    # says nothing more, but the index of a subject's cases is read no further: a large one has thousands behind
    if filters.scope is not None:
        same += [o.scope == c.scope, o.score >= c.score]
    else:
        same.append(tuple_(o.scope, o.score) >= tuple_(c.scope, c.score))
    if filters.states:
        same.append(state.in_(filters.states))
    if filters.scope is not None:
        same.append(scope == filters.scope)
    return or_(c.subject_id.is_(None), ~exists().where(*same))


def _better(o: Any, c: Any) -> ColumnElement[bool]:
    score = func.coalesce(o.score, 0)
    return or_(score > c.score, and_(score == c.score, o.id < c.id))
