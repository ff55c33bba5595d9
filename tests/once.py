"""Things that are dear to make and only read or copied: made by one test process, found there by the others."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """A folder that ``make`` has filled, the same for all workers of a run; another makes it if the first fails."""
    base = factory.getbasetemp()
    together = base.parent if base.name.startswith("popen-") else base
    folder, done = together / name, together / f"{name}.done"
    with (together / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            done.touch()
    return folder
