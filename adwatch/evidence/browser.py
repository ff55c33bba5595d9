"""Starts a chromium that has no network, and sees to it that it ends."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from contextlib import suppress
from typing import TYPE_CHECKING

from adwatch.evidence.fonts import missing_glyphs
from adwatch.evidence.wall import Wall

if TYPE_CHECKING:
    from playwright.async_api import Browser

LOCALE, ZONE = "zh-CN", "Asia/Shanghai"
"""As whom a page sees us: what its scripts show is as somebody in China reads it, whatever the machine's own zone."""
PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_STARTING = 60.0
_ARGUMENTS = (
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-quic",
    "--disable-domain-reliability",
    "--disable-print-preview",
    "--no-pings",
    "--js-flags=--max-old-space-size=512",
)


class CannotRender(Exception):
    """No picture can be had."""

    def __init__(self, reason: str, message: str) -> None:
        self.reason = reason
        super().__init__(message)


def find_browser(given: str = "") -> str | None:
    """Path of the chromium to be used: the one of the settings, else the system's."""
    return shutil.which(given) if given else next((path for name in PROGRAMS if (path := shutil.which(name))), None)


def probe(program: str) -> tuple[str, str]:
    """(version of the browser, characters that it has no glyph for); RuntimeError if it does not start."""

    async def look() -> tuple[str, str]:
        async with Started(program) as (browser, _wall):
            page = await browser.new_page()
            return browser.version, await missing_glyphs(page)

    try:
        return asyncio.run(look())
    except CannotRender as error:
        raise RuntimeError(str(error)) from error


class Started:
    """A browser behind its wall; killed if it does not end by itself."""

    def __init__(self, program: str) -> None:
        self.program = program
        self.wall = Wall()
        self.pid = 0

    async def __aenter__(self) -> tuple[Browser, Wall]:
        try:
            from playwright.async_api import Error, async_playwright
        except ImportError as error:
            raise CannotRender("no_browser", "没有安装 browser 组件（pip install adwatch[browser]）") from error
        await self.wall.__aenter__()
        self.manager = async_playwright()
        driver = await self.manager.__aenter__()
        try:
            async with asyncio.timeout(_STARTING):
                self.browser = await driver.chromium.launch(
                    executable_path=self.program,
                    headless=True,
                    chromium_sandbox=os.geteuid() != 0,  # it does not work for root
                    proxy={"server": self.wall.address, "bypass": "<-loopback>"},
                    args=list(_ARGUMENTS),
                    timeout=1000 * _STARTING,
                )
                session = await self.browser.new_browser_cdp_session()
                processes = await session.send("SystemInfo.getProcessInfo")
                self.pid = next(each["id"] for each in processes["processInfo"] if each["type"] == "browser")
        except (Error, TimeoutError) as error:
            await self.__aexit__()
            raise CannotRender("no_browser", f"浏览器无法启动：{short(error)}") from error
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


def short(error: Exception) -> str:
    """The first line of what an error says."""
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)[:300]
