"""Who may write the search index now: many at once on PostgreSQL, one on SQLite, nobody else while an index takes over.

PostgreSQL's locks are of its sessions, SQLite's of files in the home folder: both end with the process that holds them.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DatabaseError, OperationalError

from adwatch.errors import LockHeld, StoreError
from adwatch.store.locks import run_lock

PUSHING, REBUILDING = "index", "rebuild"
"""Held for a batch, and by who lets a new index take over; held by who makes a new index, all the while."""

_NUMBERS = {PUSHING: 7_301_010, REBUILDING: 7_301_011}
"""PostgreSQL's advisory locks, beside those of the engine."""

_LOCK_NOT_AVAILABLE = "55P03"


@contextmanager
def index_lock(engine: Engine, home: Path, name: str, wait: float, alone: bool = True) -> Iterator[None]:
    """Hold the lock; who is not ``alone`` shares it on PostgreSQL. LockHeld after ``wait`` seconds."""
    if engine.dialect.name != "postgresql":
        with _file_lock(home, name, wait):
            yield
        return
    shared = "" if alone else "_shared"
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        try:
            _ask(connection, f"SET lock_timeout = {max(1, int(wait * 1000))}")
            _ask(connection, f"SELECT pg_advisory_lock{shared}({_NUMBERS[name]})")
        except OperationalError as error:
            connection.invalidate()  # its time-out is not the next user's
            if getattr(error.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE:
                raise LockHeld(f"{name}: another run, here or elsewhere, is at work; wait until it ends") from error
            raise StoreError(f"the store cannot be locked: {error.orig}; see adwatch doctor") from error
        try:
            yield
        finally:
            _release(connection, f"SELECT pg_advisory_unlock{shared}({_NUMBERS[name]})")


def _ask(connection: Connection, statement: str) -> None:
    connection.execute(text(statement))


def _release(connection: Connection, statement: str) -> None:
    """Give the lock back; a session that is gone has none."""
    try:
        _ask(connection, statement)
        _ask(connection, "RESET lock_timeout")
    except DatabaseError:
        connection.invalidate()


@contextmanager
def _file_lock(home: Path, name: str, wait: float) -> Iterator[None]:
    end = time.monotonic() + wait
    with ExitStack() as held:
        while True:
            try:
                held.enter_context(run_lock(home, name))
                break
            except LockHeld:
                if time.monotonic() > end:
                    raise
                time.sleep(0.02)
        yield
