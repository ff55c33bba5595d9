"""The 下架 track of a request's cases, moved for all of them at once by the one table (``track_table``).

A request may have thousands of cases: their rows, events and audit entries are written in bulk here, each as
``tracks.move_track`` writes it; what closes a track or opens a closed one again goes through that, case by case.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, update

from adwatch.casework.track_table import TRACKS
from adwatch.casework.tracks import move_track
from adwatch.models import Actor
from adwatch.store import schema as s
from adwatch.store.audit import Entry
from adwatch.store.cases import lock_cases, tell_index
from adwatch.store.opening import chunks

TRACK = "takedown"
STEPS = TRACKS[TRACK].steps
FIRST = TRACKS[TRACK].first


def begin(
    connection: Connection, case_ids: Iterable[int], actor: Actor, now: datetime, detail: Mapping[str, Any]
) -> list[Entry]:
    """Open the track of confirmed cases; one that came back, was withdrawn or ended is drafted anew."""
    cases = lock_cases(connection, case_ids)
    there = _steps(connection, cases)
    fresh = [case_id for case_id in cases if case_id not in there]
    entries: list[Entry] = []
    for case_id, step in there.items():
        if FIRST in STEPS[step].to:
            entries += move_track(connection, case_id, TRACK, FIRST, actor, now, detail=detail)
    if not fresh:
        return entries
    rows = [{"case_id": each, "track": TRACK, "step": FIRST, "opened_at": now, "moved_at": now} for each in fresh]
    connection.execute(s.track.insert(), rows)
    told = {"track": TRACK, "to": FIRST}
    _tell(connection, fresh, "track_opened", actor, now, {**detail, "unit": actor.unit, **told})
    tell_index(connection, [listing for each in fresh for listing in cases[each]["listings"]])
    return entries + [Entry.of(actor, "track.open", "case", each, now, told) for each in fresh]


def advance(
    connection: Connection, case_ids: Iterable[int], to: str, actor: Actor, now: datetime, detail: Mapping[str, Any]
) -> list[Entry]:
    """Take the tracks on to a step; those that cannot go there (verified meanwhile, another letter's) are left."""
    cases = lock_cases(connection, case_ids)
    steps = {case_id: step for case_id, step in _steps(connection, cases).items() if to in STEPS[step].to}
    entries: list[Entry] = []
    plain: dict[str, list[int]] = {}
    for case_id, step in steps.items():
        if STEPS[to].closes or STEPS[step].closes:
            entries += move_track(connection, case_id, TRACK, to, actor, now, detail=detail)
        else:
            plain.setdefault(step, []).append(case_id)
    for step, moved in plain.items():
        for ids in chunks(moved):
            here = (s.track.c.track == TRACK) & s.track.c.case_id.in_(ids)
            decided = func.coalesce(s.track.c.decided_at, now)
            values = {"step": to, "outcome": None, "moved_at": now, "decided_at": decided}
            connection.execute(update(s.track).where(here).values(**values))
        told = {"track": TRACK, "from": step, "to": to}
        _tell(connection, moved, "track_moved", actor, now, {**detail, "unit": actor.unit, **told})
        tell_index(connection, [listing for each in moved for listing in cases[each]["listings"]])
        entries += [Entry.of(actor, "track.move", "case", each, now, told) for each in moved]
    return entries


def _steps(connection: Connection, case_ids: Iterable[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for ids in chunks(case_ids):
        query = select(s.track.c.case_id, s.track.c.step).where(s.track.c.track == TRACK, s.track.c.case_id.in_(ids))
        found.update((row.case_id, row.step) for row in connection.execute(query))
    return found


def _tell(
    connection: Connection, case_ids: list[int], kind: str, actor: Actor, now: datetime, detail: dict[str, Any]
) -> None:
    about = {"subject": "case", "kind": kind, "actor": actor.person, "at": now, "detail": detail}
    connection.execute(s.event.insert(), [{**about, "subject_id": each} for each in case_ids])
