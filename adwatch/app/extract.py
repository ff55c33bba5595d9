"""Listings out of archived captures: of a run just made, or of a whole day from the archive alone."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from urllib.parse import unquote

from adwatch.app.archive import bring
from adwatch.app.indexing import index_now
from adwatch.app.ingest import read_resource
from adwatch.app.office import Office
from adwatch.app.results import PlatformResult
from adwatch.app.rows import flagged_on, lock_name
from adwatch.app.verification import relist
from adwatch.archive import captures_from_archive, notes_from_archive, read_body
from adwatch.errors import StageError, UsageError
from adwatch.models import Capture, Listing, StageReport
from adwatch.ports import Progress, Refused
from adwatch.stages.classify import classify_backlog
from adwatch.stages.extract import read_captures, store_listings
from adwatch.store.captures import store_capture
from adwatch.store.locks import run_lock
from adwatch.store.looks import Look, Sighting, mark_vanished, record, seen_since
from collectors.replies import is_further, is_reply, prefix_of
from collectors.sightings import link_of, links_in, shown_of
from collectors.source import PlatformSource, make_source
from collectors.spec import PlatformSpec

WITH_LISTINGS = ("list", "detail")
"""Roles of captures that hold listings; robots.txt, probes and checks hold none."""


@dataclass(slots=True)
class Reading:
    """Reads one platform's captures and gathers what they say besides listings."""

    office: Office
    source: PlatformSource
    looks: list[Look] = field(default_factory=list)
    sightings: list[Sighting] = field(default_factory=list)
    listings: int = 0
    lacking: Counter[str] = field(default_factory=Counter)
    """Listings that lack a field which the platform file requires."""

    @property
    def spec(self) -> PlatformSpec:
        """The platform."""
        return self.source.spec

    def extract(self, capture: Capture) -> Iterator[Listing | Refused]:
        """Listings of one capture; looks and sightings are gathered on the way."""
        detail = capture.role == "detail"
        item_page = detail and not is_further(capture)
        if capture.status >= 400:
            if item_page and capture.status in self.spec.gone.status:
                self.looks.append(Look(link_of(capture), capture.fetched_at, None))
            return
        body = read_body(self.office.shelf, capture)
        for link in links_in(self.spec, capture, body):
            self.sightings.append(Sighting(link, capture.fetched_at))
        for item in self.source.extract(capture, body):
            if isinstance(item, Refused):
                if item_page and item.reason == "gone":
                    self.looks.append(Look(link_of(capture), capture.fetched_at, None))
            else:
                reply = is_reply(self.spec, item.native_id)
                if not reply:
                    self._count(item)
                if detail and not reply:
                    shown = shown_of(self.spec, capture)
                    self.looks.append(Look(link_of(capture), capture.fetched_at, item.native_id, shown))
            yield item

    def _count(self, item: Listing) -> None:
        self.listings += 1
        for name in self.spec.expect.required:
            if not getattr(item, "price_text" if name == "price" else name):
                self.lacking[name] += 1

    def store(self, day: str) -> None:
        """Store what was gathered so far."""
        record(self.office.engine, self.spec.name, self.looks, self.sightings, day)
        self.looks.clear()
        self.sightings.clear()


def extract_captures(
    office: Office, spec: PlatformSpec, captures: Iterable[Capture], day: str, result: PlatformResult
) -> None:
    """Read and store the listings of a platform's captures; their versions become the classify backlog."""
    reading = Reading(office, make_source(spec, None))
    report = StageReport("extract")
    wanted = (capture for capture in captures if capture.role in WITH_LISTINGS)
    listings = read_captures(wanted, reading.extract, report)
    for _versions in store_listings(office.engine, spec.name, listings, day, office.clock.now(), report):
        reading.store(day)
    reading.store(day)
    result.take(report)
    for name, count in reading.lacking.items():
        if count * 10 > reading.listings:
            result.add("layout_changed", f"{count} of {reading.listings} listings have no {name}; check its rule")


def extract_day(
    office: Office, day: str, only: Sequence[str] | None = None, progress: Progress | None = None
) -> Iterator[PlatformResult]:
    """Rebuild the listings of a day from the archive: capture rows, listings, verdicts, index.

    A platform that cannot be rebuilt, or whose files are damaged, has the outcome ``error`` and stops no other; of
    damaged files all that can be read is rebuilt.
    """
    root = office.shelf
    damage: list[str] = []
    found = sorted(captures_from_archive(root, day, damage.append), key=lambda c: (c.platform, c.fetched_at))
    complete: dict[str, list[datetime]] = {}
    for note in notes_from_archive(root, day, lambda _told_above: None):
        if note["vanishing"]:
            complete.setdefault(note["platform"], []).append(datetime.fromisoformat(note["started_at"]))
    damaged = _by_platform(damage, found)
    platforms = {capture.platform for capture in found} | damaged.keys()
    for name in only or ():
        if name not in platforms:
            raise UsageError(f"--platform {name}: nothing of it in the archive of {day}")
    by_platform = {name: list(group) for name, group in groupby(found, key=lambda capture: capture.platform)}
    for name in sorted(platforms):
        if only and name not in only:
            continue
        captures = by_platform.get(name, [])
        # where a page cannot be read, what stood on it has not vanished
        begun = sorted(complete.get(name, [])) if name not in damaged else []
        result = PlatformResult(name, day, pages=len(captures))
        try:
            with run_lock(office.home, lock_name(name)):
                if captures:
                    result = _extract_platform(office, name, captures, day, begun, progress)
        except (StageError, UsageError) as error:
            result.add("error", str(error))
        for message in damaged.get(name, ()):
            result.add("error", message)
        bring(office, result)
        yield result


def _by_platform(damage: Sequence[str], found: Sequence[Capture]) -> dict[str, list[str]]:
    """What is damaged (told as FILE: message), by the platform whose file it is."""
    known = {capture.warc: capture.platform for capture in found}
    by_platform: dict[str, list[str]] = {}
    for message in damage:
        file = message.partition(":")[0]
        # of a file without a readable capture, its name tells: PLATFORM-TIME-PROCESS-RANDOM
        platform = known.get(file) or unquote(file.rpartition("/")[2].rsplit("-", 3)[0])
        by_platform.setdefault(platform, []).append(message)
    return by_platform


def _extract_platform(
    office: Office,
    name: str,
    captures: list[Capture],
    day: str,
    complete: list[datetime],
    progress: Progress | None,
) -> PlatformResult:
    started = time.monotonic()
    result = PlatformResult(name, day, pages=len(captures))
    spec = office.platforms.get(name)
    kind = spec.kind if spec else "handover"
    stored = [replace(c, id=store_capture(office.engine, c, kind, None)) for c in captures]
    for capture in stored:
        if capture.role == "resource":
            read_resource(office, capture, result)
    if spec is not None and spec.kind != "handover":
        extract_captures(office, spec, stored, day, result)
        for begun in complete:
            mark_vanished(office.engine, name, begun, day, prefix_of(spec))
        seen = seen_since(office.engine, name, stored[0].fetched_at, day)
        result.seen, result.vanished = seen.listings, seen.vanished
    classify_backlog(office.classifier, day, progress)
    relist(office, day)
    result.indexed(index_now(office))
    result.flagged = flagged_on(office.engine, name, day)
    result.seconds = time.monotonic() - started
    return result
