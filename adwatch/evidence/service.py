"""Renders the pages of patrols: one browser for all platforms of a process, a throw-away profile for each platform.

The browser lives on a thread of its own, is started when the first page is asked for, and is followed by another after
so many pages or bytes. A page that keeps it busy, grows without end or crashes is ended, and which of it is said; where
the browser died of another's page, the page is tried once more.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from adwatch.evidence.browser import LOCALE, ZONE, CannotRender, Started, find_browser, short
from adwatch.evidence.fonts import missing_glyphs
from adwatch.evidence.guard import guard, no_socket, send_away, until
from adwatch.evidence.memory import memory_below
from adwatch.evidence.requests import Answers
from adwatch.evidence.tab import HEIGHT, STEP_SECONDS, WIDTH, Tab
from adwatch.ports import Answer, Ask, Keys, RenderedPage, RenderWish

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, Page

PAGES = 400
"""After which a browser is followed by another."""
AT_ONCE = 3
_WATCHED = 0.5
"""Seconds between two looks at the browser's memory."""
_OPENING, _CLOSING = 30.0, 10.0
_MEGA = 1_000_000
_PICTURE = 25.0
UNWANTED = ("media", "texttrack", "eventsource", "manifest", "ping", "font")
"""Kinds of requests that are never answered."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Megabytes."""

    process: int = 900
    """Of one process of the browser: then it is killed, and its page with it."""
    browser: int = 1800
    """Of all of them: then another browser follows."""


@dataclass(slots=True)
class _Profile:
    """One platform's."""

    context: BrowserContext
    answers: Answers | None = None
    page: Any = None


@dataclass(slots=True, eq=False)
class _Running:
    """A browser at work."""

    started: Started
    browser: Browser
    profiles: dict[str, _Profile] = field(default_factory=dict)
    pages: int = 0
    active: int = 0
    retired: bool = False
    grown: bool = False
    """Whether one of its processes was killed because of its memory."""
    dead: asyncio.Event = field(default_factory=asyncio.Event)
    watch: asyncio.Task[None] | None = None


class BrowserService:
    """The Renderer port; close it, and no browser is left."""

    def __init__(self, program: str = "", pages: int = PAGES, memory: Memory | None = None) -> None:
        self.program, self.pages, self.memory = program, pages, memory or Memory()
        self.restarts: Counter[str] = Counter()
        """Browsers that were ended, by why: pages, memory, crashed, closed."""
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._now: _Running | None = None
        self._starting = asyncio.Lock()
        self._turns = asyncio.Semaphore(AT_ONCE)

    def render(self, first: Answer, ask: Ask, wish: RenderWish, keys: Keys) -> RenderedPage:
        """One page; called from any thread but the browser's own."""
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=self._loop.run_forever, name="browser", daemon=True)
                self._thread.start()
            loop = self._loop
        return asyncio.run_coroutine_threadsafe(self._render(first, ask, wish, keys), loop).result()

    def close(self) -> None:
        """End the browser and its thread."""
        with self._lock:
            loop, self._loop = self._loop, None
            if loop is None or self._thread is None:
                return
            asyncio.run_coroutine_threadsafe(self._end(), loop).result()
            loop.call_soon_threadsafe(loop.stop)
            self._thread.join()
            loop.run_until_complete(loop.shutdown_default_executor())
            loop.close()
            self._now, self._starting, self._turns = None, asyncio.Lock(), asyncio.Semaphore(AT_ONCE)

    async def _end(self) -> None:
        if self._now is not None:
            await self._retire(self._now, "closed")

    async def _render(self, first: Answer, ask: Ask, wish: RenderWish, keys: Keys) -> RenderedPage:
        async with self._turns:
            made, lost = await self._once(first, ask, wish, keys)
            if lost and made.reason == "crashed":
                made, _ = await self._once(first, ask, wish, keys)
            return made

    async def _once(self, first: Answer, ask: Ask, wish: RenderWish, keys: Keys) -> tuple[RenderedPage, bool]:
        """The page, and whether the whole browser was lost."""
        made = RenderedPage(url=first.url)
        try:
            running = await self._browser()
        except CannotRender as error:
            return RenderedPage(error.reason, str(error), first.url), False
        running.active += 1
        running.pages += 1
        # a picture that stands in no listing costs a request like any other
        unwanted = UNWANTED if wish.images else (*UNWANTED, "image")
        answers = Answers(first, ask, wish.requests, hosts=wish.hosts, unwanted=unwanted)
        try:
            await self._page(running, answers, wish, keys, made)
        except CannotRender as error:
            made.reason, made.message = error.reason, str(error)
            await self._forget(running, wish.platform)
        finally:
            answers.close()
            running.active -= 1
            made.facts["browser"] = f"Chromium {running.browser.version}"
            made.facts["refused"] = dict(sorted(answers.refused.items()))
            made.facts["requests"] = len(answers.told)
        lost = running.dead.is_set()
        if running.grown and made.reason == "crashed":
            made.reason = "memory"
            made.message = f"the page took more than {self.memory.process} MB of memory"
        if lost or running.pages >= self.pages or running.grown:
            await self._retire(running, "crashed" if lost else "memory" if running.grown else "pages")
        return made, lost

    async def _browser(self) -> _Running:
        async with self._starting:
            if self._now is not None and not self._now.retired:
                return self._now
            program = find_browser(self.program)
            if program is None:
                raise CannotRender("no_browser", "no chromium; Debian: apt-get install chromium, or ADWATCH_CHROMIUM")
            started = Started(program)
            try:
                browser, _wall = await started.__aenter__()
            except OSError as error:
                raise CannotRender("no_browser", f"the browser cannot be used: {short(error)}") from error
            running = _Running(started, browser)
            browser.on("disconnected", lambda _browser: running.dead.set())
            try:
                await self._check_fonts(browser)
            except CannotRender:
                await started.__aexit__()
                raise
            running.watch = asyncio.create_task(self._watch(running))
            self._now = running
            return running

    async def _check_fonts(self, browser: Browser) -> None:
        try:
            async with asyncio.timeout(_OPENING):
                blank = await browser.new_page()
                lacking = await missing_glyphs(blank)
                await blank.close()
        except TimeoutError as error:
            raise CannotRender("no_browser", f"the browser opens no page within {_OPENING:g} s") from error
        if lacking:
            raise CannotRender("no_font", f"no glyphs for {lacking}: apt-get install fonts-wqy-microhei")

    async def _retire(self, running: _Running, why: str) -> None:
        """No page is begun in it any more; it ends with the last that is in it."""
        if not running.retired:
            running.retired = True
            self.restarts[why] += 1
        if running.active or running.watch is None:
            return
        watch, running.watch = running.watch, None
        watch.cancel()
        with suppress(asyncio.CancelledError):
            await watch
        await running.started.__aexit__()

    async def _watch(self, running: _Running) -> None:
        """Kill what grows without end: the kernel would kill us with it."""
        while True:
            await asyncio.sleep(_WATCHED)
            sizes = await asyncio.to_thread(memory_below, running.started.pid)
            for pid, size in sizes.items():
                if size > self.memory.process * _MEGA and pid != running.started.pid:
                    running.grown = True
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
            if sum(sizes.values()) > self.memory.browser * _MEGA:
                running.grown = True

    async def _page(
        self, running: _Running, answers: Answers, wish: RenderWish, keys: Keys, made: RenderedPage
    ) -> None:
        from playwright.async_api import Error

        crashed = asyncio.Event()
        lost = asyncio.create_task(_passed_on(running.dead, crashed))
        try:
            async with asyncio.timeout(_OPENING):
                page = await until(crashed, self._opened(running, answers, wish, crashed))
            tab = Tab(page, answers, wish, keys, made)
            async with asyncio.timeout(wish.seconds + STEP_SECONDS * (wish.steps + 1)):
                await until(crashed, tab.read())
            if wish.screenshot:
                async with asyncio.timeout(_PICTURE):
                    await until(crashed, tab.picture())
            await asyncio.wait_for(page.close(), _CLOSING)
        except TimeoutError as error:
            if not made.dom:
                raise CannotRender("timeout", f"the page kept the browser busy for {wish.seconds:g} s") from error
            made.facts["closing"] = "the page kept the browser busy"
            await self._forget(running, wish.platform)
        except Error as error:
            word = "timeout" if "imeout" in str(error) and not crashed.is_set() else "crashed"
            raise CannotRender(word, f"the browser: {short(error)}") from error
        finally:
            lost.cancel()

    async def _opened(self, running: _Running, answers: Answers, wish: RenderWish, crashed: asyncio.Event) -> Page:
        """An empty window of the platform's profile."""
        profile = await self._profile(running, wish)
        profile.answers, profile.page = answers, None  # the next window that opens is our own
        page = profile.page = answers.page = await profile.context.new_page()
        await guard(page, answers.refused, crashed)
        return page

    async def _profile(self, running: _Running, wish: RenderWish) -> _Profile:
        """The platform's, made when it is first needed: no cookies of a server, no service workers, no downloads."""
        found = running.profiles.get(wish.platform)
        if found is not None:
            return found
        context = await running.browser.new_context(
            accept_downloads=False,
            locale=LOCALE,
            timezone_id=ZONE,
            service_workers="block",
            user_agent=wish.user_agent,
            viewport={"width": WIDTH, "height": HEIGHT},
        )
        profile = running.profiles[wish.platform] = _Profile(context)
        await context.grant_permissions([])

        async def answer(route: Any) -> None:
            if profile.answers is not None:
                await profile.answers.answer(route)

        async def other(page: Any) -> None:
            if profile.answers is not None and profile.page is not None:
                await send_away(page, profile.page, profile.answers.refused)

        async def socket(asked: Any) -> None:
            await no_socket(asked, profile.answers.refused if profile.answers is not None else Counter())

        context.on("page", other)
        await context.route("**/*", answer)
        await context.route_web_socket("**/*", socket)
        return profile

    async def _forget(self, running: _Running, platform: str) -> None:
        """Throw a platform's profile away; a browser that does not even do that is ended."""
        profile = running.profiles.pop(platform, None)
        if profile is None:
            return
        try:
            await asyncio.wait_for(profile.context.close(), _CLOSING)
        except Exception:  # noqa: BLE001 - however it fails, that page must end
            with suppress(ProcessLookupError):
                os.kill(running.started.pid, signal.SIGKILL)
            running.dead.set()


async def _passed_on(one: asyncio.Event, other: asyncio.Event) -> None:
    await one.wait()
    other.set()
