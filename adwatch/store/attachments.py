"""Files that belong to a case, a request or another subject: scans, letters, receipts, photographs, returned sheets.

A row names the file and its digest; the bytes lie once under ``attachments/`` in ADWATCH_HOME, by their digest. They
are on the disk before the row is: a crash between the two leaves bytes that no row names, never a row without bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from adwatch.errors import Deleted, StoreError
from adwatch.files import write_whole
from adwatch.models import Actor
from adwatch.store import schema as s
from adwatch.store.engine import CASEWORK_LOCK, advisory_lock, insert_id
from adwatch.store.erasures import ATTACHMENT, erased, erased_of, gone_attachments
from adwatch.store.opening import chunks

FOLDER = "attachments"
LONGEST_NAME = 200


def keep_attachment(
    connection: Connection,
    home: Path,
    content: bytes,
    *,
    name: str,
    media_type: str,
    subject: str,
    subject_id: int,
    kind: str,
    actor: Actor,
    now: datetime,
) -> dict[str, Any]:
    """Keep a file; gives its row. The same bytes for the same subject and kind are kept once: the first row stays.

    Taken turns with the deletion of files by the policy; what that deleted and somebody hands in again is kept anew.

    ``name`` is what the file was called: it is shown, and never becomes a path.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    same = (s.attachment.c.sha256 == sha256) & (s.attachment.c.kind == kind)
    same &= (s.attachment.c.subject == subject) & (s.attachment.c.subject_id == subject_id)
    advisory_lock(connection, CASEWORK_LOCK)
    found = connection.execute(select(s.attachment).where(same, ~erased(ATTACHMENT, s.attachment.c.id))).first()
    if found is not None:
        return dict(found._mapping)
    file = attachment_file(home, sha256)
    if not file.is_file():
        write_whole(file, content, "attachment.before_rename")
    row = {
        "sha256": sha256,
        "name": name[:LONGEST_NAME],
        "media_type": media_type,
        "size": len(content),
        "subject": subject,
        "subject_id": subject_id,
        "kind": kind,
        "at": now,
        "person": actor.person,
        "unit": actor.unit,
    }
    return {"id": insert_id(connection, s.attachment, **row), **row}


def attachments_of(connection: Connection, subject: str, subject_ids: Iterable[int]) -> dict[int, list[dict[str, Any]]]:
    """Rows by subject, oldest first; ``erased`` says in words when the policy deleted the file, None where it lies."""
    found: dict[int, list[dict[str, Any]]] = {}
    for ids in chunks(subject_ids):
        query = select(s.attachment).where(s.attachment.c.subject == subject, s.attachment.c.subject_id.in_(ids))
        rows = connection.execute(query.order_by(s.attachment.c.id)).all()
        gone = erased_of(connection, ATTACHMENT, [row.id for row in rows])
        for row in rows:
            said = gone[row.id].said if row.id in gone else None
            found.setdefault(row.subject_id, []).append({**row._mapping, "erased": said})
    return found


def attachment_bytes(connection: Connection, home: Path, sha256: str) -> bytes:
    """``read_attachment``; of a file that the policy deleted the error says when."""
    if not attachment_file(home, sha256).is_file() and (rule := gone_attachments(connection, [sha256]).get(sha256)):
        raise Deleted(f"附件 {sha256[:16]}…: {rule.said}")
    return read_attachment(home, sha256)


def read_attachment(home: Path, sha256: str) -> bytes:
    """The bytes of a file; a StoreError where they are missing or no longer what was kept."""
    file = attachment_file(home, sha256)
    try:
        content = file.read_bytes()
    except OSError as error:
        raise StoreError(f"{file}: cannot be read: {error.strerror}; restore it from the backup") from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise StoreError(f"{file}: is not what was kept (its digest differs); restore it from the backup")
    return content


def attachment_file(home: Path, sha256: str) -> Path:
    """Where the bytes lie."""
    return home / FOLDER / sha256[:2] / sha256
