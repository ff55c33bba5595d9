"""Platforms that have gone quiet: what is seen of them today against what usually is, over the last two weeks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import Any

from adwatch.app import alerts
from adwatch.app.coverage import SURE, coverage
from adwatch.app.office import Office

SPAN = 14
"""Days before today that are looked at."""
KNOWN_DAYS = 3
"""Days on which something was seen that make a habit."""
FAR_LESS = 0.2
"""Share of the usual number of listings below which a platform counts as quiet."""
FEW_NEW, NEW_DAYS = 3, 3
"""A platform that usually has so many new listings a day and now has had none for so many days is quiet."""
WORDS = {
    "not_patrolled": "没有巡查",
    "nothing_seen": "什么也没看到",
    "far_less": "远少于平时",
    "nothing_new": "连日没有新信息",
}


@dataclass(frozen=True, slots=True)
class Quiet:
    """A platform that has gone quiet."""

    platform: str
    """Name of the platform file."""
    word: str
    """A key of ``WORDS``."""
    usual: float
    """What is usual a day: listings seen, or new ones."""
    now: int
    """The same today."""
    sure: str | None
    """How sure today's figures are; None where there was no patrol."""

    @property
    def told(self) -> str:
        """One line for people."""
        sure = f"（{SURE[self.sure]}）" if self.sure else ""
        return f"{WORDS[self.word]}：平时每天 {self.usual:g} 条，今天 {self.now} 条{sure}"


def quiet(office: Office, day: str, names: Sequence[str] | None = None) -> list[Quiet]:
    """Patrolled platforms that are quiet on a day, by name; hand-overs come when they come and are never quiet."""
    from adwatch.app.patrol import platform_names

    first = (date.fromisoformat(day) - timedelta(SPAN)).isoformat()
    by_name: dict[str, dict[str, Mapping[str, Any]]] = {}
    for row in coverage(office.engine, first, day):
        by_name.setdefault(row["platform"], {})[row["day"]] = row
    found = []
    for name in names if names is not None else platform_names(office):
        if (
            name in office.platforms
            and office.platforms[name].kind != "handover"
            and (one := _judged(name, by_name.get(name, {}), day)) is not None
        ):
            found.append(one)
    return found


def _judged(name: str, rows: Mapping[str, Mapping[str, Any]], day: str) -> Quiet | None:
    before = [rows[each] for each in sorted(rows) if each < day]
    seen = [int(row["seen"]) for row in before if row["seen"]]
    if len(seen) < KNOWN_DAYS:
        return None
    usual, today = median(seen), rows.get(day)
    if today is None:
        return Quiet(name, "not_patrolled", usual, 0, None)
    now = int(today["seen"])
    if not now:
        return Quiet(name, "nothing_seen", usual, 0, today["sure"])
    if now < FAR_LESS * usual and not today["rested"]:
        return Quiet(name, "far_less", usual, now, today["sure"])
    new = [int(row["new"]) for row in (*before, today)]
    earlier = new[1:-NEW_DAYS]  # the first day finds everything new
    if len(earlier) >= KNOWN_DAYS and median(earlier) >= FEW_NEW and not any(new[-NEW_DAYS:]):
        return Quiet(name, "nothing_new", median(earlier), 0, today["sure"])
    return None


def tell(office: Office, day: str, names: Sequence[str]) -> list[Quiet]:
    """Send an alert for each quiet platform; what cannot be sent is logged and fails nothing."""
    found = quiet(office, day, names)
    for one in found:
        alerts.send(
            office.settings, alerts.Alert("daily_patrol", "平台", one.platform, day, error=one.told, what="安静")
        )
    return found
