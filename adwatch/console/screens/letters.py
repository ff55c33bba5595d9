"""甄别函: batches for authorities without an account: drafted, sent, answered by sheet, chased."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, File, Form, UploadFile
from starlette.responses import Response

from adwatch.app import confirmation, correction_letters
from adwatch.app.files import FILE_LIMIT
from adwatch.console import pages
from adwatch.console.confirm import Sure
from adwatch.console.desk import At
from adwatch.console.letter_forms import same_number
from adwatch.console.mistakes import plain
from adwatch.console.screens import Screen
from adwatch.errors import UsageError

router = APIRouter()
SCREEN = Screen("letters", "甄别函", 45, None, router, whole=True)
TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
ON_PAPER = "签发人、成文日期不在本系统登记，发出前请在函件上核对。"
"""Of a 甄别函 only the 文号 is kept."""
Text = Annotated[str, Form(max_length=500)]


@router.get("")
def show(desk: At) -> Response:
    """All batches, those that miss answers first."""
    rows = confirmation.listed(desk.office)
    rows.sort(key=lambda row: (not row["overdue"], not row["missing"], row["number"]))
    return desk.page("letters.html", rows=rows)


@router.post("/draft")
def draft(desk: At) -> Response:
    """One batch for each authority with leads that it was not asked about."""
    desk.need("request")
    with tempfile.TemporaryDirectory() as folder:
        before = {row["number"] for row in confirmation.listed(desk.office)}
        rows = confirmation.draft(desk.office, desk.actor, None, Path(folder))
    made = [row["number"] for row in rows if row["number"] not in before]
    return desk.go("/letters", said=f"已拟 {'、'.join(made)}" if made else "没有待发的线索")


@router.get("/{number}")
def batch(desk: At, number: str) -> Response:
    """One batch with its rows."""
    corrections = correction_letters.of_paper(desk.office, number)
    row = confirmation.listed(desk.office, number)[0]
    return desk.page("letters_batch.html", row=row, notes=(), corrections=corrections)


@router.get("/{number}/file.{form}")
def download(desk: At, number: str, form: str) -> Response:
    """Letter or sheet, as drafted."""
    desk.need("request")
    name = f"{number}.{form}"
    files = confirmation.files(desk.office, number)
    if name not in files:
        raise UsageError(f"{form[:10]}: 只有 docx 和 xlsx")
    return Response(files[name], media_type=TYPES[form], headers=pages.attachment(name))


@router.post("/{number}/sent")
def sent(desk: At, number: str, sure: Sure, document: Text = "", due: Text = "") -> Response:
    """Record that it went out today."""
    desk.need("request")
    ends = _day(due)
    empty = "" if document.strip() else "尚未填写：文号，登记后不能补填。"
    effect = f"登记后这批线索记为已发函甄别，反馈期限起算，不能再改。{empty}{ON_PAPER}"
    effect += same_number(desk, number, document) + confirmation.notice(desk.office, number)
    if page := sure.first(f"登记 {number} 已发出", effect, f"/letters/{number}"):
        return page
    row = confirmation.mark_sent(desk.office, number, desk.actor, None, document.strip(), ends)
    said = row["warning"] or f"已记为发出，反馈期限 {row['due_on'] or '未定'}"
    said += f"；{told}" if (told := same_number(desk, number, document)) else ""
    return desk.go(f"/letters/{number}", said=plain(said))


@router.post("/{number}/void")
def void(desk: At, number: str, sure: Sure, reason: Text = "") -> Response:
    """作废."""
    desk.need("request")
    effect = "作废后这件函不能再恢复，编号保留；其中待甄别的线索等待另行拟函。"
    if page := sure.first(f"作废 {number}", effect, f"/letters/{number}"):
        return page
    confirmation.void(desk.office, number, desk.actor, reason)
    return desk.go(f"/letters/{number}", said=f"{number}: 已作废；待甄别的线索可另行拟函")


@router.post("/{number}/reply")
def reply(
    desk: At,
    number: str,
    sheet: Annotated[UploadFile, File()],
    scan: Annotated[UploadFile | None, File()] = None,
    reply_number: Text = "",
    reply_on: Text = "",
    correct: Annotated[bool, Form()] = False,
) -> Response:
    """Take in the sheet that came back; what cannot be taken is named row by row."""
    desk.need("request")
    about = {"number": number, "reply_number": reply_number.strip(), "reply_on": _day(reply_on), "correct": correct}
    picture = (Path(scan.filename).name, _read(scan)) if scan is not None and scan.filename else None
    name = Path(sheet.filename or "回复.xlsx").name
    report, row = confirmation.take_sheet(desk.office, (name, _read(sheet)), desk.actor, scan=picture, **about)  # type: ignore[arg-type]
    if report.notes:
        return desk.page("letters_batch.html", row=row, notes=report.notes[:200], taken=report.kept)
    said = f"采用 {report.kept} 行，认定 {report.counts['decided']} 条，尚缺 {row['missing']} 条"
    return desk.go(f"/letters/{number}", said=said)


@router.post("/{number}/chase")
def chase(desk: At, number: str) -> Response:
    """Record a reminder; its letter and its list are then there to download."""
    desk.need("request")
    with tempfile.TemporaryDirectory() as folder:
        rows = confirmation.chase(desk.office, desk.actor, number, Path(folder), early=True)
    said = f"已记为催办第 {rows[0]['times']} 次" if rows else "没有未反馈的线索"
    return desk.go(f"/letters/{number}", said=said)


@router.get("/{number}/reminder.{form}")
def reminder(desk: At, number: str, form: str) -> Response:
    """The reminder's letter, or its list of the missing rows."""
    desk.need("request")
    files = confirmation.reminder(desk.office, number)
    if form not in files:
        raise UsageError(f"{form[:10]}: 只有 docx 和 xlsx")
    return Response(files[form], media_type=TYPES[form], headers=pages.attachment(f"{number}-催办.{form}"))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text.strip() else None
    except ValueError as error:
        raise UsageError(f"{text[:20]!r} 不是日期；写作 YYYY-MM-DD") from error


def _read(upload: UploadFile) -> bytes:
    data = upload.file.read(FILE_LIMIT + 1)
    if len(data) > FILE_LIMIT:
        raise UsageError(f"{upload.filename}: 文件过大")
    return data
