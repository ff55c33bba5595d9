from __future__ import annotations

import signal
from pathlib import Path

import pytest

from adwatch.evidence.audit import verify_log
from adwatch.store.dump import canonical
from adwatch.store.engine import migrate, open_engine
from tests.casework.office import confirmed
from tests.casework.takedown_process import ACTS, desk_of, main
from tests.processes import Called
from tests.store.world import World


def _prepared(folder: Path, act: str) -> World:
    """A store on SQLite in which all that comes before the act was done."""
    folder.mkdir()
    engine = open_engine(f"sqlite:///{folder / 'a.db'}")
    migrate(engine)
    world = World(engine)
    confirmed(world, "1", "2")
    desk = desk_of(str(engine.url), str(folder), world.now.isoformat())
    for each in ACTS[act][0]:
        ACTS[each][1](desk)
    desk.engine.dispose()
    return world


def _run(world: World, folder: Path, act: str, failpoint: str | None) -> int:
    given = (str(world.engine.url), str(folder), world.now.isoformat(), act)
    return Called(main, *given, ADWATCH_FAILPOINT=failpoint or "").ended()[0]


@pytest.mark.slow
@pytest.mark.parametrize("act", ACTS)
def test_killed_before_the_commit_nothing_was_done_and_after_it_all(tmp_path: Path, act: str) -> None:
    whole = _prepared(tmp_path / "whole", act)
    before = list(canonical(whole.engine))
    assert _run(whole, tmp_path / "whole", act, None) == 0
    after = list(canonical(whole.engine))
    assert before != after
    for failpoint, expected in (("audit.before_commit", before), ("audit.after_commit", after)):
        folder = tmp_path / failpoint
        world = _prepared(folder, act)
        assert _run(world, folder, act, failpoint) == -signal.SIGKILL
        assert list(canonical(world.engine)) == expected
        assert verify_log(world.engine).fault is None
        if failpoint == "audit.before_commit":
            assert _run(world, folder, act, None) == 0
            assert list(canonical(world.engine)) == after, "done again it is as if nothing had happened"
            assert verify_log(world.engine).fault is None
        world.engine.dispose()
    whole.engine.dispose()


@pytest.mark.slow
@pytest.mark.parametrize("act", ["scan", "reply", "intend"])
def test_killed_while_a_file_is_kept_no_row_lacks_its_bytes(tmp_path: Path, act: str) -> None:
    world = _prepared(tmp_path / "a", act)
    before = list(canonical(world.engine))
    assert _run(world, tmp_path / "a", act, "attachment.before_rename") == -signal.SIGKILL
    assert list(canonical(world.engine)) == before
    assert _run(world, tmp_path / "a", act, None) == 0
    assert verify_log(world.engine).fault is None
    world.engine.dispose()
