"""A reviewer opens leads: the lease is taken with it, the next one is whatever of the queue nobody else has open."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, exists, func, select

from adwatch.casework import leases, second_look
from adwatch.casework.leases import HEAD_ROLES
from adwatch.casework.states import MOVES
from adwatch.errors import UsageError
from adwatch.failpoints import failpoint
from adwatch.models import Actor
from adwatch.store import queue
from adwatch.store import schema as s
from adwatch.store.audit import Entry, append_entries
from adwatch.store.engine import reading, writing
from adwatch.store.opening import add_event
from adwatch.store.queue import Filters

WAITING = ("screening", "registered", "reopened")
"""States of leads that wait for a finding; doubtful ones wait for evidence."""
AT_ONCE = 25
"""Leads that are looked at together for one that is free."""

Row = dict[str, Any]


def take_lead(
    engine: Engine, case_id: int, actor: Actor, *, now: datetime, minutes: float, take_over: bool = False
) -> Row:
    """Take or renew the lease; gives ``lease_of``. ``take_over``: from whoever has it, by the head only; it is told."""
    if take_over and actor.role not in HEAD_ROLES:
        raise UsageError("只有负责人可以接管他人正在办理的线索")
    with writing(engine) as connection:
        found = connection.execute(select(s.case).where(s.case.c.id == case_id).with_for_update()).first()
        if found is None:
            raise UsageError(f"案件 {case_id}: 没有这个编号；用 adwatch review list 查看")
        case = found._asdict()
        other = leases.held_by_other(case, actor, now)
        new = leases.take(connection, case_id, actor, now, minutes, force=take_over) and not leases.holds(
            case, actor, now
        )
        lease = lease_of(connection, case_id, actor, now)
        if other is not None and take_over:
            told = {"from": other}
            add_event(connection, "case", case_id, "taken_over", actor.person, now, {"unit": actor.unit, **told})
            append_entries(connection, [Entry.of(actor, "review.take-over", "case", case_id, now, told)])
        elif new:
            append_entries(connection, [_opened(case_id, actor, now)])
        failpoint("lease.before_commit")
    failpoint("lease.after_commit")
    return lease


def next_case(
    engine: Engine, filters: Filters, actor: Actor, *, now: datetime, minutes: float, behind: int | None = None
) -> int | None:
    """Open the first waiting lead of the queue that is free for the actor; None where none is.

    ``behind``: begin after that case in the order (the one that is skipped). A lead on which the actor has given the
    first of two findings is not the actor's any more.
    """
    wanted = filters if filters.states else replace(filters, states=WAITING)
    with reading(engine) as connection:
        after = None
        if behind is not None:
            found = connection.execute(select(s.case).where(s.case.c.id == behind)).first()
            after = None if found is None else queue.cursor_of(dict(found._mapping))
    while True:
        with reading(engine) as connection:
            page = queue.places(connection, wanted, after, AT_ONCE)
        if not page:
            return None
        with writing(engine) as connection:
            case = _first_free(connection, [place[2] for place in page], wanted.states, actor, now)
            if case is not None:
                new = leases.take(connection, case["id"], actor, now, minutes) and not leases.holds(case, actor, now)
                append_entries(connection, [_opened(case["id"], actor, now)] if new else [])
                failpoint("lease.before_commit")
        if case is not None:
            failpoint("lease.after_commit")
            return int(case["id"])
        after = page[-1]


def _opened(case_id: int, actor: Actor, now: datetime) -> Entry:
    """Who opened what when: once a lease, none for each look at the page that renews it."""
    return Entry.of(actor, "review.open", "case", case_id, now, {})


def release(engine: Engine, case_id: int, actor: Actor) -> bool:
    """Give a lead back undecided; False where it was not the actor's."""
    with writing(engine) as connection:
        return leases.release(connection, case_id, actor)


def lease_of(connection: Connection, case_id: int, actor: Actor, now: datetime) -> Row:
    """Who has the lead (``by``, ``until``, ``mine``), and its second look, blind for whom it must be."""
    case = dict(connection.execute(select(s.case).where(s.case.c.id == case_id)).one()._mapping)
    runs = case["leased_by"] is not None and case["leased_until"] >= now
    mine = runs and leases.held_by_other(case, actor, now) is None
    lease = {"by": case["leased_by"] if runs else None, "until": case["leased_until"] if runs else None, "mine": mine}
    look = second_look.open_look(connection, case_id)
    if look is None:
        return {**lease, "look": None}
    findings = second_look.findings_of(connection, [look["id"]]).get(look["id"], [])
    own = second_look.has_looked(findings, actor)
    seen = second_look.shown(findings) if look["stage"] == "third" and not own else None
    said = {"stage": look["stage"], "stage_label": second_look.STAGES[look["stage"]], "own": own, "findings": seen}
    return {**lease, "look": said}


def may_be_decided(state: str) -> list[str]:
    """Verbs that the table of moves allows in a state."""
    return [verb for verb, move in MOVES.items() if state in move.origins and state != move.to]


def _first_free(
    connection: Connection, ids: list[int], states: tuple[str, ...], actor: Actor, now: datetime
) -> Row | None:
    """The first of some cases that is free and not held by another transaction, locked: id, leased_by, leased_until.

    The state is wrapped: SQLite would rather walk all cases in these states than look these few up.
    """
    c, look, finding = s.case.c, s.second_look.c, s.second_finding.c
    own = exists().where(
        look.case_id == c.id,
        look.stage.in_(("second", "third")),
        finding.second_look_id == look.id,
        finding.person == actor.person,
        finding.unit == actor.unit,
    )
    state = func.coalesce(c.state, "")
    query = select(c.id, c.leased_by, c.leased_until).where(c.id.in_(ids), state.in_(states), ~own)
    order = query.where(leases.free_for(actor, now)).order_by(c.scope.desc(), c.score.desc(), c.id).limit(1)
    found = connection.execute(order.with_for_update(skip_locked=True, of=s.case)).first()
    return None if found is None else found._asdict()
