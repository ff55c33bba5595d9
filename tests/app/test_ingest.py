"""Handed-over files through the command: kept whole, read, classified, refused rows named."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from docx import Document

from adwatch.app import Office
from adwatch.app.ingest import ingest
from adwatch.errors import UsageError
from adwatch.settings import load_settings
from collectors.handover import REFUSALS
from tests.app.conftest import DAY, Command

ROWS = [
    {"native_id": "1", "title": "电工证 免考包过", "text": "人不用来，三天拿证，加微信 abcde12345", "price": "800"},
    {"native_id": "2", "title": "绝缘手套", "text": "电工专用，劳保用品", "price": "68"},
    {"url": "https://shop.example/item/3?utm_source=x", "title": "旧书", "text": "八成新"},
]


def lines(rows: list[dict[str, str]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def test_good_rows_are_kept_bad_ones_named(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "handed.jsonl"
    file.write_text(lines(ROWS) + "{broken\n" + lines([{"title": "no id"}]), encoding="utf-8")
    done = command.run("ingest", str(file), "--platform", "移交一", "--day", DAY, "--json")
    assert done.returncode == 1
    [row] = [json.loads(line) for line in done.stdout.splitlines()]
    assert (row["seen"], row["new"], row["flagged"]) == (3, 3, 1)
    assert b"handed.jsonl:4" in done.stderr
    assert b"handed.jsonl:5" in done.stderr
    [rejects] = (tmp_path / "home" / "rejects").iterdir()
    assert len(rejects.read_text(encoding="utf-8").splitlines()) == 2
    assert [hit["native_id"] for hit in command.rows("search", "免考")] == ["1"]


def test_twice_is_once_and_the_archive_rebuilds_it(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "handed.csv"
    file.write_bytes(
        "商品ID,商品标题,详情,价格\n1,电工证 免考包过,人不用来三天拿证加微信abcde12345,800\n2,手套,劳保,5\n".encode(
            "gb18030"
        )
    )
    command.ok("ingest", str(file), "--platform", "handed", "--day", DAY)
    once = command.dump()
    command.ok("ingest", str(file), "--platform", "handed", "--day", DAY)
    assert command.dump() == once
    command.ok("extract", "--day", DAY)
    assert command.dump() == once
    assert command.rows("evidence", "verify")[0]["problems"] == []


@pytest.mark.slow
def test_a_large_file_is_indexed_by_a_second_process(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "large.jsonl"
    many = [{"native_id": str(n), "title": f"旧书 {n}", "text": "八成新，包邮。" * 30} for n in range(20000)]
    file.write_text(lines(many), encoding="utf-8")
    [row] = command.rows("ingest", str(file), "--platform", "handed", "--day", DAY)
    assert row["new"] == 20000
    [status] = command.rows("index", "verify")
    assert status["equal"]
    assert status["documents"] == 20000


def test_handover_platform_watches_its_folder(command: Command, tmp_path: Path) -> None:
    spec = "name: tips\nlabel: 举报移交\nkind: handover\naccess: handover\nbasis: 移交\n"
    (tmp_path / "data" / "platforms" / "tips.yml").write_text(spec, encoding="utf-8")
    inbox = tmp_path / "home" / "inbox" / "tips"
    inbox.mkdir(parents=True)
    (inbox / "monday.jsonl").write_text(lines(ROWS), encoding="utf-8")
    [row] = command.rows("patrol", "--day", DAY, "--platform", "tips")
    assert (row["seen"], row["new"], row["flagged"]) == (3, 3, 1)
    [again] = command.rows("patrol", "--day", DAY, "--platform", "tips")
    assert (again["pages"], again["outcome"]) == (0, "empty")
    (inbox / "tuesday.jsonl").write_text(lines([{"native_id": "9", "title": "台灯", "text": "二手"}]), encoding="utf-8")
    [more] = command.rows("patrol", "--day", DAY, "--platform", "tips")
    assert (more["seen"], more["new"]) == (1, 1)


CAPTURES = Path(__file__).parents[1] / "platforms"


def test_an_officers_capture_comes_in_once_with_who_took_it_and_with_what(command: Command, tmp_path: Path) -> None:
    body = CAPTURES / "douyin" / "zeeschuimer" / "body.ndjson"
    given_out = CAPTURES / "douyin" / "given_out_by_4cat" / "body.ndjson"
    [row] = command.rows("ingest", str(body), "--platform", "douyin", "--day", DAY, "--by", "周巡")
    assert (row["seen"], row["new"], row["flagged"]) == (3, 3, 1)
    once = command.dump()
    [again] = command.rows("ingest", str(body), "--platform", "douyin", "--day", DAY, "--by", "周巡")
    assert (again["new"], again["changed"]) == (0, 0)
    assert command.dump() == once
    [other] = command.rows("ingest", str(given_out), "--platform", "douyin", "--day", DAY, "--with", "4CAT 1.50")
    assert (other["new"], other["changed"]) == (0, 0)
    [case] = command.rows("review", "list")
    options = ("--case", str(case["case_id"]), "--kind", "monitoring", "--by", "王芳", "--out", str(tmp_path / "out"))
    [record] = command.rows("evidence", "record", *options)
    told = "\n".join(cell.text for table in Document(record["file"]).tables for row in table.rows for cell in row.cells)
    assert "留存人：周巡，留存工具：Zeeschuimer；Mozilla/5.0" in told
    command.ok("extract", "--day", DAY)
    assert command.rows("evidence", "verify")[0]["problems"] == []


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with Office(load_settings(home=tmp_path / "home", _env_file=None)) as made:
        yield made


@pytest.mark.parametrize("value", ["周" * 101, " ", "周\n巡", "周\x1b[31m巡", "周\u202e巡"])
def test_a_name_of_any_length_or_with_control_characters_is_none(office: Office, tmp_path: Path, value: str) -> None:
    file = tmp_path / "handed.jsonl"
    file.write_text(lines(ROWS), encoding="utf-8")
    with pytest.raises(UsageError, match="--by: 应为 1 至 100 字"):
        ingest(office, file, "p", DAY, by=value)
    with pytest.raises(UsageError, match="--with: 应为 1 至 100 字"):
        ingest(office, file, "p", DAY, made_by=value)


def test_a_slip_of_a_known_name_is_no_new_source(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "handed.jsonl"
    file.write_text(lines(ROWS), encoding="utf-8")
    for slip in ("douyn", "Douyin", "xiaohongsu"):
        with pytest.raises(UsageError, match=f"--platform {slip}: 没有这个来源，相近的有 (douyin|xiaohongshu)"):
            ingest(office, file, slip, DAY)
    for meant in ("移交一", "douyin_2", "handed", "douyin"):
        assert ingest(office, file, meant, DAY).seen == 3
    assert ingest(office, file, "douyn", DAY, new_source=True).seen == 3
    assert ingest(office, file, "douyn", DAY).seen == 3, "it is known now"


def saved(text: str, cut: bool) -> str:
    head = "<!DOCTYPE html> <!-- saved from url=(0028)https://shop.example/item/7 -->\n<html><head><title>店</title></head>"
    return f"{head}<body><p>{text}</p>" + ("<script>var a = [1, 2" if cut else "</body></html>")


def test_a_page_that_is_cut_off_does_not_take_the_place_of_a_longer_text(office: Office, tmp_path: Path) -> None:
    whole, cut = "焊工证培训，须本人到场考试。" * 9, "焊工证培训，须本人到场考试。" * 3
    first, second, third = (tmp_path / f"{name}.html" for name in ("first", "second", "third"))
    first.write_text(saved(cut, True), encoding="utf-8")
    taken = ingest(office, first, "captures", DAY)
    assert (taken.seen, taken.report.counts["cut"]) == (1, 1)
    assert "网页不完整，只收下存到的部分" in taken.report.notes[0]
    second.write_text(saved(whole, False), encoding="utf-8")
    assert ingest(office, second, "captures", DAY).changed == 1
    third.write_text(saved(cut + "。", True), encoding="utf-8")
    refused = ingest(office, third, "captures", DAY)
    assert (refused.changed, dict(refused.report.dropped)) == (0, {"cut": 1})
    assert refused.report.notes[0].startswith("third.html: 网页不完整：")
    first.write_text(saved(cut, False), encoding="utf-8")
    assert ingest(office, first, "captures", DAY).changed == 1, "a whole page that is shorter is what stands there now"


def test_a_refusal_is_told_once_in_chinese(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "handed.jsonl"
    file.write_text(lines(ROWS[:1]) + "{broken\n", encoding="utf-8")
    done = command.run("ingest", str(file), "--platform", "移交一", "--day", DAY)
    told = (done.stdout + done.stderr).decode()
    assert (done.returncode, told.count("handed.jsonl:2"), told.count("handed.jsonl:2: 不是 JSON：")) == (1, 1, 1)


def test_every_reason_has_a_name() -> None:
    used = set()
    for file in (Path(__file__).parents[2] / "collectors" / "handover").glob("*.py"):
        used |= set(re.findall(r'(?:ValueRefused|RefusedRow)\(\s*"([a-z_]+)"', file.read_text(encoding="utf-8")))
    assert len(used) > 20
    assert used - set(REFUSALS) == set()
