"""Full disk, read-only home, locked store, a shared host: a clear word, the right exit status, nothing half-written."""

from __future__ import annotations

import ctypes
import json
import resource
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from random import randbytes

import pytest

from adwatch.app.evidence import verify
from adwatch.archive import captures_from_archive
from adwatch.store.captures import captures
from tests.app.sites import DAYS, World, goods, serving, too_soon

DAY = DAYS[0]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with serving(goods(13, 2)) as site:
        made = World(tmp_path, site)
        made.platform()
        yield made


def started(world: World, *arguments: str, **more: str) -> subprocess.Popen[bytes]:
    """The command, not waited for."""
    environment = {**world.command().environment, **more}
    command = [sys.executable, "-m", "adwatch", *arguments]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def until(true: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    """Wait for something that a running process brings about."""
    while not true():
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("filler", "limit", "said"),
    [(150_000, 1_200_000, "warc.gz: cannot be written"), (0, 500_000, "the store cannot be")],
)
def test_a_full_disk(world: World, filler: int, limit: int, said: str) -> None:
    """A limit on the size of files stands for a disk that is full: first under the archive, then under the store."""
    world.site.stock = [replace(good, filler=randbytes(filler).hex()) for good in world.site.stock]
    world.patrol(DAY, home="undisturbed")
    with world.office() as office:
        assert office.engine

    def full() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    done = subprocess.run(
        [sys.executable, "-m", "adwatch", "patrol", "--day", DAY],
        env=world.command().environment,
        capture_output=True,
        check=False,
        preexec_fn=full,
    )
    assert done.returncode == 3, done.stderr.decode() + done.stdout.decode()
    assert b"Traceback" not in done.stderr + done.stdout
    assert said in " ".join((done.stderr + done.stdout).decode().split())
    with world.office() as office:
        assert verify(office)["problems"] == []
    have = {capture.url for capture in captures_from_archive(world.folder / "home" / "archive", DAY)}
    world.site.forget()
    row = world.patrol(DAY)
    assert (row["outcome"], row["seen"]) == ("ok", 15)
    assert not have & {world.site.url + path for path in world.site.asked}, "what was archived is not fetched again"
    with world.office() as office:
        assert verify(office)["problems"] == []
    assert world.dump() == world.dump("undisturbed")


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a file system that nobody can write to")
def test_a_home_that_cannot_be_made(world: World) -> None:
    done = world.command(ADWATCH_HOME="/proc/adwatch").run("patrol", "--day", DAY)
    assert done.returncode == 3
    assert b"set ADWATCH_HOME to a writable folder" in done.stderr
    assert b"Traceback" not in done.stderr


def without_privileges() -> None:
    """Modes of files hold for this process even if it is root's (CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH dropped)."""
    drop = 24  # PR_CAPBSET_DROP, prctl(2)
    for capability in (1, 2):
        ctypes.CDLL(None).prctl(drop, capability, 0, 0, 0)


def test_a_home_that_is_read_only(world: World) -> None:
    home = world.folder / "home"
    world.patrol(DAY)
    before = world.dump()
    for path in [*home.rglob("*"), home]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    done = subprocess.run(
        [sys.executable, "-m", "adwatch", "patrol", "--day", DAYS[1]],
        env=world.command().environment,
        capture_output=True,
        check=False,
        preexec_fn=without_privileges,
    )
    for path in [home, *home.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    assert done.returncode == 3, done.stderr.decode()
    assert b"cannot be written" in done.stderr
    assert b"Traceback" not in done.stderr
    assert world.dump() == before


def test_a_locked_store(world: World) -> None:
    file = world.folder / "home" / "adwatch.db"
    command = world.command(ADWATCH_DATABASE_URL=f"sqlite:///{file}?timeout=0.3")
    with world.office() as office:
        assert office.engine
    holder = sqlite3.connect(file, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    done = command.run("patrol", "--day", DAY)
    holder.close()
    assert done.returncode == 3
    assert b"database is locked" in done.stderr + done.stdout
    assert b"Traceback" not in done.stderr
    row = world.patrol(DAY)
    assert (row["outcome"], row["seen"]) == ("ok", 15)


def test_of_two_patrols_the_second_is_told_and_a_dead_one_holds_nothing(world: World) -> None:
    world.site.held["/i/3"] = threading.Event()  # the first is at work for as long as it takes
    first = started(world, "patrol", "--day", DAY)
    until(lambda: "/i/3" in world.site.asked, first)
    second = world.command().run("patrol", "--day", DAY)
    assert second.returncode == 4, second.stdout.decode() + second.stderr.decode()
    assert f"another run (process {first.pid}) is at work" in " ".join(second.stderr.decode().split())
    first.kill()
    first.communicate(timeout=30)
    asked = len(world.site.asked)
    world.site.held.pop("/i/3").set()
    third = world.command().run("patrol", "--day", DAY)
    assert third.returncode == 0, third.stderr.decode()
    assert len(world.site.asked) <= 18, f"{asked} before: at most the page in hand was asked for twice"


def test_two_platforms_on_one_host_keep_its_rate_together(world: World) -> None:
    world.platform("one", **{"per_second: 200": "per_second: 20"})
    world.platform("two", **{"per_second: 200": "per_second: 20"})
    with world.office() as office:
        assert office.engine
    world.site.meeting = threading.Barrier(2)
    both = [started(world, "patrol", "--day", DAY, "--platform", name, "--json") for name in ("one", "two")]
    said = [process.communicate(timeout=120) for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert world.site.asked[:2] == ["/robots.txt"] * 2, "they ran side by side"
    assert len(world.site.times) == 34
    assert too_soon(world.site.times, 1 / 20, askers=2) == [], "20 a second for both together"


def test_files_are_followed_by_others(world: World) -> None:
    command = world.command(ADWATCH_WARC_BYTES="10000")
    command.ok("patrol", "--day", DAY)
    assert len(list((world.folder / "home" / "archive").rglob("*.warc.gz"))) >= 2
    with world.office() as office:
        assert verify(office)["problems"] == []


def test_a_body_that_did_not_change_is_kept_once(world: World) -> None:
    world.platform(more="revisit: {every_days: 1}\n")
    for day in DAYS[:2]:
        world.patrol(day)
    with world.office() as office:
        assert verify(office)["problems"] == []
        revisits = [capture for capture in captures(office.engine, DAYS[1]) if "earlier" in capture.context]
    assert len(revisits) == 16, "15 items and their list"


ON_A_SMALL_DISK = """
mount -t tmpfs -o size={size} none {home} || exit 77
{adwatch} patrol --day {day} > {out}/full 2>&1; echo $? > {out}/full.status
mount -o remount,size=200m {home}
{adwatch} evidence verify --json > {out}/between
{adwatch} patrol --day {day} --json > {out}/again || exit 1
{adwatch} evidence verify --json > {out}/verified
{adwatch} dump --canonical > {out}/dump
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("size", "word"), [("2500k", "No space left on device; free space"), ("4300k", "database or disk is full")]
)
def test_a_disk_that_is_really_full(world: World, size: str, word: str) -> None:
    """A file system of that size in a mount namespace of its own; where no such can be made, the limit above stands."""
    if subprocess.run(["unshare", "-rm", "true"], check=False, capture_output=True).returncode:
        pytest.skip("no mount namespace can be made here; test_a_full_disk shows the same by a limit")
    world.site.stock = [replace(good, filler=randbytes(150_000).hex()) for good in world.site.stock]
    undisturbed = world.command("undisturbed")
    undisturbed.ok("patrol", "--day", DAY)
    home = world.folder / "home"
    home.mkdir()
    adwatch = f"{sys.executable} -m adwatch"
    script = ON_A_SMALL_DISK.format(size=size, home=home, adwatch=adwatch, day=DAY, out=world.folder)
    done = subprocess.run(["unshare", "-rm", "sh", "-c", script], env=world.command().environment, check=False)
    if done.returncode == 77:
        pytest.skip("no file system can be mounted here; test_a_full_disk shows the same by a limit")
    assert done.returncode == 0

    def said(name: str) -> str:
        return (world.folder / name).read_text(encoding="utf-8")

    assert said("full.status") == "3\n", said("full")
    assert "Traceback" not in said("full")
    assert word in " ".join(said("full").split())
    assert json.loads(said("between"))["problems"] == []
    row = json.loads(said("again"))
    assert (row["outcome"], row["seen"]) == ("ok", 15)
    assert json.loads(said("verified"))["problems"] == []
    assert said("dump") == undisturbed.dump()
