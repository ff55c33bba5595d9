"""Documents that the search index refused, with its reason: out of the outbox's way, looked at by a person.

A listing leaves the table when the index takes it: after its next change, or at ``adwatch index rebuild``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, Engine, delete, select

from adwatch.store import schema as s
from adwatch.store.bulk import insert_rows
from adwatch.store.engine import reading
from adwatch.store.opening import chunks


def note_refused(connection: Connection, version: int, listing_ids: Iterable[int], reasons: Mapping[int, str]) -> None:
    """Of the listings that were sent in one version: which were refused, and why; the others are forgotten here.

    What was refused in a later version stays: somebody else sent that meanwhile.
    """
    table = s.refused_document
    for ids in chunks(listing_ids):
        connection.execute(delete(table).where(table.c.listing_id.in_(ids), table.c.version <= version))
    later: set[int] = set()
    for ids in chunks(reasons):
        later.update(connection.scalars(select(table.c.listing_id).where(table.c.listing_id.in_(ids))))
    rows = [(listing_id, version, reasons[listing_id]) for listing_id in sorted(reasons.keys() - later)]
    insert_rows(connection, table, ("listing_id", "version", "reason"), rows)


def refused_since(engine: Engine, version: int) -> list[int]:
    """Listings refused at that number of the outbox or later."""
    table = s.refused_document
    with reading(engine) as connection:
        return list(connection.scalars(select(table.c.listing_id).where(table.c.version >= version)))


def dead_letters(engine: Engine) -> dict[int, str]:
    """Reasons by surrogate key of the listing."""
    table = s.refused_document
    with reading(engine) as connection:
        return {row.listing_id: row.reason for row in connection.execute(select(table).order_by(table.c.listing_id))}
