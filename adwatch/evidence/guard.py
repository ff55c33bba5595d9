"""What a page may not do while it is rendered: dialogs, downloads, windows and sockets are refused and counted."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Coroutine
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from adwatch.evidence.browser import CannotRender

if TYPE_CHECKING:
    from playwright.async_api import Page

T = TypeVar("T")
_UNTIL_ASKED_AGAIN = 1.0


async def guard(page: Page, refused: Counter[str], crashed: asyncio.Event) -> None:
    """Dismiss, cancel, and tell when the page dies."""

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


async def send_away(other: Page, own: Page, refused: Counter[str]) -> None:
    """Close another window than the page's own."""
    if other is not own:
        refused["window"] += 1
        with suppress(Exception):
            await other.close()


async def no_socket(socket: Any, refused: Counter[str]) -> None:
    """A web socket is closed before it is open."""
    refused["websocket"] += 1
    await socket.close(code=1008, reason="")


async def until(crashed: asyncio.Event, work: Coroutine[Any, Any, T]) -> T:
    """Do the work, unless the page dies meanwhile: then no answer would ever come."""
    task, death = asyncio.ensure_future(work), asyncio.ensure_future(crashed.wait())
    try:
        await asyncio.wait({task, death}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise CannotRender("crashed", "浏览器（或网页进程）崩溃")
        return await task
    finally:
        open_ = {task, death}
        while open_:  # once is not always enough: what ends in the same moment may have caught it
            for each in open_:
                each.cancel()
            _, open_ = await asyncio.wait(open_, timeout=_UNTIL_ASKED_AGAIN)
        with suppress(asyncio.CancelledError, Exception):
            task.result()
