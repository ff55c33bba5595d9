"""A store moved to another database is the same store, and goes on as it would have."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from adwatch.errors import StoreError
from adwatch.store import schema as s
from adwatch.store import transfer
from adwatch.store.claims import claimed_outbox
from adwatch.store.dump import canonical
from adwatch.store.engine import migrate, opened, reading, writing
from adwatch.store.outbox import high_water
from adwatch.store.partitions import begin_month
from adwatch.store.transfer import digest, move_store
from tests.casework.test_dump import a_week
from tests.store.world import NOON, World, clear, listing


@pytest.fixture
def source(engine: Engine, tmp_path: Path) -> World:
    """A week's work with every kind of row, the search index up to date."""
    world = World(engine)
    world.store(listing("0"))
    world.judge(clear())
    begin_month(engine, NOON)
    a_week(world, tmp_path)
    world.flag(listing("3", "多行\n文本 ‘引号’ \\t 反斜线"))
    with claimed_outbox(engine) as claim:
        claim.acknowledge(claim.drained.seqs)
    return world


@pytest.fixture
def target(store_url: str) -> Iterator[Engine]:
    with opened(store_url) as made:
        migrate(made)
        yield made


def _digests(engine: Engine) -> dict[str, tuple[int, str]]:
    with reading(engine) as connection:
        return {table.name: digest(connection, table) for table in s.metadata.sorted_tables}


def test_a_moved_store_is_the_same_store(source: World, target: Engine) -> None:
    before = _digests(source.engine)
    moved = move_store(source.engine, target)
    assert {one.table: (one.rows, one.sha256) for one in moved} == before == _digests(target)
    assert sum(rows > 0 for rows, _ in before.values()) >= 12, "the week must fill most tables"
    assert list(canonical(target)) == list(canonical(source.engine))
    assert _digests(source.engine) == before, "the source is left as it was"


def test_numbers_go_on_after_a_move(source: World, target: Engine) -> None:
    with reading(source.engine) as connection:
        highest = high_water(connection)
    assert highest > 0
    move_store(source.engine, target)
    with reading(target) as connection:
        assert high_water(connection) == highest, "an index that was filled from the source is not ahead"
    here, there = World(source.engine, source.now, source.captures), World(target, source.now, source.captures)
    for world in (here, there):
        world.flag(listing("4"))
    assert list(canonical(target)) == list(canonical(source.engine))
    now_there, now_here = _digests(target), _digests(source.engine)
    assert {name for name in now_here if now_there[name] != now_here[name]} <= {"outbox"}, "its rows have their times"
    assert [row["seq"] for row in there.rows(s.outbox)] == [row["seq"] for row in here.rows(s.outbox)]


def test_a_store_that_is_not_empty_is_refused_and_left_alone(source: World, target: Engine) -> None:
    World(target).store(listing("9"))
    before = _digests(target)
    with pytest.raises(StoreError, match="is not empty"):
        move_store(source.engine, target)
    assert _digests(target) == before


def test_a_move_that_is_cut_off_leaves_nothing_and_is_begun_again(source: World, target: Engine) -> None:
    class Cut(Exception):
        """As a cut line would."""

    seen = 0

    def cut(rows: int) -> None:
        nonlocal seen
        seen += rows
        if seen > 10:
            raise Cut

    with pytest.raises(Cut):
        move_store(source.engine, target, cut)
    assert {rows for rows, _ in _digests(target).values()} == {0}
    move_store(source.engine, target)
    assert _digests(target) == _digests(source.engine)


def test_what_arrives_otherwise_is_found(source: World, target: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    write = transfer._write

    def altered(new, table, names, page):  # type: ignore[no-untyped-def]
        write(new, table, names, page)
        if table is s.listing_version:
            new.execute(table.update().where(table.c.id == 1).values(title="另一个"))

    monkeypatch.setattr(transfer, "_write", altered)
    with pytest.raises(StoreError, match="listing_version is not what was sent"):
        move_store(source.engine, target)
    assert {rows for rows, _ in _digests(target).values()} == {0}


def test_one_changed_cell_is_another_digest(source: World) -> None:
    before = _digests(source.engine)
    with writing(source.engine) as connection:
        connection.execute(s.decision.update().where(s.decision.c.id == 1).values(reason="改过"))
    after = _digests(source.engine)
    assert [name for name in before if before[name] != after[name]] == ["decision"]


@pytest.mark.postgresql
@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    ("column", "value", "said"),
    [("title", "甲\0乙", "listing_version 1: title has a NUL"), ("uscc", "9" * 41, "uscc has more than 40 characters")],
)
def test_what_postgresql_does_not_take_is_named(
    tmp_path: Path, engine: Engine, column: str, value: str, said: str
) -> None:
    with opened(f"sqlite:///{tmp_path / 'old.db'}") as old:
        migrate(old)
        World(old).store(listing("1"))
        with writing(old) as connection:
            connection.execute(s.listing_version.update().values({column: value}))
        with pytest.raises(StoreError, match=said):
            move_store(old, engine)
    with reading(engine) as connection:
        assert connection.execute(select(s.listing)).all() == []
