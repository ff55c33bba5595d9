"""A piece of work on the real store that never was: everything is written, read back, and rolled back at the end.

Other connections see nothing of it at any time, a crash leaves nothing, and it cannot be committed. Meanwhile other
writers wait, as for any transaction: keep the work short.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from sqlalchemy import Connection, Engine


class _OneTransaction:
    """As much of an engine as the store's functions use, all of it inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.dialect = connection.dialect
        self.url = connection.engine.url

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A savepoint where the store's functions would have had a transaction of their own."""
        with self.connection.begin_nested():
            yield self.connection

    def connect(self) -> _OneTransaction:
        """The one connection; it sees what was written."""
        return self

    def execution_options(self, **_options: Any) -> _OneTransaction:
        """Isolation is that of the one transaction."""
        return self

    def __enter__(self) -> Connection:
        return self.connection

    def __exit__(self, *_error: object) -> None:
        return None


@contextmanager
def undone(engine: Engine) -> Iterator[Engine]:
    """An engine on the real store whose every change is rolled back when the block ends, however it ends."""
    connection = engine.connect()
    transaction = connection.begin()
    try:
        yield cast(Engine, _OneTransaction(connection))
    finally:
        transaction.rollback()
        connection.close()
