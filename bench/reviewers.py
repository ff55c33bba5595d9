"""Reviewers who decide at once on PostgreSQL: ``python -m bench reviewers [--seconds 300] [--listings 1000000]``.

A server of its own is filled with listings, a tenth of them flagged with a case that waits. Each of 20 reviewers opens
the next lead, thinks, decides it and opens the next, as the console does (app.decisions, the lead shown whole), in
threads of some processes. Told are: decisions lost (told to the reviewer, not in the store) and doubled, leads that two
decided, and the time from the decision to the next lead on the screen, which is ours.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import statistics
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, text

from adwatch.app import decisions
from adwatch.app.office import Office
from adwatch.app.queue import Filters
from adwatch.evidence.audit import verify_log
from adwatch.models import Actor
from adwatch.settings import load_settings
from adwatch.store import schema as s
from adwatch.store.engine import migrate, opened, reading, vacuum_hint, writing
from adwatch.store.partitions import A_MONTH, begin_month
from tests.store.databases import binaries_of_postgresql, started_server
from tests.store.world import World, listing

FLAGGED = 10
"""Every so many listings there is a case."""
UNIT = "某市应急管理局"
RESULTS = ("confirm",) * 6 + ("dismiss",) * 3 + ("doubt",)
STEP = 100_000

FILL = (
    """INSERT INTO listing (id, key, platform_id, native_id, url, version_id, first_seen_at, last_seen_at,
         last_seen_day, first_flagged_at, first_flagged_day)
       SELECT i, substring(sha256(convert_to(p.name, 'UTF8') || CAST('\\x00' AS bytea) || convert_to(i::text, 'UTF8'))
         for 16),
         p.id, i, 'https://plaza.example/' || i, :base + i, now(), now(),
         CAST(:day AS varchar), CASE WHEN i % :flagged = 0 THEN now() END,
         CASE WHEN i % :flagged = 0 THEN CAST(:day AS varchar) END
       FROM generate_series(:first, :last) i JOIN platform p ON p.id = 1 + i % 20""",
    """INSERT INTO listing_version (id, listing_id, content_sha256, kind, title, text, images, links, seller_id,
         seller_name, seller_region, captured_at, day)
       SELECT :base + i, i, md5(i::text) || md5(i::text), 'product', '商品' || i, CASE WHEN i % :flagged = 0
         THEN CAST(:offer AS text)
         ELSE '日用百货 ' || md5(i::text) END, '[]', '[]', 's' || i % 5000, '小店' || i % 5000, '某省某市', now(),
         CAST(:day AS varchar)
       FROM generate_series(:first, :last) i""",
    """INSERT INTO verdict (version_id, classifier_id, band, score, scope, tier, detail)
       SELECT :base + i, 1, CASE WHEN i % :flagged = 0 THEN 'flagged' ELSE 'clear' END,
         (i % 1000 * 619 % 1000) / 1000.0, CASE WHEN i % :flagged = 0 THEN 'safety_production' END, 'exact',
         CASE WHEN i % :flagged = 0 THEN CAST(:detail AS json) ELSE '{}' END
       FROM generate_series(:first, :last) i""",
    """INSERT INTO "case" (id, state, scope, score, opened_at, opened_day, platform_id, band, tier, region)
       SELECT i, 'screening', CASE WHEN i % 3 = 0 THEN 'other_credential' ELSE 'safety_production' END,
         (i % 1000 * 619 % 1000) / 1000.0, now(), CAST(:day AS varchar), 1 + i % 20, 'flagged', 'exact', '某省某市'
       FROM generate_series(:first, :last) i WHERE i % :flagged = 0""",
    """INSERT INTO case_listing (listing_id, case_id)
       SELECT i, i FROM generate_series(:first, :last) i WHERE i % :flagged = 0""",
    """INSERT INTO case_tag (case_id, kind, value)
       SELECT i, 'class', 'sure_thing' FROM generate_series(:first, :last) i WHERE i % :flagged = 0""",
)


def fill(url: str, count: int) -> None:
    """So many listings, made by the server; the first is stored our way, and its verdict's detail is everyone's."""
    with opened(url) as engine:
        migrate(engine)
        now = datetime.now(UTC)
        begin_month(engine, now)
        World(engine, now).flag(listing("model"))
        (model,) = World(engine).rows(s.verdict)
        base = (now.year * 100 + now.month) * A_MONTH + 1000
        given = {"day": now.date().isoformat(), "detail": json.dumps(model["detail"]), "offer": listing("model").text}
        with writing(engine) as connection:
            for number in range(2, 21):
                connection.execute(
                    text("INSERT INTO platform VALUES (:n, :name, 'html')"), {"n": number, "name": f"p{number}"}
                )
        for first in range(10, count + 10, STEP):
            numbers = {"base": base, "flagged": FLAGGED, "first": first, "last": min(first + STEP, count + 10) - 1}
            with writing(engine) as connection:
                for each in FILL:
                    statement = each
                    for name, number in numbers.items():
                        statement = statement.replace(f":{name}", str(number))
                    said = {name: value for name, value in given.items() if f":{name}" in statement}
                    connection.execute(text(statement), said)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))
            connection.execute(text(f"SELECT setval('listing_version_id_seq', {base + count + 10})"))


def reviewer(
    office: Office, name: str, until: float, think: float, index: bool, told: list[Any], times: list[float]
) -> None:
    """One reviewer's five minutes."""
    me, chooser = Actor(name, UNIT, "审核员"), random.Random(name)
    lead = decisions.next_lead(office, Filters(), me)
    while lead is not None and time.monotonic() < until:
        time.sleep(chooser.uniform(0.5, 1.5) * think)
        result = chooser.choice(RESULTS)
        began = time.perf_counter()
        report, _ = decisions.decide(office, [lead["case_id"]], result, me, "核对", "X01", opened=True, index=index)
        if report.kept != 1:
            raise SystemExit(f"{name}: refused: {report.notes}")
        told.append((lead["case_id"], name, result))
        lead = decisions.next_lead(office, Filters(), me)
        times.append((time.perf_counter() - began) * 1000)


def process(url: str, home: str, names: list[str], seconds: float, think: float, index: bool, out: Any) -> None:
    """Some of the reviewers, each in a thread, as in one process of the console."""
    told: list[Any] = []
    times: list[float] = []
    with Office(load_settings(home=Path(home), database_url=url, unit=UNIT)) as office:
        assert office.engine
        office.classes, office.families, office.law  # noqa: B018 - read before the threads ask at once
        until = time.monotonic() + seconds
        threads = [
            threading.Thread(target=reviewer, args=(office, name, until, think, index, told, times)) for name in names
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    out.put((told, times, time.process_time()))


def check(url: str, told: list[tuple[int, str, str]]) -> tuple[int, int, int]:
    """(lost, doubled, leads that two decided)."""
    with opened(url) as engine:
        with reading(engine) as connection:
            d = s.decision.c
            stored = [tuple(row) for row in connection.execute(select(d.case_id, d.person, d.result))]
            two = select(d.case_id).group_by(d.case_id).having(func.count(d.person.distinct()) > 1)
            same = len(connection.execute(two).all())
        checked = verify_log(engine)
        if checked.fault is not None:
            sys.exit(f"the audit log does not stand: {checked.fault}")
    return len(set(told) - set(stored)), len(stored) - len({row[0] for row in stored}), same


def main() -> int:
    """Run and print; 1 where something was lost or doubled."""
    parser = argparse.ArgumentParser(prog="python -m bench reviewers")
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--listings", type=int, default=1_000_000)
    parser.add_argument("--reviewers", type=int, default=20)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--think", type=float, default=2.0, help="seconds of thought, half to one and a half of it")
    parser.add_argument("--index", action="store_true", help="each decision brings the embedded index up to date")
    given = parser.parse_args()
    binaries = binaries_of_postgresql()
    if binaries is None:
        sys.exit("no PostgreSQL server in /usr/lib/postgresql")
    with started_server(binaries, "shared_buffers=512MB") as url, tempfile.TemporaryDirectory() as home:
        began = time.perf_counter()
        fill(url, given.listings)
        with opened(url) as engine:
            print(
                f"{given.listings:,} listings, {vacuum_hint(engine)}, filled in {time.perf_counter() - began:.0f} s",
                flush=True,
            )
        fork = multiprocessing.get_context("fork")
        out = fork.Queue()
        names = [f"审核员{number}" for number in range(given.reviewers)]
        parts = [names[at :: given.processes] for at in range(given.processes)]
        shared = (given.seconds, given.think, given.index, out)
        running = [fork.Process(target=process, args=(url, home, part, *shared)) for part in parts]
        for each in running:
            each.start()
        found = [out.get() for _ in running]
        for each in running:
            each.join()
        told = [row for part, _, _ in found for row in part]
        times = sorted(took for _, part, _ in found for took in part)
        busy = sum(spent for _, _, spent in found)
        lost, doubled, same = check(url, told)
    tail = {share: times[int(len(times) * share) - 1] for share in (0.95, 0.99, 1.0)}
    rate = len(told) / given.seconds
    print(f"{given.reviewers} reviewers, {given.seconds:.0f} s: {len(told):,} decisions ({rate:.1f}/s)")
    print(f"lost {lost}, doubled {doubled}, on one lead by two {same}; the audit log stands")
    print(f"processor time of the clients {busy / len(told) * 1000:.0f} ms a decision; load {os.getloadavg()[1]:.1f}")
    said = ", ".join(f"p{share * 100:.0f} {took:.0f}" for share, took in tail.items())
    print(f"from a decision to the next lead shown: median {statistics.median(times):.0f} ms, {said}")
    return 1 if lost or doubled or same else 0


if __name__ == "__main__":
    sys.exit(main())
