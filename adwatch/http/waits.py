"""How long to wait: what the server asked for (Retry-After), or our own backoff with jitter."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST = 3600.0
"""Seconds a host is left alone at most, whatever it asks for."""


def retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds to wait by a Retry-After header (RFC 9110, 10.2.3: seconds or a date); None if it says nothing usable."""
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return min(float(text), LONGEST)
    try:
        when = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return min(max(0.0, (when - now).total_seconds()), LONGEST)


def backoff(attempt: int, jitter: float) -> float:
    """Seconds before the next attempt: 1, 2, 4 ... up to 30, a half to one and a half of it by ``jitter`` (0 to 1)."""
    return float(min(30.0, math.ldexp(1.0, attempt)) * (0.5 + jitter))
