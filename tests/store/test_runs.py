"""Runs that are continued, looks and sightings in any order, what has vanished, and the table of coverage."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import Engine

from adwatch.store import schema as s
from adwatch.store.captures import count_captures, end_run, store_capture
from adwatch.store.coverage import COLUMNS, coverage
from adwatch.store.engine import reading
from adwatch.store.listings import upsert_listings
from adwatch.store.looks import Look, RevisitPlan, Sighting, due, mark_vanished, record, seen_since
from adwatch.store.runs import (
    forget_lost,
    known_body,
    last_offset,
    leave_open,
    open_run,
    recent_counts,
    set_cursors,
    versions_of_run,
)
from tests.store.world import DAY, NOON, World, capture, listing

NEXT = "2026-11-19"
PLAN = RevisitPlan(every_days=7, flagged_days=1)
LINK = "https://plaza.example/item/1"


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)


def test_a_run_that_never_ended_is_continued(world: World) -> None:
    first = open_run(world.engine, "patrol", DAY, "plaza", "html", NOON)
    set_cursors(world.engine, first.id, {"list": "latest", "next": 3})
    again = open_run(world.engine, "patrol", DAY, "plaza", "html", world.tick(hours=1))
    assert (again.id, again.started_at, again.resumed, again.cursors["next"]) == (first.id, NOON, True, 3)
    leave_open(world.engine, first.id, "error", {"outcome": "error"})
    assert open_run(world.engine, "patrol", DAY, "plaza", "html", NOON).id == first.id
    end_run(world.engine, first.id, "ok", {"seen": 1}, NOON)
    assert not open_run(world.engine, "patrol", DAY, "plaza", "html", NOON).resumed


def test_runs_of_other_days_kinds_and_platforms_are_not(world: World) -> None:
    first = open_run(world.engine, "patrol", DAY, "plaza", "html", NOON)
    for kind, day, name in (("ingest", DAY, "plaza"), ("patrol", NEXT, "plaza"), ("patrol", DAY, "bazaar")):
        other = open_run(world.engine, kind, day, name, "html", NOON)
        assert (other.id != first.id, other.resumed) == (True, False)


def test_what_earlier_runs_came_to(world: World) -> None:
    for seen in (1, 2):
        run = open_run(world.engine, "patrol", DAY, "plaza", "html", NOON)
        end_run(world.engine, run.id, "ok", {"seen": seen}, NOON)
    last = open_run(world.engine, "patrol", DAY, "plaza", "html", NOON)
    assert [counts["seen"] for counts in recent_counts(world.engine, "plaza", "patrol", last.id)] == [2, 1]


def test_captures_whose_records_are_lost_are_forgotten_unless_read(world: World) -> None:
    world.store(listing("1"))
    for number in (5, 6, 7):
        store_capture(world.engine, capture(number), "html", None)
    assert last_offset(world.engine, "a.warc.gz") == 7
    assert last_offset(world.engine, "b.warc.gz") == 0
    assert forget_lost(world.engine, "a.warc.gz", 6) == 2
    assert forget_lost(world.engine, "a.warc.gz", 0) == 1, "the one that a version was read from stays"
    assert count_captures(world.engine) == 1


def test_a_known_body_is_the_newest_of_the_platform(world: World) -> None:
    for number in (1, 2):
        store_capture(world.engine, capture(number), "html", None)
    found = known_body(world.engine, "plaza", capture(2).sha256)
    assert found is not None
    assert found.offset == 2
    assert known_body(world.engine, "bazaar", capture(2).sha256) is None


def test_versions_are_counted_by_run(world: World) -> None:
    run = open_run(world.engine, "patrol", DAY, "plaza", "html", NOON)
    world.store(listing("1"), listing("2"))
    world.tick(hours=1)
    world.store(listing("1", "另一段"))
    with world.engine.begin() as connection:
        connection.execute(s.capture.update().values(run_id=run.id))
    assert versions_of_run(world.engine, run.id) == (2, 1)
    assert versions_of_run(world.engine, run.id + 1) == (0, 0)


def looked(world: World, shown: str = "a", day: str = DAY) -> None:
    world.store(listing("1"), day=day)
    record(world.engine, "plaza", [Look(LINK, world.now, "1", shown)], [], day)


@pytest.mark.parametrize(
    ("link", "shown", "day", "is_due"),
    [
        (LINK, "a", NEXT, False),
        (LINK + "?utm_source=x#top", "a", NEXT, False),
        (LINK, "b", NEXT, True),
        (LINK, "a", "2026-11-24", False),
        (LINK, "a", "2026-11-25", True),
        ("https://plaza.example/item/2", "a", NEXT, True),
    ],
)
def test_when_a_look_is_due(world: World, link: str, shown: str, day: str, is_due: bool) -> None:
    looked(world)
    assert due(world.engine, "plaza", {link: shown}, day, PLAN) == ({link} if is_due else set())
    assert due(world.engine, "bazaar", {link: shown}, day, PLAN) == {link}


@pytest.mark.parametrize(("state", "is_due"), [("screening", True), ("confirmed", True), ("dismissed", False)])
def test_a_flagged_listing_is_due_daily(world: World, state: str, is_due: bool) -> None:
    world.flag(listing("1"))
    with world.engine.begin() as connection:
        connection.execute(s.case.update().values(state=state))
    record(world.engine, "plaza", [Look(LINK, world.now, "1", "a")], [], DAY)
    assert due(world.engine, "plaza", {LINK: "a"}, DAY, PLAN) == set()
    assert bool(due(world.engine, "plaza", {LINK: "a"}, NEXT, PLAN)) is is_due


def row(world: World) -> dict[str, Any]:
    return world.rows(s.listing)[0]


def test_a_sighting_marks_a_known_listing_as_seen(world: World) -> None:
    looked(world)
    before = len(world.rows(s.outbox))
    sightings = [Sighting(LINK, world.tick(days=1)), Sighting("https://plaza.example/new", world.now)]
    record(world.engine, "plaza", [], sightings, NEXT)
    assert (row(world)["last_seen_day"], row(world)["last_seen_at"]) == (NEXT, world.now)
    assert len(world.rows(s.listing)) == 1
    record(world.engine, "plaza", [], sightings, NEXT)
    assert len(world.rows(s.outbox)) == before + 1, "the index hears of it once"


def test_a_page_that_says_gone(world: World) -> None:
    looked(world)
    record(world.engine, "plaza", [Look(LINK, world.tick(days=1), None)], [], NEXT)
    assert row(world)["vanished_day"] == NEXT
    record(world.engine, "plaza", [], [Sighting(LINK, world.tick(hours=1))], NEXT)
    assert row(world)["vanished_day"] == NEXT, "the list is only slow to say so"
    assert due(world.engine, "plaza", {LINK: "a"}, NEXT, PLAN) == {LINK}
    looked(world, day=NEXT)
    assert row(world)["vanished_day"] is None


def test_looks_and_sightings_come_to_the_same_however_often_they_are_applied(world: World) -> None:
    looked(world)
    start = world.now
    looks = [Look(LINK, start, "1", "a"), Look(LINK, start + timedelta(days=1, hours=2), None)]
    sighting = Sighting(LINK, start + timedelta(days=1))
    found = set()
    for order in permutations([([looks[0]], []), ([looks[1]], []), ([], [sighting]), (looks, [sighting])]):
        for some, seen in order:
            record(world.engine, "plaza", some, seen, NEXT)
        (look,) = world.rows(s.look)
        found.add((look["gone"], look["looked_at"], row(world)["vanished_day"]))
    assert found == {(True, looks[1].at, NEXT)}


def test_what_was_not_seen_has_vanished(world: World) -> None:
    world.store(listing("1"), listing("2"), listing("3", platform="bazaar"))
    since = world.tick(days=1)
    world.store(listing("2"), day=NEXT)
    assert mark_vanished(world.engine, "plaza", since, NEXT) == 1
    assert mark_vanished(world.engine, "plaza", since, NEXT) == 0
    assert [(one["native_id"], one["vanished_day"]) for one in world.rows(s.listing)] == [
        ("1", NEXT),
        ("2", None),
        ("3", None),
    ]
    seen = seen_since(world.engine, "plaza", since, NEXT)
    assert (seen.listings, seen.vanished, seen.newest) == (1, 1, None)
    world.tick(hours=1)
    world.store(listing("1"), day=NEXT)
    assert row(world)["vanished_day"] is None


def read_page(world: World, url: str, day: str, *names: str) -> None:
    """A page read whole: the topic and what stands below it."""
    world.captures += 1
    taken = replace(capture(world.captures, "plaza", day, world.now), url=url)
    number = store_capture(world.engine, taken, "html", None)
    items = [replace(listing(name), url=url, capture_id=number, captured_at=world.now) for name in names]
    upsert_listings(world.engine, "plaza", items, day, world.now)


def test_a_reply_vanishes_with_the_page_that_it_stood_on_and_stays_while_that_is_not_read_again(world: World) -> None:
    pages = {at: f"https://plaza.example/t/{at}" for at in "123"}
    read_page(world, pages["1"], DAY, "1", "reply-1-5", "reply-1-6")
    read_page(world, pages["2"], DAY, "2", "reply-2-7")
    read_page(world, pages["3"], DAY, "3", "reply-3-8")
    record(world.engine, "plaza", [Look(pages["2"], world.now, "2")], [], DAY)
    since = world.tick(days=1)
    read_page(world, pages["1"], NEXT, "1", "reply-1-5")
    record(world.engine, "plaza", [], [Sighting(pages["2"], world.now)], NEXT)
    assert mark_vanished(world.engine, "plaza", since, NEXT, "reply-") == 3
    gone = {one["native_id"] for one in world.rows(s.listing) if one["vanished_day"] == NEXT}
    assert gone == {"reply-1-6", "3", "reply-3-8"}
    assert mark_vanished(world.engine, "plaza", since, NEXT, "reply-") == 0


def test_rows_of_handed_over_files_do_not_vanish(world: World) -> None:
    world.store(listing("1", capture_row=7))
    assert mark_vanished(world.engine, "plaza", world.tick(days=1), NEXT) == 0


def test_an_earlier_day_read_again_does_not_bring_back(world: World) -> None:
    world.store(listing("1"))
    first = world.now
    mark_vanished(world.engine, "plaza", world.tick(days=1), NEXT)
    world.now = first
    world.store(listing("1"))
    assert row(world)["vanished_day"] == NEXT


def test_coverage_has_a_row_a_day_and_platform(world: World) -> None:
    for day, name, outcomes in ((DAY, "plaza", {}), (DAY, "plaza", {"blocked": 2}), (NEXT, "bazaar", {"stale": 1})):
        run = open_run(world.engine, "patrol", day, name, "html", NOON)
        counts = {"pages": 3, "seen": 2, "new": 1, "vanished": 4, "outcomes": outcomes, "complete": True}
        end_run(world.engine, run.id, "ok", counts, NOON)
    open_run(world.engine, "patrol", NEXT, "plaza", "html", NOON)
    with reading(world.engine) as connection:
        rows = coverage(connection, DAY, NEXT)
        assert coverage(connection, "2026-12-01", "2026-12-31") == []
    assert [(one["day"], one["platform"], one["runs"], one["unfinished"]) for one in rows] == [
        (DAY, "plaza", 2, 0),
        (NEXT, "bazaar", 1, 0),
        (NEXT, "plaza", 1, 1),
    ]
    assert tuple(rows[0]) == COLUMNS
    assert [rows[0][name] for name in ("pages", "seen", "new", "vanished", "blocked")] == [6, 2, 2, 4, 2]
    assert (rows[1]["stale"], rows[2]["outcome"], rows[2]["complete"]) == (1, None, False)
