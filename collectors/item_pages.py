"""The items of a patrol: each one's own page fetched once, and the pages of replies behind it."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import replace
from typing import cast

from adwatch.errors import BadKey, Blocked, BudgetSpent, FetchError, Unreachable
from adwatch.http import Client, Fetched, Request
from adwatch.models import Capture, Outcome
from adwatch.ports import Event, Save
from collectors.documents import Document, Unreadable, open_document
from collectors.extract import ListItem, is_listing, read_detail
from collectors.fields import Raw
from collectors.plan import Breaker, Plan, Tally
from collectors.replies import FURTHER, ReplyPages, rules_of
from collectors.sightings import fingerprint
from collectors.signs import block_reason, gone_reason
from collectors.spec import PlatformSpec


class Stop(Exception):
    """The platform is left for today; why was said in an event."""


class ItemPages:
    """What a run fetches, and what it has come to so far."""

    def __init__(self, spec: PlatformSpec, client: Client, day: str, save: Save, plan: Plan) -> None:
        self.spec, self.client, self.day, self.save, self.plan = spec, client, day, save, plan
        self.tally = Tally()
        self.breaker = Breaker(spec.breaker.failures, plan.half_open)
        self.refusals = Breaker(spec.breaker.failures)
        self.found = 0
        self.met: set[str] = set()
        self.troubled = False

    def _fetch(self, request: Request) -> Generator[Capture | Event, None, Fetched | None]:
        """One fetch; a failure becomes an event, and None is given back."""
        if not self.spec.conditional:
            request = replace(request, conditional=False)
        try:
            fetched = self.client.fetch(request, self.day, self.save)
        except FetchError as error:
            yield self._event(error.outcome, request.url, str(error))
            self.tally.spent = isinstance(error, BudgetSpent)
            if isinstance(error, BadKey | Blocked | BudgetSpent):
                raise Stop from error
            if isinstance(error, Unreachable) and self.breaker.failed():
                raise Stop from error
            return None
        if fetched.status < 500:
            self.breaker.answered()
        yield fetched.capture
        return fetched

    def _event(self, outcome: str, url: str, message: str, word: str | None = None) -> Event:
        self.troubled = self.troubled or outcome != "ok"
        return Event(cast(Outcome, outcome), url, message, word)

    def _stop_if_blocked(self, fetched: Fetched, document: Document | None) -> Iterator[Event]:
        """A page without items that has the words or the address of a block page ends the run."""
        if document is None:
            document = open_document("html", fetched.body, fetched.capture.content_type, fetched.url)
        reason = block_reason(self.spec, fetched.url, document)
        if reason is not None:
            yield self._event("blocked", fetched.url, reason)
            raise Stop

    def is_private(self, status: int) -> bool:
        """Whether the site answers so for an item that is not public."""
        return self.spec.detail is not None and status in self.spec.detail.private

    def _kept_private(self, fetched: Fetched) -> Iterator[Event]:
        """One item that is not public is its own matter; several in a row are a refusal of us."""
        self.tally.said["private"] += 1
        told = f"answers {fetched.status}: this item is not public"
        yield Event("ok", fetched.url, told, "private")
        if self.refusals.failed():
            yield self._event(
                "blocked", fetched.url, f"{self.refusals.failures} items in a row answer {fetched.status}"
            )
            raise Stop

    def _items(self, items: list[ListItem], context: dict[str, object]) -> Iterator[Capture | Event]:
        """Each new item: counted, or its own page fetched if it is due, once in a run however many terms find it."""
        if self.spec.detail is None:
            new = {item.key for item in items} - self.met
            self.met |= new
            self.found += len(new)
            return
        fresh = {item.link: item for item in items if item.link is not None and item.link not in self.met}
        self.met.update(fresh)
        counts = rules_of(self.spec) is not None
        due = self.plan.due({link: fingerprint(item.raw, counts) for link, item in fresh.items()}) if fresh else set()
        for link, item in fresh.items():
            if link in due:
                yield from self._detail(link, {**context, "item": item.raw})
            else:
                self.found += 1

    def _detail(self, link: str, context: dict[str, object]) -> Iterator[Capture | Event]:
        fetched = yield from self._fetch(Request(link, "detail", context=context))
        if fetched is None:
            return
        if self.is_private(fetched.status):
            yield from self._kept_private(fetched)
            return
        self.refusals.answered()
        if fetched.status in self.spec.gone.status:
            yield Event("ok", fetched.url, f"answers {fetched.status}: removed since the list was read")
            return
        if fetched.status != 200:
            yield self._event("layout_changed", fetched.url, f"the item's page answers {fetched.status}")
            return
        try:
            raw, document = read_detail(self.spec, fetched.body, fetched.capture.content_type, fetched.url)
        except Unreadable as error:
            yield from self._stop_if_blocked(fetched, None)
            yield self._event("layout_changed", fetched.url, f"the item's page cannot be read: {error}")
            return
        if is_listing(self.spec, raw):
            self.found += 1
            yield from self._replies(link, context, raw, document)
        elif gone_reason(self.spec, document) is not None:
            yield Event("ok", fetched.url, "removed since the list was read")
        else:
            yield from self._stop_if_blocked(fetched, document)
            yield self._event("layout_changed", fetched.url, "no title, text or id on the item's page")

    def _replies(
        self, link: str, context: dict[str, object], raw: Raw, document: Document
    ) -> Generator[Capture | Event, None, None]:
        """The pages of posts behind an item's own, one after another."""
        rules = rules_of(self.spec)
        if rules is None:
            return
        topic = str(raw.get("native_id") or cast(Raw, context.get("item") or {}).get("native_id") or "")
        pages = ReplyPages(self.spec, rules, topic, document)
        for url in pages:
            about = {**context, FURTHER: pages.pages, "topic": topic}
            fetched = yield from self._fetch(Request(url, "detail", context=about))
            if fetched is None or fetched.status != 200:
                self.tally.complete = False
                if fetched is not None:
                    yield Event("ok", fetched.url, f"answers {fetched.status}: further replies were not read")
                return
            try:
                kind, content = self.spec.detail_kind, fetched.capture.content_type
                pages.went_on(open_document(kind, fetched.body, content, fetched.url))
            except Unreadable as error:
                self.tally.complete = False
                yield self._event("layout_changed", fetched.url, f"a page of replies cannot be read: {error}")
                return
        if pages.goes_on:
            yield Event("ok", link, f"stopped after {pages.pages} pages of replies; the topic goes on")
