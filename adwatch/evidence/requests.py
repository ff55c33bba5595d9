"""Answers what a page asks for while it is rendered: each request is fetched by our own client, or refused and counted.

Only GET, and POST to the page's own origin, within the budget of requests. A document inside the page that was
redirected gets a page that leads to the end of the redirects, so that the browser knows its right address; the archive
has the true answers.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from html import escape
from typing import Any
from urllib.parse import urlsplit

from adwatch.errors import AdWatchError, FetchError
from adwatch.ports import Answer, Ask, Wanted

_THREADS = 4
_TOLD = 400
_NAVIGATIONS = 5
_DATA = ("xhr", "fetch", "script")
"""Kinds of requests by which a page gets what it shows."""
_OWN = {"content-encoding", "content-length", "transfer-encoding", "connection", "keep-alive"}
_OWN |= {"set-cookie", "alt-svc", "location"}
"""Headers of the transport, and those by which the browser would ask elsewhere or remember."""
_PASSED = ("accept", "origin", "referer", "content-type", "x-requested-with")


class Answers:
    """The browser's only way out, for one page."""

    def __init__(
        self,
        first: Answer,
        ask: Ask,
        budget: int,
        *,
        hosts: Collection[str] | None = None,
        unwanted: Collection[str] = (),
    ) -> None:
        self.first, self.ask, self.budget = first, ask, budget
        self.hosts, self.unwanted = hosts, unwanted
        """Hosts besides the page's own that may be asked (None: any); kinds of requests that are not answered."""
        self.page: Any = None
        """The browser's page, once there is one."""
        self.refused: Counter[str] = Counter()
        """What was refused, by kind."""
        self.lacking = 0
        """Requests for what the page shows that had no answer: by robots, a block, an outage, the budget."""
        self.told: list[list[Any]] = []
        """Address and status, or the word for which there was none."""
        self._pool = ThreadPoolExecutor(_THREADS)
        self._open = 0
        self._touched = 0.0
        """When a request was last asked for or answered, by the loop's clock."""
        self._closed = False
        self._navigations = 0

    def close(self) -> None:
        """From here on nothing is fetched."""
        self._closed = True
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def quiet(self, seconds: float, longest: float) -> None:
        """Wait until nothing was asked for so long; at most ``longest`` seconds, then TimeoutError.

        By the clock alone: ``asyncio.wait_for`` of Python 3.11 loses a cancellation that comes together with what it
        waits for, and a page that asks without end would then never be ended.
        """
        loop = asyncio.get_running_loop()
        begun = loop.time()
        while (left := begun + longest - loop.time()) > 0:
            still = loop.time() - max(begun, self._touched)
            if still >= seconds and not self._open:
                return
            await asyncio.sleep(min(left, seconds if self._open else seconds - still))
        raise TimeoutError

    async def answer(self, route: Any) -> None:
        """Answer one request of the browser."""
        request = route.request
        self._open += 1
        self._touch()
        try:
            await self._answer(route, request)
        except asyncio.CancelledError:
            raise
        except Exception:  # noqa: BLE001 - the page is gone, or the browser: there is nobody to be answered
            self.refused["unanswered"] += 1
        finally:
            self._open -= 1
            self._touch()

    def _touch(self) -> None:
        self._touched = asyncio.get_running_loop().time()

    async def _answer(self, route: Any, request: Any) -> None:
        url, own = request.url, self._is_own_page(request)
        word = "window" if own is None else self._refusal(request, own)
        if word is not None:
            self.refused[word] += 1
            self.lacking += word == "over budget" and request.resource_type in _DATA
            await self._nothing(route, own)
            return
        if own and url.partition("#")[0] == self.first.url and self._navigations == 1:
            found: Answer | None = self.first
        else:
            found = await self._fetch(request)
        if found is None:
            self.lacking += request.resource_type in _DATA
            await self._nothing(route, own)
            return
        if request.is_navigation_request() and found.url != url.partition("#")[0] and found is not self.first:
            await route.fulfill(status=200, content_type="text/html; charset=utf-8", body=_leading_to(found.url))
            return
        headers = {name: value for name, value in found.headers if name.lower() not in _OWN}
        await route.fulfill(status=found.status if found.status >= 200 else 200, headers=headers, body=found.body)

    async def _nothing(self, route: Any, own: bool | None) -> None:
        """No answer; where the page itself wants to go elsewhere it stays, or an error page would be photographed."""
        if own and self._navigations > 1:
            await route.fulfill(status=204)
        else:
            await route.abort("blockedbyclient")

    def _is_own_page(self, request: Any) -> bool | None:
        """Whether the request is for the page itself; None for a page in another window."""
        from playwright.async_api import Error

        if not request.is_navigation_request():
            return False
        try:
            frame = request.frame
        except Error:  # of a window that is not there yet
            return None
        if frame.page is not self.page:
            return None
        return frame.parent_frame is None

    def _refusal(self, request: Any, own: bool) -> str | None:
        if self._closed:
            return "after the end"
        parts = urlsplit(request.url)
        if parts.scheme not in ("http", "https"):
            return f"scheme {parts.scheme[:20]}"
        same = parts[:2] == urlsplit(self.first.url)[:2]
        declared = bool(self.hosts) and not {parts.netloc, parts.hostname}.isdisjoint(self.hosts or ())
        if self.hosts is not None and not (same or declared):
            return "third party"
        if request.resource_type in self.unwanted:
            return str(request.resource_type)
        if request.method != "GET" and not (request.method == "POST" and (same or declared)):
            return f"method {request.method[:10]}"
        if own:
            self._navigations += 1
            if self._navigations > _NAVIGATIONS:
                return "navigation"
        self.budget -= 1
        return None if self.budget >= 0 else "over budget"

    async def _fetch(self, request: Any) -> Answer | None:
        given = request.headers
        headers = tuple((name, given[name]) for name in _PASSED if given.get(name))
        wanted = Wanted(request.url, request.method, headers, request.post_data_buffer or b"", request.resource_type)
        try:
            found = await asyncio.get_running_loop().run_in_executor(self._pool, self.ask, wanted)
        except FetchError as error:
            self._tell(wanted.url, error.outcome)
            self.refused[error.outcome] += 1
            return None
        except (AdWatchError, RuntimeError) as error:
            self._tell(wanted.url, "error")
            self.refused[f"error {type(error).__name__}"] += 1
            return None
        self._tell(wanted.url, found.status)
        return found

    def _tell(self, url: str, what: Any) -> None:
        if len(self.told) < _TOLD:
            self.told.append([url[:500], what])


def _leading_to(url: str) -> str:
    target = escape(url, quote=True)
    quiet = '<meta name="referrer" content="no-referrer">'
    return f'<!doctype html>{quiet}<meta http-equiv="refresh" content="0;url={target}">'
