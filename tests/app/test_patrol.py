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


def test_every_field_of_the_shop_is_read(patrolled: Command) -> None:
    goods = {row["id"]: row for row in goods_on(1)}
    listings = [line for line in patrolled.dump().splitlines() if '"table":"listing_version"' in line]
    versions = [json.loads(line) for line in listings]
    assert len(versions) == len(goods)
    by_title = {(row["title"], row["text"]): row for row in versions}
    for good in goods.values():
        row = by_title[good["title"], good["text"]]
        assert (row["seller_id"], row["seller_name"]) == (good["seller_id"], good["seller_name"])
        assert row["seller_region"] == good["seller_region"]


def test_rebuild_from_the_archive_alone(
    patrolled: Command, make_command: Callable[[str], Command], tmp_path: Path
) -> None:
    second = make_command("second")
    (tmp_path / "second").mkdir()
    shutil.copytree(tmp_path / "home" / "archive", tmp_path / "second" / "archive")
    second.ok("extract", "--day", DAY, ADWATCH_DEMO_URL="http://127.0.0.1:9")
    assert second.dump() == patrolled.dump()


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


def test_platform_files_are_listed_with_what_they_are(command: Command, tmp_path: Path) -> None:
    office = tmp_path / "data" / "platforms" / "office_shop.yml"
    office.write_text("extends: django_oscar\nbase_url: https://shop.example\nlabel: 街角百货\n", encoding="utf-8")
    rows = {row["name"]: row for row in command.rows("platforms", "list")}
    assert {rows[name]["state"] for name in ("demo_shop", "office_shop")} == {"patrolled"}
    assert (rows["django_oscar"]["state"], rows["tips_12315"]["state"]) == ("template", "off")
    assert rows["django_oscar"]["file"] == "collectors/platforms/django_oscar.yml"
    assert rows["office_shop"]["file"] == str(office)
    table = command.ok("platforms", "list")
    assert all(word in table for word in ("office_shop", "街角百货", "巡查", "模板", "停用", "随包"))
    office.write_text("extends: django_oscar\nbase: https://shop.example\n", encoding="utf-8")
    done = command.run("platforms", "list")
    assert done.returncode == 1
    assert b"office_shop.yml:2: base" in done.stderr
    assert b"django_oscar" in done.stdout


def test_a_live_look_at_a_platform_reads_like_a_report(command: Command) -> None:
    said = command.ok("platforms", "check", "demo_shop")
    assert "demo_shop（html）: 可用" in said
    for word in ("列表 list: http", "条目 item: http", "robots.txt: ", "间隔 rate: ", "native_id", "1/1"):
        assert word in said
