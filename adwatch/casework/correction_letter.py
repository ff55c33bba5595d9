"""更正函 about a transfer, a 甄别函 or a 提请处置函 that went out: checked, signed, sent, or voided.

Its words are what the paper said and what was found since. Sent, it mends exactly the rows of ``differing`` that it
names: one that ended meanwhile (found otherwise once more, set aside, answered) it corrects no longer, so that it is
neither checked nor signed and has to be drafted anew. Its content never changes. It is drafted by ``correction_draft``,
and goes by mail through ``correction_mail``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from adwatch.casework.differing_sent import found_again
from adwatch.casework.shown import local
from adwatch.casework.takedown_kinds import BEFORE, OPEN_OUTCOMES, STEPS
from adwatch.casework.takedown_letters import needed_reason
from adwatch.casework.takedown_steps import SCAN, Desk, checked_facts
from adwatch.casework.transaction import work
from adwatch.errors import Unknown, UsageError
from adwatch.models import Actor
from adwatch.store import correction_letters as store
from adwatch.store import differing
from adwatch.store import takedown_papers as papers
from adwatch.store.attachments import attachments_of, keep_attachment
from adwatch.store.audit import Entry, append_entries
from adwatch.store.differing import TAKEDOWN
from adwatch.store.opening import add_event
from adwatch.tables.takedown import NEEDED

Row = dict[str, Any]
SUBJECT = "correction_letter"
"""Subject of the sealed scans of a letter."""
NEEDS = ("checked", "signed", "document_number", "signatory", "document_date", SCAN)
"""What the office's rules may ask for before a letter is registered as sent."""


def check(desk: Desk, number: str, actor: Actor, note: str = "") -> None:
    """审核."""
    _step(desk, number, actor, ("draft",), "checked", "审核", note)


def sign(desk: Desk, number: str, actor: Actor, note: str = "", given: Mapping[str, str | None] | None = None) -> None:
    """签发用印; ``given``: what ``enter`` takes, entered with it or not at all."""
    _step(desk, number, actor, ("checked",), "signed", "签发", note, given or {})


def void(desk: Desk, number: str, actor: Actor, reason: str) -> None:
    """作废: one that was not sent; what it would have corrected waits for another."""
    _step(desk, number, actor, BEFORE, "void", "作废", needed_reason(reason))


def enter(desk: Desk, number: str, actor: Actor, given: Mapping[str, str | None]) -> None:
    """文号, 签发人, 成文日期; once it was sent only what is empty is filled in."""
    with work(desk.engine) as connection:
        letter = one(connection, number)
        if letter["step"] == "void":
            raise UsageError(f"更正函 {number}: 已作废")
        values = checked_facts(given)
        if not values:
            raise UsageError("nothing to enter: give --document-number, --signatory or --date")
        append_entries(connection, _enter(connection, desk, letter, actor, values))


def mark_sent(desk: Desk, number: str, actor: Actor) -> str | None:
    """It went out: the rows that it names are mended. Gives a warning where it says what holds no longer."""
    with work(desk.engine) as connection:
        letter = one(connection, number)
        _must_be(letter, BEFORE, "登记发出")
        refuse_open_mail(connection, letter)
        if lacks := lacking(connection, letter, desk.rules.before_mark_sent):
            raise UsageError(f"更正函 {number}: 本机关要求发出前具备：{lacks}")
        entries, warning = sent(connection, desk, letter, actor, desk.now)
        append_entries(connection, entries)
    return warning


def lacking(connection: Connection, letter: Row, needed: Sequence[str]) -> str:
    """In words which of what the office asks for (ids of NEEDED) is not there."""
    done = BEFORE.index(letter["step"])
    there = {
        **letter,
        **{each: done >= BEFORE.index(each) for each in NEEDS[:2]},
        SCAN: scans(connection, letter["id"]),
    }
    return "、".join(NEEDED[each] for each in NEEDS if each in needed and not there[each])


def sent(connection: Connection, desk: Desk, letter: Row, actor: Actor, at: datetime) -> tuple[list[Entry], str | None]:
    """It went out, by whichever way: (entries of the audit log, a warning where it says what holds no longer)."""
    number, done = letter["number"], BEFORE.index(letter["step"])
    skipped = [each for each in BEFORE[1:] if BEFORE.index(each) > done]
    for each in skipped:
        store.add_step(connection, letter["id"], each, actor, desk.now, skipped=True)
    store.add_step(connection, letter["id"], "sent", actor, at)
    store.set_letter(connection, letter["id"], step="sent", sent_at=at)
    rows = store.rows_of(connection, [letter["id"]])[letter["id"]]
    late = [row for row in rows if row["ended_at"] is not None]
    differing.end(connection, [row["id"] for row in rows], "mended", desk.now, None, number)
    if late:  # it says what holds no longer, and that is what they know now
        found_again(connection, {row["case_id"] for row in late}, desk.now)
    told = {"number": number, "about": letter["about"], "mended": len(rows) - len(late)}
    told |= {"skipped": skipped} if skipped else {}
    entries = tell(connection, letter, actor, desk, "sent", told)
    if not late:
        return entries, None
    said = f"更正函 {number}: 所列 {len(late)} 条拟文后已另有认定或办理，未因本函办结；与现认定不符的另拟更正函"
    return entries, said


def refuse_open_mail(connection: Connection, letter: Mapping[str, Any]) -> None:
    """Refuse while nobody knows whether a mail of it was taken: a person finds out first."""
    for mail in store.mails_of(connection, letter["id"]):
        if mail["outcome"] in OPEN_OUTCOMES:
            raise UsageError(
                f"更正函 {letter['number']}: 邮件 {mail['message_id']} 是否已被接收尚不清楚；请先向对方或邮件管理员"
                f"核实，再用 adwatch differing settle {letter['number']} --accepted 或 --not-accepted 记录"
            )


def keep_scan(desk: Desk, number: str, actor: Actor, content: bytes, name: str, media_type: str) -> None:
    """The sealed scan; another may be added, none is taken away."""
    with work(desk.engine) as connection:
        letter = one(connection, number)
        about: Row = {"subject": SUBJECT, "subject_id": letter["id"], "kind": SCAN, "actor": actor, "now": desk.now}
        kept = keep_attachment(connection, desk.home, content, name=name, media_type=media_type, **about)
        told = {"number": number, "sha256": kept["sha256"], "size": kept["size"]}
        append_entries(connection, tell(connection, letter, actor, desk, "scan", told))


def scans(connection: Connection, letter_id: int) -> list[Row]:
    """The sealed scans of a letter, oldest first."""
    return [row for row in attachments_of(connection, SUBJECT, [letter_id]).get(letter_id, []) if row["kind"] == SCAN]


def one(connection: Connection, number: str) -> Row:
    """The letter of that number, or an error that says where numbers are found."""
    found = store.letters(connection, number=number)
    if not found:
        raise Unknown(unknown(number))
    return found[0]


def unknown(number: str) -> str:
    """What is said of a number that names no letter, or none that somebody may see."""
    return f"更正函 {number[:40]}: 没有这个编号；用 adwatch differing letters 查看"


def ended(connection: Connection, letter: Mapping[str, Any]) -> str | None:
    """Why a letter that has not gone out must not, and what to do; None where all that it says holds."""
    rows = store.rows_of(connection, [letter["id"]])[letter["id"]]
    if letter["step"] not in BEFORE or not any(row["ended_at"] is not None for row in rows):
        return None
    return "所列内容拟文后已另有认定或办理。先作废本函，再按需要重新拟文"


def shown(desk: Desk, letter: Mapping[str, Any]) -> Row:
    """A letter as it is listed."""
    names = ("number", "paper", "about", "step", "document_number", "signatory", "document_date")
    return {
        **{name: letter[name] for name in names},
        "addressee": letter["content"]["addressee"],
        "count": len(letter["content"]["listings"]),
        "step_label": STEPS[letter["step"]],
        "drafted_at": local(letter["drafted_at"], desk.zone),
        "sent_at": local(letter["sent_at"], desk.zone) or None,
    }


def _step(
    desk: Desk,
    number: str,
    actor: Actor,
    origins: Sequence[str],
    to: str,
    what: str,
    note: str,
    given: Mapping[str, str | None] | None = None,
) -> None:
    with work(desk.engine) as connection:
        letter, values = one(connection, number), checked_facts(given or {})
        _must_be(letter, origins, what)
        refuse_open_mail(connection, letter)
        if to != "void" and (why_not := ended(connection, letter)):
            raise UsageError(f"更正函 {number}: {why_not}；命令：adwatch differing void {number}")
        entries = _enter(connection, desk, letter, actor, values) if values else []
        store.set_letter(connection, letter["id"], step=to)
        store.add_step(connection, letter["id"], to, actor, desk.now, note)
        told = {"number": number, "from": letter["step"], "to": to}
        append_entries(connection, entries + tell(connection, letter, actor, desk, to, told))


def _enter(connection: Connection, desk: Desk, letter: Row, actor: Actor, values: Mapping[str, str]) -> list[Entry]:
    was = {name: letter[name] for name in values if letter[name]}
    fixed = [name for name, old in was.items() if old != values[name] and letter["step"] not in BEFORE]
    if fixed:
        raise UsageError(f"更正函 {letter['number']}: 已发出，{NEEDED[fixed[0]]}不再更改")
    store.set_letter(connection, letter["id"], **values)
    return tell(connection, letter, actor, desk, "enter", {"number": letter["number"], **values, "was": was})


def tell(
    connection: Connection, letter: Mapping[str, Any], actor: Actor, desk: Desk, act: str, told: Mapping[str, Any]
) -> list[Entry]:
    """The event of the paper that it is about, and the entry of the audit log."""
    detail, key = {"unit": actor.unit, **told}, letter["paper_id"]
    if letter["paper"] == TAKEDOWN:  # what happens to a letter stands with its request
        key = papers.letters(connection, number=letter["about"])[0]["takedown_id"]
    add_event(connection, letter["paper"], key, f"correction_{act}", actor.person, desk.now, detail)
    return [Entry.of(actor, f"correction.{act}", "correction", letter["number"], desk.now, dict(told))]


def _must_be(letter: Mapping[str, Any], steps: Sequence[str], what: str) -> None:
    if letter["step"] not in steps:
        wanted = "、".join(f"“{STEPS[each]}”" for each in steps)
        raise UsageError(f"更正函 {letter['number']}: 现为“{STEPS[letter['step']]}”，{wanted}时才能{what}")
