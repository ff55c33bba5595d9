"""Where the index fails at the end of a run, the run's report says so in one word; the run itself is good."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from adwatch.app import casework, schedule
from adwatch.app import search as searching
from adwatch.app.indexing import GOOD, WORDS, index_now
from adwatch.app.patrol import day_rows
from adwatch.store import schema as s
from adwatch.store.engine import reading
from adwatch.store.locks import run_lock
from tests.app.sites import DAYS, World, goods, serving


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with serving(goods(6, 2)) as site:
        made = World(tmp_path, site)
        made.platform()
        yield made


def break_index(world: World) -> Path:
    """What stands where the index was is no database."""
    file = world.folder / "home" / "search.db"
    for name in ("search.db-wal", "search.db-shm"):
        (file.parent / name).unlink(missing_ok=True)
    file.write_bytes(b"this is no database" * 1000)
    return file


def test_a_patrol_whose_index_is_broken_is_a_good_patrol(world: World) -> None:
    row = world.patrol(DAYS[0])
    assert (row["outcome"], row["index"], row["notes"]) == ("ok", "ok", [])
    break_index(world)
    world.site.change(7, price="1.00")
    row = world.patrol(DAYS[1])
    assert (row["outcome"], row["index"], row["seen"]) == ("ok", "failed", 8)
    assert "检索索引 index: 失败 failed: " in row["notes"][0] and "changes wait" in row["notes"][0]
    with world.office() as office:
        assert day_rows(office, DAYS[1])[0]["index"] == "failed", "the run of the day has it"
        summary = schedule.day_summary(office, DAYS[1], ["shop"], [row])
        assert "检索索引 index：失败 failed" in summary and "检索索引" not in schedule.day_summary(
            office, DAYS[0], ["shop"], [row]
        )
        with reading(office.engine) as connection:
            ended = connection.execute(s.run.select()).all()
        assert [run.outcome for run in ended] == ["ok", "ok"] and all(run.ended_at for run in ended), (
            "none is left open"
        )
        cases = casework.list_cases(office)
        done, _ = casework.register(office, [cases[0]["case_id"]], "李青", "某局")
        assert done.kept == 1, "casework goes on as well"
        assert searching.rebuild(office).kept >= 8
        assert searching.verify(office)["equal"]
        assert searching.search(office, "包过")[0]["state"], "nothing was lost"
    assert world.patrol(DAYS[2])["index"] == "ok"


def test_the_command_says_so_and_ends_with_3(world: World) -> None:
    world.patrol(DAYS[0])
    break_index(world)
    world.site.change(7, price="1.00")
    command = world.command()
    done = command.run("patrol", "--day", DAYS[1])
    assert done.returncode == 3, done.stderr
    assert "检索索引 index: 失败 failed" in done.stdout.decode()
    file = world.folder / "more.jsonl"
    file.write_text('{"native_id": "1", "title": "包过"}\n', encoding="utf-8")
    done = command.run("ingest", str(file), "--platform", "handed", "--json")
    assert done.returncode == 3 and json.loads(done.stdout)["index"] == "failed"
    assert command.run("index", "rebuild").returncode == 0
    assert command.run("patrol", "--day", DAYS[2]).returncode == 0
    found = command.rows("search", "包过", "--all", "--platform", "handed")
    assert [row["native_id"] for row in found] == ["1"]


def test_another_run_at_the_index_is_no_error(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adwatch.search.indexer.LOCK_WAIT", 0.01)
    with world.office() as office, run_lock(office.home, "index"):
        world.patrol(DAYS[0])
        found = index_now(office)
    assert found.word == "busy" and found.word in GOOD and "正在更新" in found.note


def test_every_word_of_the_servers_errors_has_a_chinese_name() -> None:
    client = pytest.importorskip("adwatch.search.elastic_client")
    tables = [*client._REASONS, *client._DISTRUST, *client._STATUSES.items()]
    assert {client._word(words) for _, words in tables} <= WORDS.keys()
    assert client.failure("x", 401, "?").word == "wrong password"
    assert client.failure("x", 403, "cluster_block_exception").word == "read-only"
    assert client.failure("x", 418, "teapot").word == "failed"
