"""导出: the weekly list of flagged listings; frozen when it is first made."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import Response

from adwatch.app import weekly
from adwatch.console import pages
from adwatch.console.desk import SAID, At
from adwatch.console.screens import Screen
from adwatch.console.screens.reports import TYPES
from adwatch.errors import UsageError

router = APIRouter()
SCREEN = Screen("exports", "导出", 85, None, router, whole=True)
FORMS = ("xlsx", "csv", "jsonl")
_FILE = re.compile(r"\d{4}-W\d{2}/\d{1,6}\.(xlsx|csv|jsonl)", re.ASCII)


@router.get("")
def show(desk: At, get: str = "") -> Response:
    """The weeks that there are, what was issued of them, and the form to issue.

    ``get``: a file that was just made. The browser takes it from the page that lists it already, once: what is said
    once says so.
    """
    rows = weekly.weeks(desk.office)
    page = desk.page("exports.html", rows=rows, chosen=weekly.next_due(rows), forms=FORMS, most=weekly.COUNTED)
    if _FILE.fullmatch(get) and desk.cookies.read(desk.request, SAID, 60) is not None:
        page.headers["Refresh"] = f"0; url=/exports/{get}"
    return page


@router.post("/make")
def make(
    desk: At,
    week: Annotated[str, Form(max_length=10)],
    form: Annotated[str, Form(max_length=10)] = "xlsx",
    reissue: Annotated[bool, Form()] = False,
) -> Response:
    """Issue the list of a week, which the audit log keeps; the page that comes then hands the file out."""
    desk.need("export")
    if form not in FORMS:
        raise UsageError(f"格式只有 {'、'.join(FORMS)}")
    row = weekly.made(desk.office, week.strip(), reissue, desk.actor)
    named = f"{row['week']} 第 {row['issue']} 版（{row['count']} 条）"
    said = f"已生成 {named}，开始下载" if row["fresh"] else f"{named} 此前已生成，开始下载；以后的变化在更正版里"
    return desk.go(f"/exports?get={row['week']}/{row['issue']}.{form}", said=said)


@router.get("/{week}/{number}.{form}")
def file(desk: At, week: str, number: int, form: str) -> Response:
    """An issue as a file; it was made before."""
    desk.need("export")
    name, content = weekly.file(desk.office, week, number, form)
    return Response(content, media_type=TYPES.get(form, "application/x-ndjson"), headers=pages.attachment(name))
