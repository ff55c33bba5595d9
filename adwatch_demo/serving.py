"""Serves one site of the demo on loopback: a site is a function from what is asked to what is answered."""

from __future__ import annotations

import json
import sys
import time
from collections import deque
from dataclasses import dataclass
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

REMEMBERED = 10_000
"""Requests that a server remembers."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request."""

    method: str
    """GET or POST."""
    path: str
    """Path, decoded."""
    query: dict[str, str]
    """First value of each name."""
    body: bytes = b""
    """Of a POST."""
    base: str = ""
    """Address of the site."""

    def number(self, name: str) -> int:
        """A page number: 1 where none is given."""
        text = self.query.get(name, "1")
        return max(1, int(text)) if text.isdecimal() and text.isascii() else 1


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer."""

    body: bytes
    """As sent."""
    kind: str = "text/html; charset=utf-8"
    """Content-Type."""
    status: int = 200
    """HTTP status."""
    headers: tuple[tuple[str, str], ...] = ()
    """Besides Content-Type and Content-Length."""
    delay: float = 0.0
    """Seconds before it."""
    cut: bool = False
    """Whether only half of the body is sent before the connection is closed."""


class Site(Protocol):
    """What a server needs of a site."""

    def answer(self, asked: Asked) -> Answer:
        """The answer to one request."""


def html_page(site: str, title: str, body: str, status: int = 200) -> Answer:
    """A page with the site's head and foot."""
    text = (
        f'<!DOCTYPE html>\n<html lang="zh"><head><meta charset="utf-8"><title>{escape(title)}</title></head>\n'
        f'<body><header><a href="/">{escape(site)}</a></header>\n{body}\n'
        f"<footer>{escape(site)} · 演示站点，全部内容均为虚构</footer></body></html>\n"
    )
    return Answer(text.encode("utf-8"), status=status)


def json_answer(value: Any, status: int = 200) -> Answer:
    """A JSON body."""
    body = json.dumps(value, ensure_ascii=False).encode("utf-8")
    return Answer(body, "application/json; charset=utf-8", status)


def plain(text: str) -> Answer:
    """A text, such as robots.txt."""
    return Answer(text.encode("utf-8"), "text/plain; charset=utf-8")


def paragraphs(text: str) -> str:
    """Lines as paragraphs."""
    return "\n".join(f"<p>{escape(line)}</p>" for line in text.split("\n"))


def matches(row: dict[str, Any], term: str) -> bool:
    """What the sites' own searches find: the term as written, without regard to case."""
    return bool(term) and term.lower() in f"{row['title']}\n{row['text']}".lower()


class Handler(BaseHTTPRequestHandler):
    """Passes requests to the site and its answers back."""

    server: SiteServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # an answer goes out in one piece: two pieces cost a delayed acknowledgement of 40 ms

    def do_GET(self) -> None:
        """A page."""
        self._answer(b"")

    def do_POST(self) -> None:
        """A query with a body."""
        length = self.headers.get("Content-Length", "0")
        self._answer(self.rfile.read(int(length)) if length.isdecimal() else b"")

    def _answer(self, body: bytes) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        self.server.asked.append(f"{self.command} {self.path}")
        answer = self.server.site.answer(Asked(self.command, unquote(parts.path), query, body, self.server.url))
        if answer.delay:
            time.sleep(answer.delay)
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(answer.body)))
        for name, value in answer.headers:
            self.send_header(name, value)
        self.end_headers()
        if answer.cut:
            self.wfile.write(answer.body[: len(answer.body) // 2])
            self.wfile.flush()
            self.close_connection = True
            return
        self.wfile.write(answer.body)

    def log_message(self, format: str, *args: object) -> None:
        """Requests are logged on standard error only when asked for."""
        if self.server.verbose:
            sys.stderr.write(f"{self.server.url} {self.log_date_time_string()} {format % args}\n")


class SiteServer(ThreadingHTTPServer):
    """One site on loopback."""

    daemon_threads = True

    def __init__(self, site: Site, port: int = 0, verbose: bool = False) -> None:
        self.site = site
        self.verbose = verbose
        self.asked: deque[str] = deque(maxlen=REMEMBERED)
        """Method and address of what was asked, in order."""
        super().__init__(("127.0.0.1", port), Handler)

    @property
    def url(self) -> str:
        """Address of the site."""
        return f"http://127.0.0.1:{self.server_address[1]}"
