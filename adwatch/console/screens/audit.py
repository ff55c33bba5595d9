"""审计: the chained log of who did what; it is checked here and given out whole."""

from __future__ import annotations

import tempfile
from pathlib import Path

from fastapi import APIRouter
from starlette.responses import Response

from adwatch.app import accounts, audit
from adwatch.console import pages
from adwatch.console.desk import At
from adwatch.console.screens import Screen

router = APIRouter()
SCREEN = Screen("audit", "审计", 95, accounts.RIGHTS["audit"], router, whole=True)
PAGE, MOST = 100, 2000
FAULTS = {"altered": "被改动", "removed": "缺失", "inserted": "被插入", "reordered": "次序被改"}
FAULTS |= {"decision": "结论不符", "finding": "复核意见不符"}


@router.get("")
def show(desk: At, subject: str = "", limit: int = PAGE) -> Response:
    """The newest entries; of one subject such as case:12."""
    limit = max(1, min(limit, MOST))
    rows = audit.entries(desk.office, subject.strip()[:60] or None, limit)
    more = limit + PAGE if len(rows) == limit < MOST else None
    return desk.page(
        "audit.html", rows=rows, subject=subject[:60], more=more, roles=accounts.ROLES, checked=None, faults=FAULTS
    )


@router.post("/verify")
def verify(desk: At) -> Response:
    """Check the chain from its first entry."""
    desk.need("audit")
    checked = audit.verify(desk.office)
    return desk.page("audit.html", rows=[], subject="", more=None, roles=accounts.ROLES, checked=checked, faults=FAULTS)


@router.post("/export")
def export(desk: At) -> Response:
    """The whole log as JSON lines: kept elsewhere, it proves the log as it was today."""
    desk.need("audit")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "audit.jsonl"
        audit.export(desk.office, file)
        return Response(file.read_bytes(), media_type="application/x-ndjson", headers=pages.attachment("audit.jsonl"))
