"""The clocks of takedowns, by one table of definitions, and how many removals stay: plain counts, no estimate.

A clock runs from one step of a listing in a sent request to another, in hours. ``n`` have come to the end; ``open``
have begun and not ended (they are censored: what is still open may take longer than any of ``n``, so that a median with
many open is too kind). Median and p90 are of those that ended, by nearest rank. A step that lies before the one from
which its clock runs counts as 0 hours: what is back on the day of the removal was put up before our look.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from math import ceil
from typing import Any

from adwatch.store.removal_figures import LifeLine

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


def summary(lines: Iterable[LifeLine], now: datetime, zone: tzinfo) -> dict[str, list[dict[str, Any]]]:
    """Rows of both tables, all platforms together first."""
    by_platform: dict[str, list[LifeLine]] = {}
    for line in lines:
        by_platform.setdefault(line.platform, []).append(line)
    groups = {EVERYTHING: [line for each in by_platform.values() for line in each], **dict(sorted(by_platform.items()))}
    today = now.astimezone(zone).date()
    return {
        "clocks": [{"platform": name, **row} for name, group in groups.items() for row in _clocks(group)],
        "stay_down": [{"platform": name, **row} for name, group in groups.items() for row in stay_down(group, today)],
    }


def _clocks(lines: Sequence[LifeLine]) -> list[dict[str, Any]]:
    return [clock_row(clock, lines) for clock in CLOCKS]


def clock_row(clock: Clock, lines: Iterable[LifeLine]) -> dict[str, Any]:
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
    return {**named, "n": len(hours), "open": running, "median": rank(hours, 0.5), "p90": rank(hours, 0.9)}


def rank(values: Sequence[float], share: float) -> float | None:
    """The value at a share of the sorted values, by nearest rank, to a tenth; None of none."""
    return round(values[max(0, ceil(share * len(values)) - 1)], 1) if values else None


def stay_down(lines: Sequence[LifeLine], today: date) -> list[dict[str, Any]]:
    """For each span how many removals of that age stayed away, of those that were watched for as long.

    Days are those of the looks: removed, seen back, last looked at with an answer.
    """
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
