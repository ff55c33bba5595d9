"""Sends one request over urllib3 and reads the answer as it came, within limits of bytes and time.

urllib3 is used without requests: that would read proxies and passwords from the environment and decode bodies.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, cast
from urllib.parse import urlsplit

import certifi
import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, SSLError

from adwatch.errors import Unreachable
from adwatch.http.addresses import Guard, origin
from adwatch.http.certificates import chain_facts

Headers = tuple[tuple[str, str], ...]

_POOLS = 64


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as received."""

    status: int
    """HTTP status."""
    reason: str
    """Reason phrase."""
    headers: Headers
    """In the order received."""
    body: bytes
    """Content-encoding kept."""
    server_ip: str | None = None
    """Address connected to."""
    truncated: str | None = None
    """length or time where our own limit cut it off."""
    certificates: tuple[dict[str, Any], ...] = ()
    """Facts of the chain that was verified, leaf first."""

    def header(self, name: str) -> str | None:
        """All values of a header, joined."""
        values = [value for key, value in self.headers if key.lower() == name]
        return ", ".join(values) if values else None


class UntrustedServer(Unreachable):
    """The server's certificate is not trusted; asking again does not help."""


class Transport(Protocol):
    """What the client needs of the network."""

    def send(self, method: str, url: str, headers: Headers, body: bytes) -> Reply:
        """One request, one answer; Unreachable or Refused if there is none."""

    def close(self) -> None:
        """Close all connections."""


class _Checked:
    """A connection that goes only to addresses that its guard has checked."""

    guard: Guard
    peer: str | None = None

    def __init__(self, *args: Any, guard: Guard, **kwargs: Any) -> None:
        self.guard = guard
        super().__init__(*args, **kwargs)

    def _new_conn(self) -> socket.socket:
        connection = cast(HTTPConnection, self)
        failure: OSError | None = None
        for family, address in self.guard.addresses(connection.host, connection.port):
            sock = socket.socket(family, socket.SOCK_STREAM)
            try:
                if isinstance(connection.timeout, int | float):
                    sock.settimeout(connection.timeout)
                for option in connection.socket_options or ():
                    sock.setsockopt(*option)
                sock.connect(address)
            except OSError as error:
                sock.close()
                failure = error
            else:
                self.peer = str(address[0])
                return sock
        if isinstance(failure, TimeoutError):
            raise ConnectTimeoutError(connection, f"no connection to {connection.host} in time")
        raise NewConnectionError(connection, f"no connection to {connection.host}: {failure}")


class _CheckedHttp(_Checked, HTTPConnection):
    pass


class _CheckedHttps(_Checked, HTTPSConnection):
    chain: tuple[dict[str, Any], ...] = ()

    def connect(self) -> None:
        """Connect, and keep the chain while the socket is there: a short answer takes it away."""
        super().connect()
        self.chain = chain_facts(self.sock)


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = cast(Any, _CheckedHttp)


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = cast(Any, _CheckedHttps)


def trusted_context() -> ssl.SSLContext:
    """Certificate authorities of the machine (or SSL_CERT_FILE) and Mozilla's; host names are checked."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


class UrllibTransport:
    """Keeps connections open per host; one for each platform, since each has a guard of its own."""

    def __init__(
        self,
        guard: Guard,
        *,
        max_bytes: int = 16 * 1024 * 1024,
        connect_timeout: float = 10.0,
        read_timeout: float = 20.0,
        total_timeout: float = 120.0,
        ssl_context: ssl.SSLContext | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.guard = guard
        self.max_bytes = max_bytes
        self.total_timeout = total_timeout
        self._timeout = urllib3.Timeout(connect=connect_timeout, read=read_timeout)
        self._ssl_context = ssl_context
        self._monotonic = monotonic
        self._pools: dict[tuple[str, str, int], HTTPConnectionPool] = {}

    def close(self) -> None:
        """Close all connections."""
        while self._pools:
            self._pools.popitem()[1].close()

    def _pool(self, url: str) -> HTTPConnectionPool:
        key = origin(url)
        found = self._pools.get(key)
        if found is None:
            if len(self._pools) >= _POOLS:
                self._pools.pop(next(iter(self._pools))).close()
            scheme, host, port = key
            if scheme == "https":
                self._ssl_context = self._ssl_context or trusted_context()
                found = _HttpsPool(host, port, maxsize=2, guard=self.guard, ssl_context=self._ssl_context)
            else:
                found = _HttpPool(host, port, maxsize=2, guard=self.guard)
            self._pools[key] = found
        return found

    def send(self, method: str, url: str, headers: Headers, body: bytes) -> Reply:
        """One request, one answer; Unreachable or Refused if there is none."""
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        try:
            response = self._pool(url).urlopen(
                method,
                target,
                body=body or None,
                headers=dict(headers),
                retries=False,
                redirect=False,
                assert_same_host=False,
                timeout=self._timeout,
                preload_content=False,
                decode_content=False,
            )
        except SSLError as error:
            raise UntrustedServer(f"{url}: 证书不可信 the connection is not trusted: {_reason(error)}") from error
        except (HTTPError, OSError, ValueError) as error:
            raise Unreachable(f"{url}: 连不上 {_reason(error)}") from error
        return self._read(url, response)

    def _read(self, url: str, response: urllib3.BaseHTTPResponse) -> Reply:
        peer = getattr(response.connection, "peer", None)
        chain = getattr(response.connection, "chain", ())
        deadline = self._monotonic() + self.total_timeout
        parts: list[bytes] = []
        size, truncated = 0, None
        try:
            while truncated is None:
                data = response.read1(1 << 16, decode_content=False)
                if not data:
                    break
                size += len(data)
                parts.append(data)
                if size > self.max_bytes:
                    parts[-1] = data[: len(data) - (size - self.max_bytes)]
                    truncated = "length"
                elif self._monotonic() > deadline:
                    truncated = "time"
        except (HTTPError, OSError) as error:
            raise Unreachable(f"{url}: 应答中断 the answer was cut off: {_reason(error)}") from error
        finally:
            if truncated is None:
                response.release_conn()
            response.close()
        headers = tuple((str(key), str(value)) for key, value in response.headers.iteritems())
        if not headers and not parts:
            raise Unreachable(f"{url}: 应答中断 the answer was cut off before its headers ended")
        return Reply(response.status, response.reason or "", headers, b"".join(parts), peer, truncated, chain)


def _reason(error: Exception) -> str:
    """A short reason without object addresses."""
    text = str(error)
    return text.rpartition(">: ")[2] or type(error).__name__
