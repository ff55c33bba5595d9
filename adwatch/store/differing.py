"""Papers that went out and what of them was found otherwise since: looked up by case, listed and counted where open."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, update

from adwatch.models import Actor
from adwatch.store import inside
from adwatch.store import schema as s
from adwatch.store.filters import Filters
from adwatch.store.one_of import one_of
from adwatch.store.opening import chunks

Row = dict[str, Any]
TAKEDOWN, TRANSFER, CONFIRMATION = "takedown", "transfer", "confirmation"
"""Kinds of papers."""


def requests_of(
    connection: Connection, listing_ids: Iterable[int], kinds: Sequence[str], left: Sequence[str]
) -> dict[int, set[int]]:
    """Letters of some kinds that ask for listings, or speak of such a request, on none of the steps ``left``.

    By key of the request: the keys of those of the listings that it asks for.
    """
    taken, letter = s.takedown_listing, s.takedown_letter
    found: dict[int, set[int]] = {}
    for ids in chunks(listing_ids):
        query = select(taken.c.takedown_id, taken.c.listing_id).where(taken.c.listing_id.in_(ids))
        there = select(letter.c.id).where(letter.c.takedown_id == taken.c.takedown_id, letter.c.kind.in_(kinds))
        query = query.where(there.where(letter.c.step.not_in(left)).correlate(taken).exists())
        for takedown_id, listing_id in connection.execute(query):
            found.setdefault(takedown_id, set()).add(listing_id)
    return found


def public_ids(connection: Connection, listing_ids: Iterable[int]) -> dict[str, int]:
    """Surrogate keys of some listings by their public ids."""
    found: dict[str, int] = {}
    for ids in chunks(listing_ids):
        query = select(s.listing.c.key, s.listing.c.id).where(s.listing.c.id.in_(ids))
        found.update((row.key.hex(), row.id) for row in connection.execute(query))
    return found


def transfers_of(connection: Connection, case_ids: Iterable[int]) -> list[Any]:
    """(id, number, case_id) of the transfers of some cases that were sent."""
    t, link = s.transfer, s.transfer_case
    found: list[Any] = []
    for ids in chunks(case_ids):
        query = select(t.c.id, t.c.number, link.c.case_id).join(link, link.c.transfer_id == t.c.id)
        found += connection.execute(query.where(link.c.case_id.in_(ids), t.c.sent_at.is_not(None)).order_by(t.c.id))
    return found


def asked_of(connection: Connection, case_ids: Iterable[int]) -> list[Any]:
    """(id, number, case_id, seq) of the 甄别函 that went out and miss the answer on some cases."""
    batch, row = s.confirmation, s.confirmation_row
    found: list[Any] = []
    for ids in chunks(case_ids):
        query = select(batch.c.id, batch.c.number, row.c.case_id, row.c.seq)
        query = query.join(row, row.c.confirmation_id == batch.c.id).where(row.c.case_id.in_(ids))
        query = query.where(row.c.answer.is_(None), batch.c.sent_at.is_not(None))
        found += connection.execute(query.order_by(batch.c.id))
    return found


def contents(connection: Connection, paper: str, paper_ids: Iterable[int]) -> dict[int, Row]:
    """All that transfers or 甄别函 say, by their keys."""
    table = {TRANSFER: s.transfer, CONFIRMATION: s.confirmation}[paper]
    found: dict[int, Row] = {}
    for ids in chunks(paper_ids):
        query = select(table.c.id, table.c.content).where(table.c.id.in_(ids))
        found.update((key, content) for key, content in connection.execute(query))
    return found


Key = tuple[str, int, int, int | None]
"""(paper, its key, case, listing)."""


def last_of_cases(connection: Connection, case_ids: Iterable[int]) -> dict[Key, Row]:
    """By ``Key`` the newest row, open or ended."""
    d, found = s.differing, dict[Key, Row]()
    for ids in chunks(case_ids):
        for row in connection.execute(select(d).where(d.c.case_id.in_(ids)).order_by(d.c.id)):
            found[row.paper, row.paper_id, row.case_id, row.listing_id] = dict(row._mapping)
    return found


def told_of_cases(connection: Connection, case_ids: Iterable[int]) -> dict[Key, Row]:
    """By ``Key`` what the last 更正函 about a transfer or a 甄别函 that was sent says: what held, as in ``holds``."""
    d, row, letter, found = s.differing, s.correction_row, s.correction_letter, dict[Key, Row]()
    columns = (d.c.paper, d.c.paper_id, d.c.case_id, d.c.listing_id, d.c.holds)
    query = select(*columns).join(row, row.c.differing_id == d.c.id).join(letter, letter.c.id == row.c.letter_id)
    query = query.where(letter.c.sent_at.is_not(None)).order_by(letter.c.sent_at, letter.c.id, d.c.id)
    for ids in chunks(case_ids):
        for each in connection.execute(query.where(d.c.case_id.in_(ids))):
            found[each.paper, each.paper_id, each.case_id, each.listing_id] = each.holds
    return found


def append(connection: Connection, rows: Sequence[Row]) -> None:
    """What differs from now on."""
    if rows:
        connection.execute(s.differing.insert(), list(rows))


def end(connection: Connection, ids: Iterable[int], how: str, at: datetime, actor: Actor | None, reason: str) -> None:
    """How some rows ended, once."""
    d, who = s.differing, {"person": actor.person, "unit": actor.unit} if actor else {}
    for some in chunks(ids):
        here = update(d).where(d.c.id.in_(some), d.c.ended_at.is_(None))
        connection.execute(here.values(ended_at=at, how=how, reason=reason, **who))


def open_of(connection: Connection, paper: str, paper_ids: Iterable[int], limits: Filters | None = None) -> list[Row]:
    """Open rows of some papers, with the ``lead_number`` of the case; of cases within limits."""
    d, found = s.differing, list[Row]()
    for ids in chunks(paper_ids):
        query = select(d, s.case.c.lead_number).join(s.case, s.case.c.id == d.c.case_id)
        query = query.where(
            d.c.paper == paper,
            one_of(connection, d.c.paper_id, ids),
            d.c.ended_at.is_(None),
            *inside.of_case(limits, looked_up=True),
        )
        found += (dict(row._mapping) for row in connection.execute(query.order_by(d.c.id)))
    return found


def count_open(connection: Connection, most: int, limits: Filters | None = None) -> int:
    """How many papers have open rows, counted so far; a 甄别函 is the whole office's, so that limits leave it out."""
    query = _numbers(limits).limit(most).subquery()
    return connection.scalar(select(func.count()).select_from(query)) or 0


def open_numbers(connection: Connection, after: str, limit: int, limits: Filters | None = None) -> list[str]:
    """Numbers of papers with open rows, in their order, behind one."""
    query = _numbers(limits).where(s.differing.c.number > after).order_by(s.differing.c.number)
    return list(connection.scalars(query.limit(limit)))


def _numbers(limits: Filters | None) -> Any:
    d = s.differing
    query = select(d.c.number).where(d.c.ended_at.is_(None)).distinct()
    if where := inside.of_case(limits, looked_up=True):
        query = query.join(s.case, s.case.c.id == d.c.case_id).where(d.c.paper != CONFIRMATION, *where)
    return query


def open_by_number(
    connection: Connection, numbers: Sequence[str], limits: Filters | None = None, most: int | None = None
) -> list[Row]:
    """Open rows of papers by their numbers, so many of each, with the ``lead_number`` of the case; within limits."""
    d, where, found = s.differing, inside.of_case(limits, looked_up=True), list[Row]()
    query = select(d, s.case.c.lead_number).join(s.case, s.case.c.id == d.c.case_id)
    query = query.where(d.c.ended_at.is_(None), *where, *([d.c.paper != CONFIRMATION] if where else []))
    for number in numbers:
        rows = connection.execute(query.where(d.c.number == number).order_by(d.c.id).limit(most))
        found += (dict(row._mapping) for row in rows)
    return found


def counts(connection: Connection, numbers: Sequence[str], limits: Filters | None = None) -> dict[str, int]:
    """How many open rows papers have, by their numbers; within limits."""
    d, where = s.differing, inside.of_case(limits, looked_up=True)
    query = select(d.c.number, func.count()).where(d.c.number.in_(numbers), d.c.ended_at.is_(None))
    query = query.join(s.case, s.case.c.id == d.c.case_id).where(*where) if where else query
    return {str(row[0]): int(row[1]) for row in connection.execute(query.group_by(d.c.number))}


def found_after(connection: Connection) -> list[int]:
    """Cases of which something was found after a letter or transfer about them went out, whenever that was."""
    d, link, taken, asked = s.decision, s.case_listing, s.takedown_listing, s.takedown
    letters = select(d.c.case_id).join(link, link.c.case_id == d.c.case_id)
    letters = letters.join(taken, taken.c.listing_id == link.c.listing_id)
    letters = letters.join(asked, asked.c.id == taken.c.takedown_id).where(d.c.at > asked.c.sent_at)
    of, t = s.transfer_case, s.transfer
    moved = select(d.c.case_id).join(of, of.c.case_id == d.c.case_id).join(t, t.c.id == of.c.transfer_id)
    row, batch = s.confirmation_row, s.confirmation
    sheets = select(d.c.case_id).join(row, row.c.case_id == d.c.case_id)
    sheets = sheets.join(batch, batch.c.id == row.c.confirmation_id).where(row.c.answer.is_(None))
    found = set(connection.scalars(letters.distinct()))
    found.update(connection.scalars(moved.where(d.c.at > t.c.sent_at).distinct()))
    found.update(connection.scalars(sheets.where(d.c.at > batch.c.sent_at).distinct()))
    return sorted(found)


def kinds_of(connection: Connection, rows: Iterable[Row]) -> dict[str, Row]:
    """By number of letters and transfers their ``kind`` and when they were ``sent_at``; ``takedown_id`` of letters."""
    wanted: dict[str, set[int]] = {}
    for row in rows:
        wanted.setdefault(row["paper"], set()).add(row["paper_id"])
    found: dict[str, Row] = {}
    letter, transfer, batch = s.takedown_letter, s.transfer, s.confirmation
    columns = {
        TAKEDOWN: (letter, (letter.c.number, letter.c.kind, letter.c.sent_at, letter.c.takedown_id)),
        TRANSFER: (transfer, (transfer.c.number, transfer.c.kind, transfer.c.sent_at)),
        CONFIRMATION: (batch, (batch.c.number, batch.c.authority, batch.c.sent_at)),
    }
    for paper, keys in wanted.items():
        table, named = columns[paper]
        for ids in chunks(keys):
            for each in connection.execute(select(*named).where(table.c.id.in_(ids))):
                found[each.number] = dict(each._mapping)
    return found
