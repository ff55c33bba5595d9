"""导出: the weekly list of flagged listings; frozen when it is first made."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import Response

from adwatch.app import weekly
from adwatch.console import pages
from adwatch.console.desk import At
from adwatch.console.screens import Screen
from adwatch.console.screens.reports import TYPES

router = APIRouter()
SCREEN = Screen("exports", "导出", 85, None, router, whole=True)


@router.get("")
def show(desk: At) -> Response:
    """What was issued, and the form to issue."""
    today = desk.office.clock.now().astimezone(desk.office.settings.zone).date()
    year, week, _ = today.isocalendar()
    return desk.page("exports.html", rows=weekly.issues(desk.office), week=f"{year}-W{week:02}")


@router.post("/make")
def make(
    desk: At,
    week: Annotated[str, Form(max_length=10)],
    form: Annotated[str, Form(max_length=10)] = "xlsx",
    reissue: Annotated[bool, Form()] = False,
) -> Response:
    """The list of a week as a file; making it is an act, which the audit log keeps."""
    desk.need("export")
    name, content = weekly.made(desk.office, week.strip(), form, reissue)
    return Response(content, media_type=TYPES.get(form, "application/x-ndjson"), headers=pages.attachment(name))
