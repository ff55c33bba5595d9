"""更正函: letters that correct a transfer, a 甄别函 or a 提请处置函 that went out, drafted on 已发出、与现认定不符."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import APIRouter, Form, UploadFile
from starlette.responses import Response

from adwatch.app import correction_letters as letters
from adwatch.app import correction_send as sending
from adwatch.app.takedown import File
from adwatch.console.confirm import Sure
from adwatch.console.desk import At, Desk
from adwatch.console.letter_forms import download, entered, same_number, unfilled
from adwatch.console.mistakes import plain
from adwatch.console.screens import Screen
from adwatch.errors import Unknown

router = APIRouter()
SCREEN = Screen("corrections", "", 52, None, router)
Text = Annotated[str, Form(max_length=2000)]


@router.get("")
def show(desk: At) -> Response:
    """Letters, newest first."""
    rows = letters.listed(desk.office, desk.limits)
    return desk.page("corrections.html", rows=rows, figures=None if desk.limits else letters.figures(desk.office))


@router.get("/{number}")
def one(desk: At, number: str) -> Response:
    """One letter."""
    today = desk.office.clock.now().astimezone(desk.office.settings.zone).date().isoformat()
    row = letters.show(desk.office, number, desk.limits)
    settings, email = desk.office.settings, sending.addresses_of(desk.office, number)
    mails_out = bool(settings.smtp_url and settings.smtp_from)
    return desk.page("corrections_one.html", row=row, today=today, email="".join(email), mails_out=mails_out)


@router.get("/{number}/files/{name}")
def file(desk: At, number: str, name: str) -> Response:
    """One of its files, made now."""
    receivers = sending.addresses_of(desk.office, number)
    for each in letters.files(desk.office, number, desk.limits, receivers):
        if each.name == name:
            return download(each)
    raise Unknown(f"更正函 {number}: 没有文件 {name[:80]}")


@router.post("/{number}/check")
def check(desk: At, number: str, note: Text = "") -> Response:
    """审核."""
    desk.need("decide")
    letters.refuse_outside(desk.office, number, desk.limits)
    return _done(desk, letters.check(desk.office, number, desk.actor, note))


@router.post("/{number}/sign")
def sign(desk: At, number: str, document_number: Text = "", signatory: Text = "", document_date: Text = "") -> Response:
    """签发用印."""
    desk.need("sign")
    letters.refuse_outside(desk.office, number, desk.limits)
    given = entered(document_number, signatory, document_date)
    return _done(desk, letters.sign(desk.office, number, desk.actor, given), document_number)


@router.get("/{number}/scans/{sha256}")
def scan(desk: At, number: str, sha256: str) -> Response:
    """A sealed scan."""
    return download(letters.scan(desk.office, number, sha256, desk.limits))


@router.post("/{number}/enter")
def enter(
    desk: At,
    number: str,
    document_number: Text = "",
    signatory: Text = "",
    document_date: Text = "",
    scan: UploadFile | None = None,
) -> Response:
    """文号, 签发人, 成文日期, the sealed scan."""
    desk.need("request")
    letters.refuse_outside(desk.office, number, desk.limits)
    given = entered(document_number, signatory, document_date)
    file = None
    if scan is not None and scan.filename:
        file = File(scan.filename, scan.content_type or "application/octet-stream", scan.file.read())
    return _done(desk, letters.enter(desk.office, number, desk.actor, given, file), document_number)


@router.post("/{number}/void")
def void(desk: At, number: str, sure: Sure, reason: Text = "") -> Response:
    """作废."""
    desk.need("request")
    letters.refuse_outside(desk.office, number, desk.limits)
    effect = "作废后这件函不能再恢复，编号保留；所列内容仍列为与现认定不符。"
    if page := sure.first(f"作废 {number}", effect, f"/corrections/{number}"):
        return page
    return _done(desk, letters.void(desk.office, number, desk.actor, reason))


@router.post("/{number}/mark-sent")
def mark_sent(desk: At, number: str, sure: Sure) -> Response:
    """It went out."""
    desk.need("request")
    letters.refuse_outside(desk.office, number, desk.limits)
    effect = "登记后函件不能再改，所列内容不再提示。" + _left(desk, number)
    if page := sure.first(f"登记 {number} 已发出", effect, f"/corrections/{number}"):
        return page
    row = letters.mark_sent(desk.office, number, desk.actor)
    return desk.go(f"/corrections/{number}", said=plain(row["warning"] or f"{number}: 已登记发出"))


@router.post("/{number}/send")
def send(desk: At, number: str, sure: Sure, to: Text = "") -> Response:
    """By mail."""
    desk.need("request")
    letters.refuse_outside(desk.office, number, desk.limits)
    effect = "邮件发出后收不回来；函件不能再改，所列内容不再提示。" + _left(desk, number)
    if page := sure.first(f"发出 {number} 的邮件", effect, f"/corrections/{number}"):
        return page
    receivers = [each for each in re.split(r"[\s,，;；]+", to) if each]
    row = sending.send(desk.office, number, desk.actor, receivers)
    said = row["warning"] or f"{number}: {row['outcome_label']} {row['answer']}"
    return desk.go(f"/corrections/{number}", said=plain(said[:300]))


@router.post("/{number}/settle")
def settle(desk: At, number: str, sure: Sure, accepted: Annotated[bool, Form()], reason: Text = "") -> Response:
    """What was found out about an unclear mail."""
    desk.need("request")
    letters.refuse_outside(desk.office, number, desk.limits)
    effect = "登记后不能再改：记为已送达即为发出，记为未送达则可以再发。"
    title = f"登记 {number} 的邮件{'已' if accepted else '未'}送达"
    if page := sure.first(title, effect, f"/corrections/{number}"):
        return page
    return _done(desk, sending.settle(desk.office, number, accepted, desk.actor, reason))


def _left(desk: Desk, number: str) -> str:
    """What is empty of a letter, and whose 文号 it bears, to be told before it goes out."""
    row = letters.show(desk.office, number, desk.limits)
    return unfilled(row) + same_number(desk, number, row["document_number"])


def _done(desk: Desk, row: dict[str, Any], document_number: str = "") -> Response:
    told = same_number(desk, row["number"], document_number)
    said = f"{row['number']}: {row['kind_label']} {row['step_label']}{f'；{told}' if told else ''}"
    return desk.go(f"/corrections/{row['number']}", said=said)
