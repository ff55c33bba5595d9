"""Verified removals of listings, a row each in ``verified_removal``: so that none need be counted out of all looks.

Made with the life lines, by the same marks (``life_line_due``), for requests: all listings of a request at once. A
listing of which any request is due, or was made for another time zone, is told from where its looks are.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import tzinfo
from typing import Any

import numpy as np
from sqlalchemy import Connection, case, delete, exists, literal_column, select

from adwatch.store import schema as s
from adwatch.store.bulk import insert_rows
from adwatch.store.corrections import Held, held
from adwatch.store.life_line_due import of_another_zone
from adwatch.store.narrow import Days, Numbers, columns
from adwatch.store.opening import chunks
from adwatch.store.report_runs import Said, verifications

APART = (1, 20)
"""Days and hours between the two looks of what is kept, those of the tables as they are issued."""
UNDOES = ("up", "changed", "moved")
"""Words of a check that end what earlier ones said of a removal."""
HOLDS = f"CASE WHEN word = 'gone' THEN 1 WHEN word IN {UNDOES} THEN 0 ELSE 2 END"
"""2: says nothing."""
COLUMNS = ("listing_id", "day", "earlier", "turn", "case_id", "scope", "types")


def looks(connection: Connection, *where: Any) -> tuple[Said, Days]:
    """What looks under sent requests said of listings, and the day for which each was made; NaT: its own."""
    check = s.takedown_check.c
    query = select(check.listing_id, check.id, literal_column(HOLDS).label("holds"), check.at, check.takedown_id)
    query = query.add_columns(case((check.capture_id.is_not(None), check.day))).where(*where)
    *said, requests, days = columns(connection, query, "number", "number", "number", "time", "number", "day")
    [unsent] = columns(connection, select(s.takedown.c.id).where(s.takedown.c.sent_at.is_(None)), "number")
    kept = (said[2] < 2) & ~np.isin(requests, unsent)
    return Said(*(each[kept] for each in said)), days[kept]


def changed(connection: Connection, zone: tzinfo) -> Numbers:
    """Listings whose rows may say no longer, or not yet, what holds; ascending."""
    link, due = s.takedown_listing, select(s.life_line_due.c.takedown_id)
    requests: Any = link.c.takedown_id.in_(due)
    if other := of_another_zone(connection, zone):
        line = s.life_line
        requests |= link.c.takedown_id.in_(select(line.c.takedown_id).where(line.c.made.in_(other)))
    [found] = columns(connection, select(link.c.listing_id).where(requests).distinct(), "number")
    found.sort()
    numbers: Numbers = found
    return numbers


def keep(connection: Connection, takedown_ids: Iterable[int], zone: tzinfo) -> None:
    """Make anew the rows of all listings of some requests. Who calls this holds their cases and a lock."""
    link, row, listings = s.takedown_listing, s.verified_removal, set[int]()
    for ids in chunks(takedown_ids):
        listings.update(connection.scalars(select(link.c.listing_id).where(link.c.takedown_id.in_(ids))))
    for ids in chunks(listings):
        connection.execute(delete(row).where(row.c.listing_id.in_(ids)))
        insert_rows(connection, row, COLUMNS, list(_rows(connection, ids, zone)))


def _rows(connection: Connection, listing_ids: Sequence[int], zone: tzinfo) -> Iterator[tuple[Any, ...]]:
    """Of some listings, as ``COLUMNS`` has it."""
    said, days = looks(connection, s.takedown_check.c.listing_id.in_(listing_ids))
    turns: dict[int, dict[str, int]] = {}
    of, turn, at = (each.tolist() for each in verifications(said, days, zone, *APART))
    for listing_id, number, day in zip(of, turn, at, strict=True):
        turns.setdefault(listing_id, {}).setdefault(day.isoformat(), number)  # of a day the first
    found = _found(connection, sorted(turns))
    for listing_id in sorted(found):
        (case_id, holds), earlier = found[listing_id], None
        for day, number in sorted(turns[listing_id].items()):
            yield (listing_id, day, earlier, number, case_id, holds.scope, json.dumps(holds.types))
            earlier = day


def _found(connection: Connection, listing_ids: Sequence[int]) -> dict[int, tuple[int, Held]]:
    """Case and what holds, by listing, of those whose case's last finding is 属实."""
    link, d, later = s.case_listing, s.decision, s.decision.alias()
    query = select(link.c.listing_id, link.c.case_id, link.c.decided_scope, link.c.decided_types, d.c.corrected)
    query = query.join(d, d.c.case_id == link.c.case_id).where(link.c.listing_id.in_(listing_ids))
    last = ~exists().where(later.c.case_id == d.c.case_id, later.c.id > d.c.id)
    return {
        row.listing_id: (row.case_id, held(row.corrected, row.decided_scope, row.decided_types))
        for row in connection.execute(query.where(d.c.result == "confirm", last))
    }
