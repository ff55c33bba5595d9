"""Months on PostgreSQL, and the schema brought up and down under a store that is full, on both databases."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Engine, func, select, table, text, update

from adwatch.store import schema as s
from adwatch.store.captures import start_run, store_capture
from adwatch.store.dump import canonical
from adwatch.store.engine import migrate, opened, reading, writing
from adwatch.store.figures import unjudged
from adwatch.store.life_line_due import requests_due
from adwatch.store.listings import upsert_listings
from adwatch.store.partitions import (
    PARTITIONED,
    begin_month,
    make_partitions,
    months_of,
    partitions,
    refresh_statistics,
)
from adwatch.store.transfer import digest
from adwatch.store.undone import undone
from tests.casework.test_dump import a_week
from tests.store.test_engine import alembic_config
from tests.store.world import DAY, NOON, World, capture, clear, listing

DECEMBER = datetime(2026, 12, 1, 0, 30, tzinfo=UTC)
NAMES = [one.name for one in PARTITIONED]
on_postgresql = pytest.mark.parametrize("engine", ["postgresql"], indirect=True)


def _rows_of(engine: Engine, part: str) -> int:
    with reading(engine) as connection:
        return int(connection.scalar(select(func.count()).select_from(table(part))) or 0)


LATER = ("track", "takedown_step")
"""Tables with rows here that no schema before 0011 has: what stands in them goes with them."""


def _digests(engine: Engine) -> dict[str, object]:
    """Of every table that older schemas have; of the outbox its rows, since each waits anew from when it is brought up,
    of cases what an older schema says of them, and which requests' derived rows are to be made anew."""
    c = s.case.c
    told = (c.id, c.state, c.scope, c.score, c.lead_number, c.opened_at, c.opened_day, c.registered_at)
    with reading(engine) as connection:
        tables = [one for one in s.metadata.sorted_tables if one.name not in LATER]
        found: dict[str, object] = {one.name: digest(connection, one) for one in tables}
        rows = connection.execute(s.outbox.select().order_by(s.outbox.c.seq)).all()
        cases = [tuple(row) for row in connection.execute(select(*told).order_by(c.id))]
        due = requests_due(connection)
    return found | {"outbox": [(row.seq, row.listing_id) for row in rows], "case": cases, "life_line_due": due}


def _lines(engine: Engine) -> list[str]:
    return [line for line in canonical(engine) if json.loads(line)["table"] not in (*LATER, "case")]


@pytest.mark.parametrize("down_to", ["0007", "0006", "0003", "0002", "0001"])
def test_migrations_go_down_and_up_under_a_full_store(store_url: str, tmp_path: Path, down_to: str) -> None:
    with opened(store_url) as engine:
        migrate(engine)
        world = World(engine)
        world.flag(listing("0"))
        begin_month(engine, NOON)
        a_week(world, tmp_path)
        begin_month(engine, DECEMBER)
        world.store(listing("00"))
        before, lines = _digests(engine), _lines(engine)
        assert len(lines) > 20 and len(world.rows(s.outbox)) > 5
        command.downgrade(alembic_config(engine), down_to)
        migrate(engine)
        assert _digests(engine) == before
        assert _lines(engine) == lines
        assert all(row["enqueued_at"] for row in world.rows(s.outbox))
        if engine.dialect.name == "postgresql":
            assert [_rows_of(engine, f"listing_version_{part}") for part in ("before", "202611", "202612")] == [1, 2, 1]
        store_capture(engine, capture(900), "html", None)
        world.judge(clear())
        assert world.flag(listing("000")) == 4, "numbers go on"


@pytest.mark.postgresql
@on_postgresql
def test_what_is_stored_in_a_month_lies_in_its_partition(engine: Engine) -> None:
    world = World(engine)
    world.flag(listing("before"))
    start_run(engine, "patrol", DAY, "plaza", "html", NOON)
    world.flag(listing("november"))
    world.flag(listing("november too"))
    start_run(engine, "patrol", DAY, "plaza", "html", DECEMBER)
    world.flag(listing("december"))
    start_run(engine, "patrol", DAY, "plaza", "html", NOON)  # a clock set back
    world.flag(listing("december too"))
    world.store(listing("before", "新的文本"))
    counted = {name: [_rows_of(engine, f"{name}_{part}") for part in ("before", "202611", "202612")] for name in NAMES}
    assert counted == {"capture": [1, 2, 3], "listing_version": [1, 2, 3], "verdict": [1, 2, 2]}
    with reading(engine) as connection:
        assert months_of(connection) == [202611, 202612]
        assert set(partitions(engine)) >= {
            f"{name}_{part}" for name in NAMES for part in ("before", "202611", "202612")
        }
        newest = connection.scalar(select(func.max(s.listing_version.c.id)))
    assert newest == 202612 * 10**9 + 3
    assert [row["native_id"] for row in world.rows(s.listing)][-1] == "december too"


@pytest.mark.postgresql
@on_postgresql
def test_a_row_is_looked_for_in_one_partition(engine: Engine) -> None:
    world = World(engine)
    begin_month(engine, NOON)
    world.flag(listing("november"))
    begin_month(engine, DECEMBER)
    world.flag(listing("december"))
    with reading(engine) as connection:
        key = connection.scalar(select(func.max(s.listing_version.c.id)))
        query = text("EXPLAIN SELECT * FROM listing_version v JOIN verdict d ON d.version_id = v.id WHERE v.id = :key")
        plan = "\n".join(connection.scalars(query, {"key": key}))
    assert "listing_version_202612" in plan
    assert "verdict_202612" in plan
    assert not [part for part in ("_202611", "_before") if part in plan]


def test_what_waits_for_a_verdict_is_counted_across_months(engine: Engine) -> None:
    world = World(engine)
    world.flag(listing("1"))
    world.store(listing("2"))
    begin_month(engine, DECEMBER)
    world.store(listing("3"), listing("4"))
    with reading(engine) as connection:
        assert unjudged(connection) == 3
    world.judge(clear(), clear(), clear())
    with reading(engine) as connection:
        assert unjudged(connection) == 0


@pytest.mark.postgresql
@on_postgresql
def test_a_month_is_begun_beside_readers_and_writers(engine: Engine) -> None:
    world = World(engine)
    world.flag(listing("1"))
    with reading(engine) as reader, writing(engine) as writer:
        assert reader.scalar(select(func.count()).select_from(s.listing_version)) == 1
        for changed in (update(s.verdict).values(score=0.5), update(s.listing_version).values(title="改")):
            writer.execute(changed)
        writer.execute(update(s.capture).values(status=201))
        with writing(engine) as settings:
            settings.execute(text("SET LOCAL lock_timeout = '20s'"))  # it waited for one of them: an error, not a hang
            make_partitions(settings, [204001])
        assert reader.scalar(select(func.count()).select_from(s.listing_version)) == 1
    begin_month(engine, datetime(2040, 1, 1, tzinfo=UTC))
    world.flag(listing("2"))
    assert [_rows_of(engine, f"{name}_204001") for name in NAMES] == [1, 1, 1]


@pytest.mark.postgresql
@on_postgresql
def test_the_planner_is_told_once_of_what_has_grown(engine: Engine) -> None:
    begin_month(engine, NOON)
    upsert_listings(engine, "plaza", [listing(str(n)) for n in range(2000)], DAY, NOON)
    engine.dispose()  # the server hears what a session has counted when it ends: ask until it has
    assert any(refresh_statistics(engine) for _ in range(10_000))
    with reading(engine) as connection:
        assert connection.scalar(text("SELECT reltuples FROM pg_class WHERE oid = 'listing_version'::regclass")) == 2000
        assert connection.scalar(text("SHOW jit")) == "off"
    assert not refresh_statistics(engine), "it knows"


@pytest.mark.postgresql
@on_postgresql
def test_many_may_begin_a_month_at_once(engine: Engine) -> None:
    later = NOON + timedelta(days=400)
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: begin_month(engine, later), range(12)))
    World(engine).flag(listing("1"))
    assert [_rows_of(engine, f"{name}_202712") for name in NAMES] == [1, 1, 1]


@pytest.mark.postgresql
@on_postgresql
def test_a_month_that_was_half_begun_is_begun(engine: Engine) -> None:
    with writing(engine) as connection:
        make_partitions(connection, [203001])
    World(engine).flag(listing("old"))
    begin_month(engine, datetime(2030, 1, 5, tzinfo=UTC))
    World(engine, captures=1).flag(listing("new"))
    assert [_rows_of(engine, f"{name}_203001") for name in NAMES] == [1, 1, 1]


@pytest.mark.postgresql
@on_postgresql
def test_a_record_is_stored_once_across_months(engine: Engine) -> None:
    begin_month(engine, NOON)
    one = store_capture(engine, capture(1), "html", None)
    begin_month(engine, DECEMBER)
    assert store_capture(engine, capture(1), "html", None) == one
    assert store_capture(engine, capture(2), "html", None) > 202612 * 10**9


def test_work_that_is_undone_begins_no_month(engine: Engine) -> None:
    with undone(engine) as probe:
        start_run(probe, "ingest", DAY, "plaza", "html", datetime(2031, 1, 1, tzinfo=UTC))
    assert not [name for name in partitions(engine) if name.endswith("_203101")]
    assert World(engine).rows(s.run) == []
