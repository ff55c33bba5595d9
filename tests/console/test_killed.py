"""Twenty sessions decide at once against ``adwatch console``, which is killed by SIGKILL in the middle and begun again."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
import urllib3

from adwatch.app import decisions
from adwatch.casework import sign_in
from adwatch.evidence.audit import verify_log
from adwatch.models import Actor
from adwatch.settings import SystemClock
from adwatch.store import schema as s
from tests.conftest import FixedClock
from tests.console.site import PASSWORD, PATIENCE, UNIT, Client, Site, opened, text
from tests.store.world import World, listing, verdict

PEOPLE, LEADS, BEFORE, AFTER = 20, 400, 60, 60
"""Sessions, leads, findings that are told before the kill and after it; leads are left over."""
PERSONS = [f"p{number}" for number in range(PEOPLE)]


@dataclass
class Told:
    """Findings that the server told to be made: person by case, and how many there have to be."""

    wanted: int
    by_case: dict[int, str] = field(default_factory=dict)
    enough: threading.Event = field(default_factory=threading.Event)

    def add(self, case: int, person: str) -> None:
        """One more, of a case that nobody was told of before."""
        assert self.by_case.setdefault(case, person) is person
        if len(self.by_case) >= self.wanted:
            self.enough.set()


@contextmanager
def served(home: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The console in a process of its own on a free port, and its address; killed at the end."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ADWATCH_")}
    line = [sys.executable, "-m", "adwatch", "console", "--port", "0"]
    settings = {"ADWATCH_HOME": str(home), "ADWATCH_UNIT": UNIT, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(line, env={**clean, **settings}, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            found = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
            assert found
            end = time.monotonic() + PATIENCE
            while not _answers(found[0]):
                assert process.poll() is None and time.monotonic() < end
                time.sleep(0.05)
            yield process, found[0]
        finally:
            process.kill()


def _answers(base: str) -> bool:
    try:
        return Client(base).get("/sign-in").status == 200
    except urllib3.exceptions.HTTPError:
        return False


def work_off(client: Client, person: str, told: Told, end: threading.Event) -> bool:
    """Decide one lead after the other; False where the server went away before the end."""
    try:
        where = client.get("/cases/next").headers["location"]
        while not end.is_set():
            case = int(where.removeprefix("/cases/").partition("?")[0])
            form = {"csrf": client.token(where), "verb": "dismiss", "code": "D07"}
            answer = client.ask("POST", f"/cases/{case}/act", form)
            assert answer.status == 303, text(answer)
            told.add(case, person)
            where = answer.headers["location"]
    except urllib3.exceptions.HTTPError:
        return False
    return True


def at_once(
    pool: ThreadPoolExecutor, clients: dict[str, Client], told: Told, end: threading.Event
) -> list[Future[bool]]:
    """All sessions, each on a thread of its own."""
    return [pool.submit(work_off, each, name, told, end) for name, each in clients.items()]


def wait(working: list[Future[bool]]) -> list[bool]:
    """What each session ended with; the error of one of them is raised."""
    return [each.result(PATIENCE) for each in working]


def decided(world: World) -> dict[int, str]:
    """Person by case that a finding was made of; one finding a case."""
    rows = world.rows(s.decision)
    found = {row["case_id"]: row["person"].removeprefix("人员") for row in rows}
    assert len(found) == len(rows), "no case is decided twice"
    states = {row["id"]: row["state"] for row in world.rows(s.case)}
    assert {case for case, state in states.items() if state == "dismissed"} == found.keys()
    assert len(states) == LEADS
    return found


@pytest.mark.slow
def test_a_console_that_is_killed_loses_and_doubles_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_in, "COST", {"time_cost": 1, "memory_cost": 8, "parallelism": 1})
    with opened(tmp_path, SystemClock()) as office:
        world = World(office.engine)
        items = [listing(str(number)) for number in range(LEADS)]
        world.store(*items)
        world.judge(*map(verdict, items))
        for person in PERSONS:
            Site(office, "").account(person, "reviewer")

        first = Told(BEFORE)
        with served(office.home) as (process, base), ThreadPoolExecutor(PEOPLE) as pool:
            clients = {person: Client(base) for person in PERSONS}
            assert [each.sign_in(person, PASSWORD).status for person, each in clients.items()] == [303] * PEOPLE
            working = at_once(pool, clients, first, threading.Event())
            assert first.enough.wait(PATIENCE) or wait(working)
            process.kill()
            assert not any(wait(working)), "they went on until it was gone"
        made = decided(world)
        assert first.by_case.items() <= made.items(), "what was told to be made is kept, by whom it was made"
        untold = Counter(made[case] for case in made.keys() - first.by_case.keys())
        assert all(count == 1 for count in untold.values()), "no more than what a session was waiting for"
        assert verify_log(office.engine).fault is None
        left = next(row for row in world.rows(s.case) if row["leased_by"])
        absent = left["leased_by"].partition("（")[0].removeprefix("人员")

        second = Told(AFTER)
        with served(office.home) as (_, base), ThreadPoolExecutor(PEOPLE) as pool:
            for each in clients.values():
                each.base = base  # the sessions go on: they lie in the store
            del clients[absent]
            working = at_once(pool, clients, second, second.enough)
            assert all(wait(working))
        after = decided(world)
        assert made.keys().isdisjoint(second.by_case)
        assert {**made, **second.by_case} == after
        assert verify_log(office.engine).fault is None
        assert left["id"] not in after, "nobody had what the absent one left open"
        until = left["leased_until"]
    other = Actor("别人", UNIT, "reviewer")
    for at, mine in ((until - timedelta(seconds=1), False), (until + timedelta(seconds=1), True)):
        with opened(tmp_path, FixedClock(at)) as office:
            assert decisions.open_lead(office, left["id"], other)["lease"]["mine"] is mine
