"""Protocols at the seams of the house: stages take these as arguments, so nothing is patched in tests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from adwatch.models import Capture, Listing, Outcome, Verdict


@dataclass(frozen=True, slots=True)
class Refused:
    """A row or item that could not be read as a listing."""

    reason: str
    """One word, counted."""
    where: str
    """File and line, or address and item number."""
    message: str
    """What is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something a source tells the patrol besides captures."""

    outcome: Outcome
    """The word that it counts under."""
    url: str
    """Where."""
    message: str
    """What happened."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer as they went over the wire, not yet archived."""

    platform: str
    """Name of the platform file."""
    day: str
    """The patrol day it belongs to."""
    role: str
    """robots | list | detail | check: what it was fetched for."""
    url: str
    """Address requested."""
    method: str
    """GET or POST."""
    fetched_at: datetime
    """When the answer was complete, UTC."""
    status: int
    """HTTP status."""
    reason: str = ""
    """Reason phrase of the status line."""
    request_headers: tuple[tuple[str, str], ...] = ()
    """As sent; secrets are removed by the archive."""
    request_body: bytes = b""
    """Body of a POST."""
    response_headers: tuple[tuple[str, str], ...] = ()
    """As received."""
    body: bytes = b""
    """As received: the content-encoding is kept."""
    server_ip: str | None = None
    """Address connected to."""
    operator: str | None = None
    """Contact of the office."""
    software: str = ""
    """Product and version."""
    truncated: str | None = None
    """length or time where the answer was cut off by our own limits."""
    earlier: Capture | None = None
    """For a 304: the capture whose body still stands."""
    context: dict[str, object] = field(default_factory=dict)
    """What extraction needs besides the body."""


@dataclass(frozen=True, slots=True)
class Validator:
    """What a site gave us to ask "has it changed?" with."""

    etag: str | None
    """ETag header."""
    last_modified: str | None
    """Last-Modified header."""
    capture: Capture
    """The whole answer that they came with."""


@dataclass(frozen=True, slots=True)
class HandedFile:
    """A file that was handed over, to be kept whole as evidence."""

    platform: str
    """Name of the hand-over source."""
    day: str
    """The day it is counted under."""
    path: Path
    """Where it lies; read twice, never changed."""
    received_at: datetime
    """When it was taken in, UTC."""
    content_type: str = "application/octet-stream"
    """As far as known."""
    operator: str | None = None
    """Contact of the office."""
    software: str = ""
    """Product and version."""
    context: dict[str, object] = field(default_factory=dict)
    """What extraction needs besides the bytes: columns, sheet, sender."""


class Source(Protocol):
    """Everything the patrol may ask of a platform."""

    name: str

    def collect(self, day: str, terms: Sequence[str], save: Save) -> Iterator[Capture | Event]:
        """Fetch politely; each exchange is saved (archived, stored) before it is yielded or read."""

    def extract(self, capture: Capture, body: bytes) -> Iterator[Listing | Refused]:
        """Read the listings out of one archived body; pure: no network, no clock."""


class Save(Protocol):
    """Archives one exchange, stores its capture row, and gives the capture with its id."""

    def __call__(self, exchange: Exchange | HandedFile) -> Capture: ...


class Judge(Protocol):
    """A classifier: the same text gives the same verdict whatever batch it came in."""

    version: str
    keyword_versions: str

    def judge(self, texts: Sequence[tuple[str | None, str | None]]) -> list[Verdict]:
        """Verdicts for (title, text) pairs, in order."""


@dataclass(frozen=True, slots=True)
class Refetched:
    """What a listing's address answers now."""

    word: str
    """gone | up | changed | moved | unknown."""
    listing: Listing | None
    """What was read, where something was."""
    capture: Capture | None
    """Evidence of the check."""
    message: str
    """Why this word."""
    rule: str = ""
    """What told it: a row of check_rules.csv."""


class Refetch(Protocol):
    """Fetches one known listing again, to verify a takedown."""

    def __call__(self, listing: Listing, day: str, save: Save) -> Refetched: ...


class Clock(Protocol):
    """Time as an argument."""

    def now(self) -> datetime:
        """Aware UTC time."""


class Secrets(Protocol):
    """Where keys come from: settings, or a scheduler's connections."""

    def get(self, name: str) -> str | None:
        """The secret, or None."""


Progress = Callable[[int], None]
"""Told the number of items or bytes done since the last call."""

Batch = Iterable[Listing | Refused]
