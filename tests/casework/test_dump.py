from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from sqlalchemy import Engine

from adwatch.casework.takedown import draft, mark_sent
from adwatch.store.dump import canonical
from adwatch.store.engine import migrate, open_engine, writing
from adwatch.store.takedowns import add_check, listings_of
from tests.casework.office import CLASSES, PLATFORMS, UNIT, ZONE, decide, law
from tests.casework.test_export import export
from tests.store.world import World, listing


def a_week(world: World, folder: Path, result: str = "confirm") -> list[str]:
    """The whole way of two listings."""
    for name in ("1", "2"):
        decide(world, world.flag(listing(name)), result)
    tables = {"law": law(folder), "classes": CLASSES, "platforms": PLATFORMS}
    _, rows = draft(world.engine, folder / "out", unit=UNIT, now=world.tick(hours=1), zone=ZONE, **tables)
    mark_sent(world.engine, [row["number"] for row in rows], "张三", world.tick(hours=1), zone=ZONE)
    with writing(world.engine) as connection:
        for asked in listings_of(connection, [1]):
            add_check(connection, asked, "gone", world.tick(hours=1), None, "")
    export(world, folder)
    return list(canonical(world.engine))


def _fresh(folder: Path, name: str) -> Engine:
    engine = open_engine(f"sqlite:///{folder / name}")
    migrate(engine)
    return engine


def test_the_same_work_on_another_clock_prints_the_same(tmp_path: Path) -> None:
    engines = [_fresh(tmp_path, name) for name in ("a.db", "b.db", "c.db")]
    one, two, other = (World(engine) for engine in engines)
    two.now += timedelta(minutes=90)
    two.captures = 100
    lines, again = a_week(one, tmp_path), a_week(two, tmp_path)
    for world in (one, two):
        world.engine.dispose()
    digests = [f"{n:064x}" for n in (1, 2, 101, 102)]
    assert [_without(line, digests) for line in again] == [_without(line, digests) for line in lines]
    assert {line.split('"table":"')[1].split('"')[0] for line in lines} >= {
        *("case", "decided_on", "decision", "event", "takedown", "takedown_listing", "takedown_check", "export_issue")
    }
    assert a_week(other, tmp_path, "dismiss") != lines
    other.engine.dispose()


def _without(line: str, digests: list[str]) -> str:
    """The world numbers its captures, so their digests and addresses differ."""
    for digest, number in zip(digests, (1, 2, 101, 102), strict=True):
        line = line.replace(digest, "D").replace(f'example/{number}"', 'example/N"')
    return line
