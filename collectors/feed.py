"""Feeds as trees of values: RSS 0.9 to 2.0, RSS 1.0 (RDF) and Atom by feedparser, JSON Feed by itself.

Whatever the format, an item is a mapping with the names that ``kinds.FEED_FIELDS`` selects; what it does not say is
left out. The root has ``items``, ``next`` (address of the next page) and ``title``.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping
from typing import Any

import feedparser

from adwatch.text import clean, clean_or_none
from collectors.documents import TreeDocument, Unreadable, read_json
from collectors.handover.rows import content_id
from collectors.html import fragment_text, parse_html, sign_of, title_text
from collectors.xml_guard import UnsafeXml, safe_xml

Item = dict[str, Any]

_ROOT = re.compile(r"<(?:[\w.-]+:)?(rss|rdf|feed|channel)\b", re.IGNORECASE)
_COMMENT = re.compile(r"#comment-?\d+", re.IGNORECASE)
"""A comment's title is made of the commented post's, whose words its writer has not said: it is no title of theirs."""
_ATTRIBUTES = {"src": "images", "href": "links"}


class FeedDocument(TreeDocument):
    """A feed."""

    def __init__(self, text: str, url: str) -> None:
        super().__init__(read_feed(text, url), url)


def read_feed(text: str, url: str) -> dict[str, Any]:
    """The feed as values; Unreadable for what is no feed, or declares entities."""
    if text.lstrip("\ufeff \t\r\n").startswith("{"):
        return _json_feed(read_json(text))
    try:
        safe = safe_xml(text)
    except UnsafeXml as error:
        raise Unreadable(f"拒收的 XML XML that is refused: {error}") from error
    if not _ROOT.match(safe):
        raise Unreadable("不是 RSS、Atom 或者 JSON Feed neither RSS, Atom nor JSON Feed")
    headers = {"content-type": "application/xml; charset=utf-8", "content-location": url}
    body = io.BytesIO(safe.encode("utf-8", "replace"))  # a file: feedparser fetches or opens what a string names
    try:
        found: Any = feedparser.parse(body, response_headers=headers, sanitize_html=False)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"订阅源已损坏 the feed is damaged: {error}") from error
    if not found.version and not found.entries:
        raise Unreadable(f"读不出订阅源 no feed can be read ({found.get('bozo_exception', 'unknown format')})")
    following = next((link.get("href") for link in found.feed.get("links", ()) if link.get("rel") == "next"), None)
    return _tree(found.feed.get("title"), following, (_entry(entry) for entry in found.entries))


def _tree(title: Any, following: Any, items: Iterable[Item]) -> dict[str, Any]:
    return {"title": _string(title), "next": _string(following), "items": [_identified(item) for item in items]}


def _identified(item: Item) -> Item:
    """The item with an id: its own, else its address, else a digest of its content."""
    kept = {name: value for name, value in item.items() if value not in (None, [], "")}
    content = [kept.get("author"), kept.get("title"), kept.get("text")]
    if "id" not in kept and ("link" in kept or any(content)):
        kept["id"] = kept.get("link") or content_id(content)
    return kept


def _entry(entry: Mapping[str, Any]) -> Item:
    """One entry as feedparser gives it."""
    content = [part.get("value", "") for part in entry.get("content", ())] or [entry.get("summary", "")]
    markup = max(content, key=len)
    enclosures = [*entry.get("enclosures", ()), *entry.get("media_content", ())]
    pictures = [one.get("href") or one.get("url") for one in enclosures if _is_picture(one)]
    found = _addresses(markup)
    link = _string(entry.get("link"))
    titled = "about" if _COMMENT.search(link or "") else "title"
    return {
        "id": _string(entry.get("id")),
        "link": link,
        titled: _title(entry.get("title")),
        "text": _text(markup),
        "author": _title(entry.get("author")),
        "posted": _string(entry.get("published") or entry.get("updated")),
        "comments": _string(entry.get("slash_comments") or entry.get("thr_total")),
        "categories": [name for tag in entry.get("tags", ()) if (name := _string(tag.get("term")))],
        "images": [address for address in [*pictures, *found["images"]] if address],
        "links": found["links"],
    }


def _is_picture(enclosure: Mapping[str, Any]) -> bool:
    return str(enclosure.get("type", "")).startswith("image/") or enclosure.get("medium") == "image"


def _json_feed(feed: Any) -> dict[str, Any]:
    """JSON Feed 1.0 and 1.1 (jsonfeed.org)."""
    if not isinstance(feed, dict) or "jsonfeed.org" not in str(feed.get("version")):
        raise Unreadable(
            "是 JSON，但不是 JSON Feed：请写 kind: json 和选择器 JSON, but no JSON Feed; write kind: json and selectors"
        )
    items = [_json_item(item) for item in _list(feed.get("items")) if isinstance(item, dict)]
    return _tree(feed.get("title"), feed.get("next_url"), items)


def _json_item(item: Mapping[str, Any]) -> Item:
    markup = _string(item.get("content_html"))
    found = _addresses(markup or "")
    people = [one for one in [*_list(item.get("authors")), item.get("author")] if isinstance(one, dict)]
    attached = [one for one in _list(item.get("attachments")) if isinstance(one, dict)]
    pictures = [item.get("image"), *(one.get("url") for one in attached if "image" in str(one.get("mime_type")))]
    return {
        "id": _string(item.get("id")),
        "link": _string(item.get("url") or item.get("external_url")),
        "title": _title(item.get("title")),
        "text": _text(markup) or _string(item.get("content_text") or item.get("summary")),
        "author": _text(people[0].get("name")) if people else None,
        "posted": _string(item.get("date_published") or item.get("date_modified")),
        "categories": [name for tag in _list(item.get("tags")) if (name := _string(tag))],
        "images": [address for one in [*pictures, *found["images"]] if (address := _string(one))],
        "links": found["links"],
    }


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _string(value: Any) -> str | None:
    return clean_or_none(str(value)) if isinstance(value, str | int) and not isinstance(value, bool) else None


def _text(markup: Any) -> str | None:
    return clean_or_none(fragment_text(clean(str(markup)))) if markup else None


def _title(markup: Any) -> str | None:
    return clean_or_none(title_text(clean(str(markup)))) if markup else None


def _addresses(markup: str) -> dict[str, list[str]]:
    """Pictures and links in a piece of HTML."""
    out: dict[str, list[str]] = {"images": [], "links": []}
    root = parse_html(f"<html><body>{clean(markup)}</body></html>") if "<" in markup else None
    for element in root.iter("img", "a") if root is not None else ():
        for attribute, name in _ATTRIBUTES.items():
            if (address := element.get(attribute)) and sign_of(element) is None:
                out[name].append(address)
    return out
