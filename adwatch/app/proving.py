"""What shows that a patrol's figures can be believed: a known listing looked up on a day of nothing, and yesterday's
archive read by today's file.

A zero is only sure where something that must be there was found. And a platform file, or our own code, that no longer
reads what it read yesterday is told by pages that have not changed: those in the archive.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from adwatch.app.office import Office
from adwatch.app.results import PlatformResult
from adwatch.app.resume import replay_of
from adwatch.archive import read_body
from adwatch.errors import ArchiveError
from adwatch.models import Capture, Listing
from adwatch.store.known import last_known, read_from, stored_contents
from adwatch.store.runs import Run, day_before, sampled_captures
from collectors.extract import extract
from collectors.refetch import PlatformRefetch
from collectors.source import make_client
from collectors.spec import PlatformSpec

SAMPLE = {"list": 40, "detail": 60}
"""Archived pages of each role that are read again: a second of work for a platform at most."""
THERE = ("up", "changed")


@dataclass(slots=True)
class Reread:
    """An earlier day's pages, read by the file as it is now."""

    day: str | None = None
    """The day; None where nothing was archived before."""
    pages: int = 0
    """Pages read again."""
    listings: int = 0
    """Listings read out of them."""
    same: int = 0
    """Of these stored just so."""
    lost: int = 0
    """Listings that were read out of these pages and are not any more."""
    unreadable: int = 0
    """Pages that the archive does not give."""

    @property
    def word(self) -> str:
        """none | same | differs."""
        if not self.pages:
            return "none"
        return "same" if self.same == self.listings and not self.lost else "differs"


def reread(office: Office, spec: PlatformSpec, day: str) -> Reread:
    """Read a sample of the last patrolled day before ``day`` again, without the network and storing nothing."""
    found = Reread()
    if spec.kind == "handover" or spec.is_template:
        return found
    found.day = day_before(office.engine, spec.name, day)
    if found.day is None:
        return found
    captures = sampled_captures(office.engine, spec.name, found.day, SAMPLE)
    read: dict[int, list[Listing]] = {}
    for capture in captures:
        try:
            read[capture.id or 0] = _listings(spec, capture, read_body(office.shelf, capture))
        except ArchiveError:
            found.unreadable += 1
    found.pages = len(read)
    every = [one for listings in read.values() for one in listings]
    stored = stored_contents(office.engine, every)
    found.listings = len(every)
    found.same = sum((one.native_id, one.content_sha256) in stored for one in every)
    for capture_id, native_ids in read_from(office.engine, read).items():
        found.lost += len(native_ids - {one.native_id for one in read[capture_id]})
    return found


def _listings(spec: PlatformSpec, capture: Capture, body: bytes) -> list[Listing]:
    return [one for one in extract(spec, capture, body) if isinstance(one, Listing)]


def prove(office: Office, day: str, spec: PlatformSpec, run: Run, result: PlatformResult) -> None:
    """Say in the result how sure it is; at most one request, on a day on which nothing was seen."""
    again = reread(office, spec, day)
    result.reread = again.word
    if again.word == "differs":
        changed = again.listings - again.same
        told = f"{again.pages} archived pages of {again.day} read again: {changed} of {again.listings} listings differ"
        message = f"{told}, {again.lost} are lost; was {spec.name}.yml changed?"
        if again.lost * 10 > again.lost + again.listings:
            result.add("layout_changed", f"layout_changed: {message}")
        else:
            result.notes.append(message)
    if not result.seen and set(result.outcomes) <= {"empty", "layout_changed", "stale", "ok"} and not result.spent:
        _look_up(office, day, spec, run, result)


def _look_up(office: Office, day: str, spec: PlatformSpec, run: Run, result: PlatformResult) -> None:
    """Ask for the listing that was seen last: where it is still there, lists without anything tell nothing."""
    known = last_known(office.engine, spec.name, day)
    if known is None:
        return
    client = make_client(spec, office.tools, replay=replay_of(office, run))
    try:
        found = PlatformRefetch(spec, client)(known, day, partial(office.keep, spec.kind, run.id))
    finally:
        client.close()
    result.known = found.word
    if found.word in THERE:
        message = f"nothing is listed, yet {known.url} is still there: this zero is none"
        result.add("layout_changed", f"layout_changed: {message}")
