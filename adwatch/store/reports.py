"""Reports that fall due: what was entered, handed in and submitted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, func, select

from adwatch.store import schema as s
from adwatch.store.engine import insert_id

Row = dict[str, Any]


def add(connection: Connection, table: Table, **values: Any) -> int:
    """Append one row; gives its key."""
    return insert_id(connection, table, **values)


def _of_period(connection: Connection, table: Table, form: str, period: str, *where: ColumnElement[bool]) -> list[Row]:
    query = select(table).where(table.c.form == form, table.c.period == period, *where).order_by(table.c.id)
    return [{str(name): value for name, value in row._mapping.items()} for row in connection.execute(query)]


def values(connection: Connection, form: str, period: str) -> list[Row]:
    """Everything entered, oldest first; the last of a cell holds."""
    return _of_period(connection, s.report_value, form, period)


def imports(connection: Connection, form: str, period: str) -> list[Row]:
    """Sheets handed in, oldest first; the last of a unit holds."""
    return _of_period(connection, s.report_import, form, period)


def issues(connection: Connection, form: str, period: str, number: int | None = None) -> list[Row]:
    """What was submitted and restated, oldest first; or that of one number."""
    where = () if number is None else (s.report_issue.c.issue == number,)
    return _of_period(connection, s.report_issue, form, period, *where)


def count_issues(connection: Connection, form: str, period: str) -> int:
    """How often a table was submitted and restated."""
    kept = s.report_issue.c
    query = select(func.count()).select_from(s.report_issue).where(kept.form == form, kept.period == period)
    return int(connection.scalar(query) or 0)


def submitted(connection: Connection) -> set[tuple[str, str]]:
    """(form, period) of everything submitted."""
    query = select(s.report_issue.c.form, s.report_issue.c.period).where(s.report_issue.c.issue == 1)
    return {(form, period) for form, period in connection.execute(query)}


def issued(
    connection: Connection, most: int | None = None, form: str | None = None, period: str | None = None
) -> list[Row]:
    """Issues without contents, the newest first, of all tables or of one: form, period, issue, reason, person, at."""
    kept = s.report_issue.c
    query = select(kept.form, kept.period, kept.issue, kept.reason, kept.person, kept.at).order_by(kept.id.desc())
    if form is not None:
        query = query.where(kept.form == form)
    if period is not None:
        query = query.where(kept.period == period)
    return [dict(row._mapping) for row in connection.execute(query.limit(most))]


def first_patrol(connection: Connection) -> date | None:
    """Day of the first patrol; None where there was none."""
    r = s.run.c
    day = connection.scalar(select(r.day).where(r.kind == "patrol").order_by(r.day).limit(1))
    return None if day is None else date.fromisoformat(day)


def standing_confirmed(connection: Connection, case_ids: Sequence[int]) -> set[int]:
    """Those of some cases whose last finding is 属实."""
    d = s.decision
    last = select(func.max(d.c.id)).where(d.c.case_id.in_(case_ids)).group_by(d.c.case_id)
    query = select(d.c.case_id).where(d.c.id.in_(last), d.c.result == "confirm")
    return set(connection.scalars(query))


def keys_of(connection: Connection, listing_ids: Sequence[str]) -> dict[str, int]:
    """Surrogate keys of listings by their stable key in hexadecimal."""
    found: dict[str, int] = {}
    for at in range(0, len(listing_ids), 500):
        wanted = [bytes.fromhex(one) for one in listing_ids[at : at + 500]]
        query = select(s.listing.c.key, s.listing.c.id).where(s.listing.c.key.in_(wanted))
        found.update((row.key.hex(), row.id) for row in connection.execute(query))
    return found
