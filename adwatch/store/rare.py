"""Which of the conditions of a queue leaves few cases: those are read whole, and all else is chosen among them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, literal, select

from adwatch.store import schema as s
from adwatch.store.filters import Filters

FEW = 5000
"""So many cases are read and sorted rather than met on the way along the order."""


class Condition(NamedTuple):
    """A span of a column that has an index of its own, or of the values of a kind of tag."""

    column: str
    """Of ``case``; of ``case_tag`` its kind, with ``tag:`` before it."""
    low: Any
    high: Any

    def where(self) -> tuple[ColumnElement[bool], ...]:
        """A span, also where it is one value: to be put in its order, which a database would skip for a value."""
        if self.column.startswith("tag:"):
            kind, value = s.case_tag.c.kind, s.case_tag.c.value
            return kind == self.column.removeprefix("tag:"), value >= self.low, value <= self.high
        column = s.case.c[self.column]
        return column >= self.low, column <= self.high

    def beyond(self) -> Select[Any]:
        """One row if it leaves more than FEW."""
        query = select(literal(1)).where(*self.where())
        column = s.case_tag.c.value if self.column.startswith("tag:") else s.case.c[self.column]
        return query.order_by(column).offset(FEW).limit(1)

    def cases(self) -> Any:
        """Columns of its cases, which are read before anything else is asked of them."""
        query = select(s.case).where(*self.where())
        if self.column.startswith("tag:"):
            query = query.join(s.case_tag, s.case_tag.c.case_id == s.case.c.id)
        return query.cte().prefix_with("MATERIALIZED").c


def conditions(filters: Filters) -> list[Condition]:
    """What may be rare of a queue's filters."""
    tags = (("class", filters.offer_class), ("family", filters.family), ("contact", filters.contact))
    found = [Condition(f"tag:{kind}", value, value) for kind, value in tags if value is not None]
    if filters.region is not None:
        found.append(Condition("region", filters.region, filters.region + "\U0010ffff"))
    for column, value in (("owner", filters.owner), ("campaign", filters.campaign), ("subject_id", filters.subject)):
        if value is not None:
            found.append(Condition(column, value, value))
    if filters.opened_from is not None or filters.opened_to is not None:
        found.append(Condition("opened_day", filters.opened_from or "", filters.opened_to or "9999-12-31"))
    return found


def rare(connection: Connection, wanted: Sequence[Filters]) -> list[Any]:
    """For each choice the columns of the few cases that one of its conditions leaves; None where each leaves many."""
    each = [conditions(filters) for filters in wanted]
    asked = list(dict.fromkeys(condition for some in each for condition in some))
    if not asked:
        return [None] * len(wanted)
    row = connection.execute(select(*(one.beyond().scalar_subquery() for one in asked))).one()
    few = {one for one, beyond in zip(asked, row, strict=True) if beyond is None}
    first = [next((one for one in some if one in few), None) for some in each]
    return [None if one is None else one.cases() for one in first]
