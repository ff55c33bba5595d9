"""Budgets of a day: so many requests for a platform or a key, counted for all processes and workers together."""

from __future__ import annotations

from sqlalchemy import Engine, select, text

from adwatch.store import schema as s
from adwatch.store.engine import reading, writing

_TAKE = text(
    "INSERT INTO budget_use (name, day, used) VALUES (:name, :day, :count)"
    " ON CONFLICT (name, day) DO UPDATE SET used = budget_use.used + :count"
    " WHERE budget_use.used + :count <= :most RETURNING used"
)
"""One statement, so that two workers can never both take the last request; as text like the host limiter's."""


class Budgets:
    """Hands out a day's requests; what was taken stays taken even if its process dies."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def take(self, name: str, day: str, most: int, count: int = 1) -> bool:
        """Take ``count`` of the ``most`` requests that ``name`` has on a day; whether there were so many left."""
        if count > most:
            return False
        values = {"name": name, "day": day, "most": most, "count": count}
        with writing(self.engine) as connection:
            return connection.scalar(_TAKE, values) is not None

    def used(self, name: str, day: str) -> int:
        """Requests taken so far."""
        t = s.budget_use.c
        with reading(self.engine) as connection:
            return int(connection.scalar(select(t.used).where(t.name == name, t.day == day)) or 0)
