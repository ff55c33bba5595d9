"""Clocks of transfers, computed when read from their steps; what is overdue is shown, and where a fine came first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from sqlalchemy import Connection, Engine, select

from adwatch.casework.clocks import PROVISIONAL, deadline
from adwatch.casework.transfer_table import KINDS
from adwatch.store import inside
from adwatch.store import schema as s
from adwatch.store import transfers as store
from adwatch.store.engine import reading
from adwatch.store.filters import Filters
from adwatch.tables.holidays import WorkingDays
from adwatch.tables.transfer_clocks import UNITS, TransferClock

Row = dict[str, Any]


def due_rows(
    engine: Engine,
    clocks: Sequence[TransferClock],
    calendar: WorkingDays,
    *,
    now: datetime,
    zone: tzinfo,
    overdue: bool = False,
    limits: Filters | None = None,
) -> list[Row]:
    """Clocks that run, and cases that were fined while the transfer of a crime is not sent (310号令第十一条).

    ``overdue``: only what has run out; ``limits``: a person's. What is due first comes first.
    """
    ends = Ends(calendar, zone)
    with reading(engine) as connection:
        rows = [row for each in store.open_ones(connection, limits) for row in running(each, clocks, ends, now)]
        rows += _fined(connection, zone, limits)
    rows = [row for row in rows if row["overdue"] or not overdue]
    return sorted(rows, key=lambda row: (row["due_at"], row["number"], row["clock"]))


def running(transfer: Row, clocks: Sequence[TransferClock], ends: Ends, now: datetime) -> list[Row]:
    """Clocks of a transfer that run now: begun with its last step of that name, and with no end since."""
    rows = []
    for clock in clocks:
        if clock.kind != transfer["kind"]:
            continue
        begun = [at for at, step in enumerate(transfer["steps"]) if step["step"] == clock.starts]
        if not begun or any(step["step"] in clock.ends for step in transfer["steps"][begun[-1] :]):
            continue
        started = transfer["steps"][begun[-1]]["at"]
        end, provisional = ends.of(clock, started)
        zone = ends.zone
        rows.append(
            {
                "number": transfer["number"],
                "kind": transfer["kind"],
                "kind_label": KINDS[transfer["kind"]].label,
                "step": transfer["step"],
                "step_label": KINDS[transfer["kind"]].steps[transfer["step"]].label,
                "receiver": transfer["receiver"],
                "clock": clock.id,
                "clock_label": clock.label,
                "amount": f"{clock.amount}{UNITS[clock.unit]}",
                "started_at": started.astimezone(zone).isoformat(timespec="minutes"),
                "due_at": end.astimezone(zone).isoformat(timespec="minutes"),
                "overdue": end < now,
                "provisional": PROVISIONAL if provisional else None,
                "article": clock.article,
                "note": clock.note,
            }
        )
    return rows


class Ends:
    """Ends of clocks, counted once for each day: many transfers begin on one."""

    def __init__(self, calendar: WorkingDays, zone: tzinfo) -> None:
        self.calendar, self.zone = calendar, zone
        self.known: dict[tuple[date, int, str], tuple[datetime, bool]] = {}

    def of(self, clock: TransferClock, started: datetime) -> tuple[datetime, bool]:
        """The last moment in time, and whether it lies in a year whose holidays nobody knows yet."""
        if clock.unit == "hours":
            return started + timedelta(hours=clock.amount), False
        day = started.astimezone(self.zone).date()
        key = day, clock.amount, clock.unit
        if key not in self.known:
            found = deadline(self.calendar, day, clock.amount, clock.unit)
            last = datetime.combine(found.day, time(23, 59, 59), self.zone).astimezone(UTC)
            self.known[key] = last, found.provisional
        return self.known[key]


def _fined(connection: Connection, zone: tzinfo, limits: Filters | None) -> list[Row]:
    """Cases that were fined while their 涉刑 track waits to be sent: no fine in place of a transfer."""
    crime, fine = s.track.alias("crime"), s.track.alias("fine")
    query = (
        select(s.case.c.id, s.case.c.lead_number, fine.c.moved_at)
        .join(crime, (crime.c.case_id == s.case.c.id) & (crime.c.track == "crime"))
        .join(fine, (fine.c.case_id == s.case.c.id) & (fine.c.track == "investigation"))
        .where(crime.c.step.in_(("preparing", "approved")), fine.c.step == "punished")
        .where(*inside.of_case(limits))
        .order_by(s.case.c.id)
    )
    rows = []
    for row in connection.execute(query):
        fined = row.moved_at.astimezone(zone).isoformat(timespec="minutes")
        rows.append(
            {
                "number": row.lead_number or str(row.id),
                "kind": "case",
                "kind_label": KINDS["case"].label,
                "step": "draft",
                "step_label": "已处罚、未移送",
                "receiver": "",
                "clock": "no_fine_instead",
                "clock_label": "不得以行政处罚代替移送",
                "amount": "",
                "started_at": fined,
                "due_at": fined,
                "overdue": True,
                "provisional": None,
                "article": "国务院令第310号第十一条",
                "note": "",
            }
        )
    return rows
