"""Under the demo the console's today is the simulated day, and every page says so."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from adwatch.app.demo_day import FILE, OfficeClock, Step, begin, last_step, remember
from adwatch.app.office import Office
from adwatch.errors import UsageError
from tests.console.site import Site, opened, running, text

SAID = "本系统现以"


def _office(folder: Path) -> Office:
    """By the machine's clock and what the demo has done with it."""
    return opened(folder, OfficeClock(folder / "home"))


def today(office: Office) -> date:
    """By the machine's clock."""
    return datetime.now(UTC).astimezone(office.settings.zone).date()


def simulated(office: Office, days: int) -> Step:
    """A day so far from the machine's is begun."""
    return begin(office.home, Step(21, (today(office) + timedelta(days=days)).isoformat()), office.settings.zone)


@pytest.mark.parametrize("days", [None, 0, 20, -9])
def test_a_simulated_day_is_today_and_every_page_says_so(tmp_path: Path, days: int | None) -> None:
    with _office(tmp_path) as office, running(office) as site:
        if days is not None:
            simulated(office, days)
        day = (today(office) + timedelta(days=days or 0)).isoformat()
        shown = page(site)
        assert shown.count(SAID) == (1 if days else 0)
        assert f"现以 {day} 为今天" in shown or not days
        assert office.clock.now().astimezone(office.settings.zone).date().isoformat() == day


def test_a_file_that_cannot_be_read_stops_no_page(tmp_path: Path) -> None:
    with _office(tmp_path) as office, running(office) as site:
        (office.home / FILE).write_text("no JSON", encoding="utf-8")
        assert SAID not in page(site)
        assert abs(OfficeClock(office.home).now() - datetime.now(UTC)) < timedelta(minutes=1)


def test_the_clock_is_never_put_back(tmp_path: Path) -> None:
    """Where the machine's days went by faster than the demo's, its day lies behind the clock, as a day's rerun does."""
    with _office(tmp_path) as office:
        assert simulated(office, 7).ahead == 7
        before = office.clock.now()
        assert simulated(office, 3).ahead == 7
        assert office.clock.now() >= before
        remember(office.home, Step(22, today(office).isoformat(), ahead=9))
        assert office.clock.now() - before > timedelta(days=1), "an open console goes on"


@pytest.mark.parametrize("state", ["[]", '{"number": 1}', '{"number": 1, "day": "2026-11-30", "ahead": "x"}'])
def test_a_damaged_file_is_named(tmp_path: Path, state: str) -> None:
    (tmp_path / FILE).write_text(state, encoding="utf-8")
    with pytest.raises(UsageError, match=FILE):
        last_step(tmp_path)


def page(site: Site) -> str:
    site.account("lead", "head")
    return text(site.client("lead").get("/today"))
