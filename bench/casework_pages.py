"""下架, 移送, 主体, 统计 with much behind them: ``python -m bench casework_pages [--cases N] [--postgresql]``.

On the store of ``console_pages``, but with four cases in ten confirmed, the database writes what the offices would have
left: of a million listings 300,000 stand in some 24,000 requests (20 of them large) with steps, replies, reminders,
checks and removals; 10,000 transfers; 700,000 stand in some 217,000 subjects, ten of which have 5,000 listings each;
tracks, findings and events of all these cases. Asked are 300 ms for each page of an unlimited head, and of accounts
with limits of each kind.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Engine, text

from adwatch.app.life_lines import life_lines_afresh
from adwatch.app.office import Office
from adwatch.settings import load_settings
from adwatch.store.engine import vacuum_hint, writing
from bench.casework_rows import ROWS, SUBJECT, spelled
from bench.console_pages import STATE, fill
from bench.page_times import LIMITS, accounts, begun, on_either_database, tell
from tests.console.site import UNIT, Site, running
from tests.console.site import text as body

LISTINGS = 5_000
"""In each of the large subjects."""
PAGES = (
    "/today",
    "/takedown",
    "/takedown/back",
    "/takedown?platform=p7",
    "/takedown?step=sent",
    "/takedown?step=draft",
    "/takedown?kind=withdraw",
    "/takedown?platform=p7&step=refused",
    "/takedown?before=2000",
    "/takedown/clocks",
    "/takedown/LARGE",
    "/takedown/SMALL",
    "/takedown/DRAFT",
    "/transfer",
    "/transfer?kind=case",
    "/transfer?step=sent",
    "/transfer/MOVED",
    "/subject",
    "/subject?offset=5000",
    "/subject/1",
    "/subject/1/graph.svg",
    "/subject/SOME",
    "/cases/SEVERAL",
    "/cases/OFMANY",
)
_LETTER = "SELECT min(number) FROM takedown_letter WHERE takedown_id > 100 AND id < 1000000 AND step = "
ONE = {
    "LARGE": "SELECT number FROM takedown WHERE id = 20",
    "SMALL": f"{_LETTER}'handled'",
    "DRAFT": f"{_LETTER}'draft'",
    "MOVED": "SELECT min(number) FROM transfer WHERE step = 'draft'",
    "SEVERAL": "SELECT min(c.case_id) FROM transfer_case c JOIN track t ON t.case_id = c.case_id "
    "WHERE t.track = 'investigation'",
    "SOME": "SELECT max(id) FROM subject",
    "OFMANY": "SELECT min(id) FROM \"case\" WHERE subject_id = 1 AND id > 20 AND state = 'confirmed'",
}
"""A letter of a large request, of a small one, a draft, a transfer; a case on three tracks, one of a large subject."""


def filled(engine: Engine, count: int) -> None:
    """The cases, then what was done about them."""
    numbers = {"count": count, "large": max(count // 10_000, 2), "listings": LISTINGS}
    dialect = engine.dialect.name
    state = f"CASE WHEN i % 20 < 6 THEN 'confirmed' ELSE {STATE} END"
    fill(engine, count, state, "i % 20 < 6 OR i % 20 >= 13", spelled(SUBJECT, dialect, numbers))
    for row in ROWS:
        with writing(engine) as connection:
            statement = text(spelled(row, dialect, numbers).replace(":", "\\:"))
            connection.execute(statement)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if dialect == "postgresql":
            connection.execute(text("ANALYZE"))


def kept(office: Office) -> None:
    """What the acts would have kept of each request for the clocks, since the rows were written past the store."""
    began = time.process_time()
    count = life_lines_afresh(office)
    print(f"life lines of {count:,} requests in {time.process_time() - began:.1f} s of the processor", flush=True)


def pages(site: Site, name: str, paths: Sequence[str], times: int) -> None:
    """Each page of an account's, so many times; those of one thing are of the same each time."""
    client = site.client(name)
    with site.office.engine.connect() as connection:
        known = {mark: str(connection.scalar(text(query))) for mark, query in ONE.items()}
    for path in paths:
        tell(site.office.engine, client, name, path, [known] * times)


def tables(site: Site, times: int) -> None:
    """The newest of each table that is due, and what is behind its first computed cells."""
    client = site.client("head")
    forms: dict[str, str] = {}
    for path in re.findall(r'href="(/reports/[^/"?]+/[^/"?]+)"', body(client.get("/reports"))):
        forms.setdefault(path.split("/")[2], path)
    for path in forms.values():
        cells = re.findall(r'href="(/reports/[^"]+/behind/[^"]+)">[^<0]', body(client.get(path)))
        for each in (path, *list(dict.fromkeys(cells))[:2]):
            tell(site.office.engine, client, "head", each, [{}] * times)


def measure(home: Path, url: str, count: int, times: int) -> None:
    """Fill, serve, ask."""
    with Office(load_settings(home=home, unit=UNIT, database_url=url)) as office:
        began = time.perf_counter()
        filled(office.engine, count)
        print(f"{count:,} cases in {time.perf_counter() - began:.0f} s, {vacuum_hint(office.engine)}", flush=True)
        with running(office) as site:
            kept(office)
            begun(office)
            accounts(site)
            print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", flush=True)
            pages(site, "head", PAGES, times)
            tables(site, times)
            for name in LIMITS:
                pages(site, name, [*(each for each in PAGES if not re.search("[A-Z]", each)), "/takedown/LARGE"], times)
            print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    on_either_database(measure, "cases", 1_000_000, 3)
