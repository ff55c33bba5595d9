"""Words that the policy deletes leave the index too, whichever it is: documents, what is searched, saved searches."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adwatch.app.retention import _policy
from adwatch.casework import erasing
from adwatch.kibana import build, kql
from adwatch.kibana.given import TYPES
from adwatch.search import Query, SearchIndex, elastic_indices
from adwatch.search.embedded import EmbeddedIndex
from adwatch.search.scanning import scan
from tests.app.erasing_world import (
    ACTOR,
    CARD,
    CONFIRMED,
    CONTACT,
    MARKS,
    NEVER,
    TEXT,
    Erasable,
    filled,
    see_again,
    sound,
)
from tests.kibana.translate import search_body, view_of
from tests.kibana.world import VOCABULARY
from tests.search.conftest import ENGINES, close, make_index

SHOWN = set(MARKS) - {"old"}
"""What an index has: a listing as it stands."""
OBJECTS = build(VOCABULARY)
SAVED = [one for one in OBJECTS if one["type"] == "search"]


@pytest.fixture(params=ENGINES)
def kept(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Erasable]:
    """The world of what is deleted, with this index, up to date; a server's leases are not waited for."""
    monkeypatch.setattr(elastic_indices, "LEASES", 0.0)
    made = filled(tmp_path)
    index = make_index(request.param, made.office.home)
    made.office.__dict__["index"] = index
    with made.office:
        index_now(made)
        yield made
        index.drop()
    close(index)


def index_now(kept: Erasable) -> None:
    """Bring the index up to date."""
    from adwatch.app import search

    search.push(kept.office)
    kept.office.index.refresh()


def documents(index: SearchIndex) -> list[dict[str, Any]]:
    """All that it has stored, of each index on a cluster."""
    if isinstance(index, EmbeddedIndex):
        return list(scan(index, ["listing_id"]))
    there: Any = index
    answer = there.client.search(index=f"{there.prefix}-*", size=1000)
    return [hit["_source"] for hit in answer["hits"]["hits"]]


def marked(bodies: list[dict[str, Any]]) -> set[str]:
    """Stories of which a word stands in the documents."""
    said = str(bodies)
    return {story for story, mark in MARKS.items() if mark in said}


def test_words_leave_the_documents_and_what_is_searched(kept: Erasable) -> None:
    index = kept.office.index
    before = documents(index)
    assert marked(before) == kept.found() == SHOWN
    sellers = {body["seller_name"] for body in before if "seller_name" in body}
    assert sellers and sum(bool(body.get("contact_keys")) for body in before) > 5
    kept.after(30 * CONFIRMED)
    kept.apply()
    index.refresh()
    left = documents(index)
    assert marked(left) == kept.found() == NEVER
    assert {body["listing_id"] for body in left} == {body["listing_id"] for body in before}, "its place stays"
    gone = [body for body in left if not marked([body])]
    assert len(gone) >= 4
    for body in gone:
        assert not {"title", "text", "picture_text", "seller_name", "contact_keys", "keywords"} & body.keys(), body
    assert CARD not in str(left) and CONTACT not in str(gone)
    for story in SHOWN:
        held = list(index.holding([MARKS[story], MARKS[story][:2]]))
        assert bool(held) == (story in NEVER), story
    sound(kept.office)


@pytest.mark.slow
def test_what_was_deleted_is_on_no_disk_of_the_index(kept: Erasable, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cluster keeps a replaced document, FTS5 a deleted posting, until what it stands in is merged."""
    index: Any = kept.office.index
    assert remains(index) > 0
    kept.after(30 * CONFIRMED)
    erasing.erase(kept.office.engine, _policy(kept.office), ACTOR)
    index_now(kept)
    assert kept.found() == NEVER and remains(index) > 0, "an index that is only brought up to date"
    monkeypatch.setattr(elastic_indices, "LEASES", 75.0)
    assert kept.apply()["index"] == ""
    assert remains(index) == 0
    assert kept.found() == NEVER
    sound(kept.office)


def remains(index: Any) -> int:
    """How much stands there of what is deleted: documents of a cluster, characters among FTS5's postings."""
    if not isinstance(index, EmbeddedIndex):
        index.client.indices.flush(index=f"{index.prefix}-*")
        stats = index.client.indices.stats(index=f"{index.prefix}-*", metric="docs")["_all"]["primaries"]["docs"]
        return int(stats["deleted"]) + (0 if index.search(Query(MARKS["online"], everything=True)).hits == [] else 1)
    with index._reading() as (connection, g):
        blocks = connection.execute(f"SELECT block FROM ft_{g}_data").fetchall()  # noqa: S608 - our number
    tails = [one.encode()[1:] for one in MARKS["online"]]  # what a term begins with may be its neighbour's
    return sum(block.count(tail) for (block,) in blocks for tail in tails)


def test_a_pasted_contact_finds_only_what_still_has_it(kept: Erasable) -> None:
    index = kept.office.index
    asked = Query(CONTACT, everything=True, limit=None)
    before = len(index.search(asked).hits)
    kept.after(30 * CONFIRMED)
    kept.apply()
    index.refresh()
    found = index.search(asked).hits
    assert 0 < len(found) < before
    assert all(marked([hit.body]) <= NEVER and marked([hit.body]) for hit in found)


def test_words_that_come_back_are_found_anew(kept: Erasable) -> None:
    kept.after(TEXT + 11)
    kept.apply()
    kept.office.index.refresh()
    assert "online" not in kept.found() | marked(documents(kept.office.index))
    see_again(kept.world, TEXT + 12)
    index_now(kept)
    assert "online" in kept.found() & marked(documents(kept.office.index))


def test_what_is_deleted_stays_away_when_the_index_is_made_anew(kept: Erasable) -> None:
    from adwatch.app import search

    kept.after(30 * CONFIRMED)
    kept.apply()
    search.rebuild(kept.office)
    kept.office.index.refresh()
    assert marked(documents(kept.office.index)) == kept.found() == NEVER


def test_no_saved_search_of_kibana_shows_a_word_that_is_deleted(kept: Erasable) -> None:
    there: Any = kept.office.index
    if isinstance(there, EmbeddedIndex):
        pytest.skip("Kibana is of the cluster; the same searches by command read the documents that are compared above")

    def shown() -> list[dict[str, Any]]:
        found = []
        for one in SAVED:
            view = view_of(one, OBJECTS)
            asked = search_body(one, view, {"from": "1990-01-01", "to": "2100-01-01"})
            name = {"adwatch-hits": "hits", "adwatch-listings": "listings"}[view["title"]]
            answer = there.client.search(index=f"{there.prefix}-{name}", **asked, size=1000)
            found += [hit["_source"] for hit in answer["hits"]["hits"]]
        return found

    def typed(word: str) -> int:
        asked = {"query": kql.elastic(f'normal : "{" ".join(word)}"', TYPES)}
        return int(there.client.search(index=f"{there.prefix}-*", **asked)["hits"]["total"]["value"])

    assert marked(shown()) >= {"closed", "dismissed", "open"}
    assert all(typed(MARKS[story]) for story in SHOWN)
    kept.after(30 * CONFIRMED)
    kept.apply()
    there.refresh()
    left = shown()
    assert marked(left) <= NEVER and CONTACT not in str([body for body in left if not marked([body])])
    assert {story for story in SHOWN if typed(MARKS[story])} == NEVER
