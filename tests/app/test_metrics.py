"""Metrics: every figure out of a real store, hostile names escaped, nothing of a person, served on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine, update

from adwatch.app.metrics import WAITING, exposition, folder_bytes, registry, samples
from adwatch.app.office import Office
from adwatch.casework.states import STATES, WORDS
from adwatch.models import OUTCOMES
from adwatch.settings import load_settings
from adwatch.store import schema as s
from adwatch.store.captures import end_run, platform_id, start_run
from adwatch.store.engine import migrate, reading, writing
from adwatch.store.figures import outbox_figures, unjudged
from adwatch.store.partitions import A_MONTH, make_partitions
from adwatch.store.takedowns import add_check, add_request, listings_of, sent
from tests.conftest import FixedClock
from tests.store.databases import engine, migrated_file, migrated_server, postgresql_server  # noqa: F401
from tests.store.world import DAY, NOON, World, clear, listing, verdict

HOSTILE = 'a"b\\c\nadwatch_outbox_depth 99 {}#\u2028卖证<script>'
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with Office(load_settings(home=tmp_path / "home"), FixedClock(NOON + timedelta(hours=30))) as found:
        yield found


def told(office: Office) -> Samples:
    """What is told, read as Prometheus reads it."""
    text = exposition(office).decode()
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(found: Samples, name: str, **labels: str) -> float | None:
    return found.get((f"adwatch_{name}", frozenset(labels.items())))


def run(
    office: Office, platform: str, outcome: str | None, day: str = DAY, kind: str = "html", **counts: object
) -> int:
    made = start_run(office.engine, "patrol", day, platform, kind, NOON)
    if outcome is not None:
        end_run(office.engine, made, outcome, counts, NOON + timedelta(minutes=5))
    return made


def test_the_newest_patrol_of_each_platform(office: Office) -> None:
    run(office, "plaza", "ok", day="2026-11-17", seen=9, new=9, flagged=2, outcomes={})
    run(office, "plaza", "blocked", seen=4, new=1, changed=2, flagged=3, seconds=1.5, outcomes={"blocked": 7})
    run(office, "bazaar", None)
    run(office, "tips", "empty", kind="handover", seen=0)
    run(office, "ancient", "ok", day="2026-10-01", seen=1)
    found = told(office)
    words = {word: value(found, "patrol_outcome", platform="plaza", outcome=word) for word in OUTCOMES}
    assert words == {word: float(word == "blocked") for word in OUTCOMES}
    assert value(found, "patrol_occurrences", platform="plaza", outcome="blocked") == 7
    assert value(found, "patrol_occurrences", platform="plaza", outcome="stale") == 0
    figures = {name: value(found, f"patrol_{name}", platform="plaza") for name in ("seen", "new", "changed", "flagged")}
    assert figures == {"seen": 4, "new": 1, "changed": 2, "flagged": 3}
    ended = (NOON + timedelta(minutes=5)).timestamp()
    assert value(found, "patrol_last_ok_timestamp_seconds", platform="plaza") == ended
    assert value(found, "patrol_last_ok_timestamp_seconds", platform="tips") == ended, "nothing new is good there"
    assert value(found, "patrol_last_ok_timestamp_seconds", platform="bazaar") == 0
    assert value(found, "patrol_unfinished", platform="bazaar") == 1
    assert value(found, "patrol_unfinished", platform="plaza") == 0
    assert value(found, "patrol_outcome", platform="bazaar", outcome="ok") is None, "it has come to nothing yet"
    assert value(found, "patrol_unfinished", platform="ancient") is None, "older than is looked for"


def test_an_empty_platform_that_is_fetched_is_no_good_run(office: Office) -> None:
    run(office, "plaza", "empty", seen=0)
    assert value(told(office), "patrol_last_ok_timestamp_seconds", platform="plaza") == 0


def test_a_hostile_name_forges_nothing(office: Office) -> None:
    run(office, HOSTILE, "ok", seen=5, outcomes={})
    found = told(office)
    assert value(found, "patrol_seen", platform=HOSTILE) == 5
    assert value(found, "outbox_depth") == 0
    assert value(found, "outbox_oldest_timestamp_seconds") is None
    lines = exposition(office).decode().split("\n")
    assert all(line.startswith(("adwatch_", "# HELP adwatch_", "# TYPE adwatch_")) for line in lines if line)
    assert not any(line.startswith("adwatch_outbox_depth 99") for line in lines)


def test_queues_clocks_and_what_the_index_lacks(office: Office) -> None:
    world = World(office.engine)
    items = [listing(str(number)) for number in range(4)]
    first = world.flag(items[0])
    world.tick(hours=1)
    second = world.flag(items[1])
    world.store(items[2], items[3])
    with writing(office.engine) as connection:
        registered = {"state": "registered", "registered_at": world.now}
        connection.execute(update(s.case).where(s.case.c.id == second).values(**registered))
    found = told(office)
    assert value(found, "cases", state="screening") == 1
    assert value(found, "cases", state="registered") == 1
    assert {state for state in STATES if value(found, "cases", state=state) is None} == set()
    assert value(found, "cases_oldest_timestamp_seconds", state="screening") == NOON.timestamp()
    assert value(found, "registered_oldest_timestamp_seconds") == world.now.timestamp()
    assert value(found, "classify_backlog_versions") == 2
    waiting = len(world.rows(s.outbox))
    assert value(found, "outbox_depth") == waiting > 0
    assert value(found, "outbox_oldest_sequence") == 1
    assert value(found, "outbox_newest_sequence") == world.rows(s.outbox)[-1]["seq"]
    assert value(found, "outbox_oldest_timestamp_seconds") == world.rows(s.outbox)[0]["enqueued_at"].timestamp()
    world.judge(clear(), verdict(items[3]))
    assert value(told(office), "classify_backlog_versions") == 0
    assert first < second
    assert set(WAITING) <= set(STATES)


def test_takedowns_due_and_overdue(office: Office) -> None:
    world = World(office.engine)
    items = [listing(str(number)) for number in range(3)]
    for item in items:
        world.flag(item)
    rows = world.rows(s.listing)
    deadline = NOON + timedelta(hours=24)
    with writing(office.engine) as connection:
        pid = platform_id(connection, "plaza")
        pairs = [(row["id"], row["version_id"]) for row in rows]
        late = add_request(connection, "T-1", pid, pairs[:2], {}, NOON)
        sent(connection, late, "张三", NOON, deadline)
        add_request(connection, "T-2", pid, pairs[2:], {}, NOON)
        gone, up = listings_of(connection, [late])
        add_check(connection, gone, "gone", NOON + timedelta(hours=29), None, "")
        add_check(connection, up, "up", NOON + timedelta(hours=2), None, "")
    found = told(office)
    counted = {word: value(found, "takedown_listings", word=word) for word in (*WORDS, "unchecked")}
    assert counted == {"gone": 1, "up": 1, "changed": 0, "moved": 0, "unknown": 0, "unchecked": 0}
    assert value(found, "takedown_checks_due") == 1, "the one looked at 28 hours ago"
    assert value(found, "takedown_overdue") == 1, "what is gone is not overdue, a draft has no deadline"
    assert value(found, "takedown_oldest_deadline_timestamp_seconds") == deadline.timestamp()
    assert value(found, "takedown_requests", state="draft") == 1


def test_sizes_and_versions(office: Office) -> None:
    root = office.settings.archive_root
    (root / DAY).mkdir(parents=True)
    (root / DAY / "plaza-1.warc.gz").write_bytes(b"x" * 1234)
    (root / "elsewhere").symlink_to(root)
    found = told(office)
    own = (root / "elsewhere").lstat().st_size
    assert value(found, "archive_bytes") == 1234 + own, "a link is not followed"
    assert folder_bytes(root / "nowhere") == 0
    assert (value(found, "store_bytes") or 0) > 10_000
    assert (
        0
        < (value(found, "disk_free_bytes", folder="archive") or 0)
        < (value(found, "disk_size_bytes", folder="home") or 0)
    )
    [build] = [dict(labels) for name, labels in found if name == "adwatch_build_info"]
    assert set(build) == {"version", "schema", "python"}


def test_no_text_and_nothing_of_a_person_is_told(office: Office) -> None:
    world = World(office.engine)
    world.flag(listing("secret-id", "包过 微信 abc13800138000", seller_name="某某小店"))
    text = exposition(office).decode()
    assert [word for word in ("13800138000", "某某小店", "包过", "secret-id", "plaza.example") if word in text] == []
    labels = {name for row in samples(office) for name in row["labels"]}
    assert labels <= {"platform", "outcome", "state", "word", "folder", "version", "schema", "python"}


def test_on_both_databases(engine: Engine, tmp_path: Path) -> None:  # noqa: F811 - the fixture
    migrate(engine)
    world = World(engine)
    for number in range(3):
        world.store(listing(str(number)))
    with reading(engine) as connection:
        assert unjudged(connection) == 3
        assert outbox_figures(connection).depth == len(world.rows(s.outbox))
    office = Office(load_settings(home=tmp_path / "home"), FixedClock())
    office.__dict__["engine"] = engine
    names = {family.name for family in registry(office).collect()}
    assert {"adwatch_store_bytes", "adwatch_outbox_depth", "adwatch_takedown_overdue"} <= names


NOVEMBER, DECEMBER = 202_611 * A_MONTH, 202_612 * A_MONTH


@pytest.mark.parametrize(
    ("judged", "open_ones", "exact", "told"),
    [
        ([1], [2, 3, 4, 5], 10, 4),
        ([1], [2, 3, 4, 5], 2, 4),
        ([1, 4, 5], [2, 3, 6], 10, 3),
        ([1, 4, 5], [2, 3, 6], 1, 1),  # only the last before the newest judged one is looked at: it is there
        ([NOVEMBER + 1], [NOVEMBER + 2, DECEMBER + 1, DECEMBER + 2, DECEMBER + 3], 2, 4),
        ([NOVEMBER + 1], [DECEMBER + 1, DECEMBER + 2, DECEMBER + 3], 2, 3),
        ([], [7, DECEMBER + 1, DECEMBER + 2], 2, 9),
    ],
)
def test_far_behind_the_backlog_is_told_by_numbers(
    engine: Engine,  # noqa: F811 - the fixture
    judged: list[int],
    open_ones: list[int],
    exact: int,
    told: int,
) -> None:
    with writing(engine) as connection:
        if engine.dialect.name == "postgresql":
            make_partitions(connection, [202_611, 202_612])
        row = {"content_sha256": "d", "kind": "product", "captured_at": NOON, "day": DAY}
        for number in (*judged, *open_ones):
            connection.execute(s.listing_version.insert().values(id=number, listing_id=number, **row))
        if judged:
            known = {"id": 1, "version": "1", "keyword_versions": "k", "classified_to": 0}
            connection.execute(s.classifier.insert().values(**known))
        for number in judged:
            values = {"version_id": number, "classifier_id": 1, "band": "clear", "score": 0.1}
            connection.execute(s.verdict.insert().values(**values))
    with reading(engine) as connection:
        assert unjudged(connection, exact) == told
