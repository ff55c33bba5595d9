"""移送: transfers with their clocks; drafted, decided, sent as one package, signed for, answered."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, UploadFile
from starlette.responses import FileResponse, Response

from adwatch.app import correction_letters, transfer
from adwatch.app.attaching import media_type_of
from adwatch.app.transfer_form import addressed
from adwatch.console import pages
from adwatch.console.confirm import Sure
from adwatch.console.desk import At, Denied, Desk
from adwatch.console.letter_forms import same_number, unfilled
from adwatch.console.screens import Screen
from adwatch.errors import UsageError

router = APIRouter()
SCREEN = Screen("transfer", "移送", 60, None, router)
Text = Annotated[str, Form(max_length=2000)]
LISTED, DUE = 200, 50


@router.get("")
def show(desk: At, kind: str = "", step: str = "", cases: str = "") -> Response:
    """Clocks that run, transfers newest first, and the form of a new one; ``cases`` fills its field in."""
    words = transfer.words()
    given = {"kind": kind or None, "step": step or None}
    due = transfer.due(desk.office, limits=desk.limits) if not any(given.values()) else []
    return desk.page(
        "transfer.html",
        rows=transfer.listed(desk.office, **given, limit=LISTED, limits=desk.limits),
        due=due[:DUE],
        due_count=len(due),
        given=given,
        kinds=[(name, each["label"]) for name, each in words["kinds"].items()],
        steps=sorted({key: label for each in words["steps"].values() for key, label in each.items()}.items()),
        receivers=[pair for each in words["kinds"].values() for pair in each["receivers"].items()],
        cases=cases,
    )


@router.post("/draft")
def draft(
    desk: At,
    cases: Text,
    kind: Text,
    receiver: Text,
    addressee: Text = "",
    officers: Text = "",
    reason: Text = "",
    items: Text = "",
    no_report: Text = "",
) -> Response:
    """拟移送."""
    desk.need("transfer")
    ids = desk.cases(cases)
    addressee = addressed(desk.office, receiver, addressee, reason)
    named = [_officer(line) for line in officers.splitlines() if line.strip()]
    given = {"officers": named, "reason": reason, "items": items.splitlines(), "no_report": no_report}
    done = transfer.draft(desk.office, kind, ids, desk.actor, receiver=receiver, addressee=addressee, **given)
    return desk.go(f"/transfer/{done['number']}", said=f"已拟移送 {done['number']}")


def _officer(line: str) -> dict[str, str]:
    name, mark, certificate = line.replace("：", ":").partition(":")
    if not mark:
        raise UsageError(f"承办人 {line[:40]}: 每行一人，写作 姓名:执法证号")
    return {"name": name, "certificate": certificate}


@router.get("/{number}")
def one(desk: At, number: str) -> Response:
    """One transfer."""
    row = transfer.show(desk.office, number, desk.limits)
    papers = [(name, label) for name, label in transfer.words()["papers"].items() if name != "letter"]
    corrections = correction_letters.of_paper(desk.office, number, desk.limits)
    content = transfer.preview(desk.office, number, desk.limits)
    today = desk.office.clock.now().astimezone(desk.office.settings.zone).date().isoformat()
    more: dict[str, Any] = {"papers": papers, "corrections": corrections, "not_by": _not_by(desk, row), "today": today}
    return desk.page("transfer_one.html", row=row, content=content, **more)


def _not_by(desk: Desk, row: dict[str, Any]) -> str:
    """Why this person cannot decide it, said before they are asked; empty where they can."""
    made_by = {each["person"] for each in row["steps"] if each["step"] == "draft"}
    made_by |= {each["name"] for each in row["content"]["officers"]}
    if row["step"] != "draft" or desk.actor.person not in made_by:
        return ""
    return "本人是拟稿人或者承办人，不能审批本件：请另一位负责人用自己的账号登录审批"


@router.post("/{number}/decide")
def decide(desk: At, number: str, sure: Sure, approve: Annotated[bool, Form()], reason: Text = "") -> Response:
    """The head's decision."""
    desk.need("sign")
    _whole(desk, number)
    if page := sure.first(
        f"{'批准' if approve else '不批准'}移送 {number}", "负责人的决定作出后不能更改。", f"/transfer/{number}"
    ):
        return page
    return _done(desk, transfer.decide(desk.office, number, approve, desk.actor, reason))


@router.post("/{number}/facts")
def facts(
    desk: At, number: str, document_number: Text = "", signatory: Text = "", document_date: Text = ""
) -> Response:
    """文号, 签发人, 成文日期."""
    desk.need("transfer")
    _whole(desk, number)
    if document_date and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", document_date):
        raise UsageError(f"成文日期 {document_date[:20]}: 写作 YYYY-MM-DD")
    given = {"document_number": document_number, "signatory": signatory, "document_date": document_date}
    transfer.set_facts(desk.office, number, desk.actor, given)
    told = same_number(desk, number, document_number)
    return desk.go(f"/transfer/{number}", said=f"{number}: 已登记{f'；{told}' if told else ''}")


@router.post("/{number}/attach")
def attach(desk: At, number: str, kind: Text, file: UploadFile) -> Response:
    """A paper."""
    desk.need("transfer")
    _whole(desk, number)
    _attached(desk, number, kind, file)
    return desk.go(f"/transfer/{number}", said=f"{number}: 已附材料")


@router.post("/{number}/send")
def send(desk: At, number: str, sure: Sure) -> Response:
    """Make the package and mark it as sent."""
    desk.need("transfer")
    _whole(desk, number)
    row = transfer.show(desk.office, number)
    effect = "登记移送后材料不能再改，期限起算。" + unfilled(row) + same_number(desk, number, row["document_number"])
    if page := sure.first(f"生成材料包并登记移送 {number}", effect, f"/transfer/{number}"):
        return page
    return _done(desk, transfer.send(desk.office, number, desk.actor))


@router.post("/{number}/record")
def record(
    desk: At,
    number: str,
    step: Text,
    sure: Sure,
    at: Text = "",
    reason: Text = "",
    reference: Text = "",
    scan: UploadFile | None = None,
) -> Response:
    """A receipt, an answer, what follows one, or 作废, which is asked for first."""
    desk.need("transfer")
    _whole(desk, number)
    effect = "作废后本件移送不能再恢复，编号保留；案件可以另行拟移送。"
    if step == "void" and (page := sure.first(f"作废 {number}", effect, f"/transfer/{number}")):
        return page
    done = transfer.record(desk.office, number, step, desk.actor, _time(desk, at), reason, reference)
    if scan is not None and scan.filename:
        _attached(desk, number, "receipt" if step == "received" else "answer", scan)
    return _done(desk, done)


@router.get("/{number}/package")
def package(desk: At, number: str) -> Response:
    """The package as it was sent; raw evidence is in it, so that who takes it stands in the log."""
    desk.need("unmask")
    _whole(desk, number)
    path = transfer.taken(desk.office, number, desk.actor)
    return FileResponse(path, media_type="application/zip", headers=pages.attachment(path.name))


@router.get("/{number}/papers/{sha256}")
def paper(desk: At, number: str, sha256: str) -> Response:
    """A paper that was attached."""
    desk.need("transfer")
    _whole(desk, number)
    name, media_type, content = transfer.paper(desk.office, number, sha256)
    return Response(content, media_type=media_type, headers=pages.attachment(name))


def _whole(desk: Desk, number: str) -> None:
    """Refuse what is about all of a transfer where the account may see a part of its cases."""
    if not transfer.is_whole(desk.office, number, desk.limits):
        raise Denied("本件移送另有本账号范围以外的案件：只能查看范围内的部分，材料与办理请由不受限的账号进行")


def _attached(desk: Desk, number: str, kind: str, file: UploadFile) -> None:
    content, name = file.file.read(), file.filename or "附件"
    if not content:
        raise UsageError("没有选择文件，或文件是空的")
    transfer.attach_bytes(desk.office, number, kind, name, media_type_of(content, name), content, desk.actor)


def _time(desk: Desk, text: str) -> datetime | None:
    if not text:
        return None
    try:
        when = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"时间 {text[:30]}: 写作 YYYY-MM-DDTHH:MM") from error
    return when if when.tzinfo else when.replace(tzinfo=desk.office.settings.zone)


def _done(desk: Desk, row: dict[str, object]) -> Response:
    return desk.go(f"/transfer/{row['number']}", said=f"{row['number']}: {row['step_label']}")
