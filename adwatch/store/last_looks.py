"""What the last look at a listing of a request says where its word alone does not: changed to what is no offer, or up.

Nothing is stored of it: ``removal`` has the word of the last look and how the classifier judged a changed text.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Connection, and_, case, exists, select, text

from adwatch.store import schema as s
from adwatch.store.narrow import given
from adwatch.store.schema_verification import CLEARED

LOOKED_UP = 200
"""Requests that are looked up one by one; of more, all that says now what is no offer is read, which is little."""


def is_cleared(link: Any) -> ColumnElement[bool]:
    """Condition on columns of ``takedown_listing``: the last look found another text there, which is no offer."""
    row = s.removal.alias()
    here = (row.c.takedown_id == link.takedown_id, row.c.listing_id == link.listing_id, row.c.judged == "clear")
    there = exists(select(1).select_from(row).where(*here).correlate(link.takedown_id.table))
    return and_(link.word == "changed", there)


def cleared(connection: Connection, takedown_ids: Iterable[int]) -> dict[int, set[str]]:
    """By request the public ids of its listings that another text stands at, which is no offer; few among all."""
    wanted = set(takedown_ids)
    row, item = s.removal.c, s.listing.c
    query = select(row.takedown_id, item.key).join(s.listing, item.id == row.listing_id).where(text(CLEARED))
    if len(wanted) <= LOOKED_UP:
        query = query.where(row.takedown_id.in_(_those(connection, wanted)))
    found: dict[int, set[str]] = {}
    for takedown_id, key in connection.execute(query).all():
        if takedown_id in wanted:
            found.setdefault(takedown_id, set()).add(key.hex())
    return found


def rules(connection: Connection, number: str, listing_ids: Iterable[str]) -> dict[str, str | None]:
    """By which rule the last look at some listings of a request (public ids) said what it said."""
    row, look, item = s.removal.c, s.takedown_check.c, s.listing.c
    same = (look.listing_id == row.listing_id, look.takedown_id == row.takedown_id, look.at == row.last_at)
    query = (
        select(item.key, look.rule)
        .select_from(s.removal)
        .join(s.takedown, s.takedown.c.id == row.takedown_id)
        .join(s.listing, item.id == row.listing_id)
        .join(s.takedown_check, and_(*same))
        .where(s.takedown.c.number == number, item.key.in_([bytes.fromhex(each) for each in listing_ids]))
    )
    return {each.key.hex(): each.rule for each in connection.execute(query)}


def seen_up(connection: Connection, takedown_ids: Iterable[int]) -> dict[int, dict[str, datetime]]:
    """By request the public ids of its listings that the last look that could say found offered still, and when."""
    row, look, item = s.removal.c, s.takedown_check.c, s.listing.c
    same = (look.listing_id == row.listing_id, look.takedown_id == row.takedown_id, look.at == row.known_at)
    word = case((row.word == "unknown", look.word), else_=row.word)
    judged = case((row.word == "unknown", look.judged), else_=row.judged)
    query = (
        select(row.takedown_id, item.key, row.known_at, word.label("word"), judged.label("judged"))
        .join(s.listing, item.id == row.listing_id)
        .outerjoin(s.takedown_check, and_(row.word == "unknown", look.word != "unknown", *same))
        .where(row.takedown_id.in_(_those(connection, takedown_ids)), row.gone_at.is_(None), row.known_at.is_not(None))
    )
    found: dict[int, dict[str, datetime]] = {}
    for each in connection.execute(query):
        if each.word == "up" or (each.word == "changed" and each.judged != "clear"):
            found.setdefault(each.takedown_id, {})[each.key.hex()] = each.known_at
    return found


def _those(connection: Connection, numbers: Iterable[int]) -> Any:
    return select(given(connection, np.fromiter(numbers, np.int64)).c.value)
