"""Undo of one's own last finding: within minutes, while nothing is built on it; appended, never struck out.

A finding that waits for a second person is taken back likewise, until that person has found or has the lead open. A
correction of an earlier finding is not undone but corrected again, since both findings stand in figures by their day;
nor is what two persons found together. 线索登记 stays: it started the legal clocks.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, select, update

from adwatch.casework import second_look
from adwatch.casework.differing_sent import found_again
from adwatch.casework.leases import held_by_other
from adwatch.casework.states import STATES, UNDO
from adwatch.casework.transaction import work
from adwatch.errors import UsageError
from adwatch.models import Actor
from adwatch.store import cases as store
from adwatch.store import schema as s
from adwatch.store.audit import Entry, append_entries, decision_digest
from adwatch.store.life_line_due import touched_by_case
from adwatch.store.opening import UNDECIDED, add_event, hold

Row = dict[str, Any]


def undo(engine: Engine, case_id: int, actor: Actor, reason: str, *, now: datetime, minutes: float) -> Row:
    """Take back the actor's own finding if it is the last thing that happened to the case; UsageError says why not.

    ``withdrawn``: it was one that waited for a second person. ``corrected``: it had corrected the machine's reading.
    """
    with work(engine) as connection:
        case = store.lock_cases(connection, [case_id]).get(case_id)
        if case is None:
            raise UsageError(f"案件 {case_id}: 没有这个编号；用 adwatch review list 查看")
        look = second_look.open_look(connection, case_id)
        findings = second_look.findings_of(connection, [look["id"]])[look["id"]] if look is not None else []
        mine = [each for each in findings if second_look.has_looked([each], actor)]
        to, corrected = case["state"], False
        if look is not None and mine:
            _refuse(case_id, _stays(case, look, mine[0], actor, now, minutes))
            entry = second_look.withdraw(connection, look, mine[0], actor, reason, now)
        else:
            last = _last_event(connection, case_id)
            _refuse(case_id, _why_not(connection, case, last, actor, now, minutes))
            to, corrected = last["detail"]["from"], "corrected" in last["detail"]
            entry = _take_back(connection, case, last, actor, reason, now)
            found_again(connection, [case_id], now, actor)
        append_entries(connection, [entry])
    row = {"case_id": case_id, "lead_number": case["lead_number"], "state": to, "state_label": STATES[to]}
    return {**row, "withdrawn": bool(mine), "corrected": corrected}


def _refuse(case_id: int, why_not: str | None) -> None:
    if why_not is not None:
        raise UsageError(f"案件 {case_id}: 不能撤销：{why_not}")


def _stays(case: Row, look: Row, finding: Row, actor: Actor, now: datetime, minutes: float) -> str | None:
    """Why the actor's finding under the two-person rule may not be taken back."""
    if look["stage"] != "second":
        return "另一人已作出结论，由第三人裁定"
    if now - finding["at"] > timedelta(minutes=minutes):
        return f"已超过 {minutes:g} 分钟；由另一人复核"
    other = held_by_other(case, actor, now)
    return None if other is None else f"{other} 正在办理"


def _take_back(connection: Connection, case: Row, last: Row, actor: Actor, reason: str, now: datetime) -> Entry:
    case_id, to = case["id"], last["detail"]["from"]
    told: Row = {"from": case["state"], "to": to, "undone": last["kind"]}
    if last["kind"] == "decided":
        decision = {"result": UNDO, "person": actor.person, "unit": actor.unit, "reason": reason, "at": now}
        told["decision_id"] = store.append_decision(connection, case_id, **decision, may_train=False)
        told["decision_sha256"] = decision_digest({"case_id": case_id, **decision})
    link = s.case_listing
    connection.execute(update(link).where(link.c.case_id == case_id).values(**UNDECIDED))
    touched_by_case(connection, case_id)
    store.set_state(connection, case_id, state=to, updated_at=now)
    if "corrected" in last["detail"]:
        hold(connection, case_id)
    said = {"unit": actor.unit, "from": case["state"], "to": to, "reason": reason}
    add_event(connection, "case", case_id, "undone", actor.person, now, said)
    store.tell_index(connection, case["listings"])
    return Entry.of(actor, "review.undo", "case", case_id, now, told)


def _last_event(connection: Connection, case_id: int) -> Row:
    """The last event but for what the table of routes says upon a correction: that follows the undo."""
    e = s.event
    query = select(e).where(e.c.subject == "case", e.c.subject_id == case_id, e.c.kind != "routed")
    query = query.order_by(e.c.id.desc()).limit(1)
    return dict(connection.execute(query).one()._mapping)


def _why_not(connection: Connection, case: Row, last: Row, actor: Actor, now: datetime, minutes: float) -> str | None:
    detail = last["detail"]
    if last["kind"] not in second_look.DECIDED:
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
