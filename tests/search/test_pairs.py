"""Pairs of neighbouring characters: what holds a word is always among the candidates, what is gone leaves, runs stay few.

What is found is compared with a plain scan, whatever is put in which order; which plan answers is in test_found.py.
"""

# ruff: noqa: S608 - the only things put into SQL text are our table names and numbers

from __future__ import annotations

import random
import sqlite3
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adwatch.errors import SearchError
from adwatch.search import Query, matching, pairs, runs
from adwatch.search.base import Hit
from adwatch.search.document import documents
from adwatch.search.embedded import EmbeddedIndex
from adwatch.search.fields import layout
from adwatch.text import normal
from tests.search.rows import row
from tests.search.world import ALPHABET, RARE, Item, random_items, random_text


@pytest.fixture
def built_in(tmp_path: Path) -> Iterator[EmbeddedIndex]:
    """An empty embedded index."""
    index = EmbeddedIndex(tmp_path)
    index.prepare()
    yield index
    index.close()


@pytest.fixture
def by_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Phrases of two characters or more are looked for by their pairs, however many have them."""
    monkeypatch.setattr(matching, "DEARER", 1)
    monkeypatch.setattr(matching, "LOOKED_AT", 10_000)
    posted = matching._posted

    def single_characters(connection: sqlite3.Connection, g: int, phrases: list[str]) -> Iterator[tuple[int, str]]:
        assert all(len(phrase) == 1 for phrase in phrases)
        return posted(connection, g, phrases)

    monkeypatch.setattr(matching, "_posted", single_characters)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs, parts and slices so small that a few listings make many of them."""
    monkeypatch.setattr(runs, "ALIKE", 3)
    monkeypatch.setattr(runs, "FULL", (40, 1500))
    monkeypatch.setattr(runs, "MOST", 80)
    monkeypatch.setattr(runs, "AT_ONCE", 700)
    monkeypatch.setattr(runs, "SLICE", 64)
    monkeypatch.setattr(pairs, "PART", 16)


def put(index: EmbeddedIndex, items: dict[int, Item], version: int = 1) -> None:
    """Put listings under these numbers."""
    index.put(documents([row(number, item) for number, item in items.items()], version, index.secret))


def ids(index: EmbeddedIndex, phrase: str) -> set[str]:
    """Listings that hold a phrase."""
    return set(index.holding([phrase]))


def candidates(index: EmbeddedIndex, phrase: str) -> set[int]:
    """Numbers of the candidates."""
    with index._reading() as (connection, g):
        found = runs.candidates(connection, g, normal(phrase), 10_000)
    assert found is not None
    return found


def count(index: EmbeddedIndex, table: str) -> int:
    """Rows of a table of the live generation."""
    with index._reading() as (connection, g):
        return int(connection.execute(f"SELECT count(*) FROM {table}_{g}").fetchone()[0])


@pytest.mark.usefixtures("by_pairs", "small")
def test_put_in_any_order_changed_and_changed_again_it_is_found_by_what_stands_there(built_in: EmbeddedIndex) -> None:
    rnd = random.Random(4)
    stored: dict[int, Item] = {}
    hits = 0
    for version in range(1, 41):
        size = rnd.choice((1, 2, 7, 30))
        batch = {}
        for number in rnd.sample(range(1, 400), size):
            again = stored.get(number)
            text = again.text if again and rnd.random() < 0.3 else random_text(rnd, rnd.choice((0, 3, 40, 900)))
            batch[number] = Item(str(number), random_text(rnd, 5), text, pictures=(random_text(rnd, 6),))
        put(built_in, batch, version)
        stored |= batch
        for _ in range(15):
            item = rnd.choice(list(stored.values()))
            whole = rnd.choice(item.folded) or "证"
            at = rnd.randrange(len(whole))
            phrase = whole[at : at + rnd.randint(1, 6)]
            wanted = {one.listing_id for one in stored.values() if any(phrase in part for part in one.folded)}
            assert ids(built_in, phrase) == wanted, phrase
            hits += len(wanted)
    assert hits > 1000 and len(stored) > 200
    with built_in._reading() as (connection, g):
        sizes = connection.execute(f"SELECT many, size FROM run_{g}").fetchall()
        shared = connection.execute(f"SELECT count(*), sum(length(postings)) FROM pair_{g}").fetchone()
    assert max(listings for listings, _ in sizes) <= 80, "a place has its two bytes"
    growing = Counter(size.bit_length() // 3 for listings, size in sizes if listings < 40 and size < 1500)
    assert growing and max(growing.values()) < 3, "of one size there are few"
    assert sum(size for _, size in sizes) * 2 < shared[1] and shared[0] > len(sizes)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(min_size=1, max_size=9), min_size=1, max_size=6), st.data())
def test_any_text_is_among_the_candidates_of_what_it_holds(texts: list[str], data: st.DataObject) -> None:
    folded = [normal(text) for text in texts]
    connection = sqlite3.connect(":memory:")
    runs.make(connection, 1)
    cut = data.draw(st.integers(0, len(texts)))
    for begin, end in ((0, cut), (cut, len(texts))):
        runs.add(connection, 1, range(begin, end), [" ".join(text) for text in folded[begin:end]])
    for text in folded:
        for at in range(len(text) - 1):
            phrase = text[at : at + data.draw(st.integers(2, 4))]
            found = runs.candidates(connection, 1, phrase, 100)
            assert found is not None
            assert found >= {number for number, other in enumerate(folded) if phrase in other}
    connection.close()


@pytest.mark.usefixtures("by_pairs")
def test_no_pair_reaches_from_title_into_text_or_picture_or_the_next_listing(built_in: EmbeddedIndex) -> None:
    first = Item("1", "电工", "证包", pictures=("过免", "考直"))
    put(built_in, {1: first, 2: Item("2", "接拿", None), 3: Item("3", None, "证𠀀𪚥a1")})
    for absent in ("工证", "包过", "免考", "直接", "拿证"):
        assert candidates(built_in, absent) == set(), absent
    for phrase, number in (("电工", 1), ("证包", 1), ("过免", 1), ("考直", 1), ("接拿", 2), ("𠀀𪚥", 3), ("𪚥A１", 3)):
        assert candidates(built_in, phrase) == {number}, phrase
        assert len(ids(built_in, phrase)) == 1


@pytest.mark.usefixtures("by_pairs")
def test_pairs_apart_from_each_other_are_no_word(built_in: EmbeddedIndex) -> None:
    put(built_in, {1: Item("1", "包过的过免费", "过证"), 2: Item("2", "说包过免", None)})
    assert candidates(built_in, "包过免") == {1, 2}
    found = built_in.search(Query("包过免", everything=True))
    assert [hit.body["native_id"] for hit in found.hits] == ["2"] and (found.total, found.exact) == (1, True)
    assert len(ids(built_in, "包过免")) == 1


@pytest.mark.usefixtures("by_pairs")
def test_pairs_of_one_key_are_told_apart(built_in: EmbeddedIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    def few(left: npt.NDArray[np.uint32], right: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
        return (left + right) % np.uint32(3)

    monkeypatch.setattr(pairs, "_keys", few)
    items = dict(enumerate(random_items(120), 1))
    put(built_in, items)
    for phrase in ("电工", "包过", "特种作业", "𠀀"):
        assert ids(built_in, phrase) == {item.listing_id for item in items.values() if item.found_by(phrase)}
    assert len(candidates(built_in, "电工")) > len(ids(built_in, "电工"))


@pytest.mark.usefixtures("by_pairs")
def test_words_that_are_gone_leave_the_runs(built_in: EmbeddedIndex) -> None:
    named = {number: Item(str(number), f"第{number}件", "赵钱孙李的旧物") for number in range(1, 41)}
    put(built_in, named)
    put(built_in, {1: Item("1", "第1件", None)}, 2)
    assert candidates(built_in, "赵钱") == set(named), "of few that are gone the run is not written anew"
    assert len(ids(built_in, "赵钱")) == 39 and count(built_in, "gone") == 1
    put(built_in, {number: Item(str(number), f"第{number}件", None) for number in range(2, 6)}, 3)
    assert candidates(built_in, "赵钱") == set(range(6, 41)) and count(built_in, "gone") == 0
    put(built_in, {3: named[3]}, 4)
    assert ids(built_in, "赵钱") == {named[3].listing_id, *(named[n].listing_id for n in range(6, 41))}
    put(built_in, {number: Item(str(number), "改", "改过") for number in named}, 5)
    assert candidates(built_in, "赵钱") == candidates(built_in, "钱孙") == set()


@pytest.mark.usefixtures("small")
def test_words_that_are_gone_are_left_out_when_runs_are_joined(built_in: EmbeddedIndex) -> None:
    put(built_in, {number: Item(str(number), "赵钱孙", None) for number in range(20)})
    put(built_in, {7: Item("7", "周吴郑", None)}, 2)
    assert 7 in candidates(built_in, "赵钱")
    for version in range(3, 9):
        put(built_in, {100 * version + n: Item(f"{version}-{n}", "赵钱孙", None) for n in range(20)}, version)
    assert 7 not in candidates(built_in, "赵钱") and candidates(built_in, "周吴") == {7}
    assert count(built_in, "gone") == 0


def test_what_changes_but_its_words_makes_no_new_pairs(built_in: EmbeddedIndex) -> None:
    put(built_in, {1: Item("1", "电工证", "包过")})
    put(built_in, {1: Item("1", "电工证", "包过", band="flagged", score=0.9)}, 2)
    assert (count(built_in, "run"), count(built_in, "gone")) == (1, 0)
    assert built_in.search(Query("包过")).total == 1


def test_a_word_of_everyday_characters_in_few_listings_is_not_looked_for_by_its_characters(
    built_in: EmbeddedIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    rnd = random.Random(2)
    common = [random_text(rnd, 8) for _ in range(900)]
    texts = {n: Item(str(n), text, "包 的过了免得考过") for n, text in enumerate(common, 1)}
    texts[500] = Item("500", "有人说", "包过免考")
    put(built_in, texts)
    asked: list[str] = []
    match = matching.expression

    def told(*arguments: object) -> str | None:
        asked.append("search")
        return match(*arguments)  # type: ignore[arg-type]

    def posted(connection: sqlite3.Connection, g: int, phrases: list[str]) -> Iterator[tuple[int, str]]:
        asked.extend(phrases)
        yield from ()

    monkeypatch.setattr(matching, "_posted", posted)
    assert list(built_in.holding(["包过免", "过免考"])) == [texts[500].listing_id] and asked == []
    assert list(built_in.holding(["了免"])) == [] and asked == ["了免"], "what most listings hold is asked of FTS5"
    monkeypatch.setattr(matching, "expression", told)
    monkeypatch.setattr(matching, "_count", None)
    found = built_in.search(Query("包过免考", everything=True))
    assert [hit.body["native_id"] for hit in found.hits] == ["500"] and isinstance(found.hits[0], Hit)


def test_an_index_without_pairs_asks_for_a_rebuild(built_in: EmbeddedIndex) -> None:
    put(built_in, {1: Item("1", "电工证", "包过")})
    with built_in._writing() as connection:
        runs.drop(connection, 1)
        connection.execute("UPDATE meta SET value = ? WHERE key = 'layout_1'", (layout(),))
    with pytest.raises(SearchError, match="index rebuild"):
        built_in.search(Query("包过", everything=True))
    fresh = built_in.rebuilding()
    put(fresh, {1: Item("1", "电工证", "包过")})
    fresh.switch()
    fresh.close()
    assert built_in.search(Query("包过", everything=True)).total == 1
    with built_in._reading() as (connection, _):
        names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert {"run_2", "pair_2", "gone_2"} <= names and not {"run_1", "doc_1"} & names


@given(st.sets(st.integers(0, 80) | st.integers(0, 2**62)))
def test_numbers_come_out_of_their_stretches_as_they_went_in(numbers: set[int]) -> None:
    ascending = np.array(sorted(numbers), dtype=np.int64)
    assert pairs.unpacked(pairs.packed(ascending)).tolist() == ascending.tolist()


def test_of_too_many_candidates_none_are_told(built_in: EmbeddedIndex) -> None:
    put(built_in, {number: Item(str(number), "电工证", None) for number in range(1, 7)})
    with built_in._reading() as (connection, g):
        assert runs.candidates(connection, g, "电工", 6) == set(range(1, 7))
        assert runs.candidates(connection, g, "电工", 5) is None
        assert runs.candidates(connection, g, "工电", 0) == set()


def test_the_alphabet_of_these_tests_has_characters_beyond_the_first_plane() -> None:
    assert sum(ord(one) > 0xFFFF for one in RARE) >= 5 and set(RARE) <= set(ALPHABET)
