"""Rows of the canonical dump about removals: how the checks of a listing add up, and by what it is known again."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, select

from adwatch.store import schema as s
from adwatch.store.dump_casework import Named


def removals(connection: Connection) -> Iterator[Named]:
    """Without clocks; a mark by kind only, since a contact's is hashed with the installation's secret; of bands, which
    are forgotten after a while, those of removed listings."""
    row = s.removal
    query = select(row, s.takedown.c.number, s.listing.c.key)
    query = query.join(s.takedown, s.takedown.c.id == row.c.takedown_id)
    for each in connection.execute(query.join(s.listing, s.listing.c.id == row.c.listing_id)):
        told = {name: getattr(each, name) for name in ("word", "judged", "looks", "gone_looks", "relisted_how")}
        ends = ("gone", "removed", "verified", "relisted")
        reached = {name: getattr(each, f"{name}_at") is not None for name in ends}
        yield "removal", {"number": each.number, "listing_id": each.key.hex(), **told, **reached}
    mark = s.offer_mark
    marks = select(mark.c.kind, mark.c.removed_day.is_not(None).label("removed"), s.listing.c.key)
    for each in connection.execute(marks.join(s.listing, s.listing.c.id == mark.c.listing_id)):
        yield "offer_mark", {"listing_id": each.key.hex(), "kind": each.kind, "removed": each.removed}
    band = s.offer_band
    removed = select(s.listing.c.key).where(band.c.removed_day.is_not(None)).distinct()
    for key in connection.scalars(removed.join(band, band.c.listing_id == s.listing.c.id)):
        yield "offer_band", {"listing_id": key.hex()}
