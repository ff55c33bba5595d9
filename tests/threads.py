"""A test's server on a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import BaseServer
from typing import TypeVar

Server = TypeVar("Server", bound=BaseServer)


@contextmanager
def on_a_thread(server: Server, poll: float = 0.01) -> Iterator[Server]:
    """Served until the test has done with it, however it ends; then closed. It looks each ``poll`` s whether to end."""
    with server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": poll})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
