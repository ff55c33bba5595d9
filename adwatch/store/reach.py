"""The parts of the queue that are of some regions and certificate families, each one range of an index.

A case repeats its region and, in ``family``, its certificate family (None: it names none, SEVERAL: more than one, which
``case_tag`` has). What a person is limited to, or looks for, is cut into parts of one region and one family, so that
what few cases fit is found at once: to walk the order of all cases for it would be to read them all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, func, select

from adwatch.store import schema as s

SEVERAL = "*"
"""``case.family`` of a case that names several."""
REGIONS, PARTS = 40, 150
"""More regions as sellers write them, or parts, are not walked each by itself: a province has hundreds."""


@dataclass(frozen=True, slots=True)
class Part:
    """Cases of one region and family, or of one of them where limits name only that."""

    beside: tuple[ColumnElement[bool], ...] = ()
    """Conditions besides ``equal``."""
    equal: tuple[tuple[ColumnElement[Any], str | None], ...] = ()
    """Columns with the value that all have."""
    at: tuple[ColumnElement[Any], ...] = ()
    """Columns that are the same for all by ``beside``."""

    @property
    def where(self) -> tuple[ColumnElement[bool], ...]:
        """All its conditions."""
        return (*(column == value for column, value in self.equal), *self.beside)

    @property
    def order(self) -> tuple[ColumnElement[Any], ...]:
        """Columns that are the same for all; named first in the order: IS NULL does not tell that to PostgreSQL."""
        return (*self.at, *(column for column, _ in self.equal))


def family_of(families: Collection[str]) -> str | None:
    """What ``case.family`` repeats of a case's families."""
    several = set(families)
    return SEVERAL if len(several) > 1 else next(iter(several), None)


def parts(
    connection: Connection,
    begins: Sequence[str],
    families: Sequence[str],
    *,
    anywhere: bool = True,
    nameless: bool = True,
) -> list[Part] | None:
    """What is of some regions and families, in parts that share no case; None where there would be too many.

    ``begins``: begins of regions (none: every region). ``anywhere``: also cases of unknown region, ``nameless``: also
    those that name no family: where a person is limited, they belong to everybody.
    """
    named = _named(families)
    if not begins:
        return _of_families(families, Part(), nameless, named)
    regions = _regions(connection, begins)
    if len(regions) > REGIONS or len(regions) * (len(families) + 2) > PARTS:
        return None
    c = s.case.c
    found = []
    for region in (None, *regions) if anywhere else regions:
        found += _of_families(families, Part((), ((c.region, region),)), nameless, named)
    return found


def _named(families: Sequence[str]) -> ColumnElement[bool]:
    """That a case names one of some families, among several."""
    tag = s.case_tag.c
    asked = select(1).where(tag.case_id == s.case.c.id, tag.kind == "family", tag.value.in_(families))
    return exists(asked.correlate_except(s.case_tag).offset(0))


def _of_families(families: Sequence[str], part: Part, nameless: bool, named: ColumnElement[bool]) -> list[Part]:
    """A part by its families; as it is where none are named."""
    if not families:
        return [part]
    family = s.case.c.family
    each_alone = [*([None] if nameless else []), *dict.fromkeys(families)]
    single = [Part((), (*part.equal, (family, each))) for each in each_alone]
    return [*single, Part((named,), (*part.equal, (family, SEVERAL)))]


def _regions(connection: Connection, begins: Iterable[str]) -> list[str]:
    """Regions that cases have, of those that begin so; one more than REGIONS at most."""
    found: dict[str, None] = {}
    for begin in dict.fromkeys(begins):
        found.update(dict.fromkeys(_steps(connection, s.case.c.region, begin, begin + "\U0010ffff", REGIONS + 1)))
        if len(found) > REGIONS:
            break
    return list(found)


def states(connection: Connection) -> list[str]:
    """States that cases are in."""
    return _steps(connection, s.case.c.state, "", "\U0010ffff", 100)


def owners(connection: Connection) -> list[str]:
    """Authorities that own a case."""
    return _steps(connection, s.case.c.owner, "", "\U0010ffff", 1000)


def _steps(connection: Connection, column: ColumnElement[Any], begin: str, end: str, most: int) -> list[str]:
    """Values of a column from ``begin`` to before ``end``: each is one step in the index, all are one statement."""
    least = func.min(column)
    step = select(least.label("value")).where(column >= begin, column < end).cte("step", recursive=True)
    further = select(least).where(column > step.c.value, column < end).correlate(step).scalar_subquery()
    step = step.union_all(select(further).where(step.c.value.is_not(None)))
    return list(connection.scalars(select(step.c.value).where(step.c.value.is_not(None)).limit(most)))
