"""Sending a 更正函 to an office by mail so that none is sent twice; the way of ``takedown_mail``, step by step.

1. ``intend`` commits a row without an outcome, and keeps the whole message. 2. It goes out. 3. ``settle`` commits what
the server said; taken, the letter is sent. What is open between waits for a person (``settle_by_hand``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection

from adwatch.casework.correction_letter import SUBJECT, ended, lacking, one, refuse_open_mail, scans, sent, tell
from adwatch.casework.correction_paper import TITLES, correction_paper
from adwatch.casework.correction_sheet import correction_sheet
from adwatch.casework.takedown_files import DOCX, JSON, XLSX, File, mail_of
from adwatch.casework.takedown_kinds import BEFORE, MAIL_OUTCOMES, OPEN_OUTCOMES, STEPS
from adwatch.casework.takedown_mail import MAIL, Intent, facts_of
from adwatch.casework.takedown_steps import Desk
from adwatch.casework.transaction import work
from adwatch.errors import UsageError
from adwatch.models import Actor
from adwatch.store import correction_letters as store
from adwatch.store.attachments import keep_attachment, read_attachment
from adwatch.store.audit import append_entries
from adwatch.store.engine import reading

Row = dict[str, Any]


def letter_files(desk: Desk, letter: Mapping[str, Any], kept: Sequence[Row]) -> list[File]:
    """The .docx with what was entered (the sealed scan in its place, where there is one), its list, its data."""
    number, content = letter["number"], letter["content"]
    first = File(f"{number}.docx", DOCX, correction_paper(content, facts_of(dict(letter))))
    if there := [each for each in kept if not each["erased"]]:
        last = there[-1]
        end = "." + last["name"].rpartition(".")[2] if "." in last["name"] else ""
        first = File(f"{number}{end}", last["media_type"], read_attachment(desk.home, last["sha256"]))
    data = orjson.dumps(content, option=orjson.OPT_INDENT_2) + b"\n"
    return [first, File(f"{number}.xlsx", XLSX, correction_sheet(content)), File(f"{number}.json", JSON, data)]


def as_mail(desk: Desk, number: str, sender: str, receivers: list[str]) -> File:
    """The letter as an .eml to be sent by hand; to whom stays empty where no address is known."""
    letter, kept = _read(desk, number)
    message_id = f"<{number}.draft@{sender.rpartition('@')[2] or 'adwatch.invalid'}>"
    return File(f"{number}.eml", "message/rfc822", _message(desk, letter, kept, sender, receivers, message_id))


def _message(desk: Desk, letter: Row, kept: Sequence[Row], sender: str, receivers: list[str], message_id: str) -> bytes:
    files, title = letter_files(desk, letter, kept), TITLES[letter["paper"]]
    return mail_of(letter["content"], files, sender, receivers, message_id, desk.now, facts_of(letter), title)


def _read(desk: Desk, number: str) -> tuple[Row, list[Row]]:
    with reading(desk.engine) as connection:
        letter = one(connection, number)
        return letter, scans(connection, letter["id"])


def intend(desk: Desk, number: str, actor: Actor, sender: str, receivers: list[str]) -> Intent:
    """Record that a letter is going to be mailed; refused where it must not, or may have been already."""
    letter, kept = _read(desk, number)
    with reading(desk.engine) as connection:
        tries = _ready(connection, desk, letter)
    message_id = f"<{number}.{tries + 1}@{sender.rpartition('@')[2]}>"
    message = _message(desk, letter, kept, sender, receivers, message_id)
    with work(desk.engine) as connection:
        now_there = one(connection, number)
        same = facts_of(now_there) == facts_of(letter) and scans(connection, letter["id"]) == kept
        if _ready(connection, desk, now_there) != tries or not same:
            raise UsageError(f"更正函 {number}: 正在由他人办理；请稍后再看")
        about: Row = {"subject": SUBJECT, "subject_id": letter["id"], "kind": MAIL, "actor": actor, "now": desk.now}
        name = f"{number}.{tries + 1}.eml"
        keep_attachment(connection, desk.home, message, name=name, media_type="message/rfc822", **about)
        values = {"message_id": message_id, "receivers": receivers, "sha256": hashlib.sha256(message).hexdigest()}
        mail_id = store.add_mail(connection, letter["id"], actor, desk.now, **values)
        append_entries(connection, tell(connection, letter, actor, desk, "mail-intent", {"number": number, **values}))
    return Intent(mail_id, number, message, receivers)


def refuse(desk: Desk, number: str) -> None:
    """Refuse what must not go out, before it is asked to whom."""
    with reading(desk.engine) as connection:
        _ready(connection, desk, one(connection, number))


def _ready(connection: Connection, desk: Desk, letter: Row) -> int:
    """How often it was tried before; an error where it must not go out."""
    number = letter["number"]
    if letter["step"] not in BEFORE:
        raise UsageError(f"更正函 {number}: 现为“{STEPS[letter['step']]}”，不再发送")
    refuse_open_mail(connection, letter)
    if lacks := lacking(connection, letter, desk.rules.before_mail):
        raise UsageError(f"更正函 {number}: 本机关要求发送邮件前具备：{lacks}")
    if why_not := ended(connection, letter):
        raise UsageError(f"更正函 {number}: {why_not}；命令：adwatch differing void {number}")
    return len(store.mails_of(connection, letter["id"]))


def settle(desk: Desk, number: str, mail_id: int, outcome: str, answer: str, actor: Actor) -> str | None:
    """Record what became of a mail; accepted, the letter is sent. Gives a warning as ``mark_sent`` does."""
    with work(desk.engine) as connection:
        letter, warning = one(connection, number), None
        store.set_mail(connection, mail_id, outcome, answer[:1000], desk.now)
        told = {"number": number, "outcome": outcome, "answer": answer[:200]}
        entries = tell(connection, letter, actor, desk, "mail-outcome", told)
        if outcome in ("accepted", "settled_accepted"):
            at = next(mail["at"] for mail in store.mails_of(connection, letter["id"]) if mail["id"] == mail_id)
            more, warning = sent(connection, desk, letter, actor, at)
            entries += more
        append_entries(connection, entries)
    return warning


def settle_by_hand(desk: Desk, number: str, accepted: bool, actor: Actor, reason: str) -> str | None:
    """A person found out whether an unclear mail was taken."""
    if not reason.strip():
        raise UsageError("a reason is needed; write --reason TEXT: how it was found out")
    with reading(desk.engine) as connection:
        mails = store.mails_of(connection, one(connection, number)["id"])
    unclear = [mail for mail in mails if mail["outcome"] in OPEN_OUTCOMES]
    if not unclear:
        known = "、".join(MAIL_OUTCOMES[mail["outcome"]] for mail in mails) or "没有邮件"
        raise UsageError(f"更正函 {number}: 没有结果不明的邮件（{known}）")
    return settle(desk, number, unclear[-1]["id"], "settled_accepted" if accepted else "settled_not", reason, actor)
