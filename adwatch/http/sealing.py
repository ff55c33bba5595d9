"""Requests that carry keys: sealed just before they go out, so that nothing of a key is ever archived or logged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from adwatch.http.manners import Request
from adwatch.http.transport import Headers, Reply


@dataclass(frozen=True, slots=True)
class Sealed:
    """What goes over the wire in the place of the request that is archived."""

    method: str
    """GET or POST."""
    url: str
    """With the key, where the interface wants it there."""
    body: bytes
    """Of a POST, signed."""
    headers: Headers
    """Besides the usual ones."""


class Seal(Protocol):
    """Puts keys, time and signature to a request, and takes them out of what is said about it."""

    def seal(self, request: Request, now: datetime) -> Sealed:
        """The request as it is sent; FetchError where there is no key."""

    def spend(self, day: str) -> None:
        """Count one request of the key's day; BudgetSpent where none is left."""

    def cleaned(self, reply: Reply) -> Reply:
        """The answer without anything secret that it repeats."""

    def hidden(self, text: str) -> str:
        """A message without anything secret."""

    def later(self, reply: Reply) -> float | None:
        """Seconds to wait, where the answer only says that we ask too often; None for all others."""
