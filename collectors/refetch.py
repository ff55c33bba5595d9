"""Looks one known listing up again, to verify a takedown: gone, up, changed, moved or unknown.

Only the site itself can say that an item is gone: a block page, a login wall, an outage, a parked domain, an empty
shell or a robots rule is "unknown", and neither the item's own words nor a redirect to somewhere else make it "gone".
Each answer names its rule, a row of ``check_rules.csv``, which says how sure it is.
"""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

from adwatch.errors import FetchError, Unreachable
from adwatch.http import Client, Fetched, Request
from adwatch.models import Capture, Listing
from adwatch.ports import Exchange, HandedFile, Refetched, Refused, Save
from adwatch.text import url_norm
from collectors.documents import Document, Unreadable, open_document
from collectors.extract import extract, is_listing, read_detail, read_list
from collectors.fields import to_listing
from collectors.page_words import LABELS, PageWords, page_lines, says_gone, still_shows
from collectors.paging import filled_url, site_url
from collectors.plan import Breaker
from collectors.replies import asks_by_id, check_address, find_reply, holds_posts, is_reply
from collectors.signs import block_reason, gone_reason
from collectors.spec import PlatformSpec


class PlatformRefetch:
    """The Refetch port for one platform; one that does not answer several times in a row is left alone."""

    def __init__(self, spec: PlatformSpec, client: Client, words: PageWords | None = None) -> None:
        self.spec, self.client = spec, client
        self.words = words or PageWords()
        self.breaker = Breaker(spec.breaker.failures)
        self.given_up = False

    def __call__(self, listing: Listing, day: str, save: Save) -> Refetched:
        """Fetch the listing's address and say what it answers now."""
        check = self.spec.check
        reply = is_reply(self.spec, listing.native_id)
        if reply:
            url: str | None = check_address(self.spec, listing)
        elif check is not None:
            url = site_url(self.spec, filled_url(check.url, {"native_id": listing.native_id}))
        else:
            url = listing.url
        if url is None:
            return Refetched("unknown", None, None, "the listing has no address", "no_address")
        if self.given_up:
            message = f"not asked: {self.breaker.failures} addresses in a row did not answer; check again later"
            return Refetched("unknown", None, None, message, "not_asked")
        last = _LastCapture(save)
        context: dict[str, object] = {"native_id": listing.native_id}
        try:
            fetched = self.client.fetch(Request(url, "check", context=context, conditional=False), day, last)
        except FetchError as error:
            self.given_up = isinstance(error, Unreachable) and self.breaker.failed()
            return Refetched("unknown", None, last.capture, str(error), "refused")
        self.breaker.answered()
        try:
            return self._by_reply(listing, fetched) if reply else self._judge(listing, fetched, check is not None)
        except Unreadable as error:
            return Refetched("unknown", None, fetched.capture, f"the answer cannot be read: {error}", "unreadable")

    def _judge(self, listing: Listing, fetched: Fetched, looked_up: bool) -> Refetched:
        if fetched.status != 200:
            return self._by_status(listing, fetched)
        if looked_up and self.spec.detail is None:
            return self._by_list(listing, fetched)
        if self.spec.detail is None:
            return self._by_page(listing, fetched)
        raw, document = read_detail(self.spec, fetched.body, fetched.capture.content_type, fetched.url)
        if not is_listing(self.spec, raw):
            return self._without_item(listing, fetched, document, looked_up)
        found = to_listing(self.spec, self.spec.detail.fields, raw, fetched.capture)
        if self.spec.detail.fields.native_id is None:
            same = _same_address(listing, fetched)
            found = replace(found, native_id=listing.native_id if same else found.native_id)
        return _compared(listing, self._completed(listing, found), fetched.capture)

    def _completed(self, listing: Listing, found: Listing) -> Listing:
        """What only the list page says is taken from the known listing, so that contents can be compared."""
        declared = {name for name, _ in self.spec.detail.fields.given()} if self.spec.detail is not None else set()
        missing = {name: getattr(listing, name) for name in ("title", "text", "images") if name not in declared}
        return replace(found, **missing)

    def _by_status(self, listing: Listing, fetched: Fetched) -> Refetched:
        document = open_document("html", fetched.body, fetched.capture.content_type, fetched.url)
        message = f"answers {fetched.status}"
        if fetched.status not in self.spec.gone.status:
            blocked = block_reason(self.spec, fetched.url, document)
            return _unknown(fetched, f"refused: {blocked}" if blocked else message, "refused" if blocked else "status")
        if still_shows(document, None, listing.text):
            return _unknown(fetched, f"{message}, and shows the text all the same", "status")
        gone = Refetched("gone", None, fetched.capture, message, "gone_status")
        return self._nothing_known(fetched, document) or gone

    def _by_reply(self, listing: Listing, fetched: Fetched) -> Refetched:
        """A reply on its page; asked for by its id, an answer without it is the site's word that it is gone."""
        if fetched.status != 200:
            return self._by_status(listing, fetched)
        found = find_reply(self.spec, fetched.capture, fetched.body, listing.native_id)
        if found is not None:
            return _compared(listing, found, fetched.capture)
        content = fetched.capture.content_type
        document = open_document(self.spec.detail_kind, fetched.body, content, fetched.url)
        if asks_by_id(self.spec) and holds_posts(self.spec, document):
            return Refetched("gone", None, fetched.capture, "the look-up finds nothing", "gone_lookup")
        told = self._nothing_known(fetched, document) or self._said(listing, fetched, document, here=True)
        return told or _unknown(
            fetched, "the reply is not on the page where it was; it may stand on another", "no_item"
        )

    def _by_list(self, listing: Listing, fetched: Fetched) -> Refetched:
        """A look-up answers with the item, or with an honest empty list."""
        page = read_list(self.spec, fetched.body, fetched.capture.content_type, fetched.url)
        as_list = replace(fetched.capture, role="list")
        for found in extract(self.spec, as_list, fetched.body):
            if not isinstance(found, Refused) and found.native_id == listing.native_id:
                return _compared(listing, found, fetched.capture)
        empty = page.no_results or (self.spec.kind in ("json", "signed_json") and page.place_found and not page.items)
        if empty:
            return Refetched("gone", None, fetched.capture, "the look-up finds nothing", "gone_lookup")
        other = Refetched("unknown", None, fetched.capture, "the look-up answers with something else", "lookup_other")
        if page.items:
            return other
        blocked = self._nothing_known(fetched, page.document)
        return blocked or self._said(listing, fetched, page.document, here=True) or other

    def _by_page(self, listing: Listing, fetched: Fetched) -> Refetched:
        """No rules for the item's page: only its address, and whether it still shows the title, can be judged."""
        document = open_document("html", fetched.body, fetched.capture.content_type, fetched.url)
        if listing.title is not None and listing.title in document.shown() and _same_address(listing, fetched):
            return Refetched("up", None, fetched.capture, "the page still shows the title", "up_title")
        return self._without_item(listing, fetched, document)

    def _without_item(
        self, listing: Listing, fetched: Fetched, document: Document, looked_up: bool = False
    ) -> Refetched:
        """No item on its page; one that was looked up elsewhere stands there by right."""
        blocked = self._nothing_known(fetched, document)
        if blocked is not None and blocked.rule != "loading":
            return blocked
        here = looked_up or _same_address(listing, fetched)
        gone = self._said(listing, fetched, document, here)
        if gone is not None:
            return gone
        if not here:
            rule = "moved_home" if urlsplit(fetched.url).path in ("", "/") else "moved_away"
            return Refetched("moved", None, fetched.capture, f"redirected to {fetched.url}", rule)
        return blocked or _unknown(fetched, "no item can be read on the page", "no_item")

    def _nothing_known(self, fetched: Fetched, document: Document) -> Refetched | None:
        """What stands in the way of knowing anything: the platform's own signs of a block, then general ones.

        A platform's own words for "gone" come before the general ones: its file knows its pages.
        """
        blocked = block_reason(self.spec, fetched.url, document)
        if blocked is not None:
            return _unknown(fetched, f"refused: {blocked}", "refused")
        if gone_reason(self.spec, document) is not None:
            return None
        heads, lines = page_lines(document)
        found = self.words.unknown([*heads, *lines])
        if found is not None:
            return _unknown(fetched, f"{LABELS[found[0]]}: the page says {found[1]}", found[0])
        if fetched.status == 200 and self.words.shell(lines) and not any(map(self.words.notice, [*heads, *lines])):
            return _unknown(fetched, "an empty page", "loading")
        return None

    def _said(self, listing: Listing, fetched: Fetched, document: Document, here: bool) -> Refetched | None:
        """What the page says of the item being gone: in the platform's words, else in general ones.

        General words count only where a part of the listing is known and none of it is shown; where the answer does
        not come from ``here``, the listing's own address, only in titles and headings.
        """
        own = gone_reason(self.spec, document)
        if own is not None:
            rule = "gone_words" if own.startswith("the page says") else "gone_select"
            return Refetched("gone", None, fetched.capture, own, rule)
        if not self.spec.gone.general or still_shows(document, listing.title, listing.text) is not False:
            return None
        notice = says_gone(self.words, document, heads_only=not here)
        if notice is None:
            return None
        return Refetched("gone", None, fetched.capture, f"the page only says {notice}", "gone_notice")


class _LastCapture:
    """A Save that remembers the last capture: the evidence of a check that failed."""

    def __init__(self, save: Save) -> None:
        self._save = save
        self.capture: Capture | None = None

    def __call__(self, exchange: Exchange | HandedFile) -> Capture:
        capture = self._save(exchange)
        if capture.role == "check":
            self.capture = capture
        return capture


def _unknown(fetched: Fetched, message: str, rule: str) -> Refetched:
    return Refetched("unknown", None, fetched.capture, message, rule)


def _same_address(listing: Listing, fetched: Fetched) -> bool:
    return url_norm(fetched.url) == url_norm(listing.url or "")


def _compared(listing: Listing, found: Listing, capture: Capture) -> Refetched:
    if found.native_id != listing.native_id:
        return Refetched("moved", found, capture, f"another item answers there: {found.native_id}", "moved_item")
    if found.content_sha256 == listing.content_sha256:
        return Refetched("up", found, capture, "unchanged", "up_same")
    changed = [name for name in ("title", "text", "images") if getattr(found, name) != getattr(listing, name)]
    return Refetched("changed", found, capture, f"changed: {', '.join(changed)}", "changed_item")
