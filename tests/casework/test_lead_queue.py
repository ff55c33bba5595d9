"""A page of the queue: what it is chosen by follows the listings, its rows are masked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from adwatch.casework.lead_queue import count_leads, lead_page
from adwatch.errors import UsageError
from adwatch.store import schema as s
from adwatch.store.engine import writing
from adwatch.store.queue import Cursor, Filters
from tests.casework.office import CLASSES, FAMILIES, decide
from tests.store.world import World, listing, verdict


def leads(world: World, after: Cursor | None = None, limit: int = 50, **filters: Any) -> tuple[list[Any], Any]:
    about = {"classes": CLASSES, "families": FAMILIES, "now": world.now}
    rows, more = lead_page(world.engine, Filters(**filters), after, limit, **about)
    return [row["native_id"] for row in rows], more


def test_leads_are_chosen_by_what_their_listings_say(world: World) -> None:
    world.flag(listing("1", seller_region="山西运城"), verdict(listing("1"), offer_types=("sure_thing",)))
    world.flag(listing("2", platform="bazaar"), verdict(listing("2", platform="bazaar"), offer_types=("paper_trade",)))
    assert leads(world, offer_class="paper_trade") == (["2"], None)
    assert leads(world, offer_class="sure_thing", region="山西") == (["1"], None)
    assert leads(world, family="electric", platform="bazaar") == (["2"], None)
    assert leads(world, only_regions=("广东",)) == (["2"], None)  # of unknown region: everybody's
    assert count_leads(world.engine, Filters(offer_class="sure_thing")) == 1


def test_a_lead_follows_its_listing_when_the_text_changes(world: World) -> None:
    world.flag(listing("1"), verdict(listing("1"), offer_types=("sure_thing",)))
    changed = listing("1", text="另一种说法", seller_region="浙江")
    world.flag(changed, verdict(changed, offer_types=("paper_trade",)))
    assert leads(world, offer_class="sure_thing") == ([], None)
    assert leads(world, offer_class="paper_trade", region="浙江") == (["1"], None)


def test_pages_follow_each_other(world: World) -> None:
    for number in range(5):
        item = listing(str(number))
        world.flag(item, verdict(item, score=0.9 - number / 10))
    first, more = leads(world, limit=2)
    second, rest = leads(world, after=more, limit=2)
    last, end = leads(world, after=rest, limit=2)
    assert (first, second, last, end) == (["0", "1"], ["2", "3"], ["4"], None)
    decide(world, 1)
    assert leads(world, states=("confirmed",)) == (["0"], None)


def test_who_has_a_lead_open_is_shown_while_the_lease_runs(world: World) -> None:
    case_id = world.flag(listing("1", seller_name="电工13800138000"))
    with writing(world.engine) as connection:
        held = {"leased_by": "王芳", "leased_until": world.now + timedelta(minutes=5)}
        connection.execute(update(s.case).where(s.case.c.id == case_id).values(**held))
    about: dict[str, Any] = {"classes": CLASSES, "families": FAMILIES}
    (row,), _ = lead_page(world.engine, Filters(), now=world.now, **about)
    assert (row["leased_by"], row["seller_name"]) == ("王芳", "电工138********")
    (row,), _ = lead_page(world.engine, Filters(), now=world.now + timedelta(minutes=6), **about)
    assert row["leased_by"] is None


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"states": ("screned",)}, "no such state"),
        ({"offer_class": "x"}, "no such class"),
        ({"family": "x"}, "no such family"),
        ({"tier": "x"}, "no such tier"),
    ],
)
def test_a_filter_that_nothing_can_have_is_an_error(world: World, wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        leads(world, **wrong)


def test_the_leads_of_one_subject_are_folded_into_the_first(world: World) -> None:
    scores = {"1": 0.7, "2": 0.9, "3": 0.8, "4": 0.95}
    cases = {name: world.flag(listing(name), verdict(listing(name), score=score)) for name, score in scores.items()}
    with writing(world.engine) as connection:
        for name in ("1", "2", "3"):
            connection.execute(update(s.case).where(s.case.c.id == cases[name]).values(subject_id=7))
    about: dict[str, Any] = {"classes": CLASSES, "families": FAMILIES, "now": world.now}
    waiting = Filters(states=("screening",), fold=True)
    rows, _ = lead_page(world.engine, waiting, **about)
    assert [(row["native_id"], row["folded"]) for row in rows] == [("4", 0), ("2", 2)]
    assert count_leads(world.engine, waiting) == 2
    assert leads(world, subject=7) == (["2", "3", "1"], None)
    decide(world, cases["2"])  # what is decided stands for nobody any more
    rows, _ = lead_page(world.engine, waiting, **about)
    assert [(row["native_id"], row["folded"]) for row in rows] == [("4", 0), ("3", 1)]
    first, more = lead_page(world.engine, waiting, None, 1, **about)
    second, end = lead_page(world.engine, waiting, more, 1, **about)
    assert [row["native_id"] for row in (*first, *second)] == ["4", "3"] and end is None
