"""Steps of a letter before it goes out, each with who and when: 审核, 签发用印, 作废, and what the office enters later.

A letter's content never changes: one that turns out wrong is voided (its number stays, so there is no gap) and drafted
anew; once sent it is mended by another letter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine

from adwatch.casework import takedown_tracks as tracks
from adwatch.casework.differing import Tables
from adwatch.casework.takedown_differing import refuse_differing
from adwatch.casework.takedown_kinds import BEFORE, KINDS, OPEN_OUTCOMES, STEPS
from adwatch.casework.transaction import work
from adwatch.errors import Unknown, UsageError
from adwatch.models import Actor
from adwatch.store import takedown_papers as papers
from adwatch.store.attachments import attachments_of, keep_attachment
from adwatch.store.audit import Entry, append_entries
from adwatch.store.cases import tell_index
from adwatch.store.engine import reading
from adwatch.store.opening import add_event
from adwatch.store.takedowns import listings_of
from adwatch.tables.holidays import WorkingDays
from adwatch.tables.takedown import NEEDED, TakedownRules

SUBJECT = "takedown_letter"
"""Subject of the attachments of a letter."""
SCAN = "scan"
LONGEST = 200
_READ: WeakKeyDictionary[Connection, dict[str, dict[str, Any]]] = WeakKeyDictionary()
"""Letters that a reader was given, by their numbers."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What work on letters needs besides the store."""

    engine: Engine
    home: Path
    rules: TakedownRules
    calendar: WorkingDays
    now: datetime
    zone: tzinfo
    tables: Tables


def check(desk: Desk, number: str, actor: Actor, note: str = "") -> None:
    """审核: what it says of its cases must still hold, as at each step before it goes out."""
    with work(desk.engine) as connection:
        letter = one(connection, number)
        _must_be(letter, ("draft",), "审核")
        refuse_differing(connection, letter, desk.tables, "审核")
        append_entries(connection, step(connection, letter, "checked", actor, desk.now, note))


def sign(desk: Desk, number: str, actor: Actor, note: str = "") -> None:
    """签发用印; its cases are looked at again, since somebody may have found otherwise after it was checked."""
    with work(desk.engine) as connection:
        letter = one(connection, number)
        _must_be(letter, ("checked",), "签发")
        refuse_differing(connection, letter, desk.tables, "签发")
        append_entries(connection, step(connection, letter, "signed", actor, desk.now, note))


def refuse_sign(desk: Desk, number: str) -> None:
    """Refuse before anything is entered what ``sign`` would refuse: a 文号 is not spent on a letter to be voided."""
    with reading(desk.engine) as connection:
        letter = one(connection, number)
        _must_be(letter, ("checked",), "签发")
        refuse_differing(connection, letter, desk.tables, "签发")


def void(desk: Desk, number: str, actor: Actor, reason: str) -> None:
    """作废: a letter that was not sent; the listings of a request wait for another."""
    if not reason.strip():
        raise UsageError("a reason is needed; write --reason TEXT")
    with work(desk.engine) as connection:
        letter = one(connection, number)
        _must_be(letter, BEFORE, "作废")
        refuse_open_mail(connection, letter)
        entries = step(connection, letter, "void", actor, desk.now, reason)
        if KINDS[letter["kind"]].asks:
            papers.set_request(connection, letter["takedown_id"], state="void")
            tell_index(connection, [each.listing_id for each in listings_of(connection, [letter["takedown_id"]])])
        append_entries(connection, entries)


def enter(desk: Desk, number: str, actor: Actor, given: Mapping[str, str | None]) -> None:
    """What the office's document system gave: document_number, signatory, document_date (YYYY-MM-DD).

    Before the letter is sent they may be corrected; afterwards only what is empty is filled in.
    """
    values = checked_facts(given)
    if not values:
        raise UsageError("nothing to enter: give --document-number, --signatory or --date")
    with work(desk.engine) as connection:
        letter = one(connection, number)
        if letter["step"] == "void":
            raise UsageError(f"函 {number}: 已作废")
        was = {name: letter[name] for name in values}
        fixed = [name for name, old in was.items() if old and old != values[name] and letter["step"] not in BEFORE]
        if fixed:
            raise UsageError(f"函 {number}: 已发出，{NEEDED[fixed[0]]}不再更改；有误的另行更正")
        papers.set_letter(connection, letter["id"], **values)
        told = {"number": number, **values, "was": {name: old for name, old in was.items() if old}}
        add_event(connection, "takedown", letter["takedown_id"], "entered", actor.person, desk.now, told)
        append_entries(connection, [Entry.of(actor, "takedown.enter", "takedown", number, desk.now, told)])


def checked_facts(given: Mapping[str, str | None]) -> dict[str, str]:
    """Those of document_number, signatory and document_date that are given, as they are kept."""
    values = {name: value.strip() for name, value in given.items() if value is not None}
    for name, value in values.items():
        if not value or len(value) > LONGEST:
            raise UsageError(f"{NEEDED[name]}: 应为 1 至 {LONGEST} 字")
    if "document_date" in values:
        values["document_date"] = _day(values["document_date"])
    return values


def keep_scan(desk: Desk, number: str, actor: Actor, content: bytes, name: str, media_type: str) -> None:
    """The sealed scan; another may be added, none is taken away."""
    with work(desk.engine) as connection:
        letter = one(connection, number)
        about = {"subject": SUBJECT, "subject_id": letter["id"], "kind": SCAN, "actor": actor, "now": desk.now}
        kept = keep_attachment(connection, desk.home, content, name=name, media_type=media_type, **about)
        told = {"number": number, "sha256": kept["sha256"], "size": kept["size"]}
        add_event(connection, "takedown", letter["takedown_id"], "scanned", actor.person, desk.now, told)
        append_entries(connection, [Entry.of(actor, "takedown.scan", "takedown", number, desk.now, told)])


def one(connection: Connection, number: str) -> dict[str, Any]:
    """The letter of that number, or an error that says where numbers are found; a reader reads a large list once."""
    reads = connection.get_execution_options().get("adwatch_read", False)
    known = _READ.setdefault(connection, {}) if reads else {}
    if number not in known:
        found = papers.letters(connection, number=number)
        if not found:
            raise Unknown(unknown_letter(number))
        known[number] = found[0]
    return known[number]


def unknown_letter(number: str) -> str:
    """What is said of a number that names no letter, or none that somebody may see."""
    return f"函 {number[:40]}: 没有这个编号；用 adwatch takedown list 查看"


def step(
    connection: Connection, letter: dict[str, Any], to: str, actor: Actor, now: datetime, note: str = ""
) -> list[Entry]:
    """Record a step of a letter; of a request, the 下架 track of its cases goes along where it has that step."""
    was, letter["step"] = letter["step"], to
    papers.set_letter(connection, letter["id"], step=to)
    papers.add_step(connection, letter["id"], to, actor, now, note)
    told = {"number": letter["number"], "from": was, "to": to}
    add_event(connection, "takedown", letter["takedown_id"], to, actor.person, now, {**told, "note": note})
    entries = [Entry.of(actor, f"takedown.{to}", "takedown", letter["number"], now, told)]
    if KINDS[letter["kind"]].asks and to in ("checked", "signed"):
        cases = papers.cases_of(connection, letter["takedown_id"])
        entries = tracks.advance(connection, cases, to, actor, now, {"number": letter["number"]}) + entries
    return entries


def missing(connection: Connection, letter: Mapping[str, Any], needed: tuple[str, ...]) -> list[str]:
    """Which of what the office asks for is not there (ids of NEEDED)."""
    done = {"checked": ("checked", "signed"), "signed": ("signed",)}
    lacks = [each for each in needed if each in done and letter["step"] not in done[each]]
    lacks += [each for each in needed if each not in (*done, SCAN) and not letter[each]]
    if SCAN in needed and not scans_of(connection, letter["id"]):
        lacks.append(SCAN)
    return lacks


def scans_of(connection: Connection, letter_id: int) -> list[dict[str, Any]]:
    """The sealed scans of a letter, oldest first."""
    found = attachments_of(connection, SUBJECT, [letter_id]).get(letter_id, [])
    return [row for row in found if row["kind"] == SCAN]


def refuse_open_mail(connection: Connection, letter: Mapping[str, Any]) -> None:
    """Refuse while nobody knows whether a mail of it was taken: a person finds out first."""
    if unclear := open_mail(connection, letter):
        raise UsageError(unclear)


def open_mail(connection: Connection, letter: Mapping[str, Any]) -> str | None:
    """What is to be done about a mail of which nobody knows whether it was taken; None where there is none."""
    for mail in papers.mails_of(connection, [letter["id"]]).get(letter["id"], []):
        if mail["outcome"] in OPEN_OUTCOMES:
            return (
                f"函 {letter['number']}: 邮件 {mail['message_id']} 是否已被接收尚不清楚；请先向对方或邮件管理员核实，"
                f"再用 adwatch takedown settle {letter['number']} --accepted 或 --not-accepted 记录"
            )
    return None


def _must_be(letter: Mapping[str, Any], steps: tuple[str, ...], what: str) -> None:
    if letter["step"] not in steps:
        wanted = "、".join(f"“{STEPS[each]}”" for each in steps)
        raise UsageError(f"函 {letter['number']}: 现为“{STEPS[letter['step']]}”，{wanted}时才能{what}")


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise UsageError(f"--date {text!r}: no date; write YYYY-MM-DD") from error
