"""The world's data: as large and as hard as it is said to be, without holes and contradictions."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import pytest

from adwatch_demo import DAYS, HANDED, SERVED, SITES
from adwatch_demo.world import (
    FIRST_DATE,
    all_rows,
    as_of,
    changed_on,
    expected,
    load_rows,
    morning,
    relisted_on,
    standing,
    stands,
    truth_on,
    vanished_on,
)
from classifiers.offers import OFFER_CLASSES

FAMILIES = {"special_operations", "safety_knowledge", "construction", "special_equipment", "other_credential"}
FIELDS = {
    *("site", "id", "title", "text", "price", "seller_id", "seller_name", "seller_region", "posted_at", "sales"),
    *("reply_to", "appears", "vanishes", "returns", "changes", "relist_of"),
}
BASE = {"site": "shop", "id": "q1", "appears": 1, "vanishes": None, "returns": None, "changes": []}


def appeared_on(site: str, day: int) -> set[str]:
    return {row["id"] for row in all_rows(site) if row["appears"] == day}


def test_rows_have_the_same_fields_and_ids_of_their_own() -> None:
    rows = all_rows()
    assert {frozenset(row) for row in rows} == {frozenset(FIELDS)}
    assert len({row["id"] for row in rows}) == len(rows)
    assert {row["site"] for row in rows} == set(SITES)
    for row in rows:
        assert row["text"].strip()
        assert row["appears"] in range(1, DAYS + 1)
        assert {change["day"] for change in row["changes"]} <= set(range(row["appears"] + 1, DAYS + 1))
        assert datetime.fromisoformat(row["posted_at"]).date() <= morning(row["appears"]).date()


def test_it_is_as_large_and_as_hard_as_it_is_said_to_be() -> None:
    truth = load_rows("truth.jsonl")
    offers = {row["id"]: row for row in truth if row["label"] == "offer"}
    hard = {row["id"] for row in truth if row["label"] == "not_offer" and not row["note"].startswith("ordinary")}
    assert len(all_rows()) >= 400
    assert len(offers) >= 80
    assert len(hard) >= 120
    disguised = sum(row["disguise"] is not None for row in offers.values())
    assert disguised * 3 >= len(offers)
    assert {one for row in offers.values() for one in row["offer_types"]} == {row.id for row in OFFER_CLASSES}
    assert {one for row in offers.values() for one in row["families"]} == FAMILIES
    by_site = Counter(row["site"] for row in all_rows() if row["id"] in offers)
    assert min(by_site[site] for site in SITES if site != "moody") >= 10


@pytest.mark.parametrize("day", range(1, DAYS + 2))
def test_truth_and_listings_speak_of_the_same_ids(day: int) -> None:
    truth = truth_on(day)
    for site in SITES:
        assert {row["id"] for row in standing(site, day)} <= truth.keys()
    assert truth.keys() <= {row["id"] for row in all_rows()}


def test_replies_and_relists_point_to_what_there_was() -> None:
    rows = {row["id"]: row for row in all_rows()}
    for row in rows.values():
        if row["reply_to"] is not None:
            assert rows[row["reply_to"]]["reply_to"] is None
        if row["relist_of"] is not None:
            before = rows[row["relist_of"]]
            assert before["site"] == row["site"]
            assert before["vanishes"] is not None and before["vanishes"] <= row["appears"]


def test_every_day_something_happens() -> None:
    for day in (2, 3):
        assert sum(len(changed_on(site, day)) for site in SITES) >= 5
        assert sum(len(relisted_on(site, day)) for site in SITES) >= 2
        assert sum(len(vanished_on(site, day)) for site in SITES) >= 5
    for day in range(4, DAYS + 1):
        assert any(appeared_on(site, day) or vanished_on(site, day) for site in SITES)
    still = DAYS + 1
    assert all(not vanished_on(site, still) and not changed_on(site, still) for site in SITES)


@pytest.mark.parametrize("week", [range(first, first + 7) for first in range(1, DAYS, 7)])
def test_every_week_has_new_offers_removals_and_relistings(week: range) -> None:
    assert any(
        truth_on(day)[one]["label"] == "offer" for day in week for site in SITES for one in appeared_on(site, day)
    )
    assert any(vanished_on(site, day) for day in week for site in SITES)
    assert any(relisted_on(site, day) for day in week for site in SITES)


@pytest.mark.parametrize(
    ("more", "days"),
    [
        ({}, [1, 2, 3, 4]),
        ({"appears": 2}, [2, 3, 4]),
        ({"vanishes": 3}, [1, 2]),
        ({"vanishes": 2, "returns": 3}, [1, 3, 4]),
        ({"site": HANDED}, [1]),
        ({"site": HANDED, "appears": 2, "changes": [{"day": 3, "text": "x"}]}, [2, 3]),
    ],
)
def test_when_a_row_stands(more: dict[str, object], days: list[int]) -> None:
    assert [day for day in (1, 2, 3, 4) if stands({**BASE, **more}, day)] == days


def test_changes_hold_from_their_day_on() -> None:
    row = {**BASE, "posted_at": "2026-11-16T01:00:00+08:00", "text": "a", "changes": [{"day": 2, "text": "b"}]}
    assert [as_of(row, day)["text"] for day in (1, 2, 3)] == ["a", "b", "b"]
    assert as_of(row, 1)["modified"] == row["posted_at"]
    assert as_of(row, 3)["modified"] == "2026-11-17T06:00:00+08:00"


@pytest.mark.parametrize("site", SITES)
def test_times_move_with_the_first_day(site: str) -> None:
    """A demo that is begun later has pages of its own days: else whatever is put up again was there before its removal."""
    own, later = standing(site, 5), standing(site, 5, FIRST_DATE + timedelta(days=400))
    assert [row["id"] for row in own] == [row["id"] for row in later]
    for name in ("posted_at", "modified"):
        moved = {
            datetime.fromisoformat(b[name]) - datetime.fromisoformat(a[name]) for a, b in zip(own, later, strict=True)
        }
        assert moved <= {timedelta(days=400)}
    assert [{**row, "posted_at": "", "modified": ""} for row in own] == [
        {**row, "posted_at": "", "modified": ""} for row in later
    ]


def test_what_is_expected_is_said_for_every_site_and_day() -> None:
    for site in SITES:
        for day in range(1, DAYS + 2):
            ids = {row["id"] for row in standing(site, day)}
            assert expected(site, day).hidden <= ids
    assert expected("moody", 1).outcome == "blocked"
    assert expected("moody", 2).hidden == {row["id"] for row in standing("moody", 2)}
    assert [expected(HANDED, day).outcome for day in (3, 4)] == ["ok", "empty"]
    assert {expected(site, day).outcome for site in SERVED if site != "moody" for day in (1, 2, 3)} == {"ok"}
