"""The clocks and the stay-down over all that was asked for: of what is kept packed, and of what was written since."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, tzinfo
from typing import Any

import numpy as np
from sqlalchemy import Connection, Engine, select

from adwatch.casework.removal_clocks import FORM, REACH, Numbers, packed, summary, unpacked
from adwatch.failpoints import failpoint
from adwatch.store import life_line_due as marks
from adwatch.store import life_lines as store
from adwatch.store import schema as s
from adwatch.store import verified
from adwatch.store.engine import CASEWORK_LOCK, advisory_lock, reading, writing
from adwatch.store.filters import Filters
from adwatch.store.life_lines import Kept, Placed

LISTINGS, MARKS = 2_000, 5_000
"""Of one transaction, while others' casework waits; a request is never cut."""


def made_for(zone: tzinfo) -> str:
    """What a row that holds says of itself: days are those of the office's zone."""
    return f"{FORM} {zone}"[:80]


def figures(
    connection: Connection,
    now: datetime,
    zone: tzinfo,
    platform: str | None = None,
    first: date | None = None,
    last: date | None = None,
    limits: Filters | None = None,
) -> dict[str, list[dict[str, Any]]]:
    """Rows of both tables (``removal_clocks.summary``) of what was sent in a period, within a person's limits."""
    made, changed = made_for(zone), marks.requests_due(connection)
    period = store.sent_between(connection, first, last, zone) if first or last else None
    names = {each.id: each.name for each in connection.execute(select(s.platform.c.id, s.platform.c.name))}
    rows: dict[str, list[bytes]] = {name: [] for name in names.values() if platform in (None, name)}
    for takedown_id, platform_id, form, lines in store.kept(connection, platform):
        if form != made:
            changed.add(takedown_id)
        elif takedown_id not in changed and (period is None or takedown_id in period):
            rows[names[platform_id]].append(lines)
    by_platform = _inside(connection, {name: unpacked(each) for name, each in rows.items()}, limits)
    fresh: dict[str, list[bytes]] = {}
    for each in store.life_lines(connection, changed if period is None else changed & period, zone, limits):
        if each.line.platform in rows:
            fresh.setdefault(each.line.platform, []).append(packed(each.line))
    for name, some in fresh.items():
        by_platform[name] = np.concatenate((by_platform[name], unpacked(some)))
    return summary(by_platform, now.astimezone(zone).date())


def _inside(connection: Connection, by_platform: dict[str, Numbers], limits: Filters | None) -> dict[str, Numbers]:
    if limits is None or not (limits.only_regions or limits.only_families):
        return by_platform
    seen = np.array(store.reaches_inside(connection, limits), dtype=np.int32)
    return {name: rows[np.isin(rows[:, REACH], seen)] for name, rows in by_platform.items()}


def bring_up_to_date(engine: Engine, zone: tzinfo, most: int | None = None) -> int:
    """Make anew what is due, oldest first; gives how many requests.

    ``most``: listings after which it stops; what is left stays due and is counted from where it is written.
    """
    made = listings = 0
    while most is None or listings < most:
        some, count = _make_some(engine, zone)
        if not some:
            break
        made, listings = made + some, listings + count
    return made


def forget(engine: Engine) -> None:
    """Throw away all that is kept; all of it is due."""
    with writing(engine) as connection:
        advisory_lock(connection, CASEWORK_LOCK)
        marks.all_are_due(connection)


def is_due(engine: Engine, zone: tzinfo) -> bool:
    """Whether there is anything to do, told without waiting for anybody."""
    with reading(engine) as connection:
        return bool(marks.oldest(connection, 1) or marks.otherwise_made(connection, made_for(zone), 1))


def _make_some(engine: Engine, zone: tzinfo) -> tuple[int, int]:
    """One transaction: (requests, listings)."""
    if not is_due(engine, zone):
        return 0, 0
    made = made_for(zone)
    with writing(engine) as connection:
        advisory_lock(connection, CASEWORK_LOCK)
        due: list[tuple[int | None, int]] = [*marks.oldest(connection, MARKS)]
        due += [(None, each) for each in marks.otherwise_made(connection, made, MARKS - len(due))]
        sizes = store.listings_in(connection, {takedown_id for _, takedown_id in due})
        chosen, count = set[int](), 0
        for _, takedown_id in due:
            size = 0 if takedown_id in chosen else sizes.get(takedown_id, 0)
            if chosen and count + size > LISTINGS:
                break
            chosen.add(takedown_id)
            count += size
        store.hold_cases(connection, chosen)
        store.keep(connection, chosen, _made(connection, store.life_lines(connection, chosen, zone), made))
        verified.keep(connection, chosen, zone)
        marks.done(connection, [seq for seq, takedown_id in due if seq is not None and takedown_id in chosen])
        failpoint("life_lines.before_commit")
    failpoint("life_lines.after_commit")
    return len(chosen), count


def _made(connection: Connection, lines: Iterable[Placed], made: str) -> list[Kept]:
    found = list(lines)
    numbers = store.reach_numbers(connection, (each.reach for each in found if each.reach is not None))
    rows: dict[tuple[int, int], list[bytes]] = {}
    for each in found:
        reach = numbers[each.reach] if each.reach is not None else 0
        rows.setdefault((each.takedown_id, each.platform_id), []).append(packed(each.line, reach))
    return [Kept(*keys, made, b"".join(each)) for keys, each in rows.items()]
