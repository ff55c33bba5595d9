from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from adwatch.store import schema as s
from adwatch.store.captures import (
    capture_by_id,
    captures,
    count_captures,
    end_run,
    runs_of_day,
    start_run,
    store_capture,
)
from adwatch.store.dump import canonical
from adwatch.store.engine import reading
from adwatch.store.listings import upsert_listings
from adwatch.store.undone import undone
from adwatch.store.verdicts import backlog, classifier_id, mark_classified, save_verdicts
from tests.store.world import DAY, NOON, World, capture, clear, listing, verdict


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)


def test_run_twice_is_run_once(world: World) -> None:
    items = [listing(str(n)) for n in range(5)]
    first = upsert_listings(world.engine, "plaza", items, DAY, NOON)
    before = list(canonical(world.engine))
    again = upsert_listings(world.engine, "plaza", items, DAY, NOON + timedelta(hours=1))
    assert (first.counts["new"], again.counts["new"], again.counts["unchanged"]) == (5, 0, 5)
    assert again.versions == []
    assert list(canonical(world.engine)) == before


def test_an_item_repeated_in_a_batch_counts_once_and_the_last_wins(world: World) -> None:
    done = upsert_listings(world.engine, "plaza", [listing("1", "a"), listing("1", "b")], DAY, NOON)
    assert (done.counts["new"], done.counts["repeated"]) == (1, 1)
    assert [row["text"] for row in world.rows(s.listing_version)] == ["b"]


@pytest.mark.parametrize("size", [1, 2, 4])
def test_captures_come_to_the_same_however_they_are_cut_into_batches(world: World, size: int) -> None:
    """A day of two patrols is rebuilt in one go; live, the second began when the first was stored."""
    shown = [("1", "a", 1), ("2", "x", 1), ("1", "b", 2), ("2", "x", 2), ("1", "a", 3)]
    items = [
        replace(listing(number, text), capture_id=at, captured_at=NOON + timedelta(hours=at))
        for number, text, at in shown
    ]
    for at in range(0, len(items), size):
        upsert_listings(world.engine, "plaza", items[at : at + size], DAY, NOON)
    versions = [(row["text"], row["capture_id"]) for row in world.rows(s.listing_version)]
    assert sorted(versions) == [("a", 1), ("b", 2), ("x", 1)]
    current = {row["native_id"]: row["version_id"] for row in world.rows(s.listing)}
    texts = {row["id"]: row["text"] for row in world.rows(s.listing_version)}
    assert {number: texts[version] for number, version in current.items()} == {"1": "a", "2": "x"}


def test_price_and_counters_make_no_version(world: World) -> None:
    upsert_listings(world.engine, "plaza", [listing("1", price_fen=100)], DAY, NOON)
    done = upsert_listings(world.engine, "plaza", [listing("1", price_fen=200, reviews_count=7)], DAY, NOON)
    assert (done.counts["unchanged"], done.versions) == (1, [])
    assert [(row["price_fen"], row["reviews_count"]) for row in world.rows(s.listing)] == [(200, 7)]


def test_a_content_that_returns_is_the_old_version(world: World) -> None:
    for text in ("a", "b", "a"):
        world.store(listing("1", text))
        world.tick(hours=1)
    (row,) = world.rows(s.listing)
    versions = world.rows(s.listing_version)
    assert len(versions) == 2
    assert row["version_id"] == versions[0]["id"]


def test_an_earlier_day_read_again_does_not_turn_the_listing_back(world: World) -> None:
    old = listing("1", "a", price_fen=1, captured_at=NOON)
    new = listing("1", "b", price_fen=2, captured_at=NOON + timedelta(days=1))
    upsert_listings(world.engine, "plaza", [old], DAY, NOON)
    upsert_listings(world.engine, "plaza", [new], "2026-11-19", NOON + timedelta(days=1))
    before = list(canonical(world.engine))
    upsert_listings(world.engine, "plaza", [old], DAY, NOON + timedelta(days=2))
    assert list(canonical(world.engine)) == before
    older = replace(old, text="0", captured_at=NOON - timedelta(days=1))
    done = upsert_listings(world.engine, "plaza", [older], "2026-11-17", NOON + timedelta(days=2))
    assert len(done.versions) == 1, "a version that was missed is kept"
    assert [row["price_fen"] for row in world.rows(s.listing)] == [2]


def test_a_listing_repeats_the_digest_of_the_version_that_it_shows(world: World) -> None:
    for texts in ("a", "b"), ("c", "b"), ("a", "d"):  # new; changed and unchanged; returned and changed
        upsert_listings(world.engine, "plaza", [listing("1", texts[0]), listing("2", texts[1])], DAY, NOON)
        of = {row["id"]: row["content_sha256"] for row in world.rows(s.listing_version)}
        rows = world.rows(s.listing)
        assert [row["shown_sha256"].hex() for row in rows] == [of[row["version_id"]] for row in rows]
        assert [row["shown_sha256"].hex() for row in rows] == [
            listing(row["native_id"], text).content_sha256 for row, text in zip(rows, texts, strict=True)
        ]


@pytest.mark.postgresql
@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_a_listing_seen_again_is_written_into_the_room_of_its_page_and_into_no_index(engine: Engine) -> None:
    """A heap-only tuple: the update stays in the page that the fill factor left room in."""
    items = [listing(f"{number:04}") for number in range(400)]
    upsert_listings(engine, "plaza", items, DAY, NOON)
    seen = [replace(one, price_fen=3, captured_at=NOON + timedelta(days=1)) for one in items[::4]]
    counted = "SELECT {0}_updated(oid), {0}_hot_updated(oid) FROM pg_class WHERE oid = 'listing'::regclass"
    with undone(engine) as inside:
        upsert_listings(inside, "plaza", seen, "2026-11-19", NOON + timedelta(days=1))
        with reading(inside) as connection:
            found = connection.exec_driver_sql(counted.format("pg_stat_get_xact_tuples")).one()
    assert tuple(found) == (len(seen), len(seen))


def test_two_writers_at_once_lose_and_double_nothing(world: World) -> None:
    batches = [[listing(str(n)) for n in range(at, at + 40)] for at in (0, 20, 40, 60)]
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda items: upsert_listings(world.engine, "plaza", items, DAY, NOON), batches))
    assert sum(each.counts["new"] for each in done) == 100
    assert len(world.rows(s.listing_version)) == 100


def test_captures_are_stored_once_by_record_and_read_in_order(world: World) -> None:
    run = start_run(world.engine, "patrol", DAY, "plaza", "html", NOON)
    ids = [store_capture(world.engine, capture(number), "html", run) for number in (1, 2, 1)]
    assert ids[0] == ids[2]
    assert count_captures(world.engine) == 2
    assert [each.id for each in captures(world.engine, DAY, "plaza")] == ids[:2]
    assert list(captures(world.engine, "2026-11-19")) == []
    found = capture_by_id(world.engine, ids[1])
    assert found is not None
    assert replace(found, id=None) == capture(2)
    assert capture_by_id(world.engine, 99) is None
    end_run(world.engine, run, "ok", {"seen": 2}, NOON)
    assert [(row["platform"], row["outcome"], row["counts"]) for row in runs_of_day(world.engine, DAY)] == [
        ("plaza", "ok", {"seen": 2})
    ]


def test_a_version_stored_while_the_backlog_ran_dry_stays_in_the_backlog(world: World) -> None:
    world.store(listing("1"))
    world.judge(clear())
    classifier = classifier_id(world.engine, "1", "k")
    assert backlog(world.engine, classifier) == []
    world.store(listing("2"))  # another process, between the last query and the mark
    mark_classified(world.engine, classifier)
    assert [version.title for version in backlog(world.engine, classifier)] == ["商品2"]


def test_a_day_that_is_done_does_not_hide_the_other_days(world: World) -> None:
    world.store(listing("1"), day="2026-11-17")
    world.store(listing("2"))
    classifier = classifier_id(world.engine, "1", "k")
    (version,) = backlog(world.engine, classifier, day=DAY)
    save_verdicts(world.engine, classifier, [version], [clear()], DAY, NOON)
    mark_classified(world.engine, classifier)
    assert [version.title for version in backlog(world.engine, classifier)] == ["商品1"]


def test_two_classifying_at_once_store_each_verdict_and_case_once(world: World) -> None:
    items = [listing(str(n)) for n in range(60)]
    upsert_listings(world.engine, "plaza", items, DAY, NOON)

    def work(_: int) -> int:
        classifier = classifier_id(world.engine, "1", "k")
        versions = backlog(world.engine, classifier)
        verdicts = [verdict(item) for item in items][: len(versions)]  # a late one finds less, or nothing, to do
        return save_verdicts(world.engine, classifier, versions, verdicts, DAY, NOON).opened

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(4))) == 60
    assert len(world.rows(s.verdict)) == len(world.rows(s.case)) == len(world.rows(s.case_listing)) == 60


def test_the_dump_tells_states_apart_and_ignores_clocks_and_keys(world: World, engine: Engine) -> None:
    world.flag(listing("1"))
    lines = list(canonical(engine))
    assert lines == sorted(lines)
    assert {line.split('"table":"')[1].split('"')[0] for line in lines} == {
        *("listing", "listing_version", "verdict", "capture", "case", "case_tag", "event", "subject_due")
    }
    assert "2026-11-18T" not in "".join(lines)
    world.store(listing("2"))
    assert list(canonical(engine)) != lines
