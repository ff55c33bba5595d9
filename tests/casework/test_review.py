from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from adwatch.casework.case_file import show_case
from adwatch.casework.states import MOVES, OUTCOMES, RESULTS, STATES, WORDS
from adwatch.errors import UsageError
from adwatch.models import OUTCOMES as MODEL_OUTCOMES
from adwatch.store import schema as s
from adwatch.store.engine import open_engine
from tests.casework.office import CLASSES, FAMILIES, UNIT, decide, law, listed, register
from tests.store.world import World, clear, listing, verdict


def test_the_list_shows_safety_production_first_then_by_score(world: World) -> None:
    for name, scope, score in (
        ("1", "other_credential", 0.99),
        ("2", "safety_production", 0.7),
        ("3", "safety_production", 0.9),
    ):
        world.flag(listing(name), verdict(listing(name), scope=scope, score=score))
    world.flag(listing("4", platform="bazaar"))
    assert [row["native_id"] for row in listed(world)] == ["3", "4", "2", "1"]
    assert [row["native_id"] for row in listed(world, platform="bazaar")] == ["4"]
    assert [row["native_id"] for row in listed(world, scope="other_credential")] == ["1"]
    assert [row["native_id"] for row in listed(world, limit=2)] == ["3", "4"]
    assert listed(world, state="confirmed") == []
    assert len(listed(world, state="screening,confirmed")) == 4
    with pytest.raises(UsageError, match="no such state"):
        listed(world, state="screned")


def test_a_row_says_what_a_reviewer_chooses_by_and_hides_contacts(world: World) -> None:
    item = listing("1", seller_name="电工13800138000")
    case_id = world.flag(item, verdict(item, contact="abc13800138000", kind="wechat"))
    (row,) = listed(world)
    assert row == {
        "case_id": case_id,
        "listing_id": item.listing_id,
        "listing_ids": [item.listing_id],
        "lead_number": None,
        "state": "screening",
        "state_label": "待初筛",
        "scope": "safety_production",
        "score": 0.9,
        "band": "flagged",
        "platform": "plaza",
        "native_id": "1",
        "title": "商品1",
        "url": "https://plaza.example/item/1",
        "seller_name": "电工138********",
        "offer_types": ["sure_thing"],
        "offer_labels": "承诺通过",
        "certificate_kinds": ["electric"],
        "family_labels": "电工类证书",
        "machine": None,
        "opened_day": "2026-11-18",
        "found_late": None,
    }


def test_registering_gives_numbers_without_gaps_and_starts_the_clock(world: World) -> None:
    cases = [world.flag(listing(str(n))) for n in range(3)]
    report, rows = register(world, [cases[1], cases[0]])
    assert [(row["case_id"], row["lead_number"]) for row in rows] == [
        (cases[1], "ADW-2026-000001"),
        (cases[0], "ADW-2026-000002"),
    ]
    assert (report.kept, report.dropped) == (2, {})
    first = world.rows(s.case)[0]
    assert first["registered_at"] == world.now
    world.tick(days=1)
    report, rows = register(world, [cases[0], cases[2]])
    assert (report.kept, report.counts["unchanged"], report.dropped) == (1, 1, {})
    assert [row["lead_number"] for row in rows] == ["ADW-2026-000002", "ADW-2026-000003"]
    assert world.rows(s.case)[0]["registered_at"] == first["registered_at"]


def test_deciding_on_an_unregistered_case_registers_it_first(world: World) -> None:
    case_id = world.flag(listing("1"))
    report, rows = decide(world, case_id)
    assert report.kept == 1
    assert rows == [{"case_id": case_id, "lead_number": "ADW-2026-000001", "state": "confirmed", "state_label": "属实"}]
    assert [event["kind"] for event in world.rows(s.event)] == ["opened", "registered", "decided"]
    (found,) = world.rows(s.decision)
    assert (found["result"], found["person"], found["unit"], found["reason"]) == ("confirm", "张三", UNIT, "看过")
    assert world.rows(s.event)[-1]["detail"]["decided_on"][0]["decided_types"] == ["sure_thing"]


def test_a_later_finding_is_appended_not_written_over(world: World) -> None:
    case_id = world.flag(listing("1"))
    decide(world, case_id, "dismiss")
    decide(world, case_id, "confirm", by="王五")
    assert [(row["result"], row["person"]) for row in world.rows(s.decision)] == [
        ("dismiss", "张三"),
        ("confirm", "王五"),
    ]
    report, _ = decide(world, case_id, "confirm", by="赵六")
    assert (report.counts["unchanged"], report.dropped, len(world.rows(s.decision))) == (1, {}, 2)
    assert len({row["lead_number"] for row in listed(world)}) == 1


def test_a_refused_id_is_named_and_the_others_go_on(world: World) -> None:
    cases = [world.flag(listing(str(n))) for n in range(3)]
    decide(world, cases[0], "dismiss")
    report, rows = decide(world, [cases[0], 99, "x9", -1, 1 << 70, cases[1], cases[1]], "exclude")
    assert [row["case_id"] for row in rows] == [cases[1]]
    assert dict(report.dropped) == {"unknown": 4, "not_allowed": 1}
    assert any("99" in note for note in report.notes)
    assert any("x9" in note for note in report.notes)
    assert any(f"案件 {cases[0]}" in note and "不属实" in note for note in report.notes)


def test_a_finding_needs_a_person_a_unit_and_a_reason(world: World) -> None:
    case_id = world.flag(listing("1"))
    with pytest.raises(UsageError, match="reason"):
        decide(world, case_id, "dismiss", reason=" ")
    with pytest.raises(UsageError, match="--by"):
        decide(world, case_id, "confirm", by="")
    with pytest.raises(UsageError, match="no such finding"):
        decide(world, case_id, "bestätigen")
    assert world.rows(s.decision) == []


@pytest.mark.parametrize("verb", sorted(MOVES))
@pytest.mark.parametrize("state", sorted(STATES))
def test_only_the_moves_of_the_table_are_possible(migrated_file: Path, tmp_path: Path, verb: str, state: str) -> None:
    shutil.copy(migrated_file, tmp_path / "a.db")
    world = World(open_engine(f"sqlite:///{tmp_path / 'a.db'}"))
    case_id = world.flag(listing("1"))
    with world.engine.begin() as connection:
        connection.execute(s.case.update().values(state=state))
    report, _ = register(world, [case_id]) if verb == "register" else decide(world, case_id, verb)
    (case,) = world.rows(s.case)
    if state in MOVES[verb].origins and verb != "rectified":  # which is for what was found before (test_rectified)
        assert case["state"] == MOVES[verb].to
        assert len(world.rows(s.decision)) == (verb in RESULTS)
    else:
        assert case["state"] == state
        assert world.rows(s.decision) == []
        assert bool(report.dropped) == (state != MOVES[verb].to or verb == "rectified")
    world.engine.dispose()


def test_every_word_of_the_models_has_a_chinese_name() -> None:
    assert tuple(OUTCOMES) == MODEL_OUTCOMES
    assert set(WORDS) == {"gone", "up", "changed", "moved", "unknown"}


def test_every_state_can_be_left_and_reached() -> None:
    assert {move.to for move in MOVES.values()} | {"screening", "reopened"} == set(STATES)
    assert set().union(*(move.origins for move in MOVES.values())) == set(STATES)


def test_reviewers_at_once_lose_and_double_nothing(world: World) -> None:
    cases = [world.flag(listing(str(n))) for n in range(6)]

    def work(number: int) -> int:
        order = cases if number % 2 else cases[::-1]
        return int(decide(world, order, by=f"审核员{number}")[0].kept)

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(4))) == 6
    assert len(world.rows(s.decision)) == 6
    numbers = sorted(row["lead_number"] for row in world.rows(s.case))
    assert numbers == [f"ADW-2026-{n:06d}" for n in range(1, 7)]


def test_a_decision_tells_the_index(world: World) -> None:
    case_id = world.flag(listing("1"))
    before = len(world.rows(s.outbox))
    decide(world, case_id)
    (row,) = world.rows(s.listing)
    assert [each["listing_id"] for each in world.rows(s.outbox)[before:]] == [row["id"]]


def test_the_case_file_shows_everything_but_personal_data(world: World, tmp_path: Path) -> None:
    item = listing("1", "电工证包过，身份证号140802199001011234。加v abc13800138000，现金")
    case_id = world.flag(item, verdict(item, contact="abc13800138000"))
    decide(world, case_id, "doubt", reason="补截图")
    world.tick(days=1)
    world.store(listing("1", "电工证考前辅导"), day="2026-11-19")
    world.judge(clear(), day="2026-11-19")
    found = show_case(world.engine, case_id, law=law(tmp_path), classes=CLASSES, families=FAMILIES)
    shown = str(found)
    assert "13800138000" not in shown
    assert "199001011234" not in shown
    (one,) = found["listings"]
    (evidence,) = one["evidence"]
    assert one["marked_text"][evidence["start"] : evidence["end"]] == evidence["surface"] == "包过"
    assert one["cites"] == ["《某某法》第一条"], "the law of the day of the act, not of the later version"
    assert (one["current"], [each["current"] for each in one["versions"]]) == (False, [False, True])
    assert [each["band"] for each in one["versions"]] == ["flagged", "clear"]
    assert one["versions"][0]["capture_sha256"] == f"{1:064x}"
    assert [each["result"] for each in found["decisions"]] == ["doubt"]
    assert [each["kind"] for each in found["events"]] == ["opened", "registered", "decided", "reopened"]
    assert found["state_label"] == "重新待查"
    with pytest.raises(UsageError, match="99"):
        show_case(world.engine, 99, law=law(tmp_path), classes=CLASSES, families=FAMILIES)
