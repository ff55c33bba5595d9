"""Two workers on one PostgreSQL store meet the same new sites at once: one site, one entry, one case of each."""

from __future__ import annotations

import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from adwatch.store import schema as s
from adwatch.store import sites
from adwatch.store.engine import reading

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


@pytest.mark.slow
@pytest.mark.postgresql
@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_two_workers_that_meet_a_new_site_at_once_make_one_of_it(engine: Engine, tmp_path: Path) -> None:
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with ExitStack() as stack:
        workers = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", WORKER, str(tmp_path / f"home{number}"), url],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            for number in range(2)
        ]
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
