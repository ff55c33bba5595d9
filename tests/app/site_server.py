"""The thirty sites of the test world (and others) on one loopback port, told apart by the host that is asked for."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from adwatch.app import page_fetch
from adwatch.http import Guard, Manners
from adwatch.text.hosts import host_of
from tests.threads import on_a_thread

WORLD = Path(__file__).parent.parent / "classifiers" / "sites" / "world"


def sites_of(world: Path) -> list[dict[str, Any]]:
    """Rows of a world: file, url, status, kind, expected, note."""
    return [json.loads(line) for line in (world / "sites.jsonl").read_text("utf-8").splitlines()]


SITES = sites_of(WORLD)


CLOSED = 1
"""A port of loopback on which nothing listens: tcpmux, which no system starts any more."""


@dataclass(frozen=True, slots=True)
class Page:
    """What a host answers to any path but robots.txt."""

    body: bytes | Callable[[BaseHTTPRequestHandler], None]
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "text/html; charset=utf-8"})
    icon: bytes = b""


class SiteServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.pages: dict[str, Page] = {"control.example": Page(b"here")}
        self.lost: dict[str, str] = {}
        """How hosts are not reached: ``name`` (nobody resolves them) or ``refused``; ``*`` is every host."""
        self.asked: list[tuple[str, str, str]] = []
        """(method, host, path)."""

    def put(self, host: str, page: Page) -> None:
        self.pages[host.encode("idna").decode("ascii")] = page

    def resolve(self, host: str, _port: int, **_more: Any) -> list[tuple[Any, Any, Any, Any, Any]]:
        """As socket.getaddrinfo: hosts of the world are here, others are unknown."""
        lost = self.lost.get(host) or self.lost.get("*")
        if host not in self.pages or lost == "name":
            raise socket.gaierror(-2, "Name or service not known")
        port = CLOSED if lost == "refused" else self.server_address[1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    @property
    def manners(self) -> Manners:
        return Manners(per_second=500.0, agreed=True, allow_hosts=tuple(self.pages))


class _Handler(BaseHTTPRequestHandler):
    server: SiteServer

    def do_GET(self) -> None:
        host = self.headers.get("Host", "").partition(":")[0]
        self.server.asked.append((self.command, host, self.path))
        page = self.server.pages.get(host)
        if page is None or self.path == "/robots.txt":
            self.answer(404, {"Content-Type": "text/plain"}, b"")
        elif self.path == "/favicon.ico":
            self.answer(200 if page.icon else 404, {"Content-Type": "image/png"}, page.icon)
        elif callable(page.body):
            page.body(self)
        else:
            self.answer(page.status, page.headers, page.body)

    do_POST = do_GET

    def answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: Any) -> None:
        pass


@contextmanager
def site_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[SiteServer]:
    """The server while the block lasts; captures find its hosts instead of asking a name server."""
    with on_a_thread(SiteServer()) as server:
        monkeypatch.setattr(page_fetch, "Guard", partial(Guard, resolver=server.resolve))
        yield server


def lay_out(server: SiteServer, *files: str, world: Path = WORLD) -> dict[str, str]:
    """Put sites of a world on the server; gives their addresses (all over plain HTTP) by file."""
    found = {}
    for site in sites_of(world):
        if files and site["file"] not in files:
            continue
        host = host_of(site["url"]) or ""
        if host[0].isdigit() and host.replace(".", "").isdigit():
            continue  # the intranet page: an address, not a name
        server.put(host, Page((world / site["file"]).read_bytes(), site["status"]))
        found[site["file"]] = site["url"].replace("https://", "http://", 1)
    return found
