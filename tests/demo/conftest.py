"""The demo's sites on loopback, asked as a browser would ask them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
import urllib3

from adwatch_demo.server import serve_world
from adwatch_demo.serving import SiteServer

Ask = Callable[..., urllib3.BaseHTTPResponse]


@pytest.fixture
def world() -> Iterator[Callable[[int], dict[str, SiteServer]]]:
    """Starts the sites of a day; they are stopped with the test."""
    with ExitStack() as stack:
        yield lambda day: stack.enter_context(serve_world(0, day))


@pytest.fixture
def ask() -> Iterator[Ask]:
    """One request, never repeated."""
    pool = urllib3.PoolManager(retries=False)

    def one(server: SiteServer, path: str, **more: object) -> urllib3.BaseHTTPResponse:
        method = "POST" if more else "GET"
        found: urllib3.BaseHTTPResponse = pool.request(method, server.url + path, **more)
        return found

    yield one
    pool.clear()
