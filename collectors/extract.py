"""Reads listings out of one archived body: pure, the same from (capture, body) at any time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import orjson

from adwatch.models import Capture, Listing
from adwatch.ports import Refused
from collectors.documents import Document, HtmlDocument, Unreadable, open_document
from collectors.fields import Raw, absolute, filled, read_raw, to_listing
from collectors.signs import block_reason, gone_reason
from collectors.spec import PlatformSpec
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


def read_list(spec: PlatformSpec, body: bytes, content_type: str | None, url: str) -> ListPage:
    """Items of a list page; Unreadable if the body is not of the platform's kind."""
    if spec.items is None:
        raise Unreadable("the platform file has no items")
    document = open_document(spec.kind, body, content_type, url)
    nodes = document.nodes(spec.items.select)
    if not nodes:
        none = spec.items.no_results
        said = none.select is not None and bool(document.nodes(none.select))
        said = said or any(word in document.shown() for word in none.words)
        return ListPage(document, [], nodes is not None, said)
    link_rule = spec.items.link
    if link_rule is not None and isinstance(document, HtmlDocument) and link_rule.attr is None:
        link_rule = link_rule.model_copy(update={"attr": "href"})
    items = []
    for node in nodes:
        raw = read_raw(spec.items.fields, document, node)
        link = _link(document, node, link_rule, raw)
        native_id = raw.get("native_id")
        key = link or (native_id if isinstance(native_id, str) else None) or _digest(raw)
        items.append(ListItem(key, link, raw))
    return ListPage(document, items)


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
        raise Unreadable("the platform file has no detail")
    document = open_document(spec.detail.kind or spec.kind, body, content_type, url)
    node = document.root
    if spec.detail.root is not None:
        nodes = document.nodes(spec.detail.root)
        if not nodes:
            return {}, document
        node = nodes[0]
    return read_raw(spec.detail.fields, document, node), document


def is_listing(spec: PlatformSpec, raw: Mapping[str, object]) -> bool:
    """Whether what was read is an item at all: a title or a text, and its id where the page declares one."""
    fields = spec.detail.fields if spec.detail is not None else (spec.items.fields if spec.items else None)
    if fields is None or not (raw.get("title") or raw.get("text")):
        return False
    return fields.native_id is None or bool(raw.get("native_id"))


def extract(spec: PlatformSpec, capture: Capture, body: bytes) -> Iterator[Listing | Refused]:
    """Listings of one capture; what cannot be read is Refused with the reason, one by one."""
    if capture.status not in _READ:
        return
    try:
        if capture.role == "detail" and spec.detail is not None:
            yield _from_detail(spec, capture, body)
        elif capture.role == "list" and spec.detail is None and spec.items is not None:
            yield from _from_list(spec, capture, body)
    except Unreadable as error:
        yield Refused("unreadable", capture.url, f"{error}; check the platform file of {spec.name}")


def _from_list(spec: PlatformSpec, capture: Capture, body: bytes) -> Iterator[Listing | Refused]:
    assert spec.items is not None  # noqa: S101 - the caller has looked
    page = read_list(spec, body, capture.content_type, capture.url)
    for number, item in enumerate(page.items, 1):
        raw = item.raw if item.link is None or "url" in item.raw else {**item.raw, "url": item.link}
        if is_listing(spec, raw) and (raw.get("native_id") or raw.get("url")):
            yield to_listing(spec, spec.items.fields, raw, capture)
        else:
            where = f"{capture.url} item {number}"
            yield Refused("layout_changed", where, f"no title, text or id; check items.fields of {spec.name}")


def _from_detail(spec: PlatformSpec, capture: Capture, body: bytes) -> Listing | Refused:
    assert spec.detail is not None  # noqa: S101 - the caller has looked
    found, document = read_detail(spec, body, capture.content_type, capture.url)
    if not is_listing(spec, found):
        return _without_item(spec, capture, document)
    return to_listing(spec, spec.detail.fields, {**listed(capture), **found}, capture)


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
