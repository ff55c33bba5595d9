"""Letters about a request that was sent: 催办 when it falls due, 撤回 and 更正 of what was wrong, 提请处置.

Each has its own number without gaps and goes the same steps as a request; its content is made of what was sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from adwatch.casework.differing import differences
from adwatch.casework.differing_words import in_words
from adwatch.casework.official import chinese_day, chinese_time
from adwatch.casework.request import letterhead
from adwatch.casework.shown import printable
from adwatch.casework.takedown_kinds import BEFORE, KINDS, STEPS
from adwatch.casework.takedown_mended import DIFFERING, mended, to_mend, withdrawn
from adwatch.casework.takedown_standing import stand_still
from adwatch.casework.takedown_steps import Desk, one
from adwatch.casework.transaction import work
from adwatch.errors import UsageError
from adwatch.models import Actor
from adwatch.store import differing
from adwatch.store import takedown_papers as papers
from adwatch.store.asked_anew import asked_anew
from adwatch.store.audit import Entry, append_entries
from adwatch.store.cases import next_number
from adwatch.store.corrections import STANDING
from adwatch.store.last_looks import cleared
from adwatch.store.opening import add_event, chunks
from adwatch.tables.takedown import Escalation

Row = dict[str, Any]
SCHEMA = "adwatch.letter/1"
LONGEST = 500
NAMED = 30
"""Rows left out of a letter that are named by their numbers, at most."""
LEFT = "未列入"
SETTLED_WORDS = ("gone",)
"""Words of a check after which a platform is not reminded of a listing."""


def withdraw(desk: Desk, number: str, actor: Actor, listings: Sequence[str], reason: str) -> str:
    """Draft a 撤回函 over listings of a request (numbers of its list or public ids; none: all). Gives its number."""
    with work(desk.engine) as connection:
        request = _sent_request(connection, number)
        rows = chosen(request["content"], listings)
        return _draft(connection, desk, "withdraw", request, rows, actor, needed_reason(reason))


def correct(desk: Desk, number: str, actor: Actor, listings: Mapping[str, tuple[str, str]], reason: str) -> str:
    """Draft a 更正函; ``listings`` gives by number of the list what was said and what is right."""
    if not listings:
        raise UsageError("nothing to correct: give --listing NUMBER=原文所载=更正为")
    with work(desk.engine) as connection:
        request = _sent_request(connection, number)
        rows = []
        for name, (was, now) in listings.items():
            (row,) = chosen(request["content"], [name])
            rows.append({**row, "was": printable(was)[:LONGEST], "now": printable(now)[:LONGEST]})
        rows = to_mend(connection, rows, desk.tables)
        return _draft(connection, desk, "correct", request, rows, actor, needed_reason(reason))


def correct_differing(desk: Desk, number: str, actor: Actor, reason: str) -> str:
    """Draft a 更正函 of what a later finding corrected of a request: it mends exactly that, in words of ours."""
    with work(desk.engine) as connection:
        request = _sent_request(connection, number)
        names = {key: each.label for key, each in desk.tables.classes.items()}
        found = [(row, in_words(row, names)) for row in differing.open_by_number(connection, [number])]
        if not (standing := {row["listing_id"]: (row, said) for row, said in found if not said["fallen"]}):
            due = "；已不属实的，用 adwatch takedown withdraw 撤回" if found else ""
            raise UsageError(f"函 {number}: 没有要更正的违法类型{due}")
        keys = differing.public_ids(connection, standing)
        rows = []
        for each in to_mend(connection, chosen(request["content"], sorted(keys)), desk.tables):
            row, said = standing[keys[each["listing_id"]]]
            rows.append({**each, "was": said["said"], "now": said["holds"], DIFFERING: row["id"]})
        return _draft(connection, desk, "correct", request, rows, actor, needed_reason(reason))


def remind(desk: Desk, number: str, actor: Actor) -> str:
    """Draft a 催办函 over what is not settled, as it stands after a 更正函; only one at a time is under way.

    What the request says otherwise than it holds now is left out, and named in the note of its first step.
    """
    with work(desk.engine) as connection:
        request = _sent_request(connection, number)
        rows, left = _to_repeat(connection, desk, request, "催办")
        under_way = _about(connection, request, "remind", BEFORE)
        if under_way:
            raise UsageError(f"函 {number}: 催办函 {under_way[-1]['number']} 尚未发出；先发出或作废")
        order = len(_about(connection, request, "remind", ("sent",))) + 1
        return _draft(connection, desk, "remind", request, rows, actor, "", left, order=order)


def escalate(desk: Desk, number: str, to: Escalation, actor: Actor, reason: str) -> str:
    """Draft a 提请处置函 to 网信, 通信管理, 公安 or whom else the table names; leaves out what a reminder does."""
    with work(desk.engine) as connection:
        request = _sent_request(connection, number)
        rows, left = _to_repeat(connection, desk, request, "提请处置")
        order = len(_about(connection, request, "remind", ("sent",)))
        more = {"addressee": to.named, "email": to.email or None, "to": to.id, "order": order}
        return _draft(connection, desk, "escalate", request, rows, actor, needed_reason(reason), left, **more)


def left_out(connection: Connection, number: str) -> str:
    """What a reminder or escalation left out of its request, as its first step says; nothing where it left nothing."""
    letter = one(connection, number)
    note = str(papers.steps_of(connection, [letter["id"]])[letter["id"]][0]["note"])
    return note[note.index(LEFT) :] if LEFT in note else ""


def _to_repeat(connection: Connection, desk: Desk, request: Row, what: str) -> tuple[list[Row], str]:
    """(open rows of a request as they stand after every 更正函, which of them are left out in words).

    Left out is what no longer holds: a letter that repeats it could not be sent.
    """
    number = request["number"]
    rows = mended(connection, request["takedown_id"], unsettled(connection, request), desk.tables)
    if not rows:
        raise UsageError(f"函 {number}: 没有待处置的信息，不需要{what}{_replaced(connection, request)}")
    found = differences(connection, rows, desk.tables, STANDING)
    named = {fallen: [str(each["seq"]) for each in found if each["fallen"] == fallen] for fallen in (False, True)}
    said = "，".join(
        f"序号 {'、'.join(seqs[:NAMED])}{f'等 {len(seqs)} 条' if len(seqs) > NAMED else ''} "
        + ("已不是“属实”，先发撤回函" if fallen else "所载与现认定不同，先发更正函")
        for fallen, seqs in named.items()
        if seqs
    )
    differing = {each["listing_id"] for each in found}
    kept = [row for row in rows if row["listing_id"] not in differing]
    if not kept:
        raise UsageError(f"函 {number}: 待处置的信息所载都与现认定不同，不能{what}：{said}")
    return kept, f"{LEFT} {len(found)} 条：{said}" if found else ""


def chosen(content: Mapping[str, Any], names: Sequence[str]) -> list[Row]:
    """Rows of a request's list by their number or public id; all where none is named."""
    if not names:
        return list(content["listings"])
    by_name = {str(row["seq"]): row for row in content["listings"]}
    by_name.update((row["listing_id"], row) for row in content["listings"])
    unknown = [name for name in names if name not in by_name]
    if unknown:
        raise UsageError(f"函 {content['number']}: 清单中没有 {unknown[0][:40]!r}；写清单的序号或信息编号")
    return sorted({row["seq"]: row for row in (by_name[name] for name in names)}.values(), key=lambda row: row["seq"])


def unsettled(connection: Connection, request: Row) -> list[Row]:
    """Rows of a request that are open still (``open_listings``)."""
    left = open_listings(connection, [request["takedown_id"]])[request["takedown_id"]]
    return [row for row in request["content"]["listings"] if row["listing_id"] in left]


def open_listings(
    connection: Connection, takedown_ids: Sequence[int], among: Mapping[int, Mapping[str, str | None]] | None = None
) -> dict[int, set[str]]:
    """By request the public ids of what is neither gone, nor answered as handled, nor withdrawn, nor asked for anew.

    Nor is what was changed to something that is no offer; what was answered as handled and found offered by a later
    look is open again.
    ``among``: of these alone, by request with the words of their last checks.
    """
    rows = papers.words_of(connection, takedown_ids) if among is None else {}
    words = {key: dict(each) for key, each in rows.items()} if among is None else among
    found = {
        each: {key for key, word in words.get(each, {}).items() if word not in SETTLED_WORDS} for each in takedown_ids
    }
    replies = papers.replies_of(connection, takedown_ids)
    for request_id, answers in replies.items():
        for reply in answers:
            if reply["kind"] == "accepted":
                found[request_id] -= found[request_id] if reply["listings"] is None else set(reply["listings"])
    for takedown_id, again in stand_still(connection, replies).items():
        found[takedown_id] |= again & words.get(takedown_id, {}).keys()
    for ids in chunks(takedown_ids):
        for takedown_id, gone in withdrawn(connection, ids).items():
            found[takedown_id] -= gone
    for takedown_id, anew in asked_anew(connection, takedown_ids).items():
        found[takedown_id] -= anew.keys()
    for takedown_id, harmless in cleared(connection, takedown_ids).items():
        found[takedown_id] -= harmless
    return found


def _replaced(connection: Connection, request: Row) -> str:
    """By which later requests it was replaced, in words; nothing where it was not."""
    again = asked_anew(connection, [request["takedown_id"]]).get(request["takedown_id"], {})
    return f"（已由 {'、'.join(sorted(set(again.values())))} 再次发函）" if again else ""


def _sent_request(connection: Connection, number: str) -> Row:
    request = one(connection, number)
    if not KINDS[request["kind"]].asks:
        raise UsageError(f"函 {number}: 是{KINDS[request['kind']].label}；请写原函的编号 {request['about']}")
    if request["step"] in BEFORE or request["step"] == "void":
        raise UsageError(
            f"函 {number}: 现为“{STEPS[request['step']]}”，尚未发出；未发出的用 adwatch takedown void 作废"
        )
    return request


def _about(connection: Connection, request: Row, kind: str, steps: Sequence[str]) -> list[Row]:
    return papers.letters(connection, takedown_ids=[request["takedown_id"]], kinds=[kind], steps=steps)


def needed_reason(reason: str) -> str:
    said = printable(reason)
    if not said or len(said) > LONGEST:
        raise UsageError(f"a reason is needed, of at most {LONGEST} characters; write --reason TEXT")
    return said


def _draft(
    connection: Connection,
    desk: Desk,
    kind: str,
    request: Row,
    rows: list[Row],
    actor: Actor,
    reason: str,
    left: str = "",
    **more: Any,
) -> str:
    """``left``: what the letter does not repeat, in words: kept with its first step, not in the letter."""
    now, zone, said = desk.now, desk.zone, request["content"]
    day = now.astimezone(zone).date()
    number = f"ADW-TL-{day.year}-{next_number(connection, f'takedown_letter:{day.year}'):04d}"
    content = {
        "schema": SCHEMA,
        "kind": kind,
        "number": number,
        "about": request["number"],
        "about_title": KINDS[request["kind"]].title,
        "about_document": request["document_number"],
        "about_sent": chinese_day(request["request_sent_at"].astimezone(zone).date().isoformat()),
        "asked": said["addressee"],
        "due": chinese_time(due.astimezone(zone)) if (due := request["deadline_at"]) else "",
        "as_of": chinese_day(day.isoformat()),
        "platform": said["platform"],
        "platform_label": said["platform_label"],
        "addressee": said["addressee"],
        "email": said.get("email"),
        "unit": said["unit"] or actor.unit,
        "letterhead": letterhead(desk.rules),
        "reason": reason.rstrip("。"),
        "drafted_at": now.isoformat(),
        "drafted_day": day.isoformat(),
        "listings": rows,
        **more,
    }
    letter_id = papers.add_letter(connection, number, kind, request["takedown_id"], now, content)
    papers.add_step(connection, letter_id, "draft", actor, now, "；".join(filter(None, (reason, left))))
    told = {"number": number, "kind": kind, "about": request["number"], "listings": len(rows), "reason": reason}
    add_event(connection, "takedown", request["takedown_id"], "letter_drafted", actor.person, now, told)
    append_entries(connection, [Entry.of(actor, f"takedown.{kind}", "takedown", number, now, told)])
    return number
