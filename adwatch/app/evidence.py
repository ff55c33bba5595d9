"""Evidence as verbs call it."""

from __future__ import annotations

from typing import Any

from adwatch.app.office import Office
from adwatch.evidence import verify as verify_archive
from adwatch.ports import Progress
from adwatch.store.captures import captures


def size(office: Office) -> int:
    """Bytes of the archive, wherever its files are."""
    return sum(office.shelf.size(name) for name in office.shelf.names())


def verify(office: Office, progress: Progress | None = None) -> dict[str, Any]:
    """Check every WARC file and every capture row; each problem in words, naming file, offset and address."""
    report = verify_archive(office.shelf, captures(office.engine), progress)
    return {
        "ok": report.ok,
        "captures": report.captures,
        "files": report.files,
        "records": report.records,
        "bytes": report.size,
        "unclaimed": report.unclaimed,
        "problems": [str(problem) for problem in report.problems],
    }
