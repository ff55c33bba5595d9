"""One page of a patrol in the browser: loaded until its items show, scrolled or clicked on, read, photographed.

Our own scripts run in a world of their own, which the page's cannot see or change. Nothing here knows what an item is:
``keys`` tells by the page as it stands what tells its items apart.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from adwatch.evidence.browser import CannotRender
from adwatch.ports import Keys, RenderedPage, RenderWish

if TYPE_CHECKING:
    from playwright.async_api import CDPSession, Page

    from adwatch.evidence.requests import Answers

WIDTH, HEIGHT, TALLEST = 1280, 1600, 8000
"""Of the window, and of a picture at most."""
DOM_CHARACTERS, DOM_NODES = 24_000_000, 500_000
STEP_SECONDS, STEP_REQUESTS = 5.0, 20
_END = "</body></html>"
_SETTLED, _QUIET, _WAITS = 0.1, 0.5, 1.5
"""Seconds without a request: where the awaited shows, where nothing is awaited, where the awaited does not come."""
_GLANCES = 40
"""How often a page is scrolled on for one step, while nothing new shows."""
_PICTURE_SECONDS = 20.0

# an element's name may hide what a document has, in our world too: so its own properties are asked for
_DOM = """(characters, most) => {
  const of = (name) => Object.getOwnPropertyDescriptor(Document.prototype, name).get.call(document);
  const root = of('documentElement'), body = of('body'), doctype = of('doctype');
  if (!root) return {html: '', inner: 0};
  const nodes = Document.prototype.getElementsByTagName.call(document, '*').length;
  if (nodes > most) return {nodes};
  const html = root.outerHTML;
  if (html.length > characters) return {characters: html.length};
  return {html: (doctype ? `<!DOCTYPE ${doctype.name}>` : '') + html, inner: body ? body.innerHTML.length : 0};
}"""
# a page that the server wrote and its scripts then write anew shows what is awaited before they have run
_SHOWS = """(select) => {
  const of = (name) => Object.getOwnPropertyDescriptor(Document.prototype, name).get.call(document);
  return of('readyState') === 'complete' && Document.prototype.querySelector.call(document, select) !== null;
}"""
_SIZE = """() => {
  const all = Document.prototype.getElementsByTagName.call(document, '*');
  return new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(all.length), 0)));
}"""
_SCROLL = """() => {
  const page = Object.getOwnPropertyDescriptor(Document.prototype, 'scrollingElement').get.call(document);
  let best = page, area = page && page.scrollHeight - innerHeight > 8 ? Infinity : 0, looked = 0;
  if (area === 0) for (const each of Document.prototype.getElementsByTagName.call(document, '*')) {
    if (++looked > 20000) break;
    const size = each.clientWidth * each.clientHeight;
    if (each.scrollHeight - each.clientHeight < 8 || size <= area) continue;
    if (/auto|scroll/.test(getComputedStyle(each).overflowY)) [best, area] = [each, size];
  }
  if (!best) return 0;
  const at = best.scrollTop;
  best.scrollTop = at + Math.max(200, (best === page ? innerHeight : best.clientHeight) * 0.9);
  return best.scrollTop - at;
}"""


class Tab:
    """One page; its limits are kept by whoever opened it."""

    def __init__(self, page: Page, answers: Answers, wish: RenderWish, keys: Keys, made: RenderedPage) -> None:
        self.page, self.answers, self.wish, self.keys, self.made = page, answers, wish, keys, made
        self._loop = asyncio.get_running_loop()
        self._ends = self._loop.time() + wish.seconds
        self._session: CDPSession | None = None
        self._inner = 0

    async def read(self) -> None:
        """Load the page and take its steps; the page as it stands is in ``made``."""
        from playwright.async_api import Error

        made = self.made
        made.facts["loading"] = "complete"
        try:
            await self._in_time(self.page.goto(self.answers.first.url, wait_until="commit"))
            await self._ready(_QUIET)
        except TimeoutError:
            made.facts["loading"] = f"ended after {self.wish.seconds:g} s"
        except Error as error:
            if "ERR_ABORTED" not in str(error) and "interrupted" not in str(error):
                raise
            made.facts["loading"] = "the page went on by itself"
        dom = await self._dom()
        if self.wish.steps and made.facts["loading"] == "complete":
            dom = await self._steps(dom)
        self.answers.close()
        made.dom, made.url = dom.encode("utf-8", "replace"), self.page.url

    async def picture(self) -> None:
        """A picture of the whole page; none is no failure, but is told."""
        try:
            async with asyncio.timeout(_PICTURE_SECONDS):
                session = await self._devtools()
                await session.send("Page.stopLoading")
                whole = (await session.send("Page.getLayoutMetrics"))["cssContentSize"]
                height = max(1, min(int(whole["height"]), TALLEST))
                self.made.facts["screenshot"] = [WIDTH, height] if height == int(whole["height"]) else "cut"
                clip = {"x": 0, "y": 0, "width": WIDTH, "height": height, "scale": 1}
                shot = {"format": "jpeg", "quality": 60, "clip": clip, "captureBeyondViewport": True}
                taken = await session.send("Page.captureScreenshot", shot)
                self.made.screenshot = base64.b64decode(taken["data"])
        except TimeoutError:
            self.made.facts["screenshot"] = f"none within {_PICTURE_SECONDS:g} s"

    async def _in_time(self, work: Awaitable[Any]) -> Any:
        async with asyncio.timeout_at(self._ends):
            return await work

    async def _ready(self, quiet: float) -> None:
        """Until what is awaited shows and nothing is asked for; TimeoutError at the end of the page's time."""
        select, before, since = self.wish.wait_for, None, 0.0
        patience = quiet if select is None else _WAITS
        while True:
            await self._quiet(_SETTLED)
            if select is not None and await self._evaluate(_SHOWS, select):
                return
            now = await self._evaluate(_SIZE)  # a page that computes answers late, and is another then
            if now != before:
                before, since = now, self._loop.time()
            elif self._loop.time() - since > patience:
                return
            await self._in_time(asyncio.sleep(0.05))

    async def _quiet(self, seconds: float) -> None:
        await self.answers.quiet(seconds, self._ends - self._loop.time())

    async def _steps(self, dom: str) -> str:
        """Scroll or click on while new items come; what a list dropped on the way is appended to the page's end."""
        made, dropped, taken = self.made, [], 0
        known = seen = await self._keys(dom)
        try:
            while True:
                self._ends += STEP_SECONDS
                self.answers.budget += STEP_REQUESTS
                inner, lacking = self._inner, self.answers.lacking
                new, now = await self._further(known)
                found = await self._keys(now)
                if not new:
                    made.goes_on = self.answers.lacking > lacking  # what comes next was refused: this is no end
                    break
                if not seen <= found:
                    dropped.append(dom[-len(_END) - inner : -len(_END)] if dom.endswith(_END) else "")
                known, seen, dom, taken = known | found, found, now, taken + 1
                if taken >= self.wish.steps:
                    made.goes_on = True
                    break
        except TimeoutError:
            made.goes_on = True
            made.facts["loading"] = f"ended after {taken} steps"
        made.facts["steps"] = taken
        if dropped and dom.endswith(_END) and sum(map(len, dropped)) < DOM_CHARACTERS:
            made.facts["snapshots"] = len(dropped) + 1
            parts = "".join(f'<div data-adwatch-snapshot="{n}">{part}</div>' for n, part in enumerate(dropped, 1))
            return f"{dom[: -len(_END)]}{parts}{_END}"
        return dom

    async def _further(self, known: frozenset[str]) -> tuple[bool, str]:
        """One step: whether anything new shows, and the page then."""
        if self.wish.more is not None:
            clicked = await self._click(self.wish.more)
            if clicked:
                await self._quiet(2 * _SETTLED)
            dom = await self._dom()
            return clicked and not await self._keys(dom) <= known, dom
        dom = ""
        for _glance in range(_GLANCES):
            moved = await self._evaluate(_SCROLL)
            await self._quiet(_SETTLED if moved else _QUIET)
            dom = await self._dom()
            if not await self._keys(dom) <= known:
                return True, dom
            if not moved:
                break
        return False, dom

    async def _click(self, select: str) -> bool:
        from playwright.async_api import Error

        button = self.page.locator(select).first
        try:
            if not await self._in_time(button.is_visible()) or not await self._in_time(button.is_enabled()):
                return False
            await self._in_time(button.click(timeout=3000))
        except Error:  # gone, covered, or no selector for a browser: there is no way further
            return False
        return True

    async def _keys(self, dom: str) -> frozenset[str]:
        return await self._loop.run_in_executor(None, self.keys, dom.encode("utf-8", "replace"))

    async def _dom(self) -> str:
        found = await self._evaluate(_DOM, DOM_CHARACTERS, DOM_NODES)
        if not isinstance(found, dict) or "html" not in found:
            told = ", ".join(f"{value:,} {name}" for name, value in found.items()) if isinstance(found, dict) else ""
            raise CannotRender("too_large", f"the page is too large: {told or 'the browser cannot give it'}")
        self._inner = int(found["inner"])
        return str(found["html"])

    async def _devtools(self) -> CDPSession:
        if self._session is None:
            self._session = await self.page.context.new_cdp_session(self.page)
        return self._session

    async def _evaluate(self, function: str, *arguments: object) -> Any:
        """What our function gives, in a world of its own; asked again where the page goes elsewhere meanwhile."""
        from playwright.async_api import Error

        session = await self._devtools()
        for _attempt in range(3):
            try:
                tree = await session.send("Page.getFrameTree")
                asked = {"frameId": tree["frameTree"]["frame"]["id"], "worldName": "adwatch"}
                world = (await session.send("Page.createIsolatedWorld", asked))["executionContextId"]
                call = {
                    "functionDeclaration": function,
                    "executionContextId": world,
                    "arguments": [{"value": each} for each in arguments],
                    "returnByValue": True,
                    "awaitPromise": True,
                }
                given = await session.send("Runtime.callFunctionOn", call)
            except Error as error:
                if "crash" in str(error).lower() or "closed" in str(error).lower():
                    raise
                with suppress(TimeoutError):
                    await self._quiet(_SETTLED)
                continue
            return given["result"].get("value") if "exceptionDetails" not in given else None
        raise CannotRender("timeout", "the page goes on to other pages without end")
