from __future__ import annotations

from pathlib import Path

import pytest

from adwatch.errors import UsageError
from adwatch.evidence.audit import verify_log
from adwatch.models import Actor
from adwatch.store import schema as s
from adwatch.store.casework_rows import casework_of
from adwatch.store.engine import reading
from tests.casework.office import draft
from tests.casework.reviewing import LI, ZHANG, found, open_track, undone
from tests.store.world import World, clear, listing, verdict


def test_an_undone_finding_is_appended_and_none_stands(world: World) -> None:
    case_id = world.flag(listing("1"))
    found(world, case_id, ZHANG, "dismiss")
    row = undone(world, case_id, ZHANG)
    assert (row["state"], row["lead_number"]) == ("registered", "ADW-2026-000001")
    assert [each["result"] for each in world.rows(s.decision)] == ["dismiss", "undo"]
    assert world.rows(s.case_listing)[0]["decided_flagged"] is None
    with reading(world.engine) as connection:
        (known,) = casework_of(connection, [world.rows(s.listing)[0]["id"]]).values()
    assert (known["decision"], known["decided_at"]) == (None, None)
    assert [event["kind"] for event in world.rows(s.event)] == ["opened", "registered", "decided", "undone"]
    assert verify_log(world.engine).fault is None
    found(world, case_id, ZHANG, "confirm")
    assert world.rows(s.case)[0]["state"] == "confirmed"
    undone(world, case_id, ZHANG)
    assert world.rows(s.case)[0]["state"] == "registered"


def test_an_excluded_case_waits_again(world: World) -> None:
    case_id = world.flag(listing("1"))
    found(world, case_id, ZHANG, "exclude")
    assert undone(world, case_id, ZHANG)["state"] == "screening"
    assert world.rows(s.decision) == []


@pytest.mark.parametrize(
    ("actor", "minutes", "said"),
    [
        (LI, 5, "本人"),
        (Actor("张三", "另一局"), 5, "本人"),
        (ZHANG, 11, "超过 10 分钟"),
    ],
)
def test_only_the_own_finding_and_soon(world: World, actor: Actor, minutes: int, said: str) -> None:
    case_id = world.flag(listing("1"))
    found(world, case_id, ZHANG)
    world.tick(minutes=minutes)
    with pytest.raises(UsageError, match=said):
        undone(world, case_id, actor)
    assert len(world.rows(s.decision)) == 1


def test_nothing_is_built_on_it(world: World, tmp_path: Path) -> None:
    item = listing("1")
    case_id = world.flag(item, verdict(item, contact="abc13800138000"))
    found(world, case_id, ZHANG)
    draft(world, tmp_path)
    with pytest.raises(UsageError, match="不能撤销"):
        undone(world, case_id, ZHANG)
    other = world.flag(listing("2"))
    found(world, other, ZHANG)
    open_track(world, other, "investigation")
    with pytest.raises(UsageError, match="最后一步"):
        undone(world, other, ZHANG)


def test_a_correction_is_corrected_not_undone(world: World) -> None:
    case_id = world.flag(listing("1"))
    found(world, case_id, ZHANG)
    found(world, case_id, ZHANG, "dismiss")
    with pytest.raises(UsageError, match="此前已有结论"):
        undone(world, case_id, ZHANG)


def test_what_the_machine_opened_again_is_not_undone(world: World) -> None:
    case_id = world.flag(listing("1"))
    found(world, case_id, ZHANG)
    world.store(listing("1", "电工证考前辅导"))
    world.judge(clear())
    assert world.rows(s.case)[0]["state"] == "reopened"
    with pytest.raises(UsageError, match="最后一步"):
        undone(world, case_id, ZHANG)
    with pytest.raises(UsageError, match="没有这个编号"):
        undone(world, 99, ZHANG)
