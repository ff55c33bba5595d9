"""Legal clocks: computed when read, from 线索登记, the tracks and the history; nothing is stored but an extension.

Days count from the day after the start; what is due on a day is overdue on the next. A year whose holidays are not
announced is counted Monday to Friday and marked provisional (节假日待公布): it stops nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, exists, func, or_, select, union_all

from adwatch.casework.states import STATES
from adwatch.casework.transaction import work
from adwatch.errors import UsageError
from adwatch.models import Actor
from adwatch.store import schema as s
from adwatch.store.audit import Entry, append_entries
from adwatch.store.cases import lock_cases, set_state
from adwatch.store.engine import reading
from adwatch.store.opening import add_event, chunks
from adwatch.tables.clocks import UNITS, ClockRule
from adwatch.tables.holidays import WorkingDays

EXTENDED = "clock_extended"
"""Event of a case whose clock was extended."""
PROVISIONAL = "节假日待公布"

Rules = Mapping[str, ClockRule]


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day on which something is in time."""

    day: date
    provisional: bool
    """Whether it lies behind days of a year whose holidays nobody knows yet."""


def deadline(calendar: WorkingDays, start: date, amount: int, unit: str = "working_days") -> Deadline:
    """So many working days or days after a day, which itself does not count (民法典 201)."""
    if unit == "days":
        return Deadline(start + timedelta(amount), False)
    day, left, provisional = start, amount, False
    while left:
        day += timedelta(1)
        try:
            works = calendar.works(day)
        except UsageError:
            works, provisional = day.weekday() < 5, True
        left -= works
    return Deadline(day, provisional)


def due_rows(
    engine: Engine,
    rules: Rules,
    calendar: WorkingDays,
    *,
    now: datetime,
    zone: tzinfo,
    overdue: bool = False,
    most: int | None = None,
) -> list[dict[str, Any]]:
    """Clocks that run now, what is due first at the front; ``overdue``: only those that have run out.

    ``most``: of each clock and state only so many cases, those that were registered first, found by an index.
    """
    today = now.astimezone(zone).date()
    known: dict[tuple[date, int, str], Deadline] = {}
    rows = []
    with reading(engine) as connection:
        for rule in rules.values():
            running = _running(connection, rules, rule, most=most)
            extended = _extensions(connection, rule, [case["id"] for case, _ in running])
            for case, started in running:
                first = started.astimezone(zone).date()
                key = (first, rule.amount + extended.get(case["id"], 0), rule.unit)
                if key not in known:
                    known[key] = deadline(calendar, *key)
                late = known[key].day < today
                if late or not overdue:
                    rows.append(_row(rule, case, first, known[key], key[1] > rule.amount, today))
    return sorted(rows, key=lambda row: (row["due_on"], row["case_id"], row["clock"]))


def extend(
    engine: Engine, rules: Rules, case_id: int, clock: str, reason: str, actor: Actor, *, now: datetime
) -> dict[str, Any]:
    """Extend a running clock, once, with the approval of the head, who is the actor."""
    if clock not in rules:
        raise UsageError(f"时限 {clock!r}: 没有这个时限；可写 {'、'.join(rules)}")
    rule = rules[clock]
    if not rule.extension:
        raise UsageError(f"时限“{rule.label}”不能延长")
    if not reason.strip():
        raise UsageError("延长期限须写明理由；write --reason TEXT")
    with work(engine) as connection:
        if case_id not in lock_cases(connection, [case_id]):
            raise UsageError(f"案件 {case_id}: 没有这个编号；用 adwatch review list 查看")
        if not _running(connection, rules, rule, case_id):
            raise UsageError(f"案件 {case_id}: 时限“{rule.label}”未在计算")
        if _extensions(connection, rule, [case_id]):
            raise UsageError(f"案件 {case_id}: 时限“{rule.label}”已延长过")
        told = {"clock": clock, "amount": rule.extension, "unit": rule.unit}
        set_state(connection, case_id, updated_at=now)
        said = {**told, "reason": reason, "by_unit": actor.unit}
        add_event(connection, "case", case_id, EXTENDED, actor.person, now, said)
        append_entries(connection, [Entry.of(actor, "clock.extend", "case", case_id, now, told)])
    return {"case_id": case_id, **told, "label": rule.label}


def _row(
    rule: ClockRule, case: Mapping[str, Any], first: date, due: Deadline, extended: bool, today: date
) -> dict[str, Any]:
    return {
        "case_id": case["id"],
        "lead_number": case["lead_number"],
        "state": case["state"],
        "state_label": STATES[case["state"]],
        "owner": case["owner"],
        "clock": rule.id,
        "clock_label": rule.label,
        "amount": f"{rule.amount}{UNITS[rule.unit]}",
        "started_on": first.isoformat(),
        "due_on": due.day.isoformat(),
        "days_left": (due.day - today).days,
        "overdue": due.day < today,
        "extended": extended,
        "provisional": PROVISIONAL if due.provisional else None,
        "article": rule.article,
        "note": rule.note,
    }


def _running(
    connection: Connection, rules: Rules, rule: ClockRule, case_id: int | None = None, most: int | None = None
) -> list[tuple[dict[str, Any], datetime]]:
    """(case, when the clock began) of the cases for which it runs."""
    where = [s.case.c.registered_at.is_not(None), ~_ended(rule)]
    if case_id is not None:
        where.append(s.case.c.id == case_id)
    if rule.origins:
        where.append(s.case.c.origin.in_(rule.origins))
    if rule.real_name:
        tip = s.intake_lead.c
        where.append(exists().where(tip.case_id == s.case.c.id, tip.real_name))
    before = rules[rule.starts.partition(":")[2]] if rule.starts != "registered" else None
    if before is not None:
        where.append(_ended(before))
    c = s.case.c
    every = select(c.id, c.lead_number, c.state, c.owner, c.registered_at, c.updated_at).where(*where)
    queries: list[Any] = [every]
    if most is not None and rule.real_name:  # they are few, and no order by age finds them
        tipped = connection.scalars(select(s.intake_lead.c.case_id).where(s.intake_lead.c.real_name)).all()
        queries = [every.where(c.id.in_(ids)).limit(most) for ids in chunks(tipped)]
    elif most is not None:
        states = [state for state in STATES if state not in rule.ended_by("state")]
        each = [every.where(c.state == state).order_by(c.registered_at).limit(most).subquery() for state in states]
        queries = [union_all(*(select(some) for some in each))]
    cases = [dict(row._mapping) for query in queries for row in connection.execute(query)]
    begun = {case["id"]: case["registered_at"] for case in cases}
    if before is not None:
        begun = _end_times(connection, before, cases)
    return [(case, begun[case["id"]]) for case in cases]


def _ended(rule: ClockRule) -> ColumnElement[bool]:
    c = s.case.c
    ends: list[ColumnElement[bool]] = [c.state.in_(rule.ended_by("state"))]
    if tracks := rule.ended_by("track"):
        t = s.track.c
        ended = select(1).where(t.case_id == c.id, t.track.in_(tracks), t.decided_at.is_not(None))
        ends.append(exists(ended.offset(0)))  # keeps PostgreSQL from reading the tracks of all cases
    if kinds := rule.ended_by("event"):
        e = s.event.c
        ended = select(1).where(e.subject == "case", e.subject_id == c.id, e.kind.in_(kinds))
        ends.append(exists(ended.offset(0)))
    return or_(*ends)


def _end_times(connection: Connection, rule: ClockRule, cases: Sequence[Mapping[str, Any]]) -> dict[int, datetime]:
    """When the clock ended for cases for which it has: by a track or an event, else by the last decision or change."""
    found: dict[int, datetime] = {}
    for ids in chunks(case["id"] for case in cases):
        t, e, d = s.track.c, s.event.c, s.decision.c
        tracks = select(t.case_id, func.min(t.decided_at)).where(
            t.case_id.in_(ids), t.track.in_(rule.ended_by("track"))
        )
        events = select(e.subject_id, func.min(e.at)).where(
            e.subject == "case", e.subject_id.in_(ids), e.kind.in_(rule.ended_by("event"))
        )
        decisions = select(d.case_id, func.max(d.at)).where(d.case_id.in_(ids))
        for query in (decisions.group_by(d.case_id), events.group_by(e.subject_id), tracks.group_by(t.case_id)):
            found.update((row[0], row[1]) for row in connection.execute(query) if row[1] is not None)
    return {case["id"]: found.get(case["id"], case["updated_at"] or case["registered_at"]) for case in cases}


def _extensions(connection: Connection, rule: ClockRule, case_ids: Sequence[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    if not rule.extension:
        return found
    e = s.event.c
    for ids in chunks(case_ids):
        query = select(e.subject_id, e.detail).where(e.subject == "case", e.subject_id.in_(ids), e.kind == EXTENDED)
        found.update(
            (case_id, detail["amount"]) for case_id, detail in connection.execute(query) if detail["clock"] == rule.id
        )
    return found
