"""What the browser meets instead of a network: a proxy that answers nothing and notes who knocked.

All that a page asks for is fetched by our own client and handed to the browser. What it tries by another way (sockets,
look-ups ahead of time, its own services) ends here.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from types import TracebackType

_LINE = 300


class Wall:
    """A loopback socket that refuses; its address is the browser's proxy."""

    def __init__(self) -> None:
        self.knocks: Counter[str] = Counter()
        """First lines of what came, printable, by how often."""
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Wall:
        self._server = await asyncio.start_server(self._refuse, "127.0.0.1", 0, limit=4096)
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()

    @property
    def address(self) -> str:
        """Of the socket."""
        if self._server is None:
            raise RuntimeError("the wall is not up")
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def _refuse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            line = await asyncio.wait_for(reader.readline(), 5)
            said = "".join(c for c in line.decode("latin-1")[:_LINE].strip() if c.isprintable())
            if len(self.knocks) < 100 or said in self.knocks:
                self.knocks[said] += 1
            writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            await writer.drain()
        except (OSError, ValueError, TimeoutError):
            pass  # whoever knocked has gone: nothing is lost, nothing was to be answered
        finally:
            writer.close()
