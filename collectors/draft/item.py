"""Rules for an item's own page, out of one or two such pages: what differs between them is the item."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from collectors.documents import HtmlDocument
from collectors.draft.byline import FORMATS, byline_rules
from collectors.draft.naming import Element, classes, named
from collectors.draft.repeated import price_in
from collectors.html import block_text
from collectors.selectors import find
from collectors.spec_fields import Time, Value
from collectors.times import read_time

_HEADS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("seller_name", re.compile(r"卖家|店铺|商家|店主|发布者|发布人|作者|楼主|[Ss]eller|[Vv]endor|[Aa]uthor")),
    ("posted_at", re.compile(r"(?:上架|发布|发帖|更新)(?:时间|日期)|[Pp]osted|[Pp]ublished|[Dd]ate")),
    ("seller_region", re.compile(r"(?:所在|发货)地?区?|地区|[Ll]ocation")),
    ("native_id", re.compile(r"(?:商品|货品|帖子|信息)?(?:编号|货号|条形码)(?:\(UPC\))?|UPC|SKU|ID")),
    ("reviews_count", re.compile(r"评论数?|评价数?|[Rr]eviews?|Number of reviews")),
    ("sales_text", re.compile(r"销量|月销|成交")),
)
"""Headings of table rows and the fields beside them; a whole heading must match, so that prose is none."""
_SELLERS = (
    "[itemprop=seller]",
    "[rel=author]",
    ".seller-name",
    ".seller",
    ".shop-name",
    ".author-name",
    ".author",
    ".byline a",
)
_MATTER = ("article", "main", "section", "div", "td", "p", "dd", "ul")
_LEAST = 8
"""Characters of a text worth naming."""


def item_rules(pages: Sequence[HtmlDocument], seen_at: datetime) -> tuple[str | None, dict[str, Any]]:
    """(root, rules of fields) for the pages; fields that none of them shows are left out."""
    first = pages[0]
    fields: dict[str, Any] = {}
    head = next((one for one in find("h1", first.root) if block_text(one).strip()), None)
    if head is not None:
        fields["title"] = _first_way(first, head)
    elif first.root.xpath("boolean(//meta[@property='og:title'])"):
        fields["title"] = {"select": 'meta[property="og:title"]', "attr": "content"}
    root = _root(pages, head)
    scope = find(root, first.root)[0] if root is not None else first.root
    fields |= _beside_headings(pages, seen_at)
    if "native_id" not in fields and (number := _number(pages)) is not None:
        fields["native_id"] = number
    price = price_in(scope)
    if price is not None:
        fields["price"] = _way_in(scope, price)
    if "posted_at" not in fields and (times := find("time[datetime]", scope)):
        fields["posted_at"] = {"select": _way_in(scope, times[0]), "attr": "datetime", "format": ["iso", "relative"]}
    if "seller_name" not in fields:
        seller = next((way for way in _SELLERS if all(_shown(page, root, way) for page in pages)), None)
        if seller is not None:
            fields["seller_name"] = seller
    spoken, said = byline_rules(pages, head, seen_at)
    fields = {**spoken, **fields}
    body = _without(_body(pages, root, head, ()), _body(pages, root, head, said), said)
    if body is not None:
        fields["text"] = body[0]
    for way in ([f"{body[0]} img"] if body is not None else []) + ["img"]:
        if _pictures_differ(pages, root, way):
            fields["images"] = {"select": way, "attr": "src"}
            break
    order = ("native_id", "title", "text", "price", "seller_name", "seller_region", "sales_text", "reviews_count")
    names = [*(name for name in order if name in fields), *(name for name in fields if name not in order)]
    return root, {name: fields[name] for name in names}


def _pictures_differ(pages: Sequence[HtmlDocument], root: str | None, way: str) -> bool:
    """Whether there are pictures, and not the same on each page: a placeholder or a logo is none of the item."""
    found = [{one.get("src") for one in find(f"{root} {way}" if root else way, page.root)} for page in pages]
    return root is not None and any(found) and (len(pages) == 1 or len({frozenset(one) for one in found}) > 1)


def _first_way(page: HtmlDocument, element: Element) -> str:
    """A selector that finds the element first on its page, the plainest that does."""
    return next((way for way in (element.tag, named(element)) if find(way, page.root)[0] is element), named(element))


def _way_in(scope: Element, element: Element) -> str:
    own = named(element)
    found = find(own, scope)
    if found and found[0] is element:
        return own
    parent = element.getparent()
    return f"{named(parent)} > {own}" if parent is not None else own


def _shown(page: HtmlDocument, root: str | None, way: str) -> bool:
    scope = find(root, page.root) if root is not None else [page.root]
    found = find(way, scope[0]) if scope else []
    return bool(found) and 0 < len(block_text(found[0]).strip()) <= 40


def _root(pages: Sequence[HtmlDocument], head: Element | None) -> str | None:
    """The smallest named element around the headline that says most of what is this page's own."""
    if head is None:
        return None
    total = len(_own_lines(pages, "body"))
    around = head.getparent()
    while around is not None and around.tag not in ("body", "html"):
        way = named(around)
        known = "." in way or around.tag in ("article", "main")
        if known and total and all(len(find(way, page.root)) == 1 for page in pages) and _says(pages, way, total):
            return way
        around = around.getparent()
    return None


def _says(pages: Sequence[HtmlDocument], way: str, total: int) -> bool:
    return len(_own_lines(pages, way)) >= 0.7 * total


def _own_lines(pages: Sequence[HtmlDocument], way: str) -> str:
    """What an element of the first page says that the same element of the others does not."""
    found = [find(way, page.root) for page in pages]
    if not all(found):
        return ""
    texts = [block_text(one[0]).split("\n") for one in found]
    others = {line for text in texts[1:] for line in text}
    return "\n".join(line for line in texts[0] if line not in others)


def _body(
    pages: Sequence[HtmlDocument], root: str | None, head: Element | None, apart: Sequence[Element]
) -> tuple[str, Element] | None:
    """The element with the item's text: much that is this page's own, and little else; none with ``apart`` in it."""
    scope = find(root, pages[0].root)[0] if root is not None else pages[0].root
    best: tuple[float, str, Element] | None = None
    for element in scope.iter(*_MATTER):
        if head is not None and (head is element or head in element.iterdescendants()):
            continue
        if any(one is element or element in one.iterancestors() for one in apart):
            continue
        for way in _ways(element, scope):
            found = [find(f"{root} {way}" if root else way, page.root) for page in pages]
            if not all(found) or found[0][0] is not element:
                continue
            whole = block_text(element)
            own = _own_lines(pages, f"{root} {way}" if root else way) if len(pages) > 1 else whole
            linked = sum(len(block_text(link)) for link in find("a", element))
            score = len(own) - 0.7 * (len(whole) - len(own)) - 2 * linked
            if len(own) >= _LEAST and (best is None or score > best[0] + 2):
                best = (score, way, element)
            break
    return (best[1], best[2]) if best is not None and best[0] > 0 else None


def _without(
    whole: tuple[str, Element] | None, bare: tuple[str, Element] | None, said: Sequence[Element]
) -> tuple[str, Element] | None:
    """The text without who and when, unless more goes with them than they say."""
    if whole is None or bare is None:
        return whole
    rest = len(block_text(whole[1])) - sum(len(block_text(one)) for one in said if whole[1] in one.iterancestors())
    return bare if len(block_text(bare[1])) >= 0.6 * rest else whole


def _ways(element: Element, scope: Element) -> list[str]:
    """Names of an element that say more than its tag: its own, or that of the element right before it."""
    own = named(element)
    ways = [own] if own != element.tag or element.tag in ("article", "main") else []
    before = element.getprevious()
    while before is not None and not isinstance(before.tag, str):
        before = before.getprevious()
    if before is not None and (before.get("id") or classes(before)):
        ways.append(f"{named(before)} + {element.tag}")
    return [way for way in ways if find(way, scope) and find(way, scope)[0] is element]


def _beside_headings(pages: Sequence[HtmlDocument], seen_at: datetime) -> dict[str, Any]:
    """Fields by the heading of their row in a table or a definition list."""
    out: dict[str, Any] = {}
    for head in find("th, dt", pages[0].root):
        text = block_text(head).strip()
        name = next((name for name, heading in _HEADS if name not in out and heading.fullmatch(text.rstrip(":：")))
                    , None)  # fmt: skip
        values = [page.values(page.root, Value(th=text)) for page in pages] if name is not None else []
        if name is None or not all(values):
            continue
        out[name] = {"th": text}
        if name == "posted_at":
            forms = [form for form in FORMATS if all(read_time(Time(format=form), one[0], seen_at) for one in values)]
            if not forms:
                del out[name]
            else:
                out[name]["format"] = forms[0]
    if "seller_region" in out:
        out["seller_region_source"] = {"value": "自述"}
    return out


def _number(pages: Sequence[HtmlDocument]) -> dict[str, Any] | None:
    """The number in the page's canonical address, if each page has one of its own."""
    rule = {"select": 'link[rel="canonical"]', "attr": "href", "regex": r"(\d+)\D*$"}
    values = [page.values(page.root, Value(**rule)) for page in pages]
    numbers = [found[0] for found in values if found]
    return rule if len(numbers) == len(pages) == len(set(numbers)) else None
