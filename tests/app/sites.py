"""A small shop of the tests' own, every request remembered, and the command with platform files for it."""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import combinations
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from adwatch.app import Office
from adwatch.app.extract import extract_day
from adwatch.app.patrol import patrol_platform
from adwatch.ports import Judge
from adwatch.settings import load_settings
from classifiers.judge import OfferJudge
from tests.app.conftest import Command
from tests.store.databases import with_store
from tests.threads import on_a_thread

DAYS = ("2026-11-18", "2026-11-19", "2026-11-20")
PER_PAGE = 20
OFFER = "低压电工证包过，免考直接拿证，不过退款，加微信 abc13800138000"

PLATFORM = """\
name: {name}
label: 小店
kind: html
base_url: {url}
allow_hosts: ["{url}"]
access: public_page
basis: 测试
rate: {{per_second: 200, agreed: test}}
lists:
  - latest: /market?page={{page}}
paging: {{by: next_link, max_pages: 100}}
items:
  select: li
  link: a
  no_results: {{words: [没有找到]}}
  fields: {{title: a, price: b}}
detail:
  fields:
    native_id: {{select: article, attr: data-id}}
    title: h1
    text: p
    price: b
    posted_at: {{select: time, attr: datetime}}
gone: {{words: [已下架]}}
block: {{words: [安全验证]}}
"""


@dataclass(frozen=True)
class Good:
    """Something for sale."""

    number: int
    text: str = "正品手套，耐磨防滑，支持批发"
    price: str = "9.90"
    posted: str = "2026-11-17T10:00:00+08:00"
    filler: str = ""

    @property
    def page(self) -> str:
        """Its own page: long enough for a revisit to be worth it."""
        return (
            f'<article data-id="g{self.number}"><h1>劳保手套 {self.number} 号</h1><b>{self.price}</b>'
            f'<p>{self.text}，货号{self.number}</p><time datetime="{self.posted}"></time></article>{"<i></i>" * 90}<!--{self.filler}-->'
        )


def too_soon(times: list[float], interval: float, askers: int = 1) -> list[tuple[int, int]]:
    """Pairs of requests between which more were sent than a shared interval allows, however late each arrived.

    When a request arrives, each of the other askers may have one under way; all others take their turn after it.
    """
    times = sorted(times)
    pairs = combinations(range(len(times)), 2)
    return [(a, b) for a, b in pairs if times[b] - times[a] < (b - a - askers) * interval - 0.01]


def goods(ordinary: int, offers: int = 0) -> list[Good]:
    """Ordinary things, and offers behind them."""
    return [Good(number, OFFER if number >= ordinary else Good.text) for number in range(ordinary + offers)]


class Site(ThreadingHTTPServer):
    """The shop; ``broken`` answers (status, text) stand in for paths."""

    daemon_threads = True

    def __init__(self, stock: list[Good]) -> None:
        self.stock = stock
        self.asked: list[str] = []
        self.times: list[float] = []
        self.broken: dict[str, tuple[int, str]] = {}
        self.etag = ""
        """Sent with every answer, and whatever happens to the shop: it says 304 to whoever has it."""
        self.meeting: threading.Barrier | None = None
        """Whoever asks for robots.txt is answered when as many have as are to meet; never, if they do not."""
        self.held: dict[str, threading.Event] = {}
        """Paths that are answered once the event is set."""
        self.unlisted: set[int] = set()
        """Goods that only a search shows."""
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        """Address."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def twice(self) -> dict[str, int]:
        """Paths asked for more than once."""
        return {path: count for path, count in Counter(self.asked).items() if count > 1}

    def forget(self) -> int:
        """Forget the requests so far; how many they were."""
        count = len(self.asked)
        self.asked.clear()
        self.times.clear()
        return count

    def change(self, number: int, **values: str) -> None:
        """Change one good."""
        self.stock = [replace(good, **values) if good.number == number else good for good in self.stock]  # type: ignore[arg-type]

    def remove(self, number: int) -> Good:
        """Take one good away."""
        [gone] = [good for good in self.stock if good.number == number]
        self.stock = [good for good in self.stock if good.number != number]
        return gone


class _Handler(BaseHTTPRequestHandler):
    server: Site
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.server.times.append(time.time())
        parts = urlsplit(self.path)
        if self.server.meeting and parts.path == "/robots.txt":
            self.server.meeting.wait(15)
        if parts.path in self.server.held:
            self.server.held[parts.path].wait(15)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if self.server.etag and self.headers["If-None-Match"] == self.server.etag:
            self._answer(304, "")
        elif parts.path in self.server.broken:
            self._answer(*self.server.broken[parts.path])
        elif parts.path == "/robots.txt":
            self._answer(404, "")
        elif parts.path in ("/market", "/search"):
            term = query.get("q", "")
            hidden = self.server.unlisted if parts.path == "/market" else set()
            found = [good for good in self.server.stock if term in good.text and good.number not in hidden]
            self._answer(200, _list(found, parts.path, term, int(query.get("page", "1"))))
        else:
            page = next((good.page for good in self.server.stock if parts.path == f"/i/{good.number}"), None)
            self._answer(200 if page else 404, page or "没有")

    def _answer(self, status: int, text: str) -> None:
        body = f"<!DOCTYPE html><html><body>{text}</body></html>".encode() if status != 304 else b""
        self.send_response(status)
        if self.server.etag:
            self.send_header("ETag", self.server.etag)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on standard error."""


def _list(found: list[Good], path: str, term: str, number: int) -> str:
    if not found:
        return "没有找到"
    shown = found[(number - 1) * PER_PAGE : number * PER_PAGE]
    items = "".join(f'<li><a href="/i/{g.number}">劳保手套 {g.number} 号</a><b>{g.price}</b></li>' for g in shown)
    more = f'<a rel="next" href="{path}?q={term}&page={number + 1}">下页</a>' if number * PER_PAGE < len(found) else ""
    return f"<ul>{items}</ul>{more}"


def serving(stock: list[Good]) -> AbstractContextManager[Site]:
    """The shop, on a thread."""
    return on_a_thread(Site(stock))


@cache
def _judge() -> Judge:
    """The classifier, loaded once."""
    return OfferJudge.load(None)


@dataclass
class World:
    """A site, platform files for it, and the command with homes by name."""

    folder: Path
    site: Site
    names: list[str] = field(default_factory=list)

    def platform(self, name: str = "shop", more: str = "", **changes: str) -> None:
        """Write a platform file; ``changes`` replace text in it, ``more`` is put at its end."""
        text = PLATFORM.format(name=name, url=self.site.url)
        for old, new in changes.items():
            assert old in text, old
            text = text.replace(old, new)
        path = self.folder / "data" / "platforms" / f"{name}.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + more, encoding="utf-8")
        self.names.append(name)

    def command(self, home: str = "home", **more: str) -> Command:
        """The command with a home of its own."""
        clean = {key: value for key, value in os.environ.items() if not key.startswith("ADWATCH_")}
        own = {"ADWATCH_HOME": str(self.folder / home), "ADWATCH_DATA": str(self.folder / "data")}
        return Command({**clean, **own, "COLUMNS": "200", **more})

    @contextmanager
    def office(self, home: str = "home") -> Iterator[Office]:
        """An office with that home, in this process."""
        settings = load_settings(home=with_store(self.folder / home), data=self.folder / "data", _env_file=None)
        with Office(settings) as office:
            office.__dict__["judge"] = _judge()
            yield office

    def patrol(self, day: str, name: str = "shop", home: str = "home") -> dict[str, Any]:
        """One platform's day, in this process, as ``patrol --json`` prints it."""
        with self.office(home) as office:
            return patrol_platform(office, day, name).as_dict()

    def extract(self, home: str, *days: str) -> None:
        """Rebuild days from the archive of a home."""
        with self.office(home) as office:
            for day in days:
                assert list(extract_day(office, day))

    def dump(self, home: str = "home") -> list[str]:
        """The canonical dump, the address replaced."""
        with self.office(home) as office:
            return sorted(line.replace(self.site.url, "http://shop") for line in office.dump())
