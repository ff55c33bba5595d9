"""Starts a real web program by its script in bench/sites/, with items whose truth is known, and ends it again."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.ports import free_row

ROOT = Path(__file__).parents[2]
SITES = ROOT / "bench" / "sites"
COUNT = 60


@dataclass(frozen=True)
class Site:
    """A running program and what it was filled with."""

    script: Path
    base: str
    first: Path
    """Items of the first day."""
    second: Path
    """Items of the second day."""
    environment: dict[str, str]

    def fill(self, items: Path) -> None:
        """Make it hold exactly these items."""
        done = subprocess.run(
            [self.script, "fill", items], env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr


@contextmanager
def site(name: str, folder: Path, **more: str) -> Iterator[Site]:
    """The program filled with the first day's items; skipped where this machine cannot have it (not root, no packages).

    ``more`` is given to its script in the environment.
    """
    made = [sys.executable, SITES / "items.py", str(COUNT), folder / "items"]
    subprocess.run(made, check=True, capture_output=True)
    script = SITES / f"{name}.sh"
    with free_row(1) as port:
        state = Path(tempfile.gettempdir()) / "adwatch-sites-of-tests"  # where www-data may enter; packages stay there
        environment = {**os.environ, "SITES_PORT": str(port), "SITES_STATE": str(state), **more}
        first, second = (folder / "items" / f"day{day}.jsonl" for day in (1, 2))
        started = subprocess.run([script, "start", first], env=environment, capture_output=True, text=True, check=False)
        if started.returncode == 4:
            pytest.skip(started.stderr.strip())
        assert started.returncode == 0, started.stderr
        try:
            yield Site(script, started.stdout.split()[-1], first, second, environment)
        finally:
            subprocess.run([script, "stop"], env=environment, check=True, capture_output=True)


def compared(at: Site, template: str, items: Path, folder: Path, *options: str, path: str = "") -> str:
    """What bench/real_sites.py says of a whole patrol; it fails where anything is missed or wrong, or nothing found."""
    command = [sys.executable, ROOT / "bench" / "real_sites.py", f"{at.base}{path}", template, items, *options]
    environment = {**at.environment, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [*command, "--home", folder / "home"], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    all_of_some = re.compile(r"^items: ([1-9]\d*) of \1 found, 0 missed, 0 not in the truth$", re.MULTILINE)
    assert all_of_some.search(done.stdout), f"compared with no items: {done.stdout}"
    return done.stdout
