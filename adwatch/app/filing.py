"""立案 or 不予立案 of many confirmed cases at once: each by the rules of its page, and those refused are named."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adwatch.app.decisions import tracks_of
from adwatch.app.indexing import index_now
from adwatch.app.office import Office
from adwatch.casework import case_numbers
from adwatch.casework import tracks as work
from adwatch.casework.track_table import OUTCOMES, TRACKS
from adwatch.casework.transaction import work as transaction
from adwatch.errors import UsageError
from adwatch.models import Actor, StageReport
from adwatch.store.audit import Entry, append_entries
from adwatch.store.cases import lock_cases
from adwatch.text import one_line

TRACK, FIRST = "investigation", TRACKS["investigation"].first
FILINGS = ("filed", "not_filed")
"""Steps by which it is decided."""
Row = dict[str, Any]


def choices() -> list[tuple[str, str]]:
    """(value, label) of every decision: the step, behind a colon the outcome that it needs."""
    found = []
    for to in FILINGS:
        step = TRACKS[TRACK].steps[to]
        ends = [(f"{to}:{each}", f"{step.label}（{OUTCOMES[each]}）") for each in step.outcomes]
        found += ends if step.needs_outcome else [(to, step.label)]
    return found


def decide_filing(
    office: Office, ids: Sequence[int | str], decided: str, actor: Actor, reason: str = "", *, index: bool = True
) -> tuple[StageReport, list[Row]]:
    """Open the 查处 track where there is none and take it to a decision (``choices``); 不予立案 needs a reason.

    Only what is not decided yet: a track on any other step is refused, and named in the report's notes.
    """
    if decided not in dict(choices()):
        known = "、".join(f"{value}（{label}）" for value, label in choices())
        raise UsageError(f"立案决定 {one_line(decided)[:40]!r}: 可写 {known}")
    to, _, outcome = decided.partition(":")
    if to == "not_filed" and not reason.strip():
        raise UsageError("不予立案须写明理由；write --reason TEXT")
    report, done, entries = StageReport("filing"), list[int](), list[Entry]()
    wanted, now = case_numbers.numbers(office.engine, ids, report), office.clock.now()
    said = {"reason": reason} if reason.strip() else {}
    with transaction(office.engine) as connection:
        lock_cases(connection, wanted)
        have = work.tracks_of(connection, wanted)
        for case_id in wanted:
            try:  # what is refused has written nothing: a track that was just opened stands where both lead on from
                step = next((row["step"] for row in have.get(case_id, ()) if row["track"] == TRACK), None)
                if step not in (None, FIRST):
                    label = TRACKS[TRACK].steps[str(step)].label
                    raise UsageError(f"案件 {case_id}: 查处分线现为“{label}”，已经决定过")
                opened = work.open_track(connection, case_id, TRACK, actor, now) if step is None else []
                entries += opened
                entries += work.move_track(connection, case_id, TRACK, to, actor, now, outcome or None, said)
            except UsageError as error:
                report.drop("not_allowed", str(error))
                continue
            report.kept += 1
            done.append(case_id)
        append_entries(connection, entries)
    if index:
        index_now(office)
    found = tracks_of(office, done)
    return report, [{"case_id": case_id, **row} for case_id in done for row in found[case_id] if row["track"] == TRACK]
