"""A second patrol asks for what is due only, marks what it saw, and tells what has vanished; the archive rebuilds it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.app.sites import DAYS, World, goods, serving


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with serving(goods(60)) as site:
        made = World(tmp_path, site)
        made.platform()
        yield made


def listings(world: World, home: str = "home") -> dict[str, dict[str, Any]]:
    """Listings as the canonical dump has them, by native id."""
    rows = [json.loads(line) for line in world.dump(home) if '"table":"listing"' in line]
    return {row["native_id"]: row for row in rows}


def patrol(world: World, day: str) -> dict[str, Any]:
    """One day's patrol; the requests before it are forgotten."""
    world.site.forget()
    return world.patrol(day)


def rebuilt(world: World, *days: str) -> list[str]:
    """The dump of a home made of the archive alone."""
    shutil.rmtree(world.folder / "second", ignore_errors=True)
    (world.folder / "second").mkdir()
    shutil.copytree(world.folder / "home" / "archive", world.folder / "second" / "archive")
    world.extract("second", *days)
    return world.dump("second")


def test_an_unchanged_platform_costs_its_lists(world: World) -> None:
    first = patrol(world, DAYS[0])
    assert (first["seen"], first["new"], first["pages"]) == (60, 60, 64)
    again = patrol(world, DAYS[1])
    assert (again["outcome"], again["seen"], again["new"], again["changed"]) == ("ok", 60, 0, 0)
    assert len(world.site.asked) == again["pages"] == 4, "robots.txt and three list pages"
    assert again["pages"] <= first["pages"] / 10
    assert {row["last_seen_day"] for row in listings(world).values()} == {DAYS[1]}
    assert rebuilt(world, *DAYS[:2]) == world.dump()


def test_a_day_of_two_patrols_is_rebuilt_with_nothing_vanished(world: World) -> None:
    patrol(world, DAYS[0])
    assert patrol(world, DAYS[0])["vanished"] == 0
    assert rebuilt(world, DAYS[0]) == world.dump()


def test_what_the_list_shows_to_have_changed_is_looked_at(world: World) -> None:
    patrol(world, DAYS[0])
    world.site.change(7, price="12.50")
    world.site.change(8, text="改了正文")  # the list does not show it
    patrol(world, DAYS[1])
    assert [path for path in world.site.asked if path.startswith("/i/")] == ["/i/7"]
    assert listings(world)["g7"]["price_fen"] == 1250
    assert rebuilt(world, *DAYS[:2]) == world.dump()


def test_items_found_by_their_links_are_looked_at_when_the_list_shows_a_change(world: World) -> None:
    by_links = {"  select: li\n  link: a\n": '  links: "/i/\\\\d+$"\n', "  fields: {title: a, price: b}\n": ""}
    world.platform(**by_links)
    patrol(world, DAYS[0])
    world.site.change(7, price="¥12.50")
    patrol(world, DAYS[1])
    assert [path for path in world.site.asked if path.startswith("/i/")] == ["/i/7"]
    assert listings(world)["g7"]["price_fen"] == 1250
    assert rebuilt(world, *DAYS[:2]) == world.dump()


def test_flagged_listings_are_looked_at_daily_and_dismissed_ones_are_not(world: World) -> None:
    world.site.stock = goods(20, 3)
    command = world.command()
    assert patrol(world, DAYS[0])["flagged"] == 3
    patrol(world, DAYS[1])
    assert sorted(path for path in world.site.asked if path.startswith("/i/")) == ["/i/20", "/i/21", "/i/22"]
    case = command.rows("review", "list")[0]
    command.ok("review", "dismiss", str(case["case_id"]), "--by", "李四", "--unit", "甲局", "--reason", "合法")
    patrol(world, DAYS[2])
    assert len([path for path in world.site.asked if path.startswith("/i/")]) == 2


def test_every_listing_is_looked_at_after_some_days(world: World) -> None:
    world.platform(more="revisit: {every_days: 2}\n")
    patrol(world, DAYS[0])
    assert patrol(world, DAYS[1])["pages"] == 4
    assert patrol(world, DAYS[2])["pages"] == 64


def test_what_a_complete_patrol_does_not_see_has_vanished_and_may_come_back(world: World) -> None:
    patrol(world, DAYS[0])
    gone = world.site.remove(30)
    row = patrol(world, DAYS[1])
    assert (row["complete"], row["vanished"], row["seen"]) == (True, 1, 59)
    assert listings(world)["g30"]["vanished_day"] == DAYS[1]
    assert rebuilt(world, *DAYS[:2]) == world.dump()
    world.site.stock.append(gone)
    row = patrol(world, DAYS[2])
    assert (row["vanished"], listings(world)["g30"]["vanished_day"]) == (0, None)
    assert rebuilt(world, *DAYS) == world.dump()


@pytest.mark.parametrize("answer", [(404, "没有"), (200, "该商品已下架")])
def test_a_page_that_says_gone_has_vanished_though_the_list_still_shows_it(
    world: World, answer: tuple[int, str]
) -> None:
    world.platform(more="revisit: {every_days: 1}\n")
    patrol(world, DAYS[0])
    world.site.broken["/i/5"] = answer
    row = patrol(world, DAYS[1])
    assert (row["outcome"], row["vanished"]) == ("ok", 1)
    assert listings(world)["g5"]["vanished_day"] == DAYS[1]
    assert rebuilt(world, *DAYS[:2]) == world.dump()
    world.site.broken.clear()
    patrol(world, DAYS[2])
    assert listings(world)["g5"]["vanished_day"] is None


@pytest.mark.parametrize("trouble", [(500, ""), (200, "<h1>改版了</h1>"), (403, ""), (200, "没有找到")])
def test_an_incomplete_patrol_makes_nothing_vanish(world: World, trouble: tuple[int, str]) -> None:
    patrol(world, DAYS[0])
    world.site.broken["/market"] = trouble
    row = patrol(world, DAYS[1])
    assert (row["complete"], row["vanished"]) == (False, 0)
    assert row["outcome"] != "ok"
    assert all(found["vanished_day"] is None for found in listings(world).values())


SEARCHED = {"lists:\n": "lists:\n  - search: /search?q={term}&page={page}\n"}


def searches(world: World) -> int:
    """Search pages asked for."""
    return sum(path.startswith("/search") for path in world.site.asked)


def test_searches_that_found_nothing_more_rest_while_the_lists_are_read_whole(world: World) -> None:
    world.site.stock = goods(20, 1)
    world.platform(more="revisit: {search_days: 2}\n", **SEARCHED)
    first = patrol(world, DAYS[0])
    assert (first["complete"], first["beyond"], first["searched_day"]) == (True, 0, DAYS[0])
    assert searches(world) >= first["terms"] > 50
    world.site.remove(3)
    second = patrol(world, DAYS[1])
    assert (searches(world), second["terms"], second["seen"], second["vanished"]) == (0, 0, 20, 1)
    assert second["searched_day"] == DAYS[0]
    assert any("the searches rest" in note for note in second["notes"])
    assert rebuilt(world, *DAYS[:2]) == world.dump()
    third = patrol(world, DAYS[2])
    assert third["terms"] == first["terms"] <= searches(world)


@pytest.mark.parametrize("why", ["beyond", "incomplete", "lists"])
def test_searches_do_not_rest_where_they_are_needed(world: World, why: str) -> None:
    world.site.stock = goods(20, 1)
    world.site.unlisted = {20} if why == "beyond" else set()
    world.platform(more="revisit: {search_days: 7}\n", **SEARCHED)
    first = patrol(world, DAYS[0])
    assert (first["seen"], first["beyond"]) == (21, int(why == "beyond"))
    if why == "incomplete":
        world.site.broken["/market"] = (500, "")
    elif why == "lists":
        world.platform(more="revisit: {search_days: 7}\n", **SEARCHED, **{"/market?": "/market?kind=all&"})
    second = patrol(world, DAYS[1])
    assert second["terms"] == first["terms"] <= searches(world)
    assert second["vanished"] == 0


def test_other_lists_than_before_make_nothing_vanish(world: World) -> None:
    patrol(world, DAYS[0])
    world.platform(**{"/market?page": "/market?q=13&page"})
    world.site.stock = world.site.stock[:30]
    assert patrol(world, DAYS[1])["vanished"] == 0


@pytest.mark.parametrize(("conditional", "vanished"), [("true", 0), ("false", 1)])
def test_a_site_whose_304_does_not_tell_of_removals(world: World, conditional: str, vanished: int) -> None:
    """As WordPress's feeds: without `conditional: false` the shop's word is taken."""
    world.site.etag = '"the same"'
    world.platform(more=f"conditional: {conditional}\n")
    patrol(world, DAYS[0])
    world.site.remove(30)
    row = patrol(world, DAYS[1])
    assert (row["complete"], row["vanished"], row["pages"]) == (True, vanished, 4)
