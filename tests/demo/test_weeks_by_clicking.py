"""The demo's three weeks worked through in a real browser, and the figures of the table held against the world's truth.

One person does all of it but the approval of a transfer, as docs/three-weeks.md tells whoever tries it alone. Between
the days ``adwatch demo`` runs in a process of its own beside the open console, as in another terminal.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from adwatch.app import Office
from adwatch.app.casework import show_case
from adwatch.casework.weekly import iso_week
from adwatch.settings import Settings
from adwatch_demo import SERVED
from adwatch_demo.table_truth import offers_among, removed_on
from adwatch_demo.world import truth_on
from tests.console.browser import Seen, browsing, filtered
from tests.console.site import Site, running
from tests.demo.weeks import FAKE, UNIT, Work, begun, looks_of, taken_back, wrong_looks
from tests.ports import free_row

pytestmark = [pytest.mark.slow, pytest.mark.begun_first, pytest.mark.timeout(1200)]
PATROLS = (1, 2, 8, 16, 21)
SCOPES = {"safety_production": "安全生产类", "other_credential": "其他证书类"}


@dataclass
class Clicked:
    """What was done in the browser."""

    work: Work
    site: Site
    seen: Seen
    back: set[int] = field(default_factory=set)
    """Cases that stood under 下架后复现 with what they came back as."""
    today: list[str] = field(default_factory=list)
    """What each page said of the demo's day, once a day."""

    @property
    def page(self) -> Any:
        return self.seen.page

    def press(self, selector: str, until: str) -> None:
        """Click, and wait for the next page and what it shows."""
        with self.page.expect_navigation():
            self.page.click(selector)
        self.page.wait_for_selector(until)

    def menu(self, name: str) -> None:
        """A screen by the menu."""
        self.press(f"nav >> text={name}", f"nav a[aria-current]:has-text('{name}')")


@pytest.fixture(scope="module")
def clicked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clicked]:
    folder = tmp_path_factory.mktemp("clicked")
    with free_row(len(SERVED)) as port:
        work = begun(folder / "home", port)
        settings = Settings(home=work.home, unit=UNIT, _env_file=None)  # type: ignore[call-arg]
        with Office(settings) as office, running(office) as site, browsing(site, folder) as seen:
            site.account("first", "head")
            site.account("second", "head")
            done = Clicked(work, site, seen)
            for number in PATROLS:
                *_, outcome = work.rows("demo", "--no-airflow", "--day", str(number))
                work.dates[number] = outcome["day"]
                _day(done, number)
            yield done


def _day(done: Clicked, number: int) -> None:
    """A morning's work: sign in, find, ask."""
    page = done.page
    done.seen.sign_in("first")
    done.today.append(page.inner_text("p.demo") if page.locator("p.demo").count() else "")
    _review(done, number)
    _letters(done, number)
    rows = page.locator("section:has(h2:has-text('下架后复现')) tbody tr")
    for row in rows.all():
        old, new = row.locator("td >> nth=0 >> a"), row.locator("td:last-child a").count()
        done.back |= {int(old.get_attribute("href").rpartition("/")[2])} if new else set()
    page.click("text=退出")
    page.wait_for_url("**/sign-in")


def _review(done: Clicked, number: int) -> None:
    """线索登记 of all that waits, then 属实 and 不属实 by what is true, page by page."""
    page, true = done.page, truth_on(number)
    done.menu("线索")
    if page.locator("a:has-text('逐条列出')").count():
        done.press("a:has-text('逐条列出')", "main:not(:has(a:has-text('逐条列出')))")
    wrong: dict[int, str] = {}
    while page.locator("tbody[data-rows] input[name=ids]").count():
        cases = [int(each.get_attribute("value")) for each in page.locator("tbody[data-rows] input[name=ids]").all()]
        for case in cases:
            found = show_case(done.site.office, case)
            name = done.work.names[case] = str(found["listings"][0]["native_id"])
            if true[name]["label"] == "offer" and found["scope"] != true[name]["scope"]:
                wrong[case] = true[name]["scope"]
        names = {case: done.work.names[case] for case in cases}
        offers = offers_among(names.values(), number)
        waits = page.locator("tbody tr:has-text('待初筛')")
        _act(done, [int(row.locator("input").get_attribute("value")) for row in waits.all()], "线索登记")
        _act(done, [case for case in cases if names[case] in offers], "属实", "C07")
        mended = [case for case in cases if names[case] in done.work.confirmed - offers]
        _act(done, mended, "已改正", "C08")
        _act(done, [case for case in cases if names[case] not in offers and case not in mended], "不属实", "D07")
        done.work.confirmed |= offers
    for case, scope in wrong.items():
        _correct(done, case, scope)


def _act(done: Clicked, cases: list[int], verb: str, code: str = "") -> None:
    """One act on some rows of the page."""
    if not cases:
        return
    page = done.page
    for case in cases:
        page.check(f"input[name=ids][value='{case}']")
    page.click(f".verbs button[data-label='{verb}']")
    if code:
        page.select_option("#decide select[name=code]", code)
    done.press("#decide >> text=提交", f".said:has-text('已处理 {len(cases)} 条')")
    assert "未处理" not in page.inner_text(".said >> nth=0")


def _correct(done: Clicked, case: int, scope: str) -> None:
    """Who knows the certificate corrects the scope that the machine gave."""
    page = done.page
    done.menu("线索")
    filtered(page, "state", "属实", "confirmed")
    done.press("a:has-text('逐条列出')", "main:not(:has(a:has-text('逐条列出')))")
    link = f"tbody a[href^='/cases/{case}?']"
    while not page.locator(link).count():
        with page.expect_navigation():
            page.click("text=下一页")
    done.press(link, "h1:has-text('属实')")
    page.click("button:has-text('属实'):not(:has-text('不'))")
    page.select_option("#decide select[name=code]", "C07")
    page.click("#decide summary:has-text('更正')")
    page.select_option("#decide select[name=scope]", label=SCOPES[scope])
    done.press("#decide >> text=提交", ".said:has-text('属实')")
    done.work.corrected.add(done.work.names[case])


def _letters(done: Clicked, number: int) -> None:
    """A letter to each platform with something new, through all its steps; the platform signs for it."""
    page = done.page
    done.menu("下架")
    done.press("text=为属实信息拟文", ".said")
    while page.locator("tbody[data-rows] tr:has-text('拟文')").count():
        done.press("tbody[data-rows] tr:has-text('拟文') a >> nth=0", "h1:has-text('拟文')")
        done.press("text=审核通过", "h1:has-text('审核')")
        form = page.locator("form[action$=sign]")
        form.locator("input[name=document_number]").fill(f"某市监函〔2026〕{number}号")
        form.locator("input[name=signatory]").fill("钱局")
        done.press("form[action$=sign] button", "h1:has-text('签发')")
        done.press("text=登记已发出", "text=确认办理")
        done.press("text=确认办理", "h1:has-text('发出')")
        page.select_option("form[action$=reply] select[name=kind]", label="签收")
        done.press("text=记录复函", "li:has-text('复函：签收')")
        with page.expect_download() as taken:
            page.click("dd a:text-is('数据')")
        content = json.loads(Path(taken.value.path()).read_text(encoding="utf-8"))
        names = {done.work.names[row["case_id"]] for row in content["listings"]}
        done.work.asked |= dict.fromkeys(names - done.work.asked.keys(), number)
        done.menu("下架")


def test_the_console_stood_on_each_simulated_day(clicked: Clicked) -> None:
    for number, said in zip(PATROLS, clicked.today, strict=True):
        day = clicked.work.dates[number]
        assert f"以 {day} 为今天" in said or said == "", said
    assert sum(said == "" for said in clicked.today) <= 1, "only the machine's own day says nothing"


def test_every_offer_found_was_asked_about_and_what_is_gone_is_closed(clicked: Clicked) -> None:
    work = clicked.work
    assert len(work.confirmed) >= 90 and len(work.asked) >= 90
    looks = looks_of(work)
    assert not wrong_looks(looks)
    late = {name for name, day in work.asked.items() if day < PATROLS[-2] and not looks[name]}
    assert not late
    assert not taken_back(work), "what a seller mended is taken back from nobody"


def test_what_came_back_stands_on_the_screen(clicked: Clicked) -> None:
    assert len(clicked.back) >= 5


def test_the_tables_figure_is_the_truths(clicked: Clicked, tmp_path: Path) -> None:
    """清理数量 of the months by clicking, each figure down to its listings; a transfer adds one to its own column."""
    page, work = clicked.page, clicked.work
    known = {name: [day for day, word in each if word != "unknown"] for name, each in looks_of(work).items()}
    true = {
        name for name, days in known.items() if removed_on({name}, days, "safety_production") and name in work.confirmed
    }
    assert len(true) >= 10
    forged = {name for name, row in truth_on(PATROLS[-1]).items() if "forged_or_traded" in row["offer_types"]}
    case = min(case for case, name in work.names.items() if name in forged & work.confirmed)
    clicked.seen.sign_in("first")
    _fake_site(clicked)
    _transfer(clicked, case, tmp_path)
    clicked.seen.sign_in("first")
    assert _behind(clicked, "removed") == true
    assert _behind(clicked, "fake_sites") == {FAKE}
    assert _behind(clicked, "online_transferred") == {work.names[case]}
    clicked.menu("导出")
    page.fill("input[name=week]", iso_week(date.fromisoformat(work.dates[PATROLS[-1]])))
    page.select_option("select[name=form]", "jsonl")
    with page.expect_download() as taken:
        page.click("text=生成并下载")
    rows = [json.loads(line) for line in Path(taken.value.path()).read_text(encoding="utf-8").splitlines()]
    first = {work.names[row["case_id"]] for row in rows}
    assert first and first <= set(work.names.values()), "the third week is there on its last day"
    assert all(not row["wrong"] + row["missing"] for row in work.rows("demo", "--table"))
    assert clicked.seen.alarms == [] and clicked.seen.foreign() == []


def _fake_site(clicked: Clicked) -> None:
    """An account under an official name, as somebody reports it: entered, registered, 属实."""
    page = clicked.page
    clicked.menu("网站")
    form = page.locator("form[action='/sites/add']")
    form.locator("select[name=kind]").select_option(label="公众号")
    form.locator("input[name=name]").fill(FAKE)
    form.locator("input[name=subject]").fill("某公司")
    with page.expect_navigation():
        form.locator("button").click()
    page.wait_for_selector(f"h1:has-text('{FAKE}')")
    clicked.press("button:has-text('线索登记')", "dd:has-text('待甄别')")
    clicked.work.names[int(page.get_attribute("a:has-text('案件页')", "href").rpartition("/")[2])] = FAKE
    page.fill("input[aria-label='属实的理由']", "名称冒用官方公众号")
    clicked.press("button:text-is('属实')", "dd:has-text('属实')")


def _transfer(clicked: Clicked, case: int, folder: Path) -> None:
    """A clue for the police: drafted by one head, approved by the other, packed and signed for."""
    page = clicked.page
    clicked.seen.go(f"/cases/{case}")
    clicked.press("a:has-text('拟移送')", "form[action$=draft]")
    page.fill("input[name=addressee]", "某市公安局")
    page.fill("textarea[name=reason]", "伪造、买卖证件")
    clicked.press("button:text-is('拟移送')", "h1:has-text('拟移送')")
    clicked.press("text=退出", "text=登录")
    clicked.seen.sign_in("second")
    clicked.menu("移送")
    clicked.press("tbody tr a:has-text('ADW-TR-')", "text=批准移送")
    clicked.press("text=批准移送", "text=确认办理")
    clicked.press("text=确认办理", "h1:has-text('批准')")
    clicked.press("text=生成材料包并登记移送", "text=确认办理")
    clicked.press("text=确认办理", "dt:has-text('材料包')")
    with page.expect_download() as taken:
        page.click("text=下载（未脱敏")
    taken.value.save_as(folder / "package.zip")
    clicked.work.run("evidence", "verify", str(folder / "package.zip"))
    page.select_option("form[action$=record] select[name=step]", label="已签收")
    page.fill("form[action$=record] input[name=reference]", "回执1号")
    clicked.press("form[action$=record] button", "ol.timeline:has-text('回执1号')")
    clicked.press("text=退出", "text=登录")


def _behind(clicked: Clicked, column: str) -> set[str]:
    """World's ids behind a column's figure over the months of the two-monthly table; figure and rows agree."""
    page, found = clicked.page, set()
    for month in sorted({day[:7] for day in clicked.work.dates.values()}):
        clicked.seen.go(f"/reports/monthly_2/{month}")
        figure = page.locator(f"tbody tr >> nth=0 >> a[href$='/behind/{column}']")
        if not figure.count() or figure.inner_text() == "0":
            continue
        number = int(figure.inner_text())
        with page.expect_navigation():
            figure.click()
        cases: list[int] = []
        while True:
            links = page.locator("tbody a[href^='/cases/']").all()
            cases += [int(link.get_attribute("href").rpartition("/")[2]) for link in links]
            if not page.locator("text=下一页").count():
                break
            with page.expect_navigation():
                page.click("text=下一页")
        assert len(cases) == number
        found |= {clicked.work.names[case] for case in cases}
    return found
