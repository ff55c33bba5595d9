"""When the listings of sent requests came to each step: read from where each step is written, or as it was kept.

``life_line`` has of each request what ``casework.life_lines`` packs of it, ``life_line_reach`` the regions and families
that cases have, so that a person's limits are looked up once for many listings.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, delete, func, or_, select

from adwatch.store import inside
from adwatch.store import schema as s
from adwatch.store.bulk import insert_rows
from adwatch.store.filters import Filters
from adwatch.store.opening import chunks
from adwatch.store.queue_where import begins
from adwatch.store.removals import KEYS

PART = 1_000
"""Rows that are read at a time."""


@dataclass(frozen=True, slots=True)
class LifeLine:
    """When a listing of a sent request came to each step; None: not yet."""

    platform: str
    found: datetime | None
    """First flagged."""
    confirmed: datetime | None
    """First of the findings that all say 属实 since the last other."""
    sent: datetime
    """The request."""
    acknowledged: datetime | None
    """First answer of the platform to the request."""
    removed: datetime | None
    """First of the looks that were verified."""
    removed_day: str | None
    verified: datetime | None
    """The second, at distance."""
    relisted: datetime | None
    """First seen back."""
    relisted_day: str | None
    known: datetime | None
    """Last look that was not unknown."""
    known_day: str | None
    """Its day."""


class Reach(NamedTuple):
    """What the limits of a person ask of a case."""

    region: str | None
    families: tuple[str, ...]
    """Sorted."""

    @property
    def key(self) -> str:
        """Digest: a region is as sellers write it, of any length."""
        said = json.dumps([self.region, self.families], ensure_ascii=True)
        return hashlib.sha256(said.encode()).hexdigest()


class Placed(NamedTuple):
    """A life line with what it is counted by."""

    takedown_id: int
    platform_id: int
    reach: Reach | None
    """None: no case, so that it lies within no limits."""
    line: LifeLine


class Kept(NamedTuple):
    """What is kept of a request."""

    takedown_id: int
    platform_id: int
    made: str
    lines: bytes


def life_lines(
    connection: Connection, takedown_ids: Iterable[int], zone: tzinfo, limits: Filters | None = None
) -> Iterator[Placed]:
    """Of every listing in those of some requests that were sent, within a person's limits; by request and listing."""
    for ids in chunks(takedown_ids):
        rows = connection.execute(_moments(ids, limits)).all()
        confirmed, families = _confirmed(connection, ids), _families(connection, ids)
        for row in rows:
            case = row.case_id
            reach = Reach(row.region, tuple(families.get(case, ()))) if case is not None else None
            line = LifeLine(
                *(row.name, row.first_flagged_at, confirmed.get(case), row.sent_at, row.at, row.removed_at),
                *(row.removed_day, row.verified_at, row.relisted_at, row.relisted_day, row.known_at),
                _known_day(row, zone),
            )
            yield Placed(row.takedown_id, row.platform_id, reach, line)


def _moments(takedown_ids: Sequence[int], limits: Filters | None) -> Any:
    link, row, of_case, item = s.takedown_listing, s.removal, s.case_listing, s.listing
    reply, first = s.takedown_reply, func.min(s.takedown_reply.c.at).label("at")
    answered = select(reply.c.takedown_id, first).where(reply.c.takedown_id.in_(takedown_ids))
    answers = answered.group_by(reply.c.takedown_id).subquery()
    names = ("removed_at", "removed_day", "verified_at", "relisted_at", "relisted_day", "known_at", "last_at")
    return (
        select(
            *(link.c.takedown_id, s.takedown.c.platform_id, s.platform.c.name, item.c.first_flagged_at),
            *(of_case.c.case_id, s.case.c.region, s.takedown.c.sent_at, answers.c.at),
            *(row.c[name] for name in (*names, "last_day")),
        )
        .select_from(link)
        .join(s.takedown, s.takedown.c.id == link.c.takedown_id)
        .join(s.platform, s.platform.c.id == s.takedown.c.platform_id)
        .join(item, item.c.id == link.c.listing_id)
        .outerjoin(of_case, of_case.c.listing_id == link.c.listing_id)
        .outerjoin(s.case, s.case.c.id == of_case.c.case_id)
        .outerjoin(row, and_(*(row.c[name] == link.c[name] for name in KEYS)))
        .outerjoin(answers, answers.c.takedown_id == s.takedown.c.id)
        .where(link.c.takedown_id.in_(takedown_ids), s.takedown.c.sent_at.is_not(None))
        .where(*inside.of_listing(link.c.listing_id, limits))
        .order_by(link.c.takedown_id, link.c.listing_id)
    )


def _known_day(row: Any, zone: tzinfo) -> str | None:
    """The day for which the last look was made that was not unknown; the office's day where others came after it."""
    if row.known_at is None:
        return None
    return str(row.last_day) if row.known_at == row.last_at else row.known_at.astimezone(zone).date().isoformat()


def _cases(takedown_ids: Sequence[int]) -> Any:
    link = s.takedown_listing
    asked = select(s.case_listing.c.case_id).join(link, link.c.listing_id == s.case_listing.c.listing_id)
    return asked.where(link.c.takedown_id.in_(takedown_ids))


def _confirmed(connection: Connection, takedown_ids: Sequence[int]) -> dict[int | None, datetime]:
    """By case of some requests: when the finding that holds was first made."""
    found, d = dict[int | None, datetime](), s.decision.c
    query = select(d.case_id, d.result, d.at).where(d.case_id.in_(_cases(takedown_ids)))
    for case_id, result, at in connection.execute(query.order_by(d.id)):
        if result == "confirm":
            found.setdefault(case_id, at)
        else:
            found.pop(case_id, None)
    return found


def _families(connection: Connection, takedown_ids: Sequence[int]) -> dict[int, list[str]]:
    found, tag = dict[int, list[str]](), s.case_tag.c
    query = select(tag.case_id, tag.value).where(tag.case_id.in_(_cases(takedown_ids)), tag.kind == "family")
    for case_id, value in connection.execute(query):
        found.setdefault(case_id, []).append(value)
    return {case_id: sorted(values) for case_id, values in found.items()}


def sent_between(connection: Connection, first: date | None, last: date | None, zone: tzinfo) -> set[int]:
    """Requests that were sent on some days of the office."""
    t, found = s.takedown.c, set[int]()
    for takedown_id, at in connection.execute(select(t.id, t.sent_at).where(t.sent_at.is_not(None))):
        day = at.astimezone(zone).date()
        if (first is None or day >= first) and (last is None or day <= last):
            found.add(takedown_id)
    return found


def listings_in(connection: Connection, takedown_ids: Iterable[int]) -> dict[int, int]:
    """How many listings some requests have."""
    link, found = s.takedown_listing.c, dict[int, int]()
    for ids in chunks(takedown_ids):
        query = select(link.takedown_id, func.count()).where(link.takedown_id.in_(ids)).group_by(link.takedown_id)
        found.update((takedown_id, count) for takedown_id, count in connection.execute(query))
    return found


def hold_cases(connection: Connection, takedown_ids: Iterable[int]) -> None:
    """Wait for who changes the cases of some requests, and let nobody until the transaction ends.

    Who changes a case looks up its requests once it has locked it: one that does not see a request that is being sent
    is waited for here.
    """
    for ids in chunks(takedown_ids):
        query = select(s.case.c.id).where(s.case.c.id.in_(_cases(ids))).order_by(s.case.c.id)
        connection.execute(query.with_for_update(read=True))


def kept(connection: Connection, platform: str | None = None) -> Iterator[Any]:
    """All that is kept (as ``Kept``), or what is of a platform; read in parts, so that no list of rows is held."""
    row = s.life_line.c
    query = select(row.takedown_id, row.platform_id, row.made, row.lines)
    if platform is not None:
        query = query.where(row.platform_id.in_(select(s.platform.c.id).where(s.platform.c.name == platform)))
    with connection.execute(query, execution_options={"yield_per": PART}) as rows:
        yield from rows


def keep(connection: Connection, takedown_ids: Iterable[int], rows: Sequence[Kept]) -> None:
    """Put rows in the place of what is kept of some requests."""
    for ids in chunks(takedown_ids):
        connection.execute(delete(s.life_line).where(s.life_line.c.takedown_id.in_(ids)))
    insert_rows(connection, s.life_line, Kept._fields, rows)


def reach_numbers(connection: Connection, reaches: Iterable[Reach]) -> dict[Reach, int]:
    """The numbers of some reaches; those that there are not yet are made. Who calls this holds a lock."""
    by_key, row = {each.key: each for each in set(reaches)}, s.life_line_reach
    known = _numbers(connection, by_key)
    fresh = [(key, each.region, json.dumps(each.families)) for key, each in sorted(by_key.items()) if key not in known]
    if fresh:
        insert_rows(connection, row, ("key", "region", "families"), fresh)
        known = _numbers(connection, by_key)
    return {each: known[key] for key, each in by_key.items()}


def _numbers(connection: Connection, keys: Iterable[str]) -> dict[str, int]:
    row, listed, found = s.life_line_reach.c, sorted(keys), dict[str, int]()
    for at in range(0, len(listed), 500):
        query = select(row.key, row.id).where(row.key.in_(listed[at : at + 500]))
        found.update((key, number) for key, number in connection.execute(query))
    return found


def reaches_inside(connection: Connection, limits: Filters) -> list[int]:
    """Numbers of the reaches that a person with such limits may see: as ``queue.limits`` has it of cases."""
    row = s.life_line_reach.c
    query = select(row.id, row.families)
    if limits.only_regions:
        query = query.where(or_(row.region.is_(None), *(begins(row, each) for each in limits.only_regions)))
    wanted = set(limits.only_families)
    found = connection.execute(query)
    return [number for number, families in found if not wanted or not families or wanted.intersection(families)]
