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
    word: str | None = None
    """What the site itself said by word (``answers``, ``interface.failures``); None where it said nothing."""


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
    made_from: str | None = None
    """Record id of the answer that the body was made of by us: it never went over the wire (a rendered page)."""


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


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a page asks for while it is rendered."""

    url: str
    """Address, its fragment included."""
    method: str
    """GET or POST."""
    headers: tuple[tuple[str, str], ...]
    """Those that may be passed on."""
    body: bytes = b""
    """Of a POST."""
    kind: str = ""
    """What for, in the browser's word: document, script, stylesheet, font, image, xhr, fetch."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came for it, at the end of all redirects."""

    url: str
    """Address that answered."""
    status: int
    """HTTP status."""
    headers: tuple[tuple[str, str], ...]
    """As received."""
    body: bytes
    """Decoded."""

    def header(self, name: str) -> str:
        """First value of a header, or nothing."""
        return next((value for key, value in self.headers if key.lower() == name), "")


Ask = Callable[[Wanted], Answer]
"""Fetches and archives; a FetchError says why it did not. Called from several threads."""

Keys = Callable[[bytes], frozenset[str]]
"""What tells the items on a page, as it stands, from one another; empty where there is none."""


@dataclass(frozen=True, slots=True)
class RenderWish:
    """How a page is to be rendered, and what it may cost."""

    platform: str
    """Pages of one platform share a profile that is thrown away."""
    user_agent: str
    """As our own client sends it."""
    wait_for: str | None = None
    """CSS selector: once it matches and nothing is asked for, the page is there."""
    steps: int = 0
    """How often it is scrolled, or its button clicked, at most."""
    more: str | None = None
    """CSS selector of that button; without it the page is scrolled."""
    hosts: tuple[str, ...] = ()
    """Hosts besides its own that the page may ask: host or host:port."""
    images: bool = False
    """Whether pictures are fetched."""
    screenshot: bool = True
    """Whether a picture of the page is taken."""
    seconds: float = 45.0
    """For all of it, and five more for each step that is taken."""
    requests: int = 100
    """Requests of the page at most, and twenty more for each step."""


@dataclass(slots=True)
class RenderedPage:
    """What came of it."""

    reason: str | None = None
    """Why there is no page: timeout | crashed | memory | too_large | no_browser | no_font."""
    message: str = ""
    """The same in a sentence."""
    url: str = ""
    """Of the page at the end, as the browser has it."""
    dom: bytes = b""
    """The page as it stands at the end, HTML in UTF-8; what a list showed before and has dropped is appended."""
    screenshot: bytes = b""
    """JPEG; empty where there is none."""
    goes_on: bool = False
    """Whether steps were used up while there was more."""
    facts: dict[str, object] = field(default_factory=dict)
    """Browser, what was refused, why loading ended: kept with the capture."""


class Renderer(Protocol):
    """Renders pages in a browser that has no network of its own."""

    def render(self, first: Answer, ask: Ask, wish: RenderWish, keys: Keys) -> RenderedPage:
        """One page whose answer is there already; comes back within the wish's limits whatever the page does."""


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
