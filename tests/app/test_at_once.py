"""Several platforms collected at once come to the same as one after another; a patrol that is stopped is continued."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import pairwise, permutations
from pathlib import Path

import pytest

from adwatch.app.at_once import done_at_once
from tests.app.sites import DAYS, Site, World, goods, serving, too_soon

DAY = DAYS[0]
AS_AT_A_TERMINAL = """
import runpy, signal
signal.signal(signal.SIGINT, signal.default_int_handler)
runpy.run_module("adwatch", run_name="__main__", alter_sys=True)
"""
"""The command as Ctrl-C reaches it: what a shell starts in the background inherits an ignored SIGINT."""


def test_each_work_is_given_back_once_as_it_is_done() -> None:
    turn = threading.Barrier(4, timeout=10)

    def do(_work: int, _stopped: threading.Event) -> None:
        turn.wait()

    assert sorted(done_at_once(do, range(8), 4)) == list(range(8))


def test_one_at_a_time_keeps_the_order_and_the_thread() -> None:
    threads = set()

    def do(_work: int, _stopped: threading.Event) -> None:
        threads.add(threading.current_thread())

    assert list(done_at_once(do, range(5), 1)) == list(range(5))
    assert threads == {threading.main_thread()}


def test_who_wants_no_more_stops_the_others() -> None:
    begun: list[int] = []
    ended: list[int] = []

    def do(work: int, stopped: threading.Event) -> None:
        begun.append(work)
        if work:
            assert stopped.wait(10)
        ended.append(work)

    works = done_at_once(do, range(6), 3)
    assert next(works) == 0
    works.close()  # type: ignore[attr-defined] - a generator
    assert {0, 1, 2} <= set(begun) <= {0, 1, 2, 3}, "what had not begun was not begun"
    assert sorted(ended) == sorted(begun)


@pytest.fixture
def sites(tmp_path: Path) -> Iterator[tuple[World, list[Site]]]:
    """Three shops on hosts of their own, each with a platform file."""
    with ExitStack() as stack:
        shops = [stack.enter_context(serving(goods(8 + number, 1))) for number in range(3)]
        world = World(tmp_path, shops[0])
        for number, shop in enumerate(shops):
            world.platform(f"shop{number}", **{shops[0].url: shop.url, "per_second: 200": "per_second: 20"})
        yield world, shops


@pytest.mark.slow
def test_at_once_comes_to_the_same(sites: tuple[World, list[Site]]) -> None:
    world, shops = sites
    one, many = world.command("one"), world.command("many")
    rows = one.rows("patrol", "--day", DAY, "--at-once", "1")
    assert not any(max(a.times) > min(b.times) for a, b in pairwise(shops)), "one after another"
    meeting = threading.Barrier(len(shops))
    for shop in shops:
        shop.forget()
        shop.meeting = meeting
    again = many.rows("patrol", "--day", DAY, "--at-once", "3")
    assert all(max(a.times) > min(b.times) for a, b in permutations(shops, 2)), "all at once"
    told = ("platform", "outcome", "seen", "new", "flagged", "pages")
    assert [[row[key] for key in told] for row in again] == [[row[key] for key in told] for row in rows]
    assert many.dump() == one.dump()
    for shop in shops:
        assert too_soon(shop.times, 1 / 20) == [], "each host keeps its rate"


@pytest.mark.slow
def test_a_patrol_that_is_interrupted_is_continued(sites: tuple[World, list[Site]]) -> None:
    world, shops = sites
    undisturbed, command = world.command("undisturbed"), world.command()
    undisturbed.ok("patrol", "--day", DAY)
    for number, shop in enumerate(shops):  # slow enough to be stopped in the middle
        world.platform(f"shop{number}", **{shops[0].url: shop.url, "per_second: 200": "per_second: 2"})
        shop.forget()
    process = subprocess.Popen(
        [sys.executable, "-c", AS_AT_A_TERMINAL, "patrol", "--day", DAY],
        env=command.environment,
        stderr=subprocess.PIPE,
    )
    while not all(len(shop.asked) > 1 for shop in shops):
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 130, errors.decode()
    assert b"Traceback" not in errors
    assert {row["outcome"] for row in command.rows("patrol", "--day", DAY)} == {"ok"}
    assert command.dump() == undisturbed.dump()
    assert [shop.twice() for shop in shops] == [{}, {}, {}], "what was archived is not asked for again"
