"""What learning and second opinions ask of the store, on every database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from adwatch.casework import review
from adwatch.models import Verdict
from adwatch.store import opinions
from adwatch.store import schema as s
from adwatch.store.engine import reading, writing
from adwatch.store.lessons import decided_texts
from tests.store.world import DAY, NOON, OFFER, World, clear, listing, verdict

ZONE = ZoneInfo("Asia/Shanghai")


def decide(world: World, result: str, case_id: int, may_train: bool) -> None:
    report, _ = review.decide(
        world.engine,
        [case_id],
        result,
        "李四",
        "某局",
        "核对",
        now=world.tick(minutes=1),
        zone=ZONE,
        may_train=may_train,
    )
    assert report.kept == 1


def doubtful(score: float) -> Verdict:
    return Verdict("review", score, classifier_version="t", keyword_versions="k")


def test_consent_is_stored_with_the_decision(engine: Engine) -> None:
    world = World(engine)
    decide(world, "confirm", world.flag(listing("1")), may_train=True)
    decide(world, "dismiss", world.flag(listing("2", OFFER + "。二")), may_train=False)
    assert [row["may_train"] for row in world.rows(s.decision)] == [True, False]
    with reading(engine) as connection:
        found, without = decided_texts(connection)
    assert [(one.text, one.result, one.types) for one in found] == [(OFFER, "confirm", ("sure_thing",))]
    assert without == 1


def test_a_reopened_case_teaches_nothing_until_it_is_decided_again(engine: Engine) -> None:
    world = World(engine)
    number = world.flag(listing("1"))
    decide(world, "confirm", number, may_train=True)
    world.tick(hours=1)
    world.store(listing("1", "收藏本店，明日上新"))
    world.judge(clear())
    assert world.rows(s.case)[0]["state"] == "reopened"
    with reading(engine) as connection:
        assert decided_texts(connection) == ([], 0)
    decide(world, "dismiss", number, may_train=True)
    with reading(engine) as connection:
        [one] = decided_texts(connection)[0]
    assert (one.text, one.result) == ("收藏本店，明日上新", "dismiss")


def test_the_review_band_is_that_of_the_newest_verdict(engine: Engine) -> None:
    world = World(engine)
    items = [listing(str(number), f"{OFFER}{number}") for number in range(4)]
    world.store(*items)
    world.judge(doubtful(0.3), verdict(items[1]), doubtful(0.4), clear())
    with reading(engine) as connection:
        names = world.rows(s.listing)
        found = opinions.in_review(connection, 10)
    assert [names[number - 1]["native_id"] for number in found] == ["2", "0"]
    world.judge(clear(), verdict(items[1]), verdict(items[2]), doubtful(0.3), version="2")
    with reading(engine) as connection:
        assert [names[number - 1]["native_id"] for number in opinions.in_review(connection, 10)] == ["3"]


def test_a_budget_is_shared_and_never_overdrawn(engine: Engine) -> None:
    def one(_: int) -> bool:
        try:
            with writing(engine) as connection:
                opinions.claim(connection, DAY, 5)
        except opinions.BudgetSpent:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(one, range(12))) == 5
    with writing(engine) as connection:
        assert opinions.claim(connection, "2026-11-19", 5) == 1
    with pytest.raises(opinions.BudgetSpent), writing(engine) as connection:
        opinions.claim(connection, "2026-11-20", 0)


def test_the_first_opinion_on_a_question_stands(engine: Engine) -> None:
    row = {"digest": "d", "text_sha256": "t", "model": "m", "at": NOON, "confidence": 0.5, "quote": None, "reason": "x"}
    for word in ("offer", "not_offer"):
        with writing(engine) as connection:
            opinions.keep(connection, word=word, **row)
    with reading(engine) as connection:
        assert opinions.known(connection, ["d", "e"]) == {"d"}
        assert [one["word"] for one in opinions.opinions_on(connection, ["t", "u"])["t"]] == ["offer"]
