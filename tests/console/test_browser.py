"""The way of a fresh hit to a finding in a real browser: by clicking, and by keys alone; every screen is photographed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from adwatch.app import accounts
from adwatch.app.casework import show_case
from adwatch.app.queue import Filters, lead_page
from tests.conftest import FixedClock
from tests.console.browser import SIZES, browsing
from tests.console.conftest import DAY, NOW, OFFERS
from tests.console.site import PASSWORD, UNIT, Site, opened, running, take_in

pytestmark = pytest.mark.slow
SCREENS = (
    "/today",
    "/queue",
    "/reports",
    "/reports/two_monthly/2026-11",
    "/exports",
    "/coverage",
    "/keywords",
    "/audit",
    "/settings",
)


def decided(site: Site) -> dict[int, str]:
    rows, _ = lead_page(site.office, Filters(), None, 50)
    return {row["case_id"]: row["state"] for row in rows if row["state"] not in ("screening", "registered")}


def test_by_clicking_from_the_one_time_link_to_a_finding(tmp_path: Path) -> None:
    with opened(tmp_path, FixedClock(NOW)) as office:
        take_in(office, tmp_path, OFFERS, DAY)
        token = accounts.first_link(office)
        with running(office) as site, browsing(site, tmp_path) as seen:
            page = seen.page
            page.goto(f"{site.base}/link/{token}")
            for name, value in (("name", "admin"), ("person", "王芳"), ("password", PASSWORD), ("again", PASSWORD)):
                page.fill(f"input[name={name}]", value)
            assert page.input_value("input[name=unit]") == UNIT
            page.click("button:text-is('设定')")
            page.fill("input[name=password]", PASSWORD)
            page.click("button:has-text('登录')")
            page.wait_for_url("**/today")
            page.click("nav >> text=账号")
            for name, value in (("name", "lisi"), ("person", "李四")):
                page.fill(f"input[name={name}]", value)
            page.click("text=开设，签发一次性链接")
            link = page.inner_text("#link")
            page.click("text=退出")
            page.goto(link)
            page.fill("input[name=password]", PASSWORD)
            page.fill("input[name=again]", PASSWORD)
            page.click("button:text-is('设定')")
            page.fill("input[name=password]", PASSWORD)
            page.click("button:has-text('登录')")
            page.click("a.figure:has-text('待初筛')")
            page.click("tbody tr:first-child a")
            case = int(page.url.split("/cases/")[1].partition("?")[0])
            assert page.locator("mark").count() > 0
            page.click("button:has-text('属实'):not(:has-text('不'))")
            page.select_option("#decide select[name=code]", "C01")
            page.fill("#decide textarea", "承诺免考")
            page.click("#decide >> text=提交")
            page.wait_for_url(lambda url: "/cases/" in url and f"/cases/{case}" not in url)
            assert "属实" in page.inner_text(".said")
            page.click("text=撤销上一条")
            page.wait_for_url(f"**/cases/{case}")
            assert "已撤销" in page.inner_text(".said")
            page.click("button:has-text('属实'):not(:has-text('不'))")
            page.fill("#decide textarea", "承诺免考，已核对")
            page.click("#decide >> text=提交")
            page.wait_for_url(lambda url: f"/cases/{case}" not in url)
            found = show_case(office, case)
            assert found["state"] == "confirmed"
            assert [(each["result"], each["person"]) for each in found["decisions"]][-1] == ("confirm", "李四")
            assert seen.alarms == [] and seen.foreign() == []


def test_by_keys_alone(site: Site, tmp_path: Path) -> None:
    with browsing(site, tmp_path, SIZES[1]) as seen:
        page, keys = seen.page, seen.page.keyboard
        seen.sign_in("head")
        keys.press("g")
        keys.press("2")
        page.wait_for_url("**/queue*")
        before = page.locator("tr.at").inner_text()
        keys.press("j")
        assert page.locator("tr.at").inner_text() != before
        keys.press("x")
        keys.press("x")
        keys.press("Enter")
        page.wait_for_url("**/cases/*")
        first = int(page.url.split("/cases/")[1].partition("?")[0])
        seen.shoot("keys-case")
        keys.press("d")
        page.wait_for_selector("#decide[open]")
        assert page.locator("#decide [data-show=verb]").inner_text() == "不属实"
        offered = page.locator("#decide select[name=code] option:not([disabled])").all_inner_texts()
        assert any(each.startswith("D01") for each in offered) and not any(each.startswith("C01") for each in offered)
        keys.press("D")
        keys.press("Tab")
        keys.type("词语误中")
        seen.shoot("keys-dialog")
        keys.press("Control+Enter")
        page.wait_for_url(lambda url: f"/cases/{first}" not in url)
        assert decided(site)[first] == "dismissed"
        keys.press("k")
        page.wait_for_url("**/queue*")
        keys.press("?")
        page.wait_for_selector("#keys[open]")
        keys.press("Escape")
        page.wait_for_selector("#keys:not([open])", state="attached")
        keys.press("/")
        page.wait_for_selector("select[name=state]:focus")
        assert seen.alarms == [] and seen.foreign() == []


def test_several_at_once_and_a_saved_view(site: Site, tmp_path: Path, clock: FixedClock) -> None:
    clock.time += timedelta(hours=1)  # what others had open is free again
    with browsing(site, tmp_path) as seen:
        page = seen.page
        seen.sign_in("monitor")
        seen.go("/queue")
        page.select_option("select[name=scope]", "safety_production")
        page.wait_for_url("**scope=safety_production**")
        page.fill("input[placeholder=视图名]", "我的 <b>视图</b>")
        page.click("text=存为视图")
        page.wait_for_selector("a.button:has-text('我的 <b>视图</b>')")
        page.click("input[data-all]")
        chosen = page.locator("tbody input:checked").count()
        page.click("button:has-text('线索登记')")
        page.click("#decide >> text=提交")
        page.wait_for_selector(".said:has-text('已处理')")
        assert page.locator(".state-registered").count() == chosen > 0
        page.fill("input[name=contact]", "139-1234-5678")
        page.click("text=按联系方式查")
        page.wait_for_url("**contact=**")
        assert "5678" not in page.url and page.locator("tbody tr").count() == 1
        assert seen.alarms == []


@pytest.mark.parametrize("size", SIZES)
def test_every_screen_is_photographed_and_fits(site: Site, tmp_path: Path, size: tuple[int, int]) -> None:
    rows, _ = lead_page(site.office, Filters(), None, 1)
    with browsing(site, tmp_path, size) as seen:
        seen.page.goto(f"{site.base}/sign-in")
        seen.shoot("sign-in")
        seen.sign_in("head")
        for path in (*SCREENS, f"/cases/{rows[0]['case_id']}"):
            seen.go(path)
            seen.shoot(path.strip("/").replace("/", "-"))
            wide = seen.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide <= 0, f"{path} is {wide} px too wide at {size}"
        seen.page.click("text=退出")
        seen.sign_in("admin")
        seen.go("/accounts")
        seen.shoot("accounts")
        assert seen.alarms == [] and seen.foreign() == []
        assert len(list(tmp_path.glob("*.png"))) == len(SCREENS) + 3
