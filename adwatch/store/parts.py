"""The store's history in parts that are worked on apart: a platform's listings first seen in one month.

Which part a listing is in never changes, so a part that was begun is the same when it is begun again. Months are those
of the office's time zone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from sqlalchemy import ColumnElement, Connection, Engine, case, func, select

from adwatch.store import schema as s
from adwatch.store.engine import reading
from adwatch.store.erasures import TEXT, erased
from adwatch.store.listings import StoredVersion
from adwatch.store.opening import chunks

RATHER_READ = 20
"""Listings of a part are read in order at a twentieth of what it costs to look one up by its key."""


@dataclass(frozen=True, slots=True)
class Part:
    """A platform's listings of one month."""

    platform: str
    month: str
    """YYYY-MM."""
    first: int
    last: int
    """Surrogate keys between which its listings lie; other platforms' lie there too."""
    listings: int
    """How many they are."""


def month_of(when: datetime, zone: tzinfo) -> str:
    """The month of a time."""
    return when.astimezone(zone).strftime("%Y-%m")


def next_month(month: str) -> str:
    """The month after."""
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12}-{number % 12 + 1:02}"


def begin_of(month: str, zone: tzinfo) -> datetime:
    """When a month begins."""
    return datetime(int(month[:4]), int(month[5:]), 1, tzinfo=zone)


def parts(
    connection: Connection, zone: tzinfo, platform: str | None = None, since: str = "", until: str = "9999-12"
) -> list[Part]:
    """All parts that hold a listing, by month and platform; ``since`` and ``until`` are months, both included."""
    item = s.listing
    seen = item.c.first_seen_at
    oldest, newest = connection.execute(select(func.min(seen), func.max(seen))).one()
    if oldest is None:
        return []
    months = [month_of(oldest, zone)]
    while months[-1] < month_of(newest, zone):
        months.append(next_month(months[-1]))
    whens = [(seen < begin_of(next_month(month), zone), number) for number, month in enumerate(months)]
    month = case(*whens, else_=len(months) - 1)
    query = (
        select(month, s.platform.c.name, func.min(item.c.id), func.max(item.c.id), func.count())
        .join(s.platform, s.platform.c.id == item.c.platform_id)
        .group_by(month, s.platform.c.name)
        .order_by(month, s.platform.c.name)
    )
    if platform is not None:
        query = query.where(s.platform.c.name == platform)
    found = (Part(row[1], months[row[0]], *row[2:]) for row in connection.execute(query))
    return [part for part in found if since <= part.month <= until]


def without_verdict(
    engine: Engine, part: Part, classifier: int, zone: tzinfo, limit: int
) -> Iterator[tuple[int, list[StoredVersion]]]:
    """The part's listings in batches: how many, and their versions without a verdict of that classifier."""
    item, v, d = s.listing, s.listing_version, s.verdict
    after = part.first - 1
    while True:
        with reading(engine) as connection:
            query = select(item.c.id).where(item.c.id > after, item.c.id <= part.last, _in_part(connection, part, zone))
            ids = list(connection.scalars(query.order_by(item.c.id).limit(limit)))
            if not ids:
                return
            judged = select(d.c.version_id).where(d.c.version_id == v.c.id, d.c.classifier_id == classifier)
            wanted = select(v.c.id, v.c.listing_id, v.c.title, v.c.text, v.c.day).where(
                ~judged.exists(), ~erased(TEXT, v.c.id)
            )
            found = [
                StoredVersion(*row)
                for some in chunks(ids)
                for row in connection.execute(wanted.where(v.c.listing_id.in_(some)).order_by(v.c.id))
            ]
        yield len(ids), found
        after = ids[-1]


def _in_part(connection: Connection, part: Part, zone: tzinfo) -> ColumnElement[bool]:
    number = connection.scalar(select(s.platform.c.id).where(s.platform.c.name == part.platform))
    begin, end = begin_of(part.month, zone), begin_of(next_month(part.month), zone)
    seen = s.listing.c.first_seen_at
    return (s.listing.c.platform_id == number) & (seen >= begin) & (seen < end)


def placed(engine: Engine, keys: Sequence[bytes], zone: tzinfo) -> Iterator[tuple[bytes, int, str, str]]:
    """For listings by stable key: key, surrogate key, platform and month."""
    query = select(s.listing.c.key, s.listing.c.id, s.platform.c.name, s.listing.c.first_seen_at).join(
        s.platform, s.platform.c.id == s.listing.c.platform_id
    )
    with reading(engine) as connection:
        for at in range(0, len(keys), 500):
            for row in connection.execute(query.where(s.listing.c.key.in_(keys[at : at + 500]))):
                yield bytes(row[0]), row[1], row[2], month_of(row[3], zone)


def keys_in(engine: Engine, keys: Sequence[bytes], part: Part, zone: tzinfo) -> list[bytes]:
    """Those of the listings that are in the part, in order; looked up, or picked out of the part where that is less."""
    if part.last - part.first > RATHER_READ * len(keys):
        where = (part.platform, part.month)
        return sorted(key for key, _, *place in placed(engine, keys, zone) if tuple(place) == where)
    wanted = set(keys)
    with reading(engine) as connection:
        between = s.listing.c.id.between(part.first, part.last)
        query = select(s.listing.c.key).where(between, _in_part(connection, part, zone))
        return sorted(wanted.intersection(bytes(key) for key in connection.scalars(query)))


def parts_of(engine: Engine, keys: Sequence[bytes], zone: tzinfo) -> list[Part]:
    """The parts in which listings lie, and how many of these each holds."""
    ids: dict[tuple[str, str], list[int]] = {}
    for _, number, platform, month in placed(engine, keys, zone):
        ids.setdefault((month, platform), []).append(number)
    return [Part(platform, month, min(each), max(each), len(each)) for (month, platform), each in sorted(ids.items())]
