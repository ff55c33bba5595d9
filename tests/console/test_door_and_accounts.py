"""A session that has ended says so and leads back; accounts of one name are told apart; 停用 is asked for first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from adwatch.app import accounts, decisions, sites
from adwatch.casework import sign_in
from adwatch.models import Actor
from adwatch.store import schema as s
from tests.console.browser import browsing
from tests.console.site import PASSWORD, UNIT, Client, Site, opened, running, text
from tests.store.world import World

HEAD = Actor("人员head", UNIT, "head")
ENDED = "登录已失效，请重新登录"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr(sign_in, "COST", {"time_cost": 1, "memory_cost": 8, "parallelism": 1})
    with opened(tmp_path) as office, running(office) as site:
        for role in ("head", "admin"):
            site.account(role, role)
        yield site


def ended(site: Site, client: Client) -> None:
    """The session ends in the store, as another tab or an administrator ends it; the browser keeps its cookie."""
    other = Client(site.base, dict(client.cookies))
    assert other.post("/sign-out").status == 303


def through_the_door(client: Client, where: str) -> str:
    """Signs in by the page that an answer led to; where that leads on to."""
    page = text(client.get(where))
    assert ENDED in page
    [onward] = re.findall(r'name="next" value="([^"]*)"', page)
    [token] = re.findall(r'name="csrf" value="([^"]+)"', page)
    form = {"csrf": token, "name": "head", "password": PASSWORD, "next": unescape(onward)}
    return client.ask("POST", "/sign-in", form).headers["location"]


def test_a_session_that_ended_says_so_and_the_sign_in_leads_back(site: Site) -> None:
    page, referer = "/queue?state=confirmed", {"Referer": f"{site.base}/queue?state=confirmed"}
    client = site.client("head")
    ended(site, client)
    assert through_the_door(client, client.get(page).headers["location"]) == page
    ended(site, client)
    refused = client.ask("POST", "/queue/act", {"verb": "confirm"}, **referer)
    assert through_the_door(client, refused.headers["location"]) == page, "a form leads back to its page"
    ended(site, client)
    part = client.get("/today/letters", **{"HX-Request": "true", "Referer": f"{site.base}/today"})
    assert through_the_door(client, part.headers["hx-redirect"]) == "/today", "a part leads to its page"


def test_a_browser_without_the_cookie_is_told_only_where_it_was_inside(site: Site) -> None:
    stranger = Client(site.base)
    first = stranger.get("/queue")
    assert first.headers["location"] == "/sign-in?next=%2Fqueue"
    assert ENDED not in text(stranger.get(first.headers["location"]))
    clicked = stranger.get("/queue", Referer=f"{site.base}/today")
    assert ENDED in text(stranger.get(clicked.headers["location"])), "signed out in another tab"
    foreign = stranger.get("/queue", Referer="https://evil.example/today")
    assert ENDED not in text(stranger.get(foreign.headers["location"]))


@pytest.mark.slow
def test_signed_out_in_another_tab_one_comes_back_to_the_page(site: Site, tmp_path: Path) -> None:
    with browsing(site, tmp_path) as seen:
        seen.sign_in("head")
        seen.go("/reports?everything=true")
        other = seen.page.context.new_page()
        other.goto(f"{site.base}/today")
        other.click("text=退出")
        other.wait_for_url("**/sign-in")
        seen.page.click("nav >> text=下架")
        seen.page.wait_for_selector(f"text={ENDED}")
        seen.page.fill("input[name=name]", "head")
        seen.page.fill("input[name=password]", PASSWORD)
        seen.page.press("input[name=password]", "Enter")
        seen.page.wait_for_url("**/takedown")


def test_two_accounts_of_one_name_are_told(site: Site) -> None:
    admin = site.client("admin")
    form = {"person": "王芳", "unit": UNIT, "role": "reviewer"}
    made = admin.post("/accounts/add", {"name": "wangfang", **form}, page="/accounts")
    assert "同名" not in text(made)
    made = admin.post("/accounts/add", {"name": "wangfang2", **form}, page="/accounts")
    assert "与账号 wangfang 同名" in text(made)
    assert text(admin.get("/accounts")).count(">重名<") == 2
    assert admin.sure("/accounts/wangfang/active", {"active": "false"}, page="/accounts").status == 303
    assert ">重名<" not in text(admin.get("/accounts")), "one of them cannot act any more"


def test_disabling_is_asked_for_first_and_enabling_is_not(site: Site) -> None:
    admin = site.client("admin")
    asked = text(admin.post("/accounts/head/active", {"active": "false"}, page="/accounts"))
    assert "请确认：停用账号 head" in asked and "会话" in asked
    assert all(row["active"] for row in accounts.list_accounts(site.office))
    assert admin.sure("/accounts/head/active", {"active": "false"}, page="/accounts").status == 303
    assert [row["active"] for row in accounts.list_accounts(site.office) if row["name"] == "head"] == [False]
    assert admin.post("/accounts/head/active", {"active": "true"}, page="/accounts").status == 303
    assert all(row["active"] for row in accounts.list_accounts(site.office))


@pytest.mark.parametrize(("kind", "label"), [("account", "公众号"), ("app", "应用"), ("mini_program", "小程序")])
def test_of_what_nothing_looks_at_the_page_says_how_people_enter_its_closing(site: Site, kind: str, label: str) -> None:
    office, head = site.office, site.client("head")
    number = sites.add(office, kind, "国家安全生产考试查询", HEAD)["id"]
    page = f"/sites/{number}"
    for verb in ("register", "confirm"):
        assert head.post(f"{page}/act", {"verb": verb, "reason": "冒用名义"}, page=page).status == 303
    assert head.post(f"{page}/route", page=page).status == 303
    shown = text(head.get(page))
    assert "每日核验" not in shown
    assert label in shown and "由人查看" in shown and "“网站”分线" in shown
    [case] = World(office.engine).rows(s.case)
    decisions.move_track(office, [case["id"]], "site", "to_cac", HEAD)
    for step in ("首次核验已关停", "两次核验已关停"):
        assert step in shown
        [track] = [each for each in decisions.tracks_of(office, [case["id"]])[case["id"]] if each["track"] == "site"]
        to = next(each["to"] for each in track["next"] if each["label"] == step)
        form = {"track": "site", "to": to}
        assert head.post(f"/cases/{case['id']}/track", form, page=f"/cases/{case['id']}").status == 303
    [track] = [row for row in World(office.engine).rows(s.track) if row["track"] == "site"]
    assert (track["step"], track["closed_at"] is not None) == ("verified", True)
