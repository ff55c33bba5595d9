"""Lists that hold the listings themselves, newest first: read down to what is known, and whole every so many days.

Such a list has no pages of items that could be left out: without this every patrol reads all of it. What was left out
was not seen: nothing vanishes by it, and the patrol is not complete.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime

from adwatch.http import Fetched
from adwatch.models import Listing
from collectors.extract import extract
from collectors.plan import Plan, Whole
from collectors.spec import Address, PlatformSpec

_FRESH = timedelta(minutes=1)
"""A Last-Modified as young as this is the time of the answer and says nothing of the list."""
_SAVED = 2
"""Pages that resting saves at least: a list of a page or two is read to its end."""


def list_key(way: str, address: Address) -> str:
    """16 hex digits that name a list, with all that the platform file says of it."""
    return hashlib.sha256(f"{way} {address.model_dump_json()}".encode()).hexdigest()[:16]


@dataclass(slots=True)
class Reading:
    """One list on its way."""

    earlier: Whole | None = None
    """The last reading to its end, where the list may rest today."""
    pages: int = 0
    """Pages read so far."""
    first: str = ""
    """What the first page said."""
    rests: bool = False
    """Whether the rest was left out."""


class Newest:
    """The lists of one patrol, and where each may be left."""

    def __init__(self, spec: PlatformSpec, plan: Plan, day: str) -> None:
        self.spec, self.plan, self.day = spec, plan, day
        self.readings: dict[str, Reading] = {}

    def begin(self, way: str, address: Address) -> Reading | None:
        """A list that is about to be read; None for one that never rests."""
        if way != "latest" or self.spec.detail is not None:
            return None
        key = list_key(way, address)
        return self.readings.setdefault(key, Reading(self.plan.whole.get(key)))

    def rest(self, reading: Reading, fetched: Fetched) -> str | None:
        """Whether the list can be left after this page, in a sentence: all of it is stored just as it is shown.

        Where nothing on the first page is new, and yet it says something else than the last time, something was taken
        away or changed further down: then the list is read whole.
        """
        reading.pages += 1
        if reading.pages > 1 and reading.earlier is None:
            return None
        shown = list(extract(self.spec, fetched.capture, fetched.body))
        listings = [one for one in shown if isinstance(one, Listing)]
        if reading.pages == 1:
            reading.first = _first(listings, fetched, reading.earlier)
        earlier = reading.earlier
        if earlier is None or earlier.pages - reading.pages < _SAVED:
            return None
        if not listings or len(listings) < len(shown) or not self.plan.known(listings):
            return None
        if reading.pages == 1 and reading.first != earlier.first:
            reading.earlier = None
            return None
        reading.rests = True
        return (
            f"all on page {reading.pages} is known: the rest of the list is left until it is read whole again, "
            f"as last on {earlier.day}"
        )

    def whole(self) -> Mapping[str, Whole]:
        """What a later patrol has to know of these lists, if none of them broke off."""
        return {key: self._kept(one) for key, one in self.readings.items()}

    def _kept(self, reading: Reading) -> Whole:
        if reading.rests and reading.earlier is not None:
            return Whole(reading.earlier.day, reading.earlier.pages, reading.first)
        return Whole(self.day, reading.pages, reading.first)


def _first(listings: Sequence[Listing], fetched: Fetched, earlier: Whole | None) -> str:
    """Which items a first page holds, and what it says of the time of the last change."""
    ids = hashlib.sha256("\n".join(sorted(one.native_id for one in listings)).encode()).hexdigest()[:16]
    if fetched.capture.status == 304 and earlier is not None:
        return f"{ids} {earlier.first.partition(' ')[2]}"
    return f"{ids} {_modified(fetched)}"


def _modified(fetched: Fetched) -> str:
    """The Last-Modified header; blank where there is none, or where it is only the time of the answer."""
    headers = {name.lower(): value for name, value in fetched.headers}
    told = headers.get("last-modified", "")
    try:
        modified = parsedate_to_datetime(told)
        answered = parsedate_to_datetime(headers["date"]) if "date" in headers else fetched.capture.fetched_at
        return "" if answered - modified < _FRESH else told
    except (ValueError, TypeError):
        return told  # no date that can be read: as good as any other text to compare
