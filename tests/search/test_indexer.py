"""The index follows the store: versions, crashes, a drainer beside a writer, rebuild, comparison."""

from __future__ import annotations

import os
import signal
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine

from adwatch.errors import LockHeld, SearchError
from adwatch.search import Query, SearchIndex, draining, push, rebuild, verify
from adwatch.search.document import documents
from adwatch.search.embedded import EmbeddedIndex
from adwatch.search.indexer import drain_forever
from adwatch.settings import Settings
from adwatch.store import outbox
from adwatch.store.claims import claimed_outbox
from adwatch.store.engine import reading
from adwatch.store.locks import run_lock
from tests.processes import run_python
from tests.search.conftest import make_engine
from tests.search.world import Item, World, phone_item, random_items


def state(index: SearchIndex) -> list[tuple[str, str | None]]:
    """Everything in it, without versions."""
    hits = index.search(Query("", everything=True, limit=None)).hits
    return sorted((hit.body["listing_id"], str({**hit.body, "version": 0})) for hit in hits)


def test_push_drains_and_coalesces(engine: Engine, index: SearchIndex, world: World) -> None:
    item = phone_item("1")
    world.add([item, phone_item("2")])
    world.touch(item, price_fen=100)
    told: list[int] = []
    report = push(engine, index, progress=told.append)
    assert (report.kept, dict(report.dropped), told) == (2, {"repeated": 1}, [3])
    assert outbox.pending(engine) == 0
    assert push(engine, index).kept == 0
    assert [hit.body["price_fen"] for hit in index.search(Query("包过")).hits if hit.body["native_id"] == "1"] == [100]


def test_push_in_parts(engine: Engine, index: SearchIndex, world: World) -> None:
    world.add(random_items(30))
    assert push(engine, index, limit=12).kept == 12
    assert outbox.pending(engine) == 18
    assert push(engine, index).kept == 18
    assert verify(engine, index).equal


def test_a_new_version_replaces_text_and_flag(engine: Engine, index: SearchIndex, world: World) -> None:
    item = Item("1", "包过", "免考", band="flagged", score=0.8)
    world.add([item])
    push(engine, index)
    world.add([replace(item, text="必须本人考试", band="clear", score=0.2)])
    push(engine, index)
    assert index.search(Query("免考", everything=True)).total == 0
    assert index.search(Query("必须", everything=False)).total == 0
    assert index.search(Query("必须", everything=True)).total == 1
    assert verify(engine, index).equal


def test_an_older_version_never_overwrites(engine: Engine, index: SearchIndex, world: World) -> None:
    item = Item("1", "旧的", None)
    world.add([item])
    index.prepare()
    with reading(engine) as connection:
        rows = list(outbox.load_rows(connection, [1]))
    world.add([replace(item, title="新的")])
    push(engine, index)
    old = index.put(documents(rows, 1, index.secret))
    index.refresh()
    assert (old.kept, old.older) == (0, 1)
    assert index.search(Query("旧", everything=True)).total == 0
    assert index.search(Query("新", everything=True)).total == 1


def test_case_state_and_days_follow(engine: Engine, index: SearchIndex, world: World) -> None:
    item = replace(phone_item("1"), state="screening")
    world.add([item])
    push(engine, index)
    world.touch(item, last_seen_day="2026-11-25")
    push(engine, index)
    (hit,) = index.search(Query("包过", first_day="2026-11-24")).hits
    assert (hit.body["state"], hit.body["first_seen"], hit.body["last_seen"]) == (
        "screening",
        "2026-11-16",
        "2026-11-25",
    )


def test_a_listing_without_verdict_is_not_flagged_and_covered(engine: Engine, index: SearchIndex, world: World) -> None:
    world.add([Item("1", "电工证 13812345678", "加薇 abc_12345，价格 300", band=None)])
    push(engine, index)
    assert index.search(Query("电工证")).total == 0
    (hit,) = index.search(Query("电工证", everything=True)).hits
    assert (hit.body["title"], hit.body["text"]) == ("电工证 ***********", "加薇 *********，价格 300")
    assert "band" not in hit.body


def test_only_rows_that_were_read_are_acknowledged(engine: Engine, world: World) -> None:
    world.add([Item("1", "一", None)])
    with claimed_outbox(engine) as claim:
        world.add([Item("1", "二", None)])
        claim.acknowledge(claim.drained.seqs)
    left = outbox.drain(engine)
    assert (left.seqs, left.version, left.rows[0].title) == ([2], 2, "二")


CRASH = """
import sys
from pathlib import Path
from adwatch.search import indexer, open_index, push
from adwatch.settings import Settings
from adwatch.store.engine import open_engine
settings = Settings(home=Path(sys.argv[1]), search_url=sys.argv[2])
indexer.BATCH = 100
push(open_engine(settings.store_url), open_index(settings))
"""


def crash(folder: Path, failpoint: str) -> int:
    """Push in a process that dies at the failpoint; gives its exit status."""
    environment = {**os.environ, "ADWATCH_FAILPOINT": failpoint}
    return run_python(("-c", CRASH, str(folder), ""), environment).returncode


@pytest.mark.parametrize(
    "failpoint", ["index.before_commit", "index.before_ack", "index.before_commit@2", "index.before_ack@2"]
)
def test_a_crash_changes_nothing(tmp_path: Path, failpoint: str) -> None:
    items = random_items(150)
    states = []
    for name in ("calm", "crashed"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "contact.key").write_bytes(b"k" * 32)
        engine = make_engine(folder)
        World(engine).add(items)
        if name == "crashed":
            assert crash(folder, failpoint) == -signal.SIGKILL
            assert outbox.pending(engine) == (50 if failpoint.endswith("2") else 150)
        index = EmbeddedIndex(folder)
        push(engine, index)
        assert outbox.pending(engine) == 0
        assert verify(engine, index, samples=150).equal
        states.append((state(index), index.search(Query("证", everything=True, limit=None)).total))
        index.close()
        engine.dispose()
    assert states[0] == states[1]


def test_a_drainer_in_a_second_process(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, search_url="", database_url="")
    engine = make_engine(tmp_path)
    world = World(engine)
    items = random_items(600)
    with draining(settings):
        for at in range(0, 600, 50):
            world.add(items[at : at + 50])
    assert outbox.pending(engine) == 0
    index = EmbeddedIndex(tmp_path)
    assert verify(engine, index).equal
    assert index.status().documents == 600
    engine.dispose()


def test_a_drainer_waits_while_the_index_is_away(engine: Engine, index: SearchIndex, world: World) -> None:
    world.add(random_items(20))
    stop = threading.Event()

    class Away:
        """An index that is away three times."""

        def __init__(self) -> None:
            self.calls = 0

        def __getattr__(self, name: str) -> object:
            return getattr(index, name)

        def prepare(self) -> None:
            self.calls += 1
            if self.calls <= 3:
                raise SearchError("away")
            stop.set()
            index.prepare()

    report = drain_forever(engine, Away(), stop, pause=0.001)  # type: ignore[arg-type]
    assert (report.kept, report.dropped["retried"]) == (20, 3)


def test_one_drainer_at_a_time(
    engine: Engine, index: SearchIndex, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.add([phone_item("1")])
    monkeypatch.setattr("adwatch.search.indexer.LOCK_WAIT", 0.05)
    with run_lock(index.home, "index"), pytest.raises(LockHeld):
        push(engine, index)
    assert push(engine, index).kept == 1


def test_rebuild_keeps_searches_going_and_ends_equal(engine: Engine, index: SearchIndex, world: World) -> None:
    items = random_items(300)
    world.add(items)
    push(engine, index)
    left_over = index.rebuilding()
    left_over.put([])
    left_over.close()
    assert index.search(Query("", everything=True)).total == 300
    world.add([Item("new", "还没推送", None)])
    report = rebuild(engine, index)
    assert report.kept == 302
    found = verify(engine, index, samples=1000)
    assert (found.listings, found.documents, found.pending, found.equal) == (301, 301, 0, True)
    hits = sum(1 for item in items if item.band == "flagged")
    assert found.sampled == 301 + (hits if "hits" in index.parts() else 0)
    world.add([replace(items[1], title="重建之后")])
    assert push(engine, index).kept == 1
    assert index.search(Query("重建之后", everything=True)).total == 1


def test_another_layout_or_store_asks_for_a_rebuild(engine: Engine, index: SearchIndex, world: World) -> None:
    world.add(random_items(5))
    push(engine, index)
    with pytest.MonkeyPatch.context() as patch:
        for module in ("tables", "elastic"):
            patch.setattr(f"adwatch.search.{module}.layout", lambda: "other")
        with pytest.raises(SearchError, match="index rebuild"):
            index.prepare()
    index.prepare()


def test_a_broken_or_absent_file_is_told_and_rebuilt(engine: Engine, tmp_path: Path, world: World) -> None:
    index = EmbeddedIndex(tmp_path)
    with pytest.raises(SearchError, match="no index yet"):
        index.search(Query("证"))
    world.add(random_items(5))
    index.file.write_bytes(b"this is no database" * 1000)
    with pytest.raises(SearchError, match="rebuild"):
        push(engine, index)
    assert rebuild(engine, index).kept >= 5
    assert verify(engine, index).equal


def test_status(engine: Engine, index: SearchIndex, world: World) -> None:
    world.add([phone_item("1"), Item("2", "普通", None)])
    push(engine, index)
    status = index.status()
    assert (status.documents, status.flagged, status.health) == (2, 1, "ok")
    assert status.size_bytes
