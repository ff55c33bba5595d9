"""An office with a confirmed case whose records are in its archive."""

from __future__ import annotations

import os
from pathlib import Path

from adwatch.app.office import Office
from adwatch.settings import load_settings
from tests.app.conftest import Command
from tests.casework.sealed_case import SealedCase, sealed_case
from tests.store.databases import with_store
from tests.store.world import World

OFFICE = "某市市场监管局"


def office(folder: Path) -> Office:
    return Office(load_settings(home=with_store(folder / "home"), unit=OFFICE, _env_file=None))


def command(folder: Path) -> Command:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ADWATCH_")}
    return Command({**clean, "ADWATCH_HOME": str(folder / "home"), "ADWATCH_UNIT": OFFICE, "COLUMNS": "200"})


def filled(folder: Path) -> SealedCase:
    """The office's store and archive with two listings captured, one of them confirmed; closed again."""
    with office(folder) as here:
        return sealed_case(World(here.engine), here.home)
