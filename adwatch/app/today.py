"""What 今日 shows: what came in, what waits for whom, what is overdue, how the platforms fare, tables due."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from adwatch.app import reports, routing, takedown, transfer
from adwatch.app.coverage import coverage
from adwatch.app.decisions import due
from adwatch.app.office import Office
from adwatch.app.rows import platform_labels
from adwatch.app.words import OUTCOMES, STATES
from adwatch.casework.lead_queue import count_each
from adwatch.store import reach as store
from adwatch.store.engine import reading
from adwatch.store.found_on import found_on
from adwatch.store.queue import Filters

SPAN = 14
"""Days of a platform's trend."""
MOST, MOST_LIMITED = 1000, 100
"""Figures are counted so far; beyond it a page says "1000+": of those whose limits leave few of many, to be quick."""
CLOCKS = 50
"""Cases of each clock and state that are looked at for what is overdue."""
TABLES = 8
"""Tables that are overdue, and those that fall due, each at most so many: the newest of those, the nearest of these."""
PAGE, DEEPEST = 50, 1000
"""Rows of a page of clocks, and how far the pages go: the earliest are what is to be done."""

Row = dict[str, Any]


def most(limited: bool) -> int:
    """How far is counted for an account."""
    return MOST_LIMITED if limited else MOST


def _most(limits: Filters) -> int:
    return most(bool(limits.only_regions or limits.only_families))


def figures(office: Office, limits: Filters) -> list[Row]:
    """(label, count, what chooses it in the queue) of what came in and what waits, within a person's limits."""
    today = _today(office).isoformat()
    wanted = [
        ("今日发现", {"states": (), "opened_from": today, "opened_to": today}, {"state": "all", "age": today}),
        *((STATES[state], {"states": (state,)}, {"state": state}) for state in WAITING),
    ]
    choices = [replace(limits, **values) for _, values, _ in wanted]  # type: ignore[arg-type]
    counts = count_each(office.engine, choices, _most(limits))
    return [
        {"label": label, "count": count, "address": address}
        for (label, _, address), count in zip(wanted, counts, strict=True)
    ]


WAITING = ("screening", "reopened", "registered", "doubtful", "confirmed")
"""States in which something waits for a person."""


def owners(office: Office, limits: Filters) -> list[Row]:
    """Registered leads by the authority that they wait for."""
    authorities = list(routing.routing_of(office).authorities.values())
    with reading(office.engine) as connection:
        known = set(store.owners(connection))
    asked = [one for one in authorities if one.id in known]
    choices = [replace(limits, states=("registered",), owner=one.id) for one in asked]
    counts = count_each(office.engine, choices, _most(limits))
    rows = [
        {"id": one.id, "label": one.label, "count": count} for one, count in zip(asked, counts, strict=True) if count
    ]
    return sorted(rows, key=lambda row: -row["count"])


def overdue(office: Office) -> tuple[list[Row], list[Row]]:
    """(clocks that have run out, those that run out next), the earliest first."""
    rows = due(office, most=CLOCKS)
    late = [row for row in rows if row["overdue"]]
    return late[:CLOCKS], [row for row in rows if not row["overdue"]][:10]


def clocks(office: Office, skip: int) -> tuple[list[Row], bool]:
    """A page of all clocks that run, what is due first at the front, and whether another page follows."""
    rows = due(office, most=skip + PAGE + 1)[skip : skip + PAGE + 1]
    return rows[:PAGE], len(rows) > PAGE and skip + PAGE < DEEPEST


def late_letters(office: Office, limits: Filters | None) -> int:
    """Letters to platforms of which 下架 says 待催办, within a person's limits."""
    return takedown.due_page(office, limits, 0)[1]


def late_transfers(office: Office, limits: Filters | None) -> int:
    """Clocks of transfers that have run out, as 移送 lists them, within a person's limits."""
    return len(transfer.due(office, overdue=True, limits=limits))


def platforms(office: Office, limits: Filters) -> list[Row]:
    """Every platform that was looked at in the last days: its newest outcome and a trend, a place for each day.

    ``found``: its leads that were found on that newest day, within a person's limits; None on a day with very many.
    """
    today = _today(office)
    days = [(today - timedelta(back)).isoformat() for back in range(SPAN - 1, -1, -1)]
    by_name: dict[str, dict[str, Row]] = {}
    for row in coverage(office.engine, days[0], days[-1]):
        by_name.setdefault(row["platform"], {})[row["day"]] = row
    found, labels = [], platform_labels(office)
    for name, rows in by_name.items():
        newest = rows[max(rows)]
        top = max((row["seen"] for row in rows.values()), default=0)
        trend = []
        for place, day in enumerate(days):
            if day in rows:
                height = max(1, round(22 * rows[day]["seen"] / top)) if top else 1
                bad = rows[day]["outcome"] not in ("ok", "empty")
                trend.append({"x": place * 10, "day": day, "height": height, "bad": bad, "row": rows[day]})
        label = OUTCOMES.get(newest["outcome"] or "", newest["outcome"] or "未完成")
        found.append({**newest, "label": labels.get(name, name), "outcome_label": label, "trend": trend})
    with reading(office.engine) as connection:
        counts = found_on(connection, {row["day"] for row in found}, limits)
    for row in found:
        count = counts[row["day"]]
        row["found"] = None if count is None else count.get(row["platform"], 0)
    worst = list(OUTCOMES)
    return sorted(found, key=lambda row: (-worst.index(row["outcome"]) if row["outcome"] in worst else 0, row["label"]))


def tables(office: Office) -> tuple[list[Row], int]:
    """Tables that are overdue, then those that fall due, the nearest first; and how many are overdue at all."""
    rows = reports.due(office)
    late = [row for row in rows if row["state"] == "overdue"]
    return late[-TABLES:] + [row for row in rows if row["state"] != "overdue"][:TABLES], len(late)


def _today(office: Office) -> date:
    return office.clock.now().astimezone(office.settings.zone).date()
