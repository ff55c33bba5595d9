from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Engine, column, inspect, select, table, text, update
from sqlalchemy.exc import IntegrityError

from adwatch.errors import StoreError
from adwatch.store import schema as s
from adwatch.store.engine import (
    MIGRATIONS,
    VERSION_TABLE,
    insert_id,
    is_migrated,
    migrate,
    one_view,
    open_engine,
    reading,
    vacuum_hint,
    writing,
)
from adwatch.store.partitions import partitions as partitions_of


def alembic_config(engine: Engine) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["engine"] = engine
    return config


def _tables(engine: Engine) -> set[str]:
    """Tables without their partitions."""
    return set(inspect(engine).get_table_names()) - set(partitions_of(engine))


def test_migrations_go_up_and_down_and_up_again(store_url: str) -> None:
    engine = open_engine(store_url)
    assert not is_migrated(engine)
    migrate(engine)
    assert is_migrated(engine)
    assert _tables(engine) == {*s.metadata.tables, VERSION_TABLE}
    command.downgrade(alembic_config(engine), "base")
    assert _tables(engine) <= {VERSION_TABLE}
    assert partitions_of(engine) == {}
    migrate(engine)
    migrate(engine)
    assert _tables(engine) == {*s.metadata.tables, VERSION_TABLE}
    engine.dispose()


def test_the_migrations_make_the_schema_of_the_code(engine: Engine) -> None:
    options = {"include_name": lambda name, kind, _parents: kind != "table" or name in s.metadata.tables}
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=options)
        found = compare_metadata(context, s.metadata)
    if engine.dialect.name == "postgresql":  # unique in each partition: across months it cannot be
        assert [(kind, thing.table.name, [c.name for c in thing.columns]) for kind, thing in found] == [
            ("add_constraint", "capture", ["record_id"])
        ]
    else:
        assert found == []


def test_many_processes_may_open_a_fresh_store_at_once(store_url: str) -> None:
    code = (
        "import sys; from adwatch.store.engine import open_engine, migrate;"
        "from adwatch.store.captures import start_run; from datetime import datetime, UTC;"
        "e = open_engine(sys.argv[1]); migrate(e);"
        "start_run(e, 'patrol', '2026-11-18', 'plaza', 'html', datetime.now(UTC))"
    )
    started = [subprocess.Popen([sys.executable, "-c", code, store_url], stderr=subprocess.PIPE) for _ in range(3)]
    errors = [process.communicate()[1].decode() for process in started]
    assert [process.returncode for process in started] == [0] * 3, errors
    engine = open_engine(store_url)
    with reading(engine) as connection:
        assert connection.scalars(select(s.platform.c.name)).all() == ["plaza"]
    engine.dispose()


def test_migrations_that_fail_half_way_leave_nothing(store_url: str) -> None:
    engine = open_engine(store_url)
    with writing(engine) as connection:
        connection.execute(text(f"CREATE TABLE {s.keyword_list.name} (sha256 VARCHAR(64))"))  # of the second migration
    with pytest.raises(StoreError, match="the schema cannot be made"):
        migrate(engine)
    assert _tables(engine) == {s.keyword_list.name}
    with writing(engine) as connection:
        connection.execute(text(f"DROP TABLE {s.keyword_list.name}"))
    migrate(engine)
    assert _tables(engine) == {*s.metadata.tables, VERSION_TABLE}
    engine.dispose()


def test_sqlite_writers_wait_for_each_other(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'a.db'}")
    migrate(engine)

    def add(number: int) -> None:
        with writing(engine) as connection:
            insert_id(connection, s.platform, name=f"p{number}", kind="html")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(80)))
    with reading(engine) as connection:
        assert len(connection.execute(select(s.platform.c.id)).all()) == 80
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
    engine.dispose()


def test_a_reader_neither_waits_for_a_writer_nor_sees_half_of_it(engine: Engine) -> None:
    with writing(engine) as writer:
        insert_id(writer, s.platform, name="one", kind="html")
        with reading(engine) as reader:
            assert reader.execute(select(s.platform)).all() == []
    with reading(engine) as reader:
        assert len(reader.execute(select(s.platform)).all()) == 1
        with writing(engine) as writer:
            insert_id(writer, s.platform, name="two", kind="html")
        assert len(reader.execute(select(s.platform)).all()) == 1, "a reading is one view"


def test_one_view_is_of_one_moment_and_ends_with_its_block(engine: Engine) -> None:
    platforms = select(s.platform.c.name)
    with one_view(engine):
        with reading(engine) as first:
            assert first.scalars(platforms).all() == []
        with writing(engine) as connection:
            insert_id(connection, s.platform, name="plaza", kind="html")
        with reading(engine) as second:
            assert second is first
            assert second.scalars(platforms).all() == []
        with one_view(engine), reading(engine) as third:
            assert third is first
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(_names, engine).result() == ["plaza"], "another thread has its own"
    assert _names(engine) == ["plaza"]


def _names(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        return list(connection.scalars(select(s.platform.c.name)))


def test_nothing_of_a_failed_transaction_stays(engine: Engine) -> None:
    with pytest.raises(ZeroDivisionError), writing(engine) as connection:
        insert_id(connection, s.platform, name="one", kind="html")
        _ = 1 // 0
    with reading(engine) as connection:
        assert connection.execute(select(s.platform)).all() == []


def test_a_store_that_cannot_be_used_is_one_sentence(tmp_path: Path) -> None:
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"no database " * 100)
    with pytest.raises(StoreError, match="doctor"), reading(open_engine(f"sqlite:///{broken}")) as connection:
        connection.execute(select(s.platform))
    with pytest.raises(StoreError, match="cannot be opened"):
        migrate(open_engine(f"sqlite:///{broken}"))
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="ADWATCH_HOME"):
        open_engine(f"sqlite:///{tmp_path / 'file' / 'a.db'}")


def test_a_broken_constraint_is_no_unusable_store(engine: Engine) -> None:
    with pytest.raises(IntegrityError), writing(engine) as connection:
        insert_id(connection, s.platform, name="one", kind="html")
        insert_id(connection, s.platform, name="one", kind="html")


def test_the_password_of_an_unreachable_server_is_not_told() -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(StoreError) as told:
        migrate(open_engine("postgresql://u:geheim@127.0.0.1:1/x"))
    assert "geheim" not in str(told.value)


def test_a_store_of_a_newer_program_is_left_alone(store_url: str) -> None:
    engine = open_engine(store_url)
    migrate(engine)
    with writing(engine) as connection:
        connection.execute(update(table(VERSION_TABLE, column("version_num"))).values(version_num="9999"))
    with pytest.raises(StoreError, match="newer"):
        migrate(engine)
    engine.dispose()


def test_doctor_hears_the_size(engine: Engine) -> None:
    assert "MB" in vacuum_hint(engine)
