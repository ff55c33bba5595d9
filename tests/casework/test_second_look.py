from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from adwatch.casework import quality, sampling
from adwatch.casework.next_lead import lease_of
from adwatch.errors import SpecError, UsageError
from adwatch.evidence.audit import verify_log
from adwatch.store import schema as s
from adwatch.store.engine import reading
from adwatch.tables.second_look import Rule, SecondLooks
from tests.casework.office import ZONE
from tests.casework.reviewing import HEAD, LI, TWO_PERSONS, WANG, ZHANG, found, opened, undone
from tests.store.world import DAY, World, clear, listing

EVERYTHING = SecondLooks([Rule("dismissed", "all", "", 1, ""), Rule("unflagged", "all", "", 1, "")])


def figures(world: World) -> dict[str, object]:
    return quality.quality(world.engine, date(2026, 11, 1), date(2026, 11, 30), ZONE)


def test_two_who_agree_make_one_decision(world: World) -> None:
    case_id = world.flag(listing("1"))
    _, rows = found(world, case_id, ZHANG, rules=TWO_PERSONS, reason="甲的看法", code="C01")
    assert (rows[0]["waiting"], rows[0]["state"]) == (True, "screening")
    assert world.rows(s.decision) == []
    _, rows = found(world, case_id, LI, rules=TWO_PERSONS)
    assert (rows[0]["waiting"], rows[0]["state"]) == (False, "confirmed")
    (decision,) = world.rows(s.decision)
    assert decision["person"] == "李四"
    looks = world.rows(s.event)[-1]["detail"]["looks"]
    assert [(each["person"], each["result"]) for each in looks] == [("张三", "confirm"), ("李四", "confirm")]
    assert verify_log(world.engine).fault is None


def test_the_second_sees_nothing_of_the_first_and_the_third_sees_both(world: World) -> None:
    case_id = world.flag(listing("1"))
    found(world, case_id, ZHANG, "dismiss", rules=TWO_PERSONS, reason="甲的看法", code="D01")
    lease = opened(world, case_id, LI)
    assert lease["look"] == {"stage": "second", "stage_label": "待第二人", "own": False, "findings": None}
    shown = str(world.rows(s.event)) + str(world.rows(s.audit_entry)) + str(lease)
    assert "dismiss" not in shown
    assert "甲的看法" not in shown
    assert "D01" not in shown
    found(world, case_id, LI, "confirm", rules=TWO_PERSONS)
    assert world.rows(s.decision) == []
    with reading(world.engine) as connection:
        assert lease_of(connection, case_id, ZHANG, world.now)["look"]["findings"] is None, "one of the two"
        look = lease_of(connection, case_id, WANG, world.now)["look"]
    assert [(each["person"], each["result"]) for each in look["findings"]] == [("张三", "dismiss"), ("李四", "confirm")]
    _, rows = found(world, case_id, WANG, "dismiss", rules=TWO_PERSONS)
    assert rows[0]["state"] == "dismissed"
    assert [row["person"] for row in world.rows(s.decision)] == ["王五"]
    assert [row["stage"] for row in world.rows(s.second_look)] == ["settled"]


@pytest.mark.parametrize(
    ("results", "state", "decisions"),
    [
        (["confirm", "confirm"], "confirmed", 1),
        (["dismiss", "dismiss"], "dismissed", 1),
        (["exclude", "exclude"], "excluded", 0),
        (["confirm", "dismiss", "confirm"], "confirmed", 1),
        (["confirm", "dismiss", "dismiss"], "dismissed", 1),
        (["exclude", "dismiss", "dismiss"], "dismissed", 1),
        (["exclude", "dismiss", "confirm"], "confirmed", 1),
        (["confirm"], "screening", 0),
        (["confirm", "dismiss"], "screening", 0),
        (["doubt"], "doubtful", 1),
        (["confirm", "refer"], "referred", 1),
    ],
)
def test_what_findings_lead_to(world: World, results: list[str], state: str, decisions: int) -> None:
    case_id = world.flag(listing("1"))
    for actor, result in zip((ZHANG, LI, WANG), results, strict=False):
        assert found(world, case_id, actor, result, rules=TWO_PERSONS)[0].kept == 1
    assert world.rows(s.case)[0]["state"] == state
    assert len(world.rows(s.decision)) == decisions


def test_one_person_is_not_two(world: World) -> None:
    case_id = world.flag(listing("1"))
    found(world, case_id, ZHANG, rules=TWO_PERSONS)
    report, _ = found(world, case_id, ZHANG, rules=TWO_PERSONS)
    assert dict(report.dropped) == {"same_person": 1}
    assert len(world.rows(s.second_finding)) == 1


def test_what_the_rule_does_not_name_is_decided_at_once(world: World) -> None:
    case_id = world.flag(listing("1"))
    rules = SecondLooks([Rule("two_person", "class", "paper_trade", 1, ""), Rule("dismissed", "all", "", 1, "")])
    _, rows = found(world, case_id, ZHANG, rules=rules)
    assert rows[0]["state"] == "confirmed"
    assert world.rows(s.second_look) == []


def test_an_answer_by_letter_settles_what_waited(world: World) -> None:
    case_id = world.flag(listing("1"))
    found(world, case_id, ZHANG, rules=TWO_PERSONS)
    found(world, case_id, HEAD, "dismiss")
    (look,) = world.rows(s.second_look)
    assert (look["stage"], look["result"]) == ("settled", "dismiss")


def test_what_two_found_is_not_undone_by_one(world: World) -> None:
    case_id = world.flag(listing("1"))
    found(world, case_id, ZHANG, rules=TWO_PERSONS)
    found(world, case_id, LI, rules=TWO_PERSONS)
    with pytest.raises(UsageError, match="两人"):
        undone(world, case_id, LI)


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("two_persons,all,,1,", "kind"),
        ("two_person,class,,1,", "field"),
        ("two_person,all,x,1,", "field"),
        ("two_person,all,,0.5,", "share"),
        ("dismissed,all,,2,", "share"),
        ("dismissed,all,,viel,", "share"),
    ],
)
def test_a_wrong_row_is_named_with_its_line(tmp_path: Path, line: str, field: str) -> None:
    (tmp_path / "tables").mkdir()
    file = tmp_path / "tables" / "second_look.csv"
    file.write_text(f"kind,field,value,share,note\ntwo_person,scope,safety_production,1,\n{line}\n", encoding="utf-8")
    with pytest.raises(SpecError, match=rf"second_look.csv.*3.*{field}"):
        SecondLooks.load(tmp_path)


def test_the_narrowest_row_holds() -> None:
    rules = SecondLooks(
        [
            Rule("dismissed", "all", "", 0.1, ""),
            Rule("dismissed", "scope", "safety_production", 0.2, ""),
            Rule("dismissed", "class", "a", 0.0, ""),
            Rule("dismissed", "class", "b", 0.4, ""),
        ]
    )
    assert rules.share("dismissed", "other_credential", ["c"]) == 0.1
    assert rules.share("dismissed", "safety_production", ["c"]) == 0.2
    assert rules.share("dismissed", "safety_production", ["a"]) == 0.0
    assert rules.share("dismissed", "safety_production", ["a", "b"]) == 0.4
    assert rules.share("unflagged", "safety_production", ["a"]) == 0.0
    assert not rules.needs_two("confirm", "safety_production", ["b"])
    assert SecondLooks.load().share("dismissed", "safety_production", []) > 0, "the shipped table"
    assert not SecondLooks.load().needs_two("confirm", "safety_production", []), "the rule of two is an option"


def test_a_larger_share_contains_the_smaller_and_has_its_size() -> None:
    keys = [f"ADW-2026-{number:06d} {number}" for number in range(4000)]
    small, large = ({key for key in keys if sampling.drawn(key, share)} for share in (0.05, 0.2))
    assert small < large
    assert 140 <= len(small) <= 260
    assert 690 <= len(large) <= 910
    assert not any(sampling.drawn(key, 0.0) for key in keys)
    assert all(sampling.drawn(key, 1.0) for key in keys)


def draw(world: World) -> dict[str, dict[str, int]]:
    return sampling.draw(world.engine, EVERYTHING, DAY, DAY, HEAD, now=world.now, zone=ZONE)


def look(world: World, look_id: int, actor: object, result: str) -> dict[str, object]:
    return sampling.answer(world.engine, look_id, result, "复看", actor, now=world.now, zone=ZONE)  # type: ignore[arg-type]


def test_what_was_dismissed_and_what_was_not_flagged_is_drawn_once(world: World) -> None:
    dismissed, confirmed = world.flag(listing("1")), world.flag(listing("2"))
    world.store(listing("3", "电工证考前辅导"))
    world.judge(clear())
    found(world, dismissed, ZHANG, "dismiss", reason="媒体报道")
    found(world, confirmed, ZHANG)
    assert draw(world)["dismissed"] == {"of": 1, "drawn": 1}
    again = draw(world)
    assert (again["dismissed"], again["unflagged"]) == ({"of": 1, "drawn": 0}, {"of": 1, "drawn": 0})
    rows = sampling.waiting(world.engine, LI)
    assert [row["title"] for row in rows] == ["商品1", "商品3"]
    assert "媒体报道" not in str(rows)
    assert "13800138000" not in str(rows), "masked"
    assert [row["title"] for row in sampling.waiting(world.engine, ZHANG)] == ["商品3"], "not the own dismissal"
    with pytest.raises(UsageError, match="另一人"):
        look(world, rows[0]["look_id"], ZHANG, "dismiss")


def test_a_dismissal_that_does_not_stand_is_decided_anew_by_the_third(world: World) -> None:
    case_id = world.flag(listing("1"))
    found(world, case_id, ZHANG, "dismiss")
    draw(world)
    (row,) = sampling.waiting(world.engine, LI)
    assert look(world, row["look_id"], LI, "confirm")["stage"] == "third"
    assert world.rows(s.case)[0]["state"] == "dismissed"
    done = look(world, row["look_id"], WANG, "confirm")
    assert (done["stage"], done["overturned"]) == ("settled", True)
    assert world.rows(s.case)[0]["state"] == "confirmed"
    assert [(each["result"], each["person"]) for each in world.rows(s.decision)] == [
        ("dismiss", "张三"),
        ("confirm", "王五"),
    ]
    with pytest.raises(UsageError, match="已有结论"):
        look(world, row["look_id"], HEAD, "dismiss")
    numbers = figures(world)
    assert numbers["overturn_rate"] == 1.0
    assert numbers["agreement"]["dismissed"] == {  # type: ignore[index]
        "pairs": 1,
        "agreed": 0,
        "agreement": 0.0,
        "kappa": None,
        "first_overturned": 1,
    }
    assert verify_log(world.engine).fault is None


def test_an_unflagged_listing_found_to_be_an_offer_was_missed(world: World) -> None:
    item = listing("3", "电工证考前辅导")
    world.store(item)
    world.judge(clear())
    draw(world)
    (row,) = sampling.waiting(world.engine, LI)
    look(world, row["look_id"], LI, "confirm")
    assert world.rows(s.case) == []
    done = look(world, row["look_id"], WANG, "confirm")
    assert figures(world)["missed"] == [item.listing_id]
    (case,) = world.rows(s.case)
    assert (case["id"], case["state"], case["band"]) == (done["case_id"], "confirmed", "clear")
    (decision,) = world.rows(s.decision)
    assert (decision["person"], decision["result"]) == ("王五", "confirm")
    assert verify_log(world.engine).fault is None


def test_gold_items_are_put_before_everyone(world: World) -> None:
    item = listing("1")
    world.flag(item)
    report = sampling.add_gold(world.engine, [item.listing_id, "ff", "zz"], "dismiss", HEAD, now=world.now)
    assert (report.kept, dict(report.dropped)) == (1, {"unknown": 2})
    for actor, result in ((LI, "dismiss"), (WANG, "confirm")):
        (row,) = sampling.waiting(world.engine, actor)
        look(world, row["look_id"], actor, result)
        assert sampling.waiting(world.engine, actor) == []
    assert [(each["person"], each["share"]) for each in figures(world)["gold"]] == [("李四", 1.0), ("王五", 0.0)]  # type: ignore[attr-defined]


def test_kappa_is_that_of_the_paper() -> None:
    """The worked example of Cohen 1960, of 200 things: po 0.70, pe 0.41."""
    table = {("a", "a"): 88, ("a", "b"): 10, ("a", "c"): 2, ("b", "a"): 14, ("b", "b"): 40, ("b", "c"): 6}
    table |= {("c", "a"): 18, ("c", "b"): 10, ("c", "c"): 12}
    pairs = [pair for pair, count in table.items() for _ in range(count)]
    value = quality.kappa(pairs)
    assert value is not None
    assert round(value, 3) == 0.492
    assert quality.kappa([]) is None
    assert quality.kappa([("a", "a")] * 5) is None
    assert quality.kappa([("a", "b"), ("b", "a")]) == -1.0
    assert quality.kappa([("a", "a"), ("b", "b")]) == 1.0


@pytest.mark.parametrize(
    ("findings", "turned"),
    [
        ([], False),
        (["confirm"], False),
        (["confirm", "dismiss"], True),
        (["confirm", "confirm"], False),
        (["dismiss", "undo", "confirm"], False),
        (["doubt", "confirm"], True),
    ],
)
def test_what_counts_as_overturned(findings: list[str], turned: bool) -> None:
    assert quality.overturned(findings) == turned


def test_quality_counts_two_persons_and_times(world: World) -> None:
    first, second = world.flag(listing("1")), world.flag(listing("2"))
    for case_id, theirs in ((first, "confirm"), (second, "dismiss")):
        found(world, case_id, ZHANG, theirs, rules=TWO_PERSONS)
        opened(world, case_id, LI)
        world.tick(seconds=30)
        found(world, case_id, LI, theirs, rules=TWO_PERSONS, opened=True, code="X01")
    numbers = figures(world)
    assert numbers["agreement"]["two_person"]["kappa"] == 1.0  # type: ignore[index]
    assert numbers["seconds"] == {"measured": 2, "median": 30.0, "p90": 30.0}
    assert (numbers["decisions"], numbers["overturn_rate"], numbers["codes"]) == (2, 0.0, {"X01": 2})
