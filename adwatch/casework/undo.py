"""Undo of one's own last finding: within minutes, while nothing is built on it; appended, never struck out.

A correction of an earlier finding is not undone but corrected again, since both findings stand in figures by their day;
nor is what two persons found together. 线索登记 stays: it started the legal clocks.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, select, update

from adwatch.casework.states import STATES, UNDO
from adwatch.casework.transaction import work
from adwatch.errors import UsageError
from adwatch.models import Actor
from adwatch.store import cases as store
from adwatch.store import schema as s
from adwatch.store.audit import Entry, append_entries, decision_digest
from adwatch.store.opening import add_event

UNDOABLE = ("decided", "excluded")
"""Events that a person can take back."""


def undo(engine: Engine, case_id: int, actor: Actor, reason: str, *, now: datetime, minutes: float) -> dict[str, Any]:
    """Take back the actor's own finding if it is the last thing that happened to the case; UsageError says why not."""
    with work(engine) as connection:
        case = store.lock_cases(connection, [case_id]).get(case_id)
        if case is None:
            raise UsageError(f"案件 {case_id}: 没有这个编号；用 adwatch review list 查看")
        last = _last_event(connection, case_id)
        why_not = _why_not(connection, case, last, actor, now, minutes)
        if why_not is not None:
            raise UsageError(f"案件 {case_id}: 不能撤销：{why_not}")
        to = last["detail"]["from"]
        told: dict[str, Any] = {"from": case["state"], "to": to, "undone": last["kind"]}
        if last["kind"] == "decided":
            decision = {"result": UNDO, "person": actor.person, "unit": actor.unit, "reason": reason, "at": now}
            told["decision_id"] = store.append_decision(connection, case_id, **decision, may_train=False)
            told["decision_sha256"] = decision_digest({"case_id": case_id, **decision})
        link = s.case_listing
        undecided = {"decided_version_id": None, "decided_flagged": None, "decided_scope": None, "decided_types": None}
        connection.execute(update(link).where(link.c.case_id == case_id).values(**undecided))
        store.set_state(connection, case_id, state=to, updated_at=now)
        said = {"unit": actor.unit, "from": case["state"], "to": to, "reason": reason}
        add_event(connection, "case", case_id, "undone", actor.person, now, said)
        store.tell_index(connection, case["listings"])
        append_entries(connection, [Entry.of(actor, "review.undo", "case", case_id, now, told)])
    return {"case_id": case_id, "lead_number": case["lead_number"], "state": to, "state_label": STATES[to]}


def _last_event(connection: Connection, case_id: int) -> dict[str, Any]:
    e = s.event
    query = select(e).where(e.c.subject == "case", e.c.subject_id == case_id).order_by(e.c.id.desc()).limit(1)
    return dict(connection.execute(query).one()._mapping)


def _why_not(
    connection: Connection, case: dict[str, Any], last: dict[str, Any], actor: Actor, now: datetime, minutes: float
) -> str | None:
    detail = last["detail"]
    if last["kind"] not in UNDOABLE:
        return "最后一步不是甄别结论或排除"
    if (last["actor"], detail["unit"]) != (actor.person, actor.unit):
        return "只能撤销本人的结论"
    if now - last["at"] > timedelta(minutes=minutes):
        return f"已超过 {minutes:g} 分钟；请另作更正"
    if "looks" in detail:
        return "这是两人复核的结论；请另作更正"
    d, look = s.decision.c, s.second_look.c
    results = connection.scalars(select(d.result).where(d.case_id == case["id"]).order_by(d.id)).all()
    earlier = results[:-1] if last["kind"] == "decided" else results
    if earlier and earlier[-1] != UNDO:
        return "此前已有结论；请另作更正"
    link, t = s.takedown_listing.c, s.takedown.c
    asked = select(t.number).join(s.takedown_listing, link.takedown_id == t.id)
    number = connection.scalar(asked.where(link.listing_id.in_(case["listings"]), t.drafted_at >= last["at"]).limit(1))
    if number is not None:
        return f"下架函 {number} 已据此拟出"
    drawn = (
        select(look.id).join(s.decision, d.id == look.decision_id).where(d.case_id == case["id"], d.at >= last["at"])
    )
    if connection.scalar(drawn.limit(1)) is not None:
        return "该结论已被抽查"
    return None
