"""Known software by its own marks: which template reads it, and where its base address stands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from adwatch.text import one_line
from collectors.documents import HtmlDocument


@dataclass(frozen=True, slots=True)
class Software:
    """A program that a template exists for."""

    name: str
    """As people call it."""
    template: str
    """Platform file that a site of it extends, the most open way first."""
    marks: tuple[str, ...]
    """Regular expressions of its pages' source; one is enough, so each must be the program's own."""
    base: str | None = None
    """Regular expression whose first group is the site's base address, where that may lie in a folder."""
    boards: tuple[str, str] | None = None
    """(regular expression of the addresses of boards with their number as its group, address of a board's list)."""
    page_itself: bool = False
    """Whether the base address is the page's own."""


KNOWN = (
    Software(
        "WooCommerce",
        "woocommerce",
        (r'name="generator" content="WooCommerce', r"/wp-content/plugins/woocommerce/"),
        r"""["'](https?://[^"'<>\s]+?)/(?:index\.php/)?wp-json/""",
    ),
    Software(
        "WordPress",
        "wordpress",
        (r"""rel=["']https://api\.w\.org/["']""", r'name="generator" content="WordPress'),
        r"""["'](https?://[^"'<>\s]+?)/(?:index\.php/)?wp-json/""",
    ),
    Software("Shopify", "shopify", (r"cdn\.shopify\.com/s/", r"\bShopify\.theme\s*=")),
    Software("Discourse", "discourse", (r'name="generator" content="Discourse', r"data-discourse-setup")),
    Software("Mastodon", "mastodon", (r"""<div[^>]+id=["']mastodon["']""",)),
    Software(
        "MediaWiki",
        "mediawiki",
        (r'name="generator" content="MediaWiki',),
        r"""href="((?:https?:)?//[^"'<>\s]+?)/api\.php\?action=rsd""",
    ),
    Software(
        "Discuz!",
        "discuz",
        (r'name="generator" content="Discuz!', r"Powered by <strong><a [^>]*discuz"),
        boards=(
            r"(?:mod=forumdisplay&fid=|\bforum-)(\d+)(?=[&#-]|$)",
            "/forum.php?mod=forumdisplay&fid={number}&page={page}",
        ),
    ),
    Software(
        "django-machina",
        "django_machina",
        (r"\bmachina\.init\(\)", r"machina\.(?:board|editor)[\w.]*\.(?:css|js)"),
        boards=(r"/forum/[^/?]+-(\d+)/(?:$|\?)", "/forum/x-{number}/?page={page}"),
    ),
    Software("django-oscar", "django_oscar", (r"/oscar/js/oscar/", r"\boscar\.init\(\)")),
    Software("Telegram", "telegram_preview", (r'class="tgme_widget_message[ "_]',), page_itself=True),
)
"""In order: a shop that is made of another program's parts stands before it."""

MOST_BOARDS = 20
"""Boards of a draft; a person leaves those that matter."""


def recognised(page: str) -> list[Software]:
    """Programs whose marks stand in a page's source, the most particular first."""
    return [one for one in KNOWN if any(re.search(mark, page, re.IGNORECASE) for mark in one.marks)]


def base_of(software: Software, page: str, url: str) -> str:
    """Base address of the site; without a mark of its own the front of the address."""
    if software.page_itself:
        return url.partition("?")[0]
    found = re.search(software.base, page) if software.base else None
    return urljoin(url, found[1]) if found else "/".join(url.split("/", 3)[:3])


def boards_of(software: Software, document: HtmlDocument) -> list[dict[str, Any]]:
    """The lists of a forum's boards, by the links to them; each with the words of its link."""
    if software.boards is None:
        return []
    pattern, address = software.boards
    found: dict[str, str] = {}
    for link in document.root.iter("a"):
        match = re.search(pattern, link.get("href") or "")
        if match is not None and (words := one_line("".join(link.itertext()), 40)):
            found.setdefault(match[1], words)
    lists = [{"url": address.replace("{number}", number), "label": words} for number, words in found.items()]
    return [{"category": one} for one in lists[:MOST_BOARDS]]


def feeds(document: HtmlDocument) -> list[str]:
    """Addresses of the feeds that a page names (RSS, Atom, JSON Feed)."""
    kinds = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml")
    links = document.root.xpath("//link[@href and contains(concat(' ', @rel, ' '), ' alternate ')]")
    return [link.get("href") for link in links if (link.get("type") or "").lower() in kinds]


def generator(document: HtmlDocument) -> str | None:
    """What the page says it was made by."""
    found = document.root.xpath("//meta[translate(@name, 'GENRATO', 'genrato')='generator']/@content")
    return str(found[0]).strip() or None if found else None
