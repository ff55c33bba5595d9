"""What was backed up comes back as it was; nothing is restored over anything, or from a file that was altered."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine

from adwatch.errors import StoreError, UsageError
from adwatch.store.backup import back_up, restore
from adwatch.store.dump import canonical
from adwatch.store.engine import current_revision, newest_revision, opened
from adwatch.store.outbox import high_water
from adwatch.store.partitions import begin_month
from tests.casework.test_dump import a_week
from tests.store.databases import other_database
from tests.store.world import NOON, World, clear, listing


@pytest.fixture
def empty_url(engine: Engine, tmp_path: Path) -> Iterator[str]:
    """Where nothing is yet, on the same kind of database."""
    if engine.dialect.name == "sqlite":
        yield f"sqlite:///{tmp_path / 'other' / 'adwatch.db'}"
        return
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with other_database(url) as other:
        yield other


def test_a_backup_comes_back_as_it_was(engine: Engine, empty_url: str, tmp_path: Path) -> None:
    world = World(engine)
    world.store(listing("0"))
    world.judge(clear())
    begin_month(engine, NOON)
    a_week(world, tmp_path)
    before = list(canonical(engine))
    file = tmp_path / "backups" / "store"
    digest = back_up(engine, file)
    world.flag(listing("later"))
    assert file.stat().st_mode & 0o077 == 0, "personal data is raw in it"
    assert (file.parent / "store.sha256").read_text() == f"{digest}  store\n"
    assert sorted(found.name for found in file.parent.iterdir()) == ["store", "store.sha256"]
    with opened(empty_url) as other:
        restore(other, file)
        assert current_revision(other) == newest_revision()
        assert list(canonical(other)) == before != list(canonical(engine))
        World(other, world.now, world.captures - 1).flag(listing("later"))
        assert list(canonical(other)) == list(canonical(engine)), "numbers go on where they stood"
        with other.connect() as there, engine.connect() as here:
            assert high_water(there) == high_water(here)


def test_a_backup_is_one_moment_while_others_write(engine: Engine, empty_url: str, tmp_path: Path) -> None:
    world = World(engine)
    world.flag(listing("0"))

    def write() -> None:
        for number in range(1, 30):
            world.flag(listing(str(number)))

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        back_up(engine, tmp_path / "store")
        writing.result()
    with opened(empty_url) as other:
        restore(other, tmp_path / "store")
        found = World(other)
        from adwatch.store import schema as s

        listings = {row["version_id"] for row in found.rows(s.listing)}
        assert listings, "the first was there before"
        assert listings == {row["id"] for row in found.rows(s.listing_version)}
        assert {row["capture_id"] for row in found.rows(s.listing_version)} <= {
            row["id"] for row in found.rows(s.capture)
        }


def test_a_backup_overwrites_nothing_and_restores_over_nothing(engine: Engine, tmp_path: Path) -> None:
    World(engine).flag(listing("1"))
    back_up(engine, tmp_path / "store")
    with pytest.raises(UsageError, match="overwrites nothing"):
        back_up(engine, tmp_path / "store")
    before = list(canonical(engine))
    with pytest.raises(StoreError, match=r"is there already|is not empty"):
        restore(engine, tmp_path / "store")
    assert list(canonical(engine)) == before


def test_an_altered_or_foreign_file_is_refused(engine: Engine, empty_url: str, tmp_path: Path) -> None:
    file = tmp_path / "store"
    back_up(engine, file)
    whole = file.read_bytes()
    with opened(empty_url) as other:
        file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        with pytest.raises(StoreError, match="altered or cut"):
            restore(other, file)
        file.write_bytes(b"hello")
        with pytest.raises(UsageError, match="is no backup"):
            restore(other, file)
        file.write_bytes(b"PGDMP" if engine.dialect.name == "sqlite" else b"SQLite format 3\0")
        with pytest.raises(UsageError, match="adwatch db move"):
            restore(other, file)
        file.write_bytes(whole)
        (tmp_path / "store.sha256").unlink()
        with pytest.raises(UsageError, match="is missing"):
            restore(other, file)
        with pytest.raises(UsageError, match="cannot be read"):
            restore(other, tmp_path / "none")
        assert current_revision(other) is None, "nothing was restored"


@pytest.mark.postgresql
def test_a_missing_program_and_a_wrong_server_are_said(
    migrated_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(migrated_server) as engine, monkeypatch.context() as patch:
        patch.setenv("PATH", os.devnull)
        with pytest.raises(StoreError, match="postgresql-client"):
            back_up(engine, tmp_path / "store")
    assert list(tmp_path.glob("store*")) == [], "no half file"
