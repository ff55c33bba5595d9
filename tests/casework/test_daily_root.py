from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from adwatch.errors import UsageError
from adwatch.evidence.audit import verify_log
from adwatch.evidence.daily import DayRoot, keep_root
from adwatch.evidence.merkle import Tree, node_hash
from adwatch.store import schema as s
from adwatch.store.audit import content
from adwatch.store.captures import store_capture
from adwatch.store.engine import reading, writing
from tests.casework.office import UNIT, ZONE, decide
from tests.store.world import DAY, World, capture, listing


def keep(world: World, day: str = DAY) -> tuple[DayRoot, list[str]]:
    return keep_root(world.engine, day, "machine", UNIT, now=world.now + timedelta(days=1), zone=ZONE)


def a_day(world: World) -> None:
    for number in ("1", "2", "3"):
        decide(world, world.flag(listing(number)))


def kept(world: World) -> int:
    with reading(world.engine) as connection:
        return len(connection.execute(select(s.audit_entry).where(s.audit_entry.c.subject == "day")).all())


def test_a_root_is_over_the_captures_and_the_entries_of_its_day(world: World) -> None:
    a_day(world)
    found, faults = keep(world)
    assert (found.captures, found.entries, faults) == (3, 6, [])
    entries = Tree()
    with reading(world.engine) as connection:
        for row in connection.execute(select(s.audit_entry).where(s.audit_entry.c.seq <= 6).order_by("seq")):
            entries.add(content(row._asdict()))
    assert found.entries_root == entries.root().hex()
    assert found.root == node_hash(bytes.fromhex(found.captures_root), entries.root()).hex()
    assert keep(world) == (found, [])
    assert kept(world) == 1
    assert verify_log(world.engine).entries == 7
    empty, faults = keep(world, "2026-11-01")
    assert (empty.captures, empty.entries, faults) == (0, 0, [])


def test_what_comes_later_is_a_new_root_and_no_fault(world: World) -> None:
    a_day(world)
    first, _ = keep(world)
    store_capture(world.engine, capture(900), "html", None)
    second, faults = keep(world)
    assert (second.captures, second.entries_root, faults) == (4, first.entries_root, [])
    assert second.root != first.root
    assert kept(world) == 2


def test_a_capture_altered_removed_or_put_between_is_found(world: World) -> None:
    a_day(world)
    keep(world)
    row = s.capture
    changes = [
        (update(row).where(row.c.id == 2).values(sha256="f" * 64), "captures: the first 3 are not"),
        (update(row).where(row.c.id == 2).values(offset=7), "captures: the first 3 are not"),
        (delete(row).where(row.c.id == 2), "captures: there were 3 when a root was kept, now 2"),
    ]
    for number, (change, _) in enumerate(changes):
        copy_of_two = _row(world)
        with writing(world.engine) as connection:
            connection.execute(change)
        _, faults = keep(world)
        assert len(faults) == 1 and faults[0].startswith(changes[number][1]), faults
        with writing(world.engine) as connection:
            connection.execute(delete(row).where(row.c.id == 2))
            connection.execute(row.insert().values(**copy_of_two))
    assert keep(world)[1] == []
    assert kept(world) == 1


def _row(world: World) -> dict[str, object]:
    with reading(world.engine) as connection:
        return dict(connection.execute(select(s.capture).where(s.capture.c.id == 2)).one()._mapping)


def test_an_audit_log_written_anew_no_longer_has_the_root(world: World) -> None:
    a_day(world)
    keep(world)
    with writing(world.engine) as connection:
        connection.execute(update(s.audit_entry).where(s.audit_entry.c.seq == 2).values(person="赵六"))
    assert keep(world)[1] == ["entries: the first 6 are not those that a root was kept of: altered or replaced"]


def test_a_day_that_is_not_over_has_no_root(world: World) -> None:
    with pytest.raises(UsageError, match="is not over"):
        keep_root(world.engine, DAY, "machine", UNIT, now=world.now, zone=ZONE)
