"""Serves the figures of an office at ``/metrics``, on loopback unless another address is named."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterable
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import make_wsgi_app

from adwatch.app.metrics import registry
from adwatch.app.office import Office
from adwatch.errors import AdWatchError, UsageError

LOOPBACK = "127.0.0.1"
SLOW_CLIENT = 10
"""Seconds after which a client that sends nothing is left."""

Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]


class MetricsServer(ThreadingMixIn, WSGIServer):
    """One thread a request, so that a slow client holds up nobody."""

    daemon_threads = True


class MetricsServer6(MetricsServer):
    """The same on an IPv6 address."""

    address_family = socket.AF_INET6


class _Handler(WSGIRequestHandler):
    timeout = SLOW_CLIENT

    def log_message(self, *_args: Any) -> None:
        """A scrape every few seconds is no event."""


def address(text: str) -> tuple[str, int]:
    """(host, port) of HOST:PORT, [HOST]:PORT, :PORT or PORT; loopback where no host is named."""
    match = re.fullmatch(r"(?:(?:\[(?P<six>[0-9A-Fa-f:.%]+)\]|(?P<host>[^:\[\]]*)):)?(?P<port>[0-9]{1,5})", text)
    if match is None or int(match["port"]) > 65535:
        raise UsageError(f"--serve {text}: write HOST:PORT such as 127.0.0.1:9464; HOST may be left out")
    return match["six"] or match["host"] or LOOPBACK, int(match["port"])


def application(office: Office) -> Wsgi:
    """GET /metrics; what cannot be read now is a 503 with the reason, so that the watcher sees a failed scrape."""
    metrics = make_wsgi_app(registry(office))

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        def refuse(status: str, message: str) -> list[bytes]:
            start_response(status, [("Content-Type", "text/plain; charset=utf-8")])
            return [message.encode()]

        if environ.get("PATH_INFO") != "/metrics":
            return refuse("404 Not Found", "/metrics\n")
        if environ.get("REQUEST_METHOD") not in ("GET", "HEAD"):
            return refuse("405 Method Not Allowed", "GET\n")
        try:
            return list(metrics(environ, start_response))
        except AdWatchError as error:
            office.log.warning("metrics not told", reason=str(error))
            return refuse("503 Service Unavailable", f"{error}\n")

    return answer


def open_server(office: Office, host: str, port: int) -> MetricsServer:
    """A server that is bound and not yet served; an error that says why the address cannot be had."""
    kind = MetricsServer6 if ":" in host else MetricsServer
    try:
        return make_server(host, port, application(office), server_class=kind, handler_class=_Handler)
    except OSError as error:
        raise UsageError(f"--serve {host}:{port}: {error.strerror or error}; name another address") from error
