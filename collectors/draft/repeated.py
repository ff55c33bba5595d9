"""The list of a page: siblings of one form, each with a link to a page of its own."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from collectors.documents import HtmlDocument
from collectors.draft.naming import Element, agreed, first_inside, named, shared
from collectors.fields import absolute
from collectors.html import block_text
from collectors.selectors import find

PRICE = re.compile(r"^\s*(?:[¥￥$]|RMB|CNY)?\s*\d[\d,]*(?:\.\d+)?\s*(?:元|起|万)*\s*$|[¥￥]\s*\d[\d,.]*")
FEWEST = 3
"""Items that make a list."""
_MOST_TEXT = 400
_FRAME = ("nav", "header", "footer", "aside")
_FRAME_WORDS = re.compile(
    r"(?:\S+[-_])?(?:nav|navbar|navigation|menu|breadcrumbs?|pager|pagination|paginator|footer|header|sidebar|tag-?cloud"
    r"|categories|dropdown)(?:[-_]\S+)?"
)
"""A class or id of the frame around a page's matter; category-7 of a post is none."""

_COLUMNS = (
    ("seller_name", re.compile(r"作者|楼主|发帖人|发布人|发布者|卖家|店铺|商家|[Aa]uthor|[Ss]eller")),
    ("posted_at", re.compile(r"(?:发表|发布|发帖|上架)?(?:时间|日期)|[Dd]ate|[Pp]osted")),
)
"""Headings of a list's columns and the fields below them; a column of last replies is none."""


@dataclass(frozen=True, slots=True)
class Repeated:
    """A list as it was found."""

    select: str
    """Selector of one item."""
    link: str
    """Selector of its link, inside the item."""
    addresses: tuple[str, ...]
    """Addresses of the items' own pages, in order."""
    fields: dict[str, Any] = field(default_factory=dict)
    """Rules of fields that stand in the list."""
    score: float = 0.0
    """How much it looks like the page's list."""


def lists_of(document: HtmlDocument) -> list[Repeated]:
    """All lists of a page, the likeliest first."""
    groups: dict[str, list[Element]] = defaultdict(list)
    for parent in document.root.iter():
        if not isinstance(parent.tag, str) or len(parent) < FEWEST or _framed(parent):
            continue
        kinds: dict[str, list[Element]] = defaultdict(list)
        for child in parent:
            if isinstance(child.tag, str):
                kinds[child.tag].append(child)
        for children in kinds.values():
            linked = [child for child in children if child.tag != "a" and find("a[href]", child)]
            if len(linked) >= FEWEST:
                one = shared(linked)
                way = one if "." in one else f"{named(parent)} > {one}"
                groups[way] += [child for child in linked if child not in groups[way]]
    found = [list_ for way in groups if (list_ := _as_list(document, way)) is not None]
    return sorted(found, key=lambda one: one.score, reverse=True)


def _framed(element: Element) -> bool:
    """Whether it belongs to the frame around the page's matter."""
    while element is not None and element.tag not in ("body", "html"):
        words = f"{element.get('class') or ''} {element.get('id') or ''} {element.get('role') or ''}".lower()
        if element.tag in _FRAME or any(_FRAME_WORDS.fullmatch(word) for word in words.split()):
            return True
        element = element.getparent()
    return False


def _as_list(document: HtmlDocument, select: str) -> Repeated | None:
    items = [node for node in find(select, document.root) if not _framed(node)]
    if len(items) < FEWEST or len(items) < 0.8 * len(find(select, document.root)):
        return None
    item = _innermost(items)
    if item is not None:
        return _as_list(document, item) if item != select else None
    links = [_main_link(document, node) for node in items]
    way = agreed(
        [first_inside(node, link) if link is not None else None for node, link in zip(items, links, strict=True)]
    )
    if way is None:
        return None
    addresses = []
    for node in items:
        found = find(way, node)
        address = absolute(document.base, found[0].get("href", "")) if found else None
        if address is not None:
            addresses.append(address)
    distinct = list(dict.fromkeys(addresses))
    if len(distinct) < max(FEWEST, 0.7 * len(items)):
        return None
    fields = _fields(document, items, way)
    return Repeated(select, way, tuple(distinct), fields, _score(items, distinct, fields))


def _innermost(items: Sequence[Element]) -> str | None:
    """A named element that each item wraps as a whole (li > article.card): the better name of the item."""
    inner = [next((one for one in node if isinstance(one.tag, str)), None) for node in items]
    if any(len([one for one in node if isinstance(one.tag, str)]) != 1 for node in items) or None in inner:
        return None
    name = shared(inner)
    return name if "." in name and inner[0] is not None and inner[0].tag != "a" else None


def _main_link(document: HtmlDocument, node: Element) -> Element | None:
    """The link to the item's own page: in a heading, else the one with the most words."""
    own = urlsplit(document.base).netloc
    links = [
        link
        for link in find("a[href]", node)
        if (address := absolute(document.base, link.get("href"))) and urlsplit(address).netloc == own
    ]
    for heading in ("h1 a[href]", "h2 a[href]", "h3 a[href]", "h4 a[href]", "h5 a[href]"):
        headed = [link for link in find(heading, node) if link in links]
        if headed:
            return headed[0]
    return max(links, key=lambda link: (len(block_text(link) or link.get("title") or ""), 1), default=None)


def _fields(document: HtmlDocument, items: Sequence[Element], link: str) -> dict[str, Any]:
    out: dict[str, Any] = {}
    heads = [find(link, node)[0] for node in items if find(link, node)]
    if sum(bool(block_text(head).strip()) for head in heads) >= 0.8 * len(items):
        cut = sum(block_text(head).rstrip().endswith(("...", "…")) for head in heads)
        titled = sum(bool(head.get("title")) for head in heads) == len(heads)
        out["title"] = {"select": link, "attr": "title"} if titled and cut else link
    price = agreed([_price_way(node) for node in items], 0.5)
    if price is not None:
        out["price"] = price
    shown = [found[0] if (found := find("img[src]", node)) else None for node in items]
    ways = [first_inside(node, one) if one is not None else None for node, one in zip(items, shown, strict=True)]
    if (way := agreed(ways, 0.5)) is not None and len({one.get("src") for one in shown if one is not None}) > 1:
        out["images"] = {"select": way, "attr": "src"}
    times = agreed(["time" if find("time[datetime]", node) else None for node in items])
    if times is not None:
        out["posted_at"] = {"select": times, "attr": "datetime", "format": ["iso", "relative"]}
    return {**_columns(items), **out}


def _columns(items: Sequence[Element]) -> dict[str, Any]:
    """Fields by the headings of a table's columns, of items that are its rows."""
    table = next(items[0].iterancestors("table"), None)
    if items[0].tag != "tr" or table is None:
        return {}
    heads = [block_text(head).strip() for head in find("tr:first-child > th, tr:first-child > td", table)]
    rows = [find("td", node) for node in items]
    if any(len(row) != len(heads) for row in rows):
        return {}
    found: dict[str, Any] = {}
    for at, head in enumerate(heads, 1):
        name = next((name for name, words in _COLUMNS if name not in found and words.fullmatch(head)), None)
        if name is not None and all(block_text(row[at - 1]).strip() for row in rows):
            way = f"td:nth-child({at})"
            found[name] = {"select": way, "format": ["iso", "relative"]} if name == "posted_at" else way
    return found


def _price_way(node: Element) -> str | None:
    element = price_in(node)
    return first_inside(node, element) if element is not None else None


def price_in(node: Element) -> Element | None:
    """The first innermost element that says a price and little else."""
    said = [element for element in node.iter() if isinstance(element.tag, str) and _says_price(element)]
    around = {id(outer) for element in said for outer in element.iterancestors()}
    return next((element for element in said if id(element) not in around), None)


def _says_price(element: Element) -> bool:
    if element.tag in ("script", "style", "option"):
        return False
    text = block_text(element).strip()
    called = "price" in f"{element.get('class') or ''} {element.get('itemprop') or ''}".lower()
    return 0 < len(text) <= 24 and PRICE.search(text) is not None and (called or bool(re.search("[¥￥元]", text)))


def _score(items: Sequence[Element], addresses: Sequence[str], fields: dict[str, Any]) -> float:
    """Many items with much to say of each; those with prices, pictures and times are goods and posts."""
    words = sum(min(_MOST_TEXT, len(block_text(node))) for node in items) / len(items)
    weight = 1 + 2 * ("price" in fields) + 0.5 * ("images" in fields) + ("posted_at" in fields) + ("title" in fields)
    return float(min(len(addresses), 40) ** 0.7 * words**0.5 * weight)
