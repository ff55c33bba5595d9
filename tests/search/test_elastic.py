"""What only Elasticsearch has: its mapping, its refusals, its errors; against a real server, never a mock."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine

from adwatch.errors import SearchError, SettingsError
from adwatch.search import Query, open_index, push, rebuild, verify
from adwatch.search.document import documents
from adwatch.settings import Settings
from adwatch.store import outbox
from adwatch.store.dead_letters import dead_letters
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


def test_a_poison_document_is_kept_with_the_reason_and_the_rest_goes_on(
    engine: Engine, elastic: ElasticIndex, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = random_items(10)
    world.add(items)

    def poisoned(rows: list[outbox.IndexRow], version: int, secret: bytes) -> object:
        made = documents(rows, version, secret)
        for document in made:
            if document.id in (4, 6):
                document.body["surprise"] = 1
        return made

    monkeypatch.setattr("adwatch.search.indexer.documents", poisoned)
    report = push(engine, elastic)
    assert (report.kept, report.dropped["refused"]) == (8, 2)
    assert "surprise" in report.notes[0] and items[3].listing_id in report.notes[0]
    assert outbox.pending(engine) == 0, "it stands in nobody's way"
    letters = dead_letters(engine)
    assert list(letters) == [4, 6] and "strict_dynamic_mapping_exception" in letters[4]
    monkeypatch.undo()
    world.touch(items[3])
    assert push(engine, elastic).kept == 1
    assert list(dead_letters(engine)) == [6]
    assert set(verify(engine, elastic).missing) == {items[5].listing_id}
    assert rebuild(engine, elastic).kept == 10
    assert dead_letters(engine) == {} and verify(engine, elastic).equal


def test_a_phrase_typed_in_kibana_is_cut_into_characters(engine: Engine, elastic: ElasticIndex, world: World) -> None:
    world.add([phone_item("1"), Item("2", "过包", None, band="flagged")])
    push(engine, elastic)
    for query, count in (('normal:"不用考试"', 1), ("normal:包过 AND flagged:true", 2), ('normal:"包过"', 1)):
        answer = elastic.client.search(index=elastic.indices.hits_alias, query={"query_string": {"query": query}})
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
    ours = f"{elastic.prefix}-*"
    elastic.client.indices.put_settings(index=ours, settings={"index.blocks.read_only": True})
    hasty = type(elastic)(elastic.client, elastic.home, elastic.prefix, backoff=0.01)
    with pytest.raises(SearchError, match=r"read-only: "):
        push(engine, hasty)
    elastic.client.indices.put_settings(index=ours, settings={"index.blocks.read_only": None})
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
    assert list(embedded.entries()) == list(elastic.entries())
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


def test_hits_stand_apart_and_all_listings_by_month(engine: Engine, elastic: ElasticIndex, world: World) -> None:
    items = random_items(30)
    world.add(items)
    world.touch(items[3], first_seen_at=datetime(2026, 10, 31, 23, 59, tzinfo=UTC))
    push(engine, elastic)
    prefix, client = elastic.prefix, elastic.client
    names = {f"{prefix}-hits-000001", f"{prefix}-listings-2026-11-000001", f"{prefix}-listings-2026-10-000001"}
    assert set(elastic.indices.all()) == names
    flagged = {item.listing_id for item in items if item.band == "flagged"}
    assert {name for name, _ in elastic.entries("hits")} == flagged and 0 < len(flagged) < 30
    assert client.count(index=f"{prefix}-listings-2026-10")["count"] == 1
    assert client.count(index=f"{prefix}-listings")["count"] == 30
    assert verify(engine, elastic).equal
    world.add([replace(item, band="clear") for item in items if item.band == "flagged"])
    push(engine, elastic)
    assert {name for name, _ in elastic.entries("hits")} == flagged, "what was once a hit stays, with its newest verdict"
    assert elastic.search(Query("")).total == 0
    assert rebuild(engine, elastic).kept == 30
    assert {name[-6:] for name in elastic.indices.all()} == {"000002"}
    assert verify(engine, elastic).equal


def test_without_all_listings_the_cluster_holds_hits_only(engine: Engine, elastic: ElasticIndex, world: World) -> None:
    items = random_items(30)
    world.add(items)
    only = type(elastic)(elastic.client, elastic.home, elastic.prefix, everything=False)
    push(engine, only)
    assert {name.rpartition("-")[0] for name in only.indices.all()} == {f"{elastic.prefix}-hits"}
    flagged = sorted(item.listing_id for item in items if item.band == "flagged")
    assert [name for name, _ in only.entries()] == flagged
    assert [h.body["listing_id"] for h in only.search(Query("", everything=True, limit=None)).hits if h] != []
    assert verify(engine, only).equal and outbox.pending(engine) == 0
    assert rebuild(engine, elastic).kept == 30
    assert len(list(elastic.entries())) == 30 and verify(engine, elastic).equal


def test_a_mapping_that_somebody_changed_is_told(engine: Engine, elastic: ElasticIndex, world: World) -> None:
    world.add([phone_item("1")])
    push(engine, elastic)
    elastic.client.indices.put_mapping(index=elastic.indices.hits, properties={"surprise": {"type": "long"}})
    with pytest.raises(SearchError, match=r"mapping conflict: .*surprise: long, ours absent.*index rebuild"):
        push(engine, elastic)
    rebuild(engine, elastic)
    assert verify(engine, elastic).equal


def test_an_index_that_was_lost_is_made_anew(engine: Engine, elastic: ElasticIndex, world: World) -> None:
    world.add(random_items(40))
    push(engine, elastic)
    elastic.drop()
    world.add([Item("new", "新的", None)])
    report = push(engine, elastic)
    assert report.kept >= 41 and any("made anew" in note for note in report.notes)
    assert verify(engine, elastic).equal and outbox.pending(engine) == 0


def test_an_index_of_an_older_layout_asks_for_a_rebuild(engine: Engine, elastic: ElasticIndex, world: World) -> None:
    world.add(random_items(5))
    old = f"{elastic.prefix}-listings-000001"
    elastic.client.indices.create(index=old, aliases={elastic.indices.listings_alias: {}})
    with pytest.raises(SearchError, match="another version of AdWatch"):
        push(engine, elastic)
    rebuild(engine, elastic)
    assert old not in elastic.indices.all() and verify(engine, elastic).equal


def test_an_alias_of_two_indices_is_no_fault_of_the_documents(
    engine: Engine, elastic: ElasticIndex, world: World
) -> None:
    world.add(random_items(5))
    push(engine, elastic)
    alias = elastic.indices.hits_alias
    elastic.client.indices.create(index=f"{alias}-000009", aliases={alias: {}})
    world.add([phone_item("1")])
    with pytest.raises(SearchError, match="an alias stands for several indices"):
        push(engine, elastic)
    assert dead_letters(engine) == {} and outbox.pending(engine) == 1
    rebuild(engine, elastic)
    assert verify(engine, elastic).equal and len(elastic.indices.all()) == 2
