"""When a platform has to have acted, and when it is reminded: hours, or statutory working days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from adwatch.errors import UsageError
from adwatch.tables.holidays import WorkingDays


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline."""

    at: datetime
    provisional: bool
    """Whether it was counted by weekends only, in a year whose holidays nobody knows yet."""


def due(at: datetime, hours: int | None, days: int | None, zone: tzinfo, calendar: WorkingDays) -> Due | None:
    """Hours from the sending, or working days after it, to the end of the last; None where no rule says so."""
    if days is not None:
        return after_days(at, days, zone, calendar)
    return None if hours is None else Due(at + timedelta(hours=hours), False)


def after_days(at: datetime, days: int, zone: tzinfo, calendar: WorkingDays) -> Due:
    """The end (24:00 in the office's zone) of the n-th working day after a time; the day itself does not count."""
    day, left, provisional = at.astimezone(zone).date(), days, False
    while left:
        day += timedelta(1)
        works, known = _works(day, calendar)
        provisional |= not known
        left -= works
    return Due(datetime.combine(day + timedelta(1), time(), zone), provisional)


def _works(day: date, calendar: WorkingDays) -> tuple[bool, bool]:
    """Whether it is a working day, and whether that is known."""
    try:
        return calendar.works(day), True
    except UsageError:
        return day.weekday() < 5, False
