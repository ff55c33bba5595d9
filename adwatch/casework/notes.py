"""Notes of people on a case: appended to its history, never changed."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import Engine

from adwatch.errors import UsageError
from adwatch.failpoints import failpoint
from adwatch.models import Actor
from adwatch.store.audit import Entry, append_entries
from adwatch.store.cases import case_by_id
from adwatch.store.engine import writing
from adwatch.store.opening import add_event

LONGEST = 2_000
"""Characters of a note."""


def add_note(engine: Engine, case_id: int, text: str, actor: Actor, now: datetime) -> None:
    """Add a note; the audit log keeps its digest, since a note may name people and the log is exported."""
    text = text.strip()
    if not text or len(text) > LONGEST:
        raise UsageError(f"备注须有内容，不超过 {LONGEST} 字")
    digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
    with writing(engine) as connection:
        if case_by_id(connection, case_id) is None:
            raise UsageError(f"案件 {case_id}: 没有这个编号；用 adwatch review list 查看")
        add_event(connection, "case", case_id, "noted", actor.person, now, {"unit": actor.unit, "text": text})
        append_entries(connection, [Entry.of(actor, "case.note", "case", case_id, now, {"sha256": digest})])
    failpoint("audit.after_commit")
