"""Fetches what a page needs for its capture by our polite client, and keeps every exchange for the page's archive.

Robots, the shared rate of each host, private addresses, sizes and the User-Agent are the client's own matter. What the
platform's file sends with requests goes to the page's own origin only.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from adwatch.errors import Refused
from adwatch.http import Client, Guard, Manners, Tools, UrllibTransport
from adwatch.http.addresses import clean_url, origin
from adwatch.http.manners import Request
from adwatch.http.transport import Headers, Reply
from adwatch.models import Capture
from adwatch.ports import Answer, Exchange, HandedFile, Wanted

ONE_ANSWER = 16 * 1024 * 1024
_PATIENCE = 20.0


class _Noting:
    """A transport that remembers the certificates of each address."""

    def __init__(self, inner: UrllibTransport) -> None:
        self.inner = inner
        self.certificates: dict[str, tuple[Mapping[str, Any], ...]] = {}

    def send(self, method: str, url: str, headers: Headers, body: bytes) -> Reply:
        """One request, one answer."""
        reply = self.inner.send(method, url, headers, body)
        self.certificates.setdefault(url, reply.certificates)
        return reply

    def close(self) -> None:
        """Close the connections."""
        self.inner.close()


class PageFetch:
    """The way out of one page; its exchanges in the order in which they came."""

    def __init__(self, platform: str, day: str, manners: Manners, tools: Tools, most_bytes: int) -> None:
        self.day, self.most_bytes, self.size = day, most_bytes, 0
        self.exchanges: list[Exchange] = []
        manners = replace(manners, max_bytes=ONE_ANSWER, retries=1)
        guard = Guard(manners.allow_hosts, tools.contact)
        self.transport = _Noting(UrllibTransport(guard, max_bytes=ONE_ANSWER, total_timeout=_PATIENCE))
        plain = replace(tools, recall=None)
        self._own = Client(platform, manners, self.transport, plain)
        self._others = Client(platform, replace(manners, headers=(), agreed=False, retries=0), self.transport, plain)
        self._home: tuple[str, str, int] | None = None
        self._turns: defaultdict[tuple[str, str, int], threading.Lock] = defaultdict(threading.Lock)
        self._lock = threading.Lock()

    def first(self, url: str) -> Answer:
        """The page itself; a FetchError says why there is none."""
        self._home = origin(clean_url(url))
        found = self._own.fetch(Request(url, "page", conditional=False), self.day, self._save)
        self._home = origin(found.url)
        return Answer(found.url, found.status, found.headers, found.body)

    def ask(self, wanted: Wanted) -> Answer:
        """Whatever else the page asks for; one at a time and origin, as the rate has it anyway."""
        place = origin(clean_url(wanted.url))
        if self.size > self.most_bytes:
            raise Refused(f"{wanted.url[:200]}: the page has had its {self.most_bytes:,} bytes")
        client = self._own if place == self._home else self._others
        request = Request(wanted.url, "page", wanted.method, wanted.body, wanted.headers, conditional=False)
        with self._turns[place]:
            found = client.fetch(request, self.day, self._save)
        return Answer(found.url, found.status, found.headers, found.body)

    def close(self) -> None:
        """Close the connections."""
        self.transport.close()

    def exchange_of(self, url: str) -> Exchange:
        """The newest exchange of an address."""
        return next(each for each in reversed(self.exchanges) if each.url == url)

    def _save(self, exchange: Exchange | HandedFile) -> Capture:
        if isinstance(exchange, HandedFile):
            raise TypeError("a page is fetched, not handed in")
        with self._lock:
            self.exchanges.append(exchange)
            self.size += len(exchange.body)
            at = len(self.exchanges)
        return Capture(
            *(exchange.platform, exchange.day, exchange.role, exchange.url, exchange.fetched_at, exchange.status),
            sha256="",
            warc="",
            offset=0,
            record_id=f"<{at}>",
            server_ip=exchange.server_ip,
        )
