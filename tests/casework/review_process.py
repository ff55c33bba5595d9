"""A process of its own that does one thing in a prepared store, or decides until nothing waits."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import select

from adwatch.casework import clocks, sampling
from adwatch.models import Actor
from adwatch.store import schema as s
from adwatch.store.engine import open_engine, reading
from adwatch.tables.clocks import clock_rules
from adwatch.tables.second_look import Rule, SecondLooks
from tests.casework.office import UNIT, ZONE, register
from tests.casework.reviewing import (
    HEAD,
    LI,
    TWO_PERSONS,
    WANG,
    ZHANG,
    following,
    found,
    move_track,
    open_track,
    opened,
    undone,
)
from tests.store.world import DAY, World, listing

ALL = SecondLooks([Rule("dismissed", "all", "", 1, "")])


def prepare(world: World) -> None:
    """Case 1 fresh, 2 looked at by one, 3 by two who differ, 4 confirmed with a track about to close, 5 dismissed and
    drawn, 6 registered, 7 decided just now, 8 dismissed and not drawn, 9 opened by somebody."""
    cases = [world.flag(listing(str(number))) for number in range(1, 10)]
    assert cases == list(range(1, 10))
    found(world, 2, ZHANG, rules=TWO_PERSONS)
    found(world, 3, ZHANG, rules=TWO_PERSONS)
    found(world, 3, LI, "dismiss", rules=TWO_PERSONS)
    found(world, 4, ZHANG)
    open_track(world, 4, "investigation")
    found(world, 5, ZHANG, "dismiss")
    sampling.draw(world.engine, ALL, DAY, DAY, HEAD, now=world.now, zone=ZONE)
    with reading(world.engine) as connection:
        look = connection.scalars(select(s.second_look.c.id).where(s.second_look.c.kind == "dismissed")).one()
    sampling.answer(world.engine, look, "confirm", "复看", LI, now=world.now, zone=ZONE)
    register(world, [6])
    found(world, 7, ZHANG)
    found(world, 8, ZHANG, "dismiss")
    opened(world, 9, LI)


def _third(world: World) -> None:
    (row,) = sampling.waiting(world.engine, WANG)
    sampling.answer(world.engine, row["look_id"], "confirm", "复看", WANG, now=world.now, zone=ZONE)


DEEDS: dict[str, Callable[[World], object]] = {
    "decide": lambda world: found(world, 1, ZHANG, code="C01"),
    "exclude": lambda world: found(world, 1, ZHANG, "exclude"),
    "first": lambda world: found(world, 1, ZHANG, rules=TWO_PERSONS),
    "second": lambda world: found(world, 2, LI, rules=TWO_PERSONS),
    "third": lambda world: found(world, 3, WANG, rules=TWO_PERSONS),
    "open_track": lambda world: open_track(world, 7, "crime"),
    "close_track": lambda world: move_track(world, 4, "investigation", "not_filed", outcome="talk"),
    "undo": lambda world: undone(world, 7, ZHANG),
    "extend": lambda world: clocks.extend(
        world.engine, clock_rules(), 6, "filing_decision", "复杂", HEAD, now=world.now
    ),
    "draw": lambda world: sampling.draw(world.engine, ALL, DAY, DAY, HEAD, now=world.now, zone=ZONE),
    "overturn": _third,
    "take_over": lambda world: opened(world, 9, HEAD, take_over=True),
    "next": lambda world: following(world, WANG),
}
"""What is done, each in one transaction."""


def work_off(world: World, name: str) -> int:
    """Open and decide until nothing waits; how many were decided."""
    me, count = Actor(name, UNIT), 0
    world.now = datetime.now(UTC)
    while (case_id := following(world, me)) is not None:
        world.now = datetime.now(UTC)
        report, _ = found(world, case_id, me, opened=True)
        count += report.kept
    return count


def main(url: str, deed: str, name: str = "") -> None:
    """A deed of ``DEEDS``, or ``queue`` by a reviewer; of a queue worked off, print how many were decided."""
    world = World(open_engine(url))
    if deed == "queue":
        sys.stdout.write(f"{work_off(world, name)}\n")
    else:
        DEEDS[deed](world)
    world.engine.dispose()
