"""Looks one platform over, live and politely: one list page, one item page, and what the platform file says of them.

Nothing is stored but the captures (role check: no patrol reads listings out of them). What the check cannot see, how
a block page looks or how much a whole patrol finds, it does not judge.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import timedelta

from adwatch.errors import FetchError
from adwatch.http import Client, Fetched, Request, Tools, Transport
from adwatch.models import Listing
from adwatch.ports import Save
from collectors.answers import said_by
from collectors.checked import PlatformCheck
from collectors.documents import Document, Unreadable, open_document
from collectors.extract import ListPage, extract, is_listing, read_detail, read_list
from collectors.fields import to_listing
from collectors.kinds import FEED_FIELDS, STRUCTURED_FIELDS
from collectors.paging import Place, list_request, next_place
from collectors.robots_seen import RobotsSeen
from collectors.signs import block_reason
from collectors.source import make_client
from collectors.spec import ListSource, PlatformSpec

TERM = "电工证"
"""Asked where there are only searches and the platform file names no probe term."""

_OFTEN_MISSING = ("price", "images", "links", "sales_text", "reviews_count", "seller_region", "operator_name", "uscc")
"""Fields that a single item may well be without."""


def check_platform(
    spec: PlatformSpec, tools: Tools, save: Save, day: str, transport: Transport | None = None
) -> PlatformCheck:
    """Fetch one list page and one item of the platform and say how its file fits them; at most robots and two pages."""
    found = PlatformCheck(spec.name, spec.kind)
    if spec.kind == "handover":
        found.doubt(
            "移交类平台，不作网络访问；请用移交的文件试"
            " a hand-over: nothing is fetched; try a file with adwatch ingest FILE --platform " + spec.name
        )
        return found
    if spec.is_template:
        found.fault(
            f"这是模板：请另写一个带 extends: {spec.name} 和 base_url: 的文件"
            f" a template: write a file with extends: {spec.name} and base_url:"
        )
        return found
    client = make_client(spec, tools, transport)
    try:
        _Check(spec, client, RobotsSeen(save), day, found).run()
    finally:
        client.close()
    return found


class _Check:
    """One check under way."""

    def __init__(self, spec: PlatformSpec, client: Client, save: RobotsSeen, day: str, found: PlatformCheck) -> None:
        self.spec, self.client, self.save, self.day, self.found = spec, client, save, day, found
        self.pages: list[Document] = []

    def run(self) -> None:
        source = next((one for one in self.spec.lists if one.way != "search"), self.spec.lists[0])
        fetched = self._fetch(self._list_request(source))
        self._rate()
        if fetched is None:
            return
        page = self._list(fetched)
        for _ in range(self.spec.sitemap.depth):  # an index of sitemaps: its first one is looked at instead
            if page is None or page.items or not page.lists:
                break
            fetched = self._fetch(Request(page.lists[0], "check", context={"list": "latest"}, conditional=False))
            page = self._list(fetched) if fetched is not None else None
        if fetched is None or page is None or not page.items:
            return
        self._list_fill(page)
        listings = list(self._listings(fetched, page))
        self._fill(listings, page)
        self._words()
        self._expected(listings)
        self._stated()

    def _list_request(self, source: ListSource) -> Request:
        term = (self.spec.probe or TERM) if source.way == "search" else None
        context: dict[str, object] = {"list": source.way, "page": self.spec.paging.start}
        request = list_request(self.spec, source.address, Place(self.spec.paging.start), term, context)
        return replace(request, role="check", conditional=False)

    def _fetch(self, request: Request) -> Fetched | None:
        try:
            fetched = self.client.fetch(request, self.day, self.save)
        except FetchError as error:
            self.found.fault(str(error) if error.outcome == "ok" else f"{error.outcome}: {error}")
            return None
        if fetched.status == 200:
            return fetched
        if (said := said_by(self.spec, fetched)) is not None:
            self.found.fault(said.told)
            return None
        self.found.fault(
            f"{fetched.url} 返回 {fetched.status}，请核对平台文件中的网址"
            f" answers {fetched.status}; check the address in the platform file"
        )
        return None

    def _rate(self) -> None:
        self.found.robots = self.save.told or self.found.robots
        rate, delay = self.spec.rate, self.save.delay
        seconds = 1 / rate.per_second if rate.agreed else max(1 / rate.per_second, delay)
        why = (
            f"与 {rate.agreed} 约定 declared by {rate.agreed}"
            if rate.agreed
            else "robots.txt"
            if delay > 1 / rate.per_second
            else "本系统 ours"
        )
        self.found.rate = f"每 {seconds:g} 秒一次 {seconds:g} s between requests ({why})"

    def _list(self, fetched: Fetched) -> ListPage | None:
        self.found.list_url = fetched.url
        try:
            page = read_list(self.spec, fetched.body, fetched.capture.content_type, fetched.url)
        except Unreadable as error:
            self.found.fault(f"列表读不出 the list cannot be read: {error}")
            self._blocked(fetched)
            return None
        self.found.list_items = len(page.items)
        if not page.items:
            self._without_items(fetched, page)
            return page
        self.pages.append(page.document)
        for note in page.notes:
            self.found.doubt(note)
        if self.spec.paging.by != "none":
            place = Place(self.spec.paging.start)
            onward = next_place(self.spec, place, page.document, fetched.headers, len(page.items))
            self.found.next_page = onward is not None
            if onward is None:
                self.found.doubt(
                    f"按 {self.spec.paging.by} 找不到下一页：列表只有一页时才对"
                    f" no next page by {self.spec.paging.by}: right only if the list has a single page"
                )
        return page

    def _without_items(self, fetched: Fetched, page: ListPage) -> None:
        if page.lists:
            return
        if page.no_results:
            self.found.doubt(
                "列表自称没有条目，无法继续核对 the list says that it has no items; nothing more can be checked"
            )
        elif (said := said_by(self.spec, fetched)) is not None:
            (self.found.doubt if said.word == "empty" else self.found.fault)(said.told)
        else:
            self.found.fault(
                "列表上没有找到条目：items.select 或者 items.links 没有匹配"
                " no item is found on the list: items.select or items.links matches nothing"
            )
            self._blocked(fetched)

    def _blocked(self, fetched: Fetched) -> None:
        document = open_document("html", fetched.body, fetched.capture.content_type, fetched.url)
        reason = block_reason(self.spec, fetched.url, document)
        if reason is not None:
            self.found.fault(f"被拦截 blocked: {reason}")

    def _listings(self, fetched: Fetched, page: ListPage) -> Iterator[Listing]:
        """Listings of the list, or the one of the first item's own page."""
        if self.spec.detail is None:
            for one in extract(self.spec, replace(fetched.capture, role="list"), fetched.body):
                if isinstance(one, Listing):
                    yield one
                else:
                    self.found.doubt(f"{one.reason}: {one.where}: {one.message}")
            return
        item = next((one for one in page.items if one.link is not None), None)
        if item is None or item.link is None:
            self.found.fault("列表上的条目没有链接：请核对 items.link no item of the list has a link: check items.link")
            return
        answer = self._fetch(Request(item.link, "check", context={"item": item.raw}, conditional=False))
        if answer is None:
            return
        self.found.item_url = answer.url
        try:
            raw, document = read_detail(self.spec, answer.body, answer.capture.content_type, answer.url)
        except Unreadable as error:
            self.found.fault(f"条目的网页读不出 the item's page cannot be read: {error}")
            return
        if not is_listing(self.spec, raw):
            what = (
                "没有 schema.org 或者 OpenGraph 数据 no schema.org or OpenGraph item"
                if self.spec.detail_kind == "structured"
                else "没有标题、正文或者编号 no title, text or id"
            )
            self.found.fault(f"条目的网页上{what} on the item's page: 请核对 check detail")
            return
        self.pages.append(document)
        yield to_listing(self.spec, self.spec.detail.fields, {**item.raw, **raw}, answer.capture)

    def _list_fill(self, page: ListPage) -> None:
        """How often the list shows what it is said to show; without a detail page the listings tell it."""
        if self.spec.detail is None or self.spec.items is None:
            return
        for name, _ in self.spec.items.fields.given():
            here = sum(name in item.raw for item in page.items)
            self.found.list_fill[name] = f"{here}/{len(page.items)}"
            if not here:
                self.found.doubt(
                    f"items.fields.{name} 已写明，列表上却没有 {name} is declared and stands nowhere on the list"
                )

    def _stated(self) -> None:
        """What a person has to state of the access; the demo's sites are nobody's."""
        if self.spec.demo:
            return
        for name, what in (("contact", "who at the platform answers for it"), ("budget", "requests a day at most")):
            if getattr(self.spec, name) is None:
                self.found.doubt(f"未写明 no {name} is stated: write {name}: ({what})")
        if "（请" in self.spec.basis:
            self.found.doubt(
                "basis 还是草稿的原文: 请核实依据并删去（请…） confirm the ground and take （请…） out of basis:"
            )
        if not self.spec.enabled:
            self.found.doubt("停用中，巡查不会问它 switched off: write enabled: true before adwatch patrol")

    def _fill(self, listings: list[Listing], page: ListPage) -> None:
        rules = self.spec.detail.fields if self.spec.detail is not None else None
        rules = rules or (self.spec.items.fields if self.spec.items is not None else None)
        names = [name for name, _ in rules.given()] if rules is not None else []
        for name in names:
            here = sum(getattr(one, "price_text" if name == "price" else name) not in (None, ()) for one in listings)
            self.found.fill[name] = f"{here}/{len(listings)}"
            maybe = name in _OFTEN_MISSING and len(listings) == 1
            if listings and not here and self._says_itself(name) and not maybe:
                self.found.doubt(
                    f"{name} 已写明，读到的内容中却没有 {name} is declared and stands nowhere on what was read"
                )
        if "price" in names and listings and all(one.price_fen is None for one in listings if one.price_text):
            self.found.doubt(
                "有价格，但读不成数：请核对 price.regex 和 price.unit"
                " prices are found, but none can be read as a number: check price.regex and price.unit"
            )
        if listings:
            self.found.example = {k: v for k, v in asdict(listings[0]).items() if v not in (None, (), "")}

    def _says_itself(self, name: str) -> bool:
        """Whether the platform file names the field; what a kind reads by itself may well be missing."""
        kind = self.spec.detail_kind if self.spec.detail is not None else self.spec.list_kind
        by_kind = {"feed": FEED_FIELDS, "structured": STRUCTURED_FIELDS}.get(kind, {})
        return name not in by_kind

    def _words(self) -> None:
        words = (*self.spec.block.words, *self.spec.gone.words)
        shown = "\n".join(page.shown() for page in self.pages)
        common = [word for word in words if word in shown]
        if common:
            self.found.block_words = f"普通网页上也有 on ordinary pages too: {', '.join(common)}"
            self.found.doubt(
                "拦截页、下架页的词在普通网页上也有，请换较少见的词"
                f" words of block or gone pages stand on ordinary pages: {', '.join(common)}; take rarer ones"
            )
        elif words:
            self.found.block_words = (
                f"写明 {len(words)} 个，普通网页上没有 {len(words)} declared, none on ordinary pages"
            )

    def _expected(self, listings: list[Listing]) -> None:
        expect = self.spec.expect
        if self.spec.paging.by == "none" and len(self.spec.lists) == 1 and self.found.list_items < expect.fewest:
            self.found.doubt(
                f"只有 {self.found.list_items} 条，少于 expect.fewest"
                f" {self.found.list_items} items, expect.fewest says {expect.fewest}"
            )
        for name in expect.required:
            if self.found.fill.get(name, "0/0").startswith("0/"):
                self.found.doubt(
                    f"expect.required 写有 {name}，没有找到 expect.required names {name}, which is not found"
                )
        dated = [one for one in listings if one.posted_at is not None and one.captured_at is not None]
        if expect.newest_days is not None and dated and self.spec.detail is None:
            age = min(one.captured_at - one.posted_at for one in dated if one.captured_at and one.posted_at)
            if age > timedelta(days=expect.newest_days):
                self.found.doubt(
                    f"最新的一条已有 {age.days} 天"
                    f" the newest listing is {age.days} days old, expect.newest_days says {expect.newest_days}"
                )
