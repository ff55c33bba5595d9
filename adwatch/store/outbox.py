"""The outbox: which listings the search index must look at again, and what it needs to know of each.

A row (seq, listing_id) is written in the transaction that changed the listing; sequence numbers are never used twice.
A listing is read in the same snapshot as its rows, with the highest number given so far as its version, so that a later
reading never has a lower version than an earlier one; rows that are added meanwhile stay for the next batch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, delete, exists, func, select

from adwatch.models import Contact
from adwatch.store import schema as s
from adwatch.store.casework_rows import casework_of
from adwatch.store.engine import reading, writing
from adwatch.store.picture_words import PictureWords, words_of_pictures

_COLUMNS = """
l.id, l.key, p.name, l.native_id, l.url, l.url_norm, l.price_fen, l.first_flagged_at, l.last_seen_day,
coalesce((SELECT min(w.day) FROM listing_version w WHERE w.listing_id = l.id), l.last_seen_day),
v.kind, v.title, v.text, v.seller_name, v.seller_region, v.posted_at,
d.band, d.score, d.scope, d.reason, d.tier, d.detail, c.state, l.first_seen_at, l.version_id
"""

_JOINS = """
JOIN platform p ON p.id = l.platform_id
LEFT JOIN listing_version v ON v.id = l.version_id
LEFT JOIN verdict d ON d.version_id = l.version_id
     AND d.classifier_id = (SELECT max(e.classifier_id) FROM verdict e WHERE e.version_id = l.version_id)
LEFT JOIN case_listing k ON k.listing_id = l.id
LEFT JOIN "case" c ON c.id = k.case_id
"""

_NAMED = f"SELECT {_COLUMNS} FROM listing l {_JOINS} WHERE l.id IN (%s)"  # noqa: S608 - no input in it
_AFTER = f"SELECT {_COLUMNS} FROM listing l {_JOINS} WHERE l.id > %d ORDER BY l.id LIMIT %d"  # noqa: S608 - no input in it


@dataclass(frozen=True, slots=True)
class IndexRow:
    """A listing as it stands: what a search document is made of. Personal data is still raw."""

    id: int
    """Surrogate key of the listing in this store."""
    key: bytes
    """Stable key: listing_id.hex()."""
    platform: str
    native_id: str
    url: str | None
    url_norm: str | None
    price_fen: int | None
    first_flagged_at: datetime | None
    last_seen: str
    """Last patrol day on which it was seen."""
    first_seen: str
    """First patrol day on which it was seen."""
    kind: str | None
    title: str | None
    text: str | None
    seller_name: str | None
    seller_region: str | None
    posted_at: datetime | None
    band: str | None
    """None: no classifier has read this version yet."""
    score: float | None
    scope: str | None
    reason: str | None
    tier: str | None
    detail: dict[str, Any]
    """types, families, evidence, contacts, basis of the verdict."""
    state: str | None
    """State of its case, if it has one."""
    month: str = ""
    """Month (UTC) in which the store first had it, YYYY-MM; it never changes. Empty: that of the first day."""
    case: dict[str, Any] = field(default_factory=dict)
    """What casework knows (see casework_rows)."""
    version_id: int | None = None
    """Surrogate key of its current version."""
    pictures: tuple[PictureWords, ...] = ()
    """What was read of the pictures of that version, once its verdict knows them."""

    @property
    def contacts(self) -> list[Contact]:
        """Contacts of the verdict, with offsets in title + newline + text."""
        return [Contact(**contact) for contact in self.detail.get("contacts", ())]

    def contacts_in(self, picture: PictureWords) -> list[Contact]:
        """Contacts that the verdict found in a picture, with offsets in its words."""
        said = [each for each in self.detail.get("pictures", ()) if each["sha256"] == picture.sha256]
        return [Contact(**contact) for each in said for contact in each.get("contacts", ())]


@dataclass(frozen=True, slots=True)
class Drained:
    """A batch of the outbox: rows to put into the index, then to acknowledge."""

    seqs: list[int]
    """Sequence numbers that were read, ascending."""
    listing_ids: list[int]
    """The listing of each, in the same order."""
    rows: list[IndexRow]
    """Each of these listings once, as it stands now; a listing that is no more has none."""
    version: int
    """Version of every row: the highest sequence number given so far."""


def _when(value: Any) -> datetime | None:
    if value is None:
        return None
    when: datetime = datetime.fromisoformat(value) if isinstance(value, str) else value
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)


def _row(row: Any) -> IndexRow:
    values = list(row)
    values[1] = bytes(values[1])
    values[7], values[15] = _when(values[7]), _when(values[15])
    detail = values[21]
    values[21] = (orjson.loads(detail) if isinstance(detail, (str, bytes)) else detail) or {}
    stored = _when(values[23])
    values[23] = stored.strftime("%Y-%m") if stored else ""
    return replace(IndexRow(*values[:24]), version_id=values[24])


def _with_more(connection: Connection, rows: list[IndexRow]) -> list[IndexRow]:
    """The rows with what casework knows and what was read of their pictures."""
    cases = casework_of(connection, [row.id for row in rows if row.state is not None])
    shown = words_of_pictures(connection, [row.version_id for row in rows if row.version_id is not None])
    return [
        replace(row, case=cases.get(row.id, row.case), pictures=shown.get(row.version_id or 0, ()))
        if row.id in cases or row.version_id in shown
        else row
        for row in rows
    ]


def high_water(connection: Connection) -> int:
    """Highest sequence number the outbox has given so far, also to rows that are acknowledged and gone."""
    if connection.dialect.name == "sqlite":
        query = "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'outbox'), 0)"
    else:
        query = "SELECT coalesce(pg_sequence_last_value(pg_get_serial_sequence('outbox', 'seq')::regclass), 0)"
    return int(connection.exec_driver_sql(query).scalar_one())


def load_rows(connection: Connection, listing_ids: Sequence[int]) -> Iterator[IndexRow]:
    """The named listings as they stand; one that is no more is left out."""
    for at in range(0, len(listing_ids), 1000):
        chunk = ",".join(str(int(i)) for i in listing_ids[at : at + 1000])
        rows = [_row(row) for row in connection.exec_driver_sql(_NAMED % chunk).all()]
        yield from _with_more(connection, rows)


def load_keys(connection: Connection, keys: Sequence[bytes]) -> Iterator[IndexRow]:
    """The listings of these stable keys as they stand."""
    ids: list[int] = []
    for at in range(0, len(keys), 500):
        ids += connection.scalars(select(s.listing.c.id).where(s.listing.c.key.in_(keys[at : at + 500])))
    yield from load_rows(connection, ids)


def load_after(connection: Connection, last_id: int, limit: int) -> list[IndexRow]:
    """The next listings in the order of their surrogate keys."""
    rows = [_row(row) for row in connection.exec_driver_sql(_AFTER % (last_id, limit)).all()]
    return _with_more(connection, rows)


def drain(engine: Engine, after: int = 0, limit: int = 5000) -> Drained:
    """The oldest rows behind ``after``, coalesced per listing, in one snapshot. Nothing is deleted yet."""
    query = select(s.outbox.c.seq, s.outbox.c.listing_id).where(s.outbox.c.seq > after)
    with reading(engine) as connection:
        version = high_water(connection)
        found = connection.execute(query.order_by(s.outbox.c.seq).limit(limit)).all()
        seqs, listing_ids = [row[0] for row in found], [row[1] for row in found]
        rows = list(load_rows(connection, list(dict.fromkeys(listing_ids))))
    return Drained(seqs, listing_ids, rows, version)


def take_number(engine: Engine) -> int:
    """A number that no row has: whatever is read from now on has it, or a higher one, as its version."""
    with writing(engine) as connection:
        number = connection.execute(s.outbox.insert().values(listing_id=0).returning(s.outbox.c.seq)).scalar_one()
        connection.execute(delete(s.outbox).where(s.outbox.c.seq == number))
    return int(number)


def pending(engine: Engine) -> int:
    """Rows that wait in the outbox."""
    with reading(engine) as connection:
        return int(connection.scalar(select(func.count()).select_from(s.outbox)) or 0)


def pending_listings(engine: Engine) -> set[int]:
    """Surrogate keys of the listings that wait in the outbox."""
    with reading(engine) as connection:
        return set(connection.scalars(select(s.outbox.c.listing_id).distinct()))


def listing_keys(engine: Engine, hits: bool = False) -> Iterator[tuple[int, bytes, str]]:
    """(surrogate key, stable key, first day) of all listings (once flagged or with a case), in order of stable keys."""
    last = b""
    first = select(func.min(s.listing_version.c.day)).where(s.listing_version.c.listing_id == s.listing.c.id)
    day = func.coalesce(first.scalar_subquery(), s.listing.c.last_seen_day).label("day")
    while True:
        query = select(s.listing.c.id, s.listing.c.key, day).where(s.listing.c.key > last).order_by(s.listing.c.key)
        if hits:
            with_case = exists().where(s.case_listing.c.listing_id == s.listing.c.id)
            query = query.where(s.listing.c.first_flagged_at.is_not(None) | with_case)
        with reading(engine) as connection:
            rows = connection.execute(query.limit(20_000)).all()
        if not rows:
            return
        yield from ((row.id, bytes(row.key), row.day) for row in rows)
        last = bytes(rows[-1].key)


def only_new(engine: Engine) -> bool:
    """Whether no listing was ever acknowledged: each that there is waits in the outbox."""
    waits = exists().where(s.outbox.c.listing_id == s.listing.c.id)
    with reading(engine) as connection:
        return connection.scalar(select(s.listing.c.id).where(~waits).limit(1)) is None
