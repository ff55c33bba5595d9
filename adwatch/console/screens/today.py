"""今日: what came in, what waits for whom, what is overdue, how platforms fare; everything leads to its listings."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from adwatch.app import accounts, differing, site_pages, today
from adwatch.app.words import OUTCOMES
from adwatch.console.desk import At
from adwatch.console.screens import Screen

router = APIRouter()
SCREEN = Screen("today", "今日", 10, None, router)


@router.get("")
def show(desk: At) -> Response:
    """The day at one look."""
    office, limits = desk.office, accounts.limits(desk.who)
    late, soon = today.overdue(office)
    seen = set(desk.allowed([row["case_id"] for row in (*late, *soon)]))
    return desk.page(
        "today.html",
        figures=today.figures(office, limits),
        differing=differing.count(office, desk.limits),
        most_differing=differing.MOST,
        sites=site_pages.waiting(office, desk.limits),
        most_sites=site_pages.MOST,
        owners=today.owners(office, limits),
        late=[row for row in late if row["case_id"] in seen],
        soon=[row for row in soon if row["case_id"] in seen],
        platforms=today.platforms(office),
        tables=today.tables(office),
        most=today.most(desk.who.limited),
        outcomes=OUTCOMES,
    )
