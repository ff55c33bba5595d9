"""来源: leads from hotlines, 上级交办, departments and inspections: their time limits, answers, rewards."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, File, Form, UploadFile
from starlette.responses import Response

from adwatch.app import sources
from adwatch.app.files import FILE_LIMIT
from adwatch.console import pages
from adwatch.console.desk import At
from adwatch.console.screens import Screen
from adwatch.errors import UsageError

router = APIRouter()
SCREEN = Screen("sources", "来源", 30, None, router, whole=True)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN = 300
Text = Annotated[str, Form(max_length=2000)]


@router.get("")
def show(desk: At, origin: str = "", due: bool = False) -> Response:
    """Leads that came in, those due first, and the sheets that they came on."""
    return desk.page(
        "sources.html",
        rows=sources.listed(desk.office, origin or None, due, SHOWN),
        sheets=sources.sheets(desk.office),
        origins=[(each["id"], each["label"]) for each in sources.origin_rows(desk.office) if each["platform"]],
        origin=origin,
        due=due,
        shown=SHOWN,
    )


@router.post("/import")
def take_in(
    desk: At, sheet: Annotated[UploadFile, File()], origin: Text, document: Text = "", giver: Text = ""
) -> Response:
    """Take in a sheet; what cannot be taken is named row by row."""
    desk.need("register")
    data = sheet.file.read(FILE_LIMIT + 1)
    if len(data) > FILE_LIMIT:
        raise UsageError("文件过大")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / _named(sheet.filename)
        file.write_bytes(data)
        about = {"document": document.strip(), "giver": giver.strip()}
        report, row = sources.take_in(desk.office, file, origin, desk.actor, **about)
    if report.notes:
        return desk.page("sources_notes.html", notes=report.notes[:200], row=row)
    return desk.go("/sources", said=f"来表 {row['intake']}：{row['leads']} 条线索，此前已有 {row['repeated']} 条")


@router.post("/{step}")
def step(desk: At, step: str, origin: Text, number: Text, note: Text = "") -> Response:
    """Acknowledge, tell or reward; the text is shown once for whoever speaks to the person."""
    desk.need("register")
    if step == "ack":
        rows = sources.acknowledge(desk.office, origin, [number], desk.actor)
    elif step == "tell":
        rows = sources.tell(desk.office, origin, [number], desk.actor)
    elif step == "reward":
        sources.reward(desk.office, origin, number, note, desk.actor)
        return desk.go("/sources", said=f"{number} 已记为奖励")
    else:
        raise UsageError(f"{step[:20]!r}: 没有这个操作")
    return desk.page("sources_text.html", rows=rows, step=step)


@router.post("/sheets/{intake}/answer")
def answer(desk: At, intake: int) -> Response:
    """The sheet with the answers that there are, as a file; what is answered is recorded."""
    desk.need("register")
    with tempfile.TemporaryDirectory() as folder:
        _, row = sources.answer(desk.office, intake, desk.actor, Path(folder))
        file = Path(row["file"])
        return Response(file.read_bytes(), media_type=XLSX, headers=pages.attachment(file.name))


@router.get("/inspection")
def inspection_form(desk: At) -> Response:
    """The form of an inspection."""
    desk.need("register")
    return desk.page("sources_inspection.html")


@router.post("/inspection/add")
def inspection(
    desk: At,
    place: Text,
    certificate: Text,
    card: Text = "",
    qr: Text = "",
    bought: Text = "",
    payment: Text = "",
    contact: Text = "",
    seller: Text = "",
    day: Text = "",
    photo: Annotated[list[UploadFile] | None, File()] = None,
) -> Response:
    """Record a false card; it is linked to the listings that it may have come from."""
    desk.need("register")
    about = (place, certificate, card, qr, bought, payment, contact, seller)
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for at, each in enumerate(photo or []):
            if each.filename:
                file = Path(folder) / f"{at}" / _named(each.filename)
                file.parent.mkdir()
                file.write_bytes(each.file.read(FILE_LIMIT))
                files.append(file)
        row, links = sources.inspect(desk.office, day.strip() or None, about, files, desk.actor)
    return desk.go(f"/cases/{row['case_id']}", said=f"{row['number']}，关联 {len(links)} 件案件")


def _named(name: str | None) -> str:
    """The last part of a file's name as a file may be called here."""
    bare = Path((name or "").replace("\\", "/").replace("\0", "")).name.strip(". ")
    return bare[-100:] or "来表.xlsx"
