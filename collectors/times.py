"""Times as sites write them → UTC; 3分钟前, 昨天 12:30 and 11-20 are meant as of the capture, never as of today."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

from adwatch.text import one_line
from collectors.handover.values import to_time
from collectors.spec_fields import Time

_FAR = 253402300800
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2})?"
_RELATIVE = re.compile(
    r"刚刚|刚才|just now"
    r"|(?:\d{1,4}|半|[一两二三四五六七八九十])\s*个?(?:秒钟?|分钟?|小时|钟头|天|日|周|星期|月|年)(?:之?前|以前)"
    rf"|(?:今天|昨天|前天|今日|昨日)\s*(?:{_CLOCK})?"
    rf"|(?<![\d-])\d{{1,2}}(?:-|/|月)\d{{1,2}}(?:日|号)?(?![\d-])\s*(?:{_CLOCK})?"
    rf"|\d{{1,3}}\s*(?:second|minute|hour|day|week|month|year)s?\s+ago|yesterday|(?<![\d:]){_CLOCK}(?![\d:])",
    re.IGNORECASE,
)
_MONTH_DAY = re.compile(rf"(\d{{1,2}})(?:-|/|月)(\d{{1,2}})(?:日|号)?\s*({_CLOCK})?")
_NUMERALS = {name: str(at) for at, name in enumerate("一二三四五六七八九十", 1)} | {"两": "2"}
_SPOKEN = {
    "钟头": "小时",
    "之前": "前",
    "以前": "前",
    "今日": "今天",
    "昨日": "昨天",
    "刚才": "刚刚",
    "just now": "刚刚",
}
_AHEAD = timedelta(minutes=10)
"""By how much a site's clock may be ahead of ours."""


def read_time(rule: Time, text: str, seen_at: datetime) -> datetime | None:
    """The time in UTC by the first format that fits; None where none does."""
    zone = ZoneInfo(rule.zone)
    for form in rule.formats:
        found = _by_format(form, text, zone, seen_at)
        if found is not None:
            return found
    return None


def _by_format(form: str, text: str, zone: ZoneInfo, seen_at: datetime) -> datetime | None:
    if form == "iso":
        return to_time(text, zone)
    if form == "relative":
        return relative_time(text, zone, seen_at)
    try:
        if form in ("unix", "unix_ms"):
            seconds = float(text) / (1000 if form == "unix_ms" else 1)
            return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < _FAR else None
        # a strptime time is a wall clock: the platform file's zone is put on it below
        found = parsedate_to_datetime(text) if form == "rfc822" else datetime.strptime(text, form)  # noqa: DTZ007
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError, IndexError, TypeError):
        return None


def relative_time(text: str, zone: ZoneInfo, seen_at: datetime) -> datetime | None:
    """A time said relative to ``seen_at``, found anywhere in a short text; never later than that."""
    if len(text) > 200:
        return None
    found = _RELATIVE.search(one_line(text, 200))
    if found is None:
        return None
    base = seen_at.astimezone(zone).replace(tzinfo=None)
    month_day = _MONTH_DAY.fullmatch(found[0].strip())
    moment = _month_day(month_day, base) if month_day else _parsed(found[0], base)
    if moment is None or moment > base + _AHEAD:
        return None
    return moment.replace(tzinfo=zone).astimezone(UTC)


def _month_day(found: re.Match[str], base: datetime) -> datetime | None:
    """A day without a year: the last one of that name."""
    hour, minute, second = (int(part) for part in f"{found[3] or '0:0'}:0".split(":")[:3])
    for year in (base.year, base.year - 1, base.year - 2, base.year - 3, base.year - 4):
        try:
            moment = datetime(year, int(found[1]), int(found[2]), hour, minute, second)  # noqa: DTZ001 - a wall clock
        except ValueError:
            continue  # 29 February, or no day at all
        if moment <= base + _AHEAD:
            return moment
    return None


def _parsed(text: str, base: datetime) -> datetime | None:
    import dateparser  # 0.3 s with its tables: only where a platform needs it

    for spoken, written in _SPOKEN.items():
        text = text.replace(spoken, written)
    text = re.sub(r"^([一二两三四五六七八九十])(?=\s*个?\S+前)", lambda one: _NUMERALS[one[1]], text)
    moment: datetime | None = dateparser.parse(
        text,
        languages=["zh", "en"],
        settings={"RELATIVE_BASE": base, "PREFER_DATES_FROM": "past", "RETURN_AS_TIMEZONE_AWARE": False},
    )
    return moment
