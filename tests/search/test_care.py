"""Lifecycle and snapshots on a real server: what it has is used, what it lacks is said."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine

from adwatch.app import Office
from adwatch.app import search as searching
from adwatch.errors import SearchError, UsageError
from adwatch.search import Query, push, verify
from adwatch.settings import load_settings
from tests.search.conftest import close
from tests.search.servers import shared_url
from tests.search.world import World, phone_item, random_items

if TYPE_CHECKING:
    from adwatch.search.elastic import ElasticIndex


@pytest.fixture
def elastic(tmp_path: Path) -> Iterator[ElasticIndex]:
    """An empty index with a folder for snapshots, below the one that the server allows."""
    from adwatch.search.elastic import ElasticIndex
    from adwatch.search.elastic_client import connect

    client = connect(load_settings(home=tmp_path, search_url=shared_url(), _env_file=None))
    nodes = client.nodes.info(metric="settings")["nodes"].values()
    allowed = next(iter(nodes))["settings"]["path"].get("repo")
    if not allowed:
        pytest.skip("the server that is given has no path.repo: no folder for snapshots")
    prefix = f"test{uuid.uuid4().hex[:10]}"
    folder = f"{allowed if isinstance(allowed, str) else allowed[0]}/{prefix}"
    index = ElasticIndex(client, tmp_path, prefix=prefix, snapshots=folder)
    yield index
    index.drop()
    lenient = client.options(ignore_status=404)
    lenient.snapshot.delete(repository=prefix, snapshot=f"{prefix}-*")
    lenient.snapshot.delete_repository(name=prefix)
    close(index)


def test_a_snapshot_brings_a_lost_index_back(engine: Engine, elastic: ElasticIndex, world: World) -> None:
    world.add(random_items(40))
    push(engine, elastic)
    done = elastic.care.snapshot("first", None)
    assert set(done["indices"]) == set(elastic.indices.all()) and done["snapshot"] == f"{elastic.prefix}-first"
    told = elastic.status().care["snapshots"]
    assert "1 there, last " in told and "SUCCESS" in told
    for name in elastic.indices.all():
        elastic.client.indices.delete(index=name)
    with pytest.raises(SearchError):
        elastic.search(Query("证"))
    elastic.client.snapshot.restore(
        repository=elastic.care.repository, snapshot=done["snapshot"], wait_for_completion=True
    )
    assert verify(engine, elastic).equal, "aliases and all"
    world.add([phone_item("new")])
    assert push(engine, elastic).kept == 1


def test_old_snapshots_are_deleted_where_that_is_asked(engine: Engine, elastic: ElasticIndex, world: World) -> None:
    world.add([phone_item("1")])
    push(engine, elastic)
    for name in ("one", "two"):
        assert elastic.care.snapshot(name, None)["deleted"] == []
    assert elastic.care.snapshot("three", 2)["deleted"] == [f"{elastic.prefix}-one"]
    assert "2 there" in elastic.status().care["snapshots"]


def test_what_the_cluster_lacks_is_said(engine: Engine, elastic: ElasticIndex, world: World) -> None:
    """The server that Maven has lacks ILM and SLM; one that has them is told to use them."""
    world.add([phone_item("1")])
    push(engine, elastic)
    told = elastic.status().care
    template = elastic.client.indices.get_index_template(name=f"{elastic.prefix}-listings")
    settings = template["index_templates"][0]["index_template"].get("template", {}).get("settings", {})
    if "not on this cluster" in told["lifecycle"]:
        assert told["lifecycle"] == "not on this cluster: it lacks the module" and settings == {}
        assert "daily ones not on this cluster" in told["snapshots"] and "adwatch index snapshot" in told["snapshots"]
    else:
        assert told["lifecycle"] == f"{elastic.prefix}-listings, by the cluster"
        assert settings["index"]["lifecycle"]["name"] == f"{elastic.prefix}-listings"
        assert told["snapshots"].endswith("daily, by the cluster")


def test_a_repository_that_is_not_there_is_said(engine: Engine, elastic: ElasticIndex) -> None:
    strange = type(elastic)(elastic.client, elastic.home, elastic.prefix, snapshots="no_such_repository")
    strange.prepare()
    assert "no_such_repository not there yet" in strange.status().care["snapshots"]
    none = type(elastic)(elastic.client, elastic.home, elastic.prefix)
    assert none.status().care["snapshots"].startswith("none: set ADWATCH_SEARCH_SNAPSHOTS")
    with pytest.raises(UsageError, match="ADWATCH_SEARCH_SNAPSHOTS"):
        none.care.snapshot("x", None)


def test_status_says_how_long_the_oldest_change_waits_and_where_a_rebuild_stands(tmp_path: Path) -> None:
    with Office(load_settings(home=tmp_path, search_url="", _env_file=None)) as office:
        told = searching.status(office)
        assert (told["waiting"], told["waiting_seconds"], told["rebuild"]) == (0, 0, "none under way")
        World(office.engine).add([phone_item("1")])
        with office.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE outbox SET enqueued_at = '2026-01-01 00:00:00.000000'")
        told = searching.status(office)
        assert told["waiting"] == 1 and told["waiting_seconds"] > 86_400
        from adwatch.app import doctor

        rows = {row["word"]: row["message"] for row in doctor._search(office)}
        assert "the oldest for " in rows["warn"]
        with pytest.raises(UsageError, match="embedded index has no snapshots"):
            searching.snapshot(office, None)
