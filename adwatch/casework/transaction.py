"""One piece of work: one transaction, one at a time, with its failpoint after the commit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine

from adwatch.failpoints import failpoint
from adwatch.store.engine import CASEWORK_LOCK, advisory_lock, writing


@contextmanager
def work(engine: Engine) -> Iterator[Connection]:
    """A transaction that ends with its audit entries (append_entries has the failpoint before the commit)."""
    with writing(engine) as connection:
        advisory_lock(connection, CASEWORK_LOCK)
        yield connection
    failpoint("audit.after_commit")
