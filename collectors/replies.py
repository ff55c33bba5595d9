"""Replies to an item, each a listing of its own: read from archived pages (pure), and where further pages stand.

A reply's id is ``reply-TOPIC-ID``: posts are numbered apart from topics, and a check needs both numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from urllib.parse import quote

from adwatch.models import Capture, Listing
from adwatch.ports import Refused
from collectors.documents import Document, open_document
from collectors.fields import Raw, absolute, read_raw, to_listing, too_large
from collectors.paging import site_url
from collectors.spec import PlatformSpec
from collectors.spec_fields import Value
from collectors.spec_replies import Replies

FURTHER = "replies"
"""In a capture's context: the number of a page of posts behind the item's own."""
_PREFIX = "reply-"


def rules_of(spec: PlatformSpec) -> Replies | None:
    """How replies are read; None where they are not."""
    return spec.detail.replies if spec.detail is not None else None


def is_further(capture: Capture) -> bool:
    """Whether the capture is a page of posts behind the item's own: it holds replies only."""
    return FURTHER in capture.context


def is_reply(spec: PlatformSpec, native_id: str) -> bool:
    """Whether a listing of the platform is a reply."""
    return rules_of(spec) is not None and native_id.startswith(_PREFIX)


def prefix_of(spec: PlatformSpec) -> str | None:
    """How the ids of its replies begin; None where none are read."""
    return _PREFIX if rules_of(spec) is not None else None


def reply_id(topic: str, own: str) -> str:
    """The id of a reply's listing."""
    return f"{_PREFIX}{topic}-{own}"


def parts(native_id: str) -> tuple[str, str]:
    """(the topic's id, the reply's own)."""
    topic, _, own = native_id.removeprefix(_PREFIX).rpartition("-")
    return topic, own


def posts_on(rules: Replies, document: Document) -> list[Raw]:
    """What stands of each post on a page, the opening one among them."""
    return [read_raw(rules.fields, document, node) for node in document.nodes(rules.select) or ()]


def replies_on(
    spec: PlatformSpec, document: Document, topic: str, capture: Capture, first: bool
) -> Iterator[Listing | Refused]:
    """Replies on a page of posts; on the item's own page (``first``) the first post is the item itself."""
    rules = rules_of(spec)
    if rules is None:
        return
    for number, raw in enumerate(posts_on(rules, document)):
        own = raw.get("native_id")
        if (first and number == 0) or not isinstance(own, str) or not (raw.get("text") or raw.get("images")):
            continue  # a post of pictures that are left out says nothing
        if (large := too_large(raw)) is not None:
            yield Refused("too_large", f"{capture.url} post {own}", large)
            continue
        named = {**raw, "native_id": reply_id(topic, own)}
        yield replace(to_listing(spec, rules.fields, named, capture), kind=rules.listing_kind)


def find_reply(spec: PlatformSpec, capture: Capture, body: bytes, native_id: str) -> Listing | None:
    """One reply on a page of posts that was looked up again."""
    document = open_document(spec.detail_kind, body, capture.content_type, capture.url)
    found = replies_on(spec, document, parts(native_id)[0], capture, first=False)
    return next((one for one in found if isinstance(one, Listing) and one.native_id == native_id), None)


def asked_by_ids(spec: PlatformSpec, rules: Replies, topic: str, ids: Sequence[str]) -> str:
    """The address that answers these posts."""
    path, _, query = (rules.url or "").replace("{topic}", quote(topic, safe="")).partition("?")
    pairs = [
        pair.replace("{ids}", quote(one, safe=""))
        for pair in query.split("&")
        for one in (ids if "{ids}" in pair else ("",))
    ]
    return site_url(spec, f"{path}?{'&'.join(pairs)}")


def check_address(spec: PlatformSpec, listing: Listing) -> str | None:
    """Where a reply is looked up again: by its id where that can be asked, else on its page."""
    rules = rules_of(spec)
    if rules is not None and rules.url is not None:
        topic, own = parts(listing.native_id)
        return asked_by_ids(spec, rules, topic, [own])
    return listing.url


def asks_by_id(spec: PlatformSpec) -> bool:
    """Whether one reply can be asked for by its id."""
    rules = rules_of(spec)
    return rules is not None and rules.url is not None


def holds_posts(spec: PlatformSpec, document: Document) -> bool:
    """Whether the page has a place for posts at all, be it empty."""
    rules = rules_of(spec)
    return rules is not None and document.nodes(rules.select) is not None


class ReplyPages:
    """Addresses of the pages of posts behind an item's own."""

    def __init__(self, spec: PlatformSpec, rules: Replies, topic: str, document: Document) -> None:
        self.spec, self.rules, self.topic = spec, rules, topic
        self.pages = 1
        self._met = {document.base}
        self._waiting: list[str] = []
        if rules.ids is not None:
            there = {raw.get("native_id") for raw in posts_on(rules, document)}
            ids = [one for one in document.values(document.root, Value(select=rules.ids, all=True)) if one not in there]
            size = rules.size
            chunks = (ids[at : at + size] for at in range(0, len(ids), size))
            self._waiting = [asked_by_ids(spec, rules, topic, chunk) for chunk in chunks]
        else:
            self.went_on(document)

    def went_on(self, document: Document) -> None:
        """Take the next page's address from a page that was read."""
        link = document.next_link(self.rules.next) if self.rules.next is not None else None
        url = absolute(document.base, link) if link else None
        if url is not None and url not in self._met:
            self._met.add(url)
            self._waiting.append(url)

    @property
    def goes_on(self) -> bool:
        """Whether there are pages that max_pages does not allow."""
        return bool(self._waiting) and self.pages >= self.rules.max_pages

    def __iter__(self) -> Iterator[str]:
        while self._waiting and self.pages < self.rules.max_pages:
            self.pages += 1
            yield self._waiting.pop(0)
