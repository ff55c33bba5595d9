"""更正函 about a transfer or a 甄别函 that went out: drafted of what differs, checked, signed, sent, or voided.

Its words are what the paper said and what was found since. Sent, it mends exactly the rows of ``differing`` that it
names: one that ended meanwhile (found otherwise once more, set aside, answered) it corrects no longer, so that it is
neither checked nor signed and has to be drafted anew. Its content never changes. Nothing is sent from here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from adwatch.casework.differing_sent import found_again
from adwatch.casework.differing_words import in_words
from adwatch.casework.official import chinese_day
from adwatch.casework.request import letterhead
from adwatch.casework.shown import local, printable
from adwatch.casework.takedown_kinds import BEFORE, STEPS
from adwatch.casework.takedown_letters import LONGEST, needed_reason
from adwatch.casework.takedown_steps import SCAN, Desk, checked_facts
from adwatch.casework.transaction import work
from adwatch.casework.transfer_table import KINDS as TRANSFERS
from adwatch.errors import Unknown, UsageError
from adwatch.models import Actor
from adwatch.store import correction_letters as store
from adwatch.store import differing
from adwatch.store import schema as s
from adwatch.store.attachments import attachments_of, keep_attachment
from adwatch.store.audit import Entry, append_entries
from adwatch.store.cases import next_number
from adwatch.store.differing import CONFIRMATION, TAKEDOWN, TRANSFER
from adwatch.store.opening import add_event
from adwatch.tables.takedown import NEEDED

Row = dict[str, Any]
SCHEMA = "adwatch.correction/1"
SUBJECT = "correction_letter"
"""Subject of the sealed scans of a letter."""
NEEDS = ("checked", "signed", "document_number", "signatory", "document_date", SCAN)
"""What the office's rules may ask for before a letter is registered as sent."""


def draft(desk: Desk, about: str, actor: Actor, reason: str, cases: Sequence[int] = ()) -> str:
    """Draft a 更正函 of what differs of a paper, of some cases or all; gives its number."""
    with work(desk.engine) as connection:
        rows = differing.open_by_number(connection, [about])
        if not rows or rows[0]["paper"] == TAKEDOWN:
            raise Unknown(f"{about[:40]}: 没有与现认定不符的移送或甄别函；用 adwatch differing list 查看")
        if unknown := sorted(set(cases) - {row["case_id"] for row in rows}):
            raise UsageError(f"{about}: 案件 {unknown[0]} 没有与现认定不符之处")
        rows = [row for row in rows if not cases or row["case_id"] in cases]
        if begun := store.under_way(connection, [row["id"] for row in rows], BEFORE):
            raise UsageError(f"{about}: 更正函 {begun[0]} 尚未发出；先发出或作废")
        return _drafted(connection, desk, rows, actor, needed_reason(reason))


def _drafted(connection: Connection, desk: Desk, rows: Sequence[Row], actor: Actor, reason: str) -> str:
    now, about, paper, key = desk.now, rows[0]["number"], rows[0]["paper"], rows[0]["paper_id"]
    day = now.astimezone(desk.zone).date()
    number = f"ADW-CL-{day.year}-{next_number(connection, f'correction_letter:{day.year}'):04d}"
    said = differing.contents(connection, paper, [key])[key]
    content = {
        "schema": SCHEMA,
        "number": number,
        **_about(connection, desk, paper, key, said),
        "paper": paper,
        "about": about,
        "addressee": said["addressee"],
        "unit": said.get("unit") or actor.unit,
        "letterhead": letterhead(desk.rules),
        "reason": reason.rstrip("。"),
        "drafted_at": now.isoformat(),
        "drafted_day": day.isoformat(),
        "listings": _listed(connection, desk, paper, said, rows),
    }
    letter = {"number": number, "paper": paper, "paper_id": key, "about": about, "drafted_at": now, "content": content}
    letter_id = store.add(connection, [row["id"] for row in rows], **letter)
    store.add_step(connection, letter_id, "draft", actor, now, reason)
    told = {"number": number, "about": about, "listings": len(rows), "reason": reason}
    append_entries(connection, _tell(connection, letter, actor, desk, "draft", told))
    return number


def _about(connection: Connection, desk: Desk, paper: str, key: int, said: Mapping[str, Any]) -> Row:
    """Title, 文号 and day of the paper."""
    if paper == TRANSFER:
        row = connection.execute(select(s.transfer).where(s.transfer.c.id == key)).one()
        title, document = TRANSFERS[row.kind].title, row.document_number
    else:
        row = connection.execute(select(s.confirmation).where(s.confirmation.c.id == key)).one()
        title, document = "关于协助甄别涉嫌违法证书类信息线索的函", row.document
    sent = chinese_day(row.sent_at.astimezone(desk.zone).date().isoformat())
    return {"about_title": title, "about_document": document or "", "about_sent": sent}


def _listed(connection: Connection, desk: Desk, paper: str, said: Mapping[str, Any], rows: Sequence[Row]) -> list[Row]:
    """What is corrected, in words, by the order of the rows."""
    names = {each: row.label for each, row in desk.tables.classes.items()}
    public = {key: name for name, key in differing.public_ids(connection, _listings(rows)).items()}
    if paper == CONFIRMATION:
        links = {row["seq"]: row["url"] for row in said["rows"]}
    else:
        stated = [each for case in said.get("cases", ()) for each in case["listings"]]
        links = {each.get("listing_id"): each["url"] or f"平台内编号：{each['native_id']}" for each in stated}
    found = []
    for seq, row in enumerate(rows, 1):
        words, listing_id = in_words(row, names), public.get(row["listing_id"])
        found.append(
            {
                "seq": seq,
                "differing": row["id"],
                "case_id": row["case_id"],
                "lead_number": row["lead_number"],
                "listing_id": listing_id,
                "url": printable(links.get(row["seq"] if paper == CONFIRMATION else listing_id) or "见原文"),
                "was": printable(words["said"])[:LONGEST],
                "now": printable(words["holds"])[:LONGEST],
                "holds": row["holds"],
            }
        )
    return found


def _listings(rows: Sequence[Row]) -> list[int]:
    return [row["listing_id"] for row in rows if row["listing_id"] is not None]


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
        done = BEFORE.index(letter["step"])
        lacks = [each for each in NEEDS[:2] if each in desk.rules.before_mark_sent and done < BEFORE.index(each)]
        there = {**letter, SCAN: scans(connection, letter["id"])}
        lacks += [each for each in NEEDS[2:] if each in desk.rules.before_mark_sent and not there[each]]
        if lacks:
            raise UsageError(f"更正函 {number}: 本机关要求发出前具备：{'、'.join(NEEDED[each] for each in lacks)}")
        skipped = [each for each in BEFORE[1:] if BEFORE.index(each) > done]
        for each in skipped:
            store.add_step(connection, letter["id"], each, actor, desk.now, skipped=True)
        store.add_step(connection, letter["id"], "sent", actor, desk.now)
        store.set_letter(connection, letter["id"], step="sent", sent_at=desk.now)
        rows = store.rows_of(connection, [letter["id"]])[letter["id"]]
        late = [row for row in rows if row["ended_at"] is not None]
        differing.end(connection, [row["id"] for row in rows], "mended", desk.now, None, number)
        if late:  # it says what holds no longer, and that is what they know now
            found_again(connection, {row["case_id"] for row in late}, desk.now)
        told = {"number": number, "about": letter["about"], "mended": len(rows) - len(late)}
        told |= {"skipped": skipped} if skipped else {}
        append_entries(connection, _tell(connection, letter, actor, desk, "sent", told))
    if not late:
        return None
    return f"更正函 {number}: 所列 {len(late)} 条拟文后已另有认定或办理，未因本函办结；与现认定不符的另拟更正函"


def keep_scan(desk: Desk, number: str, actor: Actor, content: bytes, name: str, media_type: str) -> None:
    """The sealed scan; another may be added, none is taken away."""
    with work(desk.engine) as connection:
        letter = one(connection, number)
        about: Row = {"subject": SUBJECT, "subject_id": letter["id"], "kind": SCAN, "actor": actor, "now": desk.now}
        kept = keep_attachment(connection, desk.home, content, name=name, media_type=media_type, **about)
        told = {"number": number, "sha256": kept["sha256"], "size": kept["size"]}
        append_entries(connection, _tell(connection, letter, actor, desk, "scan", told))


def scans(connection: Connection, letter_id: int) -> list[Row]:
    """The sealed scans of a letter, oldest first."""
    return attachments_of(connection, SUBJECT, [letter_id]).get(letter_id, [])


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
        if to != "void" and (why_not := ended(connection, letter)):
            raise UsageError(f"更正函 {number}: {why_not}；命令：adwatch differing void {number}")
        entries = _enter(connection, desk, letter, actor, values) if values else []
        store.set_letter(connection, letter["id"], step=to)
        store.add_step(connection, letter["id"], to, actor, desk.now, note)
        told = {"number": number, "from": letter["step"], "to": to}
        append_entries(connection, entries + _tell(connection, letter, actor, desk, to, told))


def _enter(connection: Connection, desk: Desk, letter: Row, actor: Actor, values: Mapping[str, str]) -> list[Entry]:
    was = {name: letter[name] for name in values if letter[name]}
    fixed = [name for name, old in was.items() if old != values[name] and letter["step"] not in BEFORE]
    if fixed:
        raise UsageError(f"更正函 {letter['number']}: 已发出，{NEEDED[fixed[0]]}不再更改")
    store.set_letter(connection, letter["id"], **values)
    return _tell(connection, letter, actor, desk, "enter", {"number": letter["number"], **values, "was": was})


def _tell(
    connection: Connection, letter: Mapping[str, Any], actor: Actor, desk: Desk, act: str, told: Mapping[str, Any]
) -> list[Entry]:
    """The event of the paper that it is about, and the entry of the audit log."""
    detail = {"unit": actor.unit, **told}
    add_event(connection, letter["paper"], letter["paper_id"], f"correction_{act}", actor.person, desk.now, detail)
    return [Entry.of(actor, f"correction.{act}", "correction", letter["number"], desk.now, dict(told))]


def _must_be(letter: Mapping[str, Any], steps: Sequence[str], what: str) -> None:
    if letter["step"] not in steps:
        wanted = "、".join(f"“{STEPS[each]}”" for each in steps)
        raise UsageError(f"更正函 {letter['number']}: 现为“{STEPS[letter['step']]}”，{wanted}时才能{what}")
