"""Times in the store: aware, UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo

from sqlalchemy import DateTime, Dialect
from sqlalchemy.types import TypeDecorator


def day_span(first: date, last: date, zone: tzinfo) -> tuple[datetime, datetime]:
    """From the beginning of the first day to the beginning of the day after the last, in a zone."""
    return (
        datetime.combine(first, time(), zone),
        datetime.combine(last + timedelta(1), time(), zone),
    )


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC times on both databases: SQLite keeps them as naive text, so a missing zone would go unseen."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC; a naive time is a programming error."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
