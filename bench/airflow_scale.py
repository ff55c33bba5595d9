"""Forty platforms through Airflow on PostgreSQL: by LocalExecutor, by one worker and by two, undisturbed and killed.

Run ``python -m bench airflow_scale``. The daily patrol of forty small shops (ten requests each) on a fresh office each
time, eight tasks at once (one worker: four): undisturbed, with the scheduler and all its tasks killed by SIGKILL while
eight patrols were under way and started again, and with one of two workers killed so. Printed are the seconds of each
run, what was done twice, and whether ``dump --canonical`` is the undisturbed one. A lost task is noticed after 20
seconds here (60 as shipped) and tried again 30 seconds later. Exit 1 where a dump differs.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.airflow.cluster import Cluster, Patrol, cluster, unpause
from tests.airflow.servers import Databases, redis_server
from tests.airflow.world import served
from tests.store.databases import binaries_of_postgresql, started_server


def shot(installation: Cluster, part: str) -> Callable[[], None]:
    """Kill a part with its tasks while all slots are at work, and go on."""

    def kill() -> None:
        installation.held()
        installation.live.shoot(part)
        installation.world.gate.open()
        if part == "scheduler":
            installation.start_scheduler()
        else:
            installation.workers.remove(part)

    return kill


def runs(installation: Cluster) -> Iterator[tuple[str, Patrol]]:
    """Each way of doing it, and what came of it."""
    both = ("worker-1", "worker-2")
    installation.fresh()
    unpause(installation.live, "daily_patrol")
    installation.due()
    for executor, workers in (("LocalExecutor", ()), ("CeleryExecutor", both[:1]), ("CeleryExecutor", both)):
        installation.use(executor, *workers)
        yield f"{executor}, workers: {len(workers)}", installation.patrolled()
        if len(workers) == 1:
            continue
        part = workers[0] if workers else "scheduler"
        installation.world.gate.close()
        yield f"{executor}, {part} killed", installation.patrolled(shot(installation, part))


def main() -> int:
    """Run and print."""
    binaries = binaries_of_postgresql()
    if binaries is None:
        raise SystemExit("no PostgreSQL server is installed (Debian: apt-get install postgresql)")
    good, first = True, None
    with tempfile.TemporaryDirectory() as name, started_server(binaries, "fsync=off") as server:
        databases, folder = Databases(server), Path(name)
        with (
            served(folder / "data") as world,
            redis_server() as broker,
            cluster(folder / "big", world, databases, broker) as installation,
        ):
            for how, patrol in runs(installation):
                first = first or patrol.dump
                equal = patrol.dump == first
                good = good and equal and patrol.run["state"] == "success"
                twice = sum(count - 1 for paths in patrol.twice.values() for count in paths.values())
                told = f"{len(patrol.again)} tasks tried again, {twice} requests made twice, dumps equal: {equal}"
                print(f"{how}: {patrol.seconds:.0f} s, {patrol.run['state']}, {told}", flush=True)
        databases.drop()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
