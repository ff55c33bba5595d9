"""Takes in handed-over files: archived whole, then read back from the archive, classified, stored and indexed."""

from __future__ import annotations

import hashlib
import time
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from functools import partial
from pathlib import Path

from sqlalchemy import func, select

from adwatch.app.archive import bring
from adwatch.app.indexing import index_now
from adwatch.app.known_source import check_source
from adwatch.app.office import SOFTWARE, Office
from adwatch.app.results import PlatformResult
from adwatch.app.rows import flagged_on, lock_name
from adwatch.app.verification import relist
from adwatch.archive import open_body
from adwatch.errors import StageError, UsageError
from adwatch.models import Capture, Listing, StageReport, listing_key
from adwatch.ports import HandedFile, Progress
from adwatch.search import draining
from adwatch.stages.extract import store_listings
from adwatch.store import schema as s
from adwatch.store.captures import end_run, resource_digests, start_run
from adwatch.store.engine import reading
from adwatch.store.locks import run_lock
from adwatch.text import one_line
from collectors.captured import Captured
from collectors.handover import REFUSALS, ColumnTable, RejectWriter, handover_files, read_stream
from collectors.handover.provenance import made_with
from collectors.spec import PlatformSpec

KIND = "handover"
LARGE = 4_000_000
"""Bytes from which a second process keeps the index up while the first reads."""
LONGEST_NAME = 100
_NO_NAME = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
"""Kinds of characters (Unicode) that no name has: control, format (bidirectional marks too), lone halves, line ends."""


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
    new_source: bool = False,
) -> PlatformResult:
    """Take in a file or a folder as the platform's data; an unknown platform name makes a hand-over source, one that is
    nearly a known name only if a ``new_source`` is meant.

    ``by`` is the person who captured what is in it, ``made_by`` the program; without it the file's own word counts.
    """
    origin = {"captured_by": _said("--by", by), "captured_with": _said("--with", made_by)}
    if not platform.strip() or len(platform) > 100 or one_line(platform) != platform:
        raise UsageError(f"--platform {one_line(platform)!r}: give a name of 1 to 100 characters on one line")
    check_source(office, platform, new_source)
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
    text = value.strip()
    if not text or len(value) > LONGEST_NAME or any(unicodedata.category(char) in _NO_NAME for char in text):
        raise UsageError(
            f"{option}: 应为 1 至 {LONGEST_NAME} 字、不含换行和控制字符的名称"
            f" (write a name of 1 to {LONGEST_NAME} characters without control characters)"
        )
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
            longer=partial(_longer_stored, office),
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


def _longer_stored(office: Office, listing: Listing) -> bool:
    """Whether the listing's stored text is longer than this one."""
    version, item = s.listing_version, s.listing
    query = select(func.length(version.c.text)).join(item, item.c.version_id == version.c.id)
    key = listing_key(listing.platform, listing.native_id)
    with reading(office.engine) as connection:
        stored = connection.scalar(query.where(item.c.key == key))
    return int(stored or 0) > len(listing.text or "")


def _kept(items: Iterator[object], report: StageReport, rejects: RejectWriter | None) -> Iterator[Listing]:
    """Listings only; refused rows go to the reject file and are counted."""
    for item in items:
        if isinstance(item, Listing):
            yield item
            continue
        word = REFUSALS.get(item.reason, "被拒")  # type: ignore[attr-defined]
        report.drop(item.reason, f"{item.where}: {word}：{item.message}")  # type: ignore[attr-defined]
        if rejects is not None:
            rejects.write(item)  # type: ignore[arg-type]
