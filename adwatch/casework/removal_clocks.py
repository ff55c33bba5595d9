"""The clocks of takedowns, by one table of definitions, and how many removals stay: plain counts, no estimate.

A clock runs from one step of a listing in a sent request to another, in hours. ``n`` have come to the end; ``open``
have begun and not ended (they are censored: what is still open may take longer than any of ``n``, so that a median with
many open is too kind). Median and p90 are of those that ended, by nearest rank. A step that lies before the one from
which its clock runs counts as 0 hours: what is back on the day of the removal was put up before our look.

Life lines are counted packed: of each, whole numbers that say all that is counted (see ``packed``), so that hundreds of
thousands are counted at once.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from math import ceil
from typing import Any

import numpy as np
import numpy.typing as npt

from adwatch.store.life_lines import LifeLine

EVERYTHING = "all"
"""Instead of a platform: all of them."""


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock."""

    id: str
    label: str
    """Chinese."""
    begin: str
    """Step of a life line from which it runs."""
    end: str
    """Step to which it runs."""
    definition: str
    unit: str = "hours"


CLOCKS = (
    Clock("found_confirmed", "发现至属实", "found", "confirmed", "首次命中至现行有效的属实结论首次作出"),
    Clock("confirmed_sent", "属实至发函", "confirmed", "sent", "属实结论至下架函发出"),
    Clock("sent_acknowledged", "发函至签收", "sent", "acknowledged", "下架函发出至平台第一次答复（含签收）"),
    Clock("sent_removed", "发函至下架", "sent", "removed", "下架函发出至两次核验中第一次查见已下架"),
    Clock("removed_verified", "下架至核实", "removed", "verified", "第一次查见已下架至隔开的第二次也已下架"),
    Clock(
        "removed_relisted", "下架至复现", "removed", "relisted", "第一次查见已下架至首次查见复现（同一链接或关联信息）"
    ),
    Clock("found_removed", "发现至下架", "found", "removed", "首次命中至两次核验中第一次查见已下架"),
)
"""Every clock there is."""

STAYS = (7, 30, 90)
"""Days of stay-down."""
STAY_DEFINITION = (
    "分母：两次核验属实的下架信息中，下架已满该天数、满期后仍有核验结论（或满期前已复现）的；"
    "分子：其中该天数内未查见复现的。满期而未再核验的另列，不计入"
)


Numbers = npt.NDArray[np.int32]
"""Packed life lines: a row for each."""
NOT_BEGUN, RUNNING, NO_DAY = -2, -1, 0
"""In the place of a clock's tenths of an hour; in the place of a day."""
REMOVED, BACK, WATCHED, REACH = range(len(CLOCKS), len(CLOCKS) + 4)
"""Columns behind those of the clocks."""
_ROW = struct.Struct(f"<{REACH + 1}i")
FORM = sha256(repr([(each.begin, each.end) for each in CLOCKS]).encode()).hexdigest()[:12]
"""What packed life lines are of: other clocks make other rows."""


def packed(line: LifeLine, reach: int = 0) -> bytes:
    """Of each clock the tenths of an hour, rounded: by nearest rank a median of what is rounded is the rounded median.

    Then the days (as ordinals) of a removal that was verified, of the first look that saw it back, and of the last look
    that was not unknown, and the number of what a person's limits ask of its case.
    """
    removed = line.removed_day if line.verified is not None else None
    days = (removed, line.relisted_day, line.known_day)
    return _ROW.pack(*(_tenths(line, clock) for clock in CLOCKS), *map(_ordinal, days), reach)


def _tenths(line: LifeLine, clock: Clock) -> int:
    begin, end = getattr(line, clock.begin), getattr(line, clock.end)
    if begin is None:
        return NOT_BEGUN
    if end is None:
        return RUNNING
    hours: float = max(0.0, (end - begin).total_seconds() / 3600)
    return round(round(hours, 1) * 10)


def _ordinal(day: str | None) -> int:
    return date.fromisoformat(day).toordinal() if day else NO_DAY


def unpacked(rows: Iterable[bytes]) -> Numbers:
    """What ``packed`` made of some life lines, one after another."""
    return np.frombuffer(b"".join(rows), dtype="<i4").reshape(-1, REACH + 1)


def summary(by_platform: Mapping[str, Numbers], today: date) -> dict[str, list[dict[str, Any]]]:
    """Rows of both tables, all platforms together first; those without a life line are left out."""
    named = {name: np.ascontiguousarray(rows.T) for name, rows in sorted(by_platform.items()) if len(rows)}
    groups = {EVERYTHING: np.concatenate([unpacked([]).T, *named.values()], axis=1), **named}
    return {
        "clocks": [{"platform": name, **row} for name, each in groups.items() for row in _clocks(each)],
        "stay_down": [{"platform": name, **row} for name, each in groups.items() for row in stay_down(each, today)],
    }


def _clocks(columns: Numbers) -> list[dict[str, Any]]:
    return [clock_row(clock, columns[place]) for place, clock in enumerate(CLOCKS)]


def clock_row(clock: Clock, tenths: Numbers) -> dict[str, Any]:
    """One clock over some listings."""
    ended = tenths[tenths >= 0]
    running = int(np.count_nonzero(tenths == RUNNING))
    named = {"clock": clock.id, "label": clock.label, "unit": clock.unit, "definition": clock.definition}
    return {**named, "n": len(ended), "open": running, "median": rank(ended, 0.5), "p90": rank(ended, 0.9)}


def rank(tenths: Numbers, share: float) -> float | None:
    """The value at a share of tenths of hours, in hours, by nearest rank; None of none."""
    if not len(tenths):
        return None
    place = max(0, ceil(share * len(tenths)) - 1)
    return int(np.partition(tenths, place)[place]) / 10


def stay_down(columns: Numbers, today: date) -> list[dict[str, Any]]:
    """For each span how many removals of that age stayed away, of those that were watched for as long.

    Days are those of the looks: removed, seen back, last looked at with an answer. Of packed life lines the columns.
    """
    removed, back, watched = (each[columns[REMOVED] != NO_DAY] for each in columns[REMOVED : WATCHED + 1])
    found = []
    for days in STAYS:
        end = removed + days
        old = end <= np.maximum(watched, today.toordinal())
        came = old & (back != NO_DAY) & (back < end)
        away = old & ~came & ((watched >= end) | (back != NO_DAY))
        n, stayed, unwatched = (int(np.count_nonzero(each)) for each in (came, away, old & ~came & ~away))
        of = stayed + n
        share = round(stayed / of, 4) if of else None
        found.append({"days": days, "of": of, "stayed": stayed, "back": n, "unwatched": unwatched, "share": share})
    return found
