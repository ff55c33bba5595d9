"""What the linking of listings reads and writes: accounts, the listings and cases that are theirs, subjects.

Whoever writes here holds ``SUBJECT_LOCK``: one process links at a time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from adwatch.store import schema as s
from adwatch.store.bulk import insert_rows, update_rows
from adwatch.store.engine import db_time
from adwatch.store.opening import chunks

SUBJECT_LOCK = 7_301_004


def accounts_by_key(connection: Connection, keys: Sequence[bytes]) -> dict[bytes, int]:
    """Surrogate keys of accounts that are there."""
    a, found = s.subject_account, dict[bytes, int]()
    for at in range(0, len(keys), 500):
        query = select(a.c.key, a.c.id).where(a.c.key.in_(keys[at : at + 500]))
        found.update((bytes(key), int(number)) for key, number in connection.execute(query))
    return found


def add_accounts(connection: Connection, rows: Sequence[tuple[bytes, int, str | None, int]]) -> list[int]:
    """Add (key, platform, seller id, subject); gives their surrogate keys."""
    first = next_id(connection, s.subject_account)
    columns = ("id", "key", "platform_id", "seller_id", "subject_id")
    insert_rows(connection, s.subject_account, columns, [(first + at, *row) for at, row in enumerate(rows)])
    return [first + at for at in range(len(rows))]


def add_subjects(connection: Connection, count: int, now: datetime) -> list[int]:
    """Make subjects; gives their numbers."""
    first = next_id(connection, s.subject)
    stamp = db_time(connection, now)
    insert_rows(connection, s.subject, ("id", "made_at"), [(first + at, stamp) for at in range(count)])
    return [first + at for at in range(count)]


def next_id(connection: Connection, table: Any) -> int:
    """The surrogate key behind the highest; the lock sees to it that nobody else takes it."""
    return int(connection.scalar(select(func.coalesce(func.max(table.c.id), 0))) or 0) + 1


def set_members(connection: Connection, pairs: Mapping[int, int], now: datetime) -> None:
    """The account of each listing."""
    statement = _upsert(connection)(s.subject_member).values(
        [{"listing_id": listing, "account_id": account, "at": now} for listing, account in pairs.items()]
    )
    changed = {"account_id": statement.excluded.account_id}
    differs = s.subject_member.c.account_id != statement.excluded.account_id
    connection.execute(statement.on_conflict_do_update(index_elements=["listing_id"], set_=changed, where=differs))


def drop_members(connection: Connection, listing_ids: Iterable[int]) -> list[int]:
    """Listings that are flagged in no version any more belong to nobody; gives those that did."""
    gone: list[int] = []
    for ids in chunks(listing_ids):
        where = s.subject_member.c.listing_id.in_(ids)
        gone += connection.scalars(delete(s.subject_member).where(where).returning(s.subject_member.c.listing_id))
    return gone


def _upsert(connection: Connection) -> Any:
    return postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert


def subjects_of(connection: Connection, accounts: Iterable[int]) -> dict[int, int]:
    """Subject by account."""
    a, found = s.subject_account, dict[int, int]()
    for ids in chunks(accounts):
        query = select(a.c.id, a.c.subject_id).where(a.c.id.in_(ids))
        found.update((int(row[0]), int(row[1])) for row in connection.execute(query))
    return found


def accounts_of(connection: Connection, subjects: Iterable[int]) -> dict[int, tuple[int, bytes]]:
    """(subject, stable key) of every account of the subjects, by account."""
    a, found = s.subject_account, dict[int, tuple[int, bytes]]()
    for ids in chunks(subjects):
        query = select(a.c.id, a.c.subject_id, a.c.key).where(a.c.subject_id.in_(ids))
        found.update((int(row[0]), (int(row[1]), bytes(row[2]))) for row in connection.execute(query))
    return found


def move_accounts(connection: Connection, moves: Mapping[int, int], with_cases: Iterable[int]) -> None:
    """Put accounts under subjects, and the cases of the listings of some: of a case nothing else is touched."""
    member, link, cases = s.subject_member, s.case_listing, dict[int, int]()
    update_rows(connection, s.subject_account, ("subject_id",), sorted(moves.items()))
    for ids in chunks(with_cases):
        query = select(link.c.case_id, member.c.account_id).join(member, member.c.listing_id == link.c.listing_id)
        for case_id, account in connection.execute(query.where(member.c.account_id.in_(ids))):
            cases[int(case_id)] = moves[account]
    set_case_subjects(connection, cases)


def set_case_subjects(connection: Connection, subjects: Mapping[int, int | None]) -> None:
    """Only the pointer to the subject: what was decided, and when, stays as it is."""
    rows: list[tuple[int, int | None]] = []
    more = Counter[int]()
    for ids in chunks(subjects):
        query = select(s.case.c.id, s.case.c.subject_id).where(s.case.c.id.in_(ids)).order_by(s.case.c.id)
        found = connection.execute(query.with_for_update())
        for row in found:
            if (subject := subjects[row.id]) != row.subject_id:
                rows.append((int(row.id), subject))
                more[row.subject_id or 0] -= 1
                more[subject or 0] += 1
    update_rows(connection, s.case, ("subject_id",), rows)
    _add_to_sizes(connection, more)


def _add_to_sizes(connection: Connection, more: Mapping[int, int]) -> None:
    """So many cases more, or fewer, in subjects; 0 is none."""
    rows: list[tuple[int, int]] = []
    for ids in chunks(number for number, count in more.items() if number and count):
        query = select(s.subject.c.id, s.subject.c.cases).where(s.subject.c.id.in_(ids))
        rows += [(int(row.id), row.cases + more[row.id]) for row in connection.execute(query)]
    update_rows(connection, s.subject, ("cases",), rows)


def count_cases(connection: Connection) -> None:
    """Count anew how many cases each subject has."""
    of, c = s.subject.c, s.case.c
    counted = select(func.count()).where(c.subject_id == of.id).correlate(s.subject).scalar_subquery()
    connection.execute(update(s.subject).values(cases=counted).where(of.cases != counted))


def drop_subjects(connection: Connection, numbers: Iterable[int]) -> None:
    """Take away subjects that nobody has seen."""
    for ids in chunks(numbers):
        connection.execute(delete(s.subject).where(s.subject.c.id.in_(ids)))


def cases_of(connection: Connection, listing_ids: Iterable[int]) -> dict[int, int]:
    """Case by listing."""
    link, found = s.case_listing, dict[int, int]()
    for ids in chunks(listing_ids):
        query = select(link.c.listing_id, link.c.case_id).where(link.c.listing_id.in_(ids))
        found.update((int(row[0]), int(row[1])) for row in connection.execute(query))
    return found


def subjects_after(connection: Connection, after: int, limit: int = 500) -> list[int]:
    """Numbers of subjects that have accounts, ascending, behind one."""
    a = s.subject_account
    query = select(a.c.subject_id).where(a.c.subject_id > after).distinct().order_by(a.c.subject_id).limit(limit)
    return [int(number) for number in connection.scalars(query)]


def set_contact_tags(connection: Connection, keys: Mapping[int, Iterable[str]]) -> None:
    """The contact keys of cases, in the place of those they had."""
    tag = s.case_tag
    for ids in chunks(keys):
        connection.execute(delete(tag).where(tag.c.case_id.in_(ids), tag.c.kind == "contact"))
    rows = [(case_id, "contact", key) for case_id, each in keys.items() for key in sorted(set(each))]
    insert_rows(connection, tag, ("case_id", "kind", "value"), rows)
