"""Reviewers of an invented unit, and what they do in one line each."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from adwatch.casework import next_lead, review, tracks, undo
from adwatch.casework.transaction import work
from adwatch.models import Actor, StageReport
from adwatch.store.audit import append_entries
from adwatch.store.queue import Filters
from adwatch.tables.second_look import Rule, SecondLooks
from tests.casework.office import UNIT, ZONE
from tests.store.world import World

ZHANG, LI, WANG = (Actor(name, UNIT, "审核员") for name in ("张三", "李四", "王五"))
HEAD = Actor("赵六", UNIT, "负责人")
TWO_PERSONS = SecondLooks([Rule("two_person", "class", "sure_thing", 1, "")])
MINUTES = 15


def opened(world: World, case_id: int, actor: Actor, **more: Any) -> dict[str, Any]:
    """The lease with which an actor has a lead open."""
    return next_lead.take_lead(world.engine, case_id, actor, now=world.now, minutes=MINUTES, **more)


def following(world: World, actor: Actor, filters: Filters | None = None, behind: int | None = None) -> int | None:
    """The next lead of an actor."""
    given = filters or Filters()
    return next_lead.next_case(world.engine, given, actor, now=world.now, minutes=MINUTES, behind=behind)


def found(
    world: World, case_id: int, actor: Actor, result: str = "confirm", **more: Any
) -> tuple[StageReport, list[dict[str, Any]]]:
    """What an actor finds of a case."""
    more = {"reason": "看过", "now": world.now, "zone": ZONE, "role": actor.role, **more}
    reason = more.pop("reason")
    return review.decide(world.engine, [case_id], result, actor.person, actor.unit, reason, **more)


def undone(world: World, case_id: int, actor: Actor, minutes: float = 10) -> dict[str, Any]:
    """A finding taken back."""
    return undo.undo(world.engine, case_id, actor, "看错", now=world.now, minutes=minutes)


def open_track(world: World, case_id: int, track: str, actor: Actor = ZHANG) -> int:
    """Open a track; how many entries the audit log got."""
    with work(world.engine) as connection:
        entries = tracks.open_track(connection, case_id, track, actor, world.now)
        append_entries(connection, entries)
    return len(entries)


def move_track(
    world: World, case_id: int, track: str, *steps: str, outcome: str | None = None, at: datetime | None = None
) -> None:
    """Move a track along; the outcome belongs to the last step."""
    for step in steps:
        with work(world.engine) as connection:
            given = outcome if step == steps[-1] else None
            entries = tracks.move_track(connection, case_id, track, step, ZHANG, at or world.now, given)
            append_entries(connection, entries)
