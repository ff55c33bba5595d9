"""Values out of pages and JSON: prices, times, texts, addresses."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adwatch.models import Capture
from collectors.charset import decode_text
from collectors.documents import HtmlDocument, JsonDocument, Unreadable, open_document
from collectors.fields import absolute, read_raw, to_listing
from collectors.html import fragment_text
from collectors.spec import PlatformSpec
from collectors.spec_fields import Fields, Value

PAGE = """
<html><head><title>小店 - 首页</title></head><body>
<article data-id="p1"><h1>  叉车证\n N1 </h1>
<div class="text"><p>第一段 <b>加粗</b>字</p><p>第二段<br>换行</p><script>alert('x')</script>
<p class="ad">广告</p></div>
<span class="price">¥1,299.00</span><a class="shop" href="/shop/7" data-shop-id="7">老王</a>
<img src="/a.jpg"><img src="b.png#x"><img src="javascript:x"><img src="/a.jpg"><img src="data:image/png;base64,xx">
<table class="t"><tr><th>编号</th><td>N-1</td></tr><tr><th> 卖家 </th><td>老王</td></tr><tr><th>空</th></tr></table>
<dl><dt>地区</dt><dd>浙江</dd></dl>
</article></body></html>
"""
CAPTURE = Capture(
    "shop", "2026-11-16", "detail", "http://shop.example/i/1", datetime(2026, 11, 16, tzinfo=UTC), 200, "", "", 0, ""
)


def _spec() -> PlatformSpec:
    return PlatformSpec(name="shop", label="x", kind="html", access="public_page", basis="x")


def _html(**rule: Any) -> list[str]:
    document = HtmlDocument(PAGE, "http://shop.example/i/1")
    return document.values(document.root, Value(**rule))


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        ({"select": "h1"}, ["叉车证 N1"]),
        ({"select": "div.text"}, ["第一段 加粗字\n第二段\n换行\n广告"]),
        ({"select": "div.text", "drop": "p.ad"}, ["第一段 加粗字\n第二段\n换行"]),
        ({"select": "div.text p:first-child"}, ["第一段 加粗字"]),
        ({"select": "article", "attr": "data-id"}, ["p1"]),
        ({"select": "article", "attr": "data-other"}, []),
        ({"select": "a.shop", "attr": "href", "regex": r"/shop/(\d+)"}, ["7"]),
        ({"select": "a.shop", "attr": "href", "regex": r"\d+"}, ["7"]),
        ({"select": "a.shop", "attr": "href", "regex": r"item/(\d+)"}, []),
        ({"th": "编号"}, ["N-1"]),
        ({"th": "卖家"}, ["老王"]),
        ({"th": "空"}, []),
        ({"th": "没有"}, []),
        ({"th": "地区"}, ["浙江"]),
        ({"th": "地区", "select": "dl"}, ["浙江"]),
        ({"th": "编号", "select": "table.other"}, []),
        ({"select": "h2"}, []),
        ({"value": "发货地"}, ["发货地"]),
    ],
)
def test_html_values(rule: dict[str, Any], found: list[str]) -> None:
    assert _html(**rule) == found


def test_a_listing_from_a_page() -> None:
    rules = {
        "native_id": {"select": "article", "attr": "data-id"},
        "title": "h1",
        "price": ".price",
        "seller_id": {"select": "a.shop", "attr": "data-shop-id"},
        "seller_region": {"th": "没有"},
        "seller_region_source": {"value": "发货地"},
        "url": {"template": "/item/{native_id}"},
        "images": {"select": "img", "attr": "src"},
        "links": {"select": "a", "attr": "href"},
    }
    fields = Fields.model_validate(rules)
    document = HtmlDocument(PAGE, "http://shop.example/i/1")
    listing = to_listing(_spec(), fields, read_raw(fields, document, document.root), CAPTURE)
    assert (listing.native_id, listing.title, listing.price_fen, listing.price_text) == (
        "p1",
        "叉车证 N1",
        129900,
        "¥1,299.00",
    )
    assert listing.url == "http://shop.example/item/p1"
    assert listing.images == ("http://shop.example/a.jpg", "http://shop.example/i/b.png")
    assert listing.links == ("http://shop.example/shop/7",)
    assert (listing.seller_region, listing.seller_region_source) == (None, None)
    assert listing.text is None


@pytest.mark.parametrize(
    ("text", "unit", "fen"),
    [
        ("¥47.40", "yuan", 4740),
        ("￥ 1,299", "yuan", 129900),
        ("价格：¥0.01", "yuan", 1),
        ("1.2万", "yuan", 1200000),
        ("4990", "fen", 4990),
        ("面议", "yuan", None),
        ("100-200", "yuan", None),
        ("$5", "yuan", None),
        ("47.4", "fen", None),
    ],
)
def test_prices(text: str, unit: str, fen: int | None) -> None:
    fields = Fields.model_validate({"title": "x", "price": {"select": "p", "unit": unit}})
    listing = to_listing(_spec(), fields, {"price": text}, CAPTURE)
    assert (listing.price_fen, listing.price_text) == (fen, text)


@pytest.mark.parametrize(
    ("text", "rule", "expected"),
    [
        ("2026-11-16T09:00:00+08:00", {}, datetime(2026, 11, 16, 1, 0, tzinfo=UTC)),
        ("2026-11-16 09:00", {}, datetime(2026, 11, 16, 1, 0, tzinfo=UTC)),
        ("2026-11-16T01:00:00", {"zone": "UTC"}, datetime(2026, 11, 16, 1, 0, tzinfo=UTC)),
        ("2026-11-16T01:00:00Z", {}, datetime(2026, 11, 16, 1, 0, tzinfo=UTC)),
        ("16.11.2026 09:00", {"format": "%d.%m.%Y %H:%M"}, datetime(2026, 11, 16, 1, 0, tzinfo=UTC)),
        ("1794790800", {"format": "unix"}, datetime(2026, 11, 16, 1, 0, tzinfo=UTC)),
        ("1794790800000", {"format": "unix_ms"}, datetime(2026, 11, 16, 1, 0, tzinfo=UTC)),
        ("1794790800", {"format": ["%Y", "unix"]}, datetime(2026, 11, 16, 1, 0, tzinfo=UTC)),
        ("昨天", {}, None),
        ("nan", {"format": "unix"}, None),
        ("1e300", {"format": "unix"}, None),
        ("16.11.2026", {"format": "%Y"}, None),
    ],
)
def test_times(text: str, rule: dict[str, Any], expected: datetime | None) -> None:
    fields = Fields.model_validate({"title": "x", "posted_at": {"select": "t", **rule}})
    assert to_listing(_spec(), fields, {"posted_at": text}, CAPTURE).posted_at == expected


@pytest.mark.parametrize(
    ("link", "address"),
    [
        ("/a", "http://shop.example/a"),
        ("b?x=1#y", "http://shop.example/i/b?x=1"),
        ("//cdn.example/x", "http://cdn.example/x"),
        (" https://a.example/ ", "https://a.example/"),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("mailto:a@b.cn", None),
        ("http://[::1", None),
    ],
)
def test_addresses(link: str, address: str | None) -> None:
    assert absolute("http://shop.example/i/1", link) == address


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("电工证".encode(), "text/html; charset=utf-8"),
        ("电工证".encode("gbk"), "text/html; charset=GBK"),
        ("电工证".encode("gbk"), "text/html"),
        ("电工证".encode("gbk"), "text/html; charset=utf-8"),
        ("电工证".encode("gbk"), "text/html; charset=no-such-thing"),
        ("电工证".encode("utf-8-sig"), "text/html; charset=gbk"),
        ("电工证".encode("utf-16"), None),
    ],
)
def test_charsets(body: bytes, content_type: str | None) -> None:
    assert decode_text(body, content_type) == "电工证"


def test_a_meta_tag_names_the_charset() -> None:
    body = '<meta charset="gb2312">證書'.encode("gb18030")
    assert "證書" in decode_text(body, "text/html")


def test_json_values() -> None:
    document = JsonDocument(
        '{"a": [{"n": 1, "t": "<p>x &amp; y</p><p>z</p>", "ok": true, "none": null}], "s": "v"}', "u"
    )
    (item,) = document.nodes("a") or []
    assert document.values(item, Value(select="n")) == ["1"]
    assert document.values(item, Value(select="t", html=True)) == ["x & y\nz"]
    assert document.values(item, Value(select="ok")) == []
    assert document.values(item, Value(select="none")) == []
    assert document.values(item, Value(select="to_number('x')")) == []
    assert document.values(item, Value(select="length(n)")) == []
    assert document.nodes("missing") is None
    assert JsonDocument('{"a": []}', "u").nodes("a") == []


@pytest.mark.parametrize("text", ["", "<html>", "{", "[1,", "[" * 100_000])
def test_what_is_not_json(text: str) -> None:
    with pytest.raises(Unreadable):
        JsonDocument(text, "u")


def test_odd_json_is_read() -> None:
    document = JsonDocument(r'{"t": "a\ud800b\u0000", "n": NaN}', "u")
    assert document.values(document.root, Value(select="t")) == ["a\ufffdb\ufffd"]


HOSTILE = [
    "",
    "\x00<h1>x</h1>",
    "<h1>" * 5000,
    "<a" + " x" * 10_000,
    "<!DOCTYPE x [<!ENTITY a 'b'>]>&a;",
    '<?xml version="1.0" encoding="utf-16"?><html><h1>x</h1></html>',
    "<h1>{{7*7}}</h1><base href='http://[bad/'>",
    "\ud800",
    "<svg><script>alert(1)</script></svg><math>",
    "plain text, no page",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_html_is_just_text(text: str) -> None:
    body = text.encode("utf-8", "surrogatepass")
    document = open_document("html", body, "text/html", "http://shop.example/")
    document.values(document.root, Value(select="h1"))
    assert "alert" not in document.shown()


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_can_be_opened(body: bytes) -> None:
    document = open_document("html", body, None, "http://shop.example/")
    assert isinstance(document.shown(), str)
    assert isinstance(fragment_text(decode_text(body, None)), str)
