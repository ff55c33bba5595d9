"""Pictures of listings in the store: which are to be read, what came of each, and what those of a version say."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Text, and_, cast, exists, func, or_, select, tuple_, update

from adwatch.store import schema as s
from adwatch.store.engine import insert_id
from adwatch.store.listings import StoredVersion
from adwatch.store.opening import chunks

PER_LISTING = 9
"""Pictures of one listing that are looked at: the first."""
TRIES = 3
"""Days on which an address that does not answer is asked."""
PASSING = ("unreachable", "blocked", "robots")
"""Words of addresses that are asked again on a later day."""
ERASED = "erased"
"""Word of a picture of which what was read was deleted by the policy."""
BEGUN, AGAIN, WHOLE = "begun", "again", "whole"
"""States of a version: cut off on the way, to be gone on with on a later day, done."""


@dataclass(frozen=True, slots=True)
class PictureText:
    """What was read of one picture of a version."""

    version_id: int
    url: str
    sha256: str
    text: str
    spans: tuple[dict[str, Any], ...]
    """start, end, box (x, y of four corners in pixels), score of each line."""
    codes: tuple[dict[str, Any], ...]
    """how, format, content, box, verdict, host, why, kind of each code."""
    width: int
    height: int
    capture_id: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """A version whose pictures are to be looked at."""

    version: StoredVersion
    platform: str
    platform_id: int
    images: tuple[str, ...]


def address_key(url: str) -> bytes:
    """16-byte key of an address."""
    return hashlib.sha256(url.encode("utf-8", "replace")).digest()[:16]


def waiting(connection: Connection, day: str, limit: int) -> list[Waiting]:
    """Current versions with pictures that were not gone through, at most so many: those flagged or in doubt, then
    those of sellers with hits, then the others, the newest first in each.
    """
    v, item = s.listing_version, s.listing
    hits = select(item.c.platform_id, v.c.seller_id).join(v, v.c.id == item.c.version_id)
    hits = hits.where(item.c.first_flagged_day.is_not(None), v.c.seller_id.is_not(None))
    doubt = exists().where(s.verdict.c.version_id == v.c.id, s.verdict.c.band != "clear")
    wanted: list[ColumnElement[bool] | None] = [
        or_(doubt, item.c.first_flagged_day.is_not(None)),
        tuple_(item.c.platform_id, v.c.seller_id).in_(hits),
        None,
    ]
    found: dict[int, Waiting] = {}
    for chosen in wanted:
        if len(found) >= limit:
            break
        query = _not_gone_through(day)
        if chosen is not None:
            query = query.where(chosen)
        for row in connection.execute(query.order_by(v.c.id.desc()).limit(limit)):
            if len(found) < limit and row.images:
                version = StoredVersion(row.id, row.listing_id, row.title, row.text, row.day)
                found.setdefault(row.id, Waiting(version, row.name, row.platform_id, _first(row.images)))
    return list(found.values())


def count_waiting(connection: Connection, day: str) -> int:
    """How many versions wait to be gone through."""
    return int(connection.scalar(select(func.count()).select_from(_not_gone_through(day).subquery())) or 0)


def _not_gone_through(day: str) -> Select[Any]:
    v, item, done = s.listing_version, s.listing, s.picture_version
    over = and_(done.c.version_id == v.c.id, or_(done.c.state == WHOLE, and_(done.c.state == AGAIN, done.c.day >= day)))
    return (
        select(v.c.id, v.c.listing_id, v.c.title, v.c.text, v.c.day, v.c.images, s.platform.c.name, item.c.platform_id)
        .select_from(item)
        .join(v, v.c.id == item.c.version_id)
        .join(s.platform, s.platform.c.id == item.c.platform_id)
        .where(v.c.images.is_not(None), cast(v.c.images, Text) != "[]", ~exists().where(over))
    )


def _first(images: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(images))[:PER_LISTING]


def looked_at(connection: Connection, day: str) -> dict[int, int]:
    """Pictures looked at on a day, by platform id."""
    t = s.picture_address.c
    query = select(t.platform_id, func.count()).where(t.day == day).group_by(t.platform_id)
    return {int(row[0]): int(row[1]) for row in connection.execute(query)}


def words(connection: Connection) -> dict[str, int]:
    """What came of addresses, counted by word."""
    t = s.picture_address.c
    query = select(t.word, func.count()).group_by(t.word).order_by(t.word)
    return {str(row[0]): int(row[1]) for row in connection.execute(query)}


def address(connection: Connection, url: str) -> Any | None:
    """The row of an address."""
    return connection.execute(select(s.picture_address).where(s.picture_address.c.key == address_key(url))).first()


def put_address(connection: Connection, url: str, platform_id: int, word: str, picture: int | None, day: str) -> None:
    """What came of asking for an address on a day."""
    t = s.picture_address
    before = address(connection, url)
    values = {"word": word, "picture_id": picture, "day": day}
    if before is None:
        insert_id(connection, t, key=address_key(url), url=url, platform_id=platform_id, tries=1, **values)
        return
    tries = before.tries + (before.day != day)
    connection.execute(update(t).where(t.c.id == before.id).values(**values, tries=tries))


def final(row: Any | None) -> bool:
    """Whether an address need not be asked again."""
    return row is not None and (row.word not in PASSING or row.tries >= TRIES)


def by_digest(connection: Connection, sha256: str) -> Any | None:
    """The picture with these bytes; none where what was read of it was deleted: it is read anew."""
    query = select(s.picture).where(s.picture.c.sha256 == sha256, s.picture.c.word != ERASED)
    return connection.execute(query).first()


def alike(connection: Connection, phash: str, distance: int) -> list[Any]:
    """Pictures that were read whose hash differs in at most so many bits; one of four quarters must be the same."""
    t = s.picture.c
    quarters = hash_quarters(phash)
    same = [t[name] == value for name, value in quarters.items()]
    rows = connection.execute(select(s.picture).where(or_(*same), t.word == "read").order_by(t.id).limit(500))
    value = int(phash, 16)
    near = [(row, (int(row.phash, 16) ^ value).bit_count()) for row in rows]
    return [row for row, bits in sorted(near, key=lambda pair: (pair[1], pair[0].id)) if bits <= distance]


def hash_quarters(phash: str) -> dict[str, int]:
    """The four quarters of a hash by their columns."""
    return {f"hash_{at}": int(phash[4 * at : 4 * at + 4], 16) for at in range(4)}


def add_picture(connection: Connection, sha256: str, word: str, capture_id: int, **values: Any) -> int:
    """Store a picture's row, or again what was read of it; gives its id."""
    p, given = s.picture, {"word": word, "capture_id": capture_id, **values}
    again = update(p).where(p.c.sha256 == sha256, p.c.word == ERASED).values(given).returning(p.c.id)
    if (known := connection.scalar(again)) is not None:
        return int(known)
    return insert_id(connection, s.picture, sha256=sha256, word=word, capture_id=capture_id, **values)


def put_state(connection: Connection, version_id: int, state: str, day: str) -> None:
    """How far a version's pictures were gone through."""
    t = s.picture_version
    values = {"state": state, "day": day}
    done = connection.execute(update(t).where(t.c.version_id == version_id).values(**values))
    if done.rowcount == 0:
        connection.execute(t.insert().values(version_id=version_id, **values))


def any_gone_through(connection: Connection, case_id: int) -> bool:
    """Whether the pictures of any version of a case's listings were looked at."""
    link, v, done = s.case_listing.c, s.listing_version.c, s.picture_version
    query = select(done.c.version_id).join(s.listing_version, v.id == done.c.version_id)
    query = query.join(s.case_listing, link.listing_id == v.listing_id).where(link.case_id == case_id)
    return connection.execute(query.limit(1)).first() is not None


def picture_texts(connection: Connection, version_ids: Sequence[int]) -> dict[int, list[PictureText]]:
    """What was read of the pictures of versions, in the listing's order; each picture once."""
    images: dict[int, tuple[str, ...]] = {}
    for ids in chunks(version_ids):
        v, done = s.listing_version, s.picture_version
        query = select(v.c.id, v.c.images).join(done, done.c.version_id == v.c.id).where(v.c.id.in_(ids))
        images.update((row.id, _first(row.images or ())) for row in connection.execute(query))
    rows = _by_address(connection, {url for urls in images.values() for url in urls})
    found: dict[int, list[PictureText]] = {}
    for version_id, urls in images.items():
        shown: dict[str, PictureText] = {}
        for url in urls:
            row = rows.get(url)
            if row is not None:
                shown.setdefault(row.sha256, _text(version_id, url, row))
        found[version_id] = list(shown.values())
    return found


def _by_address(connection: Connection, urls: set[str]) -> dict[str, Any]:
    """What was read, by address: of a near-identical picture what was read of the first."""
    a, own, other = s.picture_address, s.picture.alias("own"), s.picture.alias("other")
    keys = sorted(address_key(url) for url in urls)
    found: dict[str, Any] = {}
    for at in range(0, len(keys), 500):
        query = (
            select(a.c.url, own.c.sha256, own.c.capture_id, own.c.width, own.c.height)
            .add_columns(other.c.text, other.c.spans, other.c.codes, other.c.width.label("of"))
            .join(own, own.c.id == a.c.picture_id)
            .join(other, other.c.id == func.coalesce(own.c.same_as, own.c.id))
            .where(a.c.key.in_(keys[at : at + 500]), other.c.word == "read")
        )
        found.update((row.url, row) for row in connection.execute(query))
    return found


def _text(version_id: int, url: str, row: Any) -> PictureText:
    scale = row.width / row.of
    spans, codes = (
        tuple({**each, "box": [round(value * scale) for value in each["box"]]} for each in rows or ())
        for rows in (row.spans, row.codes)
    )
    return PictureText(version_id, url, row.sha256, row.text or "", spans, codes, row.width, row.height, row.capture_id)
