"""Listings that a later request asks for anew: who is asked again is told so, and not reminded of the earlier one.

Nothing is stored of it: the later request has the listing, and was not voided.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Connection, exists, select

from adwatch.store import schema as s
from adwatch.store.narrow import given
from adwatch.store.opening import chunks

LOOKED_UP = 200
"""Requests that are looked up one by one; of more, all that is back is read, which is little."""


def is_asked_anew(link: Any) -> ColumnElement[bool]:
    """Condition on columns (takedown_id, listing_id): a later request, not voided, has the same listing."""
    other, request = s.takedown_listing.alias(), s.takedown.alias()
    joined = other.join(request, request.c.id == other.c.takedown_id)
    where = (other.c.listing_id == link.listing_id, other.c.takedown_id > link.takedown_id, request.c.state != "void")
    return exists(select(1).select_from(joined).where(*where).correlate(link.takedown_id.table))


def asked_anew(connection: Connection, takedown_ids: Iterable[int], gone: bool = False) -> dict[int, dict[str, str]]:
    """By request the public ids of its listings that a later one asks for, each with the number of the last of these.

    Only what is back is asked for anew (``takedowns.waiting``), so that nothing else is read. ``gone``: with those that
    were gone at the last look, of which nobody is reminded anyhow.
    """
    wanted = set(takedown_ids)
    row, other, request, item = s.removal.c, s.takedown_listing.c, s.takedown.c, s.listing.c
    query = (
        select(row.takedown_id, item.key, request.number)
        .join(s.takedown_listing, (other.listing_id == row.listing_id) & (other.takedown_id > row.takedown_id))
        .join(s.takedown, request.id == other.takedown_id)
        .join(s.listing, item.id == row.listing_id)
        .where(row.relisted_at.is_not(None), request.state != "void")
        .order_by(request.id)
    )
    if len(wanted) <= LOOKED_UP:
        those = given(connection, np.fromiter(wanted, np.int64))
        query = query.where(row.takedown_id.in_(select(those.c.value)))
    if not gone:
        query = query.where(row.word != "gone")
    found: dict[int, dict[str, str]] = {}
    for takedown_id, key, number in connection.execute(query).all():
        if takedown_id in wanted:
            found.setdefault(takedown_id, {})[key.hex()] = number
    return found


def asked_before(connection: Connection, listing_ids: Iterable[int]) -> dict[int, list[dict[str, Any]]]:
    """By listing the requests over it that were sent, oldest first: number, document_number, document_date, sent_at."""
    link, request, letter = s.takedown_listing.c, s.takedown.c, s.takedown_letter.c
    names = (letter.number, letter.document_number, letter.document_date, request.sent_at)
    found: dict[int, list[dict[str, Any]]] = {}
    for ids in chunks(listing_ids):
        query = select(link.listing_id, *names).join(s.takedown, request.id == link.takedown_id)
        query = query.join(s.takedown_letter, letter.number == request.number)
        query = query.where(link.listing_id.in_(ids), request.state == "sent").order_by(request.id)
        for listing_id, *values in connection.execute(query):
            row = dict(zip(("number", "document_number", "document_date", "sent_at"), values, strict=True))
            found.setdefault(listing_id, []).append(row)
    return found
