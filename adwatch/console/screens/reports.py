"""统计: the tables that fall due; each computed cell leads to its listings, the rest is entered here."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query
from starlette.responses import Response

from adwatch.app import reports
from adwatch.console import pages
from adwatch.console.confirm import Sure
from adwatch.console.desk import At
from adwatch.console.screens import Screen

router = APIRouter()
SCREEN = Screen("reports", "统计", 80, None, router, whole=True)
TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
}
SHOWN = 200
"""Listings behind a cell that a page shows; the next page has those behind them."""
Text = Annotated[str, Form(max_length=3000)]


@router.get("")
def show(desk: At, everything: bool = False) -> Response:
    """What is due; ``everything``: what was submitted too."""
    rows, issued = reports.due(desk.office, everything), reports.issued(desk.office)
    return desk.page("reports.html", rows=rows, issued=issued, everything=everything)


@router.get("/{name}/{key}")
def table(desk: At, name: str, key: str, issue: int | None = None) -> Response:
    """One table: as it stands, or as an issue stated it."""
    with desk.office.one_view():
        content = reports.shown(desk.office, name, key, issue)
        issued = reports.issued(desk.office, name, key)
    return desk.page(
        "reports_table.html",
        table=content,
        lines=reports.lines(content),
        groups=_groups(content["columns"]),
        issued=issued,
        name=name,
        key=key,
    )


def _groups(columns: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[Mapping[str, Any]]]]:
    """(group, its columns) as the form heads them, a column without a group by itself; empty where none has one."""
    found: list[tuple[str, list[Mapping[str, Any]]]] = []
    for column in columns:
        if column["group"] and found and found[-1][0] == column["group"]:
            found[-1][1].append(column)
        else:
            found.append((column["group"], [column]))
    return found if any(group for group, _ in found) else []


@router.get("/{name}/{key}/behind/{column}")
def behind(
    desk: At,
    name: str,
    key: str,
    column: str,
    issue: int | None = None,
    skip: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> Response:
    """The listings behind a computed cell, page by page, or who entered it."""
    with desk.office.one_view():
        content = reports.shown_behind(desk.office, name, key, column, issue, SHOWN, skip)
        rows = reports.behind(desk.office, content, column)
    last = max((cells.get(column, {}).get("rows", 0) for cells in content["own"].values()), default=0)
    heading = next(f"{each['group']} {each['heading']}" for each in content["columns"] if each["id"] == column)
    return desk.page(
        "reports_behind.html",
        rows=[row for row in rows if row["source"] == "computed"] if skip else rows,
        total=reports.count_behind(content, column),
        column=column,
        skip=skip,
        first=pages.query({"issue": issue}),
        more=pages.query({"issue": issue}, skip=skip + SHOWN) if skip + SHOWN < last else "",
        heading=heading.strip(),
        name=name,
        key=key,
        table=content,
    )


@router.get("/{name}/{key}/file.{form}")
def download(desk: At, name: str, key: str, form: str, issue: int | None = None) -> Response:
    """The table's file."""
    desk.need("export")
    with tempfile.TemporaryDirectory() as folder:
        file = reports.export(desk.office, name, key, form, Path(folder), issue)
        headers = pages.attachment(file.name)
        return Response(file.read_bytes(), media_type=TYPES.get(form, "application/octet-stream"), headers=headers)


@router.post("/{name}/{key}/enter")
def enter(desk: At, name: str, key: str, department: Text, column: Text, value: Text = "") -> Response:
    """Enter one cell."""
    desk.need("report")
    reports.enter(desk.office, name, key, department or None, column, value, desk.actor)
    return desk.go(f"/reports/{name}/{key}", said="已填入")


@router.post("/{name}/{key}/submit")
def submit(desk: At, name: str, key: str, sure: Sure, contact: Text, reason: Text = "") -> Response:
    """Freeze the table, or with a reason state anew what has changed since."""
    desk.need("sign")
    form, period = reports.chosen(desk.office, name, key)
    unfinished = f"期间至 {period.last}，尚未结束：此后的数字不会计入。" if period.last >= desk.today else ""
    if page := sure.first(
        f"固定并报送 {form.title} {period.key}",
        f"{unfinished}报送后数字固定，此后的变化只能写明理由以更正另报。",
        f"/reports/{name}/{key}",
    ):
        return page
    if reason.strip():
        done = reports.restate(desk.office, name, key, desk.actor, contact, reason)
    else:
        done = reports.submit(desk.office, name, key, desk.actor, contact)
    return desk.go(f"/reports/{name}/{key}?issue={done['issue']}", said="已报送并固定，此后的变化以更正另报")
