"""Narrow columns of many rows as NumPy arrays, and what is told of them together.

The database writes each column as one text, so that no object is made for each value of each row.
"""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import BigInteger, Connection, FromClause, Select, Text, cast, func, literal, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY

Numbers = NDArray[np.int64]
Times = NDArray[np.datetime64]
"""UTC, in microseconds."""
Days = NDArray[np.datetime64]
Kind = Literal["number", "time", "day", "text"]
BETWEEN = "\x1f"
"""What stands between texts: neither words of ours nor JSON contain it."""


def columns(connection: Connection, query: Select[Any], *kinds: Kind) -> list[Any]:
    """The columns of a query, each an array in the same order of rows, which is any; texts are a list.

    Numbers and times must not be NULL; a day that is becomes NaT, a text "". What is worked out for each row is best
    written without parameters, which SQLite copies for each.
    """
    rows = query.subquery()
    joined = [_joined(connection, column, kind) for column, kind in zip(rows.c, kinds, strict=True)]
    return [_array(text, kind) for text, kind in zip(connection.execute(select(*joined)).one(), kinds, strict=True)]


def _joined(connection: Connection, column: Any, kind: Kind) -> Any:
    """All values of a column in one text."""
    lite = connection.dialect.name == "sqlite"
    if kind == "time" and not lite:
        column = cast(func.extract("epoch", column) * 1_000_000, BigInteger)
    elif kind in ("day", "text"):
        column = func.coalesce(cast(column, Text), literal_column("''"))
    between: Any = literal_column(f"'{BETWEEN}'" if kind == "text" else "','")  # parameters would double the time
    return func.group_concat(column, between) if lite else func.string_agg(cast(column, Text), between)


def _array(text: str | None, kind: Kind) -> Any:
    if kind == "text":
        return [] if text is None else text.split(BETWEEN)
    if kind == "number" or (kind == "time" and text and "-" not in text):
        numbers = np.fromstring(text or "", np.int64, sep=",")
        return numbers if kind == "number" else numbers.astype("datetime64[us]")
    form, length = ("datetime64[us]", 26) if kind == "time" else ("datetime64[D]", 10)
    count = 0 if text is None else text.count(",") + 1
    if not text or len(text) == count - 1:
        return np.full(count, "NaT", form)
    if len(text) == count * (length + 1) - 1:  # each is as long as the others, as databases write them
        lines = np.frombuffer(f"{text},".encode(), [("value", f"S{length}"), ("end", "S1")])
        if (lines["end"] == b",").all():
            return lines["value"].astype(form)
    return np.array(text.split(","), form)


def given(connection: Connection, numbers: Numbers) -> FromClause:
    """Numbers as a table with the column ``value``: any count of them in one parameter."""
    text = ",".join(map(str, numbers.tolist()))
    if connection.dialect.name == "sqlite":
        return func.json_each(literal(f"[{text}]", Text)).table_valued("value")
    values = cast(literal(f"{{{text}}}", Text), ARRAY(BigInteger))
    return select(func.unnest(values).label("value")).subquery()


def local_days(times: Times, zone: tzinfo) -> Days:
    """The day of each time in a zone; what its clocks do within a day is looked up time by time."""
    if not len(times):
        return times.astype("datetime64[D]")
    days = times.astype("datetime64[D]")
    first = days.min()
    known = np.array([_offset(day, zone) for day in np.arange(first, days.max() + 2)])
    at = (days - first).astype(np.int64)
    shift = known[at]
    for each in np.flatnonzero(shift != known[at + 1]):
        shift[each] = _offset(times[each], zone)
    local: Days = (times + shift).astype("datetime64[D]")
    return local


def _offset(when: np.datetime64, zone: tzinfo) -> np.timedelta64:
    moment: datetime = when.astype("datetime64[us]").item()
    return np.timedelta64(moment.replace(tzinfo=UTC).astimezone(zone).utcoffset(), "us")
