"""What is looked for in the queue of cases, as conditions on single columns of ``case`` or of cases read beforehand."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, exists

from adwatch.store import schema as s
from adwatch.store.filters import Filters


def tagged(c: Any, kind: str, value: str) -> ColumnElement[bool]:
    """Cases with a class, family or contact."""
    tag = s.case_tag
    return exists().where(tag.c.case_id == c.id, tag.c.kind == kind, tag.c.value == value)


def begins(c: Any, text: str) -> ColumnElement[bool]:
    """A range of the index on the region, which LIKE is not on every database."""
    return and_(c.region >= text, c.region < text + "\U0010ffff")


def on_days(c: Any, filters: Filters) -> list[ColumnElement[bool]]:
    """Cases opened on the days looked for."""
    where = [c.opened_day >= filters.opened_from] if filters.opened_from is not None else []
    return [*where, c.opened_day <= filters.opened_to] if filters.opened_to is not None else where


def in_states(c: Any, filters: Filters) -> list[ColumnElement[bool]]:
    """Cases in the states looked for."""
    return [c.state.in_(filters.states)] if filters.states else []


def sought(c: Any, filters: Filters) -> list[ColumnElement[bool]]:
    """Region and family that are looked for, as conditions; ``queue`` has them too, as ranges of an index."""
    where = [begins(c, filters.region)] if filters.region is not None else []
    return [*where, tagged(c, "family", filters.family)] if filters.family is not None else where
