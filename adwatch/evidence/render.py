"""Renders one page in chromium and takes its picture. The browser has no network: every answer is handed to it.

Scripts run if the rules say so, in a throw-away profile without extensions; downloads, permissions, dialogs, windows
and service workers are refused and counted. What a page does cannot keep us: loading is ended after its time, and the
browser is killed when it does not answer.
"""

from __future__ import annotations

import asyncio
import base64
import os
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from adwatch.evidence.browser import LOCALE, ZONE, CannotRender, Started, short
from adwatch.evidence.fonts import missing_glyphs
from adwatch.evidence.guard import guard, no_socket, send_away, until
from adwatch.evidence.requests import Answers
from adwatch.ports import Answer, Ask

if TYPE_CHECKING:
    from playwright.async_api import Browser, CDPSession, Page

WIDTH, FIRST_HEIGHT = 1280, 900
SCREENSHOT_BYTES = 12_000_000
DOM_CHARACTERS = 2_000_000
_PICTURE_SECONDS = (10.0, 30.0)
"""Patience with a picture, at least and at most; between them the time that loading has."""
_QUIET_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What one page may cost."""

    javascript: bool = True
    seconds: float = 45.0
    requests: int = 150
    height: int = 12_000

    @property
    def patience(self) -> float:
        """Seconds for the picture."""
        return min(max(self.seconds, _PICTURE_SECONDS[0]), _PICTURE_SECONDS[1])


@dataclass(slots=True)
class Rendered:
    """What came of it; ``reason`` says why there is no (whole) picture."""

    reason: str | None = None
    message: str = ""
    url: str = ""
    """Of the page at the end, as the browser has it."""
    title: str = ""
    dom: str = ""
    """The document as the page's scripts made it, at most DOM_CHARACTERS."""
    screenshot: bytes = b""
    media_type: str = "image/png"
    facts: dict[str, Any] = field(default_factory=dict)
    """Browser, window, requests, what was refused."""


def render(first: Answer, ask: Ask, limits: Limits, *, program: str, user_agent: str) -> Rendered:
    """Render the page whose answer is there already; ``ask`` fetches whatever else it needs."""
    return asyncio.run(_render(first, ask, limits, program, user_agent))


async def _render(first: Answer, ask: Ask, limits: Limits, program: str, user_agent: str) -> Rendered:
    made = Rendered(url=first.url)
    answers = Answers(first, ask, limits.requests)
    try:
        async with Started(program) as (browser, wall):
            try:
                await _picture(browser, answers, limits, user_agent, made)
            finally:
                answers.close()
                made.facts["requests"] = answers.told
                made.facts["refused"] = dict(answers.refused)
                made.facts["went_around"] = dict(wall.knocks)
    except CannotRender as error:
        made.reason, made.message = error.reason, str(error)
    except OSError as error:  # the driver of the browser is not there, or has gone
        made.reason, made.message = "no_browser", f"浏览器无法使用：{short(error)}"
    return made


async def _picture(browser: Browser, answers: Answers, limits: Limits, user_agent: str, made: Rendered) -> None:
    from playwright.async_api import Error

    made.facts.update(
        browser=f"Chromium {browser.version}",
        playwright=version("playwright"),
        sandbox=os.geteuid() != 0,
        window=[WIDTH, FIRST_HEIGHT],
        javascript=limits.javascript,
    )
    context = await browser.new_context(
        accept_downloads=False,
        java_script_enabled=limits.javascript,
        locale=LOCALE,
        timezone_id=ZONE,
        service_workers="block",
        user_agent=user_agent,
        viewport={"width": WIDTH, "height": FIRST_HEIGHT},
    )
    blank = await browser.new_page()  # a context of its own, with scripts
    lacking = await missing_glyphs(blank)
    await blank.close()
    made.facts["glyphs_missing"] = lacking
    if lacking:
        raise CannotRender("no_font", f"浏览器没有这些字的字形：{lacking}；请安装中文字体（fonts-wqy-microhei）")
    await context.grant_permissions([])
    page = answers.page = await context.new_page()
    crashed = asyncio.Event()
    await guard(page, answers.refused, crashed)
    browser.on("disconnected", lambda _browser: crashed.set())
    context.on("page", lambda other: send_away(other, page, answers.refused))
    await context.route("**/*", answers.answer)
    await context.route_web_socket("**/*", lambda socket: no_socket(socket, answers.refused))
    try:
        async with asyncio.timeout(limits.seconds + 2 * limits.patience):
            await until(crashed, _load(page, answers, limits, made))
            await until(crashed, _shoot(page, limits, made))
    except TimeoutError as error:
        raise CannotRender("timeout", "网页占用浏览器，时限内无法截图") from error
    except Error as error:
        if crashed.is_set() or not browser.is_connected() or "crash" in str(error).lower():
            raise CannotRender("crashed", "浏览器（或网页进程）崩溃") from error
        raise CannotRender("timeout" if "imeout" in str(error) else "crashed", f"浏览器：{short(error)}") from error


async def _load(page: Page, answers: Answers, limits: Limits, made: Rendered) -> None:
    """Open the page, let it load, scroll once so that what is shown late comes; all within its time."""
    from playwright.async_api import Error
    from playwright.async_api import TimeoutError as TooLong

    ended = asyncio.get_running_loop().time() + limits.seconds

    def left() -> float:
        return max(0.1, ended - asyncio.get_running_loop().time())

    try:
        await page.goto(answers.first.url, wait_until="commit", timeout=left() * 1000)
        await page.wait_for_load_state("load", timeout=left() * 1000)
        await answers.quiet(_QUIET_SECONDS, left())
        if limits.javascript:
            await asyncio.wait_for(_scroll(page), left())
            await answers.quiet(_QUIET_SECONDS, left())
        made.facts["loading"] = "complete" if left() > 0.1 else "ended"
    except (TooLong, TimeoutError):
        made.facts["loading"] = "ended"
        made.facts["loading_ended_after"] = limits.seconds
    except Error as error:
        if "ERR_ABORTED" not in str(error) and "interrupted" not in str(error):
            raise
        made.facts["loading"] = "ended"  # the page went on by itself before it was there
    answers.close()


async def _scroll(page: Page) -> None:
    for _step in range(12):
        moved = await page.evaluate(
            "() => { const at = scrollY; scrollBy(0, innerHeight * 0.9); return scrollY - at; }"
        )
        await asyncio.sleep(0.05)
        if not moved:
            break
    await page.evaluate("() => scrollTo(0, 0)")


async def _shoot(page: Page, limits: Limits, made: Rendered) -> None:
    session: CDPSession = await page.context.new_cdp_session(page)
    async with asyncio.timeout(limits.patience):
        await session.send("Page.stopLoading")
        with suppress(Exception):  # a page that keeps its thread has no title; the picture will tell
            made.title = (await asyncio.wait_for(page.title(), 5))[:500]
            made.dom = (await asyncio.wait_for(page.content(), 10))[:DOM_CHARACTERS]
        made.url = page.url
        sizes = await session.send("Page.getLayoutMetrics")
        whole = sizes["cssContentSize"]
        height = max(1, min(int(whole["height"]), limits.height))
        made.facts["page_size"] = [int(whole["width"]), int(whole["height"])]
        made.facts["screenshot_size"] = [WIDTH, height]
        made.facts["screenshot_cut"] = whole["height"] > height
        clip = {"x": 0, "y": 0, "width": WIDTH, "height": height, "scale": 1}
        shot = {"format": "png", "clip": clip, "captureBeyondViewport": True}
        made.screenshot = base64.b64decode((await session.send("Page.captureScreenshot", shot))["data"])
        if len(made.screenshot) > SCREENSHOT_BYTES:
            shot.update(format="jpeg", quality=80)
            made.screenshot = base64.b64decode((await session.send("Page.captureScreenshot", shot))["data"])
            made.media_type = "image/jpeg"
        if len(made.screenshot) > SCREENSHOT_BYTES:
            made.screenshot = b""
            raise CannotRender("too_large", "截图超过 12 MB")
