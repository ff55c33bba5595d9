"""What verdicts were made with can be told after the lists have changed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Engine

from adwatch.store import schema as s
from adwatch.store.evidence_words import evidence_words
from adwatch.store.keyword_lists import ListVersion, lists_of, record_lists, sets, text_of
from adwatch.store.verdicts import classifier_id, current_versions
from tests.store.world import DAY, World, clear, listing, verdict

ONE = ListVersion("a" * 64, "fast", "某局", "一号", "1", "2026-01-01", None, "张三", "2026-01-02", "第一版")
TWO = replace(ONE, sha256="b" * 64, version="2", text="第二版")
OTHER = replace(ONE, sha256="c" * 64, name="slow", approved_by=None, approved_on=None)


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)


def test_a_digest_tells_its_lists_and_they_stay_when_they_change(world: World) -> None:
    assert record_lists(world.engine, "one", [ONE, OTHER])
    assert not record_lists(world.engine, "one", [ONE, OTHER]), "the same lists are remembered once"
    assert record_lists(world.engine, "two", [TWO, OTHER])
    assert [(row["name"], row["version"]) for row in lists_of(world.engine, "one")] == [("fast", "1"), ("slow", "1")]
    assert [(row["name"], row["version"]) for row in lists_of(world.engine, "two")] == [("fast", "2"), ("slow", "1")]
    assert lists_of(world.engine, "three") == []
    assert len(world.rows(s.keyword_list)) == 3


def test_the_version_before(world: World) -> None:
    for digest, item in (("one", ONE), ("two", TWO)):
        record_lists(world.engine, digest, [item])
        classifier_id(world.engine, "1", digest)
    assert text_of(world.engine, "fast", TWO.sha256) == "第一版"
    assert text_of(world.engine, "slow", OTHER.sha256) is None
    assert [(row["keyword_versions"], row["lists"], row["verdicts"]) for row in sets(world.engine)] == [
        ("one", 1, 0),
        ("two", 1, 0),
    ]


def test_a_case_of_an_earlier_days_version_was_found_late(world: World) -> None:
    world.store(listing("1"), listing("2"))
    world.judge(verdict(listing("1")), clear())
    world.judge(verdict(listing("1")), verdict(listing("2")), version="2", day="2026-11-30")
    kinds = [(row["subject_id"], row["kind"]) for row in world.rows(s.event)]
    assert kinds == [(1, "opened"), (2, "opened"), (2, "found_late")]
    [late] = world.rows(s.event, kind="found_late")
    assert late["detail"] == {"seen": DAY, "found": "2026-11-30", "by": "backlog"}


def test_current_versions_without_a_verdict(world: World) -> None:
    items = [listing("1"), listing("2"), listing("3", text="前")]
    world.store(*items)
    world.judge(clear(), verdict(items[1]), clear())
    world.store(listing("3", text="后"))
    first = classifier_id(world.engine, "1", "k")
    keys = [bytes.fromhex(item.listing_id) for item in items] + [b"0" * 16]
    found, have = current_versions(world.engine, keys, first)
    assert ([version.text for version in found], have) == (["后"], 2)
    found, have = current_versions(world.engine, keys)
    assert ([version.listing_id for version in found], have) == ([1, 2, 3], 0)


def test_words_of_the_evidence(world: World) -> None:
    item = listing("1")
    world.flag(item, verdict(item, words=("包过", "不过退款")))
    other = listing("2")
    world.flag(other, verdict(other))
    assert evidence_words(world.engine) == {"包过": 2, "不过退款": 1}
