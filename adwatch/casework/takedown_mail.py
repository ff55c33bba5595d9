"""Sending a letter by mail so that none is sent twice: the intent is on record before the server hears of it.

1. ``intend`` commits a row without an outcome, and keeps the whole message as an attachment. 2. The message goes out.
3. ``settle`` commits what the server said; if it took the message, the letter is sent. A process that dies between 1
and 3, or a connection that breaks while the server's answer is awaited, leaves it open whether the message was taken:
SMTP cannot tell afterwards. Such a letter is not sent again before a person has found out (``settle_by_hand``).
What this cannot do: a server that took a message may still lose it, and one that a person wrongly settles as not taken
goes out twice.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection

from adwatch.casework.letter_about import drawn
from adwatch.casework.official import Facts
from adwatch.casework.takedown_differing import of_letter, refuse_differing
from adwatch.casework.takedown_files import Bundling, File, files_of, mail_of
from adwatch.casework.takedown_kinds import BEFORE, MAIL_OUTCOMES, OPEN_OUTCOMES, STEPS
from adwatch.casework.takedown_sent import sent
from adwatch.casework.takedown_steps import SUBJECT, Desk, missing, one, refuse_open_mail, scans_of
from adwatch.casework.transaction import work
from adwatch.errors import UsageError
from adwatch.models import Actor
from adwatch.store import takedown_papers as papers
from adwatch.store.attachments import keep_attachment, read_attachment
from adwatch.store.audit import Entry, append_entries
from adwatch.store.engine import reading
from adwatch.store.opening import add_event
from adwatch.tables.takedown import NEEDED

Row = dict[str, Any]
MAIL = "mail"
"""Kind of the attachment that is the message."""


@dataclass(frozen=True, slots=True)
class Intent:
    """A message that is about to go out."""

    mail_id: int
    number: str
    message: bytes
    receivers: list[str]


def facts_of(letter: Row) -> Facts:
    """What was entered of a letter."""
    return Facts(*(letter[name] or "" for name in ("document_number", "signatory", "document_date")))


def letter_files(desk: Desk, number: str, bundling: Bundling) -> list[File]:
    """The files of a letter as they stand now."""
    return _files(desk, *_read(desk, number), bundling)


def words_of_letter(desk: Desk, number: str, most: int) -> tuple[list[str], list[list[str]]]:
    """(paragraphs, rows of the list, the heading first) of a letter as it stands now; at most so many rows."""
    letter, _ = _read(desk, number)
    listings = letter["content"]["listings"]
    content = {**letter["content"], "listings": listings[:most], "total": len(listings)}
    paragraphs, rows = _words(json.dumps(content), facts_of(letter))
    return [*paragraphs], [[*row] for row in rows]


@lru_cache(64)
def _words(content: str, facts: Facts) -> tuple[list[str], list[list[str]]]:
    """Of what a letter says, as JSON; kept, since a letter is looked at again after each of its steps."""
    document = drawn(json.loads(content), facts)
    paragraphs = [line.text for line in document.paragraphs if line.text.strip()]
    rows = document.tables[0]._tbl.tr_lst  # the library's own rows look at all columns for each cell
    return paragraphs, [["\n".join(line.text for line in cell.p_lst) for cell in row.tc_lst] for row in rows]


def as_mail(desk: Desk, number: str, sender: str, bundling: Bundling) -> File:
    """A letter as an .eml to be sent by hand; to whom stays empty where the address book knows no address."""
    letter, scans = _read(desk, number)
    receivers = [letter["content"]["email"]] if letter["content"].get("email") else []
    message_id = f"<{number}.draft@{sender.rpartition('@')[2] or 'adwatch.invalid'}>"
    files = _files(desk, letter, scans, bundling)
    message = mail_of(letter["content"], files, sender, receivers, message_id, desk.now, facts_of(letter))
    return File(f"{number}.eml", "message/rfc822", message)


def _read(desk: Desk, number: str) -> tuple[Row, list[Row]]:
    with reading(desk.engine) as connection:
        letter = one(connection, number)
        return letter, scans_of(connection, letter["id"])


def _files(desk: Desk, letter: Row, scans: list[Row], bundling: Bundling) -> list[File]:
    scan = None
    if there := [each for each in scans if not each["erased"]]:
        last = there[-1]
        end = "." + last["name"].rpartition(".")[2] if "." in last["name"] else ""
        scan = File(f"{letter['number']}{end}", last["media_type"], read_attachment(desk.home, last["sha256"]))
    return files_of(letter["content"], facts_of(letter), bundling, scan)


def intend(desk: Desk, number: str, actor: Actor, sender: str, receivers: list[str], bundling: Bundling) -> Intent:
    """Record that a letter is going to be mailed; refused where it may have been already.

    The message is made before the store is held: a list of thousands takes seconds.
    """
    letter, scans = _read(desk, number)
    with reading(desk.engine) as connection:
        tries = _ready(connection, desk, letter)
    receivers = receivers or ([letter["content"]["email"]] if letter["content"].get("email") else [])
    if not receivers:
        raise UsageError(f"函 {number}: 没有收件邮箱；用 --to 写明，或填入 platform_contacts.csv")
    message_id = f"<{number}.{tries + 1}@{sender.rpartition('@')[2]}>"
    files = _files(desk, letter, scans, bundling)
    message = mail_of(letter["content"], files, sender, receivers, message_id, desk.now, facts_of(letter))
    with work(desk.engine) as connection:
        now_there = one(connection, number)
        same = facts_of(now_there) == facts_of(letter) and scans_of(connection, letter["id"]) == scans
        if _ready(connection, desk, now_there) != tries or not same:
            raise UsageError(f"函 {number}: 正在由他人办理；请稍后再看")
        name = f"{number}.{tries + 1}.eml"
        about = {"subject": SUBJECT, "subject_id": letter["id"], "kind": MAIL, "actor": actor, "now": desk.now}
        keep_attachment(connection, desk.home, message, name=name, media_type="message/rfc822", **about)
        digest = hashlib.sha256(message).hexdigest()
        values = {"message_id": message_id, "receivers": receivers, "sha256": digest}
        mail_id = papers.add_mail(connection, letter["id"], actor, desk.now, **values)
        told = {"number": number, **values}
        add_event(connection, "takedown", letter["takedown_id"], "mail_intended", actor.person, desk.now, told)
        append_entries(connection, [Entry.of(actor, "takedown.mail-intent", "takedown", number, desk.now, told)])
    return Intent(mail_id, number, message, receivers)


def _ready(connection: Connection, desk: Desk, letter: Row) -> int:
    """How often it was tried before; an error where it must not go out."""
    number = letter["number"]
    if letter["step"] not in BEFORE:
        raise UsageError(f"函 {number}: 现为“{STEPS[letter['step']]}”，不再发送")
    refuse_open_mail(connection, letter)
    if lacks := missing(connection, letter, desk.rules.before_mail):
        named = "、".join(NEEDED[each] for each in lacks)
        raise UsageError(f"函 {number}: 本机关要求发送邮件前具备：{named}")
    refuse_differing(connection, letter, desk.tables, "发送")
    return len(papers.mails_of(connection, [letter["id"]]).get(letter["id"], []))


def settle(desk: Desk, number: str, mail_id: int, outcome: str, answer: str, actor: Actor) -> str | None:
    """Record what became of a mail; accepted, the letter is sent. Gives its deadline in ISO form, if it has one."""
    with work(desk.engine) as connection:
        letter = one(connection, number)
        papers.set_mail(connection, mail_id, outcome, answer[:1000], desk.now)
        told = {"number": number, "outcome": outcome, "answer": answer[:200]}
        add_event(connection, "takedown", letter["takedown_id"], "mail_" + outcome, actor.person, desk.now, told)
        entries = [Entry.of(actor, "takedown.mail-outcome", "takedown", number, desk.now, told)]
        until = None
        if outcome in ("accepted", "settled_accepted"):
            mails = papers.mails_of(connection, [letter["id"]])[letter["id"]]
            at = next(mail["at"] for mail in mails if mail["id"] == mail_id)
            found = of_letter(connection, letter, desk.tables)
            more, until = sent(connection, letter, actor, at, desk.now, desk.zone, desk.calendar, "send", found)
            entries = more[:-1] + entries + more[-1:]
        append_entries(connection, entries)
    return until.at.isoformat() if until else None


def settle_by_hand(desk: Desk, number: str, accepted: bool, actor: Actor, reason: str) -> str | None:
    """A person found out whether an unclear mail was taken."""
    if not reason.strip():
        raise UsageError("a reason is needed; write --reason TEXT: how it was found out")
    with reading(desk.engine) as connection:
        letter = one(connection, number)
        mails = papers.mails_of(connection, [letter["id"]]).get(letter["id"], [])
    unclear = [mail for mail in mails if mail["outcome"] in OPEN_OUTCOMES]
    if not unclear:
        known = "、".join(MAIL_OUTCOMES[mail["outcome"]] for mail in mails) or "没有邮件"
        raise UsageError(f"函 {number}: 没有结果不明的邮件（{known}）")
    outcome = "settled_accepted" if accepted else "settled_not"
    return settle(desk, number, unclear[-1]["id"], outcome, reason, actor)
