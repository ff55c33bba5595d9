"""Periods of a table and the days on which they are due, working days counted by the statutory calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from adwatch.errors import UsageError
from adwatch.tables.holidays import WorkingDays
from adwatch.tables.report_form import Form


@dataclass(frozen=True, slots=True)
class Period:
    """What one table speaks of."""

    key: str
    """Month of its last day, YYYY-MM; the year of a yearly table."""
    first: date
    last: date
    nominal: date
    """Day on which it is due by the calendar, working day or not."""

    def due(self, form: Form, working: WorkingDays) -> date:
        """The day on which it is due; UsageError where that year's holidays are not known."""
        return working.shifted(self.nominal, form.calendar.shift)


def periods(form: Form, until: date) -> list[Period]:
    """Periods whose nominal due day lies from the calendar's start to a day, oldest first."""
    calendar = form.calendar
    found = []
    for year in range(calendar.start.year, until.year + 1):
        for month in sorted(set(calendar.due.months)):
            due = date(year, month, calendar.due.day)
            if calendar.start <= due <= until:
                found.append(_period(form, due))
    return found


def period(form: Form, key: str) -> Period:
    """The period of that name; UsageError that says which there are."""
    year = int(key[:4]) if key[:4].isascii() and key[:4].isdecimal() else 0
    near = periods(form, date(year + 1, 12, 31)) if form.calendar.start.year <= year + 1 < 9000 else []
    for each in near:
        if each.key == key:
            return each
    names = [each.key for each in near if abs(each.last.year - year) <= 1] or [
        each.key for each in periods(form, form.calendar.start + timedelta(days=400))
    ]
    raise UsageError(f"{form.name}: 没有期次 {key[:20]!r}（自 {form.calendar.start} 起）；如: {'、'.join(names[:14])}")


def _period(form: Form, due: date) -> Period:
    covers = form.calendar.covers
    if covers.year_before:
        return Period(str(due.year - 1), date(due.year - 1, 1, 1), date(due.year - 1, 12, 31), due)
    if covers.months_before is not None:
        last = due.replace(day=1) - timedelta(1)
        first = _months_back(due.replace(day=1), covers.months_before)
    elif covers.from_day is not None:
        last = due.replace(day=covers.from_day) - timedelta(1)
        first = _months_back(due.replace(day=1), 1).replace(day=covers.from_day)
    else:
        first, last = due.replace(day=1), due
    return Period(last.strftime("%Y-%m"), first, last, due)


def _months_back(day: date, count: int) -> date:
    months = day.year * 12 + day.month - 1 - count
    return day.replace(year=months // 12, month=months % 12 + 1)


def due_row(
    form: Form, one: Period, submitted: bool, today: date, working: WorkingDays, begun: date | None = None
) -> dict[str, Any]:
    """One line of what is due; ``problem`` says why a due day is not known.

    ``begun``: when the office began; what ended before it was never the office's to hand in, and is not overdue.
    """
    row: dict[str, Any] = {
        "form": form.name,
        "title": form.title,
        "period": one.key,
        "first": one.first.isoformat(),
        "last": one.last.isoformat(),
        "nominal": one.nominal.isoformat(),
        "due": None,
        "days_left": None,
        "problem": "",
    }
    early = begun is not None and one.last < begun
    try:
        due = one.due(form, working)
    except UsageError as error:
        row["problem"] = str(error)
        row["state"] = "submitted" if submitted else "before" if early else "unknown"
        return row
    row.update(due=due.isoformat(), days_left=(due - today).days)
    if submitted:
        row["state"] = "submitted"
    elif early:
        row["state"] = "before"
    elif due < today:
        row["state"] = "overdue"
    else:
        row["state"] = "due" if one.last < today or due <= today else "running"
    return row


STATES = {
    "submitted": "已报送",
    "overdue": "逾期",
    "due": "待报",
    "running": "未到期",
    "before": "启用前",
    "unknown": "节假日未知",
}
"""Chinese names of the states."""
