"""Moves a whole store to an empty one on any database, in one transaction, and shows by digests that nothing was lost.

While it moves nobody writes the source; a move that was cut off leaves the target empty and is begun again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, Integer, Table, func, select, text
from sqlalchemy.exc import DataError

from adwatch.errors import StoreError
from adwatch.ports import Progress
from adwatch.store import schema as s
from adwatch.store.bulk import copy_rows
from adwatch.store.engine import writing
from adwatch.store.outbox import high_water
from adwatch.store.partitions import make_partitions, months_of

PAGE = 5000


@dataclass(frozen=True, slots=True)
class Copied:
    """A table that was moved."""

    table: str
    rows: int
    sha256: str
    """Digest over all rows in the order of the primary key, the same on both sides."""


def move_store(source: Engine, target: Engine, progress: Progress | None = None) -> list[Copied]:
    """Copy every table of a store into an empty one; both have the newest schema. An error leaves the target empty."""
    with writing(source) as old:
        _hold(old)
        with writing(target) as new:
            for table in s.metadata.sorted_tables:
                there = new.scalar(select(func.count()).select_from(table))
                if there:
                    raise StoreError(
                        f"{shown(target)}: is not empty ({table.name} has {there:,} rows); a store is only moved into"
                        " an empty one: name another database, or drop this one's tables"
                    )
            if new.dialect.name == "postgresql":
                make_partitions(new, months_of(old))
            done = [_copy(old, new, table, progress) for table in s.metadata.sorted_tables]
            _set_counters(new, high_water(old))
            for copied, table in zip(done, s.metadata.sorted_tables, strict=True):
                if digest(new, table) != (copied.rows, copied.sha256):
                    raise StoreError(f"{shown(target)}: {table.name} is not what was sent; nothing was moved")
    return done


def shown(engine: Engine) -> str:
    """The address of a store without its password."""
    return engine.url.render_as_string()


def digest(connection: Connection, table: Table) -> tuple[int, str]:
    """(rows, SHA-256 over them in the order of the primary key), the same on every database."""
    found, count = hashlib.sha256(), 0
    with closing(_pages(connection, table)) as pages:
        for page in pages:
            for row in page:
                found.update(_line(row))
            count += len(page)
    return count, found.hexdigest()


def _hold(connection: Connection) -> None:
    """Nobody else writes until the transaction ends; on SQLite the transaction itself sees to that."""
    if connection.dialect.name == "postgresql":
        names = ", ".join(f'"{table.name}"' for table in s.metadata.sorted_tables)
        connection.execute(text(f"LOCK TABLE {names} IN SHARE MODE"))


def _pages(connection: Connection, table: Table) -> Generator[Sequence[Any], None, None]:
    query = select(table).order_by(*_order(connection, table))
    with connection.execute(query, execution_options={"yield_per": PAGE}) as rows:
        yield from rows.partitions()


def _order(connection: Connection, table: Table) -> list[Any]:
    """The primary key; text by its bytes, since databases differ in how they sort it."""
    byte = "C" if connection.dialect.name == "postgresql" else "BINARY"
    keys = table.primary_key.columns
    return [key if isinstance(key.type, Integer) else key.collate(byte) for key in keys]


def _line(row: Sequence[Any]) -> bytes:
    values = [value.hex() if isinstance(value, bytes) else _utc(value) for value in row]
    return orjson.dumps(values, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def _utc(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def _copy(old: Connection, new: Connection, table: Table, progress: Progress | None) -> Copied:
    """Copy one table; the digest is of what was read."""
    found, count = hashlib.sha256(), 0
    names = [column.name for column in table.columns]
    with closing(_pages(old, table)) as pages:
        for page in pages:
            for row in page:
                found.update(_line(row))
            _write(new, table, names, page)
            count += len(page)
            if progress is not None:
                progress(len(page))
    return Copied(table.name, count, found.hexdigest())


def _write(new: Connection, table: Table, names: list[str], page: Sequence[Any]) -> None:
    if new.dialect.name != "postgresql":
        new.execute(table.insert(), [dict(row._mapping) for row in page])
        return
    processors = [column.type.dialect_impl(new.dialect).bind_processor(new.dialect) for column in table.columns]
    rows = ([_bound(*pair) for pair in zip(processors, row, strict=True)] for row in page)
    try:
        copy_rows(new, table.name, names, rows)
    except DataError as error:
        raise _refused(table, names, page, error) from error


def _bound(process: Any, value: Any) -> Any:
    return value if process is None else process(value)


def _refused(table: Table, names: list[str], page: Sequence[Any], error: DataError) -> StoreError:
    """What PostgreSQL does not take, SQLite having no such limits, in words."""
    for row in page:
        for name, value in zip(names, row, strict=True):
            size = getattr(table.c[name].type, "length", None)
            if isinstance(value, str) and ("\0" in value or (size is not None and len(value) > size)):
                what = "a NUL character" if "\0" in value else f"more than {size} characters"
                return StoreError(f"{table.name} {row[0]}: {name} has {what}, which PostgreSQL does not take")
    return StoreError(f"{table.name}: PostgreSQL does not take a row: {str(error.orig).splitlines()[0]}")


def _set_counters(new: Connection, highest_seq: int) -> None:
    """Let surrogate keys and the numbers of the outbox go on where they stood."""
    if new.dialect.name == "sqlite":
        new.execute(text("DELETE FROM sqlite_sequence WHERE name = 'outbox'"))
        new.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES ('outbox', :seq)"), {"seq": highest_seq})
        return
    for table in s.metadata.sorted_tables:
        key = next(iter(table.primary_key.columns)).name
        query = text("SELECT pg_get_serial_sequence(:table, :key)")
        sequence = new.scalar(query, {"table": f'"{table.name}"', "key": key})
        if sequence is not None:
            last = highest_seq if table is s.outbox else new.scalar(select(func.max(table.c[key])))
            if last:
                new.execute(text("SELECT setval(CAST(:name AS regclass), :last)"), {"name": sequence, "last": last})
