"""A rebuild that is killed anywhere goes on where it was; searches and pushes go on meanwhile; it ends as the store."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine

from adwatch.errors import LockHeld
from adwatch.search import Query, SearchIndex, push, rebuild, verify
from adwatch.search.document import documents
from adwatch.search.remaking import form_of
from adwatch.store import outbox, rebuilds
from adwatch.store.index_lock import REBUILDING, index_lock
from tests.processes import run_python
from tests.search.conftest import close, make_engine, make_index
from tests.search.world import Item, World, random_items

COUNT = 300

REBUILD = """
import sys
from pathlib import Path
from adwatch.search import open_index, rebuild, remaking
from adwatch.settings import Settings
from adwatch.store.engine import open_engine
database, home, url, prefix = sys.argv[1:]
remaking.PAGE = 40
settings = Settings(home=Path(home), search_url=url)
index = open_index(settings)
if url:
    index = type(index)(index.client, settings.home, prefix)
rebuild(open_engine(database), index)
"""

POINTS = [
    "rebuild.after_put@1",
    "rebuild.after_batch@2",
    "index.before_commit@2",
    "rebuild.after_put@3",
    "rebuild.before_switch@1",
    "rebuild.after_switch@1",
]


class Searcher:
    """Searches all the time, on an index object of its own, and remembers what it was told."""

    def __init__(self, index: SearchIndex) -> None:
        self.totals: list[int] = []
        self.errors: list[BaseException] = []
        self._index = index
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.totals.append(self._index.search(Query("", everything=True)).total)
                whole = self._index.search(Query("", everything=True, limit=None))
                assert whole.total == len(whole.hits)
                self.totals.append(whole.total)
            except BaseException as error:  # noqa: BLE001 - the test tells
                self.errors.append(error)
                return

    def __enter__(self) -> Searcher:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()


def another(index: SearchIndex) -> SearchIndex:
    """The same index as another process sees it."""
    client = getattr(index, "client", None)
    return type(index)(index.home) if client is None else type(index)(client, index.home, index.prefix)  # type: ignore[attr-defined, call-arg]


def work(engine: Engine, index: SearchIndex, point: str = "") -> subprocess.CompletedProcess[bytes]:
    """A rebuild in a process of its own, which may be told where to die."""
    client = getattr(index, "client", None)
    url = "" if client is None else next(iter(client.transport.node_pool.all())).base_url
    database = engine.url.render_as_string(hide_password=False)
    arguments = [database, str(index.home), url, getattr(index, "prefix", "")]
    environment = {**os.environ, "ADWATCH_FAILPOINT": point}
    return run_python(("-c", REBUILD, *arguments), environment)


@pytest.mark.slow
def test_killed_anywhere_it_goes_on_and_nobody_notices(engine: Engine, index: SearchIndex, world: World) -> None:
    items = random_items(COUNT)
    world.add(items)
    push(engine, index)
    reached = []
    with Searcher(another(index)) as searcher:
        for number, point in enumerate(POINTS):
            done = work(engine, index, point)
            assert done.returncode == -signal.SIGKILL, done.stderr
            state = rebuilds.unfinished(engine, index.name)
            assert state is not None
            reached.append(state.listing_id)
            # behind and before the place where it stands: an old listing changes, a new one comes, the index hears of it
            world.add([replace(items[number], title=f"第{number}次改过"), Item(f"new{number}", "新来的", None)])
            assert push(engine, index).kept == 2
        seen_until_here = len(searcher.totals)
        done = work(engine, index)
        assert done.returncode == 0, done.stderr
        assert searcher.errors == [] and seen_until_here > len(POINTS)
    assert searcher.errors == []
    assert reached[:5] == sorted(reached[:5]) and 0 < reached[1] < reached[3] <= reached[4] == COUNT + 4
    assert min(searcher.totals) == COUNT and max(searcher.totals) == COUNT + len(POINTS), (
        "it never saw a half-filled one"
    )
    assert searcher.totals == sorted(searcher.totals), "nothing that was there went away"
    found = verify(engine, index, samples=1000)
    assert found.equal and found.documents == found.listings == COUNT + len(POINTS) and found.pending == 0
    assert index.search(Query("第5次改过", everything=True)).total == 1
    assert rebuilds.unfinished(engine, index.name) is None


def test_what_is_done_is_not_done_again(engine: Engine, index: SearchIndex, world: World) -> None:
    world.add(random_items(100))
    push(engine, index)
    fresh = index.rebuilding()
    state = rebuilds.Rebuild(index.name, form_of(index), fresh.generation or 0, outbox.take_number(engine), 60)
    with engine.begin() as connection:
        rows = list(outbox.load_rows(connection, range(1, 61)))
        fresh.put(documents(rows, state.version, index.secret))
    fresh.close()
    rebuilds.begun(engine, state)
    report = rebuild(engine, index)
    assert (report.kept, report.counts["continued_after"]) == (40, 60)
    assert verify(engine, index).equal


@pytest.mark.parametrize("why", ["another form", "gone", "ahead"])
def test_one_that_does_not_fit_is_begun_anew(engine: Engine, index: SearchIndex, world: World, why: str) -> None:
    world.add(random_items(30))
    push(engine, index)
    form = "of an older version" if why == "another form" else form_of(index)
    generation = 999 if why == "gone" else index.rebuilding().generation or 0
    if why == "ahead":  # the store was restored from a backup
        with engine.begin() as connection:
            rows = list(outbox.load_rows(connection, [1]))
        ahead = index.rebuilding(generation)
        ahead.put(documents(rows, 10**6, index.secret))
        ahead.refresh()
        ahead.close()
    rebuilds.begun(engine, rebuilds.Rebuild(index.name, form, generation, 1, 20))
    report = rebuild(engine, index)
    assert (report.kept, report.counts["continued_after"]) == (30, 0)
    assert verify(engine, index).equal


def test_one_rebuild_at_a_time(engine: Engine, index: SearchIndex, world: World) -> None:
    world.add(random_items(5))
    push(engine, index)
    with index_lock(engine, index.home, REBUILDING, wait=0):
        with pytest.raises(LockHeld, match="rebuild"):
            rebuild(engine, index)
        world.add([Item("new", "照推不误", None)])
        assert push(engine, index).kept == 1, "what changes goes into the index that answers"
    assert rebuild(engine, index).kept == 6


def test_an_index_that_was_made_and_never_filled_is_filled(tmp_path: Path) -> None:
    """As when the process died between the two."""
    engine = make_engine(tmp_path)
    world = World(engine)
    world.add(random_items(10))
    index = make_index("embedded", tmp_path)
    push(engine, index)
    index.drop()
    index.prepare()
    world.add([Item("new", "新的", None)])
    report = push(engine, index)
    assert any("made anew" in note for note in report.notes)
    assert verify(engine, index).equal and index.status().documents == 11
    close(index)
    engine.dispose()
