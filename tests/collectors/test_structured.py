"""Pages read by their schema.org and OpenGraph data: main item, offers, references, and what is broken."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from adwatch.http import Reply
from collectors.offers import offer_lines, price_text
from collectors.structured import StructuredDocument
from tests.collectors.fake_site import FakeSite, page

URL = "http://shop.test/i/1"


def _ld(*nodes: Any) -> str:
    scripts = "".join(f'<script type="application/ld+json">{json.dumps(node)}</script>' for node in nodes)
    return f"<html><head>{scripts}</head><body>x</body></html>"


def _root(text: str) -> dict[str, Any]:
    found: dict[str, Any] = StructuredDocument(text, URL).root
    return found


def _reply(node: Any) -> Reply:
    return page(_ld(node))


@pytest.mark.parametrize(
    ("offers", "text"),
    [
        ([], None),
        ([{"price": "120.00", "priceCurrency": "CNY"}], "120.00"),
        ([{"price": 120}], "120"),
        ([{"price": 120.0}, {"price": "120"}], "120.0"),
        ([{"price": "880"}, {"price": "1,680"}], "880起"),
        ([{"lowPrice": "360", "highPrice": "520"}], "360起"),
        ([{"lowPrice": "360", "highPrice": "360"}], "360"),
        ([{"price": "12", "priceCurrency": "USD"}], "USD 12"),
        ([{"price": "12", "priceCurrency": "USD"}, {"price": "80", "priceCurrency": "RMB"}], "80"),
        ([{"priceSpecification": [{"minPrice": "5"}, {"price": "7"}]}], "5起"),
        ([{"price": "面议"}], None),
        ([{"price": "NaN"}, {"price": "Infinity"}], None),
        ([{"price": {"deep": "node"}}], None),
        ([{"price": ""}], None),
    ],
)
def test_price(offers: list[dict[str, Any]], text: str | None) -> None:
    assert price_text(offers) == text


def test_a_promise_in_a_variant_is_part_of_the_text() -> None:
    offers = [
        {"name": "标准"},
        {"name": "加急", "description": "<b>免考</b>"},
        {"itemOffered": {"name": "货"}},
        {"name": "标准"},
    ]
    assert offer_lines(offers, "货") == ["标准", "加急", "免考"]


def test_the_pages_own_item_is_taken_not_the_first() -> None:
    other = {"@type": "Product", "name": "别的", "url": "/i/2"}
    own = {"@type": "Product", "name": "这个", "url": URL}
    assert _root(_ld(other, own))["title"] == "这个"


def test_the_likeliest_type_is_taken() -> None:
    article, product = {"@type": "Article", "headline": "文章"}, {"@type": "Product", "name": "货"}
    assert _root(_ld(article, product))["title"] == "货"
    assert _root(_ld({"@type": "Organization", "name": "公司"})) == _root(_ld()) | {
        "graph": [{"type": ["Organization"], "name": "公司"}]
    }


def test_a_list_is_not_an_item_and_its_items_are_found() -> None:
    inner = [
        {"@type": "ListItem", "position": n, "item": {"@type": "Product", "name": f"货 {n}", "url": f"/i/{n}"}}
        for n in (1, 2)
    ]
    root = _root(_ld({"@type": "ItemList", "itemListElement": inner}))
    assert [(one["title"], one["url"], one["id"]) for one in root["items"]] == [
        ("货 1", "/i/1", "/i/1"),
        ("货 2", "/i/2", "/i/2"),
    ]
    plain = _root(
        _ld({"@type": "ItemList", "itemListElement": ["/i/1", {"@type": "ListItem", "url": "/i/2", "name": "二"}]})
    )
    assert [one["url"] for one in plain["items"]] == ["/i/1", "/i/2"]


def test_references_are_followed_and_circles_end() -> None:
    graph = [
        {"@type": "Product", "@id": "#p", "name": "货", "offers": {"@id": "#o"}},
        {"@type": "Offer", "@id": "#o", "price": "5", "seller": {"@id": "#s"}, "itemOffered": {"@id": "#p"}},
        {"@type": "Organization", "@id": "#s", "name": "店", "makesOffer": {"@id": "#o"}},
    ]
    root = _root(_ld({"@graph": graph}))
    assert (root["title"], root["price"], root["seller_name"]) == ("货", "5", "店")


@pytest.mark.parametrize(
    "script",
    [
        "{",
        "[" * 100_000,
        '{"a":' * 10_000,
        '{"@type": "Product", "name": NaN}',
        "null",
        "",
        "[[[]]]",
        '{"@type": {"a": 1}}',
    ],
    ids=range(8),
)
def test_one_broken_script_costs_itself_only(script: str) -> None:
    good = _ld({"@type": "Product", "name": "货"})
    broken = f'<script type="application/ld+json">{script}</script>'
    assert _root(good.replace("<head>", f"<head>{broken}"))["title"] == "货"


def test_deep_microdata_is_no_end() -> None:
    deep = '<div itemscope itemtype="http://schema.org/Product"><div itemprop="offers" itemscope>' * 300
    assert {"type": ["Product"]} in _root(f"<html><body>{deep}</body></html>")["graph"]


def test_the_same_page_gives_the_same_nodes_each_time() -> None:
    post = '<div typeof="Product"><b property="name">货{n}</b><i property="offers" typeof="Offer"><u property="price">{n}</u></i></div>'
    text = (
        '<html><body vocab="http://schema.org/">'
        + "".join(post.replace("{n}", str(n)) for n in range(5))
        + "</body></html>"
    )
    first = json.dumps(_root(text), ensure_ascii=False)
    assert "_:" not in first
    assert {json.dumps(_root(text), ensure_ascii=False) for _ in range(3)} == {first}


def test_rdfa_fetches_no_vocabulary(tmp_path: Path) -> None:
    terms = f"http://127.0.0.1:9/{tmp_path.name}#"
    text = f'<html><body vocab="{terms}" typeof="Product"><b property="name">货</b></body></html>'
    assert {"type": [f"{terms}Product"], f"{terms}name": "货"} in _root(text)["graph"]


def test_a_platform_without_a_selector(tmp_path: Path) -> None:
    site = FakeSite(tmp_path)
    links = '<a href="/i/1">一</a><a href="/i/2#x">二</a><a href="/help">帮助</a><a href="javascript:go(3)">/i/3</a>'
    links += '<a href="data:text/html,/i/4">四</a><a href="/i/1">又</a><a rel="next" href="/all?p=2">下一页</a>'
    site.pages["/all"] = page(links)
    site.pages["/all?p=2"] = page('<a href="/i/2">二</a>')
    site.pages["/i/1"] = _reply({"@type": "Product", "name": "货 1", "sku": 1, "offers": {"price": 9.5}})
    site.pages["/i/2"] = _reply({"@type": "Course", "name": "课 2", "provider": "某校"})
    text = "lists: [{latest: /all}]\npaging: {by: next_link}\nitems: {links: '/i/\\d+$'}\n"
    spec = site.spec(text, "structured")
    listings, events = site.patrol(spec)
    assert events == []
    assert [(one.native_id, one.title, one.price_fen, one.seller_name) for one in listings] == [
        ("1", "货 1", 950, None),
        ("http://shop.test/i/2", "课 2", None, "某校"),
    ]
    assert site.check(spec, listings[0]).word == "up"
    site.pages["/i/1"] = _reply({"@type": "Product", "name": "货 1", "sku": 1, "description": "包过"})
    assert site.check(spec, listings[0]).word == "changed"
    site.pages["/i/1"] = page("", 404)
    assert site.check(spec, listings[0]).word == "gone"


def test_a_list_that_says_all(tmp_path: Path) -> None:
    site = FakeSite(tmp_path)
    items = [{"@type": "Product", "name": f"货 {n}", "sku": f"p{n}", "url": f"/i/{n}"} for n in (1, 2)]
    site.pages["/all"] = _reply({"@type": "ItemList", "itemListElement": items})
    listings, events = site.patrol(site.spec("lists: [{latest: /all}]\n", "structured"))
    assert events == []
    assert [(one.native_id, one.url) for one in listings] == [
        ("p1", "http://shop.test/i/1"),
        ("p2", "http://shop.test/i/2"),
    ]


def test_a_mapping_of_ones_own(tmp_path: Path) -> None:
    site = FakeSite(tmp_path)
    site.pages["/all"] = page('<a href="/i/1">一</a>')
    site.pages["/i/1"] = _reply(
        {"@type": "Product", "name": "货", "color": "红", "offers": [{"name": "甲"}, {"name": "乙", "price": 3}]}
    )
    text = "lists: [{latest: /all}]\nitems: {links: /i/}\ndetail: {fields: {sales_text: item.color, price: \"item.offers[?name=='乙'].price | [0]\"}}\n"
    (listing,), _ = site.patrol(site.spec(text, "structured"))
    assert (listing.sales_text, listing.price_fen, listing.title) == ("红", 300, "货")
