"""What the stand-in gateways share: keys and their rights, the log of requests, throttles and broken answers."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response

SECRET = "demo-secret"


@dataclass(frozen=True)
class Key:
    """An app's rights: ``quota`` calls in all (None: endless), ``addresses`` it may call from (empty: any)."""

    secret: str = SECRET
    permitted: bool = True
    quota: int | None = None
    addresses: tuple[str, ...] = ()


def default_keys() -> dict[str, Key]:
    """One key of each kind, by app key."""
    return {
        "good": Key(),
        "no-permission": Key(permitted=False),
        "spent": Key(quota=2),
        "elsewhere": Key(addresses=("203.0.113.9",)),
    }


@dataclass(frozen=True)
class Seen:
    """One request as it came; ``time`` is what the stand-in's clock said (UNIX seconds)."""

    method: str
    path: str
    params: dict[str, str]
    time: float


@dataclass
class Gateway:
    """State of one stand-in.

    ``broken``: None, or ``500``, ``timeout`` (holds the answer for ``hold`` seconds), ``garbage``, ``half`` (the body's first half).
    ``broken_times``: how many answers are broken, None for all. ``burst``: answers a second before throttling.
    """

    keys: dict[str, Key] = field(default_factory=default_keys)
    now: Callable[[], float] = time.time
    burst: int | None = None
    broken: str | None = None
    broken_times: int | None = None
    hold: float = 30.0
    log: list[Seen] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)
    _recent: deque[float] = field(default_factory=deque)

    def note(self, request: Request, params: dict[str, str]) -> None:
        """Writes the request down."""
        self.log.append(Seen(request.method, request.url.path, dict(params), self.now()))
        self.counts["requests"] += 1

    def throttled(self) -> bool:
        """Whether this call is one too many within a second of the stand-in's clock."""
        if self.burst is None:
            return False
        moment = self.now()
        while self._recent and moment - self._recent[0] >= 1:
            self._recent.popleft()
        if len(self._recent) >= self.burst:
            return True
        self._recent.append(moment)
        return False

    def spent(self, name: str) -> bool:
        """Counts a call of the key; whether it is past the key's quota."""
        self.calls[name] += 1
        quota = self.keys[name].quota
        return quota is not None and self.calls[name] > quota

    def away(self, name: str, request: Request) -> bool:
        """Whether the key may not be used from the caller's address."""
        addresses = self.keys[name].addresses
        return bool(addresses) and (request.client is None or request.client.host not in addresses)

    async def spoilt(self, whole: Response) -> Response:
        """``whole``, or what the switch ``broken`` makes of it."""
        if self.broken is None or self.broken_times == 0:
            return whole
        if self.broken_times is not None:
            self.broken_times -= 1
        self.counts[f"broken:{self.broken}"] += 1
        if self.broken == "500":
            return Response("Internal Server Error", 500, media_type="text/plain")
        if self.broken == "timeout":
            await asyncio.sleep(self.hold)
            return whole
        body = bytes(whole.body)
        if self.broken == "garbage":
            return Response(b"\x00\xff<<not json>>", media_type="application/json")
        assert self.broken == "half", self.broken
        return Response(body[: len(body) // 2], media_type="application/json")
