"""Takes in handed-over files: archived whole, then read back from the archive, classified, stored and indexed."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from pathlib import Path

from adwatch.app.archive import bring
from adwatch.app.indexing import index_now
from adwatch.app.office import SOFTWARE, Office
from adwatch.app.results import PlatformResult
from adwatch.app.rows import flagged_on, lock_name
from adwatch.app.verification import relist
from adwatch.archive import open_body
from adwatch.errors import StageError, UsageError
from adwatch.models import Capture, Listing, StageReport
from adwatch.ports import HandedFile, Progress
from adwatch.search import draining
from adwatch.stages.extract import store_listings
from adwatch.store.captures import end_run, resource_digests, start_run
from adwatch.store.locks import run_lock
from adwatch.text import one_line
from collectors.captured import Captured
from collectors.handover import ColumnTable, RejectWriter, handover_files, read_stream
from collectors.handover.provenance import made_with
from collectors.spec import PlatformSpec

KIND = "handover"
LARGE = 4_000_000
"""Bytes from which a second process keeps the index up while the first reads."""
LONGEST_NAME = 100


def size(path: Path) -> int:
    """Bytes of a file, or of all files of a folder."""
    return sum(file.stat().st_size for file in handover_files(path))


def ingest(
    office: Office,
    path: Path,
    platform: str,
    day: str,
    progress: Progress | None = None,
    *,
    by: str | None = None,
    made_by: str | None = None,
) -> PlatformResult:
    """Take in a file or a folder as the platform's data; an unknown platform name makes a hand-over source.

    ``by`` is the person who captured what is in it, ``made_by`` the program; without it the file's own word counts.
    """
    origin = {"captured_by": _said("--by", by), "captured_with": _said("--with", made_by)}
    if not platform.strip() or len(platform) > 100 or one_line(platform) != platform:
        raise UsageError(f"--platform {one_line(platform)!r}: give a name of 1 to 100 characters on one line")
    files = handover_files(path)
    with run_lock(office.home, lock_name(platform)):
        return _ingest(office, path, files, platform, day, progress, origin)


def _ingest(
    office: Office,
    path: Path,
    files: list[Path],
    platform: str,
    day: str,
    progress: Progress | None,
    origin: Mapping[str, str | None],
) -> PlatformResult:
    result = PlatformResult(platform, day)
    started = time.monotonic()
    run_id = start_run(office.engine, "ingest", day, platform, KIND, office.clock.now())
    large = sum(file.stat().st_size for file in files) > LARGE
    rejects = RejectWriter(office.home / "rejects" / f"{lock_name(platform)}-{run_id}.jsonl")
    with rejects, draining(office.settings) if large else nullcontext():
        for file in files:
            name = file.relative_to(path).as_posix() if path.is_dir() else file.name
            capture = _keep(office, platform, day, file, name, run_id, origin)
            result.pages += 1
            read_resource(office, capture, result, rejects, progress)
    relist(office, day)
    result.indexed(index_now(office))
    bring(office, result)
    result.rejects = str(rejects.path) if rejects.count else None
    result.flagged = flagged_on(office.engine, platform, day)
    result.seconds = time.monotonic() - started
    end_run(office.engine, run_id, result.outcome, result.as_dict(), office.clock.now())
    return result


def ingest_folder(office: Office, spec: PlatformSpec, day: str, run_id: int, result: PlatformResult) -> None:
    """Take in the files of a watched folder that were not taken in before; a file is known by its content."""
    folder = Path(spec.handover.folder or f"inbox/{spec.name}")
    folder = folder if folder.is_absolute() else office.home / folder
    if not folder.is_dir():
        raise StageError(f"{spec.name}: the folder {folder} is not there; make it, or change handover.folder")
    known = resource_digests(office.engine, spec.name)
    with RejectWriter(office.home / "rejects" / f"{lock_name(spec.name)}-{run_id}.jsonl") as rejects:
        for file in handover_files(folder):
            with file.open("rb") as stream:
                if hashlib.file_digest(stream, "sha256").hexdigest() in known:
                    continue
            capture = _keep(office, spec.name, day, file, file.relative_to(folder).as_posix(), run_id)
            known.add(capture.sha256)
            result.pages += 1
            read_resource(office, capture, result, rejects)
        result.rejects = str(rejects.path) if rejects.count else None


def _said(option: str, value: str | None) -> str | None:
    """A name on one line; None where none was given."""
    if value is None:
        return None
    text = one_line(value, LONGEST_NAME)
    if not text or len(value) > LONGEST_NAME:
        raise UsageError(f"{option}: write a name of 1 to {LONGEST_NAME} characters")
    return text


def _keep(
    office: Office, platform: str, day: str, file: Path, name: str, run_id: int, origin: Mapping[str, str | None] = {}
) -> Capture:
    """Archive a file; who captured what is in it and with what goes into the capture's context, as far as known."""
    told = {"name": name, **origin, "captured_with": origin.get("captured_with") or made_with(file)}
    handed = HandedFile(
        platform=platform,
        day=day,
        path=file,
        received_at=office.clock.now(),
        operator=office.settings.contact or None,
        software=SOFTWARE,
        context={key: value for key, value in told.items() if value is not None},
    )
    return office.keep(KIND, run_id, handed)


def read_resource(
    office: Office,
    capture: Capture,
    result: PlatformResult,
    rejects: RejectWriter | None = None,
    progress: Progress | None = None,
) -> None:
    """Read, store and classify the listings of one archived hand-over file."""
    report = StageReport("extract")
    spec = office.platforms.get(capture.platform)
    columns = ColumnTable.load(office.settings.data).with_names(spec.handover.columns if spec else {})
    with open_body(office.shelf, capture) as stream:
        name = str(capture.context.get("name") or capture.url.removeprefix("file:"))
        items = read_stream(
            stream,
            name,
            capture.platform,
            columns=columns,
            kind=spec.listing_kind if spec else "product",
            captured=Captured(office.platforms),
            progress=progress,
            zone=office.settings.zone,
            report=report,
        )
        for versions in store_listings(
            office.engine,
            capture.platform,
            _kept(items, report, rejects),
            capture.day,
            capture.fetched_at,
            report,
            capture.id,
        ):
            office.classifier.classify(versions, capture.day)
    result.take(report)


def _kept(items: Iterator[object], report: StageReport, rejects: RejectWriter | None) -> Iterator[Listing]:
    """Listings only; refused rows go to the reject file and are counted."""
    for item in items:
        if isinstance(item, Listing):
            yield item
            continue
        report.drop(item.reason, f"{item.where}: {item.message}")  # type: ignore[attr-defined]
        if rejects is not None:
            rejects.write(item)  # type: ignore[arg-type]
