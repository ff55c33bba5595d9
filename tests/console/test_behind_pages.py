"""What is behind a cell, page by page: every listing once, of the standing table and of what was submitted."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from adwatch.app import reports
from adwatch.console.screens import reports as screen
from adwatch.store import schema as s
from adwatch.store.engine import writing
from tests.conftest import FixedClock
from tests.console.site import Client, opened, running, take_in, text
from tests.store.world import NOON

COUNT = 7


def pages_of(client: Client, path: str) -> list[list[str]]:
    """Numbers of the cases that each page lists, from the first on."""
    found: list[list[str]] = []
    while path:
        page = text(client.get(path))
        found.append(re.findall(r'href="/cases/(\d+)"', page))
        more = re.search(r'href="([^"]+)" data-more', page)
        path = more[1].replace("&amp;", "&") if more else ""
    return found


def test_each_listing_stands_on_one_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screen, "SHOWN", 3)
    with opened(tmp_path, FixedClock(NOON)) as office:
        today = office.clock.now().astimezone(office.settings.zone).date()
        rows: list[dict[str, Any]] = [
            {"id": f"a{n}", "title": "低压电工证免考", "text": f"低压电工证免考，不用到场 {n}", "seller": f"s{n}"}
            for n in range(COUNT)
        ]
        take_in(office, tmp_path, rows, today.isoformat(), "demo_shop")
        name, key, column = "two_monthly", "2026-11", "online_transferred"
        with writing(office.engine) as connection:
            cases = list(connection.execute(s.case.select()).scalars())
            for case in cases:
                who = {"person": "李四", "unit": "某局", "reason": "", "may_train": False}
                at = office.clock.now() - timedelta(minutes=1)
                connection.execute(s.decision.insert().values(case_id=case, result="confirm", at=at, **who))
        reports.count_leads(office, name, column, cases, today, "王芳")
        assert len(cases) == COUNT
        reports.submit(office, name, key, "王芳", "010")
        with running(office) as site:
            site.account("head", "head")
            client = site.client("head")
            for end in ("", "?issue=1"):
                listed = pages_of(client, f"/reports/{name}/{key}/behind/{column}{end}")
                assert [len(each) for each in listed] == [3, 3, 1]
                page = text(client.get(f"/reports/{name}/{key}/behind/{column}{end}"))
                assert page.count(f"<td>{office.platforms['demo_shop'].label}（demo_shop）</td>") == 3
                assert sorted(int(number) for each in listed for number in each) == sorted(cases)
