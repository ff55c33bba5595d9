"""How long the figures for a watcher take at a large store: ``python -m bench metrics [VERSIONS]`` (5,000,000).

The store is filled by SQL: listings' versions with 500 characters each, a verdict for all but the last thousand, a case
for each hundredth, 60,000 listings in takedown requests, 100,000 changes in the outbox, 40 platforms patrolled on each
of 400 days; and 14,600 archive files. Told eleven times as by ``adwatch metrics``, which looks at every file of the
archive, and eleven times as at ``/metrics``, which does so each five minutes. SQLite, or an empty database that
ADWATCH_DATABASE_URL names.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from prometheus_client import generate_latest
from sqlalchemy import Engine, text

from adwatch.app.metrics import exposition, registry
from adwatch.app.office import Office
from adwatch.settings import load_settings
from adwatch.store.engine import reading, writing
from adwatch.store.figures import store_bytes

NOW = datetime(2026, 11, 28, 4, 0, tzinfo=UTC)
DAYS, PLATFORMS, OPEN = 400, 40, 1000

NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count) "
FILL = (
    (
        "INSERT INTO listing_version (id, listing_id, content_sha256, kind, title, text, captured_at, day) "
        "SELECT i, i, 'd', 'product', '商品' || i, :body, '2026-11-01 00:00:00.000000', '2026-11-01' FROM n",
        1,
    ),
    ("INSERT INTO verdict (version_id, classifier_id, band, score) SELECT i, 1, 'clear', 0.1 FROM n", 1),
    (
        'INSERT INTO "case" (id, state, scope, score, opened_at, opened_day, registered_at) SELECT i, '
        "CASE i % 5 WHEN 0 THEN 'screening' WHEN 1 THEN 'registered' WHEN 2 THEN 'confirmed' WHEN 3 THEN 'dismissed' "
        "ELSE 'closed' END, 'other_credential', 0.9, '2026-11-01 00:00:00.000000', '2026-11-01', "
        "'2026-11-02 00:00:00.000000' FROM n",
        100,
    ),
)
KEYS = {"sqlite": "randomblob(16)", "postgresql": "decode(md5(i::text), 'hex')"}
SMALL = (
    (
        "INSERT INTO listing (id, key, platform_id, native_id, first_seen_at, last_seen_at, last_seen_day) "
        "SELECT i, KEY, 1, i, '2026-11-01 00:00:00.000000', '2026-11-01 00:00:00.000000', '2026-11-01' FROM n",
        60_000,
    ),
    (
        "INSERT INTO takedown (id, number, platform_id, state, drafted_at, sent_at, deadline_at, content) "
        "SELECT i, 'T' || i, 1, 'sent', '2026-11-01 00:00:00.000000', '2026-11-01 00:00:00.000000', "
        "'2026-11-02 00:00:00.000000', '{}' FROM n",
        600,
    ),
    (
        "INSERT INTO takedown_listing (takedown_id, listing_id, version_id, word, checked_at) "
        "SELECT i % 600 + 1, i, i, CASE i % 9 WHEN 0 THEN 'up' ELSE 'gone' END, '2026-11-27 06:00:00.000000' FROM n",
        60_000,
    ),
    ("INSERT INTO outbox (listing_id) SELECT i FROM n", 100_000),
)


def fill(engine: Engine, versions: int) -> None:
    """The store's rows."""
    body = "电工 焊工 " * 83
    with writing(engine) as connection:
        connection.execute(text("INSERT INTO classifier VALUES (1, '1', 'k', :to)"), {"to": versions - OPEN})
        for number in range(1, PLATFORMS + 1):
            connection.execute(
                text("INSERT INTO platform VALUES (:n, :name, 'html')"), {"n": number, "name": f"p{number}"}
            )
        for sql, each in FILL:
            count = versions // each - (OPEN if "verdict" in sql else 0)
            connection.execute(text(_with(sql)), {"count": count, "body": body})
        for sql, count in SMALL:
            connection.execute(text(_with(sql.replace("KEY", KEYS[engine.dialect.name]))), {"count": count})
        notes = '{"seen": 250, "outcomes": {"ok": 1}, "notes": ["' + "x" * 3000 + '"]}'
        runs = [
            {
                "p": number,
                "day": str(day),
                "begun": f"{day} 01:00:00.000000",
                "ended": f"{day} 01:10:00.000000",
                "counts": notes,
            }
            for day in (NOW.date() - timedelta(days=ago) for ago in range(DAYS, -1, -1))
            for number in range(1, PLATFORMS + 1)
        ]
        connection.execute(
            text(
                "INSERT INTO run (kind, day, platform_id, started_at, ended_at, outcome, counts, cursors) VALUES "
                "('patrol', :day, :p, :begun, :ended, 'ok', :counts, '{}')"
            ),
            runs,
        )


def _with(sql: str) -> str:
    head, _, tail = sql.partition(" SELECT ")
    return f"{head} {NUMBERS} SELECT {tail}"


def main() -> None:
    """Fill, tell, print."""
    versions = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000_000
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        with Office(load_settings(home=home)) as office:
            begun = time.perf_counter()
            fill(office.engine, versions)
            for ago in range(365):
                day = office.settings.archive_root / str(ago)
                day.mkdir(parents=True)
                for number in range(PLATFORMS):
                    (day / f"{number}.warc.gz").write_bytes(b"x" * 100)
            with reading(office.engine) as connection:
                size = store_bytes(connection) / 1e9
            print(f"{versions:,} versions, {size:.1f} GB, made in {time.perf_counter() - begun:.0f} s")
        with Office(load_settings(home=home)) as office:
            print(f"adwatch metrics: {timed(partial(exposition, office))}")
            print(f"/metrics: {timed(partial(generate_latest, registry(office)))}")
            page = exposition(office)
        series = sum(not line.startswith(b"#") for line in page.splitlines())
        print(f"{series} series, {len(page):,} bytes; load {os.getloadavg()[0]:.1f}")


def timed(tell: Callable[[], bytes]) -> str:
    """How long it takes eleven times, by the clock and in this process's processor time."""
    clock, used = [], []
    for _ in range(11):
        begun, spent = time.perf_counter(), time.process_time()
        tell()
        clock.append((time.perf_counter() - begun) * 1000)
        used.append((time.process_time() - spent) * 1000)
    rest = sorted(clock[1:])
    return (
        f"first {clock[0]:.0f} ms, then {rest[0]:.0f} to {rest[-1]:.0f} ms, median {rest[4]:.0f};"
        f" processor {min(used):.0f} to {max(used):.0f} ms"
    )


if __name__ == "__main__":
    main()
