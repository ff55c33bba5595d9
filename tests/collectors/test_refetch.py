"""A known listing looked up again: only the site itself can say that it is gone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from adwatch.archive import Archive
from adwatch.http import Reply
from adwatch.models import Listing
from collectors.source import make_refetch
from collectors.spec import PlatformSpec
from tests.collectors.fake_site import BASE, DAY, ITEMS, FakeSite, data, down, item_page, page

RULES = (
    "lists: [{latest: /new}]\nblock: {words: [安全验证], paths: [/login]}\n"
    "gone: {words: [该宝贝已下架], select: .off-shelf}\n" + ITEMS
)
KNOWN = Listing("shop", "p1", url=f"{BASE}/i/1", title="货 1", text="正文")


@pytest.fixture
def site(tmp_path: Path) -> FakeSite:
    """Nothing answers yet."""
    return FakeSite(tmp_path)


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (item_page(1), "up"),
        (item_page(1, "正文，改了"), "changed"),
        (item_page(1, "该宝贝已下架"), "changed"),
        (item_page(1, "请完成安全验证"), "changed"),
        (page('<h2 class="off-shelf">x</h2>' + item_page(1).body.decode()), "up"),
        (item_page(2), "moved"),
        (page("", 404), "gone"),
        (page("", 410), "gone"),
        (page("<h1>请完成安全验证</h1>", 404), "unknown"),
        (page("<p>该宝贝已下架</p>"), "gone"),
        (page('<p class="off-shelf"></p>'), "gone"),
        (page("<p>请完成安全验证，该宝贝已下架</p>"), "unknown"),
        (page("<p>首页</p>"), "unknown"),
        (page(""), "unknown"),
        (page("", 400), "unknown"),
        (page("no", 403), "unknown"),
        (page("no", 401), "unknown"),
        (page("slow down", 429), "unknown"),
        (page("", 500), "unknown"),
        (page("", 503), "unknown"),
        (down, "unknown"),
    ],
)
def test_words(site: FakeSite, answer: object, word: str) -> None:
    site.pages["/i/1"] = answer  # type: ignore[assignment]
    found = site.check(site.spec(RULES), KNOWN)
    assert found.word == word, found.message
    if answer is not down:
        assert found.capture is not None
        assert found.capture.role == "check"


@pytest.mark.parametrize(
    ("target", "answer", "word"),
    [
        ("/", page("<h1>首页</h1>"), "moved"),
        ("/login?to=/i/1", page("<h1>登录</h1>"), "unknown"),
        ("/i/1?new", item_page(1), "up"),
        ("/i/7", item_page(7), "moved"),
        ("/removed", page("<p>该宝贝已下架</p>"), "gone"),
        ("/removed", page("", 404), "gone"),
        ("/down", down, "unknown"),
    ],
)
def test_redirects(site: FakeSite, target: str, answer: object, word: str) -> None:
    site.pages |= {"/i/1": page("", 302, Location=target), target: answer}  # type: ignore[dict-item]
    found = site.check(site.spec(RULES), KNOWN)
    assert found.word == word, found.message


def test_robots_and_absent_addresses_are_unknown(site: FakeSite) -> None:
    site.pages["/robots.txt"] = Reply(200, "", (), b"User-agent: *\nDisallow: /i/\n")
    spec = site.spec(RULES)
    assert site.check(spec, KNOWN).word == "unknown"
    assert site.check(spec, replace(KNOWN, url=None)).word == "unknown"
    assert site.check(spec, replace(KNOWN, url="javascript:alert(1)")).word == "unknown"
    assert site.asked == []


def test_what_only_the_list_says_is_no_change(site: FakeSite) -> None:
    rules = RULES.replace("    text: .t\n", "")
    site.pages["/i/1"] = item_page(1)
    assert site.check(site.spec(rules), replace(KNOWN, text="列表里的文字")).word == "up"


def _json_spec(site: FakeSite, check: str = "check: {url: '/api?id={native_id}'}\n") -> PlatformSpec:
    return site.spec(
        "lists: [{latest: /api}]\nblock: {words: [安全验证]}\n" + check + "items:\n  select: data\n"
        "  fields: {native_id: id, title: name, text: text, url: {template: '/i/{native_id}'}}\n",
        "json",
    )


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (data({"data": [{"id": "p1", "name": "货 1", "text": "正文"}]}), "up"),
        (data({"data": [{"id": "p1", "name": "货 1", "text": "别的"}]}), "changed"),
        (data({"data": []}), "gone"),
        (data({"data": [{"id": "p2", "name": "货 2", "text": "x"}]}), "unknown"),
        (data({}), "unknown"),
        (page("<h1>请完成安全验证</h1>"), "unknown"),
        (page("", 404), "gone"),
        (page("", 403), "unknown"),
    ],
)
def test_looked_up_by_its_id(site: FakeSite, answer: Reply, word: str) -> None:
    site.pages["/api?id=p1"] = answer
    assert site.check(_json_spec(site), KNOWN).word == word


@pytest.mark.parametrize(
    ("answer", "word"), [(page("<h1>货 1</h1>"), "up"), (page("<h1>货 2</h1>"), "unknown"), (page("", 404), "gone")]
)
def test_without_rules_for_its_page(site: FakeSite, answer: Reply, word: str) -> None:
    site.pages["/i/1"] = answer
    assert site.check(_json_spec(site, ""), KNOWN).word == word


def test_a_site_that_does_not_answer_is_left_alone(site: FakeSite) -> None:
    site.pages |= {f"/i/{n}": down for n in range(1, 9)}
    site.pages["/i/3"] = item_page(3)
    look = make_refetch(site.spec(RULES), site.tools, site)
    with Archive(site.folder / "archive", "c") as archive:
        found = [
            look(replace(KNOWN, native_id=f"p{n}", url=f"{BASE}/i/{n}", title=f"货 {n}"), DAY, archive.keep)
            for n in range(1, 9)
        ]
    assert [each.word for each in found] == ["unknown", "unknown", "up", *["unknown"] * 5]
    assert "/i/6" in site.asked, "an answer between them starts the count anew"
    assert "/i/7" not in site.asked, "three in a row are enough"
    assert "3 addresses in a row" in found[-1].message
