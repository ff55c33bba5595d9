"""Two workers never take the same: shown with real connections and real processes."""

from __future__ import annotations

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import chain
from threading import Barrier

import pytest
from sqlalchemy import Engine

from adwatch.store import outbox
from adwatch.store import schema as s
from adwatch.store.claims import claimed_backlog, claimed_outbox
from adwatch.store.engine import reading
from adwatch.store.listings import upsert_listings
from adwatch.store.verdicts import backlog, classifier_id, mark_classified, save_verdicts
from tests.store.world import DAY, NOON, World, clear, listing

postgresql_only = pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
"""Row locks that are skipped are PostgreSQL's."""


def _fill(engine: Engine, count: int) -> int:
    upsert_listings(engine, "plaza", [listing(str(n)) for n in range(count)], DAY, NOON)
    return classifier_id(engine, "1", "k")


def test_a_claim_is_the_backlog_where_nobody_else_is(engine: Engine) -> None:
    classifier = _fill(engine, 5)
    with claimed_backlog(engine, classifier, 3) as versions:
        assert versions == backlog(engine, classifier, 3)
        save_verdicts(engine, classifier, versions, [clear()] * 3, DAY, NOON)
    with claimed_backlog(engine, classifier, 3, "2026-11-17") as versions:
        assert versions == []
    with claimed_backlog(engine, classifier, 3, DAY) as versions:
        assert [version.title for version in versions] == ["商品3", "商品4"]


@pytest.mark.postgresql
@postgresql_only
def test_what_one_has_claimed_another_does_not_see(engine: Engine) -> None:
    classifier = _fill(engine, 10)
    with ExitStack() as claims:
        taken = [claims.enter_context(claimed_backlog(engine, classifier, 4)) for _ in range(4)]
    assert [len(claim) for claim in taken] == [4, 4, 2, 0]
    assert list(chain(*taken)) == backlog(engine, classifier), "let go, all is free again"


@pytest.mark.postgresql
@postgresql_only
def test_workers_at_once_judge_each_version_once(engine: Engine) -> None:
    classifier = _fill(engine, 300)
    begin = Barrier(4)

    def work(_: int) -> list[int]:
        begin.wait(60)
        done: list[int] = []
        while True:
            with claimed_backlog(engine, classifier, 7) as versions:
                save_verdicts(engine, classifier, versions, [clear()] * len(versions), DAY, NOON)
            if not versions:
                return done
            done += [version.id for version in versions]

    with ThreadPoolExecutor(4) as pool:
        done = [number for each in pool.map(work, range(4)) for number in each]
    assert len(done) == len(set(done)), "nothing was judged twice"
    assert len(done) == 300
    mark_classified(engine, classifier)
    assert backlog(engine, classifier) == []


@pytest.mark.postgresql
@postgresql_only
def test_what_a_killed_worker_had_claimed_is_free_at_once(engine: Engine) -> None:
    classifier = _fill(engine, 6)
    code = (
        "import sys; from adwatch.store.engine import open_engine; from adwatch.store.claims import claimed_backlog\n"
        "with claimed_backlog(open_engine(sys.argv[1]), int(sys.argv[2]), 4) as versions:\n"
        "    print(*[version.id for version in versions], flush=True); sys.stdin.read()"
    )
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with subprocess.Popen(
        [sys.executable, "-c", code, url, str(classifier)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as worker:
        assert worker.stdout is not None
        theirs = [int(number) for number in worker.stdout.readline().split()]
        with claimed_backlog(engine, classifier) as versions:
            ours = [version.id for version in versions]
        worker.send_signal(signal.SIGKILL)
    assert len(theirs) == 4
    assert set(theirs).isdisjoint(ours)
    assert len(ours) == 2
    # the server notices the dead connection when it next looks at it: ask until it has
    for _ in range(10_000):
        with claimed_backlog(engine, classifier) as versions:
            if len(versions) == 6:
                break
    assert sorted(version.id for version in versions) == sorted(theirs + ours)


def test_rows_of_the_outbox_are_acknowledged_or_stay(engine: Engine) -> None:
    world = World(engine)
    for name in ("1", "2", "3"):
        world.flag(listing(name))
    with claimed_outbox(engine, limit=2) as claim:
        assert claim.drained == outbox.drain(engine, limit=2)
        claim.acknowledge(claim.drained.seqs[:1])
    assert outbox.pending(engine) == 2
    with pytest.raises(ZeroDivisionError), claimed_outbox(engine) as claim:
        assert len(claim.drained.rows) == 2
        _ = 1 // 0
    assert outbox.pending(engine) == 2


@pytest.mark.postgresql
@postgresql_only
def test_no_listing_is_in_two_claims_of_the_outbox(engine: Engine) -> None:
    world = World(engine)
    for name in ("1", "2", "3", "4"):
        world.flag(listing(name))
    upsert_listings(engine, "plaza", [listing("1", price_fen=5), listing("2", price_fen=5)], "2026-11-19", NOON)
    with reading(engine) as connection:
        assert [row.listing_id for row in connection.execute(s.outbox.select())] == [1, 2, 3, 4, 1, 2]
    with claimed_outbox(engine, limit=3) as one, claimed_outbox(engine, limit=3) as two:
        assert one.drained.listing_ids == [1, 2, 3]
        assert two.drained.listing_ids == [4], "the later rows of 1 and 2 wait for the first worker"
        one.acknowledge(one.drained.seqs)
        two.acknowledge(two.drained.seqs)
    assert outbox.pending_listings(engine) == {1, 2}
    with claimed_outbox(engine) as rest:
        assert rest.drained.listing_ids == [1, 2]
