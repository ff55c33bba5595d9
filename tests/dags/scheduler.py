"""Airflow's own processes for a test, on loopback: api-server, dag-processor, scheduler and, if asked for, workers.

LocalExecutor and SQLite unless other settings are given. Each is the leader of a process group of its own, so that what
it started ends with it.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import urllib3

from tests.dags.conftest import ROOT, Airflow
from tests.ports import free_row

PARTS = ("api-server", "dag-processor", "scheduler")
PATIENCE = 240.0
"""Seconds after which something that was waited for will not come; the machine may be busy."""


@dataclass
class Running:
    """A running Airflow and its REST API."""

    airflow: Airflow
    url: str
    environment: Mapping[str, str]
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    pool: urllib3.PoolManager = field(default_factory=lambda: urllib3.PoolManager(retries=False))
    token: str = ""
    patience: float = PATIENCE

    def start(self, name: str, *command: str, **more: str) -> None:
        """Start a part: ``airflow NAME``, or another command under this name."""
        with log_file(self.airflow.home, name).open("ab") as out:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", "airflow", *(command or (name,))],
                cwd=ROOT,
                env={**self.environment, **more},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def below(self, name: str) -> set[int]:
        """Processes that a part consists of, its tasks included."""
        import psutil

        top = psutil.Process(self.processes[name].pid)
        return {top.pid, *(each.pid for each in top.children(recursive=True))}

    def shoot(self, name: str) -> None:
        """SIGKILL to a part and all below it at once, as when its machine goes away."""
        self.processes[name].send_signal(signal.SIGSTOP)  # meanwhile it starts no other
        pids = self.below(name)
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.processes.pop(name).wait()

    def end(self, *names: str) -> None:
        """End parts in order."""
        stop({name: self.processes.pop(name) for name in names})

    def ask(self, method: str, path: str, **body: Any) -> Any:
        """One request; its JSON. Airflow's own SQLite may be locked for longer than its API waits: it is asked again."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        until = time.monotonic() + self.patience
        while True:
            answer = self.pool.request(method, self.url + path, json=body or None, headers=headers, timeout=30)
            if answer.status != 500 or b"Database error" not in answer.data or time.monotonic() > until:
                break
            time.sleep(1)
        assert answer.status < 300, f"{method} {path}: {answer.status} {answer.data.decode()[:1000]}"
        return answer.json()

    def trigger(self, dag: str, **more: Any) -> str:
        """A run by hand; its id."""
        return str(self.ask("POST", f"/api/v2/dags/{dag}/dagRuns", logical_date=None, **more)["dag_run_id"])

    def runs(self, dag: str) -> list[dict[str, Any]]:
        """Runs of a DAG, oldest first."""
        found = self.ask("GET", f"/api/v2/dags/{dag}/dagRuns?order_by=id&limit=100")
        return list(found["dag_runs"])

    def finished(self, dag: str, run_id: str) -> dict[str, Any]:
        """The run once it has ended."""

        def ended() -> dict[str, Any] | None:
            [run] = [run for run in self.runs(dag) if run["dag_run_id"] == run_id]
            return run if run["state"] in ("success", "failed") else None

        return self.wait(f"{dag} {run_id}", ended)

    def events(self) -> list[str]:
        """Partition keys of the asset events, oldest first."""
        found = self.ask("GET", "/api/v2/assets/events?order_by=timestamp&limit=100")
        return [event["partition_key"] for event in found["asset_events"]]

    def wait(self, what: str, ready: Callable[[], Any]) -> Any:
        """What ``ready`` gives once it gives something; a part that died or took too long fails the test."""
        until = time.monotonic() + self.patience
        while time.monotonic() < until:
            for name, process in self.processes.items():
                assert process.poll() is None, f"{name} ended with {process.returncode}\n{self.log(name)}"
            if found := ready():
                return found
            time.sleep(0.2)
        raise AssertionError(f"{what}: not within {self.patience:.0f} s\n{self.log('scheduler')}")

    def two_more_loops(self) -> None:
        """Wait until the scheduler has looked at everything that happened before."""

        def beat() -> str:
            return str(self.ask("GET", "/api/v2/monitor/health")["scheduler"]["latest_scheduler_heartbeat"])

        for _ in range(2):
            last = beat()
            self.wait("a heartbeat of the scheduler", lambda last=last: beat() != last)

    def log(self, name: str) -> str:
        """The end of a part's log."""
        return log_file(self.airflow.home, name).read_text(encoding="utf-8", errors="replace")[-3000:]

    def healthy(self) -> bool:
        """Whether all parts answer."""
        with contextlib.suppress(urllib3.exceptions.HTTPError):
            health = self.pool.request("GET", f"{self.url}/api/v2/monitor/health", timeout=5)
            if health.status == 200:
                parts = health.json()
                wanted = ("metadatabase", "scheduler", "dag_processor")
                return all((parts.get(part) or {}).get("status") == "healthy" for part in wanted)
        return False


def log_file(home: Path, name: str) -> Path:
    """Where a part writes."""
    return home / "airflow" / f"{name}.log"


@contextmanager
def running(airflow: Airflow, settings: Mapping[str, str] | None = None) -> Iterator[Running]:
    """Start all parts, wait until they are healthy; stop them whatever happens. ``settings`` come before our own."""
    with contextlib.ExitStack() as stack:
        port = stack.enter_context(free_row(2))
        url = f"http://127.0.0.1:{port}"
        live = Running(airflow, url, {**airflow.environment, **own_settings(url, port), **(settings or {})})
        stack.callback(live.pool.clear)
        stack.callback(stop, live.processes)
        for name in PARTS:
            live.start(name)
        live.wait("Airflow", live.healthy)
        live.token = live.ask("GET", "/auth/token")["access_token"]
        yield live


def own_settings(url: str, port: int) -> dict[str, str]:
    """Of the parts together: the API at the port, the tasks' logs at the next."""
    return {
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": "3",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": url,
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API__SECRET_KEY": secrets.token_hex(16),
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_hex(32),
        "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(port + 1),
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.3",
    }


def stop(processes: dict[str, subprocess.Popen[bytes]]) -> None:
    """End the groups: asked first, then by force."""
    for process in processes.values():
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
    until = time.monotonic() + 10
    for process in processes.values():
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(max(0.1, until - time.monotonic()))
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def left_over(processes: dict[str, subprocess.Popen[bytes]]) -> list[int]:
    """Groups of which a process is still there."""
    found = []
    for process in processes.values():
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, 0)
            found.append(process.pid)
    return found
