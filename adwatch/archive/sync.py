"""Brings finished WARC files into the object store and, if wanted, lets local ones go once that was proven.

A file is sent under the lock its writer held (flock): one that is being written, or sent by another process, is left.
Nothing is lost by a failure: the local file stays until a receipt stands beside it, and the next time goes on.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from adwatch.archive.object_store import ALTERED, MISSING, OF_THE_STORE, ObjectStore, ObjectStoreError
from adwatch.archive.receipts import Receipt, write_receipt
from adwatch.archive.shelf import StoredShelf
from adwatch.archive.upload import digest_of, interrupted, prove, put, read_back
from adwatch.archive.warc_file import MARK
from adwatch.errors import ArchiveError
from adwatch.failpoints import failpoint
from adwatch.ports import Progress


@dataclass(slots=True)
class SyncReport:
    """What was done, and what is wrong."""

    uploaded: int = 0
    """Files that were sent and proven."""
    size: int = 0
    """Their bytes."""
    found: int = 0
    """Files that the store had already: an earlier process died before it wrote the receipt."""
    adopted: int = 0
    """Files of the store that were unknown here."""
    removed: int = 0
    """Local files that were let go."""
    waiting: int = 0
    """Files that are here only, afterwards; those that are being written included."""
    stopped: bool = False
    """Whether the store as a whole could not be used."""
    problems: list[str] = field(default_factory=list)
    """Each with the object's address and what to do."""


class _Busy(Exception):
    """Somebody else has the file."""


@contextmanager
def _held(path: Path) -> Iterator[None]:
    """The lock of a finished file."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
            if path.with_name(path.name + MARK).exists():
                raise _Busy  # its writer is just beginning, or died and its end is not repaired yet
            yield
    except (BlockingIOError, FileNotFoundError) as error:
        raise _Busy from error


def sync(
    shelf: StoredShelf, now: datetime, proof: str, keep_days: int | None, progress: Progress | None = None
) -> SyncReport:
    """Send what waits, then let go what is old enough; what is wrong with one file stops no other."""
    report = SyncReport()
    names = shelf.waiting()
    try:
        for name in names:
            try:
                _send(shelf, name, now, proof, report)
            except _Busy:
                continue
            except ObjectStoreError as error:
                report.problems.append(str(error))
                if error.word in OF_THE_STORE:
                    report.stopped = True
                    return report
            if progress is not None:
                progress(1)
        if keep_days is not None:
            _let_go(shelf, now - timedelta(days=keep_days), report)
    finally:
        report.waiting = len(shelf.waiting())
    return report


def _send(shelf: StoredShelf, name: str, now: datetime, proof: str, report: SyncReport) -> None:
    path, store = shelf.inside(name), shelf.store
    with _held(path):
        if shelf.receipt(name) is not None:
            return  # another process came before us
        digest = digest_of(path, store.part)
        there = store.stat(name)
        if there is None:
            put(store, name, path, digest)
        stat, had = prove(store, name, digest, proof)
        failpoint("upload.proven")
        receipt = Receipt(store.url(name), digest.size, digest.sha256, stat.etag, stat.version, had, now.isoformat())
        write_receipt(path, receipt)
    if there is None:
        report.uploaded += 1
        report.size += digest.size
    else:
        report.found += 1


def _let_go(shelf: StoredShelf, before: datetime, report: SyncReport) -> None:
    """Remove local files that were proven long enough ago, if the store still has just that object."""
    for name in shelf.receipts():
        path, receipt = shelf.inside(name), shelf.receipt(name)
        if receipt is None or not path.exists() or datetime.fromisoformat(receipt.stored_at) > before:
            continue
        try:
            with _held(path):
                _unchanged(shelf.store, name, receipt)
                path.unlink()
            report.removed += 1
            failpoint("upload.removed")
        except _Busy:
            continue
        except ObjectStoreError as error:
            report.problems.append(f"{error}; the local file stays")
            if error.word in OF_THE_STORE:
                report.stopped = True
                return


def _unchanged(store: ObjectStore, name: str, receipt: Receipt) -> None:
    stat = store.stat(name)
    if stat is None:
        raise ObjectStoreError(MISSING, store.url(name), _version(receipt))
    if (stat.size, stat.etag) != (receipt.size, receipt.etag):
        raise ObjectStoreError(ALTERED, store.url(name), f"since {receipt.stored_at}{_version(receipt)}")


def _version(receipt: Receipt) -> str:
    return f"; ours is version {receipt.version}" if receipt.version else ""


def adopt(shelf: StoredShelf, now: datetime, progress: Progress | None = None) -> SyncReport:
    """Make receipts for files that only the store knows: after the loss of a disk, or of another installation.

    Each is read back and must have the digest that was written beside it when it was put.
    """
    report = SyncReport()
    known = set(shelf.names())
    for name in sorted(shelf.store.listed().keys() - known):
        try:
            stat = shelf.store.stat(name)
            if stat is None:
                continue
            if stat.sha256 is None or read_back(shelf.store, name, stat.size) != stat.sha256:
                raise ObjectStoreError(ALTERED, shelf.store.url(name), "not what it was put as")
        except ObjectStoreError as error:
            report.problems.append(str(error))
            if error.word in OF_THE_STORE:
                break
            continue
        url = shelf.store.url(name)
        receipt = Receipt(url, stat.size, stat.sha256, stat.etag, stat.version, "read", now.isoformat())
        write_receipt(shelf.inside(name), receipt)
        report.adopted += 1
        if progress is not None:
            progress(1)
    report.waiting = len(shelf.waiting())
    return report


@dataclass(slots=True)
class Comparison:
    """The receipts held against what the store lists; no object is read."""

    stored: int = 0
    """Files with a receipt."""
    size: int = 0
    """Their bytes."""
    away: int = 0
    """Those of them whose local file was let go."""
    waiting: int = 0
    """Files that are here only."""
    unknown: int = 0
    """Files of the store without a receipt here."""
    interrupted: int = 0
    """Uploads that were begun and not ended."""
    lock: str = ""
    """The bucket's object lock."""
    problems: list[str] = field(default_factory=list)


def compare(shelf: StoredShelf) -> Comparison:
    """How the archive stands in the store; an ObjectStoreError where that cannot be asked."""
    listed = shelf.store.listed()
    waiting = shelf.waiting()
    found = Comparison(waiting=len(waiting), interrupted=len(interrupted(shelf.store)), lock=shelf.store.lock())
    names = shelf.receipts()
    for name in names:
        try:
            receipt = shelf.receipt(name)
        except ArchiveError as error:
            found.problems.append(str(error))
            continue
        if receipt is None:
            continue
        found.stored += 1
        found.size += receipt.size
        found.away += not shelf.inside(name).exists()
        stat = listed.get(name)
        if stat is None:
            found.problems.append(str(ObjectStoreError(MISSING, shelf.store.url(name), _version(receipt))))
        elif (stat.size, stat.etag) != (receipt.size, receipt.etag):
            detail = f"since {receipt.stored_at}{_version(receipt)}"
            found.problems.append(str(ObjectStoreError(ALTERED, shelf.store.url(name), detail)))
    found.unknown = len(listed.keys() - set(names) - set(waiting))
    return found


def verify_stored(shelf: StoredShelf, progress: Progress | None = None) -> tuple[int, list[str]]:
    """Read every stored file back and compare its digest with the receipt: how many, and what is wrong."""
    problems: list[str] = []
    names = shelf.receipts()
    for name in names:
        try:
            receipt = shelf.receipt(name)
            if receipt is not None:
                _unchanged(shelf.store, name, receipt)
                if read_back(shelf.store, name, receipt.size) != receipt.sha256:
                    raise ObjectStoreError(ALTERED, shelf.store.url(name), f"read back{_version(receipt)}")
                if progress is not None:
                    progress(receipt.size)
        except ArchiveError as error:
            problems.append(str(error))
            if isinstance(error, ObjectStoreError) and error.word in OF_THE_STORE:
                break
    return len(names), problems
