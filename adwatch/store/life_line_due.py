"""Which rows of ``life_line`` and ``verified_removal``, which are derived, are to be made anew.

Whoever writes a moment of a life line, a look, a finding, or the region, the families or what was decided of a case,
says so here in the same transaction: the request is due until its rows were made anew, and is read from where the
moments are until then. So nothing is lost by a kill in between, and a row that is thrown away is made again.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import tzinfo

from sqlalchemy import Connection, delete, insert, select

from adwatch.store import schema as s

AT_ONCE = 500
"""Keys that a statement takes."""


def touched(connection: Connection, takedown_id: int) -> None:
    """A moment of a request, or of a listing in it, was written."""
    connection.execute(insert(s.life_line_due).values(takedown_id=takedown_id))


def touched_by_listings(connection: Connection, listing_ids: Iterable[int]) -> None:
    """Something was written of listings, or of their cases; those may stand in requests, sent or not."""
    link, listed = s.takedown_listing, sorted(set(listing_ids))
    for at in range(0, len(listed), AT_ONCE):
        asked = select(link.c.takedown_id).where(link.c.listing_id.in_(listed[at : at + AT_ONCE])).distinct()
        connection.execute(insert(s.life_line_due).from_select(["takedown_id"], asked))


def touched_by_case(connection: Connection, case_id: int) -> None:
    """Something was written of a case whose listings may stand in requests."""
    own = select(s.case_listing.c.listing_id).where(s.case_listing.c.case_id == case_id)
    asked = select(s.takedown_listing.c.takedown_id).where(s.takedown_listing.c.listing_id.in_(own)).distinct()
    connection.execute(insert(s.life_line_due).from_select(["takedown_id"], asked))


def all_are_due(connection: Connection) -> None:
    """Throw away what was derived; every request that was sent is due."""
    for table in (s.life_line, s.life_line_due, s.life_line_reach, s.verified_removal):
        connection.execute(delete(table))
    sent = select(s.takedown.c.id).where(s.takedown.c.sent_at.is_not(None)).order_by(s.takedown.c.id)
    connection.execute(insert(s.life_line_due).from_select(["takedown_id"], sent))


def otherwise_made(connection: Connection, made: str, limit: int) -> list[int]:
    """Requests whose row was made by another form, or for another time zone; at most so many."""
    row = s.life_line.c
    return list(connection.scalars(select(row.takedown_id).where((row.made < made) | (row.made > made)).limit(limit)))


def of_another_zone(connection: Connection, zone: tzinfo) -> list[str]:
    """What rows say of how they were made that were made for another time zone; none but after a zone was changed."""
    made = connection.scalars(select(s.life_line.c.made).distinct())
    return [each for each in made if each.partition(" ")[2] != str(zone)]


def requests_due(connection: Connection) -> set[int]:
    """Requests whose row says no longer, or not yet, what holds."""
    return set(connection.scalars(select(s.life_line_due.c.takedown_id).distinct()))


def oldest(connection: Connection, limit: int) -> list[tuple[int, int]]:
    """(number, request) of at most so many marks, oldest first; a request may have several."""
    mark = s.life_line_due.c
    query = select(mark.seq, mark.takedown_id).order_by(mark.seq).limit(limit)
    return [(int(seq), int(takedown_id)) for seq, takedown_id in connection.execute(query)]


def done(connection: Connection, seqs: Iterable[int]) -> None:
    """Exactly these marks are no longer due: one that came meanwhile stays."""
    listed = sorted(seqs)
    for at in range(0, len(listed), AT_ONCE):
        connection.execute(delete(s.life_line_due).where(s.life_line_due.c.seq.in_(listed[at : at + AT_ONCE])))
