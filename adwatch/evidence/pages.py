"""Holds full captures against the audit log and their files: a row altered, a capture gone, a byte flipped is named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from adwatch.errors import StoreError
from adwatch.store import schema as s
from adwatch.store.attachments import read_attachment
from adwatch.store.audit import pages as log_pages
from adwatch.store.erasures import gone_attachments

ACTION = "evidence.capture"
_PAGE = {"yield_per": 500}


def check_pages(connection: Connection, home: Path) -> tuple[int, list[str]]:
    """(full captures that are there, what is wrong in words)."""
    told, deleted = dict(_told(connection)), gone_attachments(connection)
    row, count, faults = s.page_capture.c, 0, []
    query = select(row.id, row.case_id, row.state, row.occasion, row.files).order_by(row.id)
    for found in connection.execute(query, execution_options=_PAGE):
        count += 1
        name = f"page capture {found.id} of case {found.case_id}"
        said = told.pop(found.id, None)
        kept = {kind: file["sha256"] for kind, file in found.files.items()}
        if said is None:
            faults.append(f"{name}: the audit log does not tell of it")
        elif (said["state"], said["occasion"], said["files"]) != (found.state, found.occasion, kept):
            faults.append(f"{name}: its row is not what the audit log tells of it")
        for kind, sha256 in kept.items():
            if sha256 in deleted:
                continue
            try:
                read_attachment(home, sha256)
            except StoreError as error:
                faults.append(f"{name}: {kind}: {error}")
    return count, faults + [f"page capture {number}: is gone from the store" for number in told]


def _told(connection: Connection) -> Iterator[tuple[int, dict[str, Any]]]:
    query = select(s.audit_entry).where(s.audit_entry.c.action == ACTION)
    for page in log_pages(connection, query):
        for entry in page:
            yield entry["detail"]["page_capture"], entry["detail"]
