"""What a reviewer does with leads, for the console and the command: open, decide, undo, the next; tracks, clocks.

Rows are masked. A person is an ``Actor``; what is refused is a UsageError with a message for people, or, where several
cases are acted on at once, a note in the report.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adwatch.app import casework, routing
from adwatch.app.indexing import index_now
from adwatch.app.office import Office
from adwatch.app.rows import known_platform
from adwatch.casework import case_numbers, clocks, review
from adwatch.casework import correction as corrections
from adwatch.casework import next_lead as leads
from adwatch.casework import tracks as work
from adwatch.casework import undo as undoing
from adwatch.casework.states import SCOPES
from adwatch.casework.track_table import OUTCOMES, TRACKS
from adwatch.casework.transaction import work as transaction
from adwatch.errors import UsageError
from adwatch.models import Actor, StageReport
from adwatch.store.audit import append_entries
from adwatch.store.engine import one_view, reading
from adwatch.store.queue import Filters
from adwatch.tables.clocks import ClockRule, clock_rules
from adwatch.tables.holidays import WorkingDays
from adwatch.tables.reason_codes import ReasonCode, checked_code, reason_codes
from adwatch.tables.second_look import SecondLooks
from adwatch.text import one_line

Row = dict[str, Any]


def open_lead(office: Office, case_id: int, actor: Actor, take_over: bool = False) -> Row:
    """Open a lead: the row of ``show_case`` with ``lease`` (by, until, mine, look), ``may`` (verbs), ``tracks``.

    A lead that somebody else has open is shown all the same, with ``lease.mine`` False; it can't be decided then.
    """
    return shown(office, case_id, take_lead(office, case_id, actor, take_over))


def take_lead(office: Office, case_id: int, actor: Actor, take_over: bool = False) -> Row:
    """The ``lease`` of ``open_lead``, taken or renewed; for who shows the lead together with more."""
    minutes, now = office.settings.lease_minutes, office.clock.now()
    return leads.take_lead(office.engine, case_id, actor, now=now, minutes=minutes, take_over=take_over)


def shown(office: Office, case_id: int, lease: Row | None) -> Row:
    """A lead as ``open_lead`` gives it."""
    with one_view(office.engine):
        case = casework.show_case(office, case_id)
        tracks = tracks_of(office, [case_id]).get(case_id, [])
    return {**case, "lease": lease, "may": may(case["state"]), "tracks": tracks}


def next_lead(office: Office, filters: Filters, actor: Actor, behind: int | None = None) -> Row | None:
    """Open the first waiting lead that nobody else has, as ``open_lead`` gives it; ``behind``: after a skipped one."""
    found = next_number(office, filters, actor, behind)
    return None if found is None else open_lead(office, found, actor)


def next_number(office: Office, filters: Filters, actor: Actor, behind: int | None = None) -> int | None:
    """As ``next_lead``, but only which case it is: for who shows it by another request."""
    minutes, now = office.settings.lease_minutes, office.clock.now()
    _known(office, filters)
    if behind is not None:
        leads.release(office.engine, behind, actor)
    return leads.next_case(office.engine, filters, actor, now=now, minutes=minutes, behind=behind)


def _known(office: Office, filters: Filters) -> None:
    """A UsageError where a filter names what there is not."""
    known_platform(office, filters.platform)
    for option, value, names in (
        ("--scope", filters.scope, SCOPES),
        ("--owner", filters.owner, list(routing.routing_of(office).authorities)),
    ):
        if value is not None and value not in names:
            word = option.strip("-")
            raise UsageError(f"{option} {one_line(value)[:40]}: no such {word}; write one of {', '.join(names)}")


def may(state: str) -> list[str]:
    """Verbs that the table of moves allows in a state."""
    return leads.may_be_decided(state)


def release(office: Office, case_id: int, actor: Actor) -> bool:
    """Give a lead back undecided."""
    return leads.release(office.engine, case_id, actor)


def decide(
    office: Office,
    ids: Sequence[int | str],
    result: str,
    actor: Actor,
    reason: str = "",
    code: str | None = None,
    *,
    may_train: bool | None = None,
    opened: bool = False,
    seen: str | None = None,
    index: bool = True,
    corrected: Row | None = None,
) -> tuple[StageReport, list[Row]]:
    """A finding on cases; ``opened``: only on leads that the actor has open (the console says so); ``seen``: of the one
    lead, as ``open_lead`` gave it: refused where the machine has found another version or verdict since.

    ``corrected``: as ``correction`` gives it. ``index`` False leaves the search index to the next push; the outbox
    keeps what it has to look at.
    """
    done = review.decide(
        *(office.engine, ids, result, actor.person, actor.unit, reason),
        now=office.clock.now(),
        zone=office.settings.zone,
        may_train=office.settings.learn if may_train is None else may_train,
        role=actor.role,
        code=checked_code(codes(office), code, result),
        rules=SecondLooks.load(office.settings.data),
        opened=opened,
        seen=seen,
        corrected=corrected,
    )
    routing.after_finding(office, done[1], actor)
    if corrected is not None:
        routing.after_correction(office, [row["case_id"] for row in done[1] if not row.get("waiting")], actor)
    if index:
        index_now(office)
    return done


def correction(
    office: Office, verb: str, scope: str | None, types: Sequence[str] | None, families: Sequence[str] | None
) -> Row | None:
    """What a person corrects of the machine's reading with a finding; None where nothing was given."""
    return corrections.correction(verb, scope, types, families, office.classes, office.families)


def undo(office: Office, case_id: int, actor: Actor, reason: str = "") -> Row:
    """Take back the actor's own last finding."""
    minutes = office.settings.undo_minutes
    done = undoing.undo(office.engine, case_id, actor, reason, now=office.clock.now(), minutes=minutes)
    if done.pop("corrected"):
        routing.after_correction(office, [case_id], actor)
    index_now(office)
    return done


def codes(office: Office) -> dict[str, ReasonCode]:
    """Reason codes by code."""
    return reason_codes(office.settings.data)


def rules(office: Office) -> dict[str, ClockRule]:
    """The legal clocks by id."""
    return clock_rules(office.settings.data)


def due(office: Office, overdue: bool = False, most: int | None = None) -> list[Row]:
    """Clocks that run, what is due first at the front; ``most``: only the earliest of each clock and state."""
    calendar = WorkingDays(office.settings.data)
    now, zone = office.clock.now(), office.settings.zone
    return clocks.due_rows(office.engine, rules(office), calendar, now=now, zone=zone, overdue=overdue, most=most)


def extend_clock(office: Office, case_id: int, clock: str, reason: str, actor: Actor) -> Row:
    """Extend a clock, once, with the head's approval."""
    return clocks.extend(office.engine, rules(office), case_id, clock, reason, actor, now=office.clock.now())


def track_words() -> Row:
    """The table of tracks for screens: labels of tracks, steps and outcomes."""
    steps = {name: {step: each.label for step, each in track.steps.items()} for name, track in TRACKS.items()}
    return {"tracks": {name: track.label for name, track in TRACKS.items()}, "steps": steps, "outcomes": OUTCOMES}


def tracks_of(office: Office, case_ids: Sequence[int]) -> dict[int, list[Row]]:
    """Tracks of cases, each with ``next``: the steps that may follow."""
    with reading(office.engine) as connection:
        found = work.tracks_of(connection, case_ids)
    for rows in found.values():
        for row in rows:
            row["next"] = work.next_steps(row["track"], row["step"])
    return found


def open_track(office: Office, ids: Sequence[int | str], track: str, actor: Actor) -> tuple[StageReport, list[Row]]:
    """Open a track of confirmed cases."""
    return _each(office, ids, track, actor, None, None)


def move_track(
    office: Office, ids: Sequence[int | str], track: str, to: str, actor: Actor, outcome: str | None = None
) -> tuple[StageReport, list[Row]]:
    """Take a track of cases to its next step; where only a transfer leads, UsageError says so."""
    step = TRACKS[track].steps.get(to) if track in TRACKS else None
    if step is not None and step.by_transfer:
        raise UsageError(f"“{step.label}”由移送办理：先拟移送，再由另一名负责人批准")
    return _each(office, ids, track, actor, to, outcome)


def _each(
    office: Office, ids: Sequence[int | str], track: str, actor: Actor, to: str | None, outcome: str | None
) -> tuple[StageReport, list[Row]]:
    report = StageReport("track")
    done: list[int] = []
    for case_id in case_numbers.numbers(office.engine, ids, report):
        try:
            with transaction(office.engine) as connection:
                now = office.clock.now()
                if to is None:
                    entries = work.open_track(connection, case_id, track, actor, now)
                else:
                    entries = work.move_track(connection, case_id, track, to, actor, now, outcome)
                append_entries(connection, entries)
        except UsageError as error:
            report.drop("not_allowed", str(error))
            continue
        report.kept += 1
        done.append(case_id)
    index_now(office)
    found = tracks_of(office, done)
    return report, [{"case_id": case_id, **row} for case_id in done for row in found[case_id] if row["track"] == track]
