"""Known software by its own marks: which template reads it, and where its base address stands."""

from __future__ import annotations

import re
from dataclasses import dataclass

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
    Software("Discourse", "discourse", (r'name="generator" content="Discourse', r"data-discourse-setup")),
    Software("MediaWiki", "mediawiki", (r'name="generator" content="MediaWiki',)),
    Software("Discuz!", "discuz", (r'name="generator" content="Discuz!', r"Powered by <strong><a [^>]*discuz")),
    Software("django-oscar", "django_oscar", (r"/oscar/js/oscar/", r"\boscar\.init\(\)")),
    Software("Telegram", "telegram", (r'class="tgme_widget_message[ "_]',)),
)
"""In order: a shop that is made of another program's parts stands before it."""


def recognised(page: str) -> list[Software]:
    """Programs whose marks stand in a page's source, the most particular first."""
    return [one for one in KNOWN if any(re.search(mark, page, re.IGNORECASE) for mark in one.marks)]


def base_of(software: Software, page: str, url: str) -> str:
    """Base address of the site; without a mark of its own the front of the address."""
    found = re.search(software.base, page) if software.base else None
    return found[1] if found else "/".join(url.split("/", 3)[:3])


def feeds(document: HtmlDocument) -> list[str]:
    """Addresses of the feeds that a page names (RSS, Atom, JSON Feed)."""
    kinds = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml")
    links = document.root.xpath("//link[@href and contains(concat(' ', @rel, ' '), ' alternate ')]")
    return [link.get("href") for link in links if (link.get("type") or "").lower() in kinds]


def generator(document: HtmlDocument) -> str | None:
    """What the page says it was made by."""
    found = document.root.xpath("//meta[translate(@name, 'GENRATO', 'genrato')='generator']/@content")
    return str(found[0]).strip() or None if found else None
