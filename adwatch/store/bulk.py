"""Many rows at once: COPY on PostgreSQL, one prepared statement on SQLite."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
