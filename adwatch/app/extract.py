"""Listings out of archived captures: of a run just made, or of a whole day from the archive alone."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from adwatch.app.ingest import read_resource
from adwatch.app.office import Office
from adwatch.app.results import PlatformResult
from adwatch.app.rows import flagged_on, lock_name
from adwatch.archive import captures_from_archive, read_body
from adwatch.errors import UsageError
from adwatch.models import Capture, Listing, StageReport
from adwatch.ports import Progress, Refused
from adwatch.search import push
from adwatch.stages.classify import classify_backlog
from adwatch.stages.extract import read_captures, store_listings
from adwatch.store.captures import store_capture
from adwatch.store.locks import run_lock
from collectors.source import make_source
from collectors.spec import PlatformSpec

WITH_LISTINGS = ("list", "detail")
"""Roles of captures that hold listings; robots.txt and checks hold none."""


def extract_captures(
    office: Office, spec: PlatformSpec, captures: Iterable[Capture], day: str, result: PlatformResult
) -> None:
    """Read and store the listings of a platform's captures; their versions become the classify backlog."""
    source = make_source(spec, None)
    report = StageReport("extract")

    def extract(capture: Capture) -> Iterator[Listing | Refused]:
        return source.extract(capture, read_body(office.settings.archive_root, capture))

    wanted = (capture for capture in captures if capture.role in WITH_LISTINGS and capture.status < 400)
    listings = read_captures(wanted, extract, report)
    for _versions in store_listings(office.engine, spec.name, listings, day, office.clock.now(), report):
        pass
    result.take(report)


def extract_day(
    office: Office, day: str, only: Sequence[str] | None = None, progress: Progress | None = None
) -> Iterator[PlatformResult]:
    """Rebuild the listings of a day from the archive: capture rows, listings, verdicts, index."""
    found = sorted(captures_from_archive(office.settings.archive_root, day), key=lambda c: (c.platform, c.fetched_at))
    platforms = {capture.platform for capture in found}
    for name in only or ():
        if name not in platforms:
            raise UsageError(f"--platform {name}: nothing of it in the archive of {day}")
    for name, group in groupby(found, key=lambda capture: capture.platform):
        if only and name not in only:
            continue
        with run_lock(office.home, lock_name(name)):
            yield _extract_platform(office, name, list(group), day, progress)


def _extract_platform(
    office: Office, name: str, captures: list[Capture], day: str, progress: Progress | None
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
    classify_backlog(office.classifier, day, progress)
    push(office.engine, office.index)
    result.flagged = flagged_on(office.engine, name, day)
    result.seconds = time.monotonic() - started
    return result
