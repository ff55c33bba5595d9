"""Sitemaps (sitemaps.org) as trees of values: item pages to fetch, and further sitemaps to read.

The root has ``pages`` and ``sitemaps``, both lists of {url, lastmod}, those changed last first. Packed sitemaps are
unpacked within a limit; plain text with one address a line is a sitemap too.
"""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from adwatch.archive import Undecodable, decode_body
from adwatch.text import clean, clean_or_none
from collectors.charset import decode_text
from collectors.documents import TreeDocument, Unreadable
from collectors.xml_guard import UnsafeXml, safe_xml

UNPACKED_LIMIT = 52_428_800
"""Bytes of one sitemap unpacked: the most that the protocol allows."""
ENTRIES_LIMIT = 50_000
"""Addresses in one sitemap: likewise."""
_GZIP = b"\x1f\x8b"
_ROOT = re.compile(r"<(?:[\w.-]+:)?(urlset|sitemapindex)\b", re.IGNORECASE)


class SitemapDocument(TreeDocument):
    """A sitemap, or an index of sitemaps."""

    def __init__(self, body: bytes, content_type: str | None, url: str) -> None:
        super().__init__(read_sitemap(body, content_type), url)

    def sitemaps(self) -> list[str]:
        """Addresses of the sitemaps below this one."""
        return [entry["url"] for entry in self.root["sitemaps"]]


def read_sitemap(body: bytes, content_type: str | None) -> dict[str, list[dict[str, str]]]:
    """The sitemap as values; Unreadable for what is none, or grows beyond the protocol's limit."""
    if body.startswith(_GZIP):
        try:
            body = decode_body(body, "gzip", UNPACKED_LIMIT)
        except Undecodable as error:
            raise Unreadable(f"压缩的网站地图解不开 a packed sitemap that cannot be unpacked: {error}") from error
    text = decode_text(body, content_type)
    if text.lstrip("\ufeff \t\r\n").startswith("<"):
        return _xml(text)
    lines = [line.strip() for line in text.splitlines()]
    if not lines or not all(line.startswith(("http://", "https://")) for line in lines if line):
        raise Unreadable("不是网站地图 no sitemap: neither XML nor one address a line")
    return {"pages": [{"url": line} for line in lines if line][:ENTRIES_LIMIT], "sitemaps": []}


def _xml(text: str) -> dict[str, list[dict[str, str]]]:
    try:
        safe = safe_xml(text)
    except UnsafeXml as error:
        raise Unreadable(f"拒收的 XML XML that is refused: {error}") from error
    if not _ROOT.match(safe):
        raise Unreadable("不是网站地图 no sitemap: the root is neither urlset nor sitemapindex")
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, recover=True, huge_tree=False
    )
    try:
        root: Any = etree.fromstring(safe.encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Unreadable(f"不是网站地图 no sitemap: {error}") from error
    if root is None:
        raise Unreadable("网站地图中什么也读不出 no sitemap: nothing can be read in it")
    return {"pages": _entries(root, "url"), "sitemaps": _entries(root, "sitemap")}


def _entries(root: Any, tag: str) -> list[dict[str, str]]:
    """{url, lastmod} of each entry, those changed last first; entries without a date keep their order behind."""
    found = []
    for element in root.iterchildren("{*}" + tag):
        url, changed = _child(element, "loc"), _child(element, "lastmod")
        if url is not None:
            found.append({"url": url, "lastmod": changed} if changed is not None else {"url": url})
        if len(found) >= ENTRIES_LIMIT:
            break
    return sorted(found, key=lambda entry: entry.get("lastmod", ""), reverse=True)


def _child(element: Any, tag: str) -> str | None:
    value = element.findtext("{*}" + tag)
    return clean_or_none(clean(value)) if value else None
