"""Killed by SIGKILL at each write of review: all of it or nothing, and done again the same."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from adwatch.evidence.audit import verify_log
from adwatch.store import schema as s
from adwatch.store.dump import canonical
from adwatch.store.engine import open_engine, reading
from tests.casework.review_process import DEEDS, main, prepare
from tests.processes import Called
from tests.store.world import World, listing

AUDITED = sorted(set(DEEDS) - {"next"})
POINTS = [(deed, point) for deed in AUDITED for point in ("audit.before_commit", "audit.after_commit")]
POINTS = [(deed, point) for deed, point in POINTS if (deed, point) != ("take_over", "audit.after_commit")]
POINTS += [(deed, f"lease.{when}_commit") for deed in ("next", "take_over") for when in ("before", "after")]


def _run(url: str, *words: str, **variables: str) -> Called:
    return Called(main, url, *words, **variables)


def _state(engine: Engine) -> tuple[list[str], list[tuple[object, ...]], int]:
    """The dump, the leases and the length of the log."""
    with reading(engine) as connection:
        leases = [tuple(row) for row in connection.execute(s.case.select().with_only_columns(s.case.c.leased_by))]
    return list(canonical(engine)), leases, verify_log(engine).entries


@pytest.fixture(scope="module")
def prepared(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("review") / "adwatch.db"
    shutil.copy(migrated_file, file)
    engine = open_engine(f"sqlite:///{file}")
    prepare(World(engine))
    engine.dispose()
    return file


@pytest.fixture
def copied(prepared: Path, tmp_path: Path) -> Iterator[Engine]:
    shutil.copy(prepared, tmp_path / "a.db")
    engine = open_engine(f"sqlite:///{tmp_path / 'a.db'}")
    yield engine
    engine.dispose()


@pytest.mark.slow
@pytest.mark.parametrize(("deed", "point"), POINTS)
def test_killed_at_a_write_all_or_nothing_is_done(
    copied: Engine, prepared: Path, tmp_path: Path, deed: str, point: str
) -> None:
    undone = _state(copied)
    shutil.copy(prepared, tmp_path / "whole.db")
    whole = open_engine(f"sqlite:///{tmp_path / 'whole.db'}")
    DEEDS[deed](World(whole))
    done = _state(whole)
    whole.dispose()
    assert done != undone, "the deed can be seen"
    assert _run(str(copied.url), deed, ADWATCH_FAILPOINT=point).ended()[0] == -signal.SIGKILL
    before = "before" in point
    assert _state(copied) == (undone if before else done)
    assert verify_log(copied).fault is None
    if before:
        DEEDS[deed](World(copied))
        assert _state(copied) == done
        assert verify_log(copied).fault is None


@pytest.mark.slow
def test_processes_that_work_off_a_queue_double_and_lose_nothing(world: World) -> None:
    for number in range(60):
        world.flag(listing(str(number)))
    url = world.engine.url.render_as_string(hide_password=False).replace("+psycopg", "")
    started = [_run(url, "queue", f"审核员{number}") for number in range(4)]
    ended = [process.ended() for process in started]
    assert [status for status, _ in ended] == [0] * 4
    assert sum(int(said) for _, said in ended) == 60
    decided = [row["case_id"] for row in world.rows(s.decision)]
    assert sorted(decided) == sorted(row["id"] for row in world.rows(s.case))
    assert {row["state"] for row in world.rows(s.case)} == {"confirmed"}
    assert (verify_log(world.engine).entries, verify_log(world.engine).fault) == (180, None)
