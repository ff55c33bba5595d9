"""Never lose, never repeat: a patrol killed anywhere and started again ends as if undisturbed, and asks nothing twice."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from adwatch.app import evidence
from adwatch.app import search as searching
from adwatch.archive import captures_from_archive
from adwatch.failpoints import FAILPOINTS
from tests.app.sites import DAYS, World, goods, serving

DAY = DAYS[0]
ELSEWHERE = ("attachment.", "audit.", "differing.", "export.", "lease.", "life_lines.", "mail.", "package.", "page.", "picture.", "rebuild.", "reclassify.", "report.", "retention.", "retrohunt.", "subject.", "upload.", "verify.")
IN_PATROL = [name for name in FAILPOINTS if not name.startswith(ELSEWHERE)]
REPEATED = [name for name in IN_PATROL if name.startswith(("collect.", "archive.", "capture."))]
"""Passed once for each request."""
REQUESTS = 17
"""robots.txt, one list page and 15 items."""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with serving(goods(13, 2)) as site:
        made = World(tmp_path, site)
        made.platform()
        yield made


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The dump of a patrol that nothing disturbed, on a site of its own."""
    with serving(goods(13, 2)) as site:
        world = World(tmp_path_factory.mktemp("undisturbed"), site)
        world.platform()
        world.patrol(DAY)
        assert site.twice() == {}
        assert len(site.asked) == REQUESTS
        return world.dump()


def archived(root: Path) -> set[str]:
    """Addresses that lie whole in the archive."""
    told: list[str] = []
    found = {capture.url for capture in captures_from_archive(root, DAY, told.append)}
    assert len(told) <= 1, "only the tail may be torn"
    return found


def problems(world: World) -> list[str]:
    """What ``evidence verify`` finds, exchanges that no capture row claims included."""
    with world.office() as office:
        verified = evidence.verify(office)
    unclaimed = [f"{verified['unclaimed']} unclaimed"] if verified["unclaimed"] else []
    return [*verified["problems"], *unclaimed]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "nth"), [*((name, 1) for name in IN_PATROL), *((name, nth) for name in REPEATED for nth in (2, 9))]
)
def test_killed_anywhere(world: World, undisturbed: list[str], name: str, nth: int) -> None:
    done = world.command().run("patrol", "--day", DAY, ADWATCH_FAILPOINT=f"{name}@{nth}")
    assert done.returncode == -signal.SIGKILL, "the failpoint was never passed"
    have = archived(world.folder / "home" / "archive")
    before = len(world.site.asked)
    row = world.patrol(DAY)
    again = {world.site.url + path for path in world.site.asked[before:]}
    assert not have & again, "a page that was archived whole was fetched again"
    assert len(set(world.site.asked)) == REQUESTS
    assert len(world.site.asked) <= REQUESTS + 1, "at most the page in hand was asked for twice"
    assert (row["outcome"], row["seen"], row["new"], row["pages"]) == ("ok", 15, 15, REQUESTS)
    assert world.dump() == undisturbed
    assert problems(world) == []
    with world.office() as office:
        assert searching.verify(office)["equal"]
    assert not list((world.folder / "home").rglob("*.open"))


def test_a_torn_tail_is_repaired_and_reported(world: World, undisturbed: list[str]) -> None:
    done = world.command().run("patrol", "--day", DAY, ADWATCH_FAILPOINT="archive.half_record@5")
    assert done.returncode == -signal.SIGKILL
    row = world.patrol(DAY)
    [note] = [note for note in row["notes"] if "repaired" in note]
    assert ".warc.gz" in note
    assert "torn bytes" in note
    [side] = (world.folder / "home" / "archive").rglob("*.cut-*")
    assert side.stat().st_size > 0
    assert problems(world) == []
    assert world.dump() == undisturbed


def test_records_lost_with_their_rows_stored_are_fetched_again(world: World, undisturbed: list[str]) -> None:
    """A power cut may keep a committed row and lose the record that was written before it."""
    world.command().run("patrol", "--day", DAY, ADWATCH_FAILPOINT="capture.after_commit@6")
    [warc] = (world.folder / "home" / "archive").rglob("*.warc.gz")
    data = warc.read_bytes()
    warc.write_bytes(data[: len(data) - 700])
    row = world.patrol(DAY)
    assert any("captures will be made again" in note for note in row["notes"])
    assert problems(world) == []
    assert world.dump() == undisturbed


def test_a_finished_run_of_the_day_is_a_new_one(world: World) -> None:
    world.patrol(DAY)
    world.site.forget()
    row = world.patrol(DAY)
    assert world.site.asked == ["/robots.txt", "/market?page=1"]
    assert (row["seen"], row["new"], row["replayed"]) == (15, 0, 0)


def test_an_interrupted_run_of_another_day_is_left(world: World) -> None:
    world.command().run("patrol", "--day", DAYS[0], ADWATCH_FAILPOINT="archive.after_record@9")
    world.site.forget()
    row = world.patrol(DAYS[1])
    assert (row["replayed"], row["pages"]) == (0, REQUESTS)
    row = world.patrol(DAYS[0])
    assert row["outcome"] == "ok"
