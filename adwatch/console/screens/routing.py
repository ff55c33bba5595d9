"""分派: who confirms and who acts, its mistakes, and the registered leads that no row fits."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import Response

from adwatch.app import routing
from adwatch.console.desk import At
from adwatch.console.screens import Screen

router = APIRouter()
SCREEN = Screen("routing", "分派", 97, None, router, whole=True)


@router.get("")
def show(desk: At) -> Response:
    """The table in force, what is wrong with it, and what waits for a person."""
    figures, problems = routing.check(desk.office)
    return desk.page(
        "routing.html",
        figures=figures,
        problems=problems,
        rows=routing.rows(desk.office),
        waiting=routing.unrouted(desk.office),
        authorities=routing.authority_rows(desk.office),
    )


@router.get("/case/{case_id}")
def case(desk: At, case_id: int) -> Response:
    """Where one case goes, by which rows."""
    desk.case(case_id)
    return desk.page(
        "routing_case.html",
        row=routing.show(desk.office, case_id),
        authorities=routing.authority_rows(desk.office),
    )


@router.post("/apply")
def apply(desk: At) -> Response:
    """Give the waiting leads their owner."""
    desk.need("register")
    report = routing.apply(desk.office, desk.actor)
    return desk.go("/routing", said=f"已分派 {report.kept} 条，{report.dropped['no_route']} 条没有适用的分派行")


@router.post("/case/{case_id}/assign")
def assign(
    desk: At,
    case_id: int,
    owners: Annotated[list[str], Form()] = [],  # noqa: B006
    reason: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """A person names who confirms a case."""
    desk.need("register")
    desk.case(case_id)
    row = routing.assign(desk.office, case_id, owners, reason, desk.actor)
    return desk.go(f"/routing/case/{case_id}", said=f"已指定 {'、'.join(row['owner_labels'])}")
