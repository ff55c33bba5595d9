"""A patrol of one platform: every kind of paging, every outcome word."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import orjson
import pytest

from adwatch.http import Reply
from tests.collectors.fake_site import ITEMS, FakeSite, data, down, item_page, items_page, page


@pytest.fixture
def site(tmp_path: Path) -> FakeSite:
    """Items 1 to 9 have pages; nothing else answers."""
    made = FakeSite(tmp_path)
    made.pages.update({f"/i/{number}": item_page(number) for number in range(1, 10)})
    return made


def _ids(listings: list[object]) -> list[str]:
    return [listing.native_id for listing in listings]  # type: ignore[attr-defined]


# --- paging -----------------------------------------------------------------------------------------------------------


def test_by_page_number_until_a_page_is_empty(site: FakeSite) -> None:
    spec = site.spec("lists: [{latest: '/new?p={page}'}]\npaging: {by: page}\n" + ITEMS)
    site.pages |= {"/new?p=1": items_page([1, 2]), "/new?p=2": items_page([3]), "/new?p=3": items_page([])}
    listings, events = site.patrol(spec)
    assert _ids(listings) == ["p1", "p2", "p3"]
    assert events == []
    assert site.asked == ["/new?p=1", "/i/1", "/i/2", "/new?p=2", "/i/3", "/new?p=3"]


@pytest.mark.parametrize("past_the_end", [page("", 404), page("{}", 400), items_page([3]), items_page([1, 2])])
def test_a_list_ends_where_nothing_new_comes(site: FakeSite, past_the_end: Reply) -> None:
    spec = site.spec("lists: [{latest: '/new?p={page}'}]\npaging: {by: page, start: 0}\n" + ITEMS)
    site.pages |= {"/new?p=0": items_page([1, 2]), "/new?p=1": items_page([3]), "/new?p=2": past_the_end}
    listings, events = site.patrol(spec)
    assert len(listings) == 3
    assert events == []
    assert "/new?p=3" not in site.asked


def test_max_pages_is_told(site: FakeSite) -> None:
    spec = site.spec("lists: [{latest: '/new?p={page}'}]\npaging: {by: page, max_pages: 2}\n" + ITEMS)
    site.pages |= {f"/new?p={number}": items_page([number]) for number in range(1, 9)}
    listings, events = site.patrol(spec)
    assert len(listings) == 2
    assert [(event.outcome, "max_pages" in event.message) for event in events] == [("ok", True)]


def test_by_offset(site: FakeSite) -> None:
    spec = site.spec("lists: [{latest: '/new?o={offset}&n={size}'}]\npaging: {by: offset, size: 2}\n" + ITEMS)
    site.pages |= {"/new?o=0&n=2": items_page([1, 2]), "/new?o=2&n=2": items_page([3])}
    assert len(site.patrol(spec)[0]) == 3
    assert site.asked[-1] == "/new?o=4&n=2"


def test_by_next_link(site: FakeSite) -> None:
    spec = site.spec("lists: [{latest: /new}]\npaging: {by: next_link}\n" + ITEMS)
    site.pages |= {
        "/new": items_page([1], '<a rel="nofollow next" href="more/2?x=1#top">下一页</a>'),
        "/more/2?x=1": items_page([2], '<a rel="next" href="javascript:void(0)">下一页</a>'),
    }
    assert _ids(site.patrol(spec)[0]) == ["p1", "p2"]


def test_by_link_header(site: FakeSite) -> None:
    spec = site.spec("lists: [{latest: /new}]\npaging: {by: link_header}\n" + ITEMS)
    first = items_page([1])
    link = '</first>; rel="prev", <http://shop.test/new?c=2>; title="a, b"; rel="next last"'
    site.pages |= {"/new": Reply(200, "", (*first.headers, ("Link", link)), first.body), "/new?c=2": items_page([2])}
    assert _ids(site.patrol(spec)[0]) == ["p1", "p2"]


JSON_ITEMS = """\
items:
  select: data.list
  fields: {native_id: id, title: name, price: {select: fen, unit: fen}, url: {template: "/i/{native_id}"}}
"""


def _json_page(ids: list[int], cursor: str | None) -> dict[str, object]:
    return {"data": {"list": [{"id": n, "name": f"货 {n}", "fen": 100 * n} for n in ids], "next": cursor}}


def test_by_cursor(site: FakeSite) -> None:
    spec = site.spec(
        "lists: [{latest: '/api?c={cursor}'}]\npaging: {by: cursor, next: data.next}\n" + JSON_ITEMS, "json"
    )
    site.pages |= {"/api?c=": data(_json_page([1, 2], "a b&c")), "/api?c=a b&c": data(_json_page([3], None))}
    listings, events = site.patrol(spec)
    assert [(found.native_id, found.price_fen, found.url) for found in listings] == [
        ("1", 100, "http://shop.test/i/1"),
        ("2", 200, "http://shop.test/i/2"),
        ("3", 300, "http://shop.test/i/3"),
    ]
    assert events == []


def test_a_cursor_that_stands_still_ends_the_list(site: FakeSite) -> None:
    spec = site.spec(
        "lists: [{latest: '/api?c={cursor}'}]\npaging: {by: cursor, next: data.next}\n" + JSON_ITEMS, "json"
    )
    site.pages |= {"/api?c=": data(_json_page([1], "x")), "/api?c=x": data(_json_page([2], "x"))}
    assert len(site.patrol(spec)[0]) == 2


GRAPHQL = """\
lists:
  - search:
      url: /graphql
      method: POST
      body:
        query: "query($q: String!, $after: String) { items(q: $q, after: $after) { id } }"
        variables: {q: "{term}", after: "{cursor}", first: "{size}"}
paging: {by: cursor, next: data.next, size: 20}
"""


def test_post_with_a_json_body(site: FakeSite) -> None:
    sent = []

    def answer(_path: str, body: bytes) -> Reply:
        sent.append(orjson.loads(body))
        return data(_json_page([len(sent)], "c1" if len(sent) == 1 else None))

    site.pages["/graphql"] = answer
    listings, _ = site.patrol(site.spec(GRAPHQL + JSON_ITEMS, "json"), '电工"证')
    assert len(listings) == 2
    assert [body["variables"] for body in sent] == [
        {"q": '电工"证', "after": None, "first": 20},
        {"q": '电工"证', "after": "c1", "first": 20},
    ]
    assert sent[0]["query"].count("{ id }") == 1


# --- terms ------------------------------------------------------------------------------------------------------------


def test_an_item_is_fetched_once_however_many_terms_find_it(site: FakeSite) -> None:
    spec = site.spec("lists: [{search: '/s?q={term}'}, {category: {url: /c, label: 家居}}]\n" + ITEMS)
    site.pages |= {"/s?q=电工证": items_page([1, 2]), "/s?q=a&b=c/d": items_page([2, 3]), "/c": items_page([1, 4])}
    listings, events = site.patrol(spec, "电工证", "a&b=c/d")
    assert Counter(site.asked)["/i/2"] == 1
    assert sorted(_ids(listings)) == ["p1", "p2", "p3", "p4"]
    assert events == []
    contexts = [capture.context for capture in site.captures if capture.role == "detail"]
    assert contexts[0]["term"] == "电工证"
    assert contexts[-1]["label"] == "家居"


def test_a_term_without_hits_is_no_trouble(site: FakeSite) -> None:
    spec = site.spec("lists: [{search: '/s?q={term}'}]\n" + ITEMS)
    site.pages |= {"/s?q=有": items_page([1]), "/s?q=无": items_page([])}
    assert site.patrol(spec, "无", "有")[1] == []


def test_what_the_list_says_fills_what_the_page_leaves_out(site: FakeSite) -> None:
    rules = ITEMS.replace("  link: a\n", "  link: a\n  fields: {title: a, seller_name: .s, price: .p}\n")
    spec = site.spec("lists: [{latest: /new}]\n" + rules)
    site.pages["/new"] = page(
        '<li class="good"><a href="/i/1">列表标题</a><b class="s">老王</b><i class="p">¥5</i></li>'
    )
    (listing,), _ = site.patrol(spec)
    assert (listing.title, listing.seller_name, listing.price_fen) == ("货 1", "老王", 500)


# --- outcomes ---------------------------------------------------------------------------------------------------------

LATEST = "lists: [{latest: /new}]\nblock: {words: [安全验证], paths: [/login]}\n" + ITEMS


@pytest.mark.parametrize(
    ("answer", "outcome", "message"),
    [
        (page("<html><p>改版了</p></html>"), "layout_changed", "matches nothing"),
        (page("x", 404), "layout_changed", "answers 404"),
        (page('<li class="good">无链接</li>'), "layout_changed", "no item of the list has a link"),
        (page("<h1>请完成安全验证</h1>"), "blocked", "安全验证"),
        (page("no", 403), "blocked", "403"),
        (page("no", 429), "blocked", "429"),
        (page("", 503), "unreachable", "503"),
        (down, "unreachable", "no connection"),
        (page("", 302, Location="/new"), "error", "circle"),
        (page("x", 200, Content_Encoding="gzip"), "error", "cannot be read"),
    ],
)
def test_what_a_list_page_can_be(site: FakeSite, answer: object, outcome: str, message: str) -> None:
    site.pages["/new"] = answer  # type: ignore[assignment]
    _, events = site.patrol(site.spec(LATEST))
    assert [event.outcome for event in events] == [outcome]
    assert message in events[0].message


def test_a_redirect_to_the_login_page_is_a_block(site: FakeSite) -> None:
    site.pages |= {"/new": page("", 302, Location="/login?to=/new"), "/login?to=/new": page("<h1>登录</h1>")}
    assert [event.outcome for event in site.patrol(site.spec(LATEST))[1]] == ["blocked"]


def test_words_in_an_items_text_block_nothing(site: FakeSite) -> None:
    site.pages |= {"/new": items_page([1]), "/i/1": item_page(1, "包过，不用安全验证；该宝贝已下架")}
    listings, events = site.patrol(site.spec(LATEST + "gone: {words: [该宝贝已下架]}\n"))
    assert len(listings) == 1
    assert events == []


def test_a_block_ends_the_run_and_keeps_what_was_found(site: FakeSite) -> None:
    site.pages |= {"/new": items_page([1, 2, 3]), "/i/2": page("验证码", 403)}
    listings, events = site.patrol(site.spec(LATEST))
    assert _ids(listings) == ["p1"]
    assert [event.outcome for event in events] == ["blocked"]
    assert "/i/3" not in site.asked


def test_three_silences_in_a_row_end_the_run(site: FakeSite) -> None:
    site.pages |= {"/new": items_page([1, 2, 3, 4, 5])} | {f"/i/{number}": down for number in (2, 3, 4)}
    listings, events = site.patrol(site.spec(LATEST))
    assert _ids(listings) == ["p1"]
    assert [event.outcome for event in events] == ["unreachable"] * 3


def test_silences_that_are_broken_do_not(site: FakeSite) -> None:
    site.pages |= {"/new": items_page([1, 2, 3, 4, 5])} | {f"/i/{number}": down for number in (1, 2, 4)}
    listings, events = site.patrol(site.spec(LATEST))
    assert _ids(listings) == ["p3", "p5"]
    assert len(events) == 3


def test_what_an_items_page_can_be(site: FakeSite) -> None:
    site.pages |= {
        "/new": items_page([1, 2, 3, 4]),
        "/i/1": page("", 404),
        "/i/2": page("<p>该宝贝已下架</p>"),
        "/i/3": page("<p>别的</p>"),
    }
    listings, events = site.patrol(site.spec(LATEST + "gone: {words: [该宝贝已下架]}\n"))
    assert _ids(listings) == ["p4"]
    assert [event.outcome for event in events] == ["ok", "ok", "layout_changed"]
    assert site.refused == ["gone", "layout_changed"]


def test_robots_stop_an_address_not_the_run(site: FakeSite) -> None:
    robots = Reply(200, "", (("Content-Type", "text/plain"),), b"User-agent: *\nDisallow: /i/2\n")
    site.pages |= {"/robots.txt": robots, "/new": items_page([1, 2, 3])}
    listings, events = site.patrol(site.spec(LATEST))
    assert _ids(listings) == ["p1", "p3"]
    assert [event.outcome for event in events] == ["robots_denied"]
    assert "/i/2" not in site.asked


def test_nothing_at_all_is_empty(site: FakeSite) -> None:
    spec = site.spec("lists: [{search: '/s?q={term}'}]\n" + ITEMS)
    site.pages["/s?q=无"] = items_page([])
    assert [event.outcome for event in site.patrol(spec, "无")[1]] == ["empty"]
    assert [event.outcome for event in site.patrol(spec)[1]] == ["empty"]


def test_an_honest_empty_list_is_told_from_a_changed_one(site: FakeSite) -> None:
    rules = ITEMS.replace("  link: a\n", "  link: a\n  no_results: {words: [没有找到]}\n")
    spec = site.spec("lists: [{search: '/s?q={term}'}]\n" + rules)
    site.pages |= {"/s?q=无": page("<p>没有找到</p>"), "/s?q=改": page("<p>改版</p>")}
    assert [event.outcome for event in site.patrol(spec, "无")[1]] == ["empty"]
    assert [event.outcome for event in site.patrol(spec, "无", "改")[1]] == ["layout_changed"]


def test_fewer_than_expected(site: FakeSite) -> None:
    site.pages["/new"] = items_page([1, 2])
    _, events = site.patrol(site.spec(LATEST + "expect: {fewest: 3}\n"))
    assert [(event.outcome, event.message) for event in events] == [
        ("layout_changed", "2 listings found, 3 expected at least")
    ]
