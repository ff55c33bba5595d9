"""下架: requests by platform and step, due dates, replies, verification, relisting; letters to preview and download."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import APIRouter, Form, UploadFile
from starlette.responses import Response

from adwatch.app import casework, correction_letters, takedown, takedown_inside, takedown_remind, verification
from adwatch.app.takedown import KINDS, NEEDED_STEPS, REPLIES, STEPS
from adwatch.console import pages
from adwatch.console.choices import platform_choices
from adwatch.console.confirm import Sure
from adwatch.console.desk import At, Denied, Desk
from adwatch.console.letter_forms import download, entered, same_number, unfilled, uploaded
from adwatch.console.mistakes import plain
from adwatch.console.screens import Screen
from adwatch.console.takedown_overviews import back_again, overviews
from adwatch.errors import Unknown, UsageError

router = APIRouter()
SCREEN = Screen("takedown", "下架", 50, None, router)
PAGE, DUE, LISTED = 50, 20, 300
PARTLY = "本函另有本账号范围以外的信息：只能查看和下载范围内的清单，函件的办理请由不受限的账号进行"
Text = Annotated[str, Form(max_length=2000)]
Chosen = Annotated[list[str], Form()]


@router.get("")
def show(desk: At, platform: str = "", step: str = "", kind: str = "", before: int | None = None) -> Response:
    """Letters, newest first; what is to be reminded of, and what came back, above them."""
    given = {"platform": platform or None, "step": step or None, "kind": kind or None}
    with desk.office.one_view():
        return _listed(desk, given, before)


def _listed(desk: Desk, given: dict[str, str | None], before: int | None) -> Response:
    rows = takedown.list_letters(desk.office, **given, before=before, limit=PAGE, limits=desk.limits)
    plain = before is None and not any(given.values())
    due, due_count = takedown.due_page(desk.office, desk.limits, DUE) if plain else ([], 0)
    return desk.page(
        "takedown.html",
        rows=rows,
        due=due,
        due_count=due_count,
        later=plain and desk.who.limited,
        back=back_again(desk) if plain and not desk.who.limited else [],
        mended=takedown_inside.mended_within(desk.office, desk.limits),
        given=given,
        platforms=platform_choices(desk.office),
        steps=STEPS.items(),
        kinds=[(name, each.label) for name, each in KINDS.items()],
        next_query=pages.query(given, before=rows[-1]["id"]) if len(rows) == PAGE else "",
    )


router.include_router(overviews)


@router.post("/draft")
def draft(desk: At) -> Response:
    """Draft what is due."""
    desk.need("request")
    report, rows = casework.draft(desk.office, None, desk.actor, desk.limits)
    named, more = report.notes[:3], len(report.notes) - 3
    notes = (
        f"；未列入 {len(report.notes)} 项：{'；'.join(named)}{f'；另有 {more} 项' if more > 0 else ''}" if named else ""
    )
    return desk.go("/takedown", said=f"已拟文 {len(rows)} 件{notes}")


@router.post("/remind")
def remind(desk: At, number: Text = "") -> Response:
    """Draft 催办函."""
    desk.need("request")
    if number:
        _whole(desk, number)
    made = takedown_remind.remind(desk.office, [number] if number else [], desk.actor, desk.limits)
    notes, more = made.notes[:3], len(made.notes) - 3
    told = "".join(f"；{each}" for each in notes) + (f"；另有 {more} 项" if more > 0 else "")
    return desk.go("/takedown", said=plain(f"已拟催办函 {len(made.rows)} 件{told}"))


@router.get("/{number}")
def one(desk: At, number: str) -> Response:
    """One letter."""
    with desk.office.one_view():
        return _shown(desk, number)


def _shown(desk: Desk, number: str) -> Response:
    row = takedown.show_letter(desk.office, number, desk.limits)
    paragraphs, table = takedown.preview(desk.office, number) if row["whole"] else ([], [])
    listings = row["listings"][:LISTED]
    ids = [each["listing_id"] for each in listings] if row["asks"] else []
    standing = {each["listing_id"]: each for each in verification.removals_of(desk.office, number, ids)}
    return desk.page(
        "takedown_letter.html",
        row=row,
        listings=listings,
        paragraphs=paragraphs,
        table=table,
        standing=standing,
        corrections=correction_letters.of_paper(desk.office, number, desk.limits),
        needed=NEEDED_STEPS,
        replies=REPLIES.items(),
        authorities=takedown.authorities(desk.office),
        today=desk.office.clock.now().astimezone(desk.office.settings.zone).date().isoformat(),
        mails_out=bool(desk.office.settings.smtp_url and desk.office.settings.smtp_from),
    )


@router.get("/{number}/files/{name}")
def file(desk: At, number: str, name: str) -> Response:
    """One of its files, made now; of a letter that the account may see a part of, that part of its list."""
    if not takedown_inside.is_whole(desk.office, number, desk.limits):
        if name == f"{number}-摘录.xlsx":
            return download(takedown_inside.extract(desk.office, number, desk.limits))
        raise Denied(PARTLY)
    for each in takedown.files(desk.office, number):
        if each.name == name:
            return download(each)
    raise Unknown(f"函 {number}: 没有文件 {name[:80]}")


@router.get("/{number}/attachments/{sha256}")
def attachment(desk: At, number: str, sha256: str) -> Response:
    """A scan, a mail as it was sent, or a reply's file."""
    _whole(desk, number)
    return download(takedown.attachment(desk.office, number, sha256))


@router.post("/{number}/check")
def check(desk: At, number: str, note: Text = "") -> Response:
    """审核."""
    desk.need("decide")
    _whole(desk, number)
    return _done(desk, takedown.check(desk.office, number, desk.actor, note))


@router.post("/{number}/sign")
def sign(
    desk: At, number: str, document_number: Text = "", signatory: Text = "", document_date: Text = "", note: Text = ""
) -> Response:
    """签发用印."""
    desk.need("sign")
    _whole(desk, number)
    given = entered(document_number, signatory, document_date)
    return _done(desk, takedown.sign(desk.office, number, desk.actor, note, **given), document_number)


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
    _whole(desk, number)
    files = uploaded([scan] if scan else [])
    given = entered(document_number, signatory, document_date)
    row = takedown.enter(desk.office, number, desk.actor, given, files[0] if files else None)
    return _done(desk, row, document_number)


@router.post("/{number}/void")
def void(desk: At, number: str, sure: Sure, reason: Text = "") -> Response:
    """作废."""
    desk.need("request")
    _whole(desk, number)
    if page := sure.first(
        f"作废 {number}", "作废后这件函不能再恢复，编号保留；其中的信息等待另行拟文。", f"/takedown/{number}"
    ):
        return page
    return _done(desk, takedown.void(desk.office, number, desk.actor, reason))


@router.post("/{number}/mark-sent")
def mark_sent(desk: At, number: str, sure: Sure) -> Response:
    """It went out by another way."""
    desk.need("request")
    _whole(desk, number)
    effect = "登记后期限起算，函件不能再改，只能另发撤回函或更正函。" + _left(desk, number)
    if page := sure.first(f"登记 {number} 已发出", effect, f"/takedown/{number}"):
        return page
    who = desk.actor
    report, rows = casework.mark_sent(desk.office, [number], who.person, None, who.unit, who.role)
    if report.notes:
        raise UsageError("；".join(report.notes))
    return desk.go(f"/takedown/{number}", said=plain(rows[0]["warning"] or f"{number}: 已登记发出"))


@router.post("/{number}/send")
def send(desk: At, number: str, sure: Sure, to: Text = "") -> Response:
    """By mail."""
    desk.need("request")
    _whole(desk, number)
    effect = "邮件发出后收不回来；函件不能再改，只能另发撤回函或更正函。" + _left(desk, number)
    if page := sure.first(f"发出 {number} 的邮件", effect, f"/takedown/{number}"):
        return page
    receivers = [each for each in re.split(r"[\s,，;；]+", to) if each]
    row = takedown.send(desk.office, number, desk.actor, receivers)
    return desk.go(f"/takedown/{number}", said=f"{number}: {row['outcome_label']} {row['answer']}"[:300])


@router.post("/{number}/settle")
def settle(desk: At, number: str, sure: Sure, accepted: Annotated[bool, Form()], reason: Text = "") -> Response:
    """What was found out about an unclear mail."""
    desk.need("request")
    _whole(desk, number)
    if page := sure.first(
        f"登记 {number} 的邮件{'已' if accepted else '未'}送达",
        "登记后不能再改：记为已送达即为发出，记为未送达则可以再发。",
        f"/takedown/{number}",
    ):
        return page
    return _done(desk, takedown.settle(desk.office, number, accepted, desk.actor, reason))


@router.post("/{number}/reply")
def reply(
    desk: At,
    number: str,
    kind: Text,
    reason: Text = "",
    listings: Chosen = [],  # noqa: B006
    files: list[UploadFile] = [],  # noqa: B006
) -> Response:
    """A platform's reply with its files."""
    desk.need("request")
    _whole(desk, number)
    given = uploaded(files)
    row = takedown.reply(desk.office, number, kind, desk.actor, reason=reason, listings=listings, given=given)
    return desk.go(f"/takedown/{number}", said=f"已记录复函：{row['kind_label']}（{row['about_label']}）")


@router.post("/{number}/withdraw")
def withdraw(desk: At, number: str, reason: Text = "", listings: Chosen = []) -> Response:  # noqa: B006
    """Draft a 撤回函; of chosen listings, else of all."""
    desk.need("decide")
    _whole(desk, number)
    return _done(desk, takedown.withdraw(desk.office, number, desk.actor, listings, reason))


@router.post("/{number}/correct")
def correct(desk: At, number: str, seq: Text, was: Text, now: Text, reason: Text = "") -> Response:
    """Draft a 更正函."""
    desk.need("decide")
    _whole(desk, number)
    return _done(desk, takedown.correct(desk.office, number, desk.actor, {seq.strip(): (was, now)}, reason))


@router.post("/{number}/escalate")
def escalate(desk: At, number: str, to: Text, reason: Text = "") -> Response:
    """Draft a 提请处置函."""
    desk.need("decide")
    _whole(desk, number)
    row = takedown_remind.escalate(desk.office, number, to, desk.actor, reason)
    told = f"；{row['left_out']}" if row["left_out"] else ""
    return desk.go(f"/takedown/{row['number']}", said=f"{row['number']}: {row['kind_label']} {row['step_label']}{told}")


def _left(desk: Desk, number: str) -> str:
    """What is empty of a letter, and what it says that no longer holds."""
    row = takedown.show_letter(desk.office, number)
    return unfilled(row) + same_number(desk, number, row["document_number"]) + (row["notice"] or "")


def _whole(desk: Desk, number: str) -> None:
    """Refuse what is about all of a letter where the account may see a part of it."""
    if not takedown_inside.is_whole(desk.office, number, desk.limits):
        raise Denied(PARTLY)


def _done(desk: Desk, row: dict[str, Any], document_number: str = "") -> Response:
    told = same_number(desk, row["number"], document_number)
    said = f"{row['number']}: {row['kind_label']} {row['step_label']}{f'；{told}' if told else ''}"
    return desk.go(f"/takedown/{row['number']}", said=said)
