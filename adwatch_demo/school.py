"""学技网, a course directory whose pages describe themselves by schema.org data and are named by a sitemap index.

``/sitemap.xml`` names ``/sitemap-courses.xml``, ``/sitemap-services.xml.gz`` and ``/sitemap-pages.xml`` (about us and
the like: no items); ``/course/ID`` and ``/service/ID`` carry JSON-LD (Course, Product, each with an Offer). No feed.
"""

from __future__ import annotations

import gzip
import json
from datetime import date
from html import escape
from typing import Any
from urllib.parse import quote

from adwatch_demo.serving import Answer, Asked, html_page, paragraphs, plain
from adwatch_demo.world import FIRST_DATE, Row, morning, standing

NAME = "学技网"
ROBOTS = "User-agent: *\nDisallow: /cart/\nSitemap: {base}/sitemap.xml\n"
_NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_PAGES = ("about", "contact", "help")
_COURSE_WORDS = ("班", "课", "培训", "复审", "考", "证", "学")


class School:
    """The directory on a simulated day."""

    def __init__(self, day: int, first: date = FIRST_DATE) -> None:
        self.rows = standing("school", day, first)
        self.changed_at = morning(day, first).isoformat()

    def answer(self, asked: Asked) -> Answer:
        """Route one request."""
        if asked.path == "/robots.txt":
            return plain(ROBOTS.format(base=asked.base))
        if asked.path == "/sitemap.xml":
            names = ("sitemap-courses.xml", "sitemap-services.xml.gz", "sitemap-pages.xml")
            found = [(f"{asked.base}/{name}", self.changed_at) for name in names]
            return xml_answer("sitemapindex", "sitemap", found)
        if asked.path == "/sitemap-courses.xml":
            return xml_answer("urlset", "url", self._entries(asked.base, "/course/"))
        if asked.path == "/sitemap-services.xml.gz":
            packed = gzip.compress(xml_answer("urlset", "url", self._entries(asked.base, "/service/")).body, mtime=0)
            return Answer(packed, "application/gzip")
        if asked.path == "/sitemap-pages.xml":
            return xml_answer("urlset", "url", [(f"{asked.base}/{name}", self.changed_at) for name in _PAGES])
        row = next((row for row in self.rows if path_of(row) == asked.path), None)
        if row is not None:
            return item_page(row, asked.base)
        if asked.path.strip("/") in ("", *_PAGES):
            return html_page(NAME, NAME, "<p>学技网收录各地培训机构的课程与服务。</p>")
        return html_page(NAME, NAME, '<p class="gone">课程已下线</p>', 410)

    def _entries(self, base: str, start: str) -> list[tuple[str, str]]:
        return [(base + path_of(row), row["modified"]) for row in self.rows if path_of(row).startswith(start)]


def path_of(row: Row) -> str:
    """Where an item's page stands: courses and other services apart."""
    kind = "course" if any(word in row["title"] for word in _COURSE_WORDS) else "service"
    return f"/{kind}/{quote(row['id'])}"


def xml_answer(root: str, tag: str, entries: list[tuple[str, str]]) -> Answer:
    """A sitemap or an index of sitemaps: (address, time of the last change)."""
    lines = "\n".join(
        f"<{tag}><loc>{escape(address)}</loc><lastmod>{escape(changed)}</lastmod></{tag}>"
        for address, changed in entries
    )
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} {_NAMESPACE}>\n{lines}\n</{root}>\n'
    return Answer(text.encode("utf-8"), "application/xml; charset=utf-8")


def structured(row: Row, base: str) -> dict[str, Any]:
    """The schema.org description of an item; every third has its last sentence in the offer, as real ones do."""
    first, stop, last = row["text"].rstrip("。").rpartition("。")
    apart = int(row["id"][1:]) % 3 == 0 and bool(stop)
    offer: dict[str, Any] = {"@type": "Offer", "price": row["price"], "priceCurrency": "CNY"}
    if apart:
        offer["description"] = last + row["text"][len(first) + len(stop) + len(last) :]
    seller: dict[str, Any] = {"@type": "Organization", "identifier": row["seller_id"], "name": row["seller_name"]}
    if row["seller_region"]:
        seller["address"] = {"@type": "PostalAddress", "addressRegion": row["seller_region"]}
    course = path_of(row).startswith("/course/")
    return {
        "@context": "https://schema.org",
        "@type": "Course" if course else "Product",
        "courseCode" if course else "sku": row["id"],
        "url": base + path_of(row),
        "name": row["title"],
        "description": first + stop if apart else row["text"],
        "dateCreated": row["posted_at"],
        "provider" if course else "seller": seller,
        "offers": {**offer, "seller": seller},
    }


def item_page(row: Row, base: str) -> Answer:
    """One course or service."""
    data = json.dumps(structured(row, base), ensure_ascii=False).replace("</", "<\\/")
    body = (
        f'<script type="application/ld+json">{data}</script>\n<main>\n<h1>{escape(row["title"])}</h1>\n'
        f"{paragraphs(row['text'])}\n<p>{escape(row['price'])} 元 · {escape(row['seller_name'])}</p>\n</main>"
    )
    return html_page(NAME, row["title"], body)
