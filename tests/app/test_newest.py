"""A list that holds the listings is left where all is known, and says so; whole again in time, it tells what vanished."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adwatch.app.coverage import coverage
from adwatch.app.lists import may_rest
from tests.app.feed_site import FEED, JSON, SEARCHED, FeedSite, serving, write
from tests.app.sites import DAYS, Good, World, goods
from tests.collectors.platform_files import load

WHOLE = 8
"""robots.txt, six pages of ten goods, and the one behind them."""


@pytest.fixture
def site() -> Iterator[FeedSite]:
    with serving(goods(60)) as made:
        yield made


@pytest.fixture
def world(tmp_path: Path, site: FeedSite) -> World:
    made = World(tmp_path, site)
    write(made, FEED)
    return made


def patrol(world: World, day: str) -> dict[str, Any]:
    """One day's patrol; the requests before it are forgotten."""
    world.site.forget()
    return world.patrol(day)


def listings(world: World) -> dict[str, dict[str, Any]]:
    """Listings as the canonical dump has them, by native id."""
    rows = [json.loads(line) for line in world.dump() if '"table":"listing"' in line]
    return {row["native_id"]: row for row in rows}


def rebuilt(world: World, *days: str) -> list[str]:
    """The dump of a home made of the archive alone."""
    shutil.copytree(world.folder / "home" / "archive", world.folder / "second" / "archive")
    world.extract("second", *days)
    return world.dump("second")


@pytest.mark.parametrize("lists", [FEED, JSON])
@pytest.mark.parametrize("modified", ["", "Tue, 17 Nov 2026 08:00:00 GMT", None, "yesterday"])
def test_an_unchanged_list_costs_its_first_page_and_claims_no_more(
    world: World, site: FeedSite, lists: str, modified: str | None
) -> None:
    site.modified = modified
    write(world, lists)
    first = patrol(world, DAYS[0])
    assert (first["outcome"], first["complete"], first["seen"], first["rested"]) == ("ok", True, 60, 0)
    assert len(site.asked) == WHOLE
    again = patrol(world, DAYS[1])
    assert len(site.asked) == again["pages"] == 2, "robots.txt and the first page"
    told = ("outcome", "complete", "rested", "seen", "new", "changed", "vanished")
    assert [again[name] for name in told] == ["ok", False, 1, 10, 0, 0, 0]
    assert any("is left until it is read whole again" in note for note in again["notes"])
    seen = {row["native_id"] for row in listings(world).values() if row["last_seen_day"] == DAYS[1]}
    assert seen == {f"g{number}" for number in range(50, 60)}
    with world.office() as office:
        row = coverage(office.engine, DAYS[1])[0]
    assert (row["seen"], row["complete"], row["rested"]) == (10, False, 1)
    assert rebuilt(world, *DAYS[:2]) == world.dump()


def test_what_vanished_further_down_is_told_when_the_list_is_whole_again(world: World, site: FeedSite) -> None:
    patrol(world, DAYS[0])
    site.remove(30)
    assert patrol(world, DAYS[1])["vanished"] == 0
    assert listings(world)["g30"]["vanished_day"] is None
    third = patrol(world, DAYS[2])
    assert (third["complete"], third["rested"], third["seen"], third["vanished"]) == (True, 0, 59, 1)
    assert len(site.asked) == WHOLE
    assert listings(world)["g30"]["vanished_day"] == DAYS[2]
    assert rebuilt(world, *DAYS) == world.dump()


@pytest.mark.parametrize(("told", "day"), [("Thu, 19 Nov 2026 01:00:00 GMT", DAYS[1]), ("", DAYS[2])])
def test_what_changed_further_down_is_found_at_once_if_the_site_tells_of_it(
    world: World, site: FeedSite, told: str, day: str
) -> None:
    site.modified = "Tue, 17 Nov 2026 08:00:00 GMT" if told else ""
    patrol(world, DAYS[0])
    site.change(20, text="改了正文")
    site.modified = told
    changed = {each: patrol(world, each)["changed"] for each in DAYS[1:]}
    assert [each for each, count in changed.items() if count] == [day]


def test_new_ones_are_read_down_to_the_first_page_of_known_ones(world: World, site: FeedSite) -> None:
    patrol(world, DAYS[0])
    site.stock += [Good(number) for number in range(60, 72)]
    row = patrol(world, DAYS[1])
    assert (row["new"], row["rested"], row["pages"]) == (12, 1, 4), "two pages with new ones, one without"
    site.change(70, text="改了正文")
    row = patrol(world, DAYS[1])
    assert (row["changed"], row["rested"], row["pages"]) == (1, 1, 3)


def test_what_was_taken_from_the_first_page_is_told_at_once(world: World, site: FeedSite) -> None:
    patrol(world, DAYS[0])
    site.remove(55)
    row = patrol(world, DAYS[1])
    assert (row["complete"], row["rested"], row["seen"], row["vanished"]) == (True, 0, 59, 1)


def test_one_that_came_back_is_not_known(world: World, site: FeedSite) -> None:
    write(world, FEED, "revisit: {list_days: 3}\n")
    patrol(world, DAYS[0])
    write(world, FEED, "")
    gone = site.remove(59)
    assert patrol(world, DAYS[1])["vanished"] == 1
    write(world, FEED, "revisit: {list_days: 3}\n")
    site.stock.append(gone)
    assert patrol(world, DAYS[2])["pages"] == 3
    assert listings(world)["g59"]["vanished_day"] is None


def test_by_default_and_for_a_list_of_one_page_all_is_read(world: World, site: FeedSite) -> None:
    write(world, FEED, "")
    patrol(world, DAYS[0])
    assert patrol(world, DAYS[1])["pages"] == WHOLE
    write(world, FEED)
    site.stock = goods(10)
    patrol(world, DAYS[1])
    assert patrol(world, DAYS[1])["complete"]


def test_after_a_run_that_broke_off_the_list_is_read_whole(world: World, site: FeedSite) -> None:
    patrol(world, DAYS[0])
    site.stock += [Good(number) for number in range(60, 100)]
    site.broken["/feed?page=3"] = (404, "")
    site.broken["/feed?page=2"] = (500, "")
    assert patrol(world, DAYS[1])["outcome"] == "unreachable"
    site.broken.clear()
    row = patrol(world, DAYS[1])
    assert (row["complete"], row["seen"], row["new"]) == (True, 100, 30)


def test_after_a_run_that_never_ended_the_list_is_read_whole(world: World) -> None:
    patrol(world, DAYS[0])
    assert world.command().run("patrol", "--day", DAYS[1], ADWATCH_FAILPOINT="run.before_end").returncode == -9
    write(world, FEED, "revisit: {list_days: 7}\n")
    assert patrol(world, DAYS[2])["pages"] == WHOLE


@pytest.mark.parametrize("point", ["archive.after_record@3", "extract.after_commit", "run.before_end"])
def test_a_resting_run_that_was_killed_comes_to_the_same(world: World, site: FeedSite, point: str) -> None:
    site.built = "the same"
    for home in ("home", "quiet"):
        world.patrol(DAYS[0], home=home)
    site.stock += [Good(number) for number in range(60, 72)]
    assert world.command().run("patrol", "--day", DAYS[1], ADWATCH_FAILPOINT=point).returncode == -9
    row = world.patrol(DAYS[1])
    quiet = world.patrol(DAYS[1], home="quiet")
    told = ("outcome", "pages", "seen", "new", "complete", "rested")
    assert [row[name] for name in told] == [quiet[name] for name in told]
    assert world.dump() == world.dump("quiet")


def test_lists_are_whole_whenever_searches_are_due(world: World, site: FeedSite) -> None:
    write(world, SEARCHED, "revisit: {list_days: 7, search_days: 2}\n")
    first = patrol(world, DAYS[0])
    assert (first["complete"], first["beyond"]) == (True, 0)
    second = patrol(world, DAYS[1])
    assert (second["rested"], second["terms"], second["pages"]) == (1, 0, 2)
    third = patrol(world, DAYS[2])
    assert (third["rested"], third["terms"], third["complete"]) == (0, first["terms"], True)


@pytest.mark.parametrize(
    ("last", "searching", "rests"),
    [
        ({}, False, True),
        ({}, True, False),
        ({"outcomes": {"error": 1}}, False, False),
        ({"dropped": {"unreadable": 1}}, False, False),
        ({"outcomes": {"ok": 1}, "dropped": {"too_large": 1}}, False, True),
        ({"whole": {"a": {"day": DAYS[2], "pages": 9, "first": ""}}}, False, False),
        ({"whole": {}}, False, False),
    ],
)
def test_whether_a_list_may_rest(tmp_path: Path, last: dict[str, Any], searching: bool, rests: bool) -> None:
    world_file = "name: x\nlabel: x\nbase_url: https://x.example\naccess: feed\nbasis: x\nrevisit: {list_days: 2}\n"
    spec = load(tmp_path, world_file + FEED, "x")
    before = {"whole": {"a": {"day": DAYS[0], "pages": 9, "first": ""}}, **last}
    assert bool(may_rest(spec, before, DAYS[1], searching)) is rests
    assert may_rest(spec, before, "2026-11-22", searching) == {}
