"""The history in parts: every listing in one, by platform and by the month in the office's zone in which it was first seen."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from adwatch.models import Listing, Verdict, listing_key
from adwatch.store import parts as store_parts
from adwatch.store.engine import reading
from adwatch.store.listings import upsert_listings
from adwatch.store.parts import Part, keys_in, next_month, parts, parts_of, placed, without_verdict
from adwatch.store.verdicts import classifier_id, save_verdicts

ZONE = ZoneInfo("Asia/Shanghai")
OCTOBER_31 = datetime(2026, 10, 31, 15, 59, 59, tzinfo=UTC)
NOVEMBER_1 = datetime(2026, 10, 31, 16, 0, tzinfo=UTC)
"""Midnight in Shanghai."""
JANUARY = datetime(2027, 1, 5, tzinfo=UTC)
CLEAR = Verdict("clear", 0.1, classifier_version="t", keyword_versions="k")


def store(engine: Engine, platform: str, at: datetime, *ids: str, text: str = "货") -> None:
    items = [Listing(platform, each, text=f"{text}{each}", captured_at=at) for each in ids]
    upsert_listings(engine, platform, items, at.astimezone(ZONE).date().isoformat(), at)


def fill(engine: Engine) -> None:
    """Two platforms in turn, so that their keys lie among each other."""
    store(engine, "plaza", OCTOBER_31, "1", "2", "3")
    store(engine, "forum", OCTOBER_31, "1", "2")
    store(engine, "plaza", NOVEMBER_1, "4")
    store(engine, "forum", NOVEMBER_1, "3")
    store(engine, "plaza", NOVEMBER_1, "5", "6")
    store(engine, "plaza", JANUARY, "1", text="货，改过")
    store(engine, "forum", JANUARY, "4")


def found(engine: Engine, **narrow: str) -> list[tuple[str, str, int]]:
    with reading(engine) as connection:
        return [(part.platform, part.month, part.listings) for part in parts(connection, ZONE, **narrow)]


def test_every_listing_is_in_the_part_of_its_platform_and_first_month(engine: Engine) -> None:
    assert found(engine) == []
    fill(engine)
    assert found(engine) == [
        ("forum", "2026-10", 2),
        ("plaza", "2026-10", 3),
        ("forum", "2026-11", 1),
        ("plaza", "2026-11", 3),
        ("forum", "2027-01", 1),
    ]
    assert found(engine, platform="plaza", since="2026-11") == [("plaza", "2026-11", 3)]
    assert found(engine, until="2026-10") == [("forum", "2026-10", 2), ("plaza", "2026-10", 3)]
    assert found(engine, platform="nobody") == []


def test_the_parts_together_give_each_version_once(engine: Engine) -> None:
    """Also the second version, which came months after its listing; a batch of two does not tear anything apart."""
    fill(engine)
    classifier = classifier_id(engine, "t", "k")
    other = classifier_id(engine, "t", "other")
    given: dict[tuple[str, str], list[str]] = {}
    with reading(engine) as connection:
        whole = parts(connection, ZONE)
    for part in whole:
        for listings, versions in without_verdict(engine, part, classifier, ZONE, 2):
            assert 1 <= listings <= 2
            save_verdicts(engine, classifier, versions, [CLEAR] * len(versions), "2027-01-06", JANUARY)
            given.setdefault((part.platform, part.month), []).extend(str(version.text) for version in versions)
    assert {place: sorted(texts) for place, texts in given.items()} == {
        ("forum", "2026-10"): ["货1", "货2"],
        ("plaza", "2026-10"): ["货1", "货2", "货3", "货，改过1"],
        ("forum", "2026-11"): ["货3"],
        ("plaza", "2026-11"): ["货4", "货5", "货6"],
        ("forum", "2027-01"): ["货4"],
    }
    for part in whole:
        assert [version for _, each in without_verdict(engine, part, classifier, ZONE, 2) for version in each] == []
        assert [version for _, each in without_verdict(engine, part, other, ZONE, 2) for version in each] != []


def test_listings_by_key_are_found_in_their_parts(engine: Engine) -> None:
    fill(engine)
    keys = [listing_key("plaza", "1"), listing_key("plaza", "6"), listing_key("forum", "4"), listing_key("nobody", "1")]
    assert {(platform, month) for _, _, platform, month in placed(engine, keys, ZONE)} == {
        ("plaza", "2026-10"),
        ("plaza", "2026-11"),
        ("forum", "2027-01"),
    }
    assert [part.listings for part in parts_of(engine, keys, ZONE)] == [1, 1, 1]
    assert parts_of(engine, [], ZONE) == []


@pytest.mark.parametrize("rather", [0, 1000], ids=["looked up", "picked out"])
def test_both_ways_to_the_keys_of_a_part_are_one(engine: Engine, monkeypatch: pytest.MonkeyPatch, rather: int) -> None:
    fill(engine)
    monkeypatch.setattr(store_parts, "RATHER_READ", rather)
    keys = [listing_key("plaza", each) for each in ("1", "3", "6")] + [listing_key("forum", "2")]
    found = {(p.platform, p.month): keys_in(engine, keys, p, ZONE) for p in parts_of(engine, keys, ZONE)}
    assert found == {
        ("forum", "2026-10"): keys[3:],
        ("plaza", "2026-10"): sorted(keys[:2]),
        ("plaza", "2026-11"): keys[2:3],
    }


def test_a_listing_that_comes_later_is_not_in_a_part_named_before(engine: Engine) -> None:
    store(engine, "plaza", NOVEMBER_1, "1")
    with reading(engine) as connection:
        [part] = parts(connection, ZONE)
    assert part == Part("plaza", "2026-11", part.first, part.first, 1)
    store(engine, "plaza", NOVEMBER_1, "2")
    classifier = classifier_id(engine, "t", "k")
    assert [len(each) for _, each in without_verdict(engine, part, classifier, ZONE, 10)] == [1]


def test_december_is_followed_by_january() -> None:
    assert (next_month("2026-12"), next_month("2026-01"), next_month("2026-11")) == ("2027-01", "2026-02", "2026-12")
