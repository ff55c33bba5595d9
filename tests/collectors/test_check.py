"""``adwatch platforms check``: what a live look at one list and one item says of a platform file."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from adwatch.archive import Archive
from adwatch.cli.platform_view import show_check
from adwatch.http import Reply
from collectors.check import check_platform
from collectors.checked import PlatformCheck
from collectors.spec import PlatformSpec
from tests.collectors.fake_site import BASE, DAY, ITEMS, FakeSite, down, item_page, items_page, page
from tests.collectors.platform_files import load

STATED = "contact: 平台的协查窗口\nbudget: 500\n"
FILE = STATED + "lists: [{latest: '/new?p={page}'}]\npaging: {by: page}\nblock: {words: [安全验证]}\n" + ITEMS


@pytest.fixture
def site(tmp_path: Path) -> FakeSite:
    """A list of two items, both with pages."""
    found = FakeSite(tmp_path)
    found.pages |= {"/new?p=1": items_page([1, 2]), "/i/1": item_page(1), "/i/2": item_page(2)}
    return found


def _check(site: FakeSite, spec: PlatformSpec) -> PlatformCheck:
    with Archive(site.folder / "archive", "k1") as archive:

        def save(exchange: object) -> object:
            capture = archive.keep(exchange)  # type: ignore[arg-type]
            site.captures.append(capture)
            return capture

        return check_platform(spec, site.tools, save, DAY, site)  # type: ignore[arg-type]


def test_a_healthy_platform(site: FakeSite) -> None:
    site.pages["/robots.txt"] = Reply(200, "OK", (), b"User-agent: *\nCrawl-delay: 2\nDisallow: /admin", "192.0.2.7")
    found = _check(site, site.spec(FILE))
    assert (found.verdict, found.findings) == ("ok", [])
    assert (found.list_items, found.next_page) == (2, True)
    assert (found.list_url, found.item_url) == (f"{BASE}/new?p=1", f"{BASE}/i/1")
    assert found.fill == {"native_id": "1/1", "title": "1/1", "text": "1/1"}
    assert found.robots == "首页许可 the front page is allowed (200, Crawl-delay 2 s)"
    assert found.rate == "每 0.01 秒一次 0.01 s between requests (与 test 约定 declared by test)"
    assert found.block_words == "写明 1 个，普通网页上没有 1 declared, none on ordinary pages"
    assert found.as_dict()["example"]["title"] == "货 1"
    assert site.asked == ["/new?p=1", "/i/1"]
    assert {capture.role for capture in site.captures} == {"robots", "check"}


@pytest.mark.parametrize(
    ("path", "answer", "more", "verdict", "words"),
    [
        ("/new?p=1", page("<p>改版了</p>"), "", "broken", "items.select or items.links matches nothing"),
        ("/new?p=1", page("请完成安全验证"), "", "broken", "blocked: the page says 安全验证"),
        ("/new?p=1", page("", 404), "", "broken", "answers 404"),
        ("/new?p=1", page("", 403), "", "broken", "blocked: "),
        ("/new?p=1", down, "", "broken", "unreachable: "),
        ("/robots.txt", page("", 503), "", "broken", "unreachable"),
        ("/i/1", page("<p>改版了</p>"), "", "broken", "no title, text or id on the item's page"),
        ("/i/1", item_page(1, "安全验证"), "", "look", "stand on ordinary pages: 安全验证"),
        ("/i/1", item_page(1, ""), "", "look", "text is declared and stands nowhere"),
        ("/i/1", item_page(1, ""), "expect: {required: [text]}\n", "look", "expect.required names text"),
    ],
)  # fmt: skip
def test_what_is_found(site: FakeSite, path: str, answer: Reply, more: str, verdict: str, words: str) -> None:
    site.pages[path] = answer
    found = _check(site, site.spec(FILE + more))
    if path == "/robots.txt":
        assert found.verdict == "broken"
        return
    assert found.verdict == verdict
    assert words in "\n".join(found.findings)


def test_robots_that_forbid_the_list(site: FakeSite) -> None:
    site.pages["/robots.txt"] = Reply(200, "OK", (), b"User-agent: *\nDisallow: /", "192.0.2.7")
    found = _check(site, site.spec(FILE))
    assert (found.verdict, found.robots) == ("broken", "不许 robots.txt forbids it (200)")
    assert found.findings[0].startswith("robots_denied: ")


def test_a_list_that_says_all_of_its_items(site: FakeSite) -> None:
    site.pages["/new"] = page('<li class="good"><b>货 1</b><i>面议</i></li><li class="good"><b>货 2</b></li>')
    text = "lists: [{latest: /new}]\nexpect: {fewest: 5}\nitems: {select: li.good, fields: {title: b, price: i, native_id: b}}\n"
    found = _check(site, site.spec(text))
    assert found.fill == {"native_id": "2/2", "title": "2/2", "price": "1/2"}
    assert found.item_url is None
    assert "none can be read as a number" in "\n".join(found.findings)
    assert "2 items, expect.fewest says 5" in "\n".join(found.findings)


def test_an_index_of_sitemaps_is_followed(site: FakeSite) -> None:
    site.pages["/sitemap.xml"] = page(f"<sitemapindex><sitemap><loc>{BASE}/s.xml</loc></sitemap></sitemapindex>")
    site.pages["/s.xml"] = page(f"<urlset><url><loc>{BASE}/i/1</loc></url></urlset>")
    text = STATED + "lists: [{latest: /sitemap.xml}]\ndetail: {kind: html, fields: {title: h1}}\n"
    found = _check(site, site.spec(text, "sitemap"))
    assert (found.verdict, found.list_items, found.item_url) == ("ok", 1, f"{BASE}/i/1")
    page_alone = _check(site, site.spec("lists: [{latest: /sitemap.xml}]\n", "sitemap"))
    assert "no schema.org or OpenGraph item" in page_alone.findings[0]


def test_what_is_not_fetched(site: FakeSite, tmp_path: Path) -> None:
    head = "label: x\naccess: handover\nbasis: x\n"
    tips = load(tmp_path, f"name: tips\nkind: handover\n{head}", "tips")
    assert _check(site, tips).verdict == "look"
    template = load(tmp_path, f"name: base\nkind: html\n{head}items: {{select: li}}\n", "base")
    assert "extends: base" in _check(site, template).findings[0]
    assert site.captures == []


def test_what_a_person_has_to_state_is_asked_for(site: FakeSite) -> None:
    found = _check(site, site.spec(FILE.removeprefix(STATED)))
    assert found.verdict == "look"
    assert [finding.split(":")[0] for finding in found.findings] == [
        "未写明 no contact is stated",
        "未写明 no budget is stated",
    ]
    draft = _check(site, site.spec(FILE).model_copy(update={"enabled": False, "basis": "公开网页（请核对）"}))
    assert draft.verdict == "look"
    assert [finding.split(" ")[0] for finding in draft.findings] == ["basis", "停用中，巡查不会问它"]


def test_what_was_read_is_shown_beside_its_count(site: FakeSite, capsys: pytest.CaptureFixture[str]) -> None:
    site.pages["/i/1"] = item_page(1, "当面交易<time>2026/11/15 22:30</time>")
    timed = FILE.replace("    title: h1", "    posted_at: {select: time, format: '%Y/%m/%d %H:%M'}\n    title: h1")
    assert timed != FILE
    show_check(_check(site, site.spec(timed)).as_dict(), ZoneInfo("Asia/Shanghai"))
    shown = capsys.readouterr().out
    assert "2026-11-15 22:30" in shown and "货 1" in shown
    assert "adwatch platforms record shop" in shown


def test_what_the_list_shows_is_counted_too(site: FakeSite) -> None:
    found = _check(site, site.spec(FILE.replace("  link: a\n", "  link: a\n  fields: {title: a, price: b}\n")))
    assert found.list_fill == {"title": "2/2", "price": "0/2"}
    assert found.findings == [
        "items.fields.price 已写明，列表上却没有 price is declared and stands nowhere on the list"
    ]
