"""Two workers on one PostgreSQL store meet the same new sites at once: one site, one entry, one case of each."""

from __future__ import annotations

import subprocess
import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from adwatch.store import schema as s
from adwatch.store import sites
from adwatch.store.engine import reading, writing

ROUNDS = 15
WORKER = """
import sys
from pathlib import Path
from adwatch.app import site_looks
from adwatch.app.office import Office
from adwatch.settings import Settings
from adwatch.store import sites as store
from adwatch.store.engine import reading, writing
from adwatch.tables.site_rules import site_rules

settings = Settings(home=Path(sys.argv[1]), database_url=sys.argv[2], contact="t@t.example", unit="某局")
with Office(settings) as office:
    office.classifier, office.classifier.judge
    rules = site_rules()
    print("ready", flush=True)
    for line in sys.stdin:
        host, now = line.strip(), office.clock.now()
        about = {"why": ["域名像官方"], "families": ["special_operations"], "about": {"class": rules.offer_class}}
        values = {"first_seen_at": now, "first_day": "2026-11-28", "verdict": "look_alike", "score": 3.0, **about}
        with writing(office.engine) as connection:
            site, _ = store.keep_site(connection, "site", host, url=f"http://{host}/", **values)
        kinds, entry = ["special_operations"], site_looks.entry(site, None)
        print(site_looks.enter(office, rules, site, "flagged", kinds, entry, "2026-11-28")["case_id"], flush=True)
"""

REVIEWER = """
import sys
from pathlib import Path
from adwatch.app import site_doubts
from adwatch.app.office import Office
from adwatch.errors import UsageError
from adwatch.models import Actor
from adwatch.settings import Settings

act = getattr(site_doubts, sys.argv[3])
settings = Settings(home=Path(sys.argv[1]), database_url=sys.argv[2], contact="t@t.example", unit="某局")
with Office(settings) as office:
    office.classifier, office.classifier.judge
    print("ready", flush=True)
    for line in sys.stdin:
        try:
            print(act(office, line.strip(), Actor(sys.argv[3], "某局", "reviewer"), "看过了")["band"], flush=True)
        except UsageError:
            print("refused", flush=True)
"""


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True)
@pytest.mark.parametrize("acts", [("open_case", "dismiss"), ("open_case", "open_case")])
def test_of_two_reviewers_at_once_one_settles_a_doubt(engine: Engine, tmp_path: Path, acts: tuple[str, str]) -> None:
    url = engine.url.render_as_string(hide_password=False)
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False) if "postgres" in url else url
    rounds, told = 6, []
    values = {"first_day": "2026-11-28", "verdict": "other", "score": 0.0, "why": [], "families": [], "about": {}}
    with writing(engine) as connection:
        for number in range(rounds):
            met = {"url": f"http://doubt{number}.example/", "first_seen_at": datetime(2026, 11, 28, tzinfo=UTC)}
            row, _ = sites.keep_site(connection, "site", f"doubt{number}.example", **met, **values)
            sites.change_site(connection, row["id"], band="review")
    with ExitStack() as stack:
        workers = [
            stack.enter_context(_worker(REVIEWER, tmp_path / f"home{at}", url, act)) for at, act in enumerate(acts)
        ]
        assert [_answer(worker) for worker in workers] == ["ready", "ready"]
        for number in range(rounds):
            for worker in workers:
                assert worker.stdin is not None
                worker.stdin.write(f"doubt{number}.example\n")
                worker.stdin.flush()
            told.append({_answer(worker) for worker in workers})
    with reading(engine) as connection:
        found = sites.sites(connection)
        actions = list(connection.scalars(select(s.audit_entry.c.action)))
        cases = connection.scalar(select(func.count()).select_from(s.case))
    assert all("refused" in each and len(each) == 2 for each in told), told
    assert len([each for each in actions if each.startswith("site.")]) == rounds
    opened = [row for row in found if row["band"] == "flagged"]
    assert cases == len(opened) == actions.count("site.opened")
    assert all(row["case_id"] for row in opened)


def _worker(code: str, home: Path, url: str, *more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", code, str(home), url, *more]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


@pytest.mark.slow
@pytest.mark.postgresql
@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_two_workers_that_meet_a_new_site_at_once_make_one_of_it(engine: Engine, tmp_path: Path) -> None:
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with ExitStack() as stack:
        workers = [stack.enter_context(_worker(WORKER, tmp_path / f"home{number}", url)) for number in range(2)]
        assert [_answer(worker) for worker in workers] == ["ready", "ready"]
        for number in range(ROUNDS):
            for worker in workers:
                assert worker.stdin is not None
                worker.stdin.write(f"cx{number}-mem-gov.example\n")
                worker.stdin.flush()
            first, second = (_answer(worker) for worker in workers)
            assert first == second != "None", f"round {number}: each worker has the case, and the same one"
    with reading(engine) as connection:
        found = sites.sites(connection)
        counts = [connection.scalar(select(func.count()).select_from(table)) for table in (s.site, s.listing, s.case)]
        versions = connection.scalar(select(func.count()).select_from(s.listing_version))
        bands = set(connection.scalars(select(s.verdict.c.reason)))
    assert counts == [ROUNDS] * 3 and versions == ROUNDS
    assert len({row["case_id"] for row in found}) == len({row["listing_id"] for row in found}) == ROUNDS
    assert bands == {"imitates_official"}  # nobody judged an entry by its words


def _answer(worker: subprocess.Popen[str]) -> str:
    assert worker.stdout is not None
    return worker.stdout.readline().strip()
