"""What goes wrong with a server and with us, on a real server of its own; each ends with the index equal to the store."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine

from adwatch.errors import SearchError
from adwatch.search import Query, push
from adwatch.settings import Settings
from adwatch.store import outbox
from tests.search.conftest import close
from tests.search.draining import COUNT, SMALL, Drainer, drained, equal
from tests.search.servers import Server, started, until
from tests.search.world import NOW, World, random_items

if TYPE_CHECKING:
    from adwatch.search.elastic import ElasticIndex

pytestmark = [pytest.mark.slow, pytest.mark.begun_first]

PAUSE = 60.0
"""Seconds that a server stands still."""


@pytest.fixture(scope="module")
def server() -> Server:
    """One that may be killed."""
    return started("faults")


@pytest.fixture
def elastic(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ElasticIndex]:
    """An empty index on it, filled in small batches, by a client that does not wait long."""
    from adwatch.search.elastic import ElasticIndex
    from adwatch.search.elastic_client import connect

    monkeypatch.setattr("adwatch.search.indexer.BATCH", SMALL)
    settings = Settings(home=tmp_path, search_url=server.url)
    client = connect(settings).options(request_timeout=2, max_retries=0, retry_on_timeout=False)
    index = ElasticIndex(client, tmp_path, prefix=f"fault{uuid.uuid4().hex[:10]}", backoff=0.05)
    yield index
    patient = ElasticIndex(client.options(request_timeout=30), tmp_path, prefix=index.prefix)
    patient.drop()
    close(patient)


def test_the_server_is_killed_during_bulk(engine: Engine, elastic: ElasticIndex, world: World, server: Server) -> None:
    world.add(random_items(COUNT))
    with Drainer(engine, elastic) as drainer:
        until(lambda: outbox.pending(engine) < COUNT - SMALL)
        server.kill()
        assert 0 < outbox.pending(engine) < COUNT, "in the middle"
        server.start()
        until(lambda: drained(engine))
    assert drainer.report is not None
    assert drainer.report.dropped["retried"] and any("cannot be reached" in note for note in drainer.report.notes)
    equal(engine, elastic)


def test_the_server_comes_back_empty(engine: Engine, elastic: ElasticIndex, world: World, server: Server) -> None:
    world.add(random_items(COUNT))
    with Drainer(engine, elastic):
        until(lambda: outbox.pending(engine) < COUNT - SMALL)
        server.kill()
        assert 0 < outbox.pending(engine) < COUNT, "in the middle"
        for entry in (server.folder / "data").iterdir():
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
        server.start()
        until(lambda: drained(engine))
    equal(engine, elastic)


def test_the_server_stands_still(engine: Engine, elastic: ElasticIndex, world: World, server: Server) -> None:
    """For many times what a request may take: what was sent again and again is stored once."""
    world.add(random_items(COUNT))
    with Drainer(engine, elastic) as drainer:
        until(lambda: outbox.pending(engine) < COUNT - SMALL)
        os.kill(server.pid, signal.SIGSTOP)
        goes_on = time.monotonic() + PAUSE
        try:
            assert 0 < outbox.pending(engine) < COUNT, "in the middle"
            with pytest.raises(SearchError, match="no answer in time"):
                elastic.search(Query("证"))
            time.sleep(max(0.0, goes_on - time.monotonic()))  # the pause itself: there is nothing to wait for
        finally:
            os.kill(server.pid, signal.SIGCONT)
        until(lambda: drained(engine))
    assert drainer.report is not None
    assert drainer.report.dropped["retried"] and any("no answer in time" in note for note in drainer.report.notes)
    equal(engine, elastic)


def test_the_disk_is_full(engine: Engine, elastic: ElasticIndex, world: World) -> None:
    items = random_items(COUNT)
    world.add(items[:-SMALL])
    push(engine, elastic)
    level = "cluster.routing.allocation.disk.watermark"
    names = ("low", "high", "flood_stage")
    full = {f"{level}.{name}": "100000tb" for name in names} | {"cluster.info.update.interval": "10s"}
    patient = elastic.client.options(request_timeout=30)
    patient.cluster.put_settings(persistent=full)

    def blocked() -> bool:
        world.touch(items[0])
        try:
            push(engine, elastic)
        except SearchError as error:
            assert "disk full: the cluster blocks writing" in str(error)
            return True
        return False

    try:
        until(blocked)
        world.add(items[-SMALL:])
        assert elastic.search(Query("证", everything=True)).total > 0, "searching goes on"
    finally:
        patient.cluster.put_settings(persistent=dict.fromkeys(full))
    with Drainer(engine, elastic):
        until(lambda: drained(engine))
    equal(engine, elastic)


def test_the_cluster_is_red(engine: Engine, elastic: ElasticIndex, world: World) -> None:
    world.add(random_items(COUNT))
    patient = elastic.client.options(request_timeout=30)
    patient.cluster.put_settings(persistent={"cluster.routing.allocation.enable": "none"})
    try:
        with pytest.raises(SearchError, match=r"red|no answer in time"):
            push(engine, elastic)
        assert elastic.status().health.startswith("red: ")
        assert outbox.pending(engine) == COUNT
    finally:
        patient.cluster.put_settings(persistent={"cluster.routing.allocation.enable": None})
    with Drainer(engine, elastic):
        until(lambda: drained(engine))
    equal(engine, elastic)


def test_a_search_that_would_find_too_little_fails(
    engine: Engine, elastic: ElasticIndex, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One month's shard is not there: the server would answer with what the other months hold, and say nothing."""
    items = random_items(COUNT)
    world.add(items[SMALL:])
    push(engine, elastic)
    assert elastic.search(Query("", everything=True)).total == COUNT - SMALL
    patient = elastic.client.options(request_timeout=30)
    patient.cluster.put_settings(persistent={"cluster.routing.allocation.enable": "none"})
    try:
        monkeypatch.setattr("tests.search.world.NOW", NOW.replace(month=10))
        world.add(items[:SMALL])
        with pytest.raises(SearchError):
            push(engine, elastic)
        for limit in (20, None):
            with pytest.raises(SearchError, match="red: a part of the index is not there"):
                elastic.search(Query("", everything=True, limit=limit))
        assert elastic.search(Query("")).total > 0, "the hits are all there"
    finally:
        patient.cluster.put_settings(persistent={"cluster.routing.allocation.enable": None})
    with Drainer(engine, elastic):
        until(lambda: drained(engine))
    equal(engine, elastic)


PUSH = """
import sys
from pathlib import Path
from adwatch.search import indexer
from adwatch.search.elastic import ElasticIndex
from adwatch.search.elastic_client import connect
from adwatch.settings import Settings
from adwatch.store.engine import open_engine
database, home, url, prefix = sys.argv[1:]
indexer.BATCH = 50
settings = Settings(home=Path(home), search_url=url)
indexer.push(open_engine(database), ElasticIndex(connect(settings), settings.home, prefix))
"""


def indexer(engine: Engine, index: ElasticIndex, home: Path, failpoint: str = "") -> subprocess.Popen[bytes]:
    """The indexer in a process of its own, which may be told where to die."""
    home.mkdir(exist_ok=True)
    (home / "contact.key").write_bytes(index.secret)
    url = next(iter(index.client.transport.node_pool.all())).base_url
    arguments = [engine.url.render_as_string(hide_password=False), str(home), url, index.prefix]
    environment = {**os.environ, "ADWATCH_FAILPOINT": failpoint}
    return subprocess.Popen([sys.executable, "-c", PUSH, *arguments], env=environment)


POINTS = [f"index.{name}@{passage}" for passage in (1, 2, 3, 4, 5) for name in ("before_commit", "before_ack")]


def test_our_indexer_is_killed_at_ten_points(
    engine: Engine, elastic: ElasticIndex, world: World, tmp_path: Path
) -> None:
    """One after the other over the same outbox: each goes on where the last one died."""
    items = random_items(COUNT)
    world.add(items)
    for point in POINTS:
        assert outbox.pending(engine) > 5 * 50
        assert indexer(engine, elastic, tmp_path, point).wait() == -signal.SIGKILL
        world.add([items[3], items[700]])
    assert indexer(engine, elastic, tmp_path).wait() == 0
    equal(engine, elastic)


def test_two_indexers_at_once(engine: Engine, elastic: ElasticIndex, world: World, tmp_path: Path) -> None:
    """Two machines, no lock between them: versions decide, whichever comes last."""
    items = random_items(COUNT)
    world.add(items)
    both = [indexer(engine, elastic, tmp_path / name) for name in ("one", "two")]
    for item in items[:50]:
        item.title = "后来改过"
        world.add([item])
    assert [process.wait() for process in both] == [0, 0]
    push(engine, elastic)
    equal(engine, elastic)
    assert elastic.search(Query("后来改过", everything=True)).total == 50
