"""Reclassify and retro-hunt in parts, by one process and by two, on one PostgreSQL: ``python -m bench partitions [N]``.

N listings (48,000) of ~200 characters lie on three platforms over four months: twelve parts. Each turn judges all of
them, and then the third of them that holds a hunted word, once with one process and once with two, beginning with the
one and with the other by turns; parts are handed out as a scheduler does, the next to whom is free. The processes have
loaded lists and model before the clock starts. What a turn left in the store is taken away before the next.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector
from typing import Any

from sqlalchemy import Engine, text

from adwatch.app import Office, reclassify, retrohunt
from adwatch.models import Listing
from adwatch.search import push
from adwatch.settings import load_settings
from adwatch.store.listings import upsert_listings
from adwatch.store.partitions import begin_month
from bench.goods import goods
from bench.store import processor_seconds
from tests.store.databases import binaries_of_postgresql, started_server

DAY, WORD = "2026-11-20", "鸽笼直送"
PLATFORMS, MONTHS, BATCH = ("plaza", "forum", "market"), (8, 9, 10, 11), 2000
TURNS = {"reclassify": 9, "retrohunt": 3}
AWAY = (
    'TRUNCATE verdict, "case", case_listing, event, outbox CASCADE',
    "UPDATE listing SET first_flagged_at = NULL, first_flagged_day = NULL WHERE first_flagged_day IS NOT NULL",
    "UPDATE classifier SET classified_to = 0",
)
WORKER = f"""
import json, sys
from adwatch.app import open_office, reclassify, retrohunt
with open_office() as office:
    office.judge_on("{DAY}").judge([("a", "b")])
    print("ready", flush=True)
    for line in sys.stdin:
        part = json.loads(line)
        if part.pop("hunt"):
            hunt = retrohunt.plan(office, "{WORD}", "{DAY}", "promise", 3, None, bring_up=False)
            done = retrohunt.judge(office, retrohunt.only_part(office, hunt, part), "{DAY}")
        else:
            done = reclassify.run_part(office, "{DAY}", part)
        print(done["judged"], flush=True)
"""


def fill(office: Office, count: int) -> None:
    """The listings, a batch of each platform and month in turn; the index knows them."""
    chooser = random.Random(5)
    texts = [goods(chooser, 190) for _ in range(997)]
    each = count // (len(PLATFORMS) * len(MONTHS))
    for month in MONTHS:
        now = datetime(2026, month, 10, 4, tzinfo=UTC)
        begin_month(office.engine, now)
        for at in range(0, each, BATCH):
            for shop in PLATFORMS:
                items = [_listing(shop, month, number, texts, now) for number in range(at, min(each, at + BATCH))]
                upsert_listings(office.engine, shop, items, now.date().isoformat(), now)


def _listing(shop: str, month: int, number: int, texts: Sequence[str], now: datetime) -> Listing:
    offer = "电工证包过，不过退款。" if number % 500 == 0 else ""
    hunted = f"特种作业{WORD}，量大从优。" if number % 3 == 0 else ""
    body = f"{offer}{hunted}{texts[number % len(texts)]}第{number}号"
    return Listing(shop, f"{month}-{number}", title=body[:24], text=body, captured_at=now)


@contextmanager
def workers(count: int, environment: dict[str, str]) -> Iterator[list[subprocess.Popen[str]]]:
    """Processes that have loaded all they need."""
    made = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,  # as services have it: else the kernel may give both the share of one
        )
        for _ in range(count)
    ]
    try:
        for worker in made:
            assert worker.stdout is not None
            assert worker.stdout.readline() == "ready\n"
        yield made
    finally:
        for worker in made:
            worker.kill()
            worker.communicate()


def share_out(parts: list[dict[str, Any]], hunt: bool, hands: list[subprocess.Popen[str]]) -> int:
    """Give each free worker the next part until all are done; how many listings were judged."""
    waiting, judged, busy = [{**part, "hunt": hunt} for part in parts], 0, 0
    with DefaultSelector() as selector:
        for worker in hands:
            assert worker.stdout is not None
            selector.register(worker.stdout, EVENT_READ, worker)
            busy += _give(worker, waiting)
        while busy:
            for key, _ in selector.select():
                judged += int(key.fileobj.readline())  # type: ignore[union-attr]
                busy += _give(key.data, waiting) - 1
    return judged


def _give(worker: subprocess.Popen[str], waiting: list[dict[str, Any]]) -> int:
    if not waiting:
        return 0
    assert worker.stdin is not None
    worker.stdin.write(json.dumps(waiting.pop(0)) + "\n")
    worker.stdin.flush()
    return 1


def used(engine: Engine, hands: list[subprocess.Popen[str]]) -> float:
    """Processor time of the workers and the server."""
    ticks = 0
    for worker in hands:
        fields = Path(f"/proc/{worker.pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return processor_seconds(engine) - time.process_time() + ticks / os.sysconf("SC_CLK_TCK")


def turn(office: Office, parts: list[dict[str, Any]], hunt: bool, hands: list[subprocess.Popen[str]]) -> list[float]:
    """Seconds on the clock and of the processors, and listings judged."""
    with office.engine.begin() as connection:
        for statement in AWAY:
            connection.execute(text(statement))
    clock, processor = time.perf_counter(), used(office.engine, hands)
    judged = share_out(parts, hunt, hands)
    return [time.perf_counter() - clock, used(office.engine, hands) - processor, judged]


def measure(office: Office, environment: dict[str, str]) -> None:
    """All turns of both kinds, and their medians."""
    plan = retrohunt.plan(office, WORD, DAY, "promise", 3, None)
    with workers(2, environment) as hands:
        kinds = {"reclassify": reclassify.plan(office, DAY), "retrohunt": retrohunt.in_parts(office, plan)}
        for kind, parts in kinds.items():
            ratios, processors = [], []
            for number in range(TURNS[kind]):
                took = {}
                for count in (1, 2) if number % 2 else (2, 1):
                    took[count] = turn(office, parts, kind == "retrohunt", hands[:count])
                one, two = took[1], took[2]
                assert one[2] == two[2] > 0, "both judge the same"
                ratios.append(one[0] / two[0])
                processors.append(two[1] / one[1])
                told = f"one {one[0]:.1f} s ({one[1]:.1f} s of processors), two {two[0]:.1f} s ({two[1]:.1f} s)"
                print(f"  {kind}, {len(parts)} parts, {one[2]:,.0f} judged: {told}: {ratios[-1]:.2f} times", flush=True)
            print(
                f"{kind}: two are {statistics.median(ratios):.2f} times as fast as one (median of {TURNS[kind]}:"
                f" {min(ratios):.2f}-{max(ratios):.2f}) for {statistics.median(processors):.2f} of its processor time",
                flush=True,
            )


def main() -> None:
    """Run and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 48_000
    binaries = binaries_of_postgresql()
    if binaries is None:
        sys.exit("no PostgreSQL server in /usr/lib/postgresql")
    with started_server(binaries, "shared_buffers=256MB") as url, tempfile.TemporaryDirectory() as home:
        own = {"ADWATCH_HOME": home, "ADWATCH_DATABASE_URL": url}
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ADWATCH_")} | own
        with Office(load_settings(home=home, database_url=url, _env_file=None)) as office:
            fill(office, count)
            parts = reclassify.plan(office, DAY)
            for part in parts:  # the index is told of what has a verdict
                reclassify.run_part(office, DAY, part)
            push(office.engine, office.index)
            print(f"{count:,} listings in {len(parts)} parts, load of the machine {os.getloadavg()[0]:.1f}", flush=True)
            measure(office, environment)


if __name__ == "__main__":
    main()
