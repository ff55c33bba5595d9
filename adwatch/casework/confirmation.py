"""Confirmation by letter: batches for authorities, sent, answered by sheet, chased. Answers end in Decisions.

An import first keeps what came back (one transaction), then makes a decision of each answer that has none yet
(``confirmation_settle``). Killed between the two it leaves answers without decisions: the next import makes them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from adwatch.casework.confirmation_differing import (
    Words,
    answered,
    due_correction,
    notices,
    of_batch,
    sent_differing,
)
from adwatch.casework.confirmation_sheet import ANSWERS, Returned
from adwatch.casework.routing_table import Routing
from adwatch.casework.shown import local
from adwatch.casework.transaction import work
from adwatch.errors import UsageError
from adwatch.models import Actor, StageReport
from adwatch.store import confirmations as store
from adwatch.store.attachments import keep_attachment
from adwatch.store.audit import Entry, append_entries
from adwatch.store.cases import decisions_of, events_of
from adwatch.store.engine import reading
from adwatch.store.opening import add_event

SUBJECT = "confirmation"
SCHEMA = "adwatch/confirmation/1"
STATES = {"draft": "待发", "sent": "已发出", "partly": "部分回复", "answered": "已回复", "void": "作废"}
SETTLED = {
    "decided": "已作出认定",
    "waits": "待其他部门答复",
    "conflict": "部门结论不一致",
    "refused": "不能认定",
    "elsewhere": "已在系统中认定",
}
"""What became of an answer."""
LABELS = {verb: label for label, verb in ANSWERS.items()}
Row = dict[str, Any]


def mark_sent(
    engine: Engine,
    number: str,
    actor: Actor,
    at: datetime,
    due: Callable[[date, int], date],
    *,
    document: str,
    due_on: date | None,
    now: datetime,
    zone: tzinfo,
    words: Words | None = None,
) -> Row:
    """Record that a batch went out; what is sent stays as it is. ``due`` counts working days from a day.

    One that says what no longer holds went out all the same: ``differs`` says what, ``warning`` what is due. ``words``:
    the tables to tell by.
    """
    if at > now + timedelta(minutes=5):
        raise UsageError(f"{number}: 发出时间在将来")
    with work(engine) as connection:
        batch = _batch(store.batches(connection, number), number)
        if batch["state"] == "void":
            raise UsageError(f"{number}: 已作废，不能发出；待甄别的线索另行拟函")
        if batch["state"] != "draft":
            raise UsageError(f"{number}: 已于 {local(batch['sent_at'], zone)} 发出，不再改动")
        differs = of_batch(connection, batch, words) if words else []
        days, day = batch["content"]["days"], at.astimezone(zone).date()
        if due_on is None and days:
            due_on = due(day, days)
        if due_on is not None and due_on < day:
            raise UsageError(f"{number}: 反馈期限 {due_on} 早于发出日期")
        values = {"sent_at": at, "sent_by": actor.person, "document": document or None}
        ends = due_on.isoformat() if due_on else None
        store.set_batch(connection, batch["id"], state="sent", due_on=ends, **values)
        said: Row = {"sent_at": at.isoformat(), "due_on": ends, "document": document}
        if differs:
            names = ("case_id", "said", "holds")
            said["differs"] = [{name: each[name] for name in names} for each in differs]
            sent_differing(connection, batch, differs, now)
        add_event(connection, SUBJECT, batch["id"], "sent", actor.person, now, said)
        for row in store.rows_of(connection, [batch["id"]]).get(batch["id"], []):
            asked = {"number": number, "authority": batch["authority"]}
            add_event(connection, "case", row["case_id"], "asked_by_letter", actor.person, now, asked)
        append_entries(connection, [Entry.of(actor, "confirmation.sent", SUBJECT, number, now, said)])
    return {
        "number": number,
        "due_on": ends,
        "differs": differs,
        "warning": due_correction(number, differs) if differs else None,
    }


def void(engine: Engine, number: str, actor: Actor, reason: str, *, now: datetime) -> None:
    """作废: a batch that was not sent; its number stays, its leads wait for another letter."""
    if not reason.strip():
        raise UsageError("a reason is needed; write --reason TEXT")
    with work(engine) as connection:
        batch = _batch(store.batches(connection, number), number)
        if batch["state"] != "draft":
            raise UsageError(f"{number}: 现为“{STATES[batch['state']]}”，待发时才能作废")
        store.set_batch(connection, batch["id"], state="void")
        said = {"reason": reason.strip()}
        add_event(connection, SUBJECT, batch["id"], "void", actor.person, now, {"unit": actor.unit, **said})
        append_entries(connection, [Entry.of(actor, "confirmation.void", SUBJECT, number, now, said)])


def _batch(found: Sequence[Row], number: str) -> Row:
    if not found:
        raise UsageError(f"甄别函 {number}: 没有这个编号；用 adwatch review letter list 查看")
    return found[0]


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back besides the rows."""

    file: str
    content: bytes
    """The sheet as it came."""
    number: str
    """文号 of the reply; may be empty where it came without one."""
    day: date
    scan: tuple[str, bytes, str] | None = None
    """(name, bytes, media type) of the sealed reply."""


def take_answers(
    engine: Engine,
    home: Path,
    number: str,
    returned: Returned,
    reply: Reply,
    actor: Actor,
    *,
    now: datetime,
    zone: tzinfo,
    correct: bool = False,
) -> StageReport:
    """Keep the answers of a sheet that came back; every row that cannot be taken is named with its line.

    ``correct``: the authority mends what it answered before; otherwise another answer is refused.
    """
    report = StageReport("review letter import")
    today = now.astimezone(zone).date()
    if returned.number and returned.number != number:
        raise UsageError(f"{reply.file}: 表头的函件编号是 {returned.number}，不是 {number}；没有导入任何一行")
    if reply.day > today:
        raise UsageError(f"回函日期 {reply.day} 在将来")
    for line, said in returned.refused:
        report.drop("row", f"{reply.file} 第{line}行: {said}")
    with work(engine) as connection:
        batch = _batch(store.batches(connection, number), number)
        if batch["state"] == "draft":
            raise UsageError(f"{number}: 尚未记为发出；先用 adwatch review letter sent {number}")
        if batch["state"] == "void":
            raise UsageError(f"{number}: 已作废，没有发出")
        rows = store.rows_of(connection, [batch["id"]])[batch["id"]]
        known = {row["lead_number"]: row for row in rows}
        by_seq = {row["seq"]: row["lead_number"] for row in rows}
        strangers = [each.lead_number for each in returned.answers if each.lead_number not in known]
        elsewhere = store.batches_of_leads(connection, strangers)
        sent_on = batch["sent_at"].astimezone(zone).date()
        for answer in returned.answers:
            where = f"{reply.file} 第{answer.line}行: {answer.lead_number}"
            row = known.get(answer.lead_number)
            was = (row["answer"], row["reason"], row["person"], row["day"]) if row else None
            new = (answer.answer, answer.reason, answer.person, answer.day.isoformat())
            if row is None and answer.lead_number in elsewhere:
                report.drop("other_batch", f"{where}: 属于 {'、'.join(elsewhere[answer.lead_number])}，不是本函的线索")
            elif row is None and answer.seq in by_seq:
                report.drop("changed", f"{where}: 本函序号 {answer.seq} 应为 {by_seq[answer.seq]}，编号被改动")
            elif row is None:
                report.drop("unknown", f"{where}: 本函没有这个线索编号")
            elif answer.seq is not None and answer.seq != row["seq"]:
                report.drop("changed", f"{where}: 应在序号 {row['seq']}，表中为 {answer.seq}，编号或序号被改动")
            elif not sent_on <= answer.day <= today:
                report.drop("day", f"{where}: 甄别日期 {answer.day} 不在发函（{sent_on}）与今天之间")
            elif was == new:
                report.counts["unchanged"] += 1
            elif row["answer"] is not None and row["answer"] != answer.answer and not correct:
                said = f"已答复“{LABELS[row['answer']]}”，与本次“{LABELS[answer.answer]}”不同；确属更正的加 --correct"
                report.drop("answered", f"{where}: {said}")
            else:
                names = ("answer", "reason", "person", "day")
                again = row["answer"] is None or row["answer"] != answer.answer
                settled = {"settled": None, "decision_id": None} if again else {}
                values = dict(zip(names, new, strict=True))
                store.set_row(connection, row["id"], **values, answered_at=now, **settled)
                row["answer"] = answer.answer
                report.kept += 1
        answered(connection, batch["id"], [row["case_id"] for row in rows if row["answer"] is not None], now)
        _keep_reply(connection, home, batch, rows, reply, actor, report, now)
    return report


def _keep_reply(
    connection: Any,
    home: Path,
    batch: Row,
    rows: Sequence[Row],
    reply: Reply,
    actor: Actor,
    report: StageReport,
    now: datetime,
) -> None:
    about: dict[str, Any] = {"subject": SUBJECT, "subject_id": batch["id"], "actor": actor, "now": now}
    sheet = keep_attachment(
        *(connection, home, reply.content),
        name=reply.file,
        media_type="application/octet-stream",
        kind="reply_sheet",
        **about,
    )
    said: dict[str, Any] = {"sheet": sheet["sha256"], "reply_number": reply.number, "reply_on": reply.day.isoformat()}
    if reply.scan is not None:
        name, content, media_type = reply.scan
        scan = keep_attachment(connection, home, content, name=name, media_type=media_type, kind="reply_scan", **about)
        said["scan"] = scan["sha256"]
    missing = sum(row["answer"] is None for row in rows)
    state = "answered" if not missing else "partly" if missing < len(rows) else batch["state"]
    values = {"reply_number": reply.number or batch["reply_number"], "reply_on": reply.day.isoformat()}
    store.set_batch(connection, batch["id"], state=state, **values)
    said |= {"taken": report.kept, "refused": sum(report.dropped.values()), "missing": missing}
    add_event(connection, SUBJECT, batch["id"], "answered", actor.person, now, said)
    append_entries(connection, [Entry.of(actor, "confirmation.answered", SUBJECT, batch["number"], now, said)])


def chased(engine: Engine, key: int, number: str, missing: Sequence[str], actor: Actor, *, now: datetime) -> int:
    """Record that the missing rows of a batch are asked for again; gives how many times that was."""
    with work(engine) as connection:
        before = events_of(connection, SUBJECT, [key]).get(key, [])
        times: int = sum(each["kind"] == "chased" for each in before) + 1
        said = {"missing": len(missing), "times": times}
        add_event(connection, SUBJECT, key, "chased", actor.person, now, {**said, "leads": list(missing)})
        append_entries(connection, [Entry.of(actor, "confirmation.chased", SUBJECT, number, now, said)])
    return times


def listed(
    engine: Engine, routing: Routing, today: date, number: str | None = None, words: Words | None = None
) -> list[Row]:
    """Batches with what is missing; ``rows`` of a single one; ``differs`` and ``notice``: what holds no longer.

    A lead that the authority has decided in the console since the letter went out is not missing.
    """
    with reading(engine) as connection:
        found = store.batches(connection, number)
        rows = store.rows_of(connection, [batch["id"] for batch in found])
        silent = {row["case_id"] for its in rows.values() for row in its if row["answer"] is None}
        decisions = decisions_of(connection, silent)
        differing = notices(connection, found, words) if words else {}
    shown = []
    for batch in found:
        its = rows.get(batch["id"], [])
        unit = routing.authorities[batch["authority"]].unit if batch["authority"] in routing.authorities else ""
        for row in its:
            said = decisions.get(row["case_id"], ()) if row["answer"] is None and batch["sent_at"] else ()
            if any(each["unit"] == unit and each["at"] >= batch["sent_at"] for each in said):
                row["settled"] = "elsewhere"
        missing = [row["lead_number"] for row in its if row["answer"] is None and row["settled"] is None]
        missing = [] if batch["state"] == "void" else missing
        late = bool(batch["due_on"] and missing and batch["state"] != "draft" and batch["due_on"] < today.isoformat())
        about = {name: batch[name] for name in ("number", "authority", "state", "sent_at", "due_on", "document")}
        about |= {"authority_label": routing.label(batch["authority"]), "state_label": STATES[batch["state"]]}
        about |= {"reply_number": batch["reply_number"], "reply_on": batch["reply_on"], "leads": len(its)}
        about |= {"missing": len(missing), "missing_numbers": missing, "overdue": late}
        about["differs"], about["notice"] = differing.get(batch["id"], ([], None))
        about["conflicts"] = [row["lead_number"] for row in its if row["settled"] in ("conflict", "refused")]
        if number is not None:
            about["rows"] = [_row_shown(row) for row in its]
        shown.append(about)
    return shown


def _row_shown(row: Row) -> Row:
    names = ("seq", "case_id", "lead_number", "answer", "reason", "person", "day", "settled")
    said = {name: row[name] for name in names}
    return {
        **said,
        "answer_label": LABELS.get(row["answer"] or "", ""),
        "settled_label": SETTLED.get(row["settled"] or "", ""),
    }
