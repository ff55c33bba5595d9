"""One case from a fresh hit to its closing, what came back, the transfer, the table and the weekly list: all by clicking.

The shop really takes the page away; the looks are those of the daily schedule. Each person does what the role may, and
after the first address nobody types one.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from adwatch.app import package
from adwatch.app.casework import show_case
from adwatch.evidence.audit import verify_log
from tests.console.browser import Seen, browsing, filtered
from tests.console.shop_world import AGAIN, BACK, GONE, LAST_UP, OFFER, ShopWorld, listed_in, shop_world
from tests.console.site import PASSWORD

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
SCAN = {"name": "复函.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 reply"}


@contextmanager
def signed_in(seen: Seen, name: str) -> Iterator[Any]:
    """Somebody sits down, works, and leaves."""
    page = seen.page
    page.fill("input[name=name]", name)
    page.fill("input[name=password]", PASSWORD)
    page.click("button:text-is('登录')")
    page.wait_for_url("**/today")
    yield page
    page.click("text=退出")
    page.wait_for_url("**/sign-in")


def test_from_a_fresh_hit_to_a_closed_case_and_what_came_after(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with shop_world(tmp_path, monkeypatch) as world:
        assert world.patrol(1)["outcome"] == "ok"
        with browsing(world.site, tmp_path) as seen:
            seen.page.goto(world.site.base)
            case = _registers(seen)
            assert show_case(world.office, case)["state"] == "registered"
            _confirms_and_drafts(world, seen, case)
            _signs_and_sends(seen)
            assert world.recheck(1) == {"up": 1}
            world.at(LAST_UP, 9)
            _files_the_reply(seen, case)
            assert world.recheck(LAST_UP) == {"up": 1}
            assert world.recheck(GONE) == {"gone": 1}
            assert show_case(world.office, case)["state"] == "confirmed", "one look removes nothing"
            assert world.recheck(BACK) == {"gone": 1}
            _sees_it_closed(seen, case)
            assert world.patrol(BACK + 1)["new"] > 0
            again = _finds_it_back(world, seen, case)
            _transfers(seen, tmp_path, again)
            _reads_the_table(seen, case)
            _takes_the_week(world, seen, case)
            assert seen.alarms == [] and seen.foreign() == []
        assert verify_log(world.office.engine).fault is None


def _registers(seen: Seen) -> int:
    """线索登记 by whoever monitors; who may not confirm."""
    with signed_in(seen, "monitor") as page:
        page.click("a.figure:has-text('待初筛')")
        filtered(page, "class", "代考作弊", "proxy_exam")
        page.click("tr:has-text('N1岔车') td a >> nth=0")
        case = int(page.url.split("/cases/")[1].partition("?")[0])
        assert page.locator("dd:has-text('demo_shop')").first.inner_text().endswith(OFFER)
        assert page.locator("button:has-text('属实')").count() == 0
        page.click("button:has-text('线索登记')")
        page.click("#decide >> text=提交")
        page.wait_for_selector(".said:has-text('待甄别')")
        return case


def _confirms_and_drafts(world: ShopWorld, seen: Seen, case: int) -> None:
    """属实 with a correction, the draft of the letter, and its check."""
    with signed_in(seen, "reviewer") as page:
        page.click("a.figure:has-text('待甄别')")
        page.click(f"tbody a[href^='/cases/{case}?']")
        page.click("button:has-text('属实'):not(:has-text('不'))")
        page.select_option("#decide select[name=code]", "C03")
        page.click("#decide summary:has-text('更正')")
        page.check("#decide input[name=types][value=insider_claim]")
        page.check("#decide input[name=types][value=proxy_exam]")
        page.click("#decide >> text=提交")
        page.wait_for_selector(".said:has-text('属实')")
        (decision,) = show_case(world.office, case)["decisions"]
        assert decision["corrected"] == {"types": ["insider_claim", "proxy_exam"]}
        page.click("nav >> text=下架")
        page.click("text=为属实信息拟文")
        page.click("tbody tr:has-text('拟文') a >> nth=0")
        page.click("text=审核通过")
        page.wait_for_selector("h1:has-text('审核')")
        assert page.locator("form[action$=sign]").count() == 0, "who drafts does not sign"


def _signs_and_sends(seen: Seen) -> None:
    """签发用印, then sent by another way than mail."""
    with signed_in(seen, "head") as page:
        page.click("nav >> text=下架")
        page.click("tbody tr:has-text('审核') a >> nth=0")
        page.wait_for_selector("h1:has-text('审核')")
        assert page.evaluate("scrollY") == 0, "a page begins at its beginning"
        form = page.locator("form[action$=sign]")
        form.locator("input[name=document_number]").fill("某应急函〔2026〕1号")
        form.locator("input[name=signatory]").fill("赵敏")
        form.locator("input[name=document_date]").fill("2026-11-16")
        form.locator("button").click()
        page.wait_for_selector("h1:has-text('签发')")
        page.click("text=登记已发出")
        page.click("text=确认办理")
        page.wait_for_selector("h1:has-text('发出')")
        seen.shoot("whole-way-letter")


def _files_the_reply(seen: Seen, case: int) -> None:
    """The platform's answer, with its scan."""
    with signed_in(seen, "monitor") as page:
        page.click("nav >> text=线索")
        filtered(page, "state", "属实", "confirmed")
        page.click(f"tbody a[href^='/cases/{case}?']")
        page.click("section:has-text('下架与移送') >> a:has-text('ADW-TD-')")
        assert "仍在" in page.inner_text("tbody[data-rows]")
        page.select_option("form[action$=reply] select[name=kind]", label="同意并已处置")
        page.set_input_files("form[action$=reply] input[type=file]", SCAN)
        page.click("text=记录复函")
        page.wait_for_selector("li:has-text('复函') a:has-text('复函.pdf')")


def _sees_it_closed(seen: Seen, case: int) -> None:
    """Two looks at distance removed it: nobody clicked a verification."""
    with signed_in(seen, "reviewer") as page:
        page.click("nav >> text=线索")
        filtered(page, "state", "办结", "closed")
        page.click(f"tbody a[href^='/cases/{case}?']")
        assert "办结" in page.inner_text("h1")
        assert "两次核验已下架" in page.inner_text("#tracks")
        seen.shoot("whole-way-closed")


def _finds_it_back(world: ShopWorld, seen: Seen, case: int) -> int:
    """The seller's new offer leads to the old case; it is registered and confirmed."""
    with signed_in(seen, "reviewer") as page:
        page.click("nav >> text=下架")
        back = page.locator("section:has(h2:has-text('下架后复现'))")
        assert "同一店铺或账号" in back.inner_text()
        assert back.locator("td >> nth=0 >> a").get_attribute("href") == f"/cases/{case}"
        seen.shoot("whole-way-back")
        back.locator("td:last-child a").click()
        again = int(page.url.split("/cases/")[1].partition("?")[0])
        assert show_case(world.office, again)["listings"][0]["native_id"] == AGAIN
        assert page.locator(f"section:has-text('相关案件') a[href='/cases/{case}']").count() == 1
        page.click("button:has-text('线索登记')")
        page.click("#decide >> text=提交")
        page.wait_for_selector(".said")
        page.click("button:has-text('属实'):not(:has-text('不'))")
        page.select_option("#decide select[name=code]", "C03")
        page.click("#decide >> text=提交")
        page.wait_for_selector(".said:has-text('属实')")
        return again


def _transfers(seen: Seen, folder: Path, again: int) -> None:
    """A clue for the police: drafted, approved by the head, packed, signed for, answered."""
    with signed_in(seen, "reviewer") as page:
        page.click("a.figure:has-text('属实')")
        page.click(f"tbody a[href^='/cases/{again}?']")
        page.click("a:has-text('拟移送')")
        assert page.input_value("form[action$=draft] input[name=cases]") == str(again)
        page.fill("input[name=addressee]", "某市公安局")
        page.fill("textarea[name=reason]", "同一卖家下架后再次招揽替考")
        page.click("button:text-is('拟移送')")
        page.wait_for_selector("h1:has-text('拟移送')")
    with signed_in(seen, "head") as page:
        page.click("nav >> text=移送")
        page.click("tbody tr a:has-text('ADW-TR-')")
        page.click("text=批准移送")
        page.click("text=确认办理")
        page.wait_for_selector("h1:has-text('批准')")
        page.click("text=生成材料包并登记移送")
        page.click("text=确认办理")
        page.wait_for_selector("dt:has-text('材料包')")
        with page.expect_download() as taken:
            page.click("text=下载（未脱敏")
        taken.value.save_as(folder / "package.zip")
        assert package.verify(folder / "package.zip")["ok"]
        for step, reference in (("已签收", "回执1号"), ("公安立案", "立字8号")):
            page.select_option("form[action$=record] select[name=step]", label=step)
            page.fill("form[action$=record] input[name=reference]", reference)
            page.click("form[action$=record] button")
            page.wait_for_selector(f"ol.timeline:has-text('{reference}')")
        seen.shoot("whole-way-transfer")


def _reads_the_table(seen: Seen, case: int) -> None:
    """The figure of what was removed leads to the case."""
    with signed_in(seen, "head") as page:
        page.click("nav >> text=统计")
        page.click("tr:has-text('次月2日报'):has-text('2026-11') a")
        column = page.locator("thead th").all_inner_texts().index("清理涉安全生产资质证书违法违规信息数量(项)")
        cell = page.locator("tbody tr >> nth=0").locator("th, td").nth(column)
        assert cell.inner_text() == "1"
        seen.shoot("whole-way-table")
        cell.locator("a").click()
        assert page.locator("tbody tr").count() == 1
        page.click("tbody a")
        assert page.url.endswith(f"/cases/{case}")


def _takes_the_week(world: ShopWorld, seen: Seen, case: int) -> None:
    """The week's list as a file."""
    with signed_in(seen, "monitor") as page:
        page.click("nav >> text=导出")
        with page.expect_download() as taken:
            page.click("text=生成并下载")
        content = Path(taken.value.path()).read_bytes()
    assert zipfile.is_zipfile(BytesIO(content))
    row = listed_in(content, show_case(world.office, case)["lead_number"])
    assert "发函" in row["处置"] and "核验已下架" in row["处置"]
    assert row["核验时间"].startswith("2026-11-20")
