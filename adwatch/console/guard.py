"""What stands before every page: security headers, the names the console answers to, foreign forms, big bodies."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-DNS-Prefetch-Control": "off",
    "Cache-Control": "no-store",
}
"""Of every answer; no-referrer would take the Origin from our own forms as well. An archived page in its frame sets
stricter ones of its own (``FRAMED``)."""
FRAMED = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'self'",
    "X-Frame-Options": "SAMEORIGIN",
}
"""Of an archived page: it runs no script, loads nothing, sends nothing, and is shown in our own frame only."""
Answer = Callable[[Scope, int, str], Awaitable[Response]]
SAFE = ("GET", "HEAD", "OPTIONS")
BODY_LIMIT = 32_000_000
"""Bytes of a request: a scan of a sealed letter fits."""


class Guard:
    """Headers on every answer, those of errors too; requests that no page of ours can have sent are refused."""

    def __init__(self, app: ASGIApp, names: Iterable[str], answer: Answer) -> None:
        self.app = app
        self.answer = answer
        """How a refusal is told: (scope, status, words) to a page in the console's frame."""
        self.names = frozenset(name.lower() for name in names)
        """Names without port that a browser may call the console by; others are somebody's DNS pointing here."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                del headers["server"]
            await send(message)

        refused = self._refused(scope)
        if refused is not None:
            status, words = refused
            response = await self.answer(scope, status, words)
            await response(scope, receive, with_headers)
            return
        await self.app(scope, _limited(receive), with_headers)

    def _refused(self, scope: Scope) -> tuple[int, str] | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        name = urlsplit(f"//{host}").hostname if _is_plain(host) else None
        if name is None or name not in self.names:
            return 421, "本服务不以此名称应答；请用管理员给出的地址（ADWATCH_CONSOLE_URL）"
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > BODY_LIMIT:
            return 413, f"提交的内容超过 {BODY_LIMIT // 1_000_000} MB"
        if scope["method"] in SAFE:
            return None
        origin, site = headers.get("origin"), headers.get("sec-fetch-site", "same-origin")
        if site not in ("same-origin", "none") or (origin is not None and urlsplit(origin).netloc != host):
            return 403, "表单来自别的网站，已拒绝"
        return None


def _is_plain(host: str) -> bool:
    return host.isascii() and not any(char in host for char in "/\\@?# ")


class TooLarge(Exception):
    """A body without a length that goes on too long."""


def _limited(receive: Receive) -> Receive:
    """A body may come without its length; it still ends at the limit."""
    got = 0

    async def counted() -> Message:
        nonlocal got
        message = await receive()
        got += len(message.get("body", b""))
        if got > BODY_LIMIT:
            raise TooLarge
        return message

    return counted
