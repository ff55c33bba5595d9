"""Never lose, never repeat: a patrol killed anywhere and started again is as one that was not, and asks for nothing twice."""

from __future__ import annotations

import json
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from adwatch.archive import captures_from_archive
from adwatch.failpoints import FAILPOINTS
from tests.app.conftest import DAY, Command
from tests.app.sites import LoggedShop, Platforms, good, offer, serving

IN_PATROL = [name for name in FAILPOINTS if not name.startswith("export.")]
ONCE = ("run.after_start", "run.before_end", "looks.before_commit", "vanished.before_commit")
"""Failpoints that a patrol of this small shop passes once."""
GOODS = [*(good(number) for number in range(21)), *(offer(number) for number in range(21, 24))]


@pytest.fixture
def shop() -> Iterator[LoggedShop]:
    with serving(list(GOODS)) as server:
        yield server


@pytest.fixture
def make(make_command: Callable[[str], Command], tmp_path: Path) -> Callable[[str], Command]:
    Platforms(tmp_path / "data").write()
    return make_command


def archived(home: Path) -> set[str]:
    """Addresses that lie whole in the archive."""
    told: list[str] = []
    found = {capture.url for capture in captures_from_archive(home / "archive", DAY, told.append)}
    assert len(told) <= 1, "only the tail may be torn"
    return found


@pytest.mark.parametrize("nth", [1, 2, 17])
@pytest.mark.parametrize("name", IN_PATROL)
def test_killed_anywhere(
    make: Callable[[str], Command], shop: LoggedShop, tmp_path: Path, name: str, nth: int, undisturbed: str
) -> None:
    killed = make("killed")
    done = killed.run("patrol", "--day", DAY, ADWATCH_FAILPOINT=f"{name}@{nth}")
    if done.returncode != -signal.SIGKILL:
        assert nth > 1, "the failpoint was never passed"
        assert done.returncode == 0
        pytest.skip(f"{name} is not passed {nth} times")
    before, have = len(shop.asked), archived(tmp_path / "killed") if (tmp_path / "killed" / "archive").exists() else set()
    [row] = killed.rows("patrol", "--day", DAY)
    again = {shop.url + path for path in shop.paths(before)}
    assert not have & again, "a page that was archived whole was fetched again"
    assert len(set(shop.paths())) == 27
    assert (row["outcome"], row["seen"], row["new"], row["pages"]) == ("ok", 24, 24, 27)
    assert normal(killed.dump(), shop) == undisturbed
    [verified] = killed.rows("evidence", "verify")
    assert (verified["problems"], verified["unclaimed"]) == ([], 0)
    assert killed.rows("index", "verify")[0]["equal"]


def normal(dump: str, shop: LoggedShop) -> str:
    """The dump without the port that the shop happened to have."""
    return "\n".join(sorted(dump.replace(shop.url, "http://shop").splitlines()))


_DUMP: list[str] = []


@pytest.fixture
def undisturbed(make: Callable[[str], Command], shop: LoggedShop) -> str:
    """What an undisturbed patrol comes to."""
    if not _DUMP:
        command = make("undisturbed")
        command.ok("patrol", "--day", DAY)
        assert shop.twice() == {}
        _DUMP.append(normal(command.dump(), shop))
        shop.asked.clear()
    return _DUMP[0]
