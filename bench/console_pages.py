"""Every page of the console with many cases behind it: ``python -m bench console_pages [--cases N] [--postgresql]``.

The store is filled by the database itself: each listing has a version, a verdict and a case, in five states, on 20
platforms, in thirty regions. A real server answers; told is the time of each page (median, p95 and worst of
``--times``) with the processor time of server and database, and that of a decision: form, redirect and next lead on the
screen. Asked are 300 ms for a page, of an unlimited head and of accounts with limits of each kind, and 200 ms for that.
Each region has all its cases on one day: of seven days most regions of the province have none.
"""

from __future__ import annotations

import json
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from adwatch.app.indexing import index_now
from adwatch.app.office import Office
from adwatch.models import listing_key
from adwatch.settings import load_settings
from adwatch.store import schema as s
from adwatch.store.engine import vacuum_hint, writing
from adwatch.store.partitions import A_MONTH, begin_month
from bench.page_times import LIMITS, accounts, begun, on_either_database, tell, told
from tests.console.site import UNIT, Site, running
from tests.store.world import World, listing

STEP = 100_000
SERIES = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT :first UNION ALL SELECT i + 1 FROM n WHERE i < :last)",
    "postgresql": "WITH n(i) AS (SELECT generate_series(:first, :last))",
}
KEY = {
    "sqlite": "listing_key(p.name, 'x' || i)",
    "postgresql": "substring(sha256(convert_to(p.name, 'UTF8') || CAST('\\x00' AS bytea) || "
    "convert_to('x' || i, 'UTF8')) for 16)",
}
SCORE = "(i % 1000 * 619 % 1000) / 1000.0"
STATE = "CASE WHEN i % 20 < 13 THEN 'screening' WHEN i % 20 < 16 THEN 'registered' WHEN i % 20 < 18 THEN 'confirmed' "
STATE += "WHEN i % 20 < 19 THEN 'doubtful' ELSE 'dismissed' END"
DAY = "CASE i % 30 {} END"
FILL = (
    """INSERT INTO listing (id, key, platform_id, native_id, url, version_id, first_seen_at, last_seen_at,
         last_seen_day, first_flagged_at, first_flagged_day)
       {series} SELECT i, {key}, 1 + i / 20 % 20, 'x' || i, 'https://plaza.example/' || i, {base} + i, :now, :now,
         {day},
         :now, {day} FROM n JOIN platform p ON p.id = 1 + i / 20 % 20""",
    """INSERT INTO listing_version (id, listing_id, content_sha256, kind, title, text, images, links, seller_id,
         seller_name, seller_region, captured_at, day)
       {series} SELECT {base} + i, i, 'd' || i, 'product', '电工证包过 ' || i, :offer, '[]', '[]', 's' || (i % 5000),
         '小店' || (i % 5000), '某省' || (i % 30) || '市', :now, {day} FROM n""",
    """INSERT INTO verdict (version_id, classifier_id, band, score, scope, tier, detail)
       {series} SELECT {base} + i, 1, 'flagged', {score}, 'safety_production', 'exact', {detail} FROM n""",
    """INSERT INTO "case" (id, state, scope, score, opened_at, opened_day, platform_id, band, tier, region, owner,
         registered_at, lead_number, family, subject_id)
       {series} SELECT i, {state}, CASE WHEN i % 3 = 0 THEN 'other_credential' ELSE 'safety_production' END, {score},
         :now, {day}, 1 + i / 20 % 20,
         'flagged', CASE WHEN i / 3 % 4 = 0 THEN 'folded' ELSE 'exact' END,
         '某省' || (i % 30) || '市',
         CASE WHEN {known} THEN 'emergency' END,
         CASE WHEN {known} THEN {registered} END, CASE WHEN {known} THEN 'L' || i END,
         CASE WHEN i / 11 % 10 = 0 THEN 'construction' ELSE 'special_operations' END, {subject} FROM n""",
    "INSERT INTO case_listing (listing_id, case_id) {series} SELECT i, i FROM n",
    """INSERT INTO case_tag (case_id, kind, value)
       {series} SELECT i, 'class', CASE WHEN i % 2 = 0 THEN 'fast_track' ELSE 'guaranteed_pass' END FROM n""",
    """INSERT INTO case_tag (case_id, kind, value)
       {series} SELECT i, 'family',
         CASE WHEN i / 11 % 10 = 0 THEN 'construction' ELSE 'special_operations' END FROM n""",
    "INSERT INTO case_tag (case_id, kind, value) {series} SELECT i, 'contact', 'c' || (i / 50) FROM n",
)
PAGES = (
    "/today",
    "/queue",
    "/queue?state=all",
    "/queue?state=all&class=fast_track&family=construction&score=50",
    "/queue?state=registered&tier=folded&platform=p7",
    "/queue?state=all&region=某省3市&age=7",
    "/queue?state=all&region=某省&age=7",
    "/queue?state=all&age=7",
    "/queue?state=confirmed&age=7",
    "/queue?age=7",
    "/queue?state=all&contact=c77",
    "/queue?state=all&after=safety_production~0.5~500000",
    "/cases/CASE",
    "/reports",
    "/exports",
    "/keywords",
    "/audit",
    "/settings",
    "/coverage",
    "/sources",
    "/sites",
    "/routing",
    "/campaign",
    "/letters",
    "/differing",
    "/corrections",
)
WHOLE = (
    "/cases/CASE",
    "/reports",
    "/exports",
    "/audit",
    "/settings",
    "/coverage",
    "/sources",
    "/routing",
    "/campaign",
    "/letters",
)
"""Not for who is limited; a case may lie outside of what they see."""


def fill(
    engine: Engine, count: int, state: str = STATE, known: str = "i % 20 >= 13", subject: str = "CAST(NULL AS bigint)"
) -> None:
    """So many cases; the first is stored our way, and its verdict's detail is everyone's.

    In SQL over the number ``i`` of a case: its state, whether it was registered, its subject.
    """
    now, kind = datetime.now(UTC), engine.dialect.name
    begin_month(engine, now)
    World(engine, now).flag(listing("model"))
    (model,) = World(engine).rows(s.verdict)
    days = " ".join(f"WHEN {n} THEN '{(now - timedelta(n)).date()}'" for n in range(30))
    stamps = " ".join(f"WHEN {n} THEN '{now - timedelta(n):%Y-%m-%d %H:%M:%S.%f}'" for n in range(30))
    given = {
        "series": SERIES[kind],
        "key": KEY[kind],
        "base": str((now.year * 100 + now.month) * A_MONTH + 1000 if kind == "postgresql" else 10),
        "day": DAY.format(days),
        "registered": f"CAST({DAY.format(stamps)} AS timestamptz)" if kind == "postgresql" else DAY.format(stamps),
        "score": SCORE,
        "state": state,
        "known": known,
        "subject": subject,
        "detail": "CAST(:detail AS json)" if kind == "postgresql" else ":detail",
    }
    said = {"now": now if kind == "postgresql" else f"{now:%Y-%m-%d %H:%M:%S.%f}", "offer": listing("model").text}
    said["detail"] = json.dumps(model["detail"])
    with writing(engine) as connection:
        for number in range(2, 21):
            connection.execute(s.platform.insert().values(id=number, name=f"p{number}", kind="html"))
    for first in range(10, count + 10, STEP):
        numbers = {"first": first, "last": min(first + STEP, count + 10) - 1}
        with writing(engine) as connection:
            if kind == "sqlite":
                raw: Any = connection.connection.driver_connection
                raw.create_function("listing_key", 2, listing_key, deterministic=True)
            for each in FILL:
                statement = each.format(**given)
                for name, number in numbers.items():
                    statement = statement.replace(f":{name}", str(number))
                used = {name: value for name, value in said.items() if f":{name}" in statement}
                connection.execute(text(statement), used)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if kind == "postgresql":
            connection.execute(text("ANALYZE"))


def pages(site: Site, name: str, times: int) -> None:
    """Each page of an account's, so many times."""
    client, case = site.client(name), 0
    for path in PAGES:
        if name != "head" and path in WHOLE:
            continue
        tell(site.office.engine, client, name, path, [{"CASE": str(20 * (case + n) + 120)} for n in range(times)])
        case += times


def decisions(site: Site, times: int) -> None:
    """From the form that is sent to the next lead on the screen."""
    client, took = site.client("head"), []
    where = client.get("/cases/next").headers["location"]
    client.get(where)
    for _ in range(times):
        token = client.token(where)
        case = where.removeprefix("/cases/").partition("?")[0]
        began = time.perf_counter()
        form = {"csrf": token, "verb": "dismiss", "code": "D07"}
        where = client.ask("POST", f"/cases/{case}/act", form).headers["location"]
        answer = client.get(where)
        took.append((time.perf_counter() - began) * 1000)
        if answer.status != 200 or "/cases/" not in where:
            raise SystemExit(f"{where}: {answer.status}")
        time.sleep(0.05)
    print(f"decision to next lead: {told(sorted(took))}")


def measure(home: Path, url: str, count: int, times: int) -> None:
    """Fill, serve, ask."""
    with Office(load_settings(home=home, unit=UNIT, database_url=url)) as office:
        began = time.perf_counter()
        fill(office.engine, count)
        print(f"{count:,} cases in {time.perf_counter() - began:.0f} s, {vacuum_hint(office.engine)}", flush=True)
        began = time.perf_counter()
        index_now(office)
        print(f"search index brought up to date in {time.perf_counter() - began:.0f} s", flush=True)
        with running(office) as site:
            begun(office)
            accounts(site)
            print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", flush=True)
            for name in ("head", *LIMITS):
                pages(site, name, times)
            decisions(site, 8 * times)
            print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    on_either_database(measure, "cases", 1_000_000, 5)
