"""A first finding of two is taken back by who made it: appended, within limits, and the second sees nothing of it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import delete, update

from adwatch.casework.case_file import show_case
from adwatch.errors import UsageError
from adwatch.evidence.audit import verify_log
from adwatch.models import Actor
from adwatch.store import schema as s
from adwatch.store.engine import writing
from adwatch.tables import Law
from tests.casework.office import CLASSES, FAMILIES, UNIT
from tests.casework.reviewing import LI, TWO_PERSONS, WANG, ZHANG, following, found, opened, undone
from tests.casework.test_second_look import figures
from tests.store.world import World, listing


def finds(world: World, case_id: int, actor: Actor, result: str = "confirm", **more: Any) -> dict[str, Any]:
    """A finding under the rule, that is taken."""
    report, rows = found(world, case_id, actor, result, rules=TWO_PERSONS, **more)
    assert report.kept == 1, report.notes
    return rows[0]


def page(world: World, case_id: int) -> dict[str, Any]:
    """The case as it is shown."""
    return show_case(world.engine, case_id, law=Law(), classes=CLASSES, families=FAMILIES)


def test_the_second_sees_nothing_of_it_and_all_of_it_stays(world: World) -> None:
    case_id = world.flag(listing("1"))
    before = page(world, case_id)
    opened(world, case_id, ZHANG)
    finds(world, case_id, ZHANG, "dismiss", reason="甲的看法", code="D01")
    row = undone(world, case_id, ZHANG)
    assert (row["withdrawn"], row["state"]) == (True, "screening")
    lease = opened(world, case_id, LI)
    assert lease["look"] is None
    assert page(world, case_id) == before, "as if nobody had looked"
    shown = str(world.rows(s.audit_entry)) + str(lease)
    assert not [word for word in ("dismiss", "甲的看法", "D01", "看错") if word in shown]
    (kept,) = world.rows(s.second_finding)
    assert (kept["person"], kept["result"], kept["reason"]) == ("张三", "dismiss", "甲的看法")
    assert [each["stage"] for each in world.rows(s.second_look)] == ["withdrawn"]
    assert [each["action"] for each in world.rows(s.audit_entry)] == [
        "review.open", "review.look", "review.withdraw", "review.open"
    ]  # fmt: skip
    assert world.rows(s.decision) == []


def test_who_took_it_back_may_find_anew_and_the_history_tells_it_in_the_end(world: World) -> None:
    case_id = world.flag(listing("1"))
    finds(world, case_id, ZHANG, "dismiss")
    undone(world, case_id, ZHANG)
    assert following(world, ZHANG) == case_id, "the lead waits for its finder again"
    assert finds(world, case_id, ZHANG)["waiting"]
    shown = [each["kind"] for each in page(world, case_id)["events"]]
    assert shown == ["opened", "looked"]
    assert not finds(world, case_id, LI)["waiting"]
    assert [each["kind"] for each in page(world, case_id)["events"]] == [
        "opened", "looked", "look_withdrawn", "looked", "registered", "decided"
    ]  # fmt: skip
    (decision,) = world.rows(s.decision)
    assert decision["person"] == "李四"
    looks = world.rows(s.event)[-1]["detail"]["looks"]
    assert [(each["person"], each["result"]) for each in looks] == [("张三", "confirm"), ("李四", "confirm")]
    assert verify_log(world.engine).fault is None


def test_who_finds_after_it_is_the_first_of_two(world: World) -> None:
    case_id = world.flag(listing("1"))
    finds(world, case_id, ZHANG, "dismiss")
    undone(world, case_id, ZHANG)
    assert finds(world, case_id, LI)["waiting"], "one is not two, whoever looked before"
    assert world.rows(s.case)[0]["state"] == "screening"
    assert finds(world, case_id, ZHANG)["state"] == "confirmed"


def test_kappa_and_times_are_of_findings_that_stood(world: World) -> None:
    """Two cases found alike and one found otherwise; what was taken back would have made another pair of each."""
    for number, (first, second) in enumerate((("confirm", "confirm"), ("dismiss", "dismiss"), ("confirm", "dismiss"))):
        case_id = world.flag(listing(str(number)))
        opened(world, case_id, ZHANG)
        world.tick(seconds=300)
        finds(world, case_id, ZHANG, "dismiss" if first == "confirm" else "confirm")
        undone(world, case_id, ZHANG)
        opened(world, case_id, ZHANG)
        finds(world, case_id, ZHANG, first)
        opened(world, case_id, LI)
        world.tick(seconds=20)
        finds(world, case_id, LI, second)
    told: Any = figures(world)
    assert told["withdrawn"] == 3
    assert told["agreement"]["two_person"] == {
        "pairs": 3, "agreed": 2, "agreement": 0.6667, "kappa": 0.4, "first_overturned": 0
    }  # fmt: skip
    assert (told["decisions"], told["undone"], told["overturned"]) == (2, 0, 0)
    assert told["seconds"] == {"measured": 2, "median": 20.0, "p90": 20.0}


@pytest.mark.parametrize(
    ("actor", "minutes", "said"),
    [
        (LI, 5, "最后一步不是甄别结论"),
        (Actor("张三", "另一局"), 5, "最后一步不是甄别结论"),
        (ZHANG, 11, "超过 10 分钟"),
    ],
)
def test_only_the_own_one_and_soon(world: World, actor: Actor, minutes: int, said: str) -> None:
    case_id = world.flag(listing("1"))
    finds(world, case_id, ZHANG)
    world.tick(minutes=minutes)
    with pytest.raises(UsageError, match=said):
        undone(world, case_id, actor)
    assert [each["stage"] for each in world.rows(s.second_look)] == ["second"]


def test_not_while_the_second_has_it_open_nor_once_there_is_a_second(world: World) -> None:
    case_id = world.flag(listing("1"))
    finds(world, case_id, ZHANG)
    opened(world, case_id, LI)
    with pytest.raises(UsageError, match=r"李四.*正在办理"):
        undone(world, case_id, ZHANG)
    assert world.rows(s.case)[0]["leased_by"] == f"李四（{UNIT}）", "the lease stays the second's"
    finds(world, case_id, LI, "dismiss")
    for actor in (ZHANG, LI):
        with pytest.raises(UsageError, match="第三人裁定"):
            undone(world, case_id, actor)
    finds(world, case_id, WANG)
    for actor in (ZHANG, WANG):
        with pytest.raises(UsageError, match=r"本人|两人复核"):
            undone(world, case_id, actor)


def test_what_was_found_and_taken_back_cannot_be_altered_or_removed_unseen(world: World) -> None:
    case_id = world.flag(listing("1"))
    finds(world, case_id, ZHANG, "dismiss")
    undone(world, case_id, ZHANG)
    assert verify_log(world.engine).fault is None
    with writing(world.engine) as connection:
        connection.execute(update(s.second_finding).values(result="confirm"))
    fault = verify_log(world.engine).fault
    assert fault is not None
    assert (fault.seq, fault.word) == (1, "finding")
    with writing(world.engine) as connection:
        connection.execute(delete(s.second_finding))
    assert "is gone" in str(verify_log(world.engine).fault)
