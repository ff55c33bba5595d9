"""How looks at a listing add up: gone, verified by a second look at distance, back again, and when the next is due.

Pure: a row of ``removal`` follows from the looks alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from adwatch.tables.rechecks import Rechecks, far_apart

OFFERED = {"flagged": "仍是违法招揽", "review": "待人工判断", "clear": "已不是违法招揽"}
"""Chinese names of what the classifier says of a changed text; only clear is no offer any more."""


@dataclass(frozen=True, slots=True)
class Look:
    """One look."""

    word: str
    judged: str | None
    """Band of a changed text; None where the text is the same or none was read."""
    at: datetime
    """UTC."""
    day: str
    """The day it was made for; not that of ``at`` where a past or simulated day is worked through."""

    @property
    def offered(self) -> bool:
        """Whether an offer was seen: the confirmed text, or another that is not known to be harmless."""
        return _offered(self.word, self.judged)


def advance(
    old: Mapping[str, Any] | None, look: Look, deadline: datetime | None, rules: Rechecks, zone: tzinfo
) -> dict[str, Any]:
    """The row of ``removal`` after a look, without its keys.

    Unknown neither ends nor adds to a row of looks that say gone. ``removed`` is the first of the looks that were
    verified, ``verified`` the second at distance; both stay, as does the first ``relisted``.
    """
    new: dict[str, Any] = dict(old) if old is not None else _blank()
    new["looks"] = new["looks"] + 1 if new["word"] == look.word else 1
    new.update(word=look.word, judged=look.judged, last_at=look.at, last_day=look.day)
    if look.word != "unknown":
        new["known_at"] = look.at
    if look.word == "gone":
        if new["gone_at"] is None:
            new.update(gone_at=look.at, gone_day=look.day)
        new["gone_looks"] += 1
        first = Look("gone", None, new["gone_at"], new["gone_day"])
        if new["verified_at"] is None and apart(first, look, rules.apart_hours, zone):
            new.update(removed_at=first.at, removed_day=first.day, verified_at=look.at, verified_day=look.day)
    elif look.word != "unknown":
        new.update(gone_at=None, gone_day=None, gone_looks=0)
        if new["verified_at"] is not None and new["relisted_at"] is None and look.offered:
            new.update(relisted_at=look.at, relisted_day=look.day, relisted_how="same")
    new.update(_due(new, look, deadline, rules, zone))
    return new


def up_again(was: Mapping[str, Any], stands: Mapping[str, Any]) -> bool:
    """Whether a look found up at its own address what was verified gone and was gone at the look before.

    The case is taken up again by each of these, the first or not: ``relisted`` keeps the first return by whatever it
    was known, perhaps another listing's, or one that went away by itself.
    """
    down = was.get("gone_at") is not None and stands["verified_at"] is not None
    return down and stands["gone_at"] is None and _offered(stands["word"], stands["judged"])


def _offered(word: str, judged: str | None) -> bool:
    return word == "up" or (word == "changed" and judged != "clear")


def apart(first: Look, second: Look, hours: int, zone: tzinfo, days: int = 1) -> bool:
    """Whether two looks are on different days and so many hours apart (``adwatch.tables.rechecks.far_apart``)."""
    return far_apart((first.at, first.day), (second.at, second.day), days, hours, zone)


def _blank() -> dict[str, Any]:
    names = ("known_at", "gone_at", "gone_day", "removed_at", "removed_day", "verified_at", "verified_day")
    more = ("relisted_at", "relisted_day", "relisted_how")
    return {"word": "", "looks": 0, "gone_looks": 0, **dict.fromkeys((*names, *more))}


def _due(
    new: Mapping[str, Any], look: Look, deadline: datetime | None, rules: Rechecks, zone: tzinfo
) -> dict[str, Any]:
    """When the next look is due: counted in days, of which a simulated one has no hours; no deadline is passed over."""
    if look.word == "gone":
        for hours in rules.after_gone:
            day = _later(new["gone_day"], hours)
            if day > look.day:
                return {"due_at": max(new["gone_at"] + timedelta(hours=hours), look.at), "due_day": day}
        return {"due_at": None, "due_day": None}
    hours = rules.hours(look.word, new["looks"])
    at, day = look.at + timedelta(hours=hours), _later(look.day, hours)
    if deadline is not None and look.at < deadline < at:
        at, day = deadline, min(day, deadline.astimezone(zone).date().isoformat())
    return {"due_at": at, "due_day": day}


def _later(day: str, hours: int) -> str:
    """The day so many hours later, begun ones counted whole."""
    return (date.fromisoformat(day) + timedelta(days=-(-hours // 24))).isoformat()
