"""A site without a network: a transport that answers from a table, and the house around it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from adwatch.archive import Archive, Exchange, HandedFile, read_body
from adwatch.errors import Unreachable
from adwatch.http import Reply, Tools
from adwatch.models import Capture, Listing
from adwatch.ports import Event, Refetched, Refused
from collectors.source import make_refetch, make_source
from collectors.spec import PlatformSpec
from tests.collectors.platform_files import shop
from tests.http.conftest import FakeClock, FakeLimiter

BASE = "http://shop.test"
DAY = "2026-11-16"
Handler = Callable[[str, bytes], Reply]


def page(text: str, status: int = 200, **headers: str) -> Reply:
    """An HTML answer."""
    given = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Reply(status, "", (("Content-Type", "text/html; charset=utf-8"), *given), text.encode(), "192.0.2.7")


def data(value: Any, **headers: str) -> Reply:
    """A JSON answer."""
    given = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Reply(200, "OK", (("Content-Type", "application/json"), *given), json.dumps(value).encode(), "192.0.2.7")


@dataclass
class FakeSite:
    """Answers by path and query (decoded); what is not in the table is 404."""

    folder: Path
    pages: dict[str, Reply | Handler] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    captures: list[Capture] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    limiter: FakeLimiter = field(default_factory=FakeLimiter)

    def send(self, method: str, url: str, headers: tuple[tuple[str, str], ...], body: bytes) -> Reply:
        assert dict(headers)["User-Agent"].startswith("AdWatch/")
        assert method in ("GET", "POST")
        path = unquote(url.removeprefix(BASE))
        if path != "/robots.txt":
            self.asked.append(path)
            self.bodies.append(body)
        answer = self.pages.get(path)
        if answer is None:
            return page("", 404)
        return answer(path, body) if callable(answer) else answer

    def close(self) -> None:
        """Nothing is open."""

    @property
    def tools(self) -> Tools:
        return Tools(self.limiter, FakeClock(), "office", sleep=lambda _: None)

    def spec(self, text: str, kind: str = "html") -> PlatformSpec:
        return shop(self.folder, BASE, text, kind)

    def patrol(self, spec: PlatformSpec, *terms: str) -> tuple[list[Listing], list[Event]]:
        """Collect, then extract from the archive alone."""
        source = make_source(spec, self.tools, self)
        events = []
        root = self.folder / "archive"
        with Archive(root, f"r{len(self.captures)}") as archive:

            def save(exchange: Exchange | HandedFile) -> Capture:
                capture = replace(archive.keep(exchange), id=len(self.captures) + 1)
                self.captures.append(capture)
                return capture

            for one in source.collect(DAY, terms, save):
                if isinstance(one, Event):
                    events.append(one)
                else:
                    assert one in self.captures
        listings = []
        reader = make_source(spec, None)
        for capture in self.captures:
            if "truncated" in capture.context or "undecodable" in capture.context:
                continue
            for found in reader.extract(capture, read_body(root, capture)):
                if isinstance(found, Refused):
                    self.refused.append(found.reason)
                else:
                    listings.append(found)
        return listings, events

    def check(self, spec: PlatformSpec, listing: Listing) -> Refetched:
        """Look one listing up again."""
        with Archive(self.folder / "archive", f"c{len(self.asked)}") as archive:
            return make_refetch(spec, self.tools, self)(listing, DAY, archive.keep)


def down(path: str, _body: bytes) -> Reply:
    """No answer."""
    raise Unreachable(f"{path}: no connection")


def items_page(ids: list[int], more: str = "") -> Reply:
    """A list page of the usual form."""
    rows = "".join(f'<li class="good"><a href="/i/{n}">货 {n}</a></li>' for n in ids)
    return page(f"<html><body><ul>{rows}</ul>{more}</body></html>")


def item_page(number: int, text: str = "正文") -> Reply:
    """An item's page of the usual form."""
    return page(f'<article data-id="p{number}"><h1>货 {number}</h1><div class="t">{text}</div></article>')


ITEMS = """\
items:
  select: li.good
  link: a
detail:
  fields:
    native_id: {select: article, attr: data-id}
    title: h1
    text: .t
"""
