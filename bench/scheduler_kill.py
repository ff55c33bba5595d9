"""A task of the daily patrol killed with SIGKILL under Airflow's own scheduler, which tries it again by itself.

Run ``python -m bench scheduler_kill``. Two homes, one after the other: Airflow's api-server, dag-processor and
scheduler (LocalExecutor) are started, the patrol that is due by the clock begins by itself and patrols the demo's
sites. In the second home a site leaves its thirtieth request unanswered until the process that patrols it was killed.
Nothing else is done: the scheduler's own second try must end with the same ``dump --canonical`` as the undisturbed
home, and ask again for nothing that was answered. Exit 1 where it does not. That the killed process left a connection
open is told by the site's server on standard error.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from adwatch_demo import SITES
from adwatch_demo.server import serve_world
from adwatch_demo.serving import Answer, Asked, Site
from adwatch_demo.tips import write_tips
from bench.demo_kills import SITE, Home, free_port, holder
from tests.dags.conftest import Airflow, demo_urls
from tests.dags.scheduler import Running, running

AT = 30
"""The request that is left unanswered."""
SLOW = 120.0
"""Seconds after which a kill that did not come is given up."""


@dataclass
class Held:
    """A site that does not answer one request until it is let go."""

    site: Site
    reached: threading.Event = field(default_factory=threading.Event)
    let_go: threading.Event = field(default_factory=threading.Event)
    asked: int = 0

    def answer(self, asked: Asked) -> Answer:
        """As the site does, but for the one."""
        self.asked += 1
        if self.asked == AT:
            self.reached.set()
            self.let_go.wait(SLOW)
        return self.site.answer(asked)


def patrolled(airflow: Airflow, port: int, kill: bool) -> dict[str, Any]:
    """The due patrol on a fresh home: its day, the tries of its tasks, what the site was asked, the dump."""
    done = airflow.run("-m", "airflow", "db", "migrate")
    if done.returncode:
        raise SystemExit(f"airflow db migrate ended with {done.returncode}\n{done.stderr}")
    write_tips(airflow.home / "inbox" / SITES["tips"], 1)
    started = time.monotonic()
    with serve_world(port, 1) as servers, running(airflow) as live:
        server = servers["school"]
        if kill:
            held = Held(server.site)
            server.site = held
            live.wait(f"request {AT} of {SITE}", held.reached.is_set)
            pid = holder(Home(airflow.home, port))
            if pid is None:
                raise SystemExit(f"nobody patrols {SITE}")
            os.kill(pid, signal.SIGKILL)
            held.let_go.set()
        run = live.wait("the due patrol", lambda: live.runs("daily_patrol"))[0]
        run = live.finished("daily_patrol", run["dag_run_id"])
        tries = tries_of(live, run["dag_run_id"])
        twice = {path: count for path, count in Counter(server.asked).items() if count > 1}
    return {
        "day": run["partition_key"],
        "state": f"{run['run_type']} {run['state']}",
        "tries": tries,
        "twice": twice,
        "dump": airflow.dump(),
        "seconds": time.monotonic() - started,
    }


def tries_of(live: Running, run_id: str) -> dict[str, str]:
    """State and number of tries of each task."""
    found = live.ask("GET", f"/api/v2/dags/daily_patrol/dagRuns/{run_id}/taskInstances?limit=100")
    return {
        " ".join(filter(None, (one["task_id"], one["rendered_map_index"]))): f"{one['state']}, try {one['try_number']}"
        for one in found["task_instances"]
    }


def main() -> int:
    """Run and print."""
    port = free_port()
    found = {}
    with tempfile.TemporaryDirectory() as name:
        for who in ("undisturbed", "killed"):
            airflow = Airflow(Path(name) / who, {"ADWATCH_DEMO_URL": demo_urls(port)})
            (airflow.home / "airflow").mkdir(parents=True)
            found[who] = patrolled(airflow, port, who == "killed")
            shown = {key: value for key, value in found[who].items() if key != "dump"}
            print(f"{who}: {len(found[who]['dump'])} lines of dump, {shown}", flush=True)
    quiet, shot = found["undisturbed"], found["killed"]
    if quiet["day"] != shot["day"]:
        raise SystemExit("another day began between the two: run it again")
    again = shot["tries"][f"patrol_platform {SITE}"]
    equal = quiet["dump"] == shot["dump"]
    print(f"the killed task: {again}; asked twice: {len(shot['twice'])}; dumps equal: {equal}")
    good = equal and again == "success, try 2" and len(shot["twice"]) <= 1 and quiet["state"] == shot["state"]
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
