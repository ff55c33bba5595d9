"""Issues of the weekly list: what was sent out stays as it was sent."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select

from adwatch.store import schema as s


def issues_of(connection: Connection, week: str) -> list[Any]:
    """Issues of a week, oldest first: week, issue, as_of, rows."""
    query = select(s.export_issue).where(s.export_issue.c.week == week).order_by(s.export_issue.c.issue)
    return list(connection.execute(query).all())


def add_issue(connection: Connection, week: str, issue: int, as_of: datetime, rows: dict[str, Any]) -> None:
    """Freeze an issue."""
    connection.execute(s.export_issue.insert().values(week=week, issue=issue, as_of=as_of, rows=rows))


def issues(connection: Connection, most: int) -> list[Any]:
    """Issues of the newest weeks, newest first: week, issue, as_of; without their rows."""
    t = s.export_issue.c
    query = select(t.week, t.issue, t.as_of).order_by(t.week.desc(), t.issue.desc())
    return list(connection.execute(query.limit(most)).all())


def weeks(connection: Connection, last: str, most: int, counted: int) -> list[tuple[str, int]]:
    """(Monday, listings first flagged in that week, counted so far) of the newest weeks that have any, by ``last``."""
    day, found = s.listing.c.first_flagged_day, list[tuple[str, int]]()
    newest = connection.scalar(select(func.max(day)).where(day <= last))
    while newest is not None and len(found) < most:
        monday = date.fromisoformat(newest)
        monday -= timedelta(monday.weekday())
        begins, ends = monday.isoformat(), (monday + timedelta(6)).isoformat()
        some = select(day).where(day.between(begins, ends)).limit(counted).subquery()
        found.append((begins, int(connection.scalar(select(func.count()).select_from(some)) or 0)))
        newest = connection.scalar(select(func.max(day)).where(day < begins))
    return found


def first_flagged(connection: Connection, first: str, last: str, at: datetime) -> list[int]:
    """Listings first flagged on the days from ``first`` to ``last``, as known at a time, oldest first."""
    item = s.listing
    query = select(item.c.id).where(item.c.first_flagged_day.between(first, last), item.c.first_flagged_at <= at)
    return list(connection.scalars(query.order_by(item.c.first_flagged_day, item.c.id)))


def whole_since(connection: Connection, first: str, last: str) -> datetime | None:
    """When the last of the days from ``first`` to ``last`` that are there began to be captured; None without any."""
    began = (
        select(func.min(s.capture.c.fetched_at)).where(s.capture.c.day.between(first, last)).group_by(s.capture.c.day)
    )
    return max(connection.scalars(began), default=None)


def outcomes(connection: Connection, first: str, last: str, at: datetime) -> dict[str, Counter[str]]:
    """How often each platform's runs of those days ended with each outcome."""
    query = (
        select(s.platform.c.name, s.run.c.outcome, func.count())
        .join(s.platform, s.platform.c.id == s.run.c.platform_id)
        .where(s.run.c.day.between(first, last), s.run.c.outcome.is_not(None), s.run.c.ended_at <= at)
        .group_by(s.platform.c.name, s.run.c.outcome)
        .order_by(s.platform.c.name)
    )
    found: dict[str, Counter[str]] = {}
    for platform, outcome, count in connection.execute(query):
        found.setdefault(platform, Counter())[outcome] = count
    return found
