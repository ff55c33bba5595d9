"""A demo whose simulated days have passed today says so on every page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adwatch.app.demo_day import FILE, Step, remember
from tests.console.site import Site, opened, running, text

SAID = "网页仍按本机今天的日期"


@pytest.mark.parametrize(("days", "shown"), [(None, False), (0, False), (20, True)])
def test_simulated_days_ahead_of_the_clock_are_said(tmp_path: Path, days: int | None, shown: bool) -> None:
    with opened(tmp_path) as office, running(office) as site:
        if days is not None:
            day = datetime.now(UTC).astimezone(office.settings.zone).date() + timedelta(days=days)
            remember(office.home, Step(21, day.isoformat()))
        assert page(site).count(SAID) == shown


def test_a_file_that_cannot_be_read_stops_no_page(tmp_path: Path) -> None:
    with opened(tmp_path) as office, running(office) as site:
        (office.home / FILE).write_text("no JSON", encoding="utf-8")
        assert SAID not in page(site)


def page(site: Site) -> str:
    site.account("lead", "head")
    return text(site.client("lead").get("/today"))
