"""Issues of the weekly list for a screen."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from sqlalchemy import select

from adwatch.app import casework
from adwatch.app.office import Office
from adwatch.store import schema as s
from adwatch.store.engine import reading


def issues(office: Office, most: int = 60) -> list[dict[str, Any]]:
    """What was issued, newest first: week, issue, as_of; without the rows."""
    t = s.export_issue.c
    query = select(t.week, t.issue, t.as_of).order_by(t.week.desc(), t.issue.desc()).limit(most)
    with reading(office.engine) as connection:
        return [dict(row._mapping) for row in connection.execute(query)]


def made(office: Office, week: str, form: str, reissue: bool) -> tuple[str, bytes]:
    """(name, bytes) of the list of a week; the first time it is made it is frozen, ``reissue`` makes another issue."""
    casework.refuse_early(office, week)
    with tempfile.TemporaryDirectory() as folder:
        files = casework.export(office, week, form, Path(folder), None, reissue)
        return files[0].name, files[0].read_bytes()
