from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from adwatch.casework import next_lead
from adwatch.casework.case_file import show_case
from adwatch.errors import UsageError
from adwatch.evidence.audit import verify_log
from adwatch.models import Actor
from adwatch.store import schema as s
from adwatch.store.engine import reading
from adwatch.store.queue import Filters
from adwatch.tables import Law
from tests.casework.office import CLASSES, FAMILIES, UNIT
from tests.casework.reviewing import HEAD, LI, TWO_PERSONS, WANG, ZHANG, following, found, opened
from tests.store.world import World, listing, verdict


def test_an_open_lead_is_its_reviewers_until_the_lease_runs_out(world: World) -> None:
    case_id = world.flag(listing("1"))
    assert opened(world, case_id, ZHANG)["mine"]
    theirs = opened(world, case_id, LI)
    assert (theirs["mine"], theirs["by"]) == (False, f"张三（{UNIT}）")
    report, _ = found(world, case_id, LI)
    assert dict(report.dropped) == {"leased": 1}
    assert "张三" in report.notes[0]
    world.tick(minutes=10)
    assert opened(world, case_id, ZHANG)["mine"], "activity renews it"
    world.tick(minutes=10)
    assert not opened(world, case_id, LI)["mine"]
    world.tick(minutes=6)
    assert opened(world, case_id, LI)["mine"]
    report, _ = found(world, case_id, ZHANG, opened=True)
    assert dict(report.dropped) == {"leased": 1}, "what was opened long ago is another's now"
    assert world.rows(s.decision) == []


def test_who_opened_what_when_stands_in_the_log_once_a_lease(world: World) -> None:
    case_id = world.flag(listing("1"))
    for minutes in (0, 10, 10, 16):  # the first, two that renew it, one after it ran out
        world.tick(minutes=minutes)
        opened(world, case_id, ZHANG)
    opened(world, case_id, LI)  # may look, not decide: no lease
    world.tick(minutes=16)
    assert following(world, LI) == case_id
    assert following(world, LI) == case_id
    rows = [row for row in world.rows(s.audit_entry) if row["action"] == "review.open"]
    assert [(row["person"], row["subject_id"]) for row in rows] == [
        (name, str(case_id)) for name in ("张三", "张三", "李四")
    ]
    assert rows[-1]["at"] == world.now
    assert verify_log(world.engine).fault is None


def test_people_of_one_name_in_two_units_are_two(world: World) -> None:
    case_id = world.flag(listing("1"))
    opened(world, case_id, ZHANG)
    assert not opened(world, case_id, Actor("张三", "另一局"))["mine"]


def test_only_the_head_takes_a_lead_over_and_it_is_told(world: World) -> None:
    case_id = world.flag(listing("1"))
    opened(world, case_id, ZHANG)
    with pytest.raises(UsageError, match="负责人"):
        opened(world, case_id, LI, take_over=True)
    assert opened(world, case_id, HEAD, take_over=True)["mine"]
    assert [row["kind"] for row in world.rows(s.event)] == ["opened", "taken_over"]
    assert [row["action"] for row in world.rows(s.audit_entry)] == ["review.open", "review.take-over"]
    assert dict(found(world, case_id, ZHANG, opened=True)[0].dropped) == {"leased": 1}


def test_a_decision_on_the_screen_needs_the_lead_to_be_open(world: World) -> None:
    case_id = world.flag(listing("1"))
    assert dict(found(world, case_id, ZHANG, opened=True)[0].dropped) == {"not_open": 1}
    opened(world, case_id, ZHANG)
    at = world.now
    world.tick(seconds=40)
    assert found(world, case_id, ZHANG, opened=True)[0].kept == 1
    (decision,) = world.rows(s.decision)
    assert decision["opened_at"] == at, "time per decision counts from here"
    (case,) = world.rows(s.case)
    assert (case["leased_by"], case["leased_until"], case["leased_at"]) == (None, None, None)
    assert dict(found(world, case_id, ZHANG, "dismiss", opened=True)[0].dropped) == {"not_open": 1}


def test_an_answer_by_letter_does_not_wait_for_a_reviewer_who_then_finds_it_decided(world: World) -> None:
    case_id = world.flag(listing("1"))
    opened(world, case_id, ZHANG)
    assert found(world, case_id, LI, by_letter=True, rules=TWO_PERSONS)[0].kept == 1
    assert dict(found(world, case_id, ZHANG, "dismiss", opened=True)[0].dropped) == {"not_open": 1}
    assert [row["person"] for row in world.rows(s.decision)] == ["李四"]


def test_what_the_machine_found_since_it_was_on_the_screen_is_not_decided_unseen(world: World) -> None:
    case_id = world.flag(listing("1"))
    opened(world, case_id, ZHANG)
    on_screen = show_case(world.engine, case_id, law=Law(), classes=CLASSES, families=FAMILIES)["seen"]
    assert len(on_screen) == 64
    world.store(listing("1", "电工证包过，另加人员电话"))
    with reading(world.engine) as connection:
        assert connection.scalar(select(s.case.c.state)) == "screening"
    assert dict(found(world, case_id, ZHANG, seen="0" * 64)[0].dropped) == {"changed": 1}
    world.judge(verdict(listing("1", "电工证包过，另加人员电话")))
    report, _ = found(world, case_id, ZHANG, opened=True, seen=on_screen)
    assert dict(report.dropped) == {"changed": 1}
    assert world.rows(s.decision) == []
    again = show_case(world.engine, case_id, law=Law(), classes=CLASSES, families=FAMILIES)["seen"]
    assert found(world, case_id, ZHANG, opened=True, seen=again)[0].kept == 1


def test_the_next_lead_is_the_best_that_nobody_has(world: World) -> None:
    cases = {}
    for name, score, scope in (("1", 0.7, "safety_production"), ("2", 0.9, "safety_production")):
        cases[name] = world.flag(listing(name), verdict(listing(name), score=score, scope=scope))
    cases["3"] = world.flag(listing("3"), verdict(listing("3"), score=0.99, scope="other_credential"))
    assert following(world, ZHANG) == cases["2"]
    assert following(world, ZHANG) == cases["2"], "still open, still the next"
    assert following(world, LI) == cases["1"]
    assert following(world, WANG, Filters(scope="safety_production")) is None
    assert following(world, WANG) == cases["3"]
    next_lead.release(world.engine, cases["2"], ZHANG)
    assert following(world, ZHANG, behind=cases["2"]) is None, "all behind it are open"
    assert not next_lead.release(world.engine, cases["1"], ZHANG), "another's lease can't be given back"
    assert following(world, HEAD) == cases["2"]


def test_a_decided_lead_is_not_the_next(world: World) -> None:
    first, second = world.flag(listing("1")), world.flag(listing("2"))
    found(world, first, ZHANG)
    assert following(world, LI) == second
    found(world, second, LI, "doubt")
    assert following(world, LI) is None
    assert following(world, LI, Filters(states=("doubtful",))) == second


def test_who_has_given_the_first_of_two_findings_gets_another(world: World) -> None:
    first, second = world.flag(listing("1")), world.flag(listing("2"))
    assert following(world, ZHANG) == first
    found(world, first, ZHANG, rules=TWO_PERSONS)
    assert following(world, ZHANG) == second
    assert following(world, LI) == first


def test_reviewers_at_once_open_and_decide_each_lead_once(world: World) -> None:
    for number in range(12):
        world.flag(listing(str(number)))

    def work(number: int) -> list[int]:
        me, done = Actor(f"审核员{number}", UNIT), []
        while (case_id := following(world, me)) is not None:
            assert found(world, case_id, me, opened=True)[0].kept == 1
            done.append(case_id)
        return done

    with ThreadPoolExecutor(4) as pool:
        done = [case_id for each in pool.map(work, range(4)) for case_id in each]
    assert sorted(done) == sorted(row["id"] for row in world.rows(s.case))
    assert sorted(row["case_id"] for row in world.rows(s.decision)) == sorted(done)
    assert verify_log(world.engine).fault is None
