"""A real SMTP server (aiosmtpd) on a loopback port that takes letters, refuses receivers, or drops the connection."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult


@dataclass
class Letters:
    """What the server does, and what it took."""

    unknown: tuple[str, ...] = ()
    """Receivers that it refuses."""
    drops: str = ""
    """``before``: the connection is cut at DATA, before the message; ``after``: once the message is there."""
    taken: list[bytes] = field(default_factory=list)
    receivers: list[list[str]] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)

    async def handle_RCPT(
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        """Take or refuse a receiver."""
        if address in self.unknown:
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_MAIL(
        self, server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        """Take the sender, or cut the connection."""
        if self.drops == "before":
            server.transport.abort()
        envelope.mail_from = address
        return "250 ok"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Keep the message, then answer or cut the connection."""
        self.taken.append(envelope.original_content)
        self.receivers.append(list(envelope.rcpt_tos))
        self.encrypted.append(session.ssl is not None)
        if self.drops == "after":
            server.transport.abort()
        return "250 2.0.0 taken as 4711"


@contextmanager
def serving(letters: Letters, tls: ssl.SSLContext | None = None, password: str = "") -> Iterator[str]:
    """HOST:PORT of a server that is up; with ``tls`` it asks for STARTTLS, with a password for a login."""

    def login(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=data.password == password.encode())

    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    more: dict[str, Any] = {"tls_context": tls, "require_starttls": True} if tls else {}
    if password:
        more |= {"authenticator": login, "auth_required": True, "auth_require_tls": tls is not None}
    controller = Controller(letters, hostname="127.0.0.1", port=port, ready_timeout=120, **more)
    controller.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        controller.stop()
