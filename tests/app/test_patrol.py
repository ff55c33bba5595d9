"""A patrol of the demo shop, end to end, as a user runs it; crashes, locks and rebuilds."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from adwatch.store.locks import run_lock
from adwatch_demo.server import ShopServer, goods_on
from tests.app.conftest import DAY, Command


def test_patrol_sees_the_whole_shop_and_repeats_without_change(command: Command) -> None:
    [row] = command.rows("patrol", "--day", DAY)
    assert (row["platform"], row["outcome"], row["seen"], row["new"]) == ("demo_shop", "ok", 100, 100)
    assert row["flagged"] > 20
    once = command.dump()
    [again] = command.rows("patrol", "--day", DAY)
    assert (again["seen"], again["new"], again["changed"]) == (100, 0, 0)
    assert command.dump() == once


def test_every_field_of_the_shop_is_read(command: Command) -> None:
    command.ok("patrol", "--day", DAY)
    goods = {row["id"]: row for row in goods_on(1)}
    listings = [line for line in command.dump().splitlines() if '"table":"listing_version"' in line]
    versions = [json.loads(line) for line in listings]
    assert len(versions) == len(goods)
    by_title = {(row["title"], row["text"]): row for row in versions}
    for good in goods.values():
        row = by_title[good["title"], good["text"]]
        assert (row["seller_id"], row["seller_name"]) == (good["seller_id"], good["seller_name"])
        assert row["seller_region"] == good["seller_region"]


def test_rebuild_from_the_archive_alone(make_command: Callable[[str], Command], tmp_path: Path) -> None:
    first, second = make_command("first"), make_command("second")
    first.ok("patrol", "--day", DAY)
    (tmp_path / "second").mkdir()
    shutil.copytree(tmp_path / "first" / "archive", tmp_path / "second" / "archive")
    second.ok("extract", "--day", DAY, ADWATCH_DEMO_URL="http://127.0.0.1:9")
    assert second.dump() == first.dump()


def test_two_patrols_at_once_the_second_is_told(command: Command, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    with run_lock(tmp_path / "home", "platform-demo_shop"):
        done = command.run("patrol", "--day", DAY)
    assert done.returncode == 4
    assert b"another run" in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_dead_shop_is_unreachable_not_empty(command: Command, shop: ShopServer) -> None:
    [row] = command.rows("patrol", "--day", DAY, ADWATCH_DEMO_URL="http://127.0.0.1:9")
    assert row["outcome"] == "unreachable"
    strict = command.run("patrol", "--day", DAY, "--strict", ADWATCH_DEMO_URL="http://127.0.0.1:9")
    assert strict.returncode == 3


def test_a_broken_platform_file_stops_no_other(command: Command, tmp_path: Path) -> None:
    (tmp_path / "data" / "platforms" / "broken.yml").write_text("name: broken\nkindd: html\n", encoding="utf-8")
    done = command.run("patrol", "--day", DAY, "--json")
    assert b'"platform":"demo_shop"' in done.stdout
    assert done.returncode == 1
    assert b"broken.yml" in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("patrol", "--day", "18.11.2026"), b"YYYY-MM-DD"),
        (("patrol", "--platform", "nowhere"), b"nowhere"),
        (("export", "--week", "2026-99"), b"2026-99"),
        (("search", "。。"), b"letter or digit"),
        (("dump",), b"--canonical"),
        (("ingest", "missing.csv", "--platform", "p"), b"missing.csv"),
        (("frobnicate",), b"frobnicate"),
    ],
)
def test_wrong_usage_is_said_in_a_line(command: Command, arguments: tuple[str, ...], said: bytes) -> None:
    done = command.run(*arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert b"Traceback" not in done.stderr
