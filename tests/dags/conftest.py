"""Airflow as the tests have it: a metadata database migrated once and copied, DAG runs in a process of their own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from adwatch.app.demo import airflow_environment
from adwatch_demo import SERVED
from tests.once import made_once
from tests.ports import free_row
from tests.processes import run_command

ROOT = Path(__file__).parent.parent.parent
PLATFORMS = ROOT / "collectors" / "platforms"


@dataclass
class Airflow:
    """Runs Airflow and the command on one home."""

    home: Path
    more: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """Of every process; nothing of the machine's own settings."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("ADWATCH_", "AIRFLOW"))}
        clean.pop("PYTHONDONTWRITEBYTECODE", None)  # many short processes: compiling anew each time would double them
        own = {"ADWATCH_HOME": str(self.home), "ADWATCH_DEMO": "true", "ADWATCH_UNIT": "测试局"}
        return {**clean, **airflow_environment(self.home), **own, **self.more}

    def run(
        self, *arguments: str, stdin: str = "", timeout: float = 240, **more: str
    ) -> subprocess.CompletedProcess[str]:
        """A Python module or file, with its output."""
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env={**self.environment, **more},
            input=stdin,
            capture_output=True,
            check=False,
            text=True,
            timeout=timeout,
        )

    def command(self, *arguments: str, **more: str) -> list[dict[str, Any]]:
        """``adwatch ... --json``: its rows."""
        done = run_command((*arguments, "--json"), {**self.environment, **more})
        assert done.returncode == 0, done.stderr + done.stdout
        return [json.loads(line) for line in done.stdout.splitlines()]

    def dump(self) -> list[str]:
        """The state of home, as lines."""
        done = run_command(("dump", "--canonical"), self.environment)
        assert done.returncode == 0, done.stderr
        return done.stdout.decode().splitlines()

    @contextmanager
    def tests(self) -> Iterator[Callable[..., dict[str, Any]]]:
        """One process of Airflow that runs DAGs by ``DAG.test()``, as often as it is asked.

        ``test("daily_patrol", {"day": ...}, {"ADWATCH_HOME": ...})`` gives what came of the run.
        """
        script = str(Path(__file__).with_name("run_dags.py"))
        log = self.home / "airflow" / "tests.log"
        with log.open("w+", encoding="utf-8") as err:
            process = subprocess.Popen(
                [sys.executable, script],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=err,
                text=True,
            )
            assert process.stdin is not None
            assert process.stdout is not None
            stdin, stdout = process.stdin, process.stdout

            def test(
                dag: str, conf: dict[str, Any], environment: dict[str, str] | None = None, mark: str | None = None
            ) -> dict[str, Any]:
                asked = {"dag": dag, "conf": conf, "environment": environment or {}, "mark": mark}
                stdin.write(json.dumps(asked) + "\n")
                stdin.flush()
                for line in stdout:
                    if line.startswith("RESULT "):
                        return dict(json.loads(line.removeprefix("RESULT ")))
                raise AssertionError(f"Airflow ended with {process.wait()}\n{log.read_text(encoding='utf-8')[-5000:]}")

            try:
                yield test
            finally:
                process.kill()
                process.communicate()


@pytest.fixture(scope="session")
def metadata(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated metadata database, to be copied."""

    def migrate(home: Path) -> None:
        done = Airflow(home).run("-m", "airflow", "db", "migrate")
        assert done.returncode == 0, done.stderr

    return made_once(tmp_path_factory, "metadata", migrate) / "airflow" / "airflow.db"


def with_metadata(home: Path, metadata: Path) -> None:
    """A home whose Airflow is migrated, as the demo knows it."""
    (home / "airflow").mkdir(parents=True, exist_ok=True)
    shutil.copy(metadata, home / "airflow" / "airflow.db")
    (home / "airflow" / "adwatch-migrated").touch()


def demo_urls(port: int) -> str:
    """Addresses of all sites from a port on."""
    return " ".join(f"http://127.0.0.1:{port + number}" for number in range(len(SERVED)))


def only_platforms(data: Path, names: Iterable[str]) -> str:
    """A data folder that switches off all of the demo's platforms but some."""
    (data / "platforms").mkdir(parents=True)
    for file in PLATFORMS.glob("demo_*.yml"):
        if file.stem not in names:
            lines = [line for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith("enabled:")]
            text = "\n".join([*lines, "enabled: false", ""])
            (data / "platforms" / file.name).write_text(text, encoding="utf-8")
    return str(data)


@pytest.fixture(scope="session")
def port() -> Iterator[int]:
    """The first of as many free ports as the demo has sites: the same addresses on every simulated day."""
    with free_row(len(SERVED)) as start:
        yield start
