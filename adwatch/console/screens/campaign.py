"""专项: campaigns with their figures, and the bulletins on closed cases behind their gate."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import Response

from adwatch.app import bulletins, campaigns, case_numbers
from adwatch.console import pages
from adwatch.console.confirm import Sure
from adwatch.console.desk import At
from adwatch.console.screens import Screen
from adwatch.errors import UsageError

router = APIRouter()
SCREEN = Screen("campaign", "专项", 70, None, router, whole=True)
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
Text = Annotated[str, Form(max_length=2000)]


@router.get("")
def show(desk: At) -> Response:
    """Campaigns and bulletins."""
    return desk.page(
        "campaign.html",
        rows=campaigns.listed(desk.office),
        bulletins=bulletins.listed(desk.office),
        classes=[(each.id, each.label) for each in desk.office.classes.values()],
    )


@router.get("/of/{name}")
def one(desk: At, name: str) -> Response:
    """A campaign's indicators, by department and county."""
    return desk.page("campaign_one.html", row=campaigns.show(desk.office, name))


@router.post("/of/{name}/assign")
def assign(desk: At, name: str, ids: Text) -> Response:
    """Cases by either of their numbers, divided by spaces or marks."""
    desk.need("register")
    numbers = desk.allowed(each for each in case_numbers.found(desk.office, ids).values() if each is not None)
    if not numbers:
        raise UsageError("写案件号或线索编号，用空格分开")
    report = campaigns.assign(desk.office, name, numbers, desk.actor)
    return desk.go(f"/campaign/of/{name}", said=f"{report.kept} 件归入本专项行动")


@router.post("/of/{name}/enter")
def enter(desk: At, name: str, indicator: Text, value: Text, department: Text, county: Text = "") -> Response:
    """An indicator of a department or a county, by hand."""
    desk.need("report")
    campaigns.enter(desk.office, name, indicator, value, department.strip(), county.strip(), desk.actor)
    return desk.go(f"/campaign/of/{name}", said="已填写")


@router.post("/bulletins/draft")
def draft(desk: At, kind: Text, key: Text, campaign: Text = "") -> Response:
    """Draft a bulletin."""
    desk.need("report")
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder)
        row = bulletins.draft(desk.office, kind, key.strip(), desk.actor, campaign=campaign or None, out=where)
    return desk.go(f"/campaign/bulletins/{row['number']}", said=f"已起草 {row['number']}")


@router.get("/bulletins/{number}")
def bulletin(desk: At, number: str) -> Response:
    """What one says, and whether it may go out."""
    return desk.page("campaign_bulletin.html", row=bulletins.content(desk.office, number, desk.actor.unit))


@router.get("/bulletins/{number}/file.docx")
def download(desk: At, number: str) -> Response:
    """Its document; whatever is not published says so in its first line."""
    desk.need("report")
    content = bulletins.document(desk.office, number)
    return Response(content, media_type=DOCX, headers=pages.attachment(f"{number}.docx"))


@router.post("/bulletins/{number}/{act}")
def move(desk: At, number: str, act: str, sure: Sure, reason: Text = "") -> Response:
    """Approve, publish or refuse: acts of the head."""
    desk.need("sign")
    if act in ("publish", "refuse"):
        label = "发布" if act == "publish" else "不予发布"
        if page := sure.first(f"{label} {number}", "办理后不能收回。", f"/campaign/bulletins/{number}"):
            return page
    if act == "approve":
        done = bulletins.approve(desk.office, number, desk.actor)
    elif act == "publish":
        with tempfile.TemporaryDirectory() as folder:
            done = bulletins.publish(desk.office, number, desk.actor, Path(folder))
    elif act == "refuse":
        done = bulletins.refuse(desk.office, number, reason, desk.actor)
    else:
        raise UsageError(f"{act[:20]!r}: 没有这个操作")
    return desk.go(f"/campaign/bulletins/{number}", said=str(done["state_label"]))
