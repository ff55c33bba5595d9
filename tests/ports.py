"""Rows of free ports that no other test process takes meanwhile."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

ROWS = range(20_000, 32_000, 16)
"""First ports; below those that a system gives to outgoing connections and to servers that ask for any port."""


@contextmanager
def free_row(count: int) -> Iterator[int]:
    """The first of ``count`` free ports in a row, ours until the block is left.

    A UDP socket on the row's first number tells other test processes so; for TCP the ports stay free.
    """
    assert 0 < count <= ROWS.step
    for start in ROWS:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ours:
            try:
                ours.bind(("127.0.0.1", start))
                with ExitStack() as stack:
                    for number in range(count):
                        stack.enter_context(socket.create_server(("127.0.0.1", start + number)))
            except OSError:
                continue
            yield start
            return
    raise AssertionError("no free ports in a row")
