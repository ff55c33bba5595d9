"""Several indexers on one PostgreSQL share the work and do nothing twice; what one refuses or drops is not lost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier, Event

import pytest
from sqlalchemy import Engine

from adwatch.errors import LockHeld, SearchError
from adwatch.search import Query, SearchIndex, push, rebuild, verify
from adwatch.search.base import Put
from adwatch.search.document import Document
from adwatch.store import outbox
from adwatch.store.dead_letters import dead_letters
from adwatch.store.index_lock import PUSHING, index_lock
from adwatch.store.verdicts import classifier_id
from tests.search.test_rebuild import another
from tests.search.world import Item, World, random_items
from tests.store.databases import engine, migrated_file, migrated_server, postgresql_server  # noqa: F401

pytestmark = [
    pytest.mark.slow,
    pytest.mark.postgresql,
    pytest.mark.parametrize("engine", ["postgresql"], indirect=True),
]

COUNT = 400


class Watched:
    """An index that remembers what it was given, and does something before the first batch."""

    def __init__(self, index: SearchIndex) -> None:
        self._index = index
        self.sent: list[int] = []
        self.first: Barrier | None = None
        self.refuses: int | None = None
        self.breaks = False

    def __getattr__(self, name: str) -> object:
        return getattr(self._index, name)

    def put(self, documents: Sequence[Document]) -> Put:
        """Wait, break or refuse, if told to, and pass on."""
        if self.first is not None:
            barrier, self.first = self.first, None
            barrier.wait(120)
        if self.breaks:
            raise SearchError("away")
        self.sent += [document.id for document in documents]
        taken = [document for document in documents if document.id != self.refuses]
        put = self._index.put(taken)
        put.refused += [(document, "poison") for document in documents if document.id == self.refuses]
        return put


def written(engine: Engine) -> World:  # noqa: F811
    """An empty store with the classifier that the invented verdicts name."""
    assert classifier_id(engine, "1", "k") == 1
    return World(engine)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Many batches."""
    monkeypatch.setattr("adwatch.search.indexer.BATCH", 25)
    yield


def test_two_share_the_work_and_do_nothing_twice(engine: Engine, index: SearchIndex) -> None:  # noqa: F811
    world = written(engine)
    items = random_items(COUNT)
    world.add(items)
    index.prepare()
    both = [Watched(another(index)), Watched(another(index))]
    meet = Barrier(2)
    for each in both:
        each.first = meet
    with ThreadPoolExecutor(2) as pool:
        reports = list(pool.map(lambda each: push(engine, each), both))  # type: ignore[arg-type]
    assert [report.dropped["older"] for report in reports] == [0, 0]
    assert sum(report.kept for report in reports) == COUNT
    assert sorted(both[0].sent + both[1].sent) == sorted(world.ids.values()), "each listing was sent once, by one"
    assert both[0].sent and both[1].sent, "they were inside a batch at the same time"
    assert outbox.pending(engine) == 0 and verify(engine, index, samples=COUNT).equal


def test_what_one_let_fall_another_takes(engine: Engine, index: SearchIndex) -> None:  # noqa: F811
    world = written(engine)
    world.add(random_items(COUNT))
    index.prepare()
    broken, whole = Watched(another(index)), Watched(another(index))
    broken.breaks, whole.refuses = True, 7
    broken.first = whole.first = Barrier(2)
    with ThreadPoolExecutor(2) as pool:
        failing = pool.submit(push, engine, broken)  # type: ignore[arg-type]
        report = pool.submit(push, engine, whole).result()  # type: ignore[arg-type]
        with pytest.raises(SearchError, match="away"):
            failing.result()
    later = push(engine, whole)  # type: ignore[arg-type]
    assert (report.kept + later.kept, outbox.pending(engine)) == (COUNT - 1, 0)
    assert dead_letters(engine) == {7: "poison"}
    whole.refuses = None
    assert rebuild(engine, index).kept == COUNT
    assert dead_letters(engine) == {} and verify(engine, index, samples=COUNT).equal


def test_who_lets_a_new_index_take_over_is_alone(
    engine: Engine,  # noqa: F811
    index: SearchIndex,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = written(engine)
    world.add([Item("1", "一", None)])
    push(engine, index)
    world.add([Item("2", "二", None)])
    monkeypatch.setattr("adwatch.search.indexer.LOCK_WAIT", 0.05)
    inside, leave = Event(), Event()

    def hold() -> None:
        with index_lock(engine, index.home, PUSHING, wait=1):
            inside.set()
            leave.wait(120)

    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(hold)
        inside.wait(120)
        with pytest.raises(LockHeld, match="another run"):
            push(engine, index)
        with pytest.raises(LockHeld), index_lock(engine, index.home, PUSHING, wait=0):
            pass
        leave.set()
        held.result()
    with index_lock(engine, index.home, PUSHING, wait=0.05, alone=False):
        assert push(engine, index).kept == 1, "who only pushes shares it"
    assert index.search(Query("二", everything=True)).total == 1


def test_a_rebuild_beside_pushers_and_a_writer(
    engine: Engine,  # noqa: F811
    index: SearchIndex,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is written before, behind and where the rebuild stands is in the new index, whoever pushed it."""
    monkeypatch.setattr("adwatch.search.remaking.PAGE", 20)
    world = written(engine)
    items = random_items(COUNT)
    world.add(items)
    push(engine, index)
    begun, done = Event(), Event()
    sent = [0, 0]

    def keep_pushing(number: int) -> None:
        ours = another(index)
        begun.wait(120)
        while not done.is_set():
            sent[number] += push(engine, ours).kept

    def make_anew() -> int:
        try:
            return rebuild(engine, another(index), lambda _: begun.set()).kept
        finally:
            done.set()

    with ThreadPoolExecutor(3) as pool:
        pushers = [pool.submit(keep_pushing, number) for number in range(2)]
        rebuilt = pool.submit(make_anew)
        begun.wait(120)
        turn = 0
        while not done.is_set():
            world.add([replace(items[turn * 37 % COUNT], title=f"第{turn}次")])
            turn += 1
        assert rebuilt.result() >= COUNT
        for pusher in pushers:
            pusher.result()
    push(engine, index)
    assert turn > 0 and outbox.pending(engine) == 0
    found = verify(engine, index, samples=COUNT)
    assert found.equal and found.documents == COUNT, found
