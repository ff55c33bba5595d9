"""Texts on which people have decided, and ordinary ones beside them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, func, select

from adwatch.store import schema as s
from adwatch.store.engine import reading
from adwatch.store.recent import SeenListing
from adwatch.store.views import as_offered, versions_of

CHUNK = 500


@dataclass(frozen=True, slots=True)
class Decided:
    """A listing's words as they were decided on."""

    listing: SeenListing
    result: str
    """The last finding: confirm or dismiss."""
    types: tuple[str, ...]
    """Offer classes of its newest verdict, as the person corrected them."""


def decided_texts(engine: Engine) -> Iterator[Decided]:
    """Listings whose case was last confirmed or dismissed (or excluded before anyone registered it)."""
    d, link = s.decision, s.case_listing
    last = select(func.max(d.c.id)).group_by(d.c.case_id).scalar_subquery()
    with reading(engine) as connection:
        query = select(d.c.case_id, d.c.result).where(d.c.id.in_(last), d.c.result.in_(("confirm", "dismiss")))
        results = {row.case_id: row.result for row in connection.execute(query)}
        excluded = connection.scalars(select(s.case.c.id).where(s.case.c.state == "excluded"))
        results.update({case_id: "dismiss" for case_id in excluded if case_id not in results})
        listings = [
            (row.listing_id, results[row.case_id], row.decided_version_id)
            for row in connection.execute(select(link))
            if row.case_id in results
        ]
        for at in range(0, len(listings), CHUNK):
            yield from _decided(connection, sorted(listings[at : at + CHUNK]))


def _decided(connection: Connection, rows: list[tuple[int, str, int | None]]) -> Iterator[Decided]:
    views = versions_of(connection, [listing_id for listing_id, _, _ in rows])
    for listing_id, result, version_id in rows:
        view = as_offered(views[listing_id], version_id=version_id)
        if view.erased is not None:
            continue
        item = view.listing
        seller = item.seller_id or item.seller_name
        seen = SeenListing(
            listing_id, bytes.fromhex(item.listing_id), item.platform, item.url, seller, item.title, item.text
        )
        yield Decided(seen, result, view.reading.offer_types if view.reading else ())


def ordinary_texts(engine: Engine, count: int) -> list[SeenListing]:
    """At most so many listings that no classifier ever flagged, spread evenly over the store."""
    item, v = s.listing, s.listing_version
    with reading(engine) as connection:
        newest = int(connection.scalar(select(func.coalesce(func.max(item.c.id), 0))) or 0)
        step = max(1, newest // max(1, count))
        ids = list(range(1, newest + 1, step))[:count]
        rows: list[Any] = []
        for at in range(0, len(ids), CHUNK):
            query = (
                select(item.c.id, item.c.key, s.platform.c.name, item.c.url, v.c.seller_id, v.c.title, v.c.text)
                .select_from(item)
                .join(v, v.c.id == item.c.version_id)
                .join(s.platform, s.platform.c.id == item.c.platform_id)
                .where(item.c.id.in_(ids[at : at + CHUNK]), item.c.first_flagged_at.is_(None))
            )
            rows += connection.execute(query).all()
    return [SeenListing(row[0], bytes(row[1]), *row[2:]) for row in rows]
