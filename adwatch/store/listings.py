"""T2: listings and their versions, as idempotent upserts by stable key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, func, select

from adwatch.failpoints import failpoint
from adwatch.models import Listing, listing_key
from adwatch.store import schema as s
from adwatch.store.bulk import insert_rows, update_rows
from adwatch.store.captures import platform_id
from adwatch.store.engine import UPSERT_LOCK, advisory_lock, db_time, reading, writing
from adwatch.store.erasures import TEXT, erased
from adwatch.store.opening import versions_returned
from adwatch.store.partitions import highest_version

_LISTING = (
    *(
        "id",
        "key",
        "platform_id",
        "native_id",
        "version_id",
        "shown_sha256",
        "url",
        "url_norm",
        "price_fen",
        "price_text",
        "sales_text",
    ),
    *("reviews_count", "first_seen_at", "last_seen_at", "last_seen_day"),
)
_SEEN = (
    *("version_id", "shown_sha256", "url", "price_fen", "price_text", "sales_text", "reviews_count"),
    *("last_seen_at", "last_seen_day", "vanished_day"),
)
_VERSION = (
    *("id", "listing_id", "content_sha256", "kind", "title", "text", "images", "links", "seller_id", "seller_name"),
    *(
        "seller_region",
        "seller_region_source",
        "operator_name",
        "uscc",
        "posted_at",
        "captured_at",
        "day",
        "capture_id",
    ),
    "capture_row",
)


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """A version on its way to the classifier."""

    id: int
    listing_id: int
    title: str | None
    text: str | None
    day: str


@dataclass(slots=True)
class Upserted:
    """What an upsert did."""

    counts: Counter[str] = field(default_factory=Counter)
    """new | changed | unchanged | repeated."""
    versions: list[StoredVersion] = field(default_factory=list)
    """Versions that were added: the classify backlog grew by these."""


def upsert_listings(
    engine: Engine, platform: str, items: Sequence[Listing], day: str, now: datetime, capture_id: int | None = None
) -> Upserted:
    """Store listings of one platform in one transaction; of an item repeated in a capture the last counts.

    Captures are taken one after another, so that the same comes of them however they are cut into batches.
    An item captured before the listing was last seen (an earlier day read again) only adds its version.

    ``now`` and ``capture_id`` stand for items that carry no capture of their own (rows of a handed-over file).
    """
    done = Upserted()
    unique = {(listing_key(item.platform, item.native_id), item.capture_id): item for item in items}
    done.counts["repeated"] = len(items) - len(unique)
    with writing(engine) as connection:
        advisory_lock(connection, UPSERT_LOCK)
        for each in _rounds(unique):
            _upsert(connection, platform, each, day, now, capture_id, done)
        failpoint("extract.before_commit")
    failpoint("extract.after_commit")
    return done


def _rounds(unique: dict[tuple[bytes, int | None], Listing]) -> list[dict[bytes, Listing]]:
    """Items by key, those that several captures show in as many rounds."""
    rounds: list[dict[bytes, Listing]] = []
    count: Counter[bytes] = Counter()
    for (key, _), item in unique.items():
        if count[key] == len(rounds):
            rounds.append({})
        rounds[count[key]][key] = item
        count[key] += 1
    return rounds


def _upsert(
    connection: Connection,
    platform: str,
    unique: dict[bytes, Listing],
    day: str,
    now: datetime,
    capture_id: int | None,
    done: Upserted,
) -> None:
    pid = platform_id(connection, platform)
    known = _known(connection, list(unique))
    next_listing = int(connection.scalar(select(func.coalesce(func.max(s.listing.c.id), 0))) or 0)
    next_version = highest_version(connection)
    listing_rows: list[tuple[Any, ...]] = []
    version_rows: list[tuple[Any, ...]] = []
    seen: list[tuple[Any, ...]] = []
    returned: list[tuple[int, int]] = []
    told: list[tuple[int]] = []
    for key, item in unique.items():
        digest = item.content_sha256
        shown = bytes.fromhex(digest)
        seen_at = item.captured_at or now
        row = known.get(key)
        stale = row is not None and seen_at < row.last_seen_at
        if row is not None and row.shown_sha256 == shown:
            done.counts["unchanged"] += 1
            if not stale:
                seen.append(_current(connection, item, row, (row.version_id, shown), day, seen_at))
                if (row.last_seen_day, row.price_fen, row.url) != (day, item.price_fen, item.url):
                    told.append((row.id,))
            continue
        if row is None:
            next_listing += 1
            listing_id = next_listing
            done.counts["new"] += 1
        else:
            listing_id = row.id
            done.counts["changed"] += 1
            again = connection.scalar(
                select(s.listing_version.c.id).where(
                    s.listing_version.c.listing_id == listing_id,
                    s.listing_version.c.content_sha256 == digest,
                    ~erased(TEXT, s.listing_version.c.id),
                )
            )
            if again is not None:
                if not stale:
                    seen.append(_current(connection, item, row, (again, shown), day, seen_at))
                    returned.append((listing_id, again))
                    told.append((listing_id,))
                continue
        next_version += 1
        version_rows.append(_version_row(connection, next_version, listing_id, digest, item, day, seen_at, capture_id))
        done.versions.append(StoredVersion(next_version, listing_id, item.title, item.text, day))
        if row is None:
            stamp = db_time(connection, seen_at)
            listing_rows.append(
                (
                    *(listing_id, key, pid, item.native_id, next_version, shown, item.url),
                    *(item.url_norm, item.price_fen, item.price_text, item.sales_text, item.reviews_count),
                    *(stamp, stamp, day),
                )
            )
        elif not stale:
            seen.append(_current(connection, item, row, (next_version, shown), day, seen_at))
    insert_rows(connection, s.listing, _LISTING, listing_rows)
    insert_rows(connection, s.listing_version, _VERSION, version_rows)
    insert_rows(connection, s.outbox, ("listing_id",), told)
    update_rows(connection, s.listing, _SEEN, seen)
    update_rows(connection, s.listing, ("url_norm",), _moved(unique, known, now))
    if returned:
        versions_returned(connection, returned, day, now)


def any_listing(engine: Engine) -> bool:
    """Whether the store holds a listing at all."""
    with reading(engine) as connection:
        return connection.scalar(select(s.listing.c.id).limit(1)) is not None


def _known(connection: Connection, keys: Sequence[bytes]) -> dict[bytes, Any]:
    found: dict[bytes, Any] = {}
    for at in range(0, len(keys), 500):
        query = (
            select(s.listing.c.key, s.listing.c.id, s.listing.c.version_id, s.listing.c.shown_sha256)
            .add_columns(s.listing.c.last_seen_at, s.listing.c.last_seen_day, s.listing.c.price_fen, s.listing.c.url)
            .add_columns(s.listing.c.vanished_day)
            .where(s.listing.c.key.in_(keys[at : at + 500]))
        )
        found.update((bytes(row.key), row) for row in connection.execute(query))
    return found


def _current(
    connection: Connection, item: Listing, row: Any, version: tuple[int, bytes], day: str, now: datetime
) -> tuple[Any, ...]:
    """A row of ``_SEEN`` with its id in front; the version by number and digest."""
    gone = row.vanished_day if row.vanished_day is not None and row.vanished_day > day else None
    return (
        *(row.id, *version, item.url, item.price_fen),
        *(item.price_text, item.sales_text, item.reviews_count, db_time(connection, now), day, gone),
    )


def _moved(items: Mapping[bytes, Listing], known: Mapping[bytes, Any], now: datetime) -> list[tuple[int, str | None]]:
    """(id, normal address) of listings whose address has changed: it has an index, which the others leave alone."""
    return [
        (row.id, items[key].url_norm)
        for key, row in known.items()
        if row.url != items[key].url and (items[key].captured_at or now) >= row.last_seen_at
    ]


def _json(values: Iterable[str]) -> str | None:
    listed = list(values)
    return orjson.dumps(listed).decode() if listed else None


def _version_row(
    connection: Connection,
    version_id: int,
    listing_id: int,
    digest: str,
    item: Listing,
    day: str,
    seen_at: datetime,
    capture_id: int | None,
) -> tuple[Any, ...]:
    evidence = item.capture_id if item.capture_id is not None else capture_id
    return (
        *(version_id, listing_id, digest, item.kind, item.title, item.text, _json(item.images), _json(item.links)),
        *(item.seller_id, item.seller_name, item.seller_region, item.seller_region_source, item.operator_name),
        *(
            item.uscc,
            db_time(connection, item.posted_at),
            db_time(connection, seen_at),
            day,
            evidence,
            item.capture_row,
        ),
    )
