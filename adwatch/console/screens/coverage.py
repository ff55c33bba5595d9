"""覆盖: what each platform's patrols saw on each day, what they could not see, and how far that can be believed."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from adwatch.app import coverage
from adwatch.app.words import OUTCOMES
from adwatch.console.desk import At
from adwatch.console.screens import Screen

router = APIRouter()
SCREEN = Screen("coverage", "覆盖", 82, None, router, whole=True)


@router.get("")
def show(desk: At, to: str = "", platform: str = "") -> Response:
    """A week up to a day, the newest day first; of one platform or of all."""
    found = coverage.week_up_to(desk.office, to.strip(), platform.strip())
    return desk.page("coverage.html", **found, sure=coverage.SURE, outcomes=OUTCOMES, platform=platform)
