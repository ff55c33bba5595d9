"""Locks between processes on one home: they end with the process that holds them, however it ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from adwatch.errors import LockHeld


@contextmanager
def run_lock(home: Path, name: str) -> Iterator[None]:
    """Hold the lock of that name, or LockHeld with the process id of the holder."""
    folder = home / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.lock"
    handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.pread(handle, 40, 0).decode("ascii", "replace").strip() or "unknown"
            raise LockHeld(f"{name}: another run (process {holder}) is at work; wait until it ends") from error
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(handle)
