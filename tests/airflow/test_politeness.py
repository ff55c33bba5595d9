"""Several platforms of one host, patrolled by two workers: the host's own log shows one rate for all of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.airflow.cluster import Cluster, Patrol
from tests.airflow.world import GOODS, Gate, SmallShop, only, small_shop
from tests.app.sites import too_soon

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(1200)]
BOARDS = [f"board_{number}" for number in range(5)]
RATE = 4.0
"""Requests a second that the host allows."""
SLOW = 0.4
"""Seconds that it takes to answer: longer than the interval, so that askers who do not wait for each other overlap."""
REQUESTS = len(BOARDS) * (GOODS + 2)
"""robots.txt, a list and the goods, for each of them."""


@pytest.fixture
def host(celery: Cluster) -> Iterator[SmallShop]:
    """One slow host; the platforms of the office are its boards, and nothing else."""
    shop = small_shop(0, Gate())
    shop.slow = SLOW
    with only(celery.world, shop, BOARDS, RATE):
        yield shop


def test_two_workers_keep_the_rate_of_a_host_together(celery: Cluster, undisturbed: Patrol, host: SmallShop) -> None:
    seen: set[tuple[str, ...]] = set()

    def watch() -> None:
        below = {worker: celery.live.below(worker) for worker in celery.workers}

        def both() -> bool:
            at_work = celery.patrolling().values()
            for worker in celery.workers:
                below[worker] |= celery.live.below(worker)
            seen.add(tuple(worker for worker, pids in below.items() if pids & set(at_work)))
            return tuple(celery.workers) in seen

        celery.live.wait("both workers at the host", both)

    patrol = celery.patrolled(watch)
    assert (patrol.run["state"], patrol.states, patrol.again) == ("success", {"success"}, {})
    times = [when for when, _ in host.asked]
    assert len(times) == REQUESTS
    assert too_soon(times, 1 / RATE, len(BOARDS)) == [], "more than the host allows, by all of them together"
    assert tuple(celery.workers) in seen


def test_in_the_hosts_pool_one_request_is_under_way(celery: Cluster, undisturbed: Patrol, host: SmallShop) -> None:
    with pooled(celery) as pool:
        patrol = celery.patrolled()
    assert (patrol.run["state"], patrol.states - {"skipped"}, patrol.again) == ("success", {"success"}, {})
    assert {name for name in patrol.tasks if name.startswith("patrol_")} == {
        "patrol_platform",  # of no pool: nothing
        *(f"patrol_{pool} {name}" for name in BOARDS),
    }
    times = [when for when, _ in host.asked]
    assert len(times) == REQUESTS
    assert too_soon(times, 1 / RATE) == []
    assert host.at_once == 1


@contextmanager
def pooled(celery: Cluster) -> Iterator[str]:
    """The pools made as docs/operating.md says, and taken away again; the host's."""
    file = Path(celery.airflow.environment["AIRFLOW_HOME"]) / "adwatch-pools.json"
    [row] = celery.airflow.command("platforms", "pools", "--out", str(file))
    assert row["platforms"] == BOARDS
    done = celery.airflow.run("-m", "airflow", "pools", "import", str(file))
    assert done.returncode == 0, done.stderr
    try:
        assert (
            celery.live.ask("GET", f"/api/v2/pools/{row['pool']}")["slots"]
            == json.loads(file.read_bytes())[row["pool"]]["slots"]
        )
        read_again(celery, row["pool"], there=True)
        yield row["pool"]
    finally:
        file.unlink()
        read_again(celery, row["pool"], there=False)


def read_again(celery: Cluster, pool: str, there: bool) -> None:
    """Have the DAG read anew at once, not within half a minute, and wait until it has the pool's task or not."""
    live = celery.live
    token = live.ask("GET", "/api/v2/dags/daily_patrol")["file_token"]
    live.ask("PUT", f"/api/v2/parseDagFile/{token}")

    def read() -> bool:
        tasks = live.ask("GET", "/api/v2/dags/daily_patrol/tasks")["tasks"]
        return (f"patrol_{pool}" in {task["task_id"] for task in tasks}) == there

    live.wait("the DAG as it is now", read)
