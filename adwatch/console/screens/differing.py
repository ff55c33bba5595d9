"""已发出、与现认定不符: letters and transfers that say what was found otherwise since, until mended or set aside."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import Response

from adwatch.app import correction_letters, differing
from adwatch.console import pages
from adwatch.console.desk import At, Denied, Desk
from adwatch.console.screens import Screen

router = APIRouter()
SCREEN = Screen("differing", "", 51, None, router)
Text = Annotated[str, Form(max_length=2000)]


@router.get("")
def show(desk: At, after: str = "") -> Response:
    """Each with what differs."""
    rows = differing.listed(desk.office, after, limits=desk.limits)
    return desk.page(
        "differing.html",
        rows=rows,
        count=differing.count(desk.office, desk.limits),
        most=differing.MOST,
        next_query=pages.query({}, after=rows[-1]["number"]) if len(rows) == differing.PAGE else "",
    )


@router.post("/{number}/correct")
def correct(desk: At, number: str, reason: Text = "") -> Response:
    """Draft a 更正函 of all that differs."""
    _whole(desk, number)
    row = correction_letters.draft(desk.office, number, desk.actor, reason)
    return desk.go(row["address"], said=f"{row['number']}: {row['kind_label']} {row['step_label']}")


def _whole(desk: Desk, number: str) -> None:
    desk.need("decide")
    if not differing.is_whole(desk.office, number, desk.limits):
        raise Denied("此件另有本账号范围以外的信息，请由不受限的账号办理")


@router.post("/{number}/aside")
def aside(desk: At, number: str, reason: Text = "") -> Response:
    """Leave one as it went out."""
    _whole(desk, number)
    done = differing.aside(desk.office, number, desk.actor, reason)
    return desk.go("/differing", said=f"{number}: {done['count']} 处不再提示，理由已记入")
