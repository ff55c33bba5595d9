"""Some keys as a condition: five hundred parameters cost PostgreSQL and its driver more than the rows they look up."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Text, any_, bindparam, cast, literal
from sqlalchemy.dialects.postgresql import ARRAY


def one_of(connection: Connection, column: Any, ids: Iterable[int]) -> ColumnElement[bool]:
    """That a column is one of some whole numbers, which PostgreSQL is told in one parameter."""
    if connection.dialect.name != "postgresql":
        return column.in_(list(ids))  # type: ignore[no-any-return]
    return _any(column, literal(as_array(ids), Text))


def one_of_named(dialect: str, column: Any, name: str) -> ColumnElement[bool]:
    """The same for a statement that is made once; ``given`` is the value of its parameter."""
    if dialect != "postgresql":
        return column.in_(bindparam(name, expanding=True))  # type: ignore[no-any-return]
    return _any(column, bindparam(name, type_=Text))


def given(dialect: str, ids: Iterable[int]) -> Any:
    """The numbers as the parameter of ``one_of_named``."""
    return as_array(ids) if dialect == "postgresql" else list(ids)


def as_array(ids: Iterable[int]) -> str:
    """Whole numbers as PostgreSQL writes an array."""
    return f"{{{','.join(map(str, ids))}}}"


def _any(column: Any, text: Any) -> ColumnElement[bool]:
    return column == any_(cast(text, ARRAY(BigInteger)))  # type: ignore[no-any-return]
