"""导出: which weeks there are, and an issue that stands in the list as soon as it was made."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adwatch.casework import sign_in
from adwatch.store import schema as s
from tests.conftest import FixedClock
from tests.console.browser import browsing
from tests.console.site import Site, opened, running, text
from tests.store.world import World, listing

NOW = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
WEEK, BEFORE = "2026-W48", "2026-W45"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """Two listings of this week, one of three weeks ago."""
    monkeypatch.setattr(sign_in, "COST", {"time_cost": 1, "memory_cost": 8, "parallelism": 1})
    with opened(tmp_path, FixedClock(NOW)) as office, running(office) as site:
        world = World(office.engine, NOW)
        for name, days in (("old", 18), ("1", 1), ("2", 0)):
            world.flag(listing(name), day=(NOW - timedelta(days)).date().isoformat())
        site.account("monitor", "monitor")
        site.account("viewer", "viewer")
        yield site


def rows_of(page: str) -> list[list[str]]:
    """Cells of the list of weeks, as text."""
    body = page[page.index("<tbody data-rows>") : page.index("</tbody>")]
    return [
        [" ".join(re.sub("<[^>]+>", " ", cell).split()) for cell in re.findall("<td.*?</td>", row, re.DOTALL)]
        for row in body.split("<tr data-row>")[1:]
    ]


def test_the_weeks_that_there_are_are_listed_and_an_issue_as_soon_as_it_was_made(site: Site) -> None:
    monitor, world = site.client("monitor"), World(site.office.engine, NOW)
    assert [row[:4] for row in rows_of(text(monitor.get("/exports")))] == [
        [WEEK, "2026-11-23 至 2026-11-29 未结束", "2 条", "未生成"],
        ["2026-W47", "2026-11-16 至 2026-11-22", "0 条", "未生成"],
        [BEFORE, "2026-11-02 至 2026-11-08", "1 条", "未生成"],
    ]
    made = monitor.post("/exports/make", {"week": BEFORE, "form": "csv"}, page="/exports")
    there = made.headers["location"]
    assert (made.status, there) == (303, f"/exports?get={BEFORE}/1.csv")
    first = monitor.get(there)
    assert f"已生成 {BEFORE} 第 1 版（1 条），开始下载" in text(first)
    assert rows_of(text(first))[-1][2:5] == ["1 条", "第 1 版", "2026-11-25 12:00"]
    assert first.headers["refresh"] == f"0; url=/exports/{BEFORE}/1.csv"
    monitor.cookies["adwatch_said"] = ""
    assert "refresh" not in monitor.get(there).headers, "a page that is loaded again takes nothing again"
    got = monitor.get(f"/exports/{BEFORE}/1.csv")
    assert got.headers["content-disposition"].endswith(f"{BEFORE}.csv")
    assert "商品old" in got.data.decode("utf-8-sig")
    again = monitor.post("/exports/make", {"week": BEFORE}, page="/exports")
    assert "此前已生成" in text(monitor.get(again.headers["location"]))
    monitor.post("/exports/make", {"week": BEFORE, "reissue": "true"}, page="/exports")
    assert [row[3] for row in rows_of(text(monitor.get("/exports")))[2:]] == ["第 2 版（更正版）", "第 1 版"]
    assert [(row["week"], row["issue"]) for row in world.rows(s.export_issue)] == [(BEFORE, 1), (BEFORE, 2)]
    assert [row["action"] for row in world.rows(s.audit_entry)].count("export.issue") == 2


def test_the_form_begins_with_the_last_week_that_is_over_and_says_the_days_of_each(site: Site) -> None:
    monitor = site.client("monitor")
    page = text(monitor.get("/exports"))
    assert chosen(page) == ("2026-W47", "2026-11-16 至 2026-11-22")
    assert f'<option value="{WEEK}" label="2026-11-23 至 2026-11-29（未结束' in page
    monitor.post("/exports/make", {"week": "2026-W47"}, page="/exports")
    week, said = chosen(text(monitor.get("/exports")))
    assert (week, "2026-11-29（未结束" in said) == (WEEK, True), "that week is issued, so the one that runs"


def test_an_office_that_began_this_week_begins_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_in, "COST", {"time_cost": 1, "memory_cost": 8, "parallelism": 1})
    with opened(tmp_path, FixedClock(NOW)) as office, running(office) as site:
        site.account("monitor", "monitor")
        assert chosen(text(site.client("monitor").get("/exports")))[0] == WEEK


def chosen(page: str) -> tuple[str, str]:
    """The week in the form and what stands beside it."""
    [week] = re.findall(r'name="week" value="([^"]*)" size', page)
    [said] = re.findall(r'data-said-by="week">([^<]*)<', page)
    return week, said


def test_what_is_no_file_of_ours_is_neither_taken_nor_given(site: Site) -> None:
    monitor, viewer = site.client("monitor"), site.client("viewer")
    made = monitor.post("/exports/make", {"week": WEEK}, page="/exports")
    assert made.headers["location"] == f"/exports?get={WEEK}/1.xlsx"
    for evil in ("//evil.example/1.csv", f"{WEEK}/1.csv;url=https://evil.example", "../sign-out"):
        monitor.post("/exports/make", {"week": WEEK}, page="/exports")
        assert "refresh" not in monitor.get(f"/exports?get={evil}").headers
    assert monitor.get(f"/exports/{WEEK}/2.csv").status == 404
    assert monitor.get(f"/exports/{WEEK}/1.exe").status == 404
    assert monitor.get("/exports/2026-W60/1.csv").status == 400
    assert monitor.post("/exports/make", {"week": WEEK, "form": "exe"}, page="/exports").status == 400
    assert viewer.get(f"/exports/{WEEK}/1.csv").status == 403
    assert "/1.csv" not in text(viewer.get("/exports"))


@pytest.mark.slow
def test_the_list_shows_the_issue_whose_file_the_browser_takes(site: Site, tmp_path: Path) -> None:
    with browsing(site, tmp_path) as seen:
        seen.sign_in("monitor")
        seen.go("/exports")
        seen.page.fill("input[name=week]", WEEK)
        assert seen.page.inner_text("[data-said-by=week]").startswith("2026-11-23 至 2026-11-29（未结束")
        seen.page.fill("input[name=week]", "2020-W01")
        assert seen.page.inner_text("[data-said-by=week]") == ""
        for form in ("xlsx", "jsonl"):
            seen.page.fill("input[name=week]", WEEK)
            seen.page.select_option("select[name=form]", form)
            with seen.page.expect_download() as taken:
                seen.page.click("button:text-is('生成并下载')")
            assert taken.value.suggested_filename == f"{WEEK}.{form}"
            assert "第 1 版" in seen.page.inner_text("tbody tr:first-child")
        seen.shoot("exports")
        with seen.page.expect_download() as taken:
            seen.page.click("tbody tr:first-child >> text=csv")
        assert "商品2" in Path(taken.value.path()).read_text(encoding="utf-8-sig")
        assert seen.alarms == []
        assert seen.foreign() == []
