"""A body opened for reading: one face for HTML (CSS selectors) and for trees of values (JMESPath)."""

from __future__ import annotations

import json
import re
from typing import Any, Protocol
from urllib.parse import urljoin

import orjson
from lxml import etree

from adwatch.text import clean, clean_or_none
from collectors.charset import decode_text
from collectors.html import block_text, fragment_text, parse_html
from collectors.selectors import find, search_json
from collectors.spec_fields import Value

Node = Any
"""An element of a tree, or a JSON value."""


_NEXT_LINK = 'a[rel~="next"], link[rel~="next"]'


class Unreadable(ValueError):
    """The body is not what its kind says."""


class Document(Protocol):
    """What extraction and paging need of a body."""

    root: Node
    base: str

    def nodes(self, select: str) -> list[Node] | None:
        """Items in order; None where there is not even a place for them."""

    def values(self, node: Node, rule: Value) -> list[str]:
        """Values of one rule at a node, as strings, blank ones left out."""

    def shown(self) -> str:
        """All text, to look for words of block pages."""

    def next_link(self, select: str | None) -> str | None:
        """Address of the next page as it is written there."""


def open_document(kind: str, body: bytes, content_type: str | None, url: str) -> Document:
    """The body as a document; Unreadable if it cannot be one."""
    if kind == "sitemap":
        from collectors.sitemap import SitemapDocument  # loaded when a platform needs it, as the two below

        return SitemapDocument(body, content_type, url)
    text = decode_text(body, content_type)
    if kind == "feed":
        from collectors.feed import FeedDocument

        return FeedDocument(text, url)
    if kind == "structured":
        from collectors.structured import StructuredDocument

        return StructuredDocument(text, url)
    if kind == "signed_json":
        from collectors.sealed import nested

        return TreeDocument(nested(read_json(text)), url)
    return JsonDocument(text, url) if kind == "json" else HtmlDocument(text, url)


def _kept(rule: Value, found: list[str]) -> list[str]:
    out = []
    for text in found:
        if rule.regex is not None:
            match = re.search(rule.regex, text)
            if match is None:
                continue
            text = match[1] if match.re.groups else match[0]  # noqa: PLW2901 - the part that is kept
        kept = clean_or_none(text)
        if kept is not None:
            out.append(kept)
    return out


class HtmlDocument:
    """A page."""

    def __init__(self, text: str, url: str) -> None:
        root = parse_html(text)
        self._open(root if root is not None else etree.Element("html"), url)

    @classmethod
    def of_tree(cls, root: Node, url: str) -> HtmlDocument:
        """A page that is parsed already."""
        document = cls.__new__(cls)
        document._open(root, url)
        return document

    def _open(self, root: Node, url: str) -> None:
        self.root: Node = root
        bases = find("base[href]", self.root)
        self.base = _joined(url, bases[0].get("href")) if bases else url

    def nodes(self, select: str) -> list[Node] | None:
        """Elements that match, in order; None where none does."""
        return find(select, self.root) or None

    def values(self, node: Node, rule: Value) -> list[str]:
        """Texts or attributes of what matches."""
        if rule.value is not None:
            return [rule.value]
        if rule.th is not None:
            elements = _cells(node if rule.select is None else None, self, rule)
        else:
            elements = [node] if rule.select is None else find(rule.select, node)
        if rule.attr is not None:
            return _kept(rule, [element.get(rule.attr, "") for element in elements])
        return _kept(rule, [block_text(element, rule.drop) for element in elements])

    def next_link(self, select: str | None) -> str | None:
        """The href of what matches, or of the link that says rel=next."""
        found = self.values(self.root, Value(select=select or _NEXT_LINK, attr="href"))
        return found[0] if found else None

    def shown(self) -> str:
        """Title and visible text."""
        titles = [str(text) for text in self.root.xpath("//title//text()")]
        return "\n".join([*titles, block_text(self.root)])


def _cells(node: Node | None, document: HtmlDocument, rule: Value) -> list[Node]:
    """Cells beside the heading ``th``, in the whole node or in what ``select`` finds."""
    tables = [node] if node is not None else find(rule.select or "table", document.root)
    cells: list[Node] = []
    for table in tables:
        for row in table.iter("tr", "dl"):
            heads = [head for head in row.iter("th", "dt") if block_text(head) == rule.th]
            for head in heads:
                cell = head.getnext()
                if cell is not None and cell.tag in ("td", "dd"):
                    cells.append(cell)
    return cells


class TreeDocument:
    """Values in lists and mappings, whatever they were read from."""

    def __init__(self, root: Node, url: str) -> None:
        self.root, self.base = root, url

    def nodes(self, select: str) -> list[Node] | None:
        """The list that the expression finds; None where it finds nothing, not even an empty list."""
        found = search_json(select, self.root)
        if found is None:
            return None
        return found if isinstance(found, list) else [found]

    def values(self, node: Node, rule: Value) -> list[str]:
        """Scalars that the expression finds."""
        if rule.value is not None:
            return [rule.value]
        found = node if rule.select is None else search_json(rule.select, node)
        if isinstance(found, str) and rule.regex is None and not rule.html:
            kept = clean_or_none(found)
            return [kept] if kept is not None else []
        texts = [text for one in (found if isinstance(found, list) else [found]) if (text := _scalar(one)) is not None]
        if rule.html:
            texts = [fragment_text(clean(text), rule.drop) for text in texts]
        return _kept(rule, texts)

    def next_link(self, select: str | None) -> str | None:
        """What the expression finds."""
        found = self.values(self.root, Value(select=select or "next"))
        return found[0] if found else None

    def shown(self) -> str:
        """The values without \\u escapes, which many servers write."""
        return clean(json.dumps(self.root, ensure_ascii=False))


class JsonDocument(TreeDocument):
    """A JSON body."""

    def __init__(self, text: str, url: str) -> None:
        super().__init__(read_json(text), url)


def read_json(text: str) -> Any:
    """The value of a JSON text; Unreadable for what is none."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return _lenient(text)


def _lenient(text: str) -> Any:
    """JSON with lone surrogates or NaN, which occurs; anything else is Unreadable."""
    try:
        return json.loads(text, parse_constant=lambda _: None)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"不是 JSON not JSON: {error}") from error


def _scalar(value: Any) -> str | None:
    if isinstance(value, bool) or value is None or isinstance(value, dict | list):
        return None
    return str(value)


def _joined(base: str, link: str) -> str:
    try:
        return urljoin(base, link)
    except ValueError:
        return base
