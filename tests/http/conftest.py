"""Fakes for the client: no test sleeps, none leaves the machine."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from adwatch.archive import Archive, Exchange, HandedFile, read_body
from adwatch.http import Client, Guard, Manners, Request, Tools, UrllibTransport
from adwatch.models import Capture
from adwatch.ports import Validator

DAY = "2026-11-16"
NOW = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)


@dataclass
class FakeLimiter:
    """Remembers what it was asked for; waits for nobody."""

    waits: list[tuple[str, float]] = field(default_factory=list)
    holds: list[tuple[str, float]] = field(default_factory=list)

    def wait(self, host: str, interval: float) -> float:
        self.waits.append((host, interval))
        return 0.0

    def hold(self, host: str, seconds: float) -> None:
        self.holds.append((host, seconds))


@dataclass
class FakeClock:
    """A second later at each look."""

    at: datetime = NOW

    def now(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


@dataclass
class FakeValidators:
    """Validators in memory; captures by id."""

    kept: dict[str, tuple[str | None, str | None, int]] = field(default_factory=dict)
    captures: dict[int, Capture] = field(default_factory=dict)

    def get(self, url: str) -> Validator | None:
        if url not in self.kept:
            return None
        etag, modified, capture_id = self.kept[url]
        return Validator(etag, modified, self.captures[capture_id])

    def put(self, url: str, etag: str | None, last_modified: str | None, capture_id: int) -> None:
        self.kept[url] = (etag, last_modified, capture_id)


@dataclass
class House:
    """A client and all that it was given."""

    server: HTTPServer
    root: Path
    archive: Archive
    limiter: FakeLimiter = field(default_factory=FakeLimiter)
    validators: FakeValidators = field(default_factory=FakeValidators)
    slept: list[float] = field(default_factory=list)
    saved: list[Capture] = field(default_factory=list)
    clients: list[Client] = field(default_factory=list)

    def save(self, exchange: Exchange | HandedFile) -> Capture:
        capture = replace(self.archive.keep(exchange), id=len(self.saved) + 1)
        self.saved.append(capture)
        self.validators.captures[len(self.saved)] = capture
        return capture

    def recall(self, capture: Capture) -> bytes:
        return read_body(self.root, capture)

    @property
    def tools(self) -> Tools:
        return Tools(
            self.limiter,
            FakeClock(),
            "mailto:office@example.org",
            self.validators,
            self.recall,
            self.slept.append,
            lambda: 0.5,
        )

    def client(self, manners: Manners | None = None, guard: Guard | None = None, **limits: object) -> Client:
        manners = manners or Manners(per_second=10, agreed=True)
        guard = guard or Guard((f"{self.server.host}:{self.server.port}",), "office")
        transport = UrllibTransport(guard, **limits)  # type: ignore[arg-type]
        client = Client("shop", manners, transport, self.tools)
        self.clients.append(client)
        return client

    def url(self, path: str) -> str:
        return self.server.url_for(path)

    def get(self, path: str, client: Client | None = None, role: str = "list") -> bytes:
        return (client or self.client()).fetch(Request(self.url(path), role), DAY, self.save).body

    def asked(self) -> list[str]:
        """Paths that the server was asked for."""
        return [request.path for request, _ in self.server.log]


@pytest.fixture
def house(httpserver: HTTPServer, tmp_path: Path) -> Iterator[House]:
    """A client on a loopback server, with an archive."""
    with Archive(tmp_path / "archive", "r1") as archive:
        made = House(httpserver, tmp_path / "archive", archive)
        httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
        yield made
        for client in made.clients:
            client.close()


def set_robots(house: House, text: str, status: int = 200) -> None:
    """The server's rules, and two pages that they may speak of."""
    house.server.clear()
    house.server.expect_request("/robots.txt").respond_with_data(text, status=status, content_type="text/plain")
    house.server.expect_request("/a").respond_with_data("x")
    house.server.expect_request("/private/a").respond_with_data("x")


@contextmanager
def answering(answer: bytes) -> Iterator[int]:
    """A port that answers every request with these bytes and hangs up; robots.txt is answered by 404."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)
        thread = threading.Thread(target=_answer_all, args=(listener, answer), daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            with socket.create_connection(listener.getsockname()) as last:
                last.sendall(b"STOP")
            thread.join(10)


def _answer_all(listener: socket.socket, answer: bytes) -> None:
    while True:
        connection, _ = listener.accept()
        with connection:
            asked = connection.recv(65536)
            if asked == b"STOP":
                return
            no_robots = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            connection.sendall(no_robots if asked.startswith(b"GET /robots.txt") else answer)
