"""From a hit to a verified removal and the week's list, by the command."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path

from adwatch_demo.server import ShopServer, goods_on
from tests.app.conftest import DAY, Command


def decide(command: Command, verb: str, *ids: int) -> None:
    command.ok("review", verb, *map(str, ids), "--by", "李四", "--unit", "测试应急局", "--reason", "核对原文")


def test_hit_to_removal(patrolled: Command, shop: ShopServer, tmp_path: Path) -> None:
    vanishing = {row["id"] for row in goods_on(1)} - {row["id"] for row in goods_on(2)}
    cases = patrolled.rows("review", "list", "--limit", "500")
    gone = next(row for row in cases if row["native_id"] in vanishing)
    stays = next(row for row in cases if row["native_id"] not in vanishing)
    decide(patrolled, "confirm", gone["case_id"], stays["case_id"])
    [request] = patrolled.rows("takedown", "draft", "--out", str(tmp_path / "letters"))
    content = json.loads(Path(request["json"]).read_text(encoding="utf-8"))
    assert len(content["listings"]) == 2
    assert Path(request["letter"]).stat().st_size > 5000
    patrolled.ok("takedown", "mark-sent", request["number"], "--by", "王五")
    shop.goods = goods_on(2)
    checks = {row["listing_id"]: row["word"] for row in patrolled.rows("takedown", "verify", "--day", DAY)}
    assert checks == {gone["listing_id"]: "gone", stays["listing_id"]: "up"}


def test_an_outage_is_never_gone(patrolled: Command) -> None:
    case = patrolled.rows("review", "list")[0]
    decide(patrolled, "confirm", case["case_id"])
    [request] = patrolled.rows("takedown", "draft")
    patrolled.ok("takedown", "mark-sent", request["number"], "--by", "王五")
    [check] = patrolled.rows("takedown", "verify", ADWATCH_DEMO_URL="http://127.0.0.1:9")
    assert check["word"] == "unknown"


def test_screens_speak_chinese(patrolled: Command) -> None:
    case = patrolled.rows("review", "list")[0]["case_id"]
    decide(patrolled, "confirm", case)
    patrolled.ok("takedown", "draft")
    page = patrolled.ok("review", "show", str(case))
    for needed in ("命中", "CAP-", "属实", "系统", "线索登记", "ADW-TD-", "发现"):
        assert needed in page, needed
    for code in ("flagged", "machine", "registered", "confirm", "None", "True"):
        assert code not in page, code
    seen = patrolled.ok("coverage", "--day", DAY)
    assert "正常" in seen
    assert not {"True", "False", "None", "closed"} & set(seen.split())
    assert " 是 " in patrolled.ok("search", "叉车证")


def test_an_unknown_case_is_named_and_the_rest_goes_on(patrolled: Command) -> None:
    case = patrolled.rows("review", "list")[0]["case_id"]
    done = patrolled.run("review", "dismiss", "999999", str(case), "--by", "李四", "--reason", "合法", "--json")
    assert done.returncode == 1
    assert b"999999" in done.stderr
    assert json.loads(done.stdout)["state"] == "dismissed"


def test_search_finds_by_words_link_and_shows_no_contact(patrolled: Command) -> None:
    by_words = patrolled.rows("search", "叉车证")
    assert by_words
    assert all(row["flagged"] for row in by_words)
    by_link = patrolled.rows("search", by_words[0]["url"] + "?utm_source=x")
    assert [row["listing_id"] for row in by_link] == [by_words[0]["listing_id"]]
    assert len(patrolled.rows("search", "的", "--all", "--limit", "500")) > len(
        patrolled.rows("search", "的", "--limit", "500")
    )
    assert "13800007316" not in json.dumps(patrolled.rows("search", "13800007316", "--all"))


def test_export_of_the_week_is_frozen(patrolled: Command, tmp_path: Path) -> None:
    for form in ("xlsx", "csv", "jsonl"):
        patrolled.ok("export", "--week", "2026-W47", "--format", form, "--out", str(tmp_path / "one"))
    case = patrolled.rows("review", "list")[0]["case_id"]
    decide(patrolled, "dismiss", case)
    for form in ("xlsx", "csv", "jsonl"):
        patrolled.ok("export", "--week", "2026-W47", "--format", form, "--out", str(tmp_path / "two"))
    one, two = ({f.name: f.read_bytes() for f in (tmp_path / name).iterdir()} for name in ("one", "two"))
    assert one == two
    manifest = json.loads(next(data for name, data in one.items() if "manifest" in name))
    assert {file["sha256"] for file in manifest["files"]} == {
        hashlib.sha256(data).hexdigest() for name, data in one.items() if "manifest" not in name
    }
    [table] = [data for name, data in one.items() if name.endswith(".csv")]
    rows = list(csv.reader(table.decode("utf-8-sig").splitlines()))
    assert manifest["counts"]["listings"] == len([row for row in rows if row and row[0].isdecimal()])


def test_one_flipped_byte_is_found_and_named(patrolled: Command, tmp_path: Path) -> None:
    [warc] = (tmp_path / "home" / "archive").rglob("*.warc.gz")
    data = bytearray(warc.read_bytes())
    data[len(data) // 2] ^= 1
    warc.write_bytes(bytes(data))
    done = patrolled.run("evidence", "verify", "--json")
    assert done.returncode == 3
    problems = json.loads(done.stdout)["problems"]
    assert problems
    assert warc.name in problems[0]


def test_index_is_rebuilt_from_the_store(patrolled: Command, tmp_path: Path) -> None:
    before = patrolled.rows("search", "证", "--all", "--limit", "500")
    (tmp_path / "home" / "search.db").unlink()
    patrolled.ok("index", "rebuild")
    assert patrolled.rows("search", "证", "--all", "--limit", "500") == before
    assert patrolled.rows("index", "verify")[0]["equal"]
