"""Cases, decisions and their history; numbers without gaps."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from adwatch.store import schema as s
from adwatch.store.bulk import insert_rows
from adwatch.store.engine import insert_id
from adwatch.store.life_line_due import touched_by_case, touched_by_listings
from adwatch.store.opening import FOUND_LATE, chunks
from adwatch.store.views import ListingView, as_it_stands, as_offered, versions_of


def next_number(connection: Connection, name: str, count: int = 1) -> int:
    """The next number of a series, from 1, or the last of so many; used up only if the transaction commits: no gaps."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(s.counter).values(name=name, value=count)
    statement = statement.on_conflict_do_update(index_elements=["name"], set_={"value": s.counter.c.value + count})
    return int(connection.scalar(statement.returning(s.counter.c.value)) or 0)


def case_by_id(connection: Connection, case_id: int) -> dict[str, Any] | None:
    """One case with the numbers of its listings."""
    found = connection.execute(select(s.case).where(s.case.c.id == case_id)).first()
    if found is None:
        return None
    case = dict(found._mapping)
    add_listings(connection, [case])
    return case


def by_lead_numbers(connection: Connection, numbers: Iterable[str]) -> dict[str, int]:
    """Cases by their lead numbers; those that nobody has are left out."""
    found: dict[str, int] = {}
    wanted = sorted(set(numbers))
    for at in range(0, len(wanted), 500):
        query = select(s.case.c.lead_number, s.case.c.id).where(s.case.c.lead_number.in_(wanted[at : at + 500]))
        found.update((row.lead_number, row.id) for row in connection.execute(query))
    return found


def lead_numbers(connection: Connection, case_ids: Iterable[int]) -> dict[int, str | None]:
    """Lead numbers of cases; None of those that were not registered."""
    found: dict[int, str | None] = {}
    for ids in chunks(case_ids):
        query = select(s.case.c.id, s.case.c.lead_number).where(s.case.c.id.in_(ids))
        found.update((row.id, row.lead_number) for row in connection.execute(query))
    return found


def lock_cases(connection: Connection, case_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """The cases that exist, locked in ascending order until the transaction ends: nobody decides one twice at once."""
    found: dict[int, dict[str, Any]] = {}
    for ids in chunks(case_ids):
        query = select(s.case).where(s.case.c.id.in_(ids)).order_by(s.case.c.id).with_for_update()
        found.update((row.id, dict(row._mapping)) for row in connection.execute(query))
    add_listings(connection, list(found.values()))
    return found


def add_listings(connection: Connection, cases: list[dict[str, Any]]) -> None:
    """Adds ``listings``: surrogate keys, ascending."""
    by_id: dict[int, list[int]] = {case["id"]: [] for case in cases}
    link = s.case_listing
    for ids in chunks(by_id):
        query = select(link.c.case_id, link.c.listing_id).where(link.c.case_id.in_(ids)).order_by(link.c.listing_id)
        for case_id, listing_id in connection.execute(query):
            by_id[case_id].append(listing_id)
    for case in cases:
        case["listings"] = by_id[case["id"]]


def set_state(connection: Connection, case_id: int, **values: Any) -> None:
    """Change the case's row."""
    connection.execute(update(s.case).where(s.case.c.id == case_id).values(**values))


def append_decision(connection: Connection, case_id: int, **values: Any) -> int:
    """A decision is only ever appended; gives its number."""
    touched_by_case(connection, case_id)
    return insert_id(connection, s.decision, case_id=case_id, **values)


def remember_decided(connection: Connection, views: Iterable[ListingView]) -> None:
    """Keep what verdict each listing was decided on: the rule of re-opening compares with it."""
    decided = list(views)
    for view in decided:
        link = s.case_listing
        connection.execute(update(link).where(link.c.listing_id == view.id).values(**view.decided_on))
    touched_by_listings(connection, [view.id for view in decided])


def remember_rectified(connection: Connection, listing_ids: Iterable[int]) -> None:
    """Keep what was offered as what was decided on, and that the listing does not offer it any more.

    Letters, tables and lessons go by the first, the rule of re-opening by the second.
    """
    link = s.case_listing
    for listing_id, views in versions_of(connection, listing_ids).items():
        values = {**as_offered(views).decided_on, "decided_flagged": as_it_stands(views).flagged}
        connection.execute(update(link).where(link.c.listing_id == listing_id).values(**values))
    touched_by_listings(connection, listing_ids)


def tell_index(connection: Connection, listing_ids: Iterable[int]) -> None:
    """Outbox rows: the search index looks at these listings again."""
    insert_rows(connection, s.outbox, ("listing_id",), [(listing_id,) for listing_id in sorted(set(listing_ids))])


def _plain(row: Any) -> dict[str, Any]:
    """A row that goes out as JSON: the library's names of columns are no plain str."""
    return {str(name): value for name, value in row._mapping.items()}


def decisions_of(
    connection: Connection, case_ids: Iterable[int], at: datetime | None = None
) -> dict[int, list[dict[str, Any]]]:
    """Decisions by case, oldest first; of those made up to a time."""
    found: dict[int, list[dict[str, Any]]] = {}
    for ids in chunks(case_ids):
        query = select(s.decision).where(s.decision.c.case_id.in_(ids)).order_by(s.decision.c.id)
        if at is not None:
            query = query.where(s.decision.c.at <= at)
        for row in connection.execute(query):
            found.setdefault(row.case_id, []).append(_plain(row))
    return found


def events_of(connection: Connection, subject: str, subject_ids: Iterable[int]) -> dict[int, list[dict[str, Any]]]:
    """History by case or request, oldest first."""
    found: dict[int, list[dict[str, Any]]] = {}
    for ids in chunks(subject_ids):
        query = select(s.event).where(s.event.c.subject == subject, s.event.c.subject_id.in_(ids))
        for row in connection.execute(query.order_by(s.event.c.id)):
            found.setdefault(row.subject_id, []).append(_plain(row))
    return found


def found_late(connection: Connection, case_ids: Iterable[int]) -> dict[int, str]:
    """Of cases that were opened on an earlier day's version: what found it then."""
    found: dict[int, str] = {}
    for ids in chunks(case_ids):
        query = select(s.event.c.subject_id, s.event.c.detail).where(
            s.event.c.subject == "case", s.event.c.kind == FOUND_LATE, s.event.c.subject_id.in_(ids)
        )
        found.update((case_id, detail["by"]) for case_id, detail in connection.execute(query))
    return found


def cases_of_listings(connection: Connection, listing_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """The case of each listing, by surrogate key of the listing."""
    found: dict[int, dict[str, Any]] = {}
    for ids in chunks(listing_ids):
        query = select(s.case_listing.c.listing_id, s.case).join(s.case, s.case.c.id == s.case_listing.c.case_id)
        for row in connection.execute(query.where(s.case_listing.c.listing_id.in_(ids))):
            found[row.listing_id] = dict(row._mapping)
    return found
