"""Bad input of websites: a clear word for each, the rest read, nothing lost (docs/bad-input.md lists all of it)."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from adwatch.http import Reply
from collectors.documents import JsonDocument, Unreadable
from tests.collectors.fake_site import ITEMS, FakeSite, data, item_page, items_page, page

FILE = "lists: [{latest: /new}]\n" + ITEMS
JSON = "lists: [{latest: /api}]\nitems: {select: data, fields: {native_id: id, title: name, text: text}}\n"
DOCS = Path(__file__).parents[2] / "docs" / "bad-input.md"


@pytest.fixture
def site(tmp_path: Path) -> FakeSite:
    """Items 1 to 9 have pages."""
    found = FakeSite(tmp_path)
    found.pages |= {f"/i/{number}": item_page(number) for number in range(1, 10)}
    return found


def test_a_page_of_50_mb_costs_itself_only(site: FakeSite) -> None:
    site.pages["/new"] = items_page([1, 2, 3])
    body = gzip.compress(b"<article data-id=p2><h1>x</h1></article>" + b" " * 50_000_000)
    site.pages["/i/2"] = Reply(
        200, "OK", (("Content-Type", "text/html"), ("Content-Encoding", "gzip")), body, "192.0.2.7"
    )
    listings, events = site.patrol(site.spec(FILE))
    assert [one.native_id for one in listings] == ["p1", "p3"]
    assert [event.outcome for event in events] == ["error"]
    assert "grows beyond" in events[0].message
    assert any(capture.url.endswith("/i/2") for capture in site.captures)


def test_html_that_is_none_is_a_changed_layout(site: FakeSite) -> None:
    site.pages["/new"] = items_page([1, 2, 3])
    site.pages["/i/2"] = Reply(
        200, "OK", (("Content-Type", "text/html"),), b"\x89PNG\r\n\x1a\n\0\0\xff\xfe<h2>", "192.0.2.7"
    )
    listings, events = site.patrol(site.spec(FILE))
    assert [one.native_id for one in listings] == ["p1", "p3"]
    assert [event.outcome for event in events] == ["layout_changed"]


def test_a_selector_that_matches_nothing(site: FakeSite) -> None:
    site.pages["/new"] = page("<ol><li><a href=/i/1>货</a></li></ol>")
    listings, events = site.patrol(site.spec(FILE))
    assert listings == []
    assert "items.select matches nothing" in events[0].message


def test_a_gbk_page_that_says_utf8(site: FakeSite) -> None:
    site.pages["/new"] = items_page([1])
    body = '<article data-id="p1"><h1>高处作业证</h1><div class="t">免考，包过，三天拿证。</div></article>'.encode(
        "gbk"
    )
    site.pages["/i/1"] = Reply(200, "OK", (("Content-Type", "text/html; charset=utf-8"),), body, "192.0.2.7")
    (listing,), _ = site.patrol(site.spec(FILE))
    assert (listing.title, listing.text) == ("高处作业证", "免考，包过，三天拿证。")


@pytest.mark.parametrize(
    "link", ["javascript:open(1)", "data:text/html,<h1>x</h1>", "mailto:a@b.cn", "http://[::1", "file:///etc/passwd"]
)
def test_links_that_are_no_addresses_are_not_followed(site: FakeSite, link: str) -> None:
    site.pages["/new"] = page(
        f'<li class="good"><a href="{link}">货</a></li><li class="good"><a href="/i/2">货 2</a></li>'
    )
    listings, _ = site.patrol(site.spec(FILE))
    assert [one.native_id for one in listings] == ["p2"]
    assert site.asked == ["/new", "/i/2"]


def test_a_listing_without_an_id_and_one_with_a_title_of_a_megabyte(site: FakeSite) -> None:
    rows = [
        {"id": 1, "name": "货"},
        {"name": "没有编号"},
        {"id": 2, "name": "长" * 1_048_577},
        {"id": 3, "name": "长" * 1_000_000},
    ]
    site.pages["/api"] = data({"data": [*rows, {"id": 4, "name": "末"}]})
    listings, _ = site.patrol(site.spec(JSON, "json"))
    assert [one.native_id for one in listings] == ["1", "3", "4"]
    assert site.refused == ["layout_changed", "too_large"]


def test_a_page_with_a_title_of_a_megabyte(site: FakeSite) -> None:
    site.pages["/new"] = items_page([1, 2])
    site.pages["/i/1"] = page(f'<article data-id="p1"><h1>{"长" * 1_048_577}</h1></article>')
    listings, _ = site.patrol(site.spec(FILE))
    assert [one.native_id for one in listings] == ["p2"]
    assert site.refused == ["too_large"]


def test_json_with_lone_surrogates_and_nan(site: FakeSite) -> None:
    body = rb'{"data": [{"id": 1, "name": "a\ud83dz", "text": NaN}, {"id": 2, "name": "b\u0000", "text": Infinity}]}'
    site.pages["/api"] = Reply(200, "OK", (("Content-Type", "application/json"),), body, "192.0.2.7")
    listings, events = site.patrol(site.spec(JSON, "json"))
    assert [(one.title, one.text) for one in listings] == [("a\ufffdz", None), ("b\ufffd", None)]
    assert events == []


@pytest.mark.parametrize(
    "text", ["[" * 10_000 + "]" * 10_000, '{"a":' * 10_000 + "1" + "}" * 10_000], ids=("lists", "objects")
)
def test_json_nested_10000_deep(text: str) -> None:
    with pytest.raises(Unreadable, match="not JSON"):
        JsonDocument(text, "http://shop.test/")


def test_json_nested_as_deep_as_is_read_can_be_searched_for_words() -> None:
    document = JsonDocument("[" * 900 + '"安全验证"' + "]" * 900, "http://shop.test/")
    assert isinstance(document.shown(), str)


def test_html_nested_10000_deep(site: FakeSite) -> None:
    site.pages["/new"] = page("<div>" * 10_000 + '<li class="good"><a href="/i/1">货</a></li>')
    listings, events = site.patrol(site.spec(FILE))
    assert len(listings) + len(events) >= 1


def test_the_page_names_tests_that_exist() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", DOCS.read_text(encoding="utf-8"))
    assert len(named) > 30
    root = DOCS.parents[1]
    missing = [
        f"{file}::{test}" for file, test in named if f"def {test}(" not in (root / file).read_text(encoding="utf-8")
    ]
    assert missing == []
