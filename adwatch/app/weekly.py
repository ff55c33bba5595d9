"""The weekly list for a screen: which weeks there are, their issues, and each as a file."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import groupby
from typing import Any

from adwatch.app import casework
from adwatch.app.office import Office
from adwatch.casework.export import freeze, issue_file
from adwatch.casework.weekly import Tables, iso_week, week_days
from adwatch.errors import Unknown
from adwatch.models import Actor
from adwatch.store import exports as store
from adwatch.store.engine import reading

Row = dict[str, Any]
ISSUES, WEEKS = 60, 16
"""Issues, and weeks with something to list, that a screen shows: the newest."""
COUNTED = 1000
"""Listings of a week are counted so far."""


def weeks(office: Office) -> list[Row]:
    """Weeks that can be listed, newest first: week, first, last, whether it is ``over``, ``count`` of listings first
    flagged in it (None where it is not known, of older ones), ``issues`` (issue, as_of), newest first.

    Those with something to list, and those that were issued.
    """
    today = office.clock.now().astimezone(office.settings.zone).date()
    with reading(office.engine) as connection:
        flagged = store.weeks(connection, today.isoformat(), WEEKS, COUNTED)
        issued = store.issues(connection, ISSUES)
    counts = {iso_week(date.fromisoformat(monday)): count for monday, count in flagged}
    issues = {week: list(rows) for week, rows in groupby(issued, key=lambda row: str(row.week))}
    oldest = min(counts, default=iso_week(today))
    return [
        {
            "week": week,
            "first": (days := week_days(week))[0],
            "last": days[1],
            "over": days[1] < today,
            "count": counts.get(week, 0 if week >= oldest else None),
            "issues": [{"issue": row.issue, "as_of": row.as_of} for row in issues.get(week, [])],
        }
        for week in sorted({*counts, *issues, iso_week(today), iso_week(today - timedelta(7))}, reverse=True)
    ]


def next_due(rows: list[Row]) -> Row:
    """Of ``weeks`` the one to be issued next: the last that is over, where something was found by then and it was not
    issued yet; else the one that runs."""
    running, *older = [row for row in rows if not row["over"]][-1:] + [row for row in rows if row["over"]]
    finished = next(iter(older), running)
    begun = any(row["count"] for row in older)
    return finished if begun and not finished["issues"] else running


def made(office: Office, week: str, reissue: bool, actor: Actor) -> Row:
    """Freeze the list of a week where it is not, or anew: ``issue``, ``count`` of its rows, whether it is ``fresh``.

    ``actor``: who asked for it, as the audit log says.
    """
    casework.refuse_early(office, week)
    with reading(office.engine) as connection:
        before = len(store.issues_of(connection, week))
    infos, zone = casework.platform_infos(office), office.settings.zone
    tables = Tables(office.law, office.classes, office.families, infos, zone)
    issue = freeze(office.engine, week, None, office.clock.now(), reissue, tables, actor)
    return {"week": week, "issue": issue["issue"], "count": len(issue["rows"]), "fresh": issue["issue"] > before}


def file(office: Office, week: str, number: int, form: str) -> tuple[str, bytes]:
    """(name, bytes) of an issue; Unknown where there is none."""
    week_days(week)
    found = issue_file(office.engine, week, number, form, office.settings.zone)
    if found is None:
        raise Unknown(f"{week}: 没有第 {number} 版的 {form[:10]}")
    return found
