"""Requests past their deadline, by narrow columns and indexes: neither contents nor all their listings are read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Connection, exists, func, or_, select

from adwatch.store import inside
from adwatch.store import schema as s
from adwatch.store.asked_anew import is_asked_anew
from adwatch.store.filters import Filters
from adwatch.store.narrow import given


def still_up(
    connection: Connection, steps: Sequence[str], kinds: Sequence[str], due_by: datetime, limits: Filters | None = None
) -> Sequence[Any]:
    """Requests on some steps with no deadline after a time, of which a listing within limits was not found gone.

    Of what was answered as handled only those with a listing that a look found there.

    The newest first: takedown_id, step, deadline_at, due_provisional, request_sent_at.
    """
    letter, asked, link = s.takedown_letter.c, s.takedown.c, s.takedown_listing.c
    up = or_(link.word.is_(None) & (letter.step != "handled"), link.word != "gone")
    few = inside.asked(connection, limits)
    if few is None:
        those: Any = exists().where(link.takedown_id == asked.id, up, *inside.of_listing(link.listing_id, limits))
    else:  # by those few, once, and not by each request's listings
        those = asked.id.in_(_those(connection, np.unique(few.requests[few.up == 1]).tolist()))
    query = (
        select(
            *(asked.id.label("takedown_id"), letter.step, asked.deadline_at, letter.due_provisional),
            asked.sent_at.label("request_sent_at"),
        )
        .join(s.takedown, asked.id == letter.takedown_id)
        .where(letter.step.in_(steps), letter.kind.in_(kinds))
        .where(or_(asked.deadline_at.is_(None), asked.deadline_at <= due_by))
        .where(or_(letter.step != "handled", ~_done_with(asked.id)), those)
        .order_by(letter.id.desc())
    )
    return connection.execute(query).all()


def _done_with(takedown_id: Any) -> ColumnElement[bool]:
    """That all of a request was answered as handled, and no later look found anything of it there."""
    reply, row = s.takedown_reply.c, s.removal.c
    later = select(1).where(row.takedown_id == reply.takedown_id, row.gone_at.is_(None), row.known_at > reply.at)
    said = select(1).where(reply.takedown_id == takedown_id, reply.kind == "accepted", reply.listings.is_(None))
    found = exists(later.correlate_except(s.removal).offset(0))
    return exists(said.where(~found).correlate_except(s.takedown_reply).offset(0))


def settled_in_part(connection: Connection, takedown_ids: Iterable[int]) -> set[int]:
    """Those of some requests of which something was answered as handled, or taken back."""
    letter, reply, ids = s.takedown_letter.c, s.takedown_reply.c, _those(connection, takedown_ids)
    accepted = select(reply.takedown_id).where(reply.takedown_id.in_(ids), reply.kind == "accepted")
    mail = letter.takedown_id.in_(ids), letter.kind == "withdraw", letter.step == "sent"
    return set(connection.scalars(accepted.union(select(letter.takedown_id).where(*mail))))


def surely_open(connection: Connection, takedown_ids: Iterable[int], limits: Filters | None = None) -> set[int]:
    """Those of some requests with a listing within limits that a look found up after all that was said of it.

    Nothing was taken back of them, and the listing was not asked for anew: of these nobody has to read the rest to know
    that something is left.
    """
    numbers = given(connection, np.fromiter(takedown_ids, np.int64)).c.value
    row, reply, letter = s.removal.alias(), s.takedown_reply.alias(), s.takedown_letter.alias()
    said = select(func.max(reply.c.at)).where(reply.c.takedown_id == numbers, reply.c.kind == "accepted")
    taken = exists().where(letter.c.takedown_id == numbers, letter.c.kind == "withdraw", letter.c.step == "sent")
    up = exists().where(
        *(row.c.takedown_id == numbers, row.c.gone_at.is_(None), row.c.word == "up"),
        row.c.known_at > said.scalar_subquery(),
        ~is_asked_anew(row.c),
        *inside.of_listing(row.c.listing_id, limits),
    )
    return set(connection.scalars(select(numbers).where(up, ~taken)))


def letters_about(connection: Connection, takedown_ids: Iterable[int], kinds: Sequence[str]) -> dict[int, list[Any]]:
    """By request its letters of some kinds in the order they were drafted: number, kind, step, sent_at."""
    letter, found = s.takedown_letter.c, dict[int, list[Any]]()
    query = select(letter.takedown_id, letter.number, letter.kind, letter.step, letter.sent_at).order_by(letter.id)
    ids = _those(connection, takedown_ids)
    for row in connection.execute(query.where(letter.takedown_id.in_(ids), letter.kind.in_(kinds))).all():
        found.setdefault(row.takedown_id, []).append(row)
    return found


def _those(connection: Connection, numbers: Iterable[int]) -> Any:
    """Numbers as one parameter: many parameters cost more than what is looked up by them."""
    return select(given(connection, np.fromiter(numbers, np.int64)).c.value)
