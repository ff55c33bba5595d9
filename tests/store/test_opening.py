"""When a case is opened and looked at again: each rule with the neighbour that must not."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from adwatch.casework.review import decide
from adwatch.store import schema as s
from tests.store.world import World, clear, listing, verdict

ITEM = listing("1")


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)


def _decide(world: World, result: str) -> None:
    (case,) = world.rows(s.case)
    zone = ZoneInfo("Asia/Shanghai")
    report, _ = decide(world.engine, [case["id"]], result, "张三", "甲局", "看过", now=world.now, zone=zone)
    assert not report.dropped


def _state(world: World) -> str:
    (case,) = world.rows(s.case)
    return str(case["state"])


def test_a_flagged_listing_opens_one_case(world: World) -> None:
    world.flag(ITEM)
    (case,) = world.rows(s.case)
    assert (case["state"], case["scope"], case["opened_day"], case["lead_number"]) == (
        *("screening", "safety_production", "2026-11-18"),
        None,
    )
    assert [event["kind"] for event in world.rows(s.event)] == ["opened"]
    (row,) = world.rows(s.listing)
    assert row["first_flagged_day"] == "2026-11-18"


@pytest.mark.parametrize("band", ["clear", "review"])
def test_what_is_not_flagged_opens_none(world: World, band: Any) -> None:
    world.store(ITEM)
    world.judge(verdict(ITEM, band=band))
    assert world.rows(s.case) == []
    assert world.rows(s.listing)[0]["first_flagged_day"] is None


@pytest.mark.parametrize("result", ["confirm", "dismiss", "doubt", "refer", "exclude"])
@pytest.mark.parametrize(
    ("change", "again"),
    [
        ({}, False),
        ({"score": 0.99}, False),
        ({"reason": "other", "tier": "folded", "certificate_kinds": ("crane",), "basis": ()}, False),
        ({"offer_types": ("other", "sure_thing")}, True),
        ({"scope": "other_credential"}, True),
        ({"band": "review"}, True),
        ({"band": "clear"}, True),
    ],
)
def test_a_decided_case_is_reopened_only_by_a_verdict_that_differs(
    world: World, result: str, change: dict[str, Any], again: bool
) -> None:
    world.flag(ITEM)
    _decide(world, result)
    decided = _state(world)
    saved = world.judge(verdict(ITEM, **change), version="2")
    assert saved.reopened == int(again)
    assert _state(world) == ("reopened" if again else decided)


def test_the_order_of_types_is_no_difference(world: World) -> None:
    world.flag(ITEM, verdict(ITEM, offer_types=("b", "a")))
    _decide(world, "confirm")
    assert world.judge(verdict(ITEM, offer_types=("a", "b")), version="2").reopened == 0


def test_an_undecided_case_is_not_reopened(world: World) -> None:
    world.flag(ITEM)
    assert world.judge(verdict(ITEM, offer_types=("other",)), version="2").reopened == 0
    assert _state(world) == "screening"


def test_a_case_is_reopened_once_until_it_is_decided_again(world: World) -> None:
    world.flag(ITEM)
    _decide(world, "dismiss")
    assert world.judge(verdict(ITEM, offer_types=("b",)), version="2").reopened == 1
    assert world.judge(verdict(ITEM, offer_types=("c",)), version="3").reopened == 0
    _decide(world, "dismiss")
    assert world.judge(verdict(ITEM, offer_types=("d",)), version="4").reopened == 1
    assert [event["kind"] for event in world.rows(s.event)].count("reopened") == 2
    assert len(world.rows(s.decision)) == 2, "history is appended"


def test_a_dismissed_listing_that_turns_clear_and_back_is_looked_at_each_time(world: World) -> None:
    world.flag(ITEM)
    _decide(world, "dismiss")
    world.tick(hours=1)
    world.store(listing("1", "考试用书"))
    assert world.judge(clear()).reopened == 1
    _decide(world, "dismiss")
    world.tick(hours=1)
    world.store(ITEM)  # the first content again: its verdict exists, no classifier will speak
    assert _state(world) == "reopened"


def test_a_content_that_returns_as_it_was_decided_reopens_nothing(world: World) -> None:
    world.flag(ITEM)
    world.tick(hours=1)
    world.store(listing("1", "电工证包过！"))
    world.judge(verdict(listing("1", "电工证包过！")))
    _decide(world, "confirm")
    world.tick(hours=1)
    world.store(ITEM)
    assert _state(world) == "confirmed"


def test_a_new_classifier_s_opinion_of_an_old_version_reopens_nothing(world: World) -> None:
    world.flag(ITEM)
    world.tick(hours=1)
    world.store(listing("1", "考试用书"))
    world.judge(clear())
    _decide(world, "dismiss")
    assert world.judge(verdict(ITEM, offer_types=("new",)), clear(), version="2").reopened == 0
    assert _state(world) == "dismissed"


def test_every_new_verdict_is_told_to_the_index_once(world: World) -> None:
    world.flag(ITEM)
    before = len(world.rows(s.outbox))
    _decide(world, "confirm")
    assert len(world.rows(s.outbox)) == before + 1
    world.judge(verdict(ITEM), version="2")
    assert len(world.rows(s.outbox)) == before + 2
