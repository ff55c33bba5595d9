"""A client whose pages are made by their own scripts in a browser; every request of theirs is the polite client's.

What went over the wire is archived with the role ``page``. The page as it then stands is a record of its own (WARC:
conversion) with the role of what was asked for, so that extraction reads it like any other page, at any time and
without a browser; its picture has the role ``screenshot``.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

from adwatch.errors import Blocked, BudgetSpent, FetchError, Refused, RobotsDenied, StageError, Unreachable
from adwatch.http import Client, Fetched, Manners, Replay, Request, Tools, Transport
from adwatch.http.addresses import clean_url, origin
from adwatch.http.manners import SOFTWARE, user_agent
from adwatch.models import Capture
from adwatch.ports import Answer, Exchange, HandedFile, RenderedPage, Renderer, RenderWish, Save, Wanted
from collectors.documents import Unreadable, open_document
from collectors.extract import is_listing, read_detail, read_list
from collectors.signs import block_reason, gone_reason
from collectors.spec import Paging, PlatformSpec
from collectors.spec_render import Render

PAGE, SCREENSHOT = "page", "screenshot"
"""Roles of captures that hold no listings: what a page was made of, and its picture."""
_HTML = "text/html; charset=utf-8"
_KEPT_KINDS = ("script", "stylesheet", "font", "image")
_KEPT_BYTES = 64 * 1024 * 1024
"""Of parts that pages have in common; they are fetched once in a run."""
_OURS = ("no_browser", "no_font")


class RenderedClient(Client):
    """The client of a platform with ``render``."""

    def __init__(
        self,
        spec: PlatformSpec,
        render: Render,
        manners: Manners,
        transport: Transport,
        tools: Tools,
        replay: Replay | None = None,
    ) -> None:
        super().__init__(spec.name, manners, transport, tools, replay)
        self.spec, self.render = spec, render
        self._others = Client(spec.name, replace(manners, headers=(), agreed=False), transport, tools, replay)
        self._turn = threading.Lock()
        self._parts: dict[str, Answer] = {}
        self._parts_size = 0

    def fetch(self, request: Request, day: str, save: Save) -> Fetched:
        """The page as a browser shows it; other answers as they come."""
        if request.method != "GET" or not self._is_rendered(request.role):
            return super().fetch(request, day, save)
        if self.tools.renderer is None:
            raise StageError(f"{self.spec.name}: 需要浏览器 render needs a browser, and none is given here")
        kept = self._kept(request)
        if kept is not None:
            return kept
        with self._turn:
            first = super().fetch(replace(request, role=PAGE, conditional=False), day, _RoleBy(save, request.role))
        if not _is_page(first.status, first.headers):
            return first
        return self._rendered(self.tools.renderer, request, first, day, save)

    def _is_rendered(self, role: str) -> bool:
        shown = ("html", "structured")
        looked_up = role == "check" and self.spec.check is not None
        if role in ("list", "probe") or looked_up:
            return "list" in self.render.pages and self.spec.list_kind in shown
        by_itself = self.spec.detail is None or self.spec.detail_kind in shown
        return role in ("detail", "check") and "detail" in self.render.pages and by_itself

    def _kept(self, request: Request) -> Fetched | None:
        """The page as a run that is continued has rendered it."""
        found = self.replay.find(replace(request, url=clean_url(request.url))) if self.replay is not None else None
        if found is None or "rendered" not in found.capture.context:
            return None
        return Fetched(found.capture, found.capture.url, 200, (("Content-Type", _HTML),), found.body)

    def _rendered(self, renderer: Renderer, request: Request, first: Fetched, day: str, save: Save) -> Fetched:
        in_list = request.role in ("list", "probe") or self.spec.check is not None
        asking = _Asking(self, first, day, save)
        made = renderer.render(
            Answer(first.url, first.status, first.headers, first.body),
            asking,
            self._wish(request, in_list),
            lambda dom: self._keys(dom, first.url, in_list),
        )
        if made.reason in _OURS:
            raise StageError(f"{self.spec.name}: 网页无法渲染 pages cannot be rendered: {made.message}")
        if asking.spent is not None:
            raise asking.spent
        if made.reason is not None:
            raise Unreachable(f"{first.url}: 未能渲染 not rendered ({made.reason}): {made.message}")
        if asking.trouble is not None and not self._says_something(made.dom, first.url, in_list):
            raise type(asking.trouble)(
                f"{first.url}: 网页是空的 shows nothing, since what it asks for failed: {asking.trouble}"
            )
        return self._archived(request, first, made, day, save)

    def _paging(self, request: Request) -> Paging:
        """How the list that is asked for goes on."""
        asked = request.context.get("list"), request.context.get("label")
        own = (source.address.paging for source in self.spec.lists if (source.way, source.address.label) == asked)
        return next(own, None) or self.spec.paging

    def _wish(self, request: Request, in_list: bool) -> RenderWish:
        """How this page is rendered."""
        spec, render, paging = self.spec, self.render, self._paging(request)
        if in_list:
            by_select = spec.list_kind == "html" and spec.items is not None
            wait = render.wait_for or (spec.items.select if by_select and spec.items is not None else None)
        else:
            root = spec.detail.root if spec.detail is not None and spec.detail_kind == "html" else None
            title = spec.detail.fields.title if spec.detail is not None and spec.detail_kind == "html" else None
            wait = root or (title.select if title is not None else None)
        steps = paging.max_pages - 1 if request.role == "list" and paging.by in ("scroll", "more") else 0
        return RenderWish(
            platform=spec.name,
            user_agent=user_agent(self.tools.contact),
            wait_for=wait,
            steps=steps,
            more=paging.next if paging.by == "more" else None,
            hosts=render.hosts,
            images=render.images,
            screenshot=render.screenshot,
            seconds=render.seconds,
            requests=render.requests,
        )

    def _keys(self, dom: bytes, url: str, in_list: bool) -> frozenset[str]:
        """What tells the items of a page from one another."""
        try:
            if in_list:
                return frozenset(item.key for item in read_list(self.spec, dom, _HTML, url, keys_only=True).items)
            found = self.spec.detail is not None and is_listing(self.spec, read_detail(self.spec, dom, _HTML, url)[0])
            return frozenset([url] if found else [])
        except Unreadable:
            return frozenset()

    def _says_something(self, dom: bytes, url: str, in_list: bool) -> bool:
        """Whether the page shows items, or says itself that there are none or that it refuses us."""
        if self._keys(dom, url, in_list) or (not in_list and self.spec.detail is None):
            return True
        try:
            if in_list and read_list(self.spec, dom, _HTML, url).no_results:
                return True
            document = open_document("html", dom, _HTML, url)
        except Unreadable:
            return False
        return gone_reason(self.spec, document) is not None or block_reason(self.spec, url, document) is not None

    def _archived(self, request: Request, first: Fetched, made: RenderedPage, day: str, save: Save) -> Fetched:
        asked, url = clean_url(request.url), made.url.partition("#")[0]
        url = url if origin_or_none(url) == origin(first.url) else first.url
        context: dict[str, Any] = dict(request.context)
        if url != asked:
            context["requested"] = asked
        facts: dict[str, object] = {"of": first.capture.record_id, **made.facts}
        if made.goes_on:
            facts["goes_on"] = True
        common = Exchange(
            platform=self.platform,
            day=day,
            role=SCREENSHOT,
            url=url,
            method="GET",
            fetched_at=self.tools.clock.now(),
            status=200,
            reason="OK",
            response_headers=(("Content-Type", "image/jpeg"),),
            body=made.screenshot,
            server_ip=first.capture.server_ip,
            operator=self.tools.contact or None,
            software=f"{SOFTWARE} {made.facts.get('browser', '')}".strip(),
            context={"of": first.capture.record_id},
            made_from=first.capture.record_id,
        )
        with self._turn:
            if made.screenshot:  # first: a page that is archived is archived with its picture
                save(common)
            shown = (("Content-Type", _HTML),)
            told = {**context, "rendered": facts}
            capture = save(replace(common, role=request.role, response_headers=shown, body=made.dom, context=told))
        return Fetched(capture, url, 200, shown, made.dom)

    def part(self, wanted: Wanted, home: str, day: str, save: Save) -> Answer:
        """One request of a page; what pages have in common is asked for once in a run."""
        with self._turn:
            kept = self._parts.get(wanted.url) if wanted.method == "GET" else None
            if kept is not None:
                return kept
            own = origin(clean_url(wanted.url)) == origin(home)
            request = Request(wanted.url, PAGE, wanted.method, wanted.body, wanted.headers, conditional=False)
            found = super().fetch(request, day, save) if own else self._others.fetch(request, day, save)
            answer = Answer(found.url, found.status, found.headers, found.body)
            fit = wanted.method == "GET" and wanted.kind in _KEPT_KINDS and found.status == 200
            if fit and self._parts_size + len(found.body) < _KEPT_BYTES and found.url == clean_url(wanted.url):
                self._parts[wanted.url] = answer
                self._parts_size += len(found.body)
            return answer


class _Asking:
    """The way out of one page; remembers why something was not answered."""

    def __init__(self, client: RenderedClient, first: Fetched, day: str, save: Save) -> None:
        self.client, self.first, self.day, self.save = client, first, day, save
        self.spent: BudgetSpent | None = None
        self.trouble: FetchError | None = None
        """The first refusal of what the page's own data may be: not of pictures or of private addresses."""

    def __call__(self, wanted: Wanted) -> Answer:
        try:
            return self.client.part(wanted, self.first.url, self.day, self.save)
        except BudgetSpent as error:
            self.spent = error
            raise
        except (Blocked, RobotsDenied, Unreachable) as error:
            if wanted.kind in ("script", "xhr", "fetch"):
                self.trouble = self.trouble or error
            raise


class _RoleBy:
    """A Save by which only a page that is to be rendered has the role ``page``: a removed item's 404 has its own."""

    def __init__(self, save: Save, role: str) -> None:
        self._save, self._role = save, role

    def __call__(self, exchange: Exchange | HandedFile) -> Capture:
        if isinstance(exchange, Exchange) and exchange.role == PAGE:
            shown = _is_page(exchange.status, exchange.response_headers)
            exchange = exchange if shown else replace(exchange, role=self._role)
        return self._save(exchange)


def _is_page(status: int, headers: tuple[tuple[str, str], ...]) -> bool:
    kinds = [value for name, value in headers if name.lower() == "content-type"]
    return status == 200 and (not kinds or "html" in kinds[0].lower())


def origin_or_none(url: str) -> tuple[str, str, int] | None:
    """The origin of what a page calls its address; None for what is none (about:blank)."""
    try:
        return origin(clean_url(url))
    except Refused:
        return None


def goes_on(capture: Capture) -> bool:
    """Whether a rendered list had more when its steps were used up."""
    facts = capture.context.get("rendered")
    return isinstance(facts, dict) and bool(facts.get("goes_on"))
