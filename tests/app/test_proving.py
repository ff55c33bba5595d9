"""How sure a day's figures are: a known listing on a day of nothing, and yesterday's archive read by today's file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adwatch.app.coverage import SURE, coverage
from adwatch.app.proving import reread
from adwatch.store.coverage import SURE as WORDS
from adwatch.store.coverage import how_sure
from tests.app.sites import DAYS, World, goods, serving

FIRST, SECOND, THIRD = DAYS


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with serving(goods(6)) as site:
        yield World(tmp_path, site)


def told(world: World, day: str) -> dict[str, Any]:
    with world.office() as office:
        [row] = coverage(office.engine, day)
        return row


def test_lists_without_anything_tell_nothing_while_a_known_listing_is_there(world: World) -> None:
    world.platform()
    world.patrol(FIRST)
    world.site.broken["/market"] = (200, "没有找到")
    world.site.forget()
    row = world.patrol(SECOND)
    assert (row["outcome"], row["seen"], row["known"], row["vanished"]) == ("layout_changed", 0, "up", 0)
    assert "is still there: this zero is none" in row["notes"][-1]
    assert [path for path in world.site.asked if path.startswith("/i/")] == ["/i/5"]
    assert told(world, SECOND)["sure"] == "zero_doubtful"


def test_a_zero_is_sure_where_the_site_says_of_a_known_listing_that_it_is_gone(world: World) -> None:
    world.platform()
    world.patrol(FIRST)
    world.site.stock = []
    world.site.broken["/i/5"] = (404, "很抱歉，您查看的商品不存在")
    row = world.patrol(SECOND)
    assert (row["outcome"], row["known"]) == ("empty", "gone")
    assert told(world, SECOND)["sure"] == "zero_sure"


def test_a_zero_that_nothing_stands_for_is_not_sure(world: World) -> None:
    world.site.stock = []
    world.platform()
    row = world.patrol(FIRST)
    assert (row["outcome"], row["known"], row["probe"]) == ("empty", None, None)
    assert told(world, FIRST)["sure"] == "zero_unsure"


def test_a_blocked_day_asks_for_no_known_listing(world: World) -> None:
    world.platform()
    world.patrol(FIRST)
    world.site.broken["/market"] = (403, "")
    row = world.patrol(SECOND)
    assert (row["outcome"], row["known"]) == ("blocked", None)
    assert told(world, SECOND)["sure"] == "unseen"


def test_yesterdays_archive_reads_the_same_by_the_same_file(world: World) -> None:
    world.platform()
    assert world.patrol(FIRST)["reread"] == "none"
    world.site.change(0, price="1.00")
    assert world.patrol(SECOND)["reread"] == "same"
    assert world.patrol(THIRD)["reread"] == "same"
    with world.office() as office:
        found = reread(office, office.platforms["shop"], SECOND)
    assert (found.day, found.pages, found.listings, found.same, found.lost) == (FIRST, 7, 6, 6, 0)


def test_a_file_that_reads_other_words_out_of_yesterdays_pages_is_told(world: World) -> None:
    world.platform()
    world.patrol(FIRST)
    world.platform(**{"title: h1": "title: b"})
    row = world.patrol(SECOND)
    assert row["reread"] == "differs"
    assert f"7 archived pages of {FIRST} read again: 6 of 6 listings differ, 0 are lost" in " ".join(row["notes"])


def test_a_file_that_reads_nothing_any_more_has_another_layout(world: World) -> None:
    world.platform()
    world.patrol(FIRST)
    world.platform(**{"title: h1": "title: h9", "text: p": "text: h8"})
    row = world.patrol(SECOND)
    assert (row["reread"], row["outcome"]) == ("differs", "layout_changed")
    assert "6 are lost; was shop.yml changed?" in " ".join(row["notes"])


def test_an_archive_that_is_gone_is_no_difference(world: World) -> None:
    world.platform()
    world.patrol(FIRST)
    for file in (world.folder / "home" / "archive").rglob("*.warc.gz"):
        file.unlink()
    row = world.patrol(SECOND)
    assert (row["reread"], row["seen"]) == ("none", 6)


@pytest.mark.slow
def test_a_killed_day_of_nothing_asks_once_and_comes_to_the_same(world: World) -> None:
    world.platform()
    for home in ("killed", "whole"):
        world.patrol(FIRST, home=home)
    world.site.broken["/market"] = (200, "没有找到")
    world.site.forget()
    world.command("killed").run("patrol", "--day", SECOND, "--platform", "shop", ADWATCH_FAILPOINT="run.before_end")
    row = world.patrol(SECOND, home="killed")
    assert (row["known"], row["replayed"] > 0) == ("up", True)
    assert world.site.asked.count("/i/5") == 1
    world.patrol(SECOND, home="whole")
    assert world.dump("killed") == world.dump("whole")


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ({"seen": 5, "complete": True}, "whole"),
        ({"seen": 5, "complete": False, "rested": 1}, "whole"),
        ({"seen": 5, "complete": False}, "part"),
        ({"seen": 5, "outcome": "blocked"}, "part"),
        ({"probe": "ok"}, "zero_sure"),
        ({"known": "gone"}, "zero_sure"),
        ({}, "zero_unsure"),
        ({"known": "unknown"}, "zero_unsure"),
        ({"probe": "failed"}, "zero_doubtful"),
        ({"probe": "ok", "known": "up"}, "zero_doubtful"),
        ({"layout_changed": 2, "outcome": "layout_changed"}, "zero_doubtful"),
        ({"spent": True}, "unseen"),
        *(({"outcome": word}, "unseen") for word in ("blocked", "unreachable", "robots_denied", "error", None)),
    ],
)
def test_words_of_sureness(row: dict[str, Any], word: str) -> None:
    plain = {
        "seen": 0,
        "complete": False,
        "rested": 0,
        "probe": None,
        "known": None,
        "layout_changed": 0,
        "spent": False,
    }
    assert how_sure({**plain, "outcome": "empty", **row}) == word
    assert tuple(SURE) == WORDS
