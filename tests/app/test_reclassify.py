"""The backlog divided by platform and month: the same in the end as judged in one go, after a kill, and by two at once."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from adwatch.app import reclassify, schedule_parts, search
from adwatch.app.linking import link_now
from adwatch.errors import StageError, UsageError
from adwatch.stages.classify import classify_backlog
from adwatch.store.verdicts import backlog
from tests.app.keyword_world import HELD, cases
from tests.app.parts_world import DAYS, NAMES, PLATFORMS, TODAY, Months, found_by_the_word, months
from tests.store.databases import postgresql_server, store_url  # noqa: F401 - fixtures

NOBODY = {"platform": None, "since": None, "until": None}
ALL = len(DAYS) * len(PLATFORMS)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A home whose store is backlog, and the dump of what a patrol's own way of judging it comes to."""
    made = months(tmp_path_factory.mktemp("months"))
    made.learn()
    shutil.copytree(made.folder / "home", made.folder / "one go")
    with made.office("one go") as office:
        classify_backlog(office.classifier, TODAY)
        link_now(office)
        return made.folder, list(office.dump())


@pytest.fixture
def world(filled: tuple[Path, list[str]], tmp_path: Path) -> Months:
    shutil.copytree(filled[0] / "home", tmp_path / "home")
    shutil.copytree(filled[0] / "data", tmp_path / "data")
    return Months(tmp_path)


def test_the_parts_together_are_the_backlog(world: Months, filled: tuple[Path, list[str]]) -> None:
    with world.office() as office:
        parts = schedule_parts.reclassify_parts(office, TODAY, NOBODY)
        assert [schedule_parts.name_of(part) for part in parts] == NAMES
        done = [schedule_parts.reclassify_part(office, TODAY, part) for part in reversed(parts)]
        end = schedule_parts.end_reclassify(office, TODAY, parts, done)
        assert list(office.dump()) == filled[1]
        late = [case for case in cases(office) if case["found_late"] == "backlog"]
        assert (end["judged"], end["opened"]) == (ALL * done[0]["listings"], len(late))
        assert len(late) == found_by_the_word() > ALL
        assert backlog(office.engine, office.classifier.on(TODAY).id) == []
        assert search.verify(office)["equal"]
        again = [schedule_parts.reclassify_part(office, TODAY, part) for part in parts]
        assert {row["judged"] for row in again} == {0}
        assert list(office.dump()) == filled[1]
        text = schedule_parts.summary(office, "重新判定", "reclassify", parts, done)
        assert "4 份，全部完成" in text
        assert f"| plaza 2026-10 | {len(HELD) + 4} |" in text


@pytest.mark.parametrize("point", ["reclassify.after_batch", "classify.before_commit@3"])
def test_killed_and_run_again_it_ends_as_if_undisturbed(
    world: Months, filled: tuple[Path, list[str]], point: str
) -> None:
    arguments = ("reclassify", "--day", TODAY, "--json")
    killed = world.command().run(*arguments, ADWATCH_FAILPOINT=point)
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    assert world.command().dump().splitlines() != filled[1]
    judged = [json.loads(line)["judged"] for line in world.command().ok(*arguments).splitlines()]
    left = 1 if point == "reclassify.after_batch" else 2
    assert [count == 0 for count in judged] == [True] * left + [False] * (ALL - left)
    assert world.command().dump().splitlines() == filled[1]


WORKER = """
import json, sys
from adwatch.app import open_office, reclassify
with open_office() as office:
    sys.stdin.readline()
    for line in sys.argv[2:]:
        print(json.dumps(reclassify.run_part(office, sys.argv[1], json.loads(line))), flush=True)
"""


def by_two(world: Months, shares: list[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Processes that begin at once, each with its own share of the parts; the rows of all."""
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, TODAY, *map(json.dumps, share)],
            env=world.command().environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for share in shares
    ]
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    rows = []
    for worker in workers:
        out, _ = worker.communicate(timeout=240)
        assert worker.returncode == 0
        rows += [json.loads(line) for line in out.splitlines()]
    return rows


@pytest.mark.slow
@pytest.mark.parametrize("same", [False, True], ids=["shared out", "the same parts twice"])
def test_two_at_once_come_to_the_same(
    store_url: str,  # noqa: F811 - the fixture
    tmp_path: Path,
    filled: tuple[Path, list[str]],
    same: bool,
) -> None:
    """Also where a task that was thought lost goes on beside its second try."""
    world = months(tmp_path, store_url)
    world.learn()
    with world.office() as office:
        parts = reclassify.plan(office, TODAY)
    rows = by_two(world, [parts, parts] if same else [parts[::2], parts[1::2]])
    assert Counter(schedule_parts.name_of(row) for row in rows) == Counter(NAMES * (2 if same else 1))
    with world.office() as office:
        link_now(office)
        assert list(office.dump()) == filled[1]
        assert backlog(office.engine, office.classifier.on(TODAY).id) == []


def test_a_part_that_failed_is_named_and_the_index_told_of_the_others(world: Months) -> None:
    with world.office() as office:
        parts = schedule_parts.reclassify_parts(office, TODAY, {**NOBODY, "platform": "plaza"})
        done = [schedule_parts.reclassify_part(office, TODAY, part) for part in parts[:1]]
        with pytest.raises(StageError, match="failed: plaza 2026-11"):
            schedule_parts.end_reclassify(office, TODAY, parts, done)
        text = schedule_parts.summary(office, "重新判定", "reclassify", parts, done)
        assert "2 份，其中 1 份失败" in text
        assert search.verify(office)["equal"]
        with pytest.raises(StageError, match="no parts"):
            schedule_parts.end_reclassify(office, TODAY, None, None)


def test_lists_that_change_meanwhile_are_noticed(world: Months) -> None:
    with world.office() as office:
        parts = reclassify.plan(office, TODAY)
    (world.data / "keywords" / "handed.txt").unlink()
    with world.office() as office, pytest.raises(StageError, match="have changed"):
        reclassify.run_part(office, TODAY, parts[0])


def test_months_and_platforms_that_are_none(world: Months, monkeypatch: pytest.MonkeyPatch) -> None:
    with world.office() as office:
        with pytest.raises(UsageError, match="write YYYY-MM"):
            reclassify.plan(office, TODAY, since="2026-13")
        with pytest.raises(UsageError, match="before"):
            reclassify.plan(office, TODAY, since="2026-11", until="2026-10")
        with pytest.raises(UsageError, match="no such platform"):
            reclassify.plan(office, TODAY, "nowhere")
        monkeypatch.setattr(schedule_parts, "MOST", 3)
        with pytest.raises(UsageError, match="4 parts are more than 3"):
            schedule_parts.reclassify_parts(office, TODAY, NOBODY)
