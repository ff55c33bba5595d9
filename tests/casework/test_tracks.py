from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from adwatch.casework.states import STATES
from adwatch.casework.track_table import OUTCOMES, TRACKS
from adwatch.casework.tracks import OPENABLE, next_steps, tracks_of
from adwatch.errors import UsageError
from adwatch.evidence.audit import verify_log
from adwatch.store import schema as s
from adwatch.store.engine import open_engine, reading
from tests.casework.office import decide
from tests.casework.reviewing import ZHANG, move_track, open_track
from tests.store.world import World, listing

MUST_PASS = [
    ("takedown", ["checked", "signed", "sent", "received", "handled", "verified_once", "verified"], None),
    ("takedown", ["checked", "draft", "checked", "signed", "sent", "refused", "escalated", "ended"], "transfer"),
    ("takedown", ["checked", "signed", "sent", "verified_once", "sent", "verified_once", "verified", "relisted"], None),
    ("takedown", ["checked", "signed", "sent", "withdrawn"], "no_offence"),
    ("investigation", ["filed", "punished"], "penalty"),
    ("investigation", ["filed", "punished"], "joint_discipline"),
    ("investigation", ["not_filed"], "talk"),
    ("investigation", ["referred"], "transfer"),
    ("investigation", ["filed", "withdrawn"], "no_offence"),
    ("crime", ["clue_sent", "received", "filed"], "transfer"),
    ("crime", ["approved", "case_sent", "received", "not_filed", "reconsideration", "upheld", "supervision"], None),
    ("crime", ["not_approved"], "no_offence"),
    ("site", ["to_cac", "to_telecom", "to_host", "verified_once", "verified"], None),
    ("site", ["not_fake"], "no_offence"),
]
MUST_NOT_PASS = [
    ("takedown", ["sent"], None),
    ("takedown", ["checked", "sent"], None),
    ("takedown", ["checked", "signed", "sent", "received", "handled", "verified"], None),
    ("takedown", ["checked", "signed", "sent", "draft"], None),
    ("takedown", ["checked", "signed", "sent", "withdrawn"], "penalty"),
    ("takedown", ["relisted"], None),
    ("investigation", ["punished"], "penalty"),
    ("investigation", ["filed", "punished"], None),
    ("investigation", ["filed", "punished"], "talk"),
    ("investigation", ["not_filed"], "penalty"),
    ("investigation", ["filed", "not_filed"], "no_offence"),
    ("investigation", ["filed", "punished", "inquiry"], None),
    ("crime", ["case_sent"], None),
    ("crime", ["clue_sent", "approved"], None),
    ("crime", ["approved", "case_sent", "ended"], "transfer"),
    ("crime", ["clue_sent", "received", "filed"], "penalty"),
    ("site", ["verified_once"], None),
    ("site", ["to_cac", "not_fake"], "no_offence"),
    ("site", ["to_cac", "verified"], None),
    ("site", ["seized"], None),
]


@pytest.fixture
def small(migrated_file: Path, tmp_path: Path) -> World:
    shutil.copy(migrated_file, tmp_path / "a.db")
    return World(open_engine(f"sqlite:///{tmp_path / 'a.db'}"))


@pytest.mark.parametrize(("track", "steps", "outcome"), MUST_PASS)
def test_a_way_that_the_table_has(small: World, track: str, steps: list[str], outcome: str | None) -> None:
    case_id = small.flag(listing("1"))
    decide(small, case_id)
    open_track(small, case_id, track)
    for step in steps[:-1]:
        ends = TRACKS[track].steps[step].needs_outcome
        assert not ends
    move_track(small, case_id, track, *steps, outcome=outcome)
    (row,) = small.rows(s.track)
    assert (row["step"], row["outcome"]) == (steps[-1], outcome)
    assert (row["closed_at"] is not None) == TRACKS[track].steps[steps[-1]].closes
    assert (small.rows(s.case)[0]["state"] == "closed") == TRACKS[track].steps[steps[-1]].closes
    assert verify_log(small.engine).fault is None
    small.engine.dispose()


@pytest.mark.parametrize(("track", "steps", "outcome"), MUST_NOT_PASS)
def test_a_way_that_the_table_has_not(small: World, track: str, steps: list[str], outcome: str | None) -> None:
    case_id = small.flag(listing("1"))
    decide(small, case_id)
    open_track(small, case_id, track)
    before = steps[:-1]
    needs = bool(before) and TRACKS[track].steps[before[-1]].needs_outcome
    move_track(small, case_id, track, *before, outcome=TRACKS[track].steps[before[-1]].outcomes[0] if needs else None)
    was, entries = small.rows(s.track), len(small.rows(s.audit_entry))
    with pytest.raises(UsageError, match=f"案件 {case_id}"):
        move_track(small, case_id, track, steps[-1], outcome=outcome)
    assert (small.rows(s.track), len(small.rows(s.audit_entry))) == (was, entries)
    small.engine.dispose()


@pytest.mark.parametrize("name", sorted(TRACKS))
def test_the_table_holds_together(name: str) -> None:
    track = TRACKS[name]
    reached, waiting = set(), [track.first]
    while waiting:
        step = waiting.pop()
        if step not in reached:
            reached.add(step)
            waiting += track.steps[step].to
    assert reached == set(track.steps), "every step can be reached, and none is named that is not there"
    for step in track.steps.values():
        assert set(step.outcomes) <= set(OUTCOMES)
        assert step.to or step.closes, "no way ends on a step that leaves the track open"
        assert step.closes or not step.outcomes, "an outcome is where the track ends"
        assert bool(step.outcomes) >= step.needs_outcome
    assert not track.steps[track.first].closes


def test_every_outcome_belongs_to_some_step() -> None:
    named = {each for track in TRACKS.values() for step in track.steps.values() for each in step.outcomes}
    assert named == set(OUTCOMES)
    assert next_steps("investigation", "filed")[0]["outcomes"] == {
        "penalty": "行政处罚",
        "joint_discipline": "联合惩戒",
    }


@pytest.mark.parametrize("state", sorted(STATES))
def test_tracks_are_opened_of_confirmed_cases_only(small: World, state: str) -> None:
    case_id = small.flag(listing("1"))
    with small.engine.begin() as connection:
        connection.execute(s.case.update().values(state=state))
    if state in OPENABLE:
        assert open_track(small, case_id, "takedown") >= 1
        assert small.rows(s.case)[0]["state"] == "confirmed"
    else:
        with pytest.raises(UsageError, match="属实"):
            open_track(small, case_id, "takedown")
        assert small.rows(s.track) == []
    small.engine.dispose()


def test_a_case_is_closed_by_the_last_of_its_tracks_and_never_before(world: World) -> None:
    case_id = world.flag(listing("1"))
    decide(world, case_id)
    for track in ("takedown", "investigation"):
        open_track(world, case_id, track)
    assert open_track(world, case_id, "takedown") == 0, "there already: nothing to tell"
    move_track(world, case_id, "investigation", "not_filed", outcome="talk")
    assert world.rows(s.case)[0]["state"] == "confirmed"
    report, _ = decide(world, case_id, "close")
    assert dict(report.dropped) == {"tracks_open": 1}
    move_track(world, case_id, "takedown", "checked", "signed", "sent", "handled", "verified_once", "verified")
    assert world.rows(s.case)[0]["state"] == "closed"
    assert [event["kind"] for event in world.rows(s.event)][-2:] == ["track_moved", "closed"]
    move_track(world, case_id, "takedown", "relisted")
    assert world.rows(s.case)[0]["state"] == "confirmed", "what is open again is not closed"
    move_track(world, case_id, "takedown", "verified_once", "verified")
    assert world.rows(s.case)[0]["state"] == "closed"
    open_track(world, case_id, "crime")
    assert world.rows(s.case)[0]["state"] == "confirmed"
    with reading(world.engine) as connection:
        found = tracks_of(connection, [case_id])[case_id]
    assert [(row["track_label"], row["step_label"], row["outcome_label"], row["open"]) for row in found] == [
        ("下架", "两次核验已下架", None, False),
        ("查处", "不予立案", "约谈告诫", False),
        ("涉刑", "拟移送", None, True),
    ]
    assert verify_log(world.engine).fault is None


def test_a_wrong_finding_is_mended_while_its_track_runs_on(world: World) -> None:
    case_id = world.flag(listing("1"))
    decide(world, case_id)
    open_track(world, case_id, "takedown")
    decide(world, case_id, "dismiss", reason="误判")
    move_track(world, case_id, "takedown", "checked", "withdrawn", outcome="no_offence")
    assert world.rows(s.case)[0]["state"] == "dismissed", "what was found not to be so is not 办结 by its tracks"


def test_what_is_unknown_is_named(world: World) -> None:
    case_id = world.flag(listing("1"))
    decide(world, case_id)
    with pytest.raises(UsageError, match="没有这条分线"):
        open_track(world, case_id, "fine")
    with pytest.raises(UsageError, match="没有这个编号"):
        open_track(world, 99, "site")
    with pytest.raises(UsageError, match="未开“网站”"):
        move_track(world, case_id, "site", "to_cac")
    assert ZHANG.person in str(world.rows(s.event)[-1]["actor"])
