"""A running demo shop and the command as a user has it: a process of its own with its own home."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from adwatch_demo.server import ShopServer

DAY = "2026-11-18"
SHOP = Path(__file__).parent.parent.parent / "collectors" / "platforms" / "demo_shop.yml"


@dataclass
class Command:
    """Runs ``adwatch`` with one home."""

    environment: dict[str, str]

    def run(self, *arguments: str, stdin: bytes = b"", **more: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, "-m", "adwatch", *arguments],
            input=stdin,
            env={**self.environment, **more},
            capture_output=True,
            check=False,
            timeout=240,
        )

    def ok(self, *arguments: str, **more: str) -> str:
        done = self.run(*arguments, **more)
        assert done.returncode == 0, done.stderr.decode() + done.stdout.decode()
        return done.stdout.decode()

    def rows(self, *arguments: str, **more: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.ok(*arguments, "--json", **more).splitlines()]

    def dump(self) -> str:
        return self.ok("dump", "--canonical")


@pytest.fixture
def shop() -> Iterator[ShopServer]:
    """The demo shop on its first day."""
    with ShopServer(0, 1) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def make_command(tmp_path: Path, shop: ShopServer) -> Callable[[str], Command]:
    """Commands by name of home, on the shop; searches are left out so that a patrol is short."""
    lines = SHOP.read_text(encoding="utf-8").splitlines()
    platforms = tmp_path / "data" / "platforms"
    platforms.mkdir(parents=True)
    kept = [line.replace("per_second: 100", "per_second: 200") for line in lines if "search:" not in line]
    (platforms / "demo_shop.yml").write_text("\n".join(kept), encoding="utf-8")

    def make(name: str) -> Command:
        clean = {key: value for key, value in os.environ.items() if not key.startswith("ADWATCH_")}
        own = {
            "ADWATCH_HOME": str(tmp_path / name),
            "ADWATCH_DATA": str(tmp_path / "data"),
            "ADWATCH_DEMO": "true",
            "ADWATCH_DEMO_URL": shop.url,
            "ADWATCH_UNIT": "测试局",
            "COLUMNS": "200",
        }
        return Command({**clean, **own})

    return make


@pytest.fixture
def command(make_command: Callable[[str], Command]) -> Command:
    return make_command("home")
