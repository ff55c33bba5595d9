"""The archive in an object store, as verbs, patrols and doctor call it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from adwatch.app.office import Office
from adwatch.app.results import PlatformResult
from adwatch.archive import ObjectStoreError, StoredShelf
from adwatch.archive import sync as work
from adwatch.errors import AdWatchError, UsageError
from adwatch.ports import Progress

Facts = dict[str, Any]


def _stored(office: Office) -> StoredShelf:
    if not isinstance(office.shelf, StoredShelf):
        raise UsageError("the archive is a folder only; set ADWATCH_ARCHIVE_URL=s3://BUCKET/PREFIX (docs/deploy.md)")
    return office.shelf


def bring(office: Office, result: PlatformResult) -> None:
    """Bring finished files into the object store at the end of a platform's work; what fails is a note in its report.

    The day's work is done and nothing is lost: the files wait, and the outcome stays what it is.
    """
    if not isinstance(office.shelf, StoredShelf):
        return
    if "archive" in office.__dict__:
        office.archive.finish(result.platform, result.day)
    if not office.store_trouble:
        try:
            report = _sync(office, office.shelf)
        except AdWatchError as error:
            office.store_trouble = str(error)
        else:
            result.notes[:0] = [_told(problem) for problem in report.problems]  # first: reports show the first few
            office.store_trouble = report.problems[-1] if report.stopped else ""
            return
    result.notes.insert(0, _told(office.store_trouble))


def _told(problem: str) -> str:
    return f"archive not uploaded 存档未上传: {problem}; the files wait: adwatch archive sync"


def _sync(office: Office, shelf: StoredShelf, progress: Progress | None = None) -> work.SyncReport:
    settings = office.settings
    return work.sync(shelf, office.clock.now(), settings.archive_proof, settings.archive_keep_days, progress)


def waiting(office: Office) -> int:
    """Files that wait for their upload."""
    return len(_stored(office).waiting())


def sync(office: Office, adopt: bool = False, progress: Progress | None = None) -> Facts:
    """Bring everything that waits into the object store; with ``adopt`` take over what only the store knows."""
    shelf = _stored(office)
    office.archive  # noqa: B018 - opening it repairs what a dead process left
    report = _sync(office, shelf, progress)
    if adopt and not report.stopped:
        taken = work.adopt(shelf, office.clock.now(), progress)
        report.adopted = taken.adopted
        report.problems += taken.problems
    return asdict(report)


def status(office: Office) -> Facts:
    """How the archive stands in the object store, by what that lists."""
    shelf = _stored(office)
    found = work.compare(shelf)
    return {"url": shelf.store.address.url, "folder": str(shelf.root), **asdict(found)}


def stored_bytes(office: Office) -> int:
    """Bytes that a verification reads."""
    shelf = _stored(office)
    return sum(receipt.size for name in shelf.receipts() if (receipt := shelf.receipt(name)) is not None)


def verify(office: Office, progress: Progress | None = None) -> Facts:
    """Read every stored file back and compare it with its receipt."""
    shelf = _stored(office)
    files, problems = work.verify_stored(shelf, progress)
    return {"url": shelf.store.address.url, "files": files, "problems": problems}


def examine(office: Office) -> tuple[str, str]:
    """What doctor says of the object store: ok, warn or error, and in words."""
    try:
        found = status(office)
    except ObjectStoreError as error:
        return "error", f"{error}; {waiting(office):,} files wait here"
    size = f"{found['stored']:,} files, {found['size'] / 1e9:.2f} GB"
    said = f"{found['url']}: {size}, {found['away']:,} of them only there, {found['waiting']:,} wait here"
    said += f"; object lock: {found['lock']}"
    if found["problems"]:
        return "error", f"{said}; {len(found['problems']):,} damaged: {found['problems'][0]}"
    hints = []
    if found["unknown"]:
        hints.append(f"{found['unknown']:,} files there are unknown here: adwatch archive sync --adopt")
    if found["interrupted"]:
        hints.append(f"{found['interrupted']:,} uploads were interrupted: adwatch archive sync takes them up")
    if found["waiting"]:
        hints.append("adwatch archive sync brings what waits")
    return ("warn" if hints else "ok"), "; ".join([said, *hints])
