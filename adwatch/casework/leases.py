"""A lease on a lead that somebody has opened: two reviewers never decide the same one unknowingly.

It is three columns of the case's row, taken by one UPDATE whose condition is "free, run out, or mine", so that two who
ask at once get one answer each on every database. Acting on the lead renews it; deciding ends it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, literal, or_, update

from adwatch.models import Actor
from adwatch.store import schema as s
from adwatch.store.columns import WHEN

HEAD_ROLES = ("负责人", "head")
"""Who may take a lead over from somebody whose lease still runs."""

FREE: dict[str, Any] = {"leased_by": None, "leased_until": None, "leased_at": None}
"""Columns of a case that nobody has open."""


def holder(actor: Actor) -> str:
    """How a lease names a person: people of different units may have one name."""
    return f"{actor.person}（{actor.unit}）"


def free_for(actor: Actor, now: datetime) -> ColumnElement[bool]:
    """Cases that the actor may open: free, run out, or the actor's own."""
    c = s.case.c
    return or_(c.leased_by.is_(None), c.leased_until < now, c.leased_by == holder(actor))


def take(
    connection: Connection, case_id: int, actor: Actor, now: datetime, minutes: float, force: bool = False
) -> bool:
    """Take or renew a lease; False where another's still runs. ``force`` takes it all the same."""
    c, me = s.case.c, holder(actor)
    free = update(s.case).where(c.id == case_id)
    if not force:
        free = free.where(free_for(actor, now))
    begun = case((and_(c.leased_by == me, c.leased_until >= now), c.leased_at), else_=literal(now, WHEN))
    values = {"leased_by": me, "leased_until": now + timedelta(minutes=minutes), "leased_at": begun}
    return bool(connection.execute(free.values(**values)).rowcount)


def release(connection: Connection, case_id: int, actor: Actor) -> bool:
    """Give a lease back; False where it is not the actor's."""
    mine = update(s.case).where(s.case.c.id == case_id, s.case.c.leased_by == holder(actor))
    return bool(connection.execute(mine.values(**FREE)).rowcount)


def held_by_other(row: Mapping[str, Any], actor: Actor, now: datetime) -> str | None:
    """Who else has the lead open now."""
    if row["leased_by"] is None or row["leased_by"] == holder(actor) or row["leased_until"] < now:
        return None
    return str(row["leased_by"])


def holds(row: Mapping[str, Any], actor: Actor, now: datetime) -> bool:
    """Whether the actor has the lead open already: opening it again renews the lease and is no new one."""
    return bool(row["leased_by"] == holder(actor) and row["leased_until"] >= now)


def opened_at(row: Mapping[str, Any], actor: Actor) -> datetime | None:
    """When the actor opened the lead; None where it was decided without opening it."""
    return row["leased_at"] if row["leased_by"] == holder(actor) else None
