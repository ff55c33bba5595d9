"""The demo's table of each month held against the world's truth: which listings stand behind a figure and ought to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from adwatch.app import reports
from adwatch.app.demo_day import Step, last_step
from adwatch.app.office import Office, open_office
from adwatch.errors import UsageError
from adwatch.store import schema as s
from adwatch.store.engine import reading
from adwatch.store.reports import keys_of
from adwatch_demo import SITES
from adwatch_demo.table_truth import ever_offered, removed_on

FORM = "monthly_2"
"""The table that is held: one month each, with every figure that this system computes."""
COLUMNS = ("found", "removed", "online_transferred")
SCOPE = "safety_production"

_OF_THE_DEMO = (
    select(s.listing.c.native_id)
    .join(s.platform, s.platform.c.id == s.listing.c.platform_id)
    .where(s.platform.c.name.in_(SITES.values()))
)


@dataclass(frozen=True, slots=True)
class Held:
    """One figure of a month."""

    month: str
    """2026-11."""
    column: str
    """Id of the column."""
    heading: str
    """As it stands in the form."""
    shown: int
    """The figure."""
    outside: int
    """How many of what stands behind it are none of the demo's sites: the truth says nothing of them."""
    wrong: tuple[int, ...]
    """Cases whose listings stand behind it and ought not to."""
    missing: tuple[int, ...]
    """Cases whose listings ought to; only of removals: what is confirmed and transferred, people decide."""

    @property
    def holds(self) -> bool:
        """Whether the figure is what the truth says."""
        return not self.wrong and not self.missing


def hold_table() -> list[Held]:
    """``held`` of the last simulated day."""
    with open_office() as office:
        step = last_step(office.home)
        if step is None or step.number < 1:
            raise UsageError("nothing was patrolled yet; run adwatch demo first")
        return held(office, step)


def held(office: Office, step: Step) -> list[Held]:
    """Figures of the months of the simulated days so far.

    Behind 甄别属实 and 移交 stands only what was an offer on some day: who mended it later did offer it. Behind 清理
    stands what was in a letter, was really off its site on two days on which it was looked at, with none between on
    which it stood, and is a safety certificate's; the second of these days lies in the month.
    """
    offers = ever_offered(step.number)
    removed, cases = _removed(office, step), _cases(office)
    found: list[Held] = []
    for month in sorted({(step.first + timedelta(days=number)).isoformat()[:7] for number in range(step.number)}):
        table = reports.content(office, FORM, month)
        headings = {each["id"]: each["heading"] for each in table["columns"]}
        for column in COLUMNS:
            figure = reports.count_behind(table, column)
            behind = set(_behind(office, table, column))
            ought = behind & offers if column != "removed" else removed[month]
            pair = (tuple(sorted(cases[name] for name in names)) for names in (behind - ought, ought - behind))
            found.append(Held(month, column, headings[column], figure, figure - len(behind), *pair))
    return found


def _behind(office: Office, table: dict[str, Any], column: str) -> Iterator[str]:
    """Native ids of the demo's listings behind a figure."""
    ids = [row["listing_id"] for row in reports.behind(office, table, column) if row["source"] == "computed"]
    with reading(office.engine) as connection:
        keys = keys_of(connection, ids).values()
        yield from connection.scalars(_OF_THE_DEMO.where(s.listing.c.id.in_(keys)))


def _cases(office: Office) -> dict[str, int]:
    """Case of each of the demo's listings that has one."""
    link = s.case_listing.c
    query = _OF_THE_DEMO.add_columns(link.case_id).where(link.listing_id == s.listing.c.id)
    with reading(office.engine) as connection:
        return {str(name): int(case) for name, case in connection.execute(query)}


def _removed(office: Office, step: Step) -> dict[str, set[str]]:
    """Native ids of each month that were removed in truth, as far as they were looked at."""
    look = s.takedown_check.c
    query = _OF_THE_DEMO.add_columns(look.day).where(look.listing_id == s.listing.c.id, look.word != "unknown")
    days: dict[str, set[int]] = defaultdict(set)
    with reading(office.engine) as connection:
        for name, day in connection.execute(query):
            days[name].add((date.fromisoformat(str(day)) - step.first).days + 1)
    months: dict[str, set[str]] = defaultdict(set)
    for name, looked in days.items():
        for number in removed_on({name}, looked, SCOPE).values():
            months[(step.first + timedelta(days=number - 1)).isoformat()[:7]].add(name)
    return months
