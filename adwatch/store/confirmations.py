"""Batches of leads that authorities confirm by letter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, select, update

from adwatch.store import schema as s
from adwatch.store.bulk import insert_rows
from adwatch.store.engine import insert_id
from adwatch.store.opening import chunks

Row = dict[str, Any]
AWAITING = ("registered", "doubtful", "referred", "reopened")
"""States of a case about which an authority may be asked."""
VOID = "void"
"""State of a batch that was not sent and will not be: its leads wait for another."""


def waiting(connection: Connection, owners: dict[int, list[str]], cases: Sequence[Row]) -> dict[str, list[Row]]:
    """Cases by authority that it has not been asked about; one that was opened again since may be asked about again."""
    asked: dict[tuple[int, str], bool] = {}
    row, batch = s.confirmation_row, s.confirmation
    for ids in chunks(case["id"] for case in cases):
        query = select(row.c.case_id, row.c.answer, batch.c.authority).join(batch, batch.c.id == row.c.confirmation_id)
        query = query.where(row.c.case_id.in_(ids), batch.c.state != VOID).order_by(row.c.id)
        for case_id, answer, authority in connection.execute(query):
            asked[case_id, authority] = answer is not None
    found: dict[str, list[Row]] = {}
    for case in cases:
        for authority in owners.get(case["id"], ()):
            answered = asked.get((case["id"], authority))
            if answered is None or (answered and case["state"] == "reopened"):
                found.setdefault(authority, []).append(case)
    return found


def cases_awaiting(connection: Connection) -> list[Row]:
    """Registered cases that wait for a finding and have an owner, in the order of their numbers."""
    query = select(s.case).where(s.case.c.state.in_(AWAITING), s.case.c.owner.is_not(None))
    rows = connection.execute(query.where(s.case.c.lead_number.is_not(None)).order_by(s.case.c.lead_number))
    return [dict(row._mapping) for row in rows]


def add_batch(connection: Connection, rows: Sequence[tuple[int, str]], **values: Any) -> int:
    """A batch with its (case, lead number) rows; gives its key."""
    key = insert_id(connection, s.confirmation, **values)
    names = ("confirmation_id", "case_id", "seq", "lead_number")
    listed = [(key, case_id, seq, number) for seq, (case_id, number) in enumerate(rows, 1)]
    insert_rows(connection, s.confirmation_row, names, listed)
    return key


def batches(connection: Connection, number: str | None = None, state: str | None = None) -> list[Row]:
    """Batches, oldest first."""
    query = select(s.confirmation).order_by(s.confirmation.c.id)
    if number is not None:
        query = query.where(s.confirmation.c.number == number)
    if state is not None:
        query = query.where(s.confirmation.c.state == state)
    return [dict(row._mapping) for row in connection.execute(query)]


def rows_of(connection: Connection, keys: Iterable[int]) -> dict[int, list[Row]]:
    """Rows by batch, in their order."""
    found: dict[int, list[Row]] = {}
    row = s.confirmation_row
    for ids in chunks(keys):
        query = select(row).where(row.c.confirmation_id.in_(ids)).order_by(row.c.confirmation_id, row.c.seq)
        for each in connection.execute(query):
            found.setdefault(each.confirmation_id, []).append(dict(each._mapping))
    return found


def batches_of_leads(connection: Connection, numbers: Sequence[str]) -> dict[str, list[str]]:
    """Numbers of the batches in which leads went out, by lead number."""
    row, batch = s.confirmation_row, s.confirmation
    found: dict[str, list[str]] = {}
    for at in range(0, len(numbers), 500):
        query = select(row.c.lead_number, batch.c.number).join(batch, batch.c.id == row.c.confirmation_id)
        query = query.where(batch.c.state != VOID)
        for lead, number in connection.execute(query.where(row.c.lead_number.in_(numbers[at : at + 500]))):
            found.setdefault(lead, []).append(number)
    return found


def answers_on(connection: Connection, case_ids: Iterable[int]) -> dict[int, list[Row]]:
    """Every row about a case in a batch that was sent, with ``authority`` and ``number``, oldest first."""
    row, batch = s.confirmation_row, s.confirmation
    found: dict[int, list[Row]] = {}
    for ids in chunks(case_ids):
        query = select(row, batch.c.authority, batch.c.number).join(batch, batch.c.id == row.c.confirmation_id)
        query = query.where(row.c.case_id.in_(ids), batch.c.state.not_in(("draft", VOID))).order_by(row.c.id)
        for each in connection.execute(query):
            found.setdefault(each.case_id, []).append(dict(each._mapping))
    return found


def unsettled(connection: Connection) -> list[Row]:
    """Answered rows from which no decision has been made yet, and those that waited for another authority."""
    row = s.confirmation_row
    open_ = row.c.settled.is_(None) | (row.c.settled == "waits")
    query = select(row).where(row.c.answer.is_not(None), open_).order_by(row.c.id)
    return [dict(each._mapping) for each in connection.execute(query)]


def set_batch(connection: Connection, key: int, **values: Any) -> None:
    """Change a batch."""
    connection.execute(update(s.confirmation).where(s.confirmation.c.id == key).values(**values))


def set_row(connection: Connection, key: int, **values: Any) -> None:
    """Change a row."""
    connection.execute(update(s.confirmation_row).where(s.confirmation_row.c.id == key).values(**values))
