"""A cluster of one master and one data node that loses its data node and regains it, as seen by indexer and search."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from sqlalchemy import Engine

from adwatch.errors import SearchError
from adwatch.search import Query, push
from adwatch.settings import Settings
from adwatch.store import outbox
from tests.search.conftest import close
from tests.search.draining import COUNT, SMALL, Drainer, drained, equal
from tests.search.servers import started_cluster, until
from tests.search.world import World, random_items

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def test_the_data_node_is_lost_and_comes_back(
    engine: Engine, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the client as it is shipped: the words are the server's, not that we lost patience."""
    master, data = started_cluster()
    from adwatch.search.elastic import ElasticIndex
    from adwatch.search.elastic_client import connect

    monkeypatch.setattr("adwatch.search.indexer.BATCH", SMALL)
    client = connect(Settings(home=tmp_path, search_url=master.url))
    index = ElasticIndex(client, tmp_path, prefix=f"cluster{uuid.uuid4().hex[:10]}", backoff=0.05)
    world.add(random_items(COUNT))
    try:
        with Drainer(engine, index) as drainer:
            until(lambda: outbox.pending(engine) < COUNT - SMALL)
            data.kill()
            assert 0 < outbox.pending(engine) < COUNT, "in the middle"
            until(lambda: index.status().health.startswith("red: "))
            with pytest.raises(SearchError, match="red"):
                index.search(Query("证"))
            with pytest.raises(SearchError, match="red"):
                push(engine, index)
            assert not drained(engine)
            data.start()
            until(lambda: drained(engine))
        assert drainer.report is not None
        assert drainer.report.dropped["retried"] and any("red" in note for note in drainer.report.notes)
        equal(engine, index)
        assert index.status().health == "ok"
    finally:
        data.stop()
        master.stop()
        close(index)
