"""What was not seen is said: probe, breaker, staleness, lacking fields, and the table of coverage."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adwatch.app.coverage import HEADS, coverage, missing
from adwatch.store.coverage import COLUMNS
from tests.app.sites import DAYS, World, goods, serving

SEARCH = {"latest: /market?page={page}": "search: /search?q={term}&page={page}"}
DAY = DAYS[0]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with serving(goods(6)) as site:
        yield World(tmp_path, site)


def patrol(world: World, day: str = DAY) -> dict[str, Any]:
    return world.patrol(day)


def rows(world: World, first: str = DAY, last: str | None = None) -> list[dict[str, Any]]:
    with world.office() as office:
        return coverage(office.engine, first, last)


def test_a_zero_is_sure_if_the_probe_has_hits(world: World) -> None:
    world.platform(more="probe: 手套\n", **SEARCH)
    row = patrol(world)
    assert (row["outcome"], row["probe"], row["seen"]) == ("empty", "ok", 0)
    assert row["terms_empty"] == row["terms"] > 0
    assert "the probe term had hits" in row["notes"][-1]


@pytest.mark.parametrize(
    ("answer", "outcome"), [((200, "没有找到"), "layout_changed"), ((200, "请完成安全验证"), "blocked")]
)
def test_a_zero_with_a_failing_probe_is_never_plain(world: World, answer: tuple[int, str], outcome: str) -> None:
    world.platform(more="probe: 手套\n", **SEARCH)
    world.site.broken["/search"] = answer
    row = patrol(world)
    assert (row["outcome"], row["probe"], row["complete"]) == (outcome, "failed", False)


def test_a_platform_without_a_probe_says_so(world: World) -> None:
    world.platform(**SEARCH)
    row = patrol(world)
    assert (row["outcome"], row["probe"]) == ("empty", None)
    assert "no probe term is declared" in row["notes"][-1]


def test_the_breaker_stops_for_today_and_tries_once_next_time(world: World) -> None:
    world.platform(more="breaker: {failures: 2}\n")
    for number in range(6):
        world.site.broken[f"/i/{number}"] = (403, "")
    row = patrol(world)
    assert (row["outcome"], row["breaker"]) == ("blocked", "open")
    assert world.site.asked.count("/i/0") == 1
    assert "/i/1" not in world.site.asked
    world.site.broken.clear()
    row = patrol(world, DAYS[1])
    assert (row["outcome"], row["breaker"], row["seen"]) == ("ok", "closed", 6)


def test_the_newest_listing_is_too_old(world: World) -> None:
    world.platform(more="expect: {newest_days: 2}\n")
    assert patrol(world, "2026-11-19")["outcome"] == "ok"
    row = patrol(world, "2026-11-20")
    assert row["outcome"] == "stale"
    assert "3 days old" in row["notes"][-1]


def test_a_field_that_every_listing_has(world: World) -> None:
    world.platform(more="expect: {required: [price, title]}\n", **{"    price: b\n": "    price: .was-b\n"})
    world.platform(more="expect: {required: [title]}\n", name="other")
    done = {name: world.patrol(DAY, name) for name in ("shop", "other")}
    assert done["other"]["outcome"] == "ok"
    assert done["shop"]["outcome"] == "ok", "the list shows the price"


def test_a_field_that_is_gone(world: World) -> None:
    no_price = {"fields: {title: a, price: b}": "fields: {title: a}", "    price: b\n": "    price: .was-b\n"}
    world.platform(more="expect: {required: [price, title]}\n", **no_price)
    row = patrol(world)
    assert row["outcome"] == "layout_changed"
    assert "6 of 6 listings have no price" in row["notes"][-1]


def test_coverage_of_days(world: World) -> None:
    world.platform()
    world.platform("idle", more="enabled: false\n")
    patrol(world, DAYS[0])
    patrol(world, DAYS[0])
    world.site.remove(5)
    world.site.broken["/i/0"] = (200, "请完成安全验证")
    world.site.change(0, price="1.00")
    patrol(world, DAYS[1])
    first, second = rows(world, *DAYS[:2])
    assert tuple(first) == COLUMNS == tuple(HEADS)
    shown = ("day", "platform", "outcome", "runs", "pages", "seen", "new", "vanished", "complete", "blocked")
    assert [first[name] for name in shown] == [DAYS[0], "shop", "ok", 2, 10, 6, 6, 0, True, 0]
    assert [second[name] for name in shown] == [DAYS[1], "shop", "blocked", 1, 3, 5, 0, 0, False, 1]
    with world.office() as office:
        assert missing(office, DAYS[0]) == []
        assert missing(office, DAYS[2]) == ["shop"]


def test_a_run_that_never_ended_is_in_the_table(world: World) -> None:
    world.platform()
    world.command().run("patrol", "--day", DAY, ADWATCH_FAILPOINT="archive.after_record@4")
    [row] = rows(world)
    assert (row["unfinished"], row["outcome"], row["complete"]) == (1, None, False)


def test_a_day_has_no_more_requests_than_its_budget(world: World) -> None:
    world.platform(more="budget: 5\n")
    row = patrol(world)
    assert (row["outcome"], row["seen"], row["spent"], row["complete"], row["breaker"]) == (
        *("ok", 3, True, False),
        "closed",
    )
    assert "the budget of 5 requests a day is spent" in row["notes"][-1]
    assert len(world.site.asked) == 5
    again = patrol(world)
    assert (again["pages"], len(world.site.asked)) == (0, 5)
    [told] = rows(world)
    assert (told["spent"], told["complete"], told["vanished"]) == (True, False, 0)
    assert patrol(world, DAYS[1])["seen"] >= 3
