"""What accounts show, and who holds a value.

A mark lies in ``subject_mark`` beside the others of its account: what a new listing adds is in one place, however many
there are. Values are digests, so in an index by value each mark of a new listing has a page of its own once the index
is large: to write that page costs more than all the rest of linking. Hence new marks go into the small
``subject_recent``, and with every EVERY listings one SLICES-th of the range of values is carried over into
``subject_holder``: then several marks share each page that is written. Who holds a value is asked of both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, exists, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from adwatch.store import schema as s
from adwatch.store.bulk import insert_rows
from adwatch.store.opening import chunks

BITS, SLICES, EVERY = 63, 32, 1000
"""Bits of a value; slices of their range, carried over in turn; listings after which the next is."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A value that an account shows."""

    value: int
    kind: str
    listing_id: int
    shown: str | None


def add_marks(connection: Connection, marks: Mapping[int, Iterable[Mark]]) -> list[tuple[int, int, str]]:
    """Add marks by account; gives (value, account, kind) of those that were not there."""
    m = s.subject_mark
    rows = [
        {"account_id": account, "kind": mark.kind, "value": mark.value}
        | {"listing_id": mark.listing_id, "shown": mark.shown}
        for account, each in sorted(marks.items())
        for mark in sorted(each, key=lambda mark: (mark.kind, mark.value))
    ]
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(m).on_conflict_do_nothing().returning(m.c.value, m.c.account_id, m.c.kind)
    fresh: list[tuple[int, int, str]] = []
    for at in range(0, len(rows), 2000):
        fresh += [(int(r[0]), int(r[1]), str(r[2])) for r in connection.execute(statement, rows[at : at + 2000])]
    by_value = sorted((value, account) for value, account, _ in fresh)
    insert_rows(connection, s.subject_recent, ("value", "account_id"), by_value)
    return fresh


def carry_over(connection: Connection, first: int, last: int) -> None:
    """What follows on listings that were due as numbers first to last: some slices of the recent marks move on."""
    recent, columns = s.subject_recent, (s.subject_recent.c.value, s.subject_recent.c.account_id)
    turns = range((first - 1) // EVERY, last // EVERY)
    for at in {turn % SLICES for turn in turns[:SLICES]}:
        width = (1 << BITS) // SLICES
        slice_ = recent.c.value.between(at * width, (at + 1) * width - 1)
        moving = select(*columns).where(slice_).order_by(*columns)
        connection.execute(insert(s.subject_holder).from_select(["value", "account_id"], moving))
        connection.execute(delete(recent).where(slice_))


def wide(connection: Connection, values: Iterable[int]) -> set[int]:
    """Which of the values very many hold."""
    found: set[int] = set()
    for each in chunks(values):
        found.update(connection.scalars(select(s.subject_wide.c.value).where(s.subject_wide.c.value.in_(each))))
    return found


def add_wide(connection: Connection, values: Iterable[int]) -> None:
    """Remember that very many hold these."""
    insert_rows(connection, s.subject_wide, ("value",), [(value,) for value in sorted(set(values))])


def holders(connection: Connection, values: Iterable[int]) -> dict[int, list[int]]:
    """Accounts that hold each value; not to be asked of wide ones."""
    found: dict[int, list[int]] = {}
    for each in chunks(values):
        for table in (s.subject_holder, s.subject_recent):
            query = select(table.c.value, table.c.account_id).where(table.c.value.in_(each))
            for value, account in connection.execute(query):
                found.setdefault(int(value), []).append(int(account))
    return found


def with_wide(connection: Connection, accounts: Iterable[int], kind: str) -> set[int]:
    """Accounts that show a value of a kind that very many hold."""
    m, found = s.subject_mark, set[int]()
    for ids in chunks(accounts):
        query = select(m.c.account_id).join(s.subject_wide, s.subject_wide.c.value == m.c.value)
        found.update(connection.scalars(query.where(m.c.account_id.in_(ids), m.c.kind == kind).distinct()))
    return found


def with_narrow(connection: Connection, accounts: Iterable[int], kind: str) -> set[int]:
    """Accounts that show a value of a kind that not very many hold."""
    m, found = s.subject_mark, set[int]()
    for ids in chunks(accounts):
        query = select(m.c.account_id).where(m.c.account_id.in_(ids), m.c.kind == kind, ~_is_wide(m))
        found.update(connection.scalars(query.distinct()))
    return found


def _is_wide(marks: Any) -> Any:
    return exists().where(s.subject_wide.c.value == marks.c.value)


def any_holder(connection: Connection, value: int, without: str | None) -> int | None:
    """The account with the lowest number that holds a value; of those without a narrow value of a kind."""
    found, other = [], s.subject_mark
    for table in (s.subject_holder, s.subject_recent):
        query = select(table.c.account_id).where(table.c.value == value)
        if without is not None:
            narrow = exists().where(other.c.account_id == table.c.account_id, other.c.kind == without, ~_is_wide(other))
            query = query.where(~narrow)
        found.append(connection.scalar(query.order_by(table.c.account_id).limit(1)))
    return min((int(account) for account in found if account is not None), default=None)


def marks_of(
    connection: Connection, accounts: Iterable[int], kinds: Sequence[str] | None = None
) -> dict[int, list[tuple[int, str]]]:
    """(value, kind) by account, of some kinds or of all."""
    m, found = s.subject_mark, dict[int, list[tuple[int, str]]]()
    for ids in chunks(accounts):
        query = select(m.c.account_id, m.c.value, m.c.kind).where(m.c.account_id.in_(ids))
        if kinds is not None:
            query = query.where(m.c.kind.in_(kinds))
        for account, value, kind in connection.execute(query):
            found.setdefault(int(account), []).append((int(value), str(kind)))
    return found
