"""The clocks as they are defined, listing by listing and by nothing that is kept: what the figures are held against."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta, tzinfo
from math import ceil
from typing import Any

from sqlalchemy import Connection, select

from adwatch.casework.removal_clocks import CLOCKS, STAYS, Clock
from adwatch.store import inside
from adwatch.store import schema as s
from adwatch.store.filters import Filters
from adwatch.store.life_lines import LifeLine

Row = dict[str, Any]


def figures(
    connection: Connection,
    now: datetime,
    zone: tzinfo,
    platform: str | None = None,
    first: date | None = None,
    last: date | None = None,
    limits: Filters | None = None,
) -> dict[str, list[Row]]:
    """What ``life_lines.figures`` has to say."""
    lines = [
        line
        for line in life_lines(connection, zone, limits)
        if platform in (None, line.platform)
        and (first is None or line.sent.astimezone(zone).date() >= first)
        and (last is None or line.sent.astimezone(zone).date() <= last)
    ]
    return summary(lines, now.astimezone(zone).date())


def life_lines(connection: Connection, zone: tzinfo, limits: Filters | None) -> Iterator[LifeLine]:
    """Of every listing in a sent request, from the rows of each table."""
    link = s.takedown_listing.c

    def rows(table: Any, *where: Any) -> list[Any]:
        return list(connection.execute(select(table).where(*where).order_by(*table.primary_key)))

    for asked in rows(s.takedown, s.takedown.c.sent_at.is_not(None)):
        (platform,) = rows(s.platform, s.platform.c.id == asked.platform_id)
        answers = [each.at for each in rows(s.takedown_reply, s.takedown_reply.c.takedown_id == asked.id)]
        for each in rows(s.takedown_listing, link.takedown_id == asked.id, *inside.of_listing(link.listing_id, limits)):
            (item,) = rows(s.listing, s.listing.c.id == each.listing_id)
            keys = (s.removal.c.takedown_id == asked.id, s.removal.c.listing_id == each.listing_id)
            found = (rows(s.removal, *keys) or [None])[0]
            known = found.known_at if found else None
            day = None if known is None else known.astimezone(zone).date().isoformat()
            yield LifeLine(
                platform.name,
                item.first_flagged_at,
                _confirmed(rows, each.listing_id),
                asked.sent_at,
                min(answers, default=None),
                found.removed_at if found else None,
                found.removed_day if found else None,
                found.verified_at if found else None,
                found.relisted_at if found else None,
                found.relisted_day if found else None,
                known,
                found.last_day if found and known is not None and known == found.last_at else day,
            )


def _confirmed(rows: Any, listing_id: int) -> datetime | None:
    at: datetime | None = None
    for case in rows(s.case_listing, s.case_listing.c.listing_id == listing_id):
        for found in rows(s.decision, s.decision.c.case_id == case.case_id):
            at = (at or found.at) if found.result == "confirm" else None
    return at


def summary(lines: Iterable[LifeLine], today: date) -> dict[str, list[Row]]:
    """Rows of both tables, all platforms together first."""
    by_platform: dict[str, list[LifeLine]] = {}
    for line in lines:
        by_platform.setdefault(line.platform, []).append(line)
    groups = {"all": [line for each in by_platform.values() for line in each], **dict(sorted(by_platform.items()))}
    return {
        "clocks": [{"platform": name, **clock_row(clock, group)} for name, group in groups.items() for clock in CLOCKS],
        "stay_down": [{"platform": name, **row} for name, group in groups.items() for row in stay_down(group, today)],
    }


def clock_row(clock: Clock, lines: Iterable[LifeLine]) -> Row:
    """One clock over some listings."""
    hours: list[float] = []
    running = 0
    for line in lines:
        begin, end = getattr(line, clock.begin), getattr(line, clock.end)
        if begin is None:
            continue
        if end is None:
            running += 1
        else:
            hours.append(max(0.0, (end - begin).total_seconds() / 3600))
    hours.sort()
    named = {"clock": clock.id, "label": clock.label, "unit": clock.unit, "definition": clock.definition}
    return {**named, "n": len(hours), "open": running, "median": _rank(hours, 0.5), "p90": _rank(hours, 0.9)}


def _rank(values: Sequence[float], share: float) -> float | None:
    return round(values[max(0, ceil(share * len(values)) - 1)], 1) if values else None


def stay_down(lines: Sequence[LifeLine], today: date) -> list[Row]:
    """How many removals of an age stayed away, of those that were watched for as long."""
    rows = []
    for days in STAYS:
        stayed = came = unwatched = 0
        for line in lines:
            if line.verified is None or line.removed_day is None:
                continue
            end = date.fromisoformat(line.removed_day) + timedelta(days=days)
            back = date.fromisoformat(line.relisted_day) if line.relisted_day else None
            watched = date.fromisoformat(line.known_day) if line.known_day else None
            if end > max(today, watched or today):
                continue
            if back is not None and back < end:
                came += 1
            elif (watched is not None and watched >= end) or back is not None:
                stayed += 1
            else:
                unwatched += 1
        of = stayed + came
        share = round(stayed / of, 4) if of else None
        rows.append({"days": days, "of": of, "stayed": stayed, "back": came, "unwatched": unwatched, "share": share})
    return rows
