"""A hostile site, an office that captures from it, and a chromium whose processes can be told from others."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adwatch.app import page_capture
from adwatch.app.office import Office
from adwatch.evidence.browser import find_browser
from adwatch.settings import load_settings
from tests.app.conftest import Command
from tests.evidence.hostile_site import HostileSite, lay_out
from tests.store.databases import with_store
from tests.store.world import World, listing, verdict

UNIT = "某市市场监管局"
CONTACT = "zfzd@example.cn"


def browser() -> str:
    """Path of chromium, or a skip; CI must have one."""
    found = find_browser()
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("no chromium")
        pytest.skip("no chromium (Debian: apt-get install chromium)")
    return found


def marked_browser(folder: Path) -> Path:
    """A chromium whose processes have ``folder`` in their command line."""
    script = folder / "chromium"
    script.write_text(f'#!/bin/sh\nexec "{shutil.which(browser())}" --adwatch-test="{folder}" "$@"\n')
    script.chmod(0o755)
    return script


def processes(folder: Path, kind: str = "") -> list[int]:
    """The marked browsers; with a kind (``--type=renderer``) those of their children's children that are of it."""
    commands, parents = {}, {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            commands[int(entry.name)] = (entry / "cmdline").read_bytes().decode("utf-8", "replace").replace("\0", " ")
            parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue  # it has just ended
    browsers = {pid for pid, words in commands.items() if f"--adwatch-test={folder}" in words}
    if not kind:
        return sorted(browsers)
    children = {pid for pid, parent in parents.items() if parent in browsers}
    return sorted(
        pid
        for pid, parent in parents.items()
        if kind in commands.get(pid, "") and {parent, parents.get(parent)} & (browsers | children)
    )


class Capturing:
    """An office with a site of its own."""

    def __init__(self, folder: Path, site: HostileSite, **settings: Any) -> None:
        self.folder, self.site = folder, site
        values: dict[str, Any] = {"contact": CONTACT, "unit": UNIT, "data": folder / "data", **settings}
        self.settings = values
        self.office = Office(load_settings(home=with_store(folder / "home"), _env_file=None, **values))
        self.world = World(self.office.engine, now=datetime.now(UTC))

    def flag(self, path: str, score: float = 0.9) -> int:
        """A flagged lead whose page is at that path; the number of its case."""
        item = listing(path, url=self.site.url + path)
        return self.world.flag(item, verdict(item, score=score))

    def capture(self) -> list[dict[str, Any]]:
        """What is due."""
        return list(page_capture.capture_due(self.office))

    def one(self, path: str) -> dict[str, Any]:
        """The only capture that is due."""
        self.flag(path)
        [row] = self.capture()
        return row

    def command(self) -> Command:
        """The command with the same settings."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("ADWATCH_")}
        own = {f"ADWATCH_{name.upper()}": str(value) for name, value in self.settings.items()}
        return Command({**clean, **own, "ADWATCH_HOME": str(self.folder / "home"), "COLUMNS": "200"})


@contextmanager
def capturing(folder: Path, site: HostileSite, rule: str = "", **settings: Any) -> Iterator[Capturing]:
    """The office while the block lasts."""
    lay_out(folder / "data", site, *([rule] if rule else []))
    made = Capturing(folder, site, **settings)
    with made.office:
        yield made
