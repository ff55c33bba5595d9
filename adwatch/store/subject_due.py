"""Which flagged listings are to be linked, and what their flagged versions say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, delete, insert, select

from adwatch.store import schema as s
from adwatch.store.engine import reading
from adwatch.store.opening import chunks


@dataclass(frozen=True, slots=True)
class Said:
    """One flagged version of a listing, with what links it; personal data is raw."""

    listing_id: int
    version_id: int
    key: bytes
    """Stable key of the listing."""
    platform_id: int
    platform: str
    seller_id: str | None
    uscc: str | None
    title: str
    text: str
    images: tuple[str, ...]
    contacts: tuple[tuple[str, str, int, int, str], ...]
    """(kind, value, start, end, masked); offsets as in Evidence, 0 and 0 where it stands in a picture."""


def due(engine: Engine, limit: int) -> list[tuple[int, int]]:
    """(number, listing) of what is to be looked at, oldest first."""
    with reading(engine) as connection:
        query = select(s.subject_due.c.seq, s.subject_due.c.listing_id).order_by(s.subject_due.c.seq).limit(limit)
        return [(int(row[0]), int(row[1])) for row in connection.execute(query)]


def done(connection: Connection, seqs: Iterable[int]) -> None:
    """What was looked at is due no longer."""
    for ids in chunks(seqs):
        connection.execute(delete(s.subject_due).where(s.subject_due.c.seq.in_(ids)))


def said(engine: Engine, listing_ids: Iterable[int]) -> list[Said]:
    """The versions of the listings that the newest classifier which read them flags, oldest first."""
    v, d, item, platform = s.listing_version, s.verdict, s.listing, s.platform
    found: dict[int, Said | None] = {}
    with reading(engine) as connection:
        for ids in chunks(listing_ids):
            query = (
                select(v.c.id, v.c.listing_id, item.c.key, item.c.platform_id, platform.c.name, v.c.seller_id, v.c.uscc)
                .add_columns(v.c.title, v.c.text, v.c.images, d.c.band, d.c.detail)
                .join(item, item.c.id == v.c.listing_id)
                .join(platform, platform.c.id == item.c.platform_id)
                .join(d, d.c.version_id == v.c.id)
                .where(v.c.listing_id.in_(ids))
                .order_by(v.c.id, d.c.classifier_id)
            )
            for row in connection.execute(query):
                found[row.id] = _said(row) if row.band == "flagged" else None
    return [each for _, each in sorted(found.items()) if each is not None]


def _said(row: Any) -> Said:
    detail = row.detail or {}
    contacts = [
        (each["kind"], each["value"], each["start"], each["end"], each["masked"]) for each in detail.get("contacts", ())
    ]
    shown = [each for picture in detail.get("pictures", ()) for each in picture["contacts"]]
    contacts += [(each["kind"], each["value"], 0, 0, each["masked"]) for each in shown]
    return Said(
        *(row.listing_id, row.id, bytes(row.key), row.platform_id, row.name, row.seller_id, row.uscc),
        *(row.title or "", row.text or "", tuple(row.images or ()), tuple(contacts)),
    )


def everything_is_due(connection: Connection) -> int:
    """Forget what was derived (not what persons said, nor the numbers of accounts); every case's listing is due."""
    marks = (s.subject_mark, s.subject_recent, s.subject_holder, s.subject_wide)
    for table in (*marks, s.subject_member, s.subject_due):
        connection.execute(delete(table))
    listings = select(s.case_listing.c.listing_id).order_by(s.case_listing.c.listing_id)
    return connection.execute(insert(s.subject_due).from_select(["listing_id"], listings)).rowcount
