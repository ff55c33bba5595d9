"""What only Elasticsearch has: its mapping, its refusals, its errors; against a real server, never a mock."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine

from adwatch.errors import SearchError, SettingsError
from adwatch.search import Query, open_index, push, verify
from adwatch.search.document import documents
from adwatch.settings import Settings
from adwatch.store import outbox
from adwatch.store.engine import reading
from tests.search.conftest import close, make_index
from tests.search.world import Item, World, phone_item, random_items

if TYPE_CHECKING:
    from adwatch.search.elastic import ElasticIndex


@pytest.fixture
def elastic(tmp_path: Path) -> Iterator[ElasticIndex]:
    """An empty index on the server."""
    from adwatch.search.elastic import ElasticIndex

    index = make_index("elastic", tmp_path)
    assert isinstance(index, ElasticIndex)
    yield index
    index.drop()
    close(index)


def test_a_field_that_is_not_mapped_is_refused_and_stays_in_the_outbox(
    engine: Engine, elastic: ElasticIndex, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.add(random_items(10))

    def poisoned(rows: list[outbox.IndexRow], version: int, secret: bytes) -> object:
        made = documents(rows, version, secret)
        made[3].body["surprise"] = 1
        return made

    monkeypatch.setattr("adwatch.search.indexer.documents", poisoned)
    report = push(engine, elastic)
    assert (report.kept, report.dropped["refused"]) == (9, 1)
    assert "surprise" in report.notes[0] and random_items(10)[3].listing_id in report.notes[0]
    assert outbox.pending(engine) == 1
    monkeypatch.undo()
    assert push(engine, elastic).kept == 1
    assert verify(engine, elastic).equal


def test_a_phrase_typed_in_kibana_is_cut_into_characters(engine: Engine, elastic: ElasticIndex, world: World) -> None:
    world.add([phone_item("1"), Item("2", "过包", None, band="flagged")])
    push(engine, elastic)
    for query, count in (('normal:"不用考试"', 1), ("normal:包过 AND flagged:true", 2), ('normal:"包过"', 1)):
        answer = elastic.client.search(index=elastic.alias, query={"query_string": {"query": query}})
        assert answer["hits"]["total"]["value"] == count, query


def test_more_hits_than_a_page(
    engine: Engine, elastic: ElasticIndex, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.add(random_items(100))
    push(engine, elastic)
    whole = [hit.body["listing_id"] for hit in elastic.search(Query("", everything=True, limit=100)).hits]
    monkeypatch.setattr("adwatch.search.elastic.PAGE", 7)
    for limit in (None, 50, 8):
        answer = elastic.search(Query("", everything=True, limit=limit))
        assert [hit.body["listing_id"] for hit in answer.hits] == whole[: limit or 100]


def test_a_read_only_index_is_told_and_loses_nothing(engine: Engine, elastic: ElasticIndex, world: World) -> None:
    world.add(random_items(3))
    push(engine, elastic)
    world.add([Item("4", "四", None)])
    elastic.client.indices.put_settings(index=elastic.alias, settings={"index.blocks.read_only_allow_delete": True})
    hasty = type(elastic)(elastic.client, elastic.home, elastic.prefix, backoff=0.01)
    with pytest.raises(SearchError, match=r"disk full|read-only"):
        push(engine, hasty)
    elastic.client.indices.put_settings(index=elastic.alias, settings={"index.blocks.read_only_allow_delete": None})
    assert push(engine, elastic).kept == 1


def test_both_engines_hold_the_same(engine: Engine, elastic: ElasticIndex, world: World, tmp_path: Path) -> None:
    world.add([replace(item, state="screening") for item in random_items(200)])
    push(engine, elastic)
    embedded = make_index("embedded", tmp_path)
    embedded.prepare()
    with reading(engine) as connection:
        made = documents(outbox.load_after(connection, 0, 1000), 200, embedded.secret)
    embedded.put(made)
    assert embedded.bodies(made) == elastic.bodies(made) == [d.body for d in made]
    assert list(embedded.keys()) == list(elastic.keys())
    query = Query("证", everything=True, limit=40)
    assert embedded.search(query) == elastic.search(query)
    close(embedded)


def test_a_server_that_is_away_is_told_in_clear_words(engine: Engine, tmp_path: Path, world: World) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    index = open_index(Settings(home=tmp_path, search_url=f"http://127.0.0.1:{port}"))
    world.add([phone_item("1")])
    with pytest.raises(SearchError, match=r"cannot be reached.*ADWATCH_SEARCH_URL"):
        push(engine, index)
    assert outbox.pending(engine) == 1
    close(index)


def test_a_wrong_url_is_a_wrong_setting(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="ADWATCH_SEARCH_URL"):
        open_index(Settings(home=tmp_path, search_url="nonsense"))
