"""Many rows at once: COPY on PostgreSQL, one prepared statement on SQLite.

Who calls these holds a lock by which no other process writes the same rows, so nothing can be there twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.exc import DBAPIError

WORTH_A_COPY = 50
"""Rows from which COPY is faster than a prepared statement sent that often."""


def insert_rows(connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Plain bulk insert of positional rows; JSON columns must be given as text, times as ``db_time`` gives them."""
    if not rows:
        return
    if connection.dialect.name == "postgresql" and len(rows) >= WORTH_A_COPY:
        copy_rows(connection, table.name, columns, rows)
        return
    marks = "?" if connection.dialect.name == "sqlite" else "%s"
    statement = f'INSERT INTO "{table.name}" ({quoted(columns)}) VALUES ({", ".join([marks] * len(columns))})'  # noqa: S608 - names are ours
    connection.exec_driver_sql(statement, list(rows))


def update_rows(connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Set the columns of rows named by ``id``, the first value of each; values as in ``insert_rows``.

    On PostgreSQL in the order of their ids, so that rows of one page are written one after another.
    """
    if not rows:
        return
    if connection.dialect.name != "postgresql" or len(rows) < WORTH_A_COPY:
        mark = "?" if connection.dialect.name == "sqlite" else "%s"
        changes = ", ".join(f'"{name}" = {mark}' for name in columns)
        statement = f'UPDATE "{table.name}" SET {changes} WHERE id = {mark}'  # noqa: S608 - names are ours
        connection.exec_driver_sql(statement, [(*row[1:], row[0]) for row in rows])
        return
    names = ("id", *columns)
    given = f"given_{table.name}"
    connection.exec_driver_sql(
        f'CREATE TEMPORARY TABLE {given} ON COMMIT DROP AS SELECT {quoted(names)} FROM "{table.name}" WITH NO DATA'  # noqa: S608 - names are ours
    )
    copy_rows(connection, given, names, sorted(rows, key=itemgetter(0)))
    connection.exec_driver_sql(f"ANALYZE {given}")
    changes = ", ".join(f'"{name}" = {given}."{name}"' for name in columns)
    connection.exec_driver_sql(
        f'UPDATE "{table.name}" SET {changes} FROM {given} WHERE "{table.name}".id = {given}.id'  # noqa: S608 - names are ours
    )
    connection.exec_driver_sql(f"DROP TABLE {given}")


def copy_rows(connection: Connection, name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """COPY positional rows into a table of PostgreSQL, in the connection's transaction; errors are SQLAlchemy's."""
    raw: Any = connection.connection.driver_connection
    driver: Any = connection.dialect.loaded_dbapi
    statement = f'COPY "{name}" ({quoted(columns)}) FROM STDIN'
    try:
        with raw.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except driver.Error as error:
        raise DBAPIError.instance(statement, None, error, driver.Error, dialect=connection.dialect) from error


def quoted(columns: Iterable[str]) -> str:
    """Names as SQL takes them."""
    return ", ".join(f'"{name}"' for name in columns)
