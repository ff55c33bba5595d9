"""The audit log says who issued a weekly list and who filled in and submitted a table: person, unit and role."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adwatch.app import casework, reports
from adwatch.casework import sign_in
from adwatch.store import schema as s
from tests.conftest import FixedClock
from tests.console.site import UNIT, Site, opened, running, text
from tests.store.world import World, listing

NOW = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
WEEK = "2026-W45"
NAME, KEY = "two_monthly", "2026-11"
HEAD = ("人员head", UNIT, "head")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr(sign_in, "COST", {"time_cost": 1, "memory_cost": 8, "parallelism": 1})
    with opened(tmp_path, FixedClock(NOW)) as office, running(office) as site:
        World(office.engine, NOW).flag(listing("1"), day="2026-11-05")
        site.account("head", "head")
        yield site


def _who(site: Site, action: str) -> list[tuple[Any, ...]]:
    rows = World(site.office.engine, NOW).rows(s.audit_entry, action=action)
    return [(row["person"], row["unit"], row["role"]) for row in rows]


def test_a_weekly_list_is_issued_by_who_asked_for_it(site: Site, tmp_path: Path) -> None:
    head = site.client("head")
    assert head.post("/exports/make", {"week": WEEK, "form": "csv"}, page="/exports").status == 303
    assert _who(site, "export.issue") == [HEAD]
    casework.export(site.office, WEEK, "csv", tmp_path, None, True)
    assert _who(site, "export.issue")[1:] == [("machine", UNIT, None)], "the command says for which unit"


def test_a_table_is_filled_in_submitted_and_restated_by_an_account(site: Site) -> None:
    head, page = site.client("head"), f"/reports/{NAME}/{KEY}"
    assert "<h2>小结（草稿）</h2>" in text(head.get(page))
    form = reports.form_of(site.office, NAME)
    column = next(each for each in form.columns if each.figure is None and each.kind == "number")
    entry = {"department": form.own, "column": column.id, "value": "3"}
    assert head.post(f"{page}/enter", entry, page=page).status == 303
    assert head.sure(f"{page}/submit", {"contact": "010"}, page=page).status == 303
    head.post(f"{page}/enter", {**entry, "value": "4"}, page=page)
    assert head.sure(f"{page}/submit", {"contact": "010", "reason": "补报"}, page=page).status == 303
    assert "<h2>小结</h2>" in text(head.get(f"{page}?issue=1")), "what was submitted is no draft"
    assert _who(site, "report.entered") == [HEAD, HEAD]
    assert _who(site, "report.submitted") == _who(site, "report.restated") == [HEAD]
