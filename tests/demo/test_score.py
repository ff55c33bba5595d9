"""The score is computed right: a world made by hand, in which not everything is found."""

from __future__ import annotations

from typing import Any

import pytest

from adwatch_demo import world
from adwatch_demo.score import Figures, Found, Known, score


def row(site: str, one: str, **more: Any) -> dict[str, Any]:
    plain = {"title": f"标题{one}", "text": f"正文 {one}", "posted_at": "2026-11-16T08:00:00+08:00", "appears": 1}
    empty = {"vanishes": None, "returns": None, "changes": [], "relist_of": None}
    return {"site": site, "id": one, **plain, **empty, **more}


LISTINGS = (
    row("shop", "a1"),
    row("shop", "a2"),
    row("shop", "a3", appears=2, relist_of="a6"),
    row("shop", "a4"),
    row("shop", "a5", changes=[{"day": 2, "text": "新正文"}]),
    row("shop", "a6", vanishes=2),
    row("moody", "b1"),
    row("moody", "b2"),
    row("tips", "c1", appears=2),
)
LABELS = {"a1": "offer", "a2": "offer", "a3": "offer", "a4": "not_offer", "a5": "not_offer", "a6": "offer"}
LABELS |= {"b1": "offer", "b2": "review", "c1": "not_offer"}
TRUTH = tuple(
    {"id": one, "day": 1, "label": label, "disguise": "emoji" if one == "a2" else None} for one, label in LABELS.items()
)
SITES = ("shop", "market", "forum", "school", "moody", "tips")
QUIET_SITES = tuple(site for site in SITES if site != "moody")
EXPECTED = (
    *({"site": site, "day": 1, "outcome": "ok", "words": [], "hidden": []} for site in QUIET_SITES),
    {"site": "moody", "day": 1, "outcome": "blocked", "words": ["blocked"], "hidden": ["b1"]},
)


@pytest.fixture(autouse=True)
def by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"listings.jsonl": LISTINGS, "truth.jsonl": TRUTH, "expected.jsonl": EXPECTED}
    monkeypatch.setattr(world, "load_rows", files.__getitem__)


def found(one: str, flagged: bool, by_keyword: bool = False, text: str | None = None) -> Found:
    return Found(f"标题{one}", text or f"正文\n{one}", flagged, by_keyword)


QUIET = {site: Known("ok") for site in ("market", "forum", "school")}
SHOP = Known(
    "ok",
    collected=frozenset({"a1", "a2", "a4", "a5", "a3"}),
    listings={
        "a1": found("a1", True, True),
        "a2": found("a2", False, True),
        "a4": found("a4", True),
        "a5": found("a5", 0),
    },
)
MOODY = Known("blocked", frozenset({"blocked", "ok"}), frozenset({"b2"}), {"b2": found("b2", True, True)})
TIPS = Known("ok", collected=frozenset({"c1"}), listings={"c1": found("c1", False, True)})


def test_figures_of_a_day_on_which_not_all_is_found() -> None:
    day = score(2, {**QUIET, "shop": SHOP, "moody": MOODY, "tips": TIPS})
    assert day.total.ours == Figures(offers=4, found=1, flagged=2)
    assert (day.total.ours.precision, day.total.ours.recall) == (0.5, 0.25)
    assert day.total.keyword_only == Figures(offers=4, found=2, flagged=3)
    assert day.wrong == ["a4"], "a review row is not wrong"
    assert day.sites["shop"].figures.ours == Figures(offers=3, found=1, flagged=2)
    assert {name: pair.ours for name, pair in day.disguises.items()} == {
        "none": Figures(3, 1, 1),
        "emoji": Figures(1, 0, 0),
    }


def test_stages_say_where_what_was_lost() -> None:
    day = score(2, {**QUIET, "shop": SHOP, "moody": MOODY, "tips": TIPS})
    assert {name: (one.flagged, one.found) for name, one in day.stages.items()} == {
        "served": (8, 4),
        "collected": (7, 3),
        "extracted": (5, 2),
        "flagged": (3, 1),
    }
    assert day.lost == {"served": [], "collected": ["b1"], "extracted": ["a3", "a5"], "flagged": ["a2"]}


def test_what_happened_and_what_was_noticed() -> None:
    day = score(2, {**QUIET, "shop": SHOP, "moody": MOODY, "tips": TIPS})
    events = {name: getattr(day, name) for name in ("changed", "relisted", "vanished")}
    assert {name: (one.noticed, one.total) for name, one in events.items()} == {
        "changed": (0, 1),
        "relisted": (0, 1),
        "vanished": (1, 1),
    }
    new = {**SHOP.listings, "a5": found("a5", False, text="新正文"), "a3": found("a3", True), "a6": found("a6", True)}
    day = score(2, {**QUIET, "shop": Known("ok", SHOP.words, SHOP.collected, new), "moody": MOODY, "tips": TIPS})
    assert (day.changed.noticed, day.relisted.noticed, day.vanished.noticed) == (1, 1, 0)


def test_a_day_is_as_expected_only_if_word_and_rows_are() -> None:
    whole = Known("ok", listings={**SHOP.listings, "a3": found("a3", False), "a5": found("a5", False, text="新正文")})
    good = {**QUIET, "shop": whole, "moody": MOODY, "tips": TIPS}
    assert score(2, good).complete
    assert not score(2, {**good, "shop": SHOP}).complete, "rows are missing"
    assert not score(2, {**good, "moody": Known("ok", MOODY.words, listings=MOODY.listings)}).complete
    told = frozenset({"blocked", "unreachable"})
    assert not score(2, {**good, "moody": Known("blocked", told, listings=MOODY.listings)}).complete
    both = {**MOODY.listings, "b1": found("b1", True)}
    assert not score(2, {**good, "moody": Known("blocked", MOODY.words, listings=both)}).complete, "seen what is hidden"
    assert score(2, {**good, "tips": Known("empty", listings=TIPS.listings)}).complete, "taken in already"
    assert not score(2, {**good, "tips": Known("empty")}).complete
    assert not score(2, {}).complete


def test_nothing_flagged_and_nothing_to_flag() -> None:
    assert (Figures().precision, Figures().recall) == (1.0, 1.0)
    assert Figures(offers=2).recall == 0.0
    assert score(1, {}).total.ours.recall == 0.0


def test_as_dict_holds_what_is_printed() -> None:
    told = score(2, {**QUIET, "shop": SHOP, "moody": MOODY, "tips": TIPS}).as_dict()
    assert told["total"]["ours"] == {"offers": 4, "found": 1, "flagged": 2, "precision": 0.5, "recall": 0.25}
    assert told["sites"]["moody"]["expected"] == "blocked"
    assert told["stages"]["extracted"] == {"rows": 5, "offers": 2}
    assert told["complete"] is False
