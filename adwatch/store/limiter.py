"""The host limiter: one request per interval and host, shared by all processes that use the store."""

from __future__ import annotations

import time

from sqlalchemy import Engine, case, literal
from sqlalchemy.dialects import postgresql, sqlite

from adwatch.store import schema as s
from adwatch.store.engine import writing


class HostLimiter:
    """Hands out the times at which a host may be asked; a slot once taken is kept even if its process dies."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def reserve(self, host: str, interval: float, not_before: float = 0.0) -> float:
        """Take the next free slot of the host: Unix time at which to ask. ``interval`` in seconds."""
        start = max(time.time(), not_before)
        insert = postgresql.insert if self.engine.dialect.name == "postgresql" else sqlite.insert
        later = case((s.host_slot.c.next_at > start, s.host_slot.c.next_at), else_=literal(start))
        statement = insert(s.host_slot).values(host=host, next_at=start + interval)
        statement = statement.on_conflict_do_update(index_elements=["host"], set_={"next_at": later + interval})
        with writing(self.engine) as connection:
            taken = connection.scalar(statement.returning(s.host_slot.c.next_at))
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
