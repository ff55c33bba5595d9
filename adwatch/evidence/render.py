"""Renders one page in chromium and takes its picture. The browser has no network: every answer is handed to it.

Scripts run if the rules say so, in a throw-away profile without extensions; downloads, permissions, dialogs, windows
and service workers are refused and counted. What a page does cannot keep us: loading is ended after its time, and the
browser is killed when it does not answer.
"""

from __future__ import annotations

import asyncio
import base64
import os
import shutil
import signal
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from adwatch.evidence.fonts import missing_glyphs
from adwatch.evidence.requests import Answer, Answers, Ask
from adwatch.evidence.wall import Wall

if TYPE_CHECKING:
    from playwright.async_api import Browser, CDPSession, Page

WIDTH, FIRST_HEIGHT = 1280, 900
PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SCREENSHOT_BYTES = 12_000_000
_PICTURE_SECONDS = (10.0, 30.0)
"""Patience with a picture, at least and at most; between them the time that loading has."""
_QUIET_SECONDS = 1.0
_ARGUMENTS = (
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-quic",
    "--disable-domain-reliability",
    "--disable-print-preview",
    "--no-pings",
    "--js-flags=--max-old-space-size=512",
)


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
    screenshot: bytes = b""
    media_type: str = "image/png"
    facts: dict[str, Any] = field(default_factory=dict)
    """Browser, window, requests, what was refused."""


class _Failed(Exception):
    """No picture can be had."""

    def __init__(self, reason: str, message: str) -> None:
        self.reason = reason
        super().__init__(message)


def find_browser(given: str = "") -> str | None:
    """Path of the chromium to be used: the one of the settings, else the system's."""
    return shutil.which(given) if given else next((path for name in PROGRAMS if (path := shutil.which(name))), None)


def render(first: Answer, ask: Ask, limits: Limits, *, program: str, user_agent: str) -> Rendered:
    """Render the page whose answer is there already; ``ask`` fetches whatever else it needs."""
    return asyncio.run(_render(first, ask, limits, program, user_agent))


def probe(program: str) -> tuple[str, str]:
    """(version of the browser, characters that it has no glyph for); RuntimeError if it does not start."""

    async def look() -> tuple[str, str]:
        async with _started(program) as (browser, _wall):
            page = await browser.new_page()
            return browser.version, await missing_glyphs(page)

    try:
        return asyncio.run(look())
    except _Failed as error:
        raise RuntimeError(str(error)) from error


class _started:
    """A browser behind its wall; killed if it does not end by itself."""

    def __init__(self, program: str) -> None:
        self.program = program
        self.wall = Wall()
        self.pid = 0

    async def __aenter__(self) -> tuple[Browser, Wall]:
        try:
            from playwright.async_api import Error, async_playwright
        except ImportError as error:
            raise _Failed("no_browser", "没有安装 browser 组件（pip install adwatch[browser]）") from error
        await self.wall.__aenter__()
        self.manager = async_playwright()
        driver = await self.manager.__aenter__()
        try:
            self.browser = await driver.chromium.launch(
                executable_path=self.program,
                headless=True,
                chromium_sandbox=os.geteuid() != 0,  # it does not work for root
                proxy={"server": self.wall.address, "bypass": "<-loopback>"},
                args=list(_ARGUMENTS),
                timeout=60_000,
            )
            session = await self.browser.new_browser_cdp_session()
            processes = await session.send("SystemInfo.getProcessInfo")
            self.pid = next(each["id"] for each in processes["processInfo"] if each["type"] == "browser")
        except Error as error:
            await self.__aexit__()
            raise _Failed("no_browser", f"浏览器无法启动：{_short(error)}") from error
        return self.browser, self.wall

    async def __aexit__(self, *_error: object) -> None:
        closing = getattr(self, "browser", None)
        if closing is not None:
            try:
                await asyncio.wait_for(closing.close(), 10)
            except Exception:  # noqa: BLE001 - however it fails, the browser must end
                if self.pid:
                    with suppress(ProcessLookupError):
                        os.kill(self.pid, signal.SIGKILL)
        await self.manager.__aexit__(None, None, None)
        await self.wall.__aexit__(None, None, None)


async def _render(first: Answer, ask: Ask, limits: Limits, program: str, user_agent: str) -> Rendered:
    made = Rendered(url=first.url)
    answers = Answers(first, ask, limits.requests)
    try:
        async with _started(program) as (browser, wall):
            try:
                await _picture(browser, answers, limits, user_agent, made)
            finally:
                answers.close()
                made.facts["requests"] = answers.told
                made.facts["refused"] = dict(answers.refused)
                made.facts["went_around"] = dict(wall.knocks)
    except _Failed as error:
        made.reason, made.message = error.reason, str(error)
    except OSError as error:  # the driver of the browser is not there, or has gone
        made.reason, made.message = "no_browser", f"浏览器无法使用：{_short(error)}"
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
        locale="zh-CN",
        service_workers="block",
        user_agent=user_agent,
        viewport={"width": WIDTH, "height": FIRST_HEIGHT},
    )
    blank = await browser.new_page()  # a context of its own, with scripts
    lacking = await missing_glyphs(blank)
    await blank.close()
    made.facts["glyphs_missing"] = lacking
    if lacking:
        raise _Failed("no_font", f"浏览器没有这些字的字形：{lacking}；请安装中文字体（fonts-wqy-microhei）")
    await context.grant_permissions([])
    page = answers.page = await context.new_page()
    crashed = asyncio.Event()
    await _guard(page, answers.refused, crashed)
    context.on("page", lambda other: _send_away(other, page, answers.refused))
    await context.route("**/*", answers.answer)
    await context.route_web_socket("**/*", lambda socket: _no_socket(socket, answers.refused))
    try:
        async with asyncio.timeout(limits.seconds + 2 * limits.patience):
            await _until(crashed, _load(page, answers, limits, made))
            await _until(crashed, _shoot(page, limits, made))
    except TimeoutError as error:
        raise _Failed("timeout", "网页占用浏览器，时限内无法截图") from error
    except Error as error:
        if crashed.is_set() or not browser.is_connected() or "crash" in str(error).lower():
            raise _Failed("crashed", "浏览器（或网页进程）崩溃") from error
        raise _Failed("timeout" if "imeout" in str(error) else "crashed", f"浏览器：{_short(error)}") from error


async def _guard(page: Page, refused: Counter[str], crashed: asyncio.Event) -> None:
    async def dismiss(dialog: Any) -> None:
        refused[f"dialog {dialog.type}"] += 1
        with suppress(Exception):
            await dialog.dismiss()

    async def cancel(download: Any) -> None:
        refused["download"] += 1
        with suppress(Exception):
            await download.cancel()

    page.on("dialog", dismiss)
    page.on("download", cancel)
    page.on("crash", lambda _page: crashed.set())
    page.context.browser.on("disconnected", lambda _browser: crashed.set()) if page.context.browser else None


async def _send_away(other: Page, own: Page, refused: Counter[str]) -> None:
    if other is not own:
        refused["window"] += 1
        with suppress(Exception):
            await other.close()


async def _no_socket(socket: Any, refused: Counter[str]) -> None:
    refused["websocket"] += 1
    await socket.close(code=1008, reason="")


async def _until(crashed: asyncio.Event, work: Any) -> None:
    """Do the work, unless the page dies meanwhile: then no answer would ever come."""
    task, death = asyncio.ensure_future(work), asyncio.ensure_future(crashed.wait())
    try:
        await asyncio.wait({task, death}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise _Failed("crashed", "浏览器（或网页进程）崩溃")
        await task
    finally:
        for each in (task, death):
            each.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await each


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
            raise _Failed("too_large", "截图超过 12 MB")


def _short(error: Exception) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)[:300]
