"""网站 in the console with many sites behind it: ``python -m bench site_pages [--sites N] [--postgresql]``.

Each tenth site has a case among the cases of ``console_pages``; each has a sighting, a look and three marks, of which
one is shown by five sites and one by thirty. A real server answers; told are the times of ``--times`` asks, with the
processor time of server and database. Asked are 300 ms for a page.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, text

from adwatch.app.office import Office
from adwatch.settings import load_settings
from adwatch.store import schema as s
from adwatch.store.engine import writing
from adwatch.store.sites import ENTRIES
from bench.console_pages import fill
from bench.page_times import on_either_database, tell
from tests.console.site import UNIT, running

PAGES = (
    "/today",
    "/sites",
    "/sites?shown=waiting",
    "/sites?shown=doubtful&kind=app",
    "/sites?shown=unseen",
    "/sites?shown=all",
    "/sites?shown=all&before=50000",
    "/sites?shown=all&name=nothing-has-this",
    "/sites/NUMBER",
)
SOURCE = 21
"""Number of the source in which sites have their entries."""


def sites(engine: Engine, count: int) -> None:
    """So many sites, by rows of our own tables."""
    now = datetime.now(UTC)
    with writing(engine) as connection:
        connection.execute(s.platform.insert().values(id=SOURCE, name=ENTRIES, kind="handover"))
    day, about = now.date().isoformat(), {"class": "fake_lookup_site", "scope": "safety_production"}
    points = [{"name": "form", "points": 2.5, "why": "查询表单"}, {"name": "host", "points": 2.0, "why": "域名像官方"}]
    for first in range(1, count + 1, 5000):
        numbers = range(first, min(first + 5000, count + 1))
        rows = [
            {
                "id": n,
                "kind": "app" if n % 50 == 1 else "site",
                "name": f"cx{n}-mem-gov.example",
                "url": f"http://cx{n}-mem-gov.example/",
                "first_seen_at": now,
                "first_day": day,
                "verdict": "look_alike",
                "score": 3.0,
                "why": ["域名像官方"],
                "families": ["special_operations"] if n % 3 else [],
                "about": about,
                "word": "fake_lookup" if n % 10 == 0 else "other",
                "band": "flagged" if n % 10 == 0 else ("review", "clear", "clear", "clear")[n % 4],
                "looked_at": None if n % 700 == 0 else now,
                "listing_id": n + 9 if n % 10 == 0 else None,
            }
            for n in numbers
        ]
        met = [
            {"key": n.to_bytes(16), "site_id": n, "how": "qr", "address": "x", "day": day, "at": now, "detail": ""}
            for n in numbers
        ]
        facts = {"server_ip": "192.0.2.1"}
        seen = {"at": now, "day": day, "word": "other", "gone": False, "score": 4.5, "points": points, "facts": facts}
        marks = [
            {"site_id": n, "kind": kind, "value": value, "shown": value, "at": now}
            for n in numbers
            for kind, value in (("contact", f"c{n // 5}"), ("address", f"a{n // 30}"), ("icon", f"i{n}"))
        ]
        with writing(engine) as connection:
            entries = [row["listing_id"] for row in rows if row["listing_id"] is not None]
            for table in (s.listing, s.case):  # a case has the number of its listing here
                connection.execute(table.update().where(table.c.id.in_(entries)).values(platform_id=SOURCE))
            connection.execute(s.site.insert(), rows)
            connection.execute(s.site_sighting.insert(), met)
            connection.execute(s.site_look.insert(), [{"site_id": n, **seen} for n in numbers])
            connection.execute(s.site_mark.insert(), marks)
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))


def measure(home: Path, url: str, count: int, times: int) -> None:
    """Fill, serve, ask."""
    with Office(load_settings(home=home, unit=UNIT, database_url=url)) as office:
        began = time.perf_counter()
        fill(office.engine, count)
        sites(office.engine, count)
        print(f"{count:,} sites and cases in {time.perf_counter() - began:.0f} s", flush=True)
        with running(office) as site:
            site.account("head", "head")
            site.account("limited", "reviewer", regions=["某省7市"], families=["construction"])
            print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", flush=True)
            for name in ("head", "limited"):
                client, number = site.client(name), 0
                for path in PAGES:  # of a limited account's, sites without a case: anybody's
                    which = [
                        10 * n if name == "head" else 3 * (10 * n + 1) for n in range(number + 1, number + times + 1)
                    ]
                    tell(office.engine, client, name, path, [{"NUMBER": str(each)} for each in which])
                    number += times


if __name__ == "__main__":
    on_either_database(measure, "sites", 100_000, 9)
