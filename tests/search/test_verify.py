"""The comparison of index and store notices each kind of wrong, made on purpose, and says what it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine, event

from adwatch.cli.index_view import show_comparison
from adwatch.errors import SearchError
from adwatch.search import SearchIndex, push, rebuild, verify
from adwatch.search.compare import Difference, digest
from adwatch.search.document import Document, documents
from adwatch.store import outbox
from adwatch.store.engine import reading
from tests.search.world import Item, World, random_items

COUNT = 60


def indexed(engine: Engine, index: SearchIndex, number: int, **changes: object) -> None:
    """Put a listing into the index otherwise than the store has it."""
    with reading(engine) as connection:
        row = next(outbox.load_rows(connection, [number]))
    index.put(documents([replace(row, **changes)], 10**6, index.secret))  # type: ignore[arg-type]
    index.refresh()


def missing(engine: Engine, index: SearchIndex, world: World) -> str:
    """One that never came to the outbox."""
    item = Item("lost", "没有进发件箱", None, band="flagged")
    world.add([item], outbox=False)
    return item.listing_id


def orphan(engine: Engine, index: SearchIndex, world: World) -> str:
    """One that the store does not have."""
    indexed(engine, index, 4, id=4000, key=b"\1" * 16)
    return (b"\1" * 16).hex()


def different(engine: Engine, index: SearchIndex, world: World) -> str:
    """One with another title."""
    indexed(engine, index, 4, title="被改")
    return next(key for key, number in world.ids.items() if number == 4)


def day(engine: Engine, index: SearchIndex, world: World) -> str:
    """One with another first day."""
    indexed(engine, index, 4, first_seen="2025-01-01")
    return "2025-01-01"


Wrong = Callable[[Engine, SearchIndex, World], str]


@pytest.mark.parametrize("wrong", [missing, orphan, different, day])
def test_each_kind_of_wrong_is_noticed(engine: Engine, index: SearchIndex, world: World, wrong: Wrong) -> None:
    items = random_items(COUNT)
    world.add([replace(items[3], band="flagged") if item is items[3] else item for item in items])
    push(engine, index)
    assert verify(engine, index).equal
    name = wrong(engine, index, world)
    found = verify(engine, index)
    kinds: dict[Wrong, Callable[[Difference], object]] = {
        missing: lambda one: set(one.missing),
        orphan: lambda one: set(one.orphans),
        different: lambda one: {key for key, fields in one.different.items() if fields == ["title"]},
        day: lambda one: {day for part in one.parts for day in part.uneven} & {name},
    }
    assert not found.equal
    assert {kind.__name__ for kind, told in kinds.items() if told(found)} == {wrong.__name__}
    assert kinds[wrong](found) == {name}
    for part in found.parts:
        counts = part.counts["missing"], part.counts["orphans"], len(part.different)
        assert counts == (wrong is missing, wrong is orphan, wrong in (different, day))
        ours = Counter({one: both[1] - both[0] for one, both in part.uneven.items()})
        assert sum(ours.values()) == {missing: -1, orphan: 1}.get(wrong, 0), "counts a day say so as well"
    if wrong is not missing:
        with pytest.raises(SearchError, match="ahead of the store"):
            push(engine, index)
    rebuild(engine, index)
    assert verify(engine, index).equal


def test_a_wrong_day_is_noticed_without_a_sample(engine: Engine, index: SearchIndex, world: World) -> None:
    world.add(random_items(COUNT))
    push(engine, index)
    day(engine, index, world)
    found = verify(engine, index, samples=0)
    assert found.sampled == 0 and found.different == {}
    assert not found.equal
    assert all((0, 1) in part.uneven.values() for part in found.parts if part.part == "all")


def test_what_waits_is_counted_once_and_not_compared(engine: Engine, index: SearchIndex, world: World) -> None:
    items = random_items(COUNT)
    world.add(items)
    push(engine, index)
    world.add([Item("waits", "还在发件箱", None, band="flagged"), replace(items[0], title="改过")])
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    found = verify(engine, index, samples=1000)
    assert found.equal and found.pending == 2
    assert (found.listings, found.documents) == (COUNT + 1, COUNT)
    whole = found.parts[0]
    assert whole.sampled == sum(whole.in_store.values()) == sum(whole.in_index.values()) == COUNT - 1
    assert len([query for query in asked if "DISTINCT outbox" in query]) == 1
    assert not [query for query in asked if "count(" in query.lower()], "the walk itself counts"


class Watched:
    """An index that remembers which documents of the whole are asked for."""

    def __init__(self, index: SearchIndex) -> None:
        self._index = index
        self.seen: set[str] = set()

    def __getattr__(self, name: str) -> object:
        return getattr(self._index, name)

    def bodies(self, wanted: Sequence[Document], part: str) -> list[dict[str, Any] | None]:
        """Pass on."""
        if part == "all":
            self.seen.update(document.body["listing_id"] for document in wanted)
        return self._index.bodies(wanted, part)


def test_a_sample_is_as_large_as_asked_and_changes(engine: Engine, index: SearchIndex, world: World) -> None:
    items = random_items(COUNT)
    world.add(items)
    push(engine, index)
    drawn = set()
    for _ in range(16):
        watched = Watched(index)
        found = verify(engine, watched, samples=10)  # type: ignore[arg-type]
        assert found.parts[0].sampled == len(watched.seen) == 10
        drawn.add(frozenset(watched.seen))
        outbox.take_number(engine)
    assert len(drawn) == 16


def test_a_digest_is_of_all_but_the_version() -> None:
    body = {"title": "证", "flagged": True, "version": 7}
    assert digest(body) == digest({"version": 8, "flagged": True, "title": "证"})
    assert digest(body) != digest(body | {"flagged": False}) != digest({"title": "证"})


def test_the_table_names_what_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    part = {"part": "all", "listings": 3, "documents": 3, "missing": 1, "orphans": 1, "sampled": 2, "different": 1}
    part |= {"days": 2, "uneven": [{"day": "2026-11-18", "store": 2, "index": 1}]}
    wrong = {"missing": ["aa"], "orphans": ["bb"], "different": {"cc": ["title"]}, "waiting": 4, "equal": False}
    show_comparison({**wrong, "parts": [part]})
    told = capsys.readouterr().out
    for words in (
        "缺失 missing",
        "aa: 索引中没有",
        "bb: 仅索引中有",
        "cc: 内容不符 differs in title",
        "2026-11-18",
        "不一致",
    ):
        assert words in told
    show_comparison({"missing": [], "orphans": [], "different": {}, "waiting": 0, "equal": True, "parts": []})
    assert "一致 equal" in capsys.readouterr().out
