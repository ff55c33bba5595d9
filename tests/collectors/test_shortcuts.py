"""What is done by a shorter way gives the same as the long one."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import jmespath
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from collectors.extract import read_list
from collectors.fields import absolute
from collectors.selectors import search_json
from tests.collectors.platform_files import shop

BASES = (
    "http://127.0.0.1:8790/list?page=2",
    "https://shop.example/a/b/",
    "https://shop.example",
    "HTTP://Shop.Example/x",
    "http://u:p@shop.example/x",
    "http://[::1]:80/x",
    "ftp://shop.example/x",
    "",
)


def slowly(base: str, link: str) -> str | None:
    """As the standard library says."""
    try:
        address = urljoin(base, link.strip())
        parts = urlsplit(address)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return None
    return address.partition("#")[0]


LINKS = st.one_of(
    st.text(st.sampled_from("/a.%3Z?=&;#:@-_~+, \t\\\u4e00"), max_size=12).map(lambda text: "/" + text),
    st.text(max_size=12),
)


@settings(max_examples=600, deadline=None)
@given(st.sampled_from(BASES), LINKS)
@example("https://shop.example/a/b/", "/./x")
@example("https://shop.example/a/b/", "/a/../x")
@example("https://shop.example/a/b/", "//other.example/x")
@example("https://shop.example/a/b/", "/x?")
@example("https://shop.example/a/b/", "/x?a=/../b")
@example("https://shop.example/a/b/", "/a\n")
def test_addresses(base: str, link: str) -> None:
    assert absolute(base, link) == slowly(base, link)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "true", "_c"]), inner),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(
    JSON, st.sampled_from(["a", "a.b", "a.b.a", "true", "_c", "null.a", "a[0]", "a || b", "@", "a.b[]", "length(a)"])
)
def test_paths(value: object, expression: str) -> None:
    try:
        wanted = jmespath.search(expression, value)
    except jmespath.exceptions.JMESPathError:
        wanted = None
    assert search_json(expression, value) == wanted


@pytest.mark.parametrize(
    "items",
    [
        "fields: {native_id: id, title: name, price: cost}",
        "fields: {title: name, price: cost}",
        "link: {template: '/i/{native_id}?s={seller_id}'}, fields: {native_id: id, seller_id: shop, title: name}",
        "link: page, fields: {title: name}",
        "fields: {native_id: {template: '{seller_id}-{price}'}, seller_id: shop, price: cost, title: name}",
    ],
)
def test_items_are_told_apart_by_the_same_keys(tmp_path: Path, items: str) -> None:
    spec = shop(tmp_path, "http://shop.test", f"lists: [{{latest: /api}}]\nitems: {{select: data, {items}}}\n", "json")
    rows = [
        {"id": 1, "name": "货", "cost": "5", "shop": "s1", "page": "/p/1"},
        {"name": "没有编号", "cost": "6"},
        {"name": "没有编号", "cost": "7"},
        {"id": 2, "shop": "s 2"},
    ]
    body = json.dumps({"data": rows}).encode()
    whole = read_list(spec, body, "application/json", "http://shop.test/api")
    short = read_list(spec, body, "application/json", "http://shop.test/api", keys_only=True)
    assert [(item.key, item.link) for item in short.items] == [(item.key, item.link) for item in whole.items]
