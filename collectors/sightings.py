"""Which items stand in an archived list page, and what the page shows of each; pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import orjson

from adwatch.models import Capture
from collectors.documents import Unreadable
from collectors.extract import listed, read_list
from collectors.fields import Raw
from collectors.replies import rules_of
from collectors.spec import PlatformSpec

_SHOWN = ("title", "price", "images", "lastmod", "shown")
"""What of an item, as a list shows it, makes its page worth another look when it changes; counters do not."""


def fingerprint(raw: Raw, counts: bool = False) -> str:
    """32 hex digits over what the list shows of an item; ``counts``: with the number of its replies, which are read."""
    shown = {name: raw[name] for name in (*_SHOWN, *(("reviews_count",) if counts else ())) if name in raw}
    return hashlib.sha256(orjson.dumps(shown, option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]


def shown_of(spec: PlatformSpec, capture: Capture) -> str:
    """Fingerprint of what the list showed of the item whose page was captured."""
    return fingerprint(listed(capture), rules_of(spec) is not None)


def link_of(capture: Capture) -> str:
    """The address that the list gave for a captured page: redirects lead elsewhere."""
    return str(capture.context.get("requested") or capture.url)


def links_in(spec: PlatformSpec, capture: Capture, body: bytes) -> Iterator[str]:
    """Addresses of the items in a list page; none where the list itself holds the listings, or cannot be read."""
    if capture.role != "list" or spec.detail is None or capture.status not in (200, 304):
        return
    try:
        page = read_list(spec, body, capture.content_type, capture.url)
    except Unreadable:
        return
    for item in page.items:
        if item.link is not None:
            yield item.link
