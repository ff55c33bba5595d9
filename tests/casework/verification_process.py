"""A process of its own that looks at what is due."""

from __future__ import annotations

from datetime import timedelta

from adwatch.casework.relisting import look_for_relisted
from adwatch.models import Actor
from adwatch.store.engine import open_engine
from tests.casework.test_verification import look
from tests.store.world import NOON, World


def main(url: str, days: str, answers: str) -> None:
    """One round so many days after the world's noon; ``answers`` like 1=gone,2=up, none for no look. Ends with a look for
    what is back.
    """
    world = World(open_engine(url), NOON + timedelta(days=int(days)), captures=1000)
    with world.engine.connect() as connection:
        world.captures += int(connection.exec_driver_sql("SELECT count(*) FROM capture").scalar_one())
    if answers:
        look(world, dict(each.split("=") for each in answers.split(",")))
    actor = Actor("machine", "某局")
    look_for_relisted(world.engine, str, (NOON + timedelta(days=int(days))).date().isoformat(), world.now, actor)
    world.engine.dispose()
