"""How long to wait: what the server asked for (Retry-After), or our own backoff with jitter."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST = 3600.0
"""Seconds a host is left alone at most, whatever it asks for."""


def retry_after(value: str | None, now: datetime, answered: str | None = None) -> float | None:
    """Seconds to wait by a Retry-After header (RFC 9110, 10.2.3: seconds or a date); None if it says nothing usable.

    A date counts from the answer's own Date header, where it has one: the server's clock need not agree with ours.
    """
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return min(float(text), LONGEST)
    when = _moment(text)
    if when is None:
        return None
    return min(max(0.0, (when - (_moment(answered or "") or now)).total_seconds()), LONGEST)


def _moment(text: str) -> datetime | None:
    """A date of a header (RFC 9110, 5.6.7); None if it is none."""
    try:
        when = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def backoff(attempt: int, jitter: float) -> float:
    """Seconds before the next attempt: 1, 2, 4 ... up to 30, a half to one and a half of it by ``jitter`` (0 to 1)."""
    return float(min(30.0, math.ldexp(1.0, attempt)) * (0.5 + jitter))
