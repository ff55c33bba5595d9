"""How many cases of each platform were found on a day, counted where the day has few enough to be read at once."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, func, literal, select

from adwatch.store import schema as s
from adwatch.store.queue import Filters, limits
from adwatch.store.rare import FEW


def found_on(connection: Connection, days: Iterable[str], filters: Filters) -> dict[str, dict[str, int] | None]:
    """By day the cases of each platform by its name, within a person's limits; None where a day has more than FEW."""
    c, found = s.case.c, dict[str, dict[str, int] | None]()
    for day in days:
        beyond = select(literal(1)).where(c.opened_day == day).order_by(c.opened_day).offset(FEW).limit(1)
        if connection.scalar(beyond) is not None:
            found[day] = None
            continue
        query = select(s.platform.c.name, func.count()).join(s.platform, s.platform.c.id == c.platform_id)
        rows = connection.execute(query.where(c.opened_day == day, *limits(filters)).group_by(s.platform.c.name))
        found[day] = {row[0]: row[1] for row in rows}
    return found
