"""Transfers with their cases and steps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from adwatch.store import inside
from adwatch.store import schema as s
from adwatch.store.bulk import insert_rows
from adwatch.store.engine import insert_id
from adwatch.store.filters import Filters
from adwatch.store.one_of import one_of
from adwatch.store.opening import chunks

Row = dict[str, Any]


def _plain(row: Any) -> Row:
    return {str(name): value for name, value in row._mapping.items()}


def add(connection: Connection, case_ids: Sequence[int], **values: Any) -> int:
    """A new transfer of some cases."""
    key = insert_id(connection, s.transfer, **values)
    insert_rows(connection, s.transfer_case, ("transfer_id", "case_id"), [(key, each) for each in case_ids])
    return key


def add_step(connection: Connection, transfer_id: int, **values: Any) -> None:
    """A step is only ever appended."""
    connection.execute(s.transfer_step.insert().values(transfer_id=transfer_id, **values))


def change(connection: Connection, transfer_id: int, **values: Any) -> None:
    """Change the row of a transfer."""
    connection.execute(update(s.transfer).where(s.transfer.c.id == transfer_id).values(**values))


def by_number(connection: Connection, number: str, lock: bool = False) -> Row | None:
    """One transfer with its ``cases`` and ``steps``."""
    query = select(s.transfer).where(s.transfer.c.number == number)
    row = connection.execute(query.with_for_update() if lock else query).first()
    return None if row is None else _whole(connection, [_plain(row)])[0]


def listed(
    connection: Connection,
    kind: str | None = None,
    step: str | None = None,
    case_id: int | None = None,
    limit: int | None = None,
    limits: Filters | None = None,
) -> list[Row]:
    """Transfers, newest first; those with a case within a person's limits."""
    query = select(s.transfer).order_by(s.transfer.c.id.desc())
    if kind is not None:
        query = query.where(s.transfer.c.kind == kind)
    if step is not None:
        query = query.where(s.transfer.c.step == step)
    if case_id is not None:
        of_case = select(s.transfer_case.c.transfer_id).where(s.transfer_case.c.case_id == case_id)
        query = query.where(s.transfer.c.id.in_(of_case))
    query = query.where(*inside.of_transfer(connection, s.transfer.c.id, limits))
    if limit is not None:
        query = query.limit(limit)
    return _whole(connection, [_plain(row) for row in connection.execute(query)])


def open_ones(connection: Connection, limits: Filters | None = None) -> list[Row]:
    """Transfers that are not closed, oldest first: number, kind, step, receiver; of their ``steps`` step and at."""
    t, step = s.transfer.c, s.transfer_step.c
    query = select(t.id, t.number, t.kind, t.step, t.receiver).where(t.closed_at.is_(None)).order_by(t.id)
    rows = connection.execute(query.where(*inside.of_transfer(connection, t.id, limits))).all()
    steps: dict[int, list[Row]] = {}
    for ids in chunks(row.id for row in rows):
        taken = (
            select(step.transfer_id, step.step, step.at)
            .where(one_of(connection, step.transfer_id, ids))
            .order_by(step.id)
        )
        for transfer_id, name, at in connection.execute(taken).all():
            steps.setdefault(transfer_id, []).append({"step": name, "at": at})
    return [{**_plain(row), "steps": steps.get(row.id, [])} for row in rows]


def _whole(connection: Connection, rows: list[Row]) -> list[Row]:
    cases: dict[int, list[Row]] = {}
    steps: dict[int, list[Row]] = {}
    link, step = s.transfer_case, s.transfer_step
    for ids in chunks(row["id"] for row in rows):
        query = select(link.c.transfer_id, s.case.c.id, s.case.c.lead_number, s.case.c.state)
        query = query.join(s.case, s.case.c.id == link.c.case_id).where(one_of(connection, link.c.transfer_id, ids))
        for found in connection.execute(query.order_by(link.c.case_id)):
            one = {"case_id": found.id, "lead_number": found.lead_number, "state": found.state}
            cases.setdefault(found.transfer_id, []).append(one)
        for found in connection.execute(
            select(step).where(one_of(connection, step.c.transfer_id, ids)).order_by(step.c.id)
        ):
            steps.setdefault(found.transfer_id, []).append(_plain(found))
    for row in rows:
        row["cases"], row["steps"] = cases.get(row["id"], []), steps.get(row["id"], [])
    return rows


def counted_leads(connection: Connection, case_ids: Iterable[int]) -> set[int]:
    """Those of some cases that are counted under a column of transfers already: their last entry names one."""
    found: dict[int, str | None] = {}
    lead = s.report_lead
    for ids in chunks(case_ids):
        query = select(lead.c.case_id, lead.c.column).where(lead.c.case_id.in_(ids)).order_by(lead.c.id)
        found.update((case_id, column) for case_id, column in connection.execute(query))
    return {case_id for case_id, column in found.items() if column is not None}


def count_lead(connection: Connection, case_id: int, column: str, day: str, person: str, at: datetime) -> None:
    """Count a lead under a column, as ``adwatch report`` does by hand."""
    values = {"case_id": case_id, "column": column, "day": day, "person": person, "at": at}
    connection.execute(s.report_lead.insert().values(**values))
