"""Statutory working days of China (国务院办公厅's yearly notice, through chinesecalendar), with an office's own rows.

``holidays.csv`` (day, working: yes or no, note) is for years that the library does not know yet, and for
mistakes in it.
"""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

from adwatch.errors import SpecError, UsageError
from adwatch.tables import table_file

WORDS = {"yes": True, "no": False}


class WorkingDays:
    """Which days are worked, in the years that are known."""

    def __init__(self, data: Path | None = None) -> None:
        self.own = _own(table_file("holidays.csv", data))

    def works(self, day: date) -> bool:
        """Whether a day is a working day; UsageError for a year nobody knows: it is never guessed by the weekday."""
        import chinese_calendar  # type: ignore[import-untyped]

        if day in self.own:
            return self.own[day]
        try:
            return bool(chinese_calendar.is_workday(day))
        except NotImplementedError as error:
            if any(each.year == day.year for each in self.own):
                return day.weekday() < 5
            raise UsageError(
                f"{day.isoformat()}: {day.year} 年的节假日安排尚不知道；公布后更新 chinesecalendar，"
                "或者写入 ADWATCH_DATA 的 tables/holidays.csv"
                f" (the holidays of {day.year} are not known: update chinesecalendar, or write them there)"
            ) from error

    def shifted(self, day: date, shift: str) -> date:
        """The day itself, or the nearest working day ``after`` or ``before`` it; ``none`` leaves it."""
        step = {"after": timedelta(1), "before": timedelta(-1), "none": None}[shift]
        while step is not None and not self.works(day):
            day += step
        return day


def _own(file: Path) -> dict[date, bool]:
    found: dict[date, bool] = {}
    with file.open(encoding="utf-8-sig", newline="") as handle:
        reader = csv.DictReader(handle)
        if reader.fieldnames != ["day", "working", "note"]:
            raise SpecError(str(file), 1, "", "the columns must be day, working, note")
        for row in reader:
            try:
                found[date.fromisoformat(row["day"])] = WORDS[row["working"]]
            except (ValueError, KeyError, TypeError) as error:
                raise SpecError(str(file), reader.line_num, "", "write YYYY-MM-DD,yes or no,note") from error
    return found
