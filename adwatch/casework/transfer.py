"""Transfers: drafted, decided by the head, sent as one package, signed for, answered. Once sent nothing is changed.

Each function is one transaction, so that a process killed anywhere leaves all of it or nothing; the package is a whole
file before the row says that it was sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import Connection, Engine

from adwatch.casework.differing import Tables
from adwatch.casework.roles import RIGHTS
from adwatch.casework.tracks import move_track, open_track, tracks_of
from adwatch.casework.transaction import work
from adwatch.casework.transfer_begin import not_under_way, prepared
from adwatch.casework.transfer_differing import SAID, refuse_differing, said_of
from adwatch.casework.transfer_table import BEFORE_SENT, KINDS, SITE_TRACK, checked_officers, kind_of
from adwatch.errors import UsageError
from adwatch.models import Actor
from adwatch.store import transfers as store
from adwatch.store.audit import Entry, append_entries
from adwatch.store.cases import lock_cases, next_number
from adwatch.store.opening import add_event
from adwatch.store.reports import standing_confirmed

Row = dict[str, Any]


def draft(
    engine: Engine,
    kind: str,
    case_ids: Sequence[int],
    actor: Actor,
    *,
    receiver: str,
    addressee: str = "",
    officers: Sequence[Mapping[str, str]] = (),
    reason: str = "",
    items: Sequence[str] = (),
    no_report: str = "",
    tables: Tables | None = None,
    now: datetime,
    zone: tzinfo,
) -> Row:
    """Draft a transfer of confirmed cases, all of them or none; their track is opened.

    What holds of them now is kept with it: ``tables`` put it into words.

    ``officers``: name and certificate (执法证号). ``items``: 涉案物品. ``no_report``: why there is no expert's report.
    """
    form = kind_of(kind)
    wanted = sorted(set(case_ids))
    if not wanted:
        raise UsageError("没有写明案件；write at least one ID")
    if receiver not in form.receivers:
        raise UsageError(f"--to {receiver}: {form.label}不能送往此处；可写 {'、'.join(form.receivers)}")
    named = checked_officers(form, officers)
    with work(engine) as connection:
        cases = lock_cases(connection, wanted)
        fine = standing_confirmed(connection, wanted)
        if missing := [each for each in wanted if each not in cases or each not in fine]:
            raise UsageError(f"案件 {'、'.join(map(str, missing))}: 没有这个编号，或未经甄别属实；没有拟写")
        not_under_way(connection, form, wanted, receiver)
        year = now.astimezone(zone).year
        number = f"ADW-TR-{year}-{next_number(connection, f'transfer:{year}'):04d}"
        content = {
            "receiver": receiver,
            "addressee": addressee.strip() or form.receivers[receiver],
            "officers": named,
            "reason": reason.strip(),
            "items": [each.strip() for each in items if each.strip()],
            "no_report": no_report.strip(),
            SAID: said_of(connection, [each for case in cases.values() for each in case["listings"]], tables),
        }
        values = {"number": number, "kind": kind, "step": "draft", "receiver": content["addressee"]}
        times = {"drafted_at": now, "moved_at": now}
        key = store.add(connection, wanted, **values, unit=actor.unit, **times, content=content)
        entries = []
        for case_id in wanted:
            entries += open_track(connection, case_id, form.track, actor, now)
            entries += prepared(connection, case_id, form, actor, now)
        entries.append(_step(connection, key, number, "draft", actor, now, now, "", "", cases=wanted))
        append_entries(connection, entries)
    return {"number": number, "kind": kind, "cases": wanted}


def decide(
    engine: Engine,
    number: str,
    approve: bool,
    actor: Actor,
    reason: str = "",
    *,
    tables: Tables | None = None,
    now: datetime,
) -> Row:
    """The head approves or refuses (310号令第五条); who drafted it or stands in it as an officer cannot decide it.

    One whose cases were found otherwise since it was drafted can only be refused.
    """
    if actor.role is not None and actor.role not in RIGHTS["sign"]:
        raise UsageError("批准或者不批准移送由负责人决定")
    with work(engine) as connection:
        row = _locked(connection, number)
        made_by = {step["person"] for step in row["steps"] if step["step"] == "draft"}
        made_by |= {each["name"] for each in row["content"]["officers"]}
        if actor.person in made_by:
            raise UsageError(f"{number}: {actor.person} 是拟稿人或者承办人，不能自行审批")
        if approve and row["step"] == "draft":
            refuse_differing(connection, row, tables)
        entries = _move(connection, row, "approved" if approve else "rejected", actor, now, now, reason, "")
        append_entries(connection, entries)
    return _said(row, "approved" if approve else "rejected")


def record(
    engine: Engine,
    number: str,
    step: str,
    actor: Actor,
    *,
    at: datetime | None = None,
    note: str = "",
    reference: str = "",
    now: datetime,
) -> Row:
    """Record a receipt, an answer, or what follows one; ``reference``: number of the paper that says so."""
    if step in ("draft", "approved", "rejected", "sent"):
        raise UsageError(f"{step}: 用 adwatch transfer draft、decide 或 send")
    when = at or now
    if when > now:
        raise UsageError(f"{when.isoformat()}: 时间在将来")
    with work(engine) as connection:
        row = _locked(connection, number)
        if when < row["steps"][-1]["at"]:
            raise UsageError(f"{number}: {when.isoformat()} 早于上一步“{_label(row)}”的时间")
        entries = _move(connection, row, step, actor, when, now, note, reference)
        if step == "received" and reference:
            store.change(connection, row["id"], receipt_number=reference)
        append_entries(connection, entries)
    return _said(row, step)


def set_facts(engine: Engine, number: str, actor: Actor, facts: Mapping[str, str], *, now: datetime) -> Row:
    """文号, 签发人 and date of the office's own document system, before it is sent."""
    known = ("document_number", "signatory", "document_date")
    values = {name: facts[name].strip() for name in known if facts.get(name, "").strip()}
    if not values:
        raise UsageError("没有写明文号、签发人或者成文日期")
    with work(engine) as connection:
        row = _locked(connection, number)
        _changeable(row)
        store.change(connection, row["id"], **values)
        add_event(connection, "transfer", row["id"], "facts", actor.person, now, {"unit": actor.unit, **values})
        append_entries(connection, [Entry.of(actor, "transfer.facts", "transfer", number, now, values)])
    return {"number": number, **values}


def sent(
    engine: Engine,
    row: Row,
    content: Row,
    package: Row,
    actor: Actor,
    *,
    at: datetime,
    now: datetime,
    zone: tzinfo,
    tables: Tables | None = None,
) -> Row:
    """Mark an approved transfer as sent with the package that was written for it, and count its leads.

    ``row`` is the transfer as the package was made of it: one that was changed meanwhile is refused, and so is one
    whose cases were found otherwise since it was drafted.
    """
    form = KINDS[row["kind"]]
    with work(engine) as connection:
        found = _locked(connection, row["number"])
        if (found["step"], found["moved_at"], found["content"]) != (row["step"], row["moved_at"], row["content"]):
            raise UsageError(f"{row['number']}: 打包期间已被改动；请重新发出")
        refuse_differing(connection, found, tables)
        entries = _move(connection, found, "sent", actor, at, now, "", "", package=package["manifest_sha256"])
        store.change(connection, found["id"], sent_at=at, content=content, **package)
        if form.column is not None:
            entries += _count(connection, found, form.column, actor, at, now, zone)
        append_entries(connection, entries)
    return {**_said(found, "sent"), **package}


def _count(
    connection: Connection, row: Row, column: str, actor: Actor, at: datetime, now: datetime, zone: tzinfo
) -> list[Entry]:
    """Count its leads in one column of the tables; one that is counted already stays where and when it is."""
    case_ids = [each["case_id"] for each in row["cases"]]
    already = store.counted_leads(connection, case_ids)
    entries = []
    for case_id in case_ids:
        if case_id not in already:
            said = {"column": column, "day": at.astimezone(zone).date().isoformat(), "transfer": row["number"]}
            store.count_lead(connection, case_id, column, said["day"], actor.person, now)
            add_event(connection, "case", case_id, "counted", actor.person, now, said)
            entries.append(Entry.of(actor, "report.counted", "case", case_id, now, said))
    return entries


def _move(
    connection: Connection,
    row: Row,
    step: str,
    actor: Actor,
    at: datetime,
    now: datetime,
    note: str,
    reference: str,
    **told: Any,
) -> list[Entry]:
    """Take a locked transfer to its next step, and the tracks of its cases with it."""
    form, steps = KINDS[row["kind"]], KINDS[row["kind"]].steps
    if step not in steps[row["step"]].to:
        may = "、".join(f"{each}（{steps[each].label}）" for each in steps[row["step"]].to) or "无"
        raise UsageError(f"{row['number']}: 现为“{_label(row)}”，不能转到 {step[:30]!r}；下一步可为 {may}")
    to = steps[step]
    if to.reason and not note.strip():
        raise UsageError(f"{row['number']}: “{to.label}”须写明理由；write --reason TEXT")
    values: Row = {"step": step, "moved_at": at, "closed_at": None if to.to else at}
    if to.outcome:
        values["outcome"] = step
    store.change(connection, row["id"], **values)
    track = SITE_TRACK[row["content"]["receiver"]] if row["kind"] == "site" and step == "sent" else to.track
    entries: list[Entry] = []
    for case in row["cases"] if track else ():
        said = {"transfer": row["number"]}
        on = {each["track"]: each["step"] for each in tracks_of(connection, [case["case_id"]])[case["case_id"]]}
        if track is not None and on[form.track] != track:
            moved = (connection, case["case_id"], form.track, track, actor, now, to.track_outcome, said)
            entries += move_track(*moved)
    entries.append(_step(connection, row["id"], row["number"], step, actor, at, now, note, reference, **told))
    return entries


def _step(
    connection: Connection,
    key: int,
    number: str,
    step: str,
    actor: Actor,
    at: datetime,
    now: datetime,
    note: str,
    reference: str,
    **told: Any,
) -> Entry:
    """Append the step; gives what the audit log is to say."""
    who = {"person": actor.person, "unit": actor.unit}
    said = {"step": step, "at": at, "recorded_at": now, "note": note.strip(), "reference": reference.strip()}
    store.add_step(connection, key, **said, **who)
    detail = {"unit": actor.unit, "number": number, "reference": reference.strip(), **told}
    add_event(connection, "transfer", key, step, actor.person, at, detail)
    return Entry.of(actor, f"transfer.{step}", "transfer", number, now, {"at": at.isoformat(), **told})


def _locked(connection: Connection, number: str) -> Row:
    row = store.by_number(connection, number, lock=True)
    if row is None:
        raise UsageError(f"移送 {number[:40]}: 没有这个编号；用 adwatch transfer list 查看")
    return row


def _changeable(row: Row) -> None:
    if row["step"] not in BEFORE_SENT:
        raise UsageError(f"{row['number']}: 现为“{_label(row)}”，不再更改")


def _label(row: Row) -> str:
    return KINDS[row["kind"]].steps[row["step"]].label


def _said(row: Row, step: str) -> Row:
    return {
        "number": row["number"],
        "kind": row["kind"],
        "step": step,
        "step_label": KINDS[row["kind"]].steps[step].label,
    }
