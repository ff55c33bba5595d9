"""A running demo shop and the command as a user has it: a process of its own with its own home."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from adwatch_demo.server import ShopServer, goods_on
from tests.pictures.conftest import reader
from tests.processes import run_command
from tests.threads import on_a_thread

__all__ = ["reader"]

DAY = "2026-11-18"
SHOP = Path(__file__).parent.parent.parent / "collectors" / "platforms" / "demo_shop.yml"


@dataclass
class Command:
    """Runs ``adwatch`` with one home."""

    environment: dict[str, str]

    def run(self, *arguments: str, stdin: bytes = b"", **more: str) -> subprocess.CompletedProcess[bytes]:
        return run_command(arguments, {**self.environment, **more}, stdin)

    def ok(self, *arguments: str, **more: str) -> str:
        done = self.run(*arguments, **more)
        assert done.returncode == 0, done.stderr.decode() + done.stdout.decode()
        return done.stdout.decode()

    def rows(self, *arguments: str, **more: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.ok(*arguments, "--json", **more).splitlines()]

    def dump(self) -> str:
        return self.ok("dump", "--canonical")


@pytest.fixture(scope="session")
def served() -> Iterator[ShopServer]:
    """The demo shop, at one address for all tests of this process."""
    with on_a_thread(ShopServer(0, 1)) as server:
        yield server


@pytest.fixture
def shop(served: ShopServer) -> ShopServer:
    """The demo shop on its first day."""
    served.goods = goods_on(1)
    return served


def write_platform(folder: Path) -> None:
    """The shop's platform file; searches are left out so that a patrol is short."""
    lines = SHOP.read_text(encoding="utf-8").splitlines()
    platforms = folder / "data" / "platforms"
    platforms.mkdir(parents=True)
    kept = [line.replace("per_second: 100", "per_second: 200") for line in lines if "search:" not in line]
    (platforms / "demo_shop.yml").write_text("\n".join(kept), encoding="utf-8")


def command_in(folder: Path, name: str, shop: ShopServer) -> Command:
    """The command on the shop, with a home of that name."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("ADWATCH_")}
    own = {
        "ADWATCH_HOME": str(folder / name),
        "ADWATCH_DATA": str(folder / "data"),
        "ADWATCH_DEMO": "true",
        "ADWATCH_DEMO_URL": shop.url,
        "ADWATCH_UNIT": "测试局",
        "COLUMNS": "200",
    }
    return Command({**clean, **own})


@pytest.fixture
def make_command(tmp_path: Path, shop: ShopServer) -> Callable[[str], Command]:
    """Commands by name of home, on the shop."""
    write_platform(tmp_path)
    return lambda name: command_in(tmp_path, name, shop)


@pytest.fixture
def command(make_command: Callable[[str], Command]) -> Command:
    return make_command("home")


@pytest.fixture(scope="session")
def patrolled_home(tmp_path_factory: pytest.TempPathFactory, served: ShopServer) -> Path:
    """A home in which the shop's first day was patrolled; to be copied."""
    folder = tmp_path_factory.mktemp("patrolled")
    served.goods = goods_on(1)
    write_platform(folder)
    command_in(folder, "home", served).ok("patrol", "--day", DAY)
    return folder / "home"


@pytest.fixture
def patrolled(patrolled_home: Path, command: Command) -> Command:
    """The command with a home of its own in which the shop was patrolled."""
    shutil.copytree(patrolled_home, command.environment["ADWATCH_HOME"])
    return command
