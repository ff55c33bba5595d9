"""A mail server for tests, written from RFC 5321: what a client needs to hand over a message, STARTTLS and AUTH PLAIN."""

from __future__ import annotations

import base64
import io
import ssl
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any


@dataclass
class Received:
    """A message with its envelope."""

    sender: str
    receivers: list[str]
    data: bytes
    user: str = ""
    encrypted: bool = False

    @property
    def message(self) -> EmailMessage:
        """The message read."""
        read = message_from_bytes(self.data, _class=EmailMessage, policy=SMTP)
        assert isinstance(read, EmailMessage)
        return read


class _Session(StreamRequestHandler):
    """One connection."""

    server: MailServer
    timeout = 60

    def say(self, line: str) -> None:
        self.wfile.write(line.encode("ascii") + b"\r\n")

    def handle(self) -> None:
        self.user, self.sender, self.receivers = "", "", list[str]()
        self.encrypted = isinstance(self.request, ssl.SSLSocket)
        if self.server.greeting is not None:
            self.say(self.server.greeting)
            return
        self.say("220 mail.test ESMTP")
        while raw := self.rfile.readline(1000):
            line = raw.decode("utf-8", "replace").rstrip("\r\n")
            self.server.lines.append(line)
            verb, _, rest = line.partition(" ")
            if verb.upper() == "QUIT":
                self.say("221 bye")
                return
            getattr(self, f"do_{verb.lower()}", self.unknown)(rest)

    def unknown(self, _rest: str) -> None:
        self.say("502 not implemented")

    def do_ehlo(self, _rest: str) -> None:
        self.say("250-mail.test")
        if self.server.context and not self.encrypted:
            self.say("250-STARTTLS")
        self.say("250 AUTH PLAIN")

    def do_starttls(self, _rest: str) -> None:
        assert self.server.context is not None
        self.say("220 go ahead")
        try:
            self.request = self.server.context.wrap_socket(self.request, server_side=True)
        except OSError:  # the client does not trust us and has gone
            self.rfile = io.BytesIO()
            return
        self.encrypted = True  # RFC 3207: all that was known of the client is forgotten
        self.rfile, self.wfile = self.request.makefile("rb"), self.request.makefile("wb", buffering=0)

    def finish(self) -> None:
        super().finish()
        if self.encrypted:
            self.request.close()

    def do_auth(self, rest: str) -> None:
        way, _, coded = rest.partition(" ")
        _, user, password = base64.b64decode(coded).decode("utf-8").split("\0")
        if way != "PLAIN" or password != self.server.password:
            self.say("535 wrong user or password")
            return
        self.user = user
        self.say("235 welcome")

    def do_mail(self, rest: str) -> None:
        if self.server.password and not self.user:
            self.say("530 log in first")
            return
        self.sender, self.receivers = rest[len("FROM:<") :].partition(">")[0], []
        self.say("250 ok")

    def do_rcpt(self, rest: str) -> None:
        address = rest[len("TO:<") :].partition(">")[0]
        if address in self.server.unknown:
            self.say("550 no such user")
            return
        self.receivers.append(address)
        self.say("250 ok")

    def do_rset(self, _rest: str) -> None:
        self.sender, self.receivers = "", []
        self.say("250 ok")

    def do_data(self, _rest: str) -> None:
        self.say("354 end with a dot")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        self.server.received.append(Received(self.sender, self.receivers, b"".join(lines), self.user, self.encrypted))
        self.say("250 taken")


class MailServer(ThreadingTCPServer):
    """On a free loopback port; ``received`` are the messages, ``lines`` all that clients said."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(
        self,
        password: str = "",
        unknown: tuple[str, ...] = (),
        greeting: str | None = None,
        context: ssl.SSLContext | None = None,
        tls_at_once: bool = False,
    ) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.password, self.unknown, self.greeting, self.context = password, unknown, greeting, context
        self.tls_at_once = tls_at_once
        self.received: list[Received] = []
        self.lines: list[str] = []

    def get_request(self) -> tuple[Any, Any]:
        """A connection, over TLS from its beginning where that is so (smtps)."""
        connection, address = super().get_request()
        if self.tls_at_once and self.context is not None:
            connection = self.context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return connection, address

    @property
    def place(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self.server_address[1]}"
