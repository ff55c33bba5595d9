"""Runs a stand-in under uvicorn in a thread, on a free loopback port, until the block is left."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from tests.ports import free_row

PATIENCE = 120
"""Seconds a start or a stop may take on a machine under load."""


@contextmanager
def running(app: ASGIApp) -> Iterator[str]:
    """The base URL, without a slash at its end, under which ``app`` answers."""
    with free_row(1) as port:
        config = uvicorn.Config(
            app, host="127.0.0.1", port=port, log_level="error", lifespan="off", timeout_graceful_shutdown=1
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, name="stand-in", daemon=True)
        thread.start()
        try:
            end = time.monotonic() + PATIENCE
            while not server.started:
                assert thread.is_alive() and time.monotonic() < end, "the stand-in did not start"
                time.sleep(0.01)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            thread.join(PATIENCE)
            assert not thread.is_alive(), "the stand-in did not stop"
