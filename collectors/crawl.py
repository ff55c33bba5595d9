"""One platform's patrol: lists by search term, category and newest, page by page, and each item's own page once."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace

from adwatch.http import Client, Fetched
from adwatch.models import Capture
from adwatch.ports import Event, Save
from collectors.answers import Said, said_by
from collectors.documents import TreeDocument, Unreadable
from collectors.extract import ListPage, read_list
from collectors.item_pages import ItemPages, Stop
from collectors.newest import Newest
from collectors.paging import Place, list_request, next_place
from collectors.plan import Plan
from collectors.rendered import goes_on
from collectors.spec import Address, ListSource, PlatformSpec
from collectors.sublists import SubLists


class Crawl(ItemPages):
    """One run; what it finds is told as it goes, captures first."""

    def __init__(self, spec: PlatformSpec, client: Client, day: str, save: Save, plan: Plan | None = None) -> None:
        super().__init__(spec, client, day, save, plan or Plan())
        self.compared = len({source.way == "search" for source in spec.lists}) == 2
        self.by_search: set[str] = set()
        self.by_list: set[str] = set()
        self.sublists = SubLists(spec)
        self.newest = Newest(spec, self.plan, day)

    def run(self, terms: Sequence[str]) -> Iterator[Capture | Event]:
        """All lists, then whether it was as much as the platform file expects."""
        searches = [source for source in self.spec.lists if source.way == "search"]
        others = [source for source in self.spec.lists if source.way != "search"]
        try:
            yield from self._probe()
            if not (self.plan.searches_rest and searches and others):
                yield from self._lists(self.spec.lists, terms)
            else:
                yield from self._lists(others, terms)
                if self.tally.complete and self.by_list:
                    message = "the searches rest: the last round found nothing that the other lists do not hold"
                    yield Event("ok", self.spec.base_url or self.spec.name, message)
                else:
                    yield from self._lists(searches, terms)
        except Stop:
            self.tally.complete = False
            self.tally.breaker = "closed" if self.tally.spent else "open"
            return
        fewest = 1 if self.tally.rested else self.spec.expect.fewest
        if self.found < max(1, fewest):
            self.tally.complete = False
        if self.tally.complete:
            self.tally.whole = self.newest.whole()
        if self.troubled:
            return
        where = self.spec.base_url or self.spec.name
        if not self.found:
            known = "the probe term had hits" if self.tally.probe == "ok" else "no probe term is declared"
            yield Event("empty", where, f"no listing was found ({known})")
        elif self.found < fewest:
            message = f"{self.found} listings found, {fewest} expected at least"
            yield Event("layout_changed", where, message)

    def _lists(self, sources: Sequence[ListSource], terms: Sequence[str]) -> Iterator[Capture | Event]:
        """Lists whole; those by search once for each term."""
        for source in sources:
            asked: Sequence[str | None] = terms if source.way == "search" else [None]
            if source.way == "search":
                self.tally.terms = len(terms)
            for term in asked:
                yield from self._walk(source.way, source.address, term)
        self.tally.beyond = len(self.by_search - self.by_list)

    def _probe(self) -> Iterator[Capture | Event]:
        """Ask for the term that always has hits: without it nobody knows whether a zero is one."""
        address = next((source.search for source in self.spec.lists if source.search is not None), None)
        if self.spec.probe is None or address is None:
            return
        self.tally.probe = "failed"
        place = Place(self.spec.paging.start)
        asked = list_request(self.spec, address, place, self.spec.probe, {"list": "search", "term": self.spec.probe})
        fetched = yield from self._fetch(replace(asked, role="probe"))
        if fetched is None:
            return
        page = yield from self._read(fetched, "search", first=True)
        if page is not None and page.items:
            self.tally.probe = "ok"
        elif page is not None:
            message = f"the probe term {self.spec.probe} has no hits: a zero of this search says nothing"
            yield self._event("layout_changed", fetched.url, message)

    def _walk(self, way: str, address: Address, term: str | None) -> Iterator[Capture | Event]:
        """One list, page by page, until it ends, repeats, rests or max_pages is reached."""
        spec = self.spec if address.paging is None else self.spec.model_copy(update={"paging": address.paging})
        place: Place | None = Place(spec.paging.start)
        seen: set[str] = set()
        reading = self.newest.begin(way, address)
        pages = 0
        while place is not None:
            context: dict[str, object] = {"list": way, "page": place.number}
            if term is not None:
                context["term"] = term
            if address.label is not None:
                context["label"] = address.label
            if address.listing_kind is not None:
                context["listing_kind"] = address.listing_kind
            request = list_request(spec, address, place, term, context)
            fetched = yield from self._fetch(request)
            if fetched is None:
                self.tally.complete = False
                return
            pages += 1
            page = yield from self._read(fetched, way, first=pages == 1)
            if page is None:
                self.tally.complete = self.tally.complete and pages > 1 and fetched.status != 200
                return
            self.tally.terms_empty += term is not None and pages == 1 and not page.items
            fresh = [item for item in page.items if item.key not in seen]
            seen.update(item.key for item in fresh)
            if self.compared:
                (self.by_search if way == "search" else self.by_list).update(item.key for item in fresh)
            yield from self._items(fresh, context)
            for below in self.sublists.below(address, fetched.url, page):
                self.tally.complete = self.tally.complete and not isinstance(below, Event)
                yield from [below] if isinstance(below, Event) else self._walk(way, below, term)
            place = next_place(spec, place, page.document, fetched.headers, len(page.items)) if fresh else None
            self.plan.reached(_cursor(context, place))
            if goes_on(fetched.capture):
                self.tally.complete = False
                yield Event("ok", fetched.url, f"stopped after {spec.paging.max_pages} pages; the list goes on")
            why = self.newest.rest(reading, fetched) if reading is not None else None
            if why is not None and place is not None:
                self.tally.rested += 1
                yield Event("ok", fetched.url, why)
                return
            if place is not None and pages >= spec.paging.max_pages:
                self.tally.complete = False
                yield Event("ok", fetched.url, f"stopped at max_pages {pages}; the list goes on")
                return

    def _read(self, fetched: Fetched, way: str, first: bool) -> Generator[Event, None, ListPage | None]:
        """The list page, or None with an event where it is not one."""
        if self.is_private(fetched.status):
            yield self._event("blocked", fetched.url, f"the site refuses us ({fetched.status})")
            raise Stop
        said = said_by(self.spec, fetched) if fetched.status != 200 or self.spec.interface is not None else None
        if said is not None:
            return (yield from self._said(said, fetched.url))
        if fetched.status != 200:
            if first:
                yield self._event("layout_changed", fetched.url, f"the list answers {fetched.status}")
            return None
        try:
            alone = self.spec.detail is None
            page = read_list(self.spec, fetched.body, fetched.capture.content_type, fetched.url, keys_only=alone)
        except Unreadable as error:
            if (said := said_by(self.spec, fetched)) is not None:
                return (yield from self._said(said, fetched.url))
            yield from self._stop_if_blocked(fetched, None)
            yield self._event("layout_changed", fetched.url, f"the list cannot be read: {error}")
            return None
        if page.items:
            if self.spec.detail is not None and not any(item.link for item in page.items):
                yield self._event("layout_changed", fetched.url, "no item of the list has a link; check items.link")
                return None
            return page
        if page.no_results or page.lists:
            return page
        if (said := said_by(self.spec, fetched)) is not None:
            return (yield from self._said(said, fetched.url))
        yield from self._stop_if_blocked(fetched, page.document)
        if first and (way != "search" or not page.place_found):
            yield from self._unexpectedly_empty(way, fetched)
        elif not first and not page.place_found and self.spec.list_kind in ("json", "signed_json"):
            self.tally.complete = False
            yield self._event(
                "layout_changed", fetched.url, "a later page has no place for items; the list was cut short"
            )
        return page

    def _said(self, said: Said, url: str) -> Generator[Event, None, ListPage | None]:
        """The platform says why there are no items: a page without any, or None and an event that may end the day."""
        self.tally.said[said.word] += 1
        if said.word == "empty":
            return ListPage(TreeDocument({}, url), [], True, True)
        self.tally.complete = False
        self.tally.spent = said.word == "quota_spent"
        yield self._event(said.outcome, url, said.told, said.word)
        if said.ends_the_day or (said.outcome == "unreachable" and self.breaker.failed()):
            raise Stop
        return None

    def _unexpectedly_empty(self, way: str, fetched: Fetched) -> Iterator[Event]:
        """An empty list where there should be items: changed, unless a search may just have no hits."""
        none = self.spec.items.no_results if self.spec.items is not None else None
        can_tell = none is not None and (none.select is not None or bool(none.words))
        if way == "search" and not can_tell and self.spec.list_kind == "html":
            return
        self.tally.complete = False
        message = f"items.select matches nothing on this {way} page"
        yield self._event("layout_changed", fetched.url, message)


def _cursor(context: dict[str, object], place: Place | None) -> dict[str, object]:
    """How far a list was read, as the run's row keeps it."""
    goes_on = {"next": place.number, "cursor": place.cursor, "url": place.url} if place is not None else {"next": None}
    return {**context, **goes_on}
