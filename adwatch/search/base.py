"""What every search index can do, and what "found" means, whichever engine answers.

A listing is found when normal(query) is a substring of normal(title), normal(text) or normal() of what was read of one
of its pictures, all masked. A pasted address
also finds the listing of that normal form; a typed contact also finds the listings that hold its key.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from adwatch.errors import SearchError, UsageError
from adwatch.search.document import Document
from adwatch.search.keys import contact_key, typed_contact
from adwatch.search.snippet import snippet
from adwatch.text import normal, url_norm

LONGEST_QUERY = 1000
"""Folded characters; a longer phrase is a text, not a search."""

COUNTED = 10_000
"""Beyond this many the number found is a lower bound, as it is in Elasticsearch."""


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked."""

    text: str
    """Words, an http(s) address, or a contact; blank finds everything within the filters."""
    platform: str | None = None
    """Only this platform."""
    first_day: str | None = None
    """Only listings seen on this day or later, YYYY-MM-DD."""
    last_day: str | None = None
    """Only listings seen on this day or earlier."""
    everything: bool = False
    """All listings, not only flagged ones."""
    limit: int | None = 20
    """At most so many hits; None for all."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A query as the engines take it: any of the three."""

    phrase: str
    """Folded text; empty: no phrase."""
    url: str | None
    """Normal form of the address that was pasted."""
    contact: str | None
    """Key of the contact that was typed."""

    @property
    def anything(self) -> bool:
        """Whether nothing in particular is asked."""
        return not (self.phrase or self.url or self.contact)


@dataclass(frozen=True, slots=True)
class Hit:
    """One listing found."""

    body: dict[str, Any]
    """The stored fields of its document."""
    asked: str
    """The query's text, for the snippet."""

    def snippet(self) -> tuple[str, tuple[tuple[int, int], ...]]:
        """One line of masked text around the first place found, and the spans of the query in it."""
        body = self.body
        return snippet(body.get("title"), body.get("text"), self.asked, body.get("picture_text", ()))

    def as_dict(self) -> dict[str, Any]:
        """What ``adwatch search --json`` prints; absent is null."""
        shown = ("listing_id", "platform", "native_id", "url", "title")
        more = ("band", "scope", "offer_types", "certificate_kinds", "score", "first_seen", "last_seen")
        values = {name: self.body.get(name) for name in shown}
        values |= {"snippet": self.snippet()[0], "flagged": self.body["flagged"], "state": self.body.get("state")}
        return values | {name: self.body.get(name) for name in more}


@dataclass(frozen=True, slots=True)
class Found:
    """The answer: hits in order of flagged, score, first day (newest first), listing id."""

    hits: list[Hit]
    total: int
    """How many there are."""
    exact: bool
    """Whether total is the number, not only a lower bound."""


@dataclass(slots=True)
class Put:
    """What an index did with a batch; when it returns, the batch is durable."""

    kept: int = 0
    """Documents that were new or changed."""
    older: int = 0
    """Documents of which the index holds a newer version."""
    refused: list[tuple[Document, str]] = field(default_factory=list)
    """Documents it will not take, and why."""


@dataclass(frozen=True, slots=True)
class Status:
    """State of an index."""

    name: str
    """Where it is."""
    documents: int
    flagged: int
    size_bytes: int | None
    health: str
    """One word or sentence; "ok" when all is well."""
    care: dict[str, str] = field(default_factory=dict)
    """What a cluster does for it besides: lifecycle, snapshots; in words."""


class SearchIndex(Protocol):
    """A view of the store that can be dropped and rebuilt."""

    name: str
    """Where it is, for people."""
    home: Path
    """Folder of the lock and of the contact secret."""
    secret: bytes
    """Secret of the contact keys."""

    @property
    def generation(self) -> int | None:
        """Number of a new generation that searches do not see; None for the one that they do."""

    def prepare(self) -> bool:
        """Make it when there is none, and say whether it was made; SearchError when it has another layout."""

    def put(self, documents: Sequence[Document]) -> Put:
        """Upsert; a lower version never overwrites a higher one."""

    def refresh(self) -> None:
        """What was put is found from now on."""

    def forget(self) -> int:
        """What was replaced leaves the disk too, not only what is found; takes minutes where there is much of it.

        How many replaced documents stand there still, as others write meanwhile.
        """

    def search(self, query: Query) -> Found:
        """Listings found, in the order of Found."""

    def holding(self, phrases: Sequence[str]) -> Iterator[str]:
        """Ids of all listings, flagged or not, in which any of the phrases is found; each once, in no order.

        A phrase without a letter or digit is found nowhere. Costs what is found, not what is stored.
        """

    def newest(self) -> int:
        """Highest version in it; 0 when empty."""

    def parts(self) -> tuple[str, ...]:
        """What it holds: "all" listings, "hits" (ever flagged, or with a case) apart, or both."""

    def newer(self, version: int) -> Iterator[str]:
        """Ids of the listings that it has in that version or a later one; none where it has another layout."""

    def entries(self, part: str = "all") -> Iterator[tuple[str, str]]:
        """(listing id, first day) of a part, sorted."""

    def bodies(self, documents: Sequence[Document], part: str = "all") -> list[dict[str, Any] | None]:
        """What a part holds for each of these, in order."""

    def rebuilding(self, generation: int = 0) -> SearchIndex:
        """A generation beside this one, which searches do not see: the unfinished one of that number where it is still
        there, else an empty new one. Other remains are dropped.
        """

    def switch(self) -> None:
        """Let searches see this generation, in one step."""

    def drop_others(self) -> None:
        """Drop every other generation, once nobody reads in it."""

    def drop(self) -> None:
        """Delete it."""

    def status(self) -> Status:
        """Counts, size and health."""

    def close(self) -> None:
        """Let go of files and connections."""


def another_version(name: str) -> SearchError:
    """What is said of an index of another layout."""
    return SearchError(f"{name}: made by another version of AdWatch; run adwatch index rebuild", "another version")


def folded_phrases(phrases: Sequence[str]) -> list[str]:
    """The phrases as they are looked for, each once; what is too long to be found is left out."""
    folded = dict.fromkeys(map(normal, phrases))
    return [phrase for phrase in folded if phrase and len(phrase) <= LONGEST_QUERY]


def wanted(query: Query, secret: bytes) -> Wanted:
    """Read a query; UsageError when nothing of it can be searched."""
    text = query.text.strip()
    phrase = normal(text)
    if text and not phrase:
        raise UsageError(f"{text[:40]!r} holds no letter or digit; a search needs at least one")
    if len(phrase) > LONGEST_QUERY:
        raise UsageError(f"the search has {len(phrase)} letters and digits; {LONGEST_QUERY} are the most")
    contact = typed_contact(text)
    address = text if text.lower().startswith(("http://", "https://")) else ""
    return Wanted(phrase, url_norm(address) if address else None, contact_key(secret, contact) if contact else None)
