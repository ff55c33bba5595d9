"""Opens the store: SQLite in WAL mode or, by URL, PostgreSQL; brings the schema to the newest migration."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event, inspect, text
from sqlalchemy.exc import DatabaseError, DataError, IntegrityError, NotSupportedError, ProgrammingError

from adwatch.errors import StoreError

MIGRATIONS = Path(__file__).with_name("migrations")
VERSION_TABLE = "adwatch_alembic_version"

MIGRATION_LOCK, UPSERT_LOCK, VERDICT_LOCK, CASEWORK_LOCK = 7_301_000, 7_301_001, 7_301_002, 7_301_003
"""PostgreSQL advisory locks (the database may be shared with Airflow, so the numbers are our own)."""

CACHE_KIB = 4096
"""Of SQLite's pages, for each connection: sixteen times as much saves an ingest of 600,000 listings 3 % of its time and
lets a patrol grow by 0.6 MB with each thousand pages."""

OUR_MISTAKES = (IntegrityError, ProgrammingError, DataError, NotSupportedError)
"""A broken constraint or statement is a mistake of this program, not a store that cannot be used."""


def open_engine(url: str) -> Engine:
    """An engine for the URL; a SQLite file's folder is made.

    A SQLite writer waits a minute for another; ``?timeout=5`` at the end of the URL sets other seconds.
    """
    if url.startswith("sqlite:///"):
        folder = Path(url.removeprefix("sqlite:///").partition("?")[0]).parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"{folder}: cannot be made: {error.strerror}; set ADWATCH_HOME to a writable folder"
            ) from error
        engine = create_engine(url, connect_args={} if "timeout=" in url.partition("?")[2] else {"timeout": 60})
        event.listen(engine, "connect", _tune_sqlite)
        event.listen(engine, "begin", _begin_immediate)
        return engine
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"), pool_pre_ping=True)
    event.listen(engine, "connect", _tune_postgresql)
    return engine


@contextmanager
def opened(url: str) -> Iterator[Engine]:
    """An engine for the URL, disposed of when the block ends."""
    engine = open_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


def _tune_sqlite(connection: Any, _record: object) -> None:
    """WAL; a transaction is begun by us, at once with the write lock, so that two writers wait instead of failing."""
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=OFF",
        f"cache_size=-{CACHE_KIB}",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _tune_postgresql(connection: Any, _record: object) -> None:
    """No compiling of queries: ours find few rows in many partitions, and that took longer than all the rest.

    Nor workers beside the server's process, which took more of the processors than they spared of the time.
    """
    connection.execute("SET jit = off").close()
    connection.execute("SET max_parallel_workers_per_gather = 0").close()
    connection.commit()


def _begin_immediate(connection: Connection) -> None:
    mode = connection.get_execution_options().get("adwatch_read", False)
    connection.exec_driver_sql("BEGIN" if mode else "BEGIN IMMEDIATE")


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that may write."""
    try:
        with engine.begin() as connection:
            yield connection
    except OUR_MISTAKES:
        raise
    except DatabaseError as error:
        raise StoreError(f"the store cannot be written: {error.orig}; see adwatch doctor") from error


_VIEW: ContextVar[tuple[Engine, Connection] | None] = ContextVar("view", default=None)


@contextmanager
def one_view(engine: Engine) -> Iterator[None]:
    """All that this thread reads within the block is of one moment, and of one transaction.

    Each further one is four more statements to PostgreSQL. What is written within the block is not seen in it.
    """
    with reading(engine) as connection:
        before = _VIEW.set((engine, connection))
        try:
            yield
        finally:
            _VIEW.reset(before)


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A consistent view that never waits for a writer; the same one within ``one_view``."""
    view = _VIEW.get()
    if view is not None and view[0] is engine:
        yield view[1]
        return
    options: dict[str, Any] = {"adwatch_read": True}
    if engine.dialect.name == "postgresql":
        options["isolation_level"] = "REPEATABLE READ"
    try:
        with engine.connect().execution_options(**options) as connection:
            yield connection
    except OUR_MISTAKES:
        raise
    except DatabaseError as error:
        raise StoreError(f"the store cannot be read: {error.orig}; see adwatch doctor") from error


def advisory_lock(connection: Connection, number: int) -> None:
    """Let one transaction at a time pass, until it ends; SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})


def migrate(engine: Engine) -> None:
    """Bring the schema to the newest migration; where it is there, Alembic is not even imported."""
    stands_at = _revision_to_migrate(engine)
    if stands_at == newest_revision():
        return
    if stands_at is not None and stands_at > newest_revision():
        raise StoreError(
            f"{engine.url.render_as_string()}: made by a newer AdWatch (schema {stands_at}); install that one"
        )
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["engine"] = engine
    try:
        command.upgrade(config, "head")
    except DatabaseError as error:
        raise StoreError(f"{engine.url.render_as_string()}: the schema cannot be made: {error.orig}") from error


def _revision_to_migrate(engine: Engine) -> str | None:
    try:
        return current_revision(engine)
    except DatabaseError as error:
        raise StoreError(f"{engine.url.render_as_string()}: cannot be opened: {error.orig}") from error


def newest_revision() -> str:
    """Number of the newest migration: their files are named by it."""
    return max(file.name.split("_")[0] for file in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def current_revision(engine: Engine) -> str | None:
    """Number of the migration that the store stands at; None for an empty one."""
    if not is_migrated(engine):
        return None
    with reading(engine) as connection:
        found = connection.scalar(text(f"SELECT version_num FROM {VERSION_TABLE}"))  # noqa: S608 - the name is ours
    return None if found is None else str(found)


def is_migrated(engine: Engine) -> bool:
    """Whether the store has a schema at all."""
    return inspect(engine).has_table(VERSION_TABLE)


def insert_id(connection: Connection, table: Table, **values: Any) -> int:
    """Insert one row and give its surrogate key."""
    return int(connection.execute(table.insert().values(**values).returning(table.c.id)).scalar_one())


def db_time(connection: Connection, when: datetime | None) -> Any:
    """A time as the driver takes it in ``insert_rows``; SQLite keeps UTC text as SQLAlchemy writes it."""
    if when is None or connection.dialect.name != "sqlite":
        return when
    return when.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def checkpoint(engine: Engine) -> None:
    """Let SQLite write its log into the file and empty it, if no reader is in the way: deleted words are in neither."""
    if engine.dialect.name == "sqlite":
        raw = engine.raw_connection()
        try:
            raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            raw.close()


def vacuum_hint(engine: Engine) -> str:
    """Size of the store in words, for doctor."""
    with reading(engine) as connection:
        if engine.dialect.name == "sqlite":
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            size = connection.exec_driver_sql("PRAGMA page_size").scalar_one()
            return f"SQLite {sqlite3.sqlite_version}, {pages * size / 1e6:.1f} MB"
        row = connection.execute(text("SELECT version(), pg_database_size(current_database())")).one()
        return f"{row[0].split(' on ')[0]}, {row[1] / 1e6:.1f} MB"
