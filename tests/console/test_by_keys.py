"""The same way as in ``test_whole_way`` without a mouse: Tab, Enter, Space, arrows, the keys of the queue, and typing."""

from __future__ import annotations

from pathlib import Path

import pytest

from adwatch.app.casework import show_case
from adwatch.evidence.audit import verify_log
from tests.console.browser import browsing
from tests.console.keys import Keys
from tests.console.shop_world import AGAIN, BACK, GONE, LAST_UP, OFFER, ShopWorld, listed_in, shop_world

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
SMALL = (1024, 600)
SCAN = {"name": "复函.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 reply"}


def test_from_a_fresh_hit_to_a_closed_case_by_keys_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with shop_world(tmp_path, monkeypatch) as world:
        assert world.patrol(1)["outcome"] == "ok"
        with browsing(world.site, tmp_path, SMALL) as seen:
            keys = Keys(seen)
            seen.page.goto(world.site.base)
            case = _registers(keys)
            assert show_case(world.office, case)["listings"][0]["native_id"] == OFFER
            assert show_case(world.office, case)["state"] == "registered"
            _confirms_and_drafts(world, keys, case)
            _signs_and_sends(keys)
            assert world.recheck(1) == {"up": 1}
            world.at(LAST_UP, 9)
            _files_the_reply(keys, case)
            assert [world.recheck(day) for day in (LAST_UP, GONE, BACK)] == [{"up": 1}, {"gone": 1}, {"gone": 1}]
            _sees_it_closed(keys, case)
            assert world.patrol(BACK + 1)["new"] > 0
            again = _finds_it_back(world, keys, case)
            _transfers(keys, again)
            _reads_the_table(keys, case)
            _takes_the_week(world, keys, case)
            assert seen.alarms == [] and seen.foreign() == []
        assert verify_log(world.office.engine).fault is None


def number_in(keys: Keys) -> int:
    """The case that is open."""
    keys.page.wait_for_url("**/cases/**")
    return int(keys.page.url.split("/cases/")[1].partition("?")[0].partition("#")[0])


def queue(keys: Keys, state: str, offer: str = "") -> None:
    """By the keys of the menu to the queue, by that of the filters to them, with Enter to their leads."""
    keys.press("g", "2")
    keys.page.wait_for_url("**/queue**")
    keys.press("/")
    stop = keys.at()
    assert stop is not None and stop["name"] == "状态"
    url = keys.page.url
    keys.press("Shift+Tab")
    keys.choose("状态", state)
    assert keys.page.url == url, "arrows alone choose nothing yet"
    if offer:
        keys.choose("违法类型", offer)
    keys.press("Enter")
    keys.page.wait_for_url(lambda now: now != url)


def walk_to(keys: Keys, words: str) -> None:
    """j until the row of some words; Enter opens it."""
    keys.page.wait_for_selector("tr.at")
    keys.press("j", "k")
    for _ in range(50):
        row = keys.page.locator("tr.at")
        stop = keys.at()
        assert stop is not None and stop["tag"] == "a", "the focus goes along with the row"
        if words in row.inner_text():
            keys.press("Enter")
            return
        keys.press("j")
    raise AssertionError(f"no row with {words}")


def said(keys: Keys, words: str) -> None:
    """What the console says of an act."""
    keys.page.wait_for_selector(f".said:has-text('{words}')")


def _registers(keys: Keys) -> int:
    keys.sign_in("monitor")
    queue(keys, "待办", "代考作弊")
    walk_to(keys, "N1岔车")
    case = number_in(keys)
    keys.press("r")
    keys.page.wait_for_selector("#decide[open]")
    keys.take("提交", "button")
    said(keys, "待甄别")
    keys.leave()
    return case


def _confirms_and_drafts(world: ShopWorld, keys: Keys, case: int) -> None:
    keys.sign_in("reviewer")
    queue(keys, "待甄别")
    walk_to(keys, "N1岔车")
    assert number_in(keys) == case
    keys.press("c")
    keys.page.wait_for_selector("#decide[open]")
    keys.press("Escape")
    keys.page.wait_for_selector("#decide:not([open])", state="attached")
    keys.take("属实", "button")
    keys.page.wait_for_selector("#decide[open]")
    keys.press("Shift+Tab")
    keys.choose("理由代码", "C03")
    keys.fill("理由", "找人替考")
    keys.take("更正", "summary")
    keys.to("代考作弊")
    keys.press("Space")
    keys.to("内部关系")
    keys.press("Space")
    keys.press("Control+Enter")
    said(keys, "属实")
    (decision,) = show_case(world.office, case)["decisions"]
    assert decision["corrected"] == {"types": ["insider_claim", "proxy_exam"]}
    keys.top()
    keys.take("下架", "a")
    keys.page.wait_for_url("**/takedown")
    keys.press("n")
    said(keys, "已拟文 1 件")
    keys.press("j", "Enter")
    keys.page.wait_for_url("**/takedown/ADW-TD-**")
    keys.skip()
    keys.fill("意见", "内容无误")
    keys.take("审核通过", "button")
    keys.page.wait_for_selector("h1:has-text('审核')")
    keys.leave()


def _signs_and_sends(keys: Keys) -> None:
    keys.sign_in("head")
    keys.top()
    keys.take("下架", "a")
    keys.page.wait_for_url("**/takedown")
    keys.press("j", "Enter")
    keys.page.wait_for_url("**/takedown/ADW-TD-**")
    keys.skip()
    keys.fill("文号", "某应急函〔2026〕1号")
    keys.fill("签发人", "赵敏")
    keys.date("成文日期", "2026-11-15")
    keys.take("签发用印", "button")
    keys.page.wait_for_selector("h1:has-text('签发')")
    assert "2026-11-15" in keys.page.inner_text("dl.facts")
    keys.seen.shoot("keys-letter")
    keys.skip()
    keys.take("登记已发出", "button")
    keys.page.wait_for_selector("h1:has-text('请确认')")
    keys.page.wait_for_selector("button.bad:focus")  # it gets the focus a moment later
    stop = keys.at()
    assert stop is not None and stop["name"] == "确认办理"
    keys.press("Enter")
    keys.page.wait_for_selector("h1:has-text('发出')")
    keys.leave()


def _files_the_reply(keys: Keys, case: int) -> None:
    keys.sign_in("monitor")
    queue(keys, "属实")
    walk_to(keys, "N1岔车")
    assert number_in(keys) == case
    keys.take("ADW-TD-", "a")
    keys.page.wait_for_url("**/takedown/ADW-TD-**")
    keys.choose("结果", "同意并已处置")
    keys.file("附件", SCAN)
    keys.take("记录复函", "button")
    keys.page.wait_for_selector("li:has-text('复函') a:has-text('复函.pdf')")
    keys.leave()


def _sees_it_closed(keys: Keys, case: int) -> None:
    keys.sign_in("reviewer")
    queue(keys, "办结")
    walk_to(keys, "N1岔车")
    assert number_in(keys) == case
    assert "办结" in keys.page.inner_text("h1")
    assert "两次核验已下架" in keys.page.inner_text("#tracks")
    keys.leave()


def _finds_it_back(world: ShopWorld, keys: Keys, case: int) -> int:
    keys.sign_in("reviewer")
    keys.top()
    keys.take("下架", "a")
    keys.page.wait_for_selector("h2:has-text('下架后复现')")
    keys.take(show_case(world.office, case)["lead_number"], "a")
    assert number_in(keys) == case
    link = keys.page.locator("li:has-text('下架后复现') a")
    again = str(link.get_attribute("href")).rpartition("/")[2]
    keys.take(link.inner_text(), "a")
    keys.page.wait_for_url(f"**/cases/{again}")
    assert show_case(world.office, int(again))["listings"][0]["native_id"] == AGAIN
    keys.press("r")
    keys.page.wait_for_selector("#decide[open]")
    keys.press("Control+Enter")
    said(keys, "待甄别")
    keys.press("c")
    keys.page.wait_for_selector("#decide[open]")
    keys.press("Shift+Tab")
    keys.choose("理由代码", "C03")
    keys.press("Control+Enter")
    said(keys, "属实")
    keys.leave()
    return int(again)


def _transfers(keys: Keys, again: int) -> None:
    keys.sign_in("reviewer")
    queue(keys, "属实")
    keys.page.wait_for_selector("tr.at")
    keys.press("j", "Enter")
    assert number_in(keys) == again
    keys.take("拟移送", "a")
    keys.page.wait_for_url("**/transfer?cases=**")
    keys.fill("主送单位全称", "某市公安局")
    keys.fill("移送理由", "同一卖家下架后再次招揽替考")
    keys.take("拟移送", "button")
    keys.page.wait_for_selector("h1:has-text('拟移送')")
    keys.leave()
    keys.sign_in("head")
    keys.take("移送", "a")
    keys.page.wait_for_url("**/transfer")
    keys.take("ADW-TR-", "a")
    keys.page.wait_for_url("**/transfer/ADW-TR-**")
    for name, after in (("批准移送", "h1:has-text('批准')"), ("生成材料包", "dt:has-text('材料包')")):
        keys.take(name, "button")
        keys.page.wait_for_selector("h1:has-text('请确认')")
        keys.page.wait_for_selector("button.bad:focus")  # it gets the focus a moment later
        keys.press("Enter")
        keys.page.wait_for_selector(after)
    with keys.page.expect_download() as taken:
        keys.take("下载（未脱敏", "a")
    assert taken.value.suggested_filename.endswith(".zip")
    for step, reference in (("已签收", "回执1号"), ("公安立案", "立字8号")):
        keys.choose("事项", step)
        keys.fill("文书编号", reference)
        keys.take("登记", "button")
        keys.page.wait_for_selector(f"ol.timeline:has-text('{reference}')")
    keys.leave()


def _reads_the_table(keys: Keys, case: int) -> None:
    keys.sign_in("head")
    keys.take("统计", "a")
    keys.page.wait_for_url("**/reports")
    walk_to(keys, "次月2日报")
    keys.page.wait_for_url("**/monthly_2/2026-11")
    keys.skip()
    keys.to("1", "a")  # 甄别属实 is 2: the first 1 is what was removed
    keys.press("Enter")
    keys.page.wait_for_url("**/behind/removed")
    keys.press("j", "Enter")
    assert number_in(keys) == case
    keys.leave()


def _takes_the_week(world: ShopWorld, keys: Keys, case: int) -> None:
    keys.sign_in("monitor")
    keys.take("导出", "a")
    keys.page.wait_for_url("**/exports")
    with keys.page.expect_download() as taken:
        keys.take("生成并下载", "button")
    row = listed_in(Path(taken.value.path()).read_bytes(), show_case(world.office, case)["lead_number"])
    assert "核验已下架" in row["处置"]
    keys.leave()
