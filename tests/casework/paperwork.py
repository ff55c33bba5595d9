"""A desk for work on letters in the invented office, and a letter on any step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from adwatch.casework import takedown_steps as steps
from adwatch.casework.differing import Tables
from adwatch.casework.takedown import mark_sent
from adwatch.casework.takedown_steps import Desk
from adwatch.models import Actor
from adwatch.tables.holidays import WorkingDays
from adwatch.tables.takedown import TakedownRules
from tests.casework.office import CLASSES, UNIT, ZONE, confirmed, draft, law
from tests.store.world import World

WANG = Actor("王芳", UNIT)
LI = Actor("李建国", UNIT)
NUMBER = "ADW-TD-2026-0001"


def desk(world: World, folder: Path, **rules: Any) -> Desk:
    """The desk at the world's time."""
    tables = Tables(law(folder), CLASSES)
    return Desk(world.engine, folder / "home", TakedownRules(**rules), WorkingDays(), world.now, ZONE, tables)


def request(world: World, folder: Path, *names: str, platform: str = "plaza") -> str:
    """A drafted request over confirmed listings."""
    confirmed(world, *(names or ("1",)), platform=platform)
    (row,) = draft(world, folder)
    return str(row["number"])


def signed(world: World, folder: Path, number: str) -> None:
    """Checked, signed, with number and signatory."""
    at = desk(world, folder)
    steps.check(at, number, LI)
    steps.sign(at, number, WANG)
    steps.enter(at, number, WANG, {"document_number": "某市监函〔2026〕12号", "signatory": "张局"})


def sent(world: World, folder: Path, *names: str, platform: str = "plaza") -> str:
    """A request that was sent."""
    number = request(world, folder, *names, platform=platform)
    mark_sent(world.engine, [number], "王芳", world.now, zone=ZONE)
    return number
