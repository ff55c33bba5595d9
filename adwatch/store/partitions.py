"""Monthly partitions on PostgreSQL: captures, versions and verdicts, by the month in which they were first stored.

The month is the head of the surrogate key: rows of November 2026 are numbered from 202611000000001, so a row is found
by its key in one partition, and the bounds of a month are known before it begins. What was stored before the first
month began (or was moved from SQLite) lies in ``…_before``. A verdict lies with its version. SQLite has no partitions.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import chain

from sqlalchemy import Connection, Engine, func, select, text

from adwatch.store import schema as s
from adwatch.store.engine import MIGRATION_LOCK, advisory_lock, reading, writing

PARTITIONED = (s.capture, s.listing_version, s.verdict)
NUMBERED = (s.capture, s.listing_version)
"""Those that have numbers of their own."""

A_MONTH = 10**9
"""Numbers that a month has."""
FIRST_MONTH = 200_001
"""Keys below its first number are those of the time before."""


def begin_month(engine: Engine, now: datetime) -> None:
    """Let what is stored from now on go to the partition of this month (UTC), which is made where it is not there.

    A run that is at work when a month ends goes on in the old one's; a clock set back changes nothing. Inside work that
    is undone nothing is begun: numbers could not be taken back.
    """
    if not isinstance(engine, Engine) or engine.dialect.name != "postgresql":
        return
    day = now.astimezone(UTC)
    month = day.year * 100 + day.month
    first = month * A_MONTH
    with reading(engine) as connection:
        if all(last_number(connection, table.name) >= first for table in NUMBERED):
            return
    with writing(engine) as connection:
        advisory_lock(connection, MIGRATION_LOCK)
        make_partitions(connection, [month])
    with writing(engine) as connection:  # numbers are not rolled back, so their partition must be there for good
        advisory_lock(connection, MIGRATION_LOCK)
        for table in NUMBERED:
            if last_number(connection, table.name) < first:
                connection.execute(text(f"SELECT setval('{table.name}_id_seq', {first})"))


def refresh_statistics(engine: Engine) -> bool:
    """Let the planner know the partitioned tables as a whole, which no autovacuum does, if they grew by half since."""
    if not isinstance(engine, Engine) or engine.dialect.name != "postgresql":
        return False
    grown = text(
        "SELECT count(*) FROM pg_class p, LATERAL (SELECT sum(pg_stat_get_live_tuples(inhrelid)) AS now"
        " FROM pg_inherits WHERE inhparent = p.oid) parts"
        " WHERE p.oid = ANY(CAST(:names AS regclass[])) AND now > 1.5 * greatest(p.reltuples, 1000)"
    )
    names = [table.name for table in PARTITIONED]
    with writing(engine) as connection:
        if not connection.scalar(grown, {"names": names}):
            return False
        connection.execute(text(f"ANALYZE {', '.join(names)}"))
    return True


def last_number(connection: Connection, name: str) -> int:
    """The highest surrogate key that the table has given so far, or its month begins behind."""
    query = text("SELECT coalesce(pg_sequence_last_value(CAST(:name AS regclass)), 0)")
    return int(connection.scalar(query, {"name": f"{name}_id_seq"}) or 0)


def highest_version(connection: Connection) -> int:
    """Versions are numbered behind this."""
    highest = int(connection.scalar(select(func.coalesce(func.max(s.listing_version.c.id), 0))) or 0)
    if connection.dialect.name != "postgresql":
        return highest
    return max(highest, last_number(connection, s.listing_version.name))


def make_partitions(connection: Connection, months: Iterable[int]) -> None:
    """The months' partitions, those that are not there; attached, so that readers and writers of the others go on."""
    for table, month in ((table, month) for month in sorted(set(months)) for table in PARTITIONED):
        part = f"{table.name}_{month}"
        if connection.scalar(text("SELECT to_regclass(:part)"), {"part": part}) is not None:
            continue
        connection.execute(text(f"CREATE TABLE {part} (LIKE {table.name} INCLUDING ALL)"))
        if table is s.capture:  # across months a key without the month cannot be unique
            connection.execute(text(f"ALTER TABLE {part} ADD UNIQUE (record_id)"))
        bounds = f"FROM ({month * A_MONTH}) TO ({(month + 1) * A_MONTH})"
        connection.execute(text(f"ALTER TABLE {table.name} ATTACH PARTITION {part} FOR VALUES {bounds}"))


def months_of(connection: Connection) -> list[int]:
    """Months by which surrogate keys of a store are numbered, ascending; the time before is none."""
    keys = (table.c[next(iter(table.primary_key.columns)).name] for table in PARTITIONED)
    found = chain.from_iterable(connection.scalars(select(key // A_MONTH).distinct()) for key in keys)
    return sorted({int(month) for month in found if month >= FIRST_MONTH})


def partitions(engine: Engine) -> dict[str, int]:
    """Partitions by name, with the rows of each as the server last counted them; empty on SQLite."""
    if engine.dialect.name != "postgresql":
        return {}
    query = text(
        "SELECT c.relname, greatest(c.reltuples, 0) FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid"
        " WHERE inhparent = to_regclass(:name) ORDER BY 1"
    )
    with reading(engine) as connection:
        rows = chain.from_iterable(connection.execute(query, {"name": table.name}) for table in PARTITIONED)
        return {str(name): int(count) for name, count in rows}
