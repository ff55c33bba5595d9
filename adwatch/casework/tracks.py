"""Tracks of a case: opened, moved by the one table (``track_table``), and the case closed with the last of them.

Every function works within the caller's transaction and locks the case's row first (call ``lock_cases`` beforehand
where there are several: it locks in ascending order). The events are written here; the audit entries are given back,
since the caller appends them as the last step of its transaction::

    with work(engine) as connection:
        entries = open_track(connection, case_id, "takedown", actor, now)
        entries += move_track(connection, case_id, "takedown", "checked", actor, now)
        append_entries(connection, entries)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from adwatch.casework.states import STATES
from adwatch.casework.track_table import OUTCOMES, TRACKS, Step
from adwatch.errors import UsageError
from adwatch.models import Actor
from adwatch.store import schema as s
from adwatch.store.audit import Entry
from adwatch.store.cases import lock_cases, set_state, tell_index
from adwatch.store.corrections import found_as
from adwatch.store.opening import add_event, chunks

OPENABLE = ("confirmed", "closed")
"""States of a case whose tracks may be opened: 属实, and 办结 upon it, which becomes 属实 again."""


def open_track(connection: Connection, case_id: int, track: str, actor: Actor, now: datetime) -> list[Entry]:
    """Open a track on its first step; one that is there already is left as it is, with nothing to tell.

    UsageError where the case is unknown or was not found 属实.
    """
    if track not in TRACKS:
        raise UsageError(f"分线 {track!r}: 没有这条分线；可写 {'、'.join(TRACKS)}")
    case = _locked(connection, case_id)
    if _row(connection, case_id, track) is not None:
        return []
    if (state := found_as(connection, case_id)) not in OPENABLE:
        raise UsageError(f"案件 {case_id}: 现为“{STATES[state]}”，甄别属实之后才能开“{TRACKS[track].label}”分线")
    first = TRACKS[track].first
    values = {"case_id": case_id, "track": track, "step": first, "opened_at": now, "moved_at": now}
    connection.execute(s.track.insert().values(**values))
    told = {"track": track, "to": first}
    add_event(connection, "case", case_id, "track_opened", actor.person, now, {"unit": actor.unit, **told})
    entries = [Entry.of(actor, "track.open", "case", case_id, now, told)]
    return entries + _settle(connection, case, actor, now)


def move_track(
    connection: Connection,
    case_id: int,
    track: str,
    to: str,
    actor: Actor,
    now: datetime,
    outcome: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> list[Entry]:
    """Take a track to its next step. UsageError where it is not opened or the table has no such move or outcome.

    ``detail`` goes into the event (numbers of letters, digests; no raw personal data: events are shown and dumped).
    With the last open track the case is closed (办结); where a closed track is opened again, so is its case.
    """
    case = _locked(connection, case_id)
    row = _row(connection, case_id, track)
    if row is None:
        raise UsageError(f"案件 {case_id}: 未开“{_label(track)}”分线")
    steps = TRACKS[track].steps
    came, step = steps[row["step"]], _allowed(case_id, track, row["step"], to, outcome)
    values: dict[str, Any] = {"step": to, "outcome": outcome, "moved_at": now}
    values["closed_at"] = now if step.closes else None
    if row["decided_at"] is None:
        values["decided_at"] = now
    connection.execute(update(s.track).where(s.track.c.case_id == case_id, s.track.c.track == track).values(**values))
    told: dict[str, Any] = {"track": track, "from": row["step"], "to": to}
    if outcome is not None:
        told["outcome"] = outcome
    said = {**dict(detail or {}), "unit": actor.unit, **told}
    add_event(connection, "case", case_id, "track_moved", actor.person, now, said)
    entries = [Entry.of(actor, "track.move", "case", case_id, now, told)]
    if came.closes != step.closes:
        entries += _settle(connection, case, actor, now)
    else:
        tell_index(connection, case["listings"])
    return entries


def tracks_of(connection: Connection, case_ids: Iterable[int]) -> dict[int, list[dict[str, Any]]]:
    """Tracks by case, in the order of the table, with the labels of track, step and outcome."""
    found: dict[int, list[dict[str, Any]]] = {}
    for ids in chunks(case_ids):
        for row in connection.execute(select(s.track).where(s.track.c.case_id.in_(ids))):
            values = {str(name): value for name, value in row._mapping.items()}  # the library's names are no plain str
            found.setdefault(row.case_id, []).append(_shown(values))
    order = list(TRACKS)
    for rows in found.values():
        rows.sort(key=lambda row: order.index(row["track"]))
    return found


def open_tracks(connection: Connection, case_id: int) -> list[str]:
    """Ids of the case's tracks that are not closed."""
    query = select(s.track.c.track).where(s.track.c.case_id == case_id, s.track.c.closed_at.is_(None))
    return list(connection.scalars(query.order_by(s.track.c.track)))


def next_steps(track: str, step: str) -> list[dict[str, Any]]:
    """What a person may do next by hand: id, label, outcomes, whether one is needed; for forms and messages."""
    steps = TRACKS[track].steps
    return [
        {
            "to": to,
            "label": steps[to].label,
            "outcomes": {each: OUTCOMES[each] for each in steps[to].outcomes},
            "needs_outcome": steps[to].needs_outcome,
        }
        for to in steps[step].to
        if not steps[to].by_transfer
    ]


def _allowed(case_id: int, track: str, step: str, to: str, outcome: str | None) -> Step:
    """The step that is gone to, if the table has the move and the outcome."""
    steps = TRACKS[track].steps
    if to not in steps[step].to:
        may = "、".join(f"{each}（{steps[each].label}）" for each in steps[step].to) or "无"
        raise UsageError(
            f"案件 {case_id}: “{_label(track)}”现为“{steps[step].label}”，不能转到 {to[:30]!r}；下一步可为 {may}"
        )
    wanted = steps[to].outcomes
    if (outcome is None and steps[to].needs_outcome) or (outcome is not None and outcome not in wanted):
        may = "、".join(f"{each}（{OUTCOMES[each]}）" for each in wanted) or "无"
        raise UsageError(f"案件 {case_id}: “{steps[to].label}”的结果应为 {may}，不是 {outcome!r}")
    return steps[to]


def _settle(connection: Connection, case: dict[str, Any], actor: Actor, now: datetime) -> list[Entry]:
    """Close a confirmed case whose tracks are all closed; a closed one with an open track is 属实 again."""
    waiting = open_tracks(connection, case["id"])
    to = {("confirmed", False): "closed", ("closed", True): "confirmed"}.get(
        (found_as(connection, case["id"]), bool(waiting))
    )
    tell_index(connection, case["listings"])
    if to is None:
        return []
    was = case["state"]
    set_state(connection, case["id"], state=to, updated_at=now)
    case["state"] = to
    told = {"from": was, "to": to}
    kind = "closed" if to == "closed" else "taken_up_again"
    add_event(connection, "case", case["id"], kind, actor.person, now, {"unit": actor.unit, **told, "by": "tracks"})
    return [Entry.of(actor, "case.close" if to == "closed" else "case.reopen", "case", case["id"], now, told)]


def _locked(connection: Connection, case_id: int) -> dict[str, Any]:
    case = lock_cases(connection, [case_id]).get(case_id)
    if case is None:
        raise UsageError(f"案件 {case_id}: 没有这个编号；用 adwatch review list 查看")
    return case


def _row(connection: Connection, case_id: int, track: str) -> dict[str, Any] | None:
    found = connection.execute(select(s.track).where(s.track.c.case_id == case_id, s.track.c.track == track)).first()
    return None if found is None else dict(found._mapping)


def _label(track: str) -> str:
    return TRACKS[track].label if track in TRACKS else track[:30]


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    table = TRACKS[row["track"]]
    labels = {
        "track_label": table.label,
        "step_label": table.steps[row["step"]].label,
        "outcome_label": OUTCOMES.get(row["outcome"]) if row["outcome"] else None,
        "open": row["closed_at"] is None,
    }
    return {**row, **labels}
