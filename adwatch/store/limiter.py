"""The host limiter: one request per interval and host, shared by all processes that use the store."""

from __future__ import annotations

import time

from sqlalchemy import Engine, text

from adwatch.store.engine import writing

_TAKE = text(
    "INSERT INTO host_slot (host, next_at) VALUES (:host, :after)"
    " ON CONFLICT (host) DO UPDATE SET next_at = :interval +"
    " CASE WHEN host_slot.next_at > :start THEN host_slot.next_at ELSE :start END RETURNING next_at"
)
"""As text, since it runs before every request and building it took longer than the rest of the slot's taking."""


class HostLimiter:
    """Hands out the times at which a host may be asked; a slot once taken is kept even if its process dies."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def reserve(self, host: str, interval: float, not_before: float = 0.0) -> float:
        """Take the next free slot of the host: Unix time at which to ask. ``interval`` in seconds."""
        start = max(time.time(), not_before)
        values = {"host": host, "start": start, "interval": interval, "after": start + interval}
        with writing(self.engine) as connection:
            taken = connection.scalar(_TAKE, values)
        return float(taken or start + interval) - interval

    def wait(self, host: str, interval: float) -> float:
        """Take a slot and sleep until it comes; gives the seconds waited."""
        slot = self.reserve(host, interval)
        delay = max(0.0, slot - time.time())
        time.sleep(delay)
        return delay

    def hold(self, host: str, seconds: float) -> None:
        """Nobody asks the host for so long (Retry-After)."""
        self.reserve(host, 0.0, time.time() + seconds)
