"""SIGKILL at each write of a round of looks: done again it comes to the same, no look counts twice, the log is whole."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

import orjson
import pytest

from adwatch.casework.relisting import look_for_relisted
from adwatch.evidence.audit import verify_log
from adwatch.models import Actor
from adwatch.store import schema as s
from adwatch.store.dump import canonical
from adwatch.store.engine import migrate, open_engine
from tests.casework import verification_process
from tests.casework.test_relisting import offer
from tests.casework.test_verification import look, sent
from tests.processes import Called
from tests.store.world import World, listing, verdict

ANSWERS = "1=gone,2=gone,3=changed:现售教材"
POINTS = (
    *("verify.before_commit", "verify.before_commit@3", "verify.after_commit", "verify.after_commit@2"),
    *("audit.before_commit", "audit.before_commit@2", "extract.before_commit", "extract.after_commit"),
    *("relisting.before_commit", "relisting.after_commit", "relisting.before_commit@2"),
)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three listings asked for, the first gone yesterday; a seller is back under another address."""
    folder = tmp_path_factory.mktemp("begun")
    engine = open_engine(f"sqlite:///{folder / 'adwatch.db'}")
    migrate(engine)
    world = World(engine)
    item = listing("old", "电工证包过，不过退款", seller_id="s1")
    world.flag(item, verdict(item))
    sent(world, folder, "1", "2", "3")
    look_for_relisted(engine, str, "2026-11-18", world.now, Actor("machine", "某局"))
    look(world, {"1": "gone", "2": "up", "3": "up"})
    world.tick(days=1)
    offer(world, "new", words="电工证包过，不过退款。联系人微 信 abc13800138000", seller_id="s1")
    engine.dispose()
    return folder


def round_of_looks(file: Path, failpoint: str = "", answers: str = ANSWERS) -> int:
    """Without answers only what is back is looked for."""
    given = (f"sqlite:///{file}", "1", answers)
    return Called(verification_process.main, *given, ADWATCH_FAILPOINT=failpoint).ended()[0]


def state(file: Path) -> list[str]:
    engine = open_engine(f"sqlite:///{file}")
    rows = [orjson.loads(line) for line in canonical(engine)]
    for row in rows:  # the answers number their captures anew
        row.update(dict.fromkeys({"capture_sha256", "url"} & row.keys()))
    lines = sorted(repr(row) for row in rows if row["table"] != "capture")
    world = World(engine)
    assert verify_log(engine).fault is None
    links = [(row["case_id"], row["other_id"]) for row in world.rows(s.case_link)]
    checks = [(row["listing_id"], row["word"]) for row in world.rows(s.takedown_check)]
    engine.dispose()
    assert len(checks) == 6, "three looks yesterday and three today"
    return [*lines, repr(links), repr(checks)]


@pytest.fixture(scope="module")
def undisturbed(begun: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    file = tmp_path_factory.mktemp("undisturbed") / "adwatch.db"
    shutil.copy(begun / "adwatch.db", file)
    assert round_of_looks(file) == 0
    return state(file)


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_a_write_and_done_again(begun: Path, undisturbed: list[str], tmp_path: Path, point: str) -> None:
    file = tmp_path / "adwatch.db"
    shutil.copy(begun / "adwatch.db", file)
    assert round_of_looks(file, point) == -signal.SIGKILL, "the failpoint was never passed"
    engine = open_engine(f"sqlite:///{file}")
    assert verify_log(engine).fault is None, "also before it is done again"
    engine.dispose()
    assert round_of_looks(file, answers="" if point.startswith("relisting") else ANSWERS) == 0
    assert state(file) == undisturbed
