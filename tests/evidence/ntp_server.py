"""A time server over UDP on loopback: the packet of RFC 5905, 7.3, written from its layout."""

from __future__ import annotations

import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import BaseRequestHandler, UDPServer

from tests.threads import on_a_thread

ERA = 2_208_988_800
"""Seconds from 1900 to 1970."""
_PACKET = "!BBBbII4sQQQQ"
"""leap, version, mode · stratum · poll · precision · root delay · root dispersion · reference id · four times."""


def _stamp(seconds: float) -> int:
    return int((seconds + ERA) * 2**32)


class TimeServer(UDPServer):
    """Says a time that is ``ahead`` seconds from this machine's."""

    def __init__(self, ahead: float = 0.0, *, stratum: int = 2, leap: int = 0, silent: bool = False) -> None:
        self.ahead, self.stratum, self.leap, self.silent = ahead, stratum, leap, silent
        self.asked: list[bytes] = []
        self.answered = threading.Event()
        super().__init__(("127.0.0.1", 0), _Answer)

    @property
    def address(self) -> str:
        """HOST:PORT."""
        return f"127.0.0.1:{self.server_address[1]}"


class _Answer(BaseRequestHandler):
    server: TimeServer

    def handle(self) -> None:
        data, sock = self.request
        self.server.asked.append(data)
        if self.server.silent:
            return
        origin = struct.unpack("!Q", data[40:48])[0]
        now = _stamp(time.time() + self.server.ahead)
        first = self.server.leap << 6 | 4 << 3 | 4
        packet = struct.pack(
            _PACKET, first, self.server.stratum, 6, -20, 0, 0, b"LOCL", now, origin, now, _stamp(time.time() + self.server.ahead)
        )
        sock.sendto(packet, self.client_address)


@contextmanager
def time_server(ahead: float = 0.0, **how: int) -> Iterator[TimeServer]:
    """The server while the block lasts."""
    with on_a_thread(TimeServer(ahead, **how)) as server:
        yield server
