"""The big installation for a test: Airflow's parts and our store on PostgreSQL, tasks by LocalExecutor or by workers."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from adwatch.store.engine import migrate, opened
from tests.airflow.servers import Databases
from tests.airflow.world import World
from tests.dags.conftest import ROOT, Airflow
from tests.dags.scheduler import Running, running

COMPOSE = ROOT / "deploy" / "compose" / "compose.yml"
SHORTENED = {
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "20",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
    "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "5",
    "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": "15",
}
"""Only for the test's sake: an installation waits a minute (60, 10, 30 and 30 seconds)."""
PATIENCE = 480.0
"""Seconds after which something that was waited for will not come: forty tasks on a busy machine."""
SLOTS = 8
"""Tasks at once, whichever the executor: two workers of four."""


@dataclass(frozen=True)
class Patrol:
    """One run of the daily patrol."""

    run: dict[str, Any]
    tasks: dict[str, dict[str, Any]]
    """Task instances by task and platform."""
    dump: list[str]
    twice: dict[str, dict[str, int]]
    """What was asked for more than once, by shop."""

    @property
    def day(self) -> str:
        """Its day."""
        return str(self.run["partition_key"])

    @property
    def seconds(self) -> float:
        """From its first task to its end."""
        begin, end = (datetime.fromisoformat(self.run[name]) for name in ("start_date", "end_date"))
        return (end - begin).total_seconds()

    @property
    def again(self) -> dict[str, int]:
        """Tries of the tasks that needed more than one."""
        return {name: task["try_number"] for name, task in self.tasks.items() if task["try_number"] > 1}

    @property
    def states(self) -> set[str]:
        """States of all tasks."""
        return {str(task["state"]) for task in self.tasks.values()}


@dataclass
class Cluster:
    """A running installation and the world that it patrols."""

    airflow: Airflow
    live: Running
    world: World
    databases: Databases
    store: str
    broker: str
    executor: str = "LocalExecutor"
    workers: list[str] = field(default_factory=list)

    @property
    def home(self) -> Path:
        """ADWATCH_HOME."""
        return Path(self.airflow.more["ADWATCH_HOME"])

    def fresh(self) -> None:
        """An office that never worked; Airflow goes on."""
        self.databases.empty(self.store)
        shutil.rmtree(self.home, ignore_errors=True)
        with opened(self.store) as engine:
            migrate(engine)
        self.world.forget()

    def use(self, executor: str, *workers: str) -> None:
        """Let the scheduler hand tasks to this executor, and to these workers."""
        away = [name for name in self.workers if name not in workers]
        if away:
            self.live.end(*away)
        if executor != self.executor or "scheduler" not in self.live.processes:
            if "scheduler" in self.live.processes:
                self.live.end("scheduler")
            self.executor = executor
            self.start_scheduler()
        for name in workers:
            if name not in self.workers:
                self.live.start(name, "celery", "worker", "-H", f"{name}@test", "--skip-serve-logs")
        self.workers = list(workers)
        if workers:
            self.live.wait("the workers", self.all_ready)

    def start_scheduler(self) -> None:
        """Start it, again or for the first time."""
        self.live.start("scheduler", AIRFLOW__CORE__EXECUTOR=self.executor)
        self.live.wait("the scheduler", self.live.healthy)

    def all_ready(self) -> bool:
        """Whether each worker answers over the broker."""
        import celery

        names = {f"{name}@test" for name in self.workers}
        answers = celery.Celery(broker=self.broker).control.ping(destination=sorted(names), timeout=2)
        return names == {name for answer in answers for name in answer}

    def patrolled(self, disturb: Callable[[], None] | None = None, **conf: str) -> Patrol:
        """The patrol of the day that is due, on a fresh office; done once more where another day began meanwhile.

        ``disturb`` is called once the run has begun.
        """
        for _ in range(2):
            due = self.due()
            self.fresh()
            run_id = self.live.trigger("daily_patrol", partition_key=due["partition_key"], conf=conf)
            if disturb is not None:
                disturb()
            run = self.live.finished("daily_patrol", run_id)
            if self.due()["dag_run_id"] == due["dag_run_id"]:
                return self.patrol(run)
        raise AssertionError("two days began within one test")

    def due(self) -> dict[str, Any]:
        """The newest patrol that began by the clock, once it has ended."""

        def newest() -> dict[str, Any] | None:
            runs = [run for run in self.live.runs("daily_patrol") if run["run_type"] == "scheduled"]
            return runs[-1] if runs else None

        run = self.live.wait("the due patrol", newest)
        return self.live.finished("daily_patrol", run["dag_run_id"])

    def patrol(self, run: dict[str, Any]) -> Patrol:
        """What came of a run."""
        twice = self.world.twice()
        return Patrol(run, self.tasks("daily_patrol", run["dag_run_id"]), self.airflow.dump(), twice)

    def tasks(self, dag: str, run_id: str) -> dict[str, dict[str, Any]]:
        """Task instances of a run by task and map label."""
        found = self.live.ask("GET", f"/api/v2/dags/{dag}/dagRuns/{run_id}/taskInstances?limit=200")
        return {
            " ".join(filter(None, (one["task_id"], one["rendered_map_index"]))): one for one in found["task_instances"]
        }

    def patrolling(self) -> dict[str, int]:
        """Platforms that are being patrolled just now, and the process that does it."""
        found = {}
        for file in (self.home / "locks").glob("platform-*.lock"):
            with contextlib.suppress(ValueError):
                pid = int(file.read_text(encoding="ascii"))
                if Path(f"/proc/{pid}").exists():
                    found[file.stem.removeprefix("platform-")] = pid
        return found

    def held(self) -> None:
        """Wait until every slot has a patrol under way, each with a request that is held back."""
        gate = self.world.gate
        self.live.wait("patrols under way", lambda: len(gate.waiting) >= SLOTS)


def shipped_settings() -> dict[str, str]:
    """How workers and scheduler are set up by deploy/compose; secrets and addresses are the test's own."""
    services = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]
    given = services["airflow-scheduler"]["environment"]
    sections = ("AIRFLOW__WORKERS__", "AIRFLOW__CELERY__", "AIRFLOW__SCHEDULER__")
    found = {name: value for name, value in given.items() if name.startswith(sections) and not name.endswith("_CMD")}
    assert len(found) >= 4
    return found


@contextmanager
def cluster(folder: Path, world: World, databases: Databases, broker: str) -> Iterator[Cluster]:
    """An installation with LocalExecutor; every DAG but the patrol is paused."""
    store, metadata = databases.make("store"), databases.make("metadata")
    own = {
        "ADWATCH_HOME": str(folder / "office"),
        "ADWATCH_DATA": str(world.data),
        "ADWATCH_DATABASE_URL": store,
        "ADWATCH_CONTACT": "adwatch@office.example",
        "ADWATCH_DEMO": "false",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": metadata.replace("postgresql://", "postgresql+psycopg2://"),
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "True",
        "AIRFLOW__CELERY__BROKER_URL": broker,
        "AIRFLOW__CELERY__RESULT_BACKEND": metadata.replace("postgresql://", "db+postgresql://"),
        **shipped_settings(),
        **SHORTENED,
    }
    airflow = Airflow(folder, own)
    (folder / "airflow").mkdir(parents=True)
    done = airflow.run("-m", "airflow", "db", "migrate")
    assert done.returncode == 0, done.stderr
    with running(airflow, {"AIRFLOW__CORE__PARALLELISM": str(SLOTS)}) as live:
        live.patience = PATIENCE
        yield Cluster(airflow, live, world, databases, store, broker)


def unpause(live: Running, dag: str) -> None:
    """Let a DAG run, once it is known."""

    def known() -> bool:
        return any(each["dag_id"] == dag for each in live.ask("GET", "/api/v2/dags?limit=100")["dags"])

    live.wait(f"the DAG {dag}", known)
    live.ask("PATCH", f"/api/v2/dags/{dag}", is_paused=False)


def lines_of(dump: list[str], table: str) -> list[dict[str, Any]]:
    """Rows of one table of a dump."""
    return [row for row in map(json.loads, dump) if row["table"] == table]
