"""Reads listings out of one archived body: pure, the same from (capture, body) at any time."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

import orjson

from adwatch.models import Capture, Listing
from adwatch.ports import Refused
from collectors.cards import cards
from collectors.documents import Document, HtmlDocument, Unreadable, open_document
from collectors.fields import Raw, absolute, filled, only, read_raw, to_listing, too_large
from collectors.replies import is_further, replies_on
from collectors.signs import block_reason, gone_reason
from collectors.sitemap import SitemapDocument
from collectors.spec import Items, PlatformSpec
from collectors.spec_fields import Value

_READ = (200, 304)


@dataclass(frozen=True, slots=True)
class ListItem:
    """One item of a list page."""

    key: str
    """What tells it from others: its address, else its id, else a digest of what is shown."""
    link: str | None
    """Address of its own page."""
    raw: Raw
    """Fields that stand in the list."""


@dataclass(frozen=True, slots=True)
class ListPage:
    """A list page as read."""

    document: Document
    """The body, for paging."""
    items: list[ListItem] = field(default_factory=list)
    """In order."""
    place_found: bool = True
    """Whether there was a place for items at all."""
    no_results: bool = False
    """Whether the page itself says that there are none."""
    lists: tuple[str, ...] = ()
    """Addresses of further lists that it leads to, such as the sitemaps of an index."""
    notes: tuple[str, ...] = ()
    """What was left out of it, in sentences."""


def read_list(
    spec: PlatformSpec, body: bytes, content_type: str | None, url: str, *, keys_only: bool = False
) -> ListPage:
    """Items of a list page; Unreadable if the body is not of the platform's kind.

    ``keys_only`` leaves out fields that do not tell items apart: a patrol need not read a list's listings twice.
    """
    if spec.items is None:
        raise Unreadable("平台文件没有 items the platform file has no items")
    document = open_document(spec.list_kind, body, content_type, url)
    if isinstance(document, SitemapDocument):
        return _sitemap_page(spec, document)
    if spec.items.links is not None and isinstance(document, HtmlDocument):
        shown = cards(document, spec.items.links)
        found = [ListItem(address, address, {"shown": words} if words else {}) for address, words in shown.items()]
        return ListPage(document, found) if found else _without_items(spec.items, document, False)
    nodes = document.nodes(spec.items.select or "@")
    if not nodes:
        return _without_items(spec.items, document, nodes is not None)
    link_rule = spec.items.link
    if link_rule is not None and isinstance(document, HtmlDocument) and link_rule.attr is None:
        link_rule = link_rule.model_copy(update={"attr": "href"})
    fields = spec.items.fields
    wanted = only(fields, link_rule.template if link_rule else None) if keys_only else list(fields.given())
    items = []
    for node in nodes:
        raw = read_raw(wanted, document, node)
        link = _link(document, node, link_rule, raw)
        native_id = raw.get("native_id")
        key = link or (native_id if isinstance(native_id, str) else None)
        items.append(ListItem(key or _digest(read_raw(fields, document, node)), link, raw))
    return ListPage(document, items)


def _without_items(rules: Items, document: Document, place_found: bool) -> ListPage:
    """A page on which no item stands: an honest empty one says so."""
    none = rules.no_results
    said = none.select is not None and bool(document.nodes(none.select))
    said = said or bool(none.words and any(word in document.shown() for word in none.words))
    return ListPage(document, [], place_found, said)


def _linked(base: str, links: list[str], pattern: str) -> list[ListItem]:
    """Items by the addresses of links, each once."""
    wanted = (address for link in links if (address := absolute(base, link)) and re.search(pattern, address))
    return [ListItem(address, address, {}) for address in dict.fromkeys(wanted)]


def _sitemap_page(spec: PlatformSpec, document: SitemapDocument) -> ListPage:
    """Item pages of a sitemap, and the sitemaps below it; a sitemap speaks for its own site only (sitemaps.org)."""
    assert spec.items is not None  # noqa: S101 - the caller has looked
    own = {urlsplit(address).netloc for address in (document.base, spec.base_url or "")}
    inside = [page for page in document.root["pages"] if urlsplit(page["url"]).netloc in own]
    below = [url for url in document.sitemaps() if urlsplit(url).netloc in own]
    lastmod = {page["url"]: page.get("lastmod", "") for page in inside}
    found = _linked(document.base, list(lastmod), spec.items.links or "")
    items = [replace(item, raw=_changed(lastmod.get(item.key))) for item in found[: spec.sitemap.most]]
    notes = []
    elsewhere = len(document.root["pages"]) - len(inside) + len(document.sitemaps()) - len(below)
    if elsewhere:
        notes.append(
            f"网站地图中有 {elsewhere} 个别站的网址，未取 {elsewhere} addresses of other sites in the sitemap; left out"
        )
    if len(found) > len(items):
        notes.append(
            f"网站地图中有 {len(found)} 个条目页，超过 sitemap.most 的 {len(found) - len(items)} 个未取"
            f" {len(found)} item pages in the sitemap; {len(found) - len(items)} over sitemap.most left out"
        )
    return ListPage(document, items, True, not items, tuple(below), tuple(notes))


def _changed(lastmod: str | None) -> Raw:
    """When the sitemap says that the page was changed: no field of a listing, but a reason to look again."""
    return {"lastmod": lastmod} if lastmod else {}


def _link(document: Document, node: object, rule: Value | None, raw: Raw) -> str | None:
    if rule is None:
        return None
    if rule.template is not None:
        text = filled(rule.template, raw)
        return absolute(document.base, text) if text else None
    found = document.values(node, rule)
    return absolute(document.base, found[0]) if found else None


def _digest(raw: Raw) -> str:
    return hashlib.sha256(orjson.dumps(raw, option=orjson.OPT_SORT_KEYS)).hexdigest()


def read_detail(spec: PlatformSpec, body: bytes, content_type: str | None, url: str) -> tuple[Raw, Document]:
    """Fields of an item's own page, and the page; Unreadable if it is not of its kind."""
    if spec.detail is None:
        raise Unreadable("平台文件没有 detail the platform file has no detail")
    document = open_document(spec.detail_kind, body, content_type, url)
    node = document.root
    if spec.detail.root is not None:
        nodes = document.nodes(spec.detail.root)
        if not nodes:
            return {}, document
        node = nodes[0]
    return read_raw(spec.detail.fields, document, node), document


def is_listing(spec: PlatformSpec, raw: Mapping[str, object]) -> bool:
    """Whether what was read is an item at all: a title or a text, and its id where the page declares one.

    Where the platform has no titles, pictures alone make an item: a post may say everything in its picture.
    """
    fields = spec.detail.fields if spec.detail is not None else (spec.items.fields if spec.items else None)
    if fields is None:
        return False
    shown = raw.get("title") or raw.get("text") or (fields.title is None and raw.get("images"))
    if not shown:
        return False
    return fields.native_id is None or bool(raw.get("native_id"))


def extract(spec: PlatformSpec, capture: Capture, body: bytes) -> Iterator[Listing | Refused]:
    """Listings of one capture; what cannot be read is Refused with the reason, one by one."""
    if capture.status not in _READ:
        return
    try:
        if capture.role == "detail" and spec.detail is not None:
            yield from _from_detail(spec, capture, body)
        elif capture.role == "list" and spec.detail is None and spec.items is not None:
            yield from _from_list(spec, capture, body)
    except Unreadable as error:
        yield Refused("unreadable", capture.url, f"{error}; check the platform file of {spec.name}")


def _from_list(spec: PlatformSpec, capture: Capture, body: bytes) -> Iterator[Listing | Refused]:
    assert spec.items is not None  # noqa: S101 - the caller has looked
    page = read_list(spec, body, capture.content_type, capture.url)
    for number, item in enumerate(page.items, 1):
        raw = item.raw if item.link is None or "url" in item.raw else {**item.raw, "url": item.link}
        if (large := too_large(raw)) is not None:
            yield Refused("too_large", f"{capture.url} item {number}", large)
        elif is_listing(spec, raw) and (raw.get("native_id") or raw.get("url")):
            yield to_listing(spec, spec.items.fields, raw, capture)
        else:
            where = f"{capture.url} item {number}"
            yield Refused("layout_changed", where, f"no title, text or id; check items.fields of {spec.name}")


def _from_detail(spec: PlatformSpec, capture: Capture, body: bytes) -> Iterator[Listing | Refused]:
    """The item, then the replies to it; a further page of its posts holds replies only."""
    assert spec.detail is not None  # noqa: S101 - the caller has looked
    if is_further(capture):
        document = open_document(spec.detail_kind, body, capture.content_type, capture.url)
        yield from replies_on(spec, document, str(capture.context["topic"]), capture, first=False)
        return
    found, document = read_detail(spec, body, capture.content_type, capture.url)
    if not is_listing(spec, found):
        yield _without_item(spec, capture, document)
        return
    if (large := too_large(found)) is not None:
        yield Refused("too_large", capture.url, large)
        return
    item = to_listing(spec, spec.detail.fields, {**listed(capture), **found}, capture)
    yield item
    yield from replies_on(spec, document, item.native_id, capture, first=True)


def _without_item(spec: PlatformSpec, capture: Capture, document: Document) -> Refused:
    gone = gone_reason(spec, document)
    if gone is not None:
        return Refused("gone", capture.url, f"removed since the list was read: {gone}")
    blocked = block_reason(spec, capture.url, document)
    if blocked is not None:
        return Refused("blocked", capture.url, blocked)
    return Refused("layout_changed", capture.url, f"no title, text or id; check detail.fields of {spec.name}")


def listed(capture: Capture) -> Raw:
    """What the list page said of the item, out of the capture's context."""
    item = capture.context.get("item")
    return dict(item) if isinstance(item, dict) else {}
