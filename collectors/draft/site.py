"""A site under a first look: few pages, each asked once, by the house's polite client, all of them archived."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from adwatch.archive import Undecodable, decode_body
from adwatch.errors import BudgetSpent, FetchError
from adwatch.http import Client, Fetched, Request
from adwatch.models import Capture
from adwatch.ports import Exchange, HandedFile, Save

MOST = 16
"""Pages of one look, robots.txt besides: a quarter of a minute at a request a second."""


@dataclass(slots=True)
class Site:
    """What was fetched, and why other things were not."""

    client: Client
    """The polite client."""
    save: Save
    """Archives each exchange."""
    day: str
    """Day of the look."""
    progress: Callable[[int], None] = lambda _count: None
    """Told of each page."""
    robots: str = ""
    """robots.txt, where there is one."""
    notes: list[str] = field(default_factory=list)
    """What could not be fetched."""
    _pages: dict[str, Fetched | None] = field(default_factory=dict)

    def get(self, url: str, **context: object) -> Fetched | None:
        """A page that answers 200, or None; asked once, however often it is looked at."""
        if url not in self._pages:
            if len(self._pages) >= MOST:
                raise BudgetSpent(f"{url}: 页数已到上限 a first look takes {MOST} pages at most")
            try:
                fetched = self.client.fetch(
                    Request(url, "check", context=context, conditional=False), self.day, self._kept
                )
            except FetchError as error:
                self.notes.append(f"{error.outcome}: {error}")
                fetched = None
            self.progress(1)
            if fetched is not None and fetched.status != 200:
                self.notes.append(f"{url} 网站返回 answers {fetched.status}")
                fetched = None
            self._pages[url] = fetched
        return self._pages[url]

    @property
    def asked(self) -> int:
        """Pages asked for."""
        return len(self._pages)

    def sitemaps(self) -> list[str]:
        """Addresses that robots.txt names."""
        lines = (line.partition(":") for line in self.robots.splitlines())
        return [value.strip() for name, _, value in lines if name.strip().lower() == "sitemap" and value.strip()]

    def _kept(self, exchange: Exchange | HandedFile) -> Capture:
        capture = self.save(exchange)
        if isinstance(exchange, Exchange) and exchange.role == "robots" and exchange.status == 200 and not self.robots:
            encoding = next((v for name, v in exchange.response_headers if name.lower() == "content-encoding"), None)
            try:
                self.robots = decode_body(exchange.body, encoding).decode("utf-8", "replace")
            except Undecodable:
                self.notes.append("robots.txt cannot be read")
        return capture
