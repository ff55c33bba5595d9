"""What a platform file lets the client do, and what the client needs of the house."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import quote

from adwatch import __version__
from adwatch.models import Capture
from adwatch.ports import Validator

SOFTWARE = f"AdWatch/{__version__}"

BLOCK_STATUS = (401, 403, 407, 451)
"""Answers by which a site refuses us; 429 is added when it stays."""


@dataclass(frozen=True, slots=True)
class Manners:
    """How a platform is asked."""

    per_second: float = 1.0
    """Requests a second and host."""
    agreed: bool = False
    """Whether the owner declared this rate; then it stands in the place of robots' Crawl-delay."""
    allow_hosts: tuple[str, ...] = ()
    """Private hosts that may be asked."""
    block_status: tuple[int, ...] = BLOCK_STATUS
    """Answers that mean we are refused."""
    max_bytes: int = 16 * 1024 * 1024
    """Bytes of one answer as received."""
    max_decoded: int = 32 * 1024 * 1024
    """Bytes of one body once decoded."""
    max_redirects: int = 5
    """Hops from one address."""
    retries: int = 3
    """Further attempts after a failed one."""
    told: tuple[int, ...] = ()
    """Answers of 500 and more whose bodies say what is wrong: given back at once, and not asked for again."""
    headers: tuple[tuple[str, str], ...] = ()
    """Sent with every request to the platform's own origin."""
    budget: int | None = None
    """Requests a day, of all workers together; without it as many as the rate allows."""


@dataclass(frozen=True, slots=True)
class Request:
    """What to fetch and why."""

    url: str
    """Address."""
    role: str
    """list | detail | check."""
    method: str = "GET"
    """GET or POST."""
    body: bytes = b""
    """Of a POST."""
    headers: tuple[tuple[str, str], ...] = ()
    """Besides the usual ones."""
    context: dict[str, object] = field(default_factory=dict)
    """Kept with the capture for extraction."""
    conditional: bool = True
    """Whether the site may answer "not modified"."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """An archived answer, ready to be read."""

    capture: Capture
    """Where it is kept."""
    url: str
    """Address that answered, after redirects."""
    status: int
    """HTTP status; a 304 counts as the 200 it stands for."""
    headers: tuple[tuple[str, str], ...]
    """As received."""
    body: bytes
    """Decoded."""


class Limiter(Protocol):
    """Shared by all processes: one request per interval and host."""

    def wait(self, host: str, interval: float) -> float:
        """Take a slot and wait for it."""

    def hold(self, host: str, seconds: float) -> None:
        """Nobody asks the host for so long."""


class Validators(Protocol):
    """Remembers validators by address."""

    def get(self, url: str) -> Validator | None:
        """Of the newest whole answer."""

    def put(self, url: str, etag: str | None, last_modified: str | None, capture_id: int) -> None:
        """Remember."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer that lies in the archive already, as the client would have received it."""

    capture: Capture
    """Where it is kept."""
    status: int
    """HTTP status as received."""
    headers: tuple[tuple[str, str], ...]
    """As received, without secrets."""
    body: bytes
    """As received: the content-encoding is kept."""
    earlier: bytes | None = None
    """For a 304: the decoded body that it stands for."""


class Replay(Protocol):
    """What a run that is continued has archived already."""

    def find(self, request: Request) -> Kept | None:
        """The answer to the same request, or None: then it is asked for."""


class Budget(Protocol):
    """Counts a day's requests for all workers."""

    def take(self, name: str, day: str, most: int, count: int = 1) -> bool:
        """Take some; whether there were so many left."""


class NoBudget:
    """Counts nothing: a budget is only kept where a store counts."""

    def take(self, _name: str, _day: str, _most: int, _count: int = 1) -> bool:
        """There are always more."""
        return True


class NoSecrets:
    """Knows no key."""

    def get(self, _name: str) -> str | None:
        """None."""
        return None


class NoValidators:
    """Asks unconditionally."""

    def get(self, _url: str) -> Validator | None:
        """Nothing is known."""
        return None

    def put(self, _url: str, _etag: str | None, _last_modified: str | None, _capture_id: int) -> None:
        """Nothing is remembered."""


def user_agent(contact: str) -> str:
    """Product, version and the office's contact; letters outside ASCII are percent-encoded."""
    return f"{SOFTWARE} (+{quote(contact, safe=' @:/+.,_-?=&%')})" if contact else SOFTWARE
