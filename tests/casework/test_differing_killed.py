"""Killed by SIGKILL at each write about what differs: all of it or nothing, the log whole, done again the same."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

import pytest

from adwatch.evidence.audit import verify_log
from adwatch.store import schema as s
from adwatch.store.dump import canonical
from adwatch.store.engine import open_engine
from tests.casework.differing_process import ACTS, main, prepare
from tests.casework.takedown_process import desk_of
from tests.processes import Called
from tests.store.world import World

AUDITED = sorted(set(ACTS) - {"look", "forgotten"})
POINTS = [(act, point) for act in AUDITED for point in ("audit.before_commit", "audit.after_commit")]
POINTS += [("look", "differing.before_commit"), ("look", "audit.after_commit")]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def prepared(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("differing")
    shutil.copy(migrated_file, folder / "a.db")
    world = World(open_engine(f"sqlite:///{folder / 'a.db'}"))
    prepare(world, folder)
    assert [row["case_id"] for row in world.rows(s.differing)] == [1, 1, 2, 3], "a letter's and a transfer's"
    (folder / "now").write_text(world.tick(minutes=5).isoformat())
    world.engine.dispose()
    return folder


def before(prepared: Path, folder: Path, act: str) -> World:
    """A copy in which all that comes before the act was done."""
    shutil.copytree(prepared, folder)
    url, now = f"sqlite:///{folder / 'a.db'}", (folder / "now").read_text()
    desk = desk_of(url, str(folder), now)
    for each in ACTS[act][0]:
        ACTS[each][1](desk)
    desk.engine.dispose()
    return World(open_engine(url))


def run(world: World, folder: Path, act: str, point: str = "") -> int:
    given = (str(world.engine.url), str(folder), (folder / "now").read_text(), act)
    return Called(main, *given, ADWATCH_FAILPOINT=point).ended()[0]


def state(world: World) -> tuple[list[str], list[object], int]:
    """The dump, how each difference ended, the length of the log, which is whole."""
    checked = verify_log(world.engine)
    assert checked.fault is None
    ended = [(row["number"], row["listing_id"], row["how"], row["reason"]) for row in world.rows(s.differing)]
    return list(canonical(world.engine)), [ended, world.rows(s.correction_row)], checked.entries


@pytest.mark.parametrize(("act", "point"), POINTS)
def test_killed_at_a_write_all_or_nothing_is_done(prepared: Path, tmp_path: Path, act: str, point: str) -> None:
    world = before(prepared, tmp_path / "killed", act)
    whole = before(prepared, tmp_path / "whole", act)
    undone = state(world)
    assert run(whole, tmp_path / "whole", act) == 0
    done = state(whole)
    assert done != undone, "the act can be seen"
    assert run(world, tmp_path / "killed", act, point) == -signal.SIGKILL
    assert state(world) == (undone if "before" in point else done)
    if "before" in point:
        assert run(world, tmp_path / "killed", act) == 0
        assert state(world) == done, "done again it is as if nothing had happened"
    for each in (world, whole):
        each.engine.dispose()


def test_what_is_done_twice_after_a_kill_changes_nothing(prepared: Path, tmp_path: Path) -> None:
    """Who saw no answer looks again, or marks the letter as sent once more."""
    world = before(prepared, tmp_path / "look", "look")
    assert run(world, tmp_path / "look", "look", "audit.after_commit") == -signal.SIGKILL
    once = state(world)
    assert run(world, tmp_path / "look", "look") == 0
    assert state(world) == once
    world.engine.dispose()
