"""今日: what came in, what waits for whom, what is overdue, how platforms fare; everything leads to its listings."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from adwatch.app import accounts, differing, site_pages, today
from adwatch.app.words import OUTCOMES
from adwatch.console.desk import At, Desk
from adwatch.console.screens import Screen

router = APIRouter()
SCREEN = Screen("today", "今日", 10, None, router)


@router.get("")
def show(desk: At) -> Response:
    """The day at one look."""
    office, limits = desk.office, accounts.limits(desk.who)
    late, soon = today.overdue(office)
    tables, late_tables = today.tables(office) if not desk.who.limited else ([], 0)
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
        platforms=today.platforms(office, limits),
        tables=tables,
        late_tables=late_tables,
        most=today.most(desk.who.limited),
        outcomes=OUTCOMES,
    )


@router.get("/letters")
def letters(desk: At) -> Response:
    """The figure of letters whose answer is overdue, which the page fetches when it stands."""
    return _late(desk, today.late_letters(desk.office, desk.limits), "/takedown", "待催办的函")


@router.get("/transfers")
def transfers(desk: At) -> Response:
    """The figure of transfers that are overdue, which the page fetches when it stands."""
    return _late(desk, today.late_transfers(desk.office, desk.limits), "/transfer", "移送超期")


def _late(desk: Desk, count: int, path: str, label: str) -> Response:
    return desk.page("part_late.html", count=count, path=path, label=label)


@router.get("/clocks")
def clocks(desk: At, skip: Annotated[int, Query(ge=0, le=today.DEEPEST)] = 0) -> Response:
    """Every clock that runs, what is due first at the front."""
    rows, more = today.clocks(desk.office, skip)
    seen = set(desk.allowed([row["case_id"] for row in rows]))
    return desk.page(
        "today_clocks.html",
        rows=[row for row in rows if row["case_id"] in seen],
        skip=skip,
        before=max(skip - today.PAGE, 0),
        behind=skip + today.PAGE if more else None,
    )
