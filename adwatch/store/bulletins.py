"""Bulletins on closed cases, and the cases that they may speak of."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, update

from adwatch.store import schema as s
from adwatch.store.engine import insert_id
from adwatch.store.opening import chunks

Row = dict[str, Any]


def closed_cases(
    connection: Connection, first: datetime, before: datetime, offer_class: str | None, campaign: str | None
) -> list[Row]:
    """Cases that are closed and became so within the time, with ``closed_at``, by number."""
    ended = select(s.event.c.subject_id, func.max(s.event.c.at).label("closed_at"))
    ended = ended.where(s.event.c.subject == "case", s.event.c.kind == "closed").group_by(s.event.c.subject_id)
    end = ended.subquery()
    query = select(s.case, end.c.closed_at).join(end, end.c.subject_id == s.case.c.id)
    query = query.where(s.case.c.state == "closed", end.c.closed_at >= first, end.c.closed_at < before)
    if offer_class is not None:
        tag = s.case_tag
        tagged = select(tag.c.case_id).where(tag.c.kind == "class", tag.c.value == offer_class)
        query = query.where(s.case.c.id.in_(tagged))
    if campaign is not None:
        query = query.where(s.case.c.campaign == campaign)
    return [dict(row._mapping) for row in connection.execute(query.order_by(s.case.c.lead_number))]


def still_confirmed(connection: Connection, case_ids: Iterable[int]) -> set[int]:
    """Those of some cases whose last finding is 属实."""
    found: set[int] = set()
    d = s.decision
    for ids in chunks(case_ids):
        newest = select(func.max(d.c.id)).where(d.c.case_id.in_(ids)).group_by(d.c.case_id)
        found.update(connection.scalars(select(d.c.case_id).where(d.c.id.in_(newest), d.c.result == "confirm")))
    return found


def tracks(connection: Connection, case_ids: Iterable[int]) -> dict[int, list[Row]]:
    """Tracks by case."""
    found: dict[int, list[Row]] = {}
    for ids in chunks(case_ids):
        query = select(s.track).where(s.track.c.case_id.in_(ids)).order_by(s.track.c.case_id, s.track.c.opened_at)
        for row in connection.execute(query):
            found.setdefault(row.case_id, []).append(dict(row._mapping))
    return found


def add(connection: Connection, **values: Any) -> int:
    """A draft."""
    return insert_id(connection, s.bulletin, **values)


def bulletins(connection: Connection, number: str | None = None) -> list[Row]:
    """Bulletins, oldest first."""
    query = select(s.bulletin).order_by(s.bulletin.c.id)
    if number is not None:
        query = query.where(s.bulletin.c.number == number).with_for_update()
    return [dict(row._mapping) for row in connection.execute(query)]


def change(connection: Connection, key: int, **values: Any) -> None:
    """Change a bulletin's state."""
    connection.execute(update(s.bulletin).where(s.bulletin.c.id == key).values(**values))
