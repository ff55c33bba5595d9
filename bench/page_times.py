"""How long pages of the console take by the clock, and whose processor time it was: the clock counts others' work too.

A page's own share is that of the server, less the client that asks it in the same process, and that of the database.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from sqlalchemy import Engine, text

from adwatch.app.office import Office
from adwatch.console.application import application
from adwatch.console.serve import keep_what_is_loaded
from adwatch.console.warm import warm
from tests.console.site import Client, Site
from tests.store.databases import binaries_of_postgresql, started_server

LIMITS: Mapping[str, Mapping[str, Any]] = {
    "limited": {"regions": ["某省3市"], "families": ["construction"]},
    "region": {"regions": ["某省3市"]},
    "province": {"regions": ["某省"]},
    "some": {"families": ["construction"]},
    "most": {"families": ["special_operations"]},
    "both": {"regions": ["某省"], "families": ["construction"]},
}
"""Accounts that see a part: a region and a family, a region, all of them, a family that a tenth of the cases is of, the
one that the others are of, all regions and a family."""
TICKS = 100
"""Of a second, in which Linux tells processor time (USER_HZ)."""


def begun(office: Office) -> None:
    """Warm as a console is that has begun."""
    app = application(office).app
    assert isinstance(app, FastAPI)
    began = time.perf_counter()
    made = warm(app)
    keep_what_is_loaded()
    print(f"{len(made)} pages made at the start in {time.perf_counter() - began:.1f} s", flush=True)


def accounts(site: Site) -> None:
    """An unlimited account and those of LIMITS."""
    site.account("head", "head")
    for name, limits in LIMITS.items():
        site.account(name, "reviewer", **limits)


def timed(client: Client, path: str) -> float:
    """Milliseconds of one page, its whole body received."""
    began = time.perf_counter()
    answer = client.get(path)
    took = (time.perf_counter() - began) * 1000
    if answer.status != 200:
        raise SystemExit(f"{path}: {answer.status} {answer.data[:300]!r}")
    return took


def tell(engine: Engine, client: Client, name: str, path: str, numbers: Iterable[Mapping[str, str]]) -> None:
    """Ask a page once for each row of ``numbers``, whose names stand in the path, and print the times; the first answer
    is told apart."""
    where = [_put(path, each) for each in numbers]
    first = timed(client, where[0])
    server, database = _server(), database_seconds(engine)
    took = sorted(timed(client, each) for each in where)
    ours = (_server() - server) * 1000 / len(where)
    theirs = (database_seconds(engine) - database) * 1000 / len(where)
    said = f"{told(took)}; first {first:4.0f}; processor: server {ours:.0f}, database {theirs:.0f}"
    print(f"{name:9}{path:66} {said}", flush=True)


def told(took: list[float]) -> str:
    """Median, p95 and worst of sorted milliseconds."""
    return f"{statistics.median(took):5.0f} ms, p95 {took[int(len(took) * 0.95)]:4.0f}, worst {took[-1]:4.0f}"


def _put(path: str, numbers: Mapping[str, str]) -> str:
    for name, number in numbers.items():
        path = path.replace(name, number)
    return path


def _server() -> float:
    """Processor seconds of this process but for the thread that asks."""
    return time.process_time() - time.thread_time()


def database_seconds(engine: Engine) -> float:
    """Processor seconds that the PostgreSQL server and all its processes have had; of SQLite they are the server's."""
    if engine.dialect.name != "postgresql":
        return 0.0
    with engine.connect() as connection:
        parent = int(str(connection.scalar(text("SELECT pg_read_file('postmaster.pid')"))).split()[0])
    ended = _ticks(parent)[2:4]  # of processes that have come to their end
    living = (_ticks(int(pid))[:2] for pid in _children(parent))
    return (sum(ended) + sum(map(sum, living))) / TICKS


def _children(parent: int) -> list[str]:
    return Path(f"/proc/{parent}/task/{parent}/children").read_text().split()


def _ticks(pid: int) -> list[int]:
    """utime, stime, cutime, cstime of a process; zeros where it has just ended."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return [0, 0, 0, 0]
    return [int(each) for each in stat.rpartition(")")[2].split()[11:15]]


def on_either_database(measure: Callable[[Path, str, int, int], None], what: str, count: int, times: int) -> None:
    """Measure in a home of its own with so many of ``what``, on SQLite or, where asked, on a PostgreSQL of its own."""
    parser = argparse.ArgumentParser()
    parser.add_argument(f"--{what}", type=int, default=count)
    parser.add_argument("--times", type=int, default=times)
    parser.add_argument("--postgresql", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        url = ""
        if given.postgresql:
            binaries = binaries_of_postgresql()
            if binaries is None:
                raise SystemExit("no PostgreSQL server: apt-get install postgresql")
            url = stack.enter_context(started_server(binaries, "shared_buffers=512MB"))
        measure(Path(folder) / "home", url, getattr(given, what), given.times)
