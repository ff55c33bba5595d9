"""Whether a document fits a saved search, as Elasticsearch would say: for offices that have no cluster.

Words of a keyword field are equal or not; of a field with several values one is enough. Days and times are compared as
moments, a day as its beginning in UTC; ``now`` and what is rounded from it (now/d, now-90d) go by the office's zone, as
Kibana goes by its reader's. What is found by the fold of the text (``normal``) the index answers: ``holding``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from fnmatch import fnmatchcase
from re import fullmatch
from typing import Any

from adwatch.kibana.kql import Group, KqlError, Node, Term

FOLDED = "normal"
"""The field that is not in the documents."""
_MATH = r"now(?:-(\d+)([yMwdhm]))?(?:/([yMwdhm]))?"
_SPANS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a search is asked with."""

    types: Mapping[str, str]
    """Types of the fields in the mapping."""
    now: datetime
    zone: tzinfo
    holding: Callable[[str], set[str]]
    """Ids of the listings in which a phrase is found."""


def fits(node: Node | None, body: Mapping[str, Any], asked: Asked) -> bool:
    """Whether a document fits a query (None: everything does)."""
    if node is None:
        return True
    if isinstance(node, Group):
        parts = (fits(part, body, asked) for part in node.parts)
        if node.word == "and":
            return all(parts)
        return any(parts) if node.word == "or" else not any(parts)
    if node.field == FOLDED:
        return body["listing_id"] in asked.holding(node.value)
    value = body.get(node.field)
    values = value if isinstance(value, list) else [] if value is None else [value]
    return any(_compared(node, each, asked) for each in values)


def _compared(term: Term, value: Any, asked: Asked) -> bool:
    if term.operator == ":":
        if term.value == "*" and not term.quoted:
            return True
        said = str(value).lower() if isinstance(value, bool) else str(value)
        return fnmatchcase(said, term.value) if "*" in term.value and not term.quoted else said == term.value
    if asked.types.get(term.field) == "date":
        limit = moment(term.value, asked, up=term.operator in (">", "<="))
        return _holds(_time_of(str(value)), term.operator, limit)
    return _holds(float(value), term.operator, float(term.value))


def _holds(value: Any, operator: str, limit: Any) -> bool:
    return bool({"<": value < limit, "<=": value <= limit, ">": value > limit, ">=": value >= limit}[operator])


def _time_of(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def moment(text: str, asked: Asked, up: bool) -> datetime:
    """A moment as it is written: now, now-5d, now/M, a day or a time; ``up``: what is rounded goes to its end."""
    if not text.startswith("now"):
        return _time_of(text)
    found = fullmatch(_MATH, text)
    if found is None:
        raise KqlError(f"{text!r}: write now, now-90d or now/d")
    count, unit, rounded = found.groups()
    at = asked.now.astimezone(asked.zone)
    at = _moved(at, unit, -int(count)) if count else at
    if not rounded:
        return at
    floor = at.replace(minute=0, second=0, microsecond=0) if rounded == "h" else at.replace(second=0, microsecond=0)
    if rounded not in ("h", "m"):
        floor = floor.replace(hour=0, minute=0)
    if rounded == "w":
        floor -= timedelta(floor.weekday())
    if rounded in ("M", "y"):
        floor = floor.replace(day=1, month=1 if rounded == "y" else floor.month)
    return _moved(floor, rounded, 1) - timedelta(milliseconds=1) if up else floor


def _moved(at: datetime, unit: str, count: int) -> datetime:
    if unit in _SPANS:
        return at + timedelta(**{_SPANS[unit]: count})
    months = at.year * 12 + at.month - 1 + count * (12 if unit == "y" else 1)
    year, month = divmod(months, 12)
    for day in (at.day, 30, 29, 28):
        try:
            return at.replace(year=year, month=month + 1, day=min(day, at.day))
        except ValueError:
            continue
    raise KqlError(f"{at}: no such day")


def needed(node: Node | None) -> set[str]:
    """Fields that every document has which fits."""
    if node is None or (isinstance(node, Term) and node.field == FOLDED):
        return set()
    if isinstance(node, Term):
        return {node.field}
    parts = [needed(part) for part in node.parts]
    if node.word == "not":
        return set()
    return set.union(*parts) if node.word == "and" else set.intersection(*parts)
