"""统计: tables in the order of the form, what was submitted found again, what is due soonest first, words in Chinese."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest
import urllib3

from adwatch.app import Office, reports, today
from adwatch.casework import sign_in
from adwatch.casework.report_table import DECLARED, OWN, TOTAL
from adwatch.store import schema as s
from adwatch.store.engine import writing
from tests.conftest import FixedClock
from tests.console.browser import browsing
from tests.console.site import Client, Site, hidden, opened, running, text

NAME, KEY = "two_monthly", "2026-11"
PAGE = f"/reports/{NAME}/{KEY}"
TITLE = "打击假冒安全生产资质证书专项行动情况统计表"
MONTHLY = "网络违法信息治理情况月报（次月2日报）"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A console on the last day of November."""
    monkeypatch.setattr(sign_in, "COST", {"time_cost": 1, "memory_cost": 8, "parallelism": 1})
    clock = FixedClock(datetime(2026, 11, 30, 2, tzinfo=UTC))
    with opened(tmp_path, clock) as office, running(office) as made:
        made.account("head", "head")
        yield made


@pytest.fixture
def head(site: Site) -> Client:
    return site.client("head")


def told(page: str) -> str:
    """What a page says, without its elements."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", page)).split())


def dues(page: str) -> list[str]:
    """Due days of the rows that name a table, in the page's order."""
    rows = re.findall(r'<tr[^>]*><td><a href="/reports/.*?</tr>', page)
    whole = [re.findall(r'"nowrap">(\d{4}-\d\d-\d\d)(?= ?<)', row) for row in rows]
    return [days[-1] for days in whole]


def test_a_submitted_table_is_in_the_order_of_the_form(site: Site, head: Client) -> None:
    reports.submit(site.office, NAME, KEY, "王芳", "010")
    wanted = [*reports.form_of(site.office, NAME).departments, TOTAL, OWN, DECLARED]
    for end in ("", "?issue=1"):
        body = text(head.get(PAGE + end)).partition("<tbody>")[2]
        assert re.findall(r"<tr><th>([^<]*)</th>", body) == wanted


def test_what_was_submitted_is_found_from_the_list_and_from_the_table(site: Site, head: Client) -> None:
    assert "已报送" not in told(text(head.get(PAGE)))
    assert 'name="reason"' not in text(head.get(PAGE)), "the first time nothing is corrected"
    reports.submit(site.office, NAME, KEY, "王芳", "010")
    reports.enter(site.office, NAME, KEY, None, "inspected", "3", "王芳")
    reports.restate(site.office, NAME, KEY, "李四", "010", "某县补报")
    for path in ("/reports", PAGE):
        page = text(head.get(path))
        for number, who in ((1, "王芳"), (2, "李四")):
            assert f'href="{PAGE}?issue={number}">第 {number} 次</a>' in page
            assert who in page
        assert "2026-11-30 10:00" in page
        assert "某县补报" in page
    assert 'name="reason" required' in text(head.get(PAGE))
    assert "第 2 次 （本页） · 2026-11-30 10:00 · 李四 · 更正理由： 某县补报" in told(text(head.get(f"{PAGE}?issue=2")))
    assert reports.issued(site.office, "monthly_2", KEY) == []


def test_what_is_due_soonest_stands_first_and_is_on_the_first_page(site: Site, head: Client) -> None:
    listed = dues(text(head.get("/reports")))
    assert listed[:3] == ["2026-12-02", "2026-12-23", "2026-12-25"]
    assert listed == sorted(listed)
    first = text(head.get("/today"))
    first = first[first.index("到期的统计表") :]
    assert dues(first)[:3] == listed[:3]
    assert "余 2 天" in first
    reports.submit(site.office, "monthly_2", "2026-11", "王芳", "010")
    every = reports.due(site.office, everything=True)
    states = [row["state"] in ("submitted", "before") for row in every]
    assert states == sorted(states), "what is done stands behind what waits"
    done = [row["due"] for row in every if row["state"] in ("submitted", "before")]
    assert done[0] == "2026-12-02"
    assert done == sorted(done, reverse=True)


def test_many_overdue_tables_leave_room_for_those_to_come(site: Site) -> None:
    office = site.office
    began(office)
    rows, overdue = today.tables(office)
    late = [row for row in rows if row["state"] == "overdue"]
    assert len(late) == today.TABLES < overdue
    assert overdue == sum(row["state"] == "overdue" for row in reports.due(office))
    assert f"<b>{overdue}</b>统计表逾期" in text(site.client("head").get("/today"))
    assert rows[: len(late)] == late
    assert late[-1] == [row for row in reports.due(office) if row["state"] == "overdue"][-1]
    assert rows[len(late)]["due"] == "2026-12-02"


def began(office: Office) -> None:
    """The office's first patrol was a year ago."""
    patrol = {"kind": "patrol", "day": "2025-11-20", "started_at": office.clock.now(), "counts": {}, "cursors": {}}
    with writing(office.engine) as connection:
        connection.execute(s.platform.insert().values(id=1, name="plaza", kind="html"))
        connection.execute(s.run.insert().values(platform_id=1, **patrol))


def test_what_fails_after_it_was_confirmed_says_why_and_leads_back(site: Site, head: Client) -> None:
    reports.submit(site.office, NAME, KEY, "王芳", "010")
    for reason, said in (("", "须写明更正理由"), ("补报", "与第 1 次报送相同")):
        answer = confirmed(site, head, {"contact": "010", "reason": reason})
        page = text(answer)
        [words] = re.findall(r'<p class="error"[^>]*>(.*?)</p>', page)
        assert said in words
        assert words.startswith(TITLE)
        [back] = re.findall(r'href="([^"]*)" data-back', page)
        assert back == PAGE
        assert head.get(back).status == 200


def confirmed(site: Site, head: Client, form: dict[str, str]) -> urllib3.BaseHTTPResponse:
    """The answer to the button of the page that asks, sent from that page as a browser does."""
    asked = text(head.post(f"{PAGE}/submit", form, PAGE))
    return head.ask("POST", f"{PAGE}/submit", hidden(asked), Referer=f"{site.base}{PAGE}/submit")


def test_the_page_that_asks_names_the_table_as_it_is_called(head: Client) -> None:
    for name, title in ((NAME, TITLE), ("monthly_2", MONTHLY)):
        asked = told(text(head.post(f"/reports/{name}/{KEY}/submit", {"contact": "010"}, PAGE)))
        assert f"请确认：固定并报送 {title} {KEY}" in asked
        assert name not in asked


def test_a_period_that_has_not_ended_is_named_before_it_is_frozen(site: Site, head: Client) -> None:
    said = {
        key: told(text(head.post(f"/reports/monthly_2/{key}/submit", {"contact": "010"}, PAGE)))
        for key in ("2026-10", "2026-11")
    }
    assert "期间至 2026-11-30，尚未结束" in said["2026-11"]
    assert "尚未结束" not in said["2026-10"]


def test_a_week_that_cannot_be_listed_says_why(head: Client) -> None:
    for week, said in (("2026-W50", "2026-W50: 这一周自 2026-12-07 起，尚未开始"), ("2026-W60", "没有这一周")):
        answer = head.post("/exports/make", {"week": week})
        assert answer.status == 400
        assert said in told(text(answer))


def test_groups_of_the_form_stand_over_their_columns(site: Site, head: Client) -> None:
    page = text(head.get(PAGE))
    assert '<th colspan="3">网络空间治理</th>' in page
    assert '<th colspan="4">立案查处</th>' in page
    heads = page[page.index("<thead>") : page.index("</thead>")]
    assert heads.count("<th>") + heads.count("<th ") == 1 + 17 + 2
    behind = told(text(head.get(f"{PAGE}/behind/online_transferred")))
    assert "网络空间治理 涉嫌犯罪的问题线索移交数量(项)" in behind
    assert "<th colspan" not in text(head.get(f"/reports/monthly_2/{KEY}")), "it has no groups"


@pytest.mark.slow
def test_names_of_rows_are_not_one_character_wide(site: Site, tmp_path: Path) -> None:
    with browsing(site, tmp_path, (1280, 720)) as seen:
        seen.sign_in("head")
        seen.go(PAGE)
        wide = seen.page.evaluate("[...document.querySelectorAll('tbody th')].map((each) => each.clientWidth)")
        assert len(wide) == 11
        assert min(wide) >= 80, "five characters"
        heads = (
            "[...document.querySelectorAll('thead tr:nth-child(2) th')].map((each) => getComputedStyle(each).position)"
        )
        assert set(seen.page.evaluate(heads)) == {"static"}, "only whose row it is stays when the rest is scrolled"
        seen.shoot("report-groups")
