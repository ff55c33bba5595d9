"""Asks a chat completion of an OpenAI-compatible server in the office's own network; nothing is sent outside."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from adwatch.errors import FetchError, SettingsError, Unreachable
from adwatch.http.addresses import Guard, clean_url, host_key, is_public
from adwatch.http.transport import UrllibTransport

MAX_BYTES = 256 * 1024
SLOW = 120.0
"""Seconds that a model may take."""


@dataclass(frozen=True, slots=True)
class InwardGuard(Guard):
    """Lets connections go to private addresses only: texts do not leave the office's network."""

    def addresses(self, host: str, port: int) -> list[tuple[Any, Any]]:
        """(family, socket address) pairs; SettingsError if one of them is out on the Internet."""
        try:
            found = self.resolver(host, port)
        except (OSError, UnicodeError) as error:
            raise Unreachable(f"{host}: the name cannot be resolved ({error})") from error
        for _family, _type, _proto, _name, sockaddr in found:
            if is_public(str(sockaddr[0])):
                raise SettingsError(
                    f"ADWATCH_LLM_URL: {host} is {sockaddr[0]}, an address outside the office's network; texts are not "
                    "sent there"
                )
        if not found:
            raise Unreachable(f"{host}: the name has no address")
        return [(entry[0], entry[4]) for entry in found]


class ChatServer:
    """One server; close it when the work is done."""

    def __init__(self, url: str, key: str = "", guard: Guard | None = None) -> None:
        self.url = clean_url(url).rstrip("/") + "/chat/completions"
        self.key = key
        self.transport = UrllibTransport(
            guard or InwardGuard(), max_bytes=MAX_BYTES, read_timeout=SLOW, total_timeout=SLOW
        )

    def complete(self, body: dict[str, Any]) -> bytes:
        """The answer's body; FetchError (without key or text) where there is none."""
        headers = [("Content-Type", "application/json"), ("Accept", "application/json"), ("User-Agent", "AdWatch")]
        if self.key:
            headers.append(("Authorization", f"Bearer {self.key}"))
        sent = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        reply = self.transport.send("POST", self.url, tuple(headers), sent)
        if reply.status != 200:
            raise FetchError(f"the model at {host_key(self.url)} answered {reply.status} {reply.reason[:60]}")
        if reply.truncated:
            raise FetchError(f"the model at {host_key(self.url)} answered too much or too slowly ({reply.truncated})")
        return reply.body

    def close(self) -> None:
        """Close the connections."""
        self.transport.close()
