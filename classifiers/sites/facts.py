"""What is known of a captured page before it is judged, and what a judgement is made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """A page as it was captured."""

    url: str
    """Address, after redirects."""
    html: str
    """The document, plain or as rendered."""
    status: int
    """HTTP status; 0 where no answer came."""
    day: date
    """As of which the register is asked."""
    certificate_from: datetime | None = None
    """When the TLS certificate's validity began, UTC; None over plain HTTP or where unknown."""
    likeness: float | None = None
    """Perceptual likeness of its screenshot to the office's capture of an official site, 0..1."""
    certificate_issuer: str = ""
    """Who issued the TLS certificate; empty over plain HTTP."""
    icon_like: str = ""
    """Official host whose icon it shows; empty where none is alike."""
    structure_like: tuple[str, float] | None = None
    """(official host, likeness 0..1) of the page whose structure is nearest."""
    pictured: str = ""
    """What was read on its screenshot, a line a piece; empty where nothing was."""
    mainland: str = ""
    """Who hosts it on the mainland, by the server's address; empty where that is not known."""


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that speaks for or against."""

    name: str
    points: float
    why: str
