"""Evidence as verbs call it."""

from __future__ import annotations

from typing import Any

from adwatch.app.office import Office
from adwatch.evidence import verify as verify_archive
from adwatch.evidence.erased import check_erasures
from adwatch.evidence.pages import check_pages
from adwatch.ports import Progress
from adwatch.store.captures import captures
from adwatch.store.engine import reading
from adwatch.store.retention import expired_names


def size(office: Office) -> int:
    """Bytes of the archive, wherever its files are."""
    return sum(office.shelf.size(name) for name in office.shelf.names())


def verify(office: Office, progress: Progress | None = None) -> dict[str, Any]:
    """Check every WARC file, capture row, full capture and tombstone; each problem in words, naming where it is."""
    with reading(office.engine) as connection:
        expired = expired_names(connection)
        pages, page_faults = check_pages(connection, office.home)
        erased, erasure_faults = check_erasures(connection, office.home)
    report = verify_archive(office.shelf, captures(office.engine), progress, expired)
    return {
        "ok": report.ok and not page_faults and not erasure_faults,
        "captures": report.captures,
        "files": report.files,
        "records": report.records,
        "bytes": report.size,
        "unclaimed": report.unclaimed,
        "expired": report.expired,
        "pages": pages,
        "erased": erased,
        "problems": [*(str(problem) for problem in report.problems), *page_faults, *erasure_faults],
    }
