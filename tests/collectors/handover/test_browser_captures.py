"""What officers' browsers saved: Zeeschuimer's files, 4CAT's of them, HAR, saved pages. Bad ones are named, never fatal."""

from __future__ import annotations

import base64
import gzip
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adwatch.models import Listing, StageReport
from adwatch.settings import load_settings
from collectors.captured import Captured
from collectors.handover import ColumnTable, RefusedRow, read_handover, saved_page
from collectors.handover.provenance import made_with
from collectors.registry import read_platforms

from .conftest import Read

CAPTURED = Captured(read_platforms(load_settings(_env_file=None))[0])
CASES = Path(__file__).parents[2] / "platforms"
PAGE = "<html><head><title>电工证代办</title></head><body><article><p>三天拿证，不用考试，全国可查。</p></article></body></html>"
ADDRESS = "https://forum.example/t/1"


def envelope(item: dict[str, Any], source: str = "douyin.com", **meta: Any) -> dict[str, Any]:
    return {"source_platform": source, "timestamp_collected": 1795345200000, "data": item, **meta}


def har(*entries: object, head: str = '"version":"1.2",') -> str:
    return f'{{"log":{{{head}"entries":{json.dumps(entries, ensure_ascii=False)}}}}}'


def entry(url: str, body: object, kind: str = "text/html; charset=utf-8", **content: Any) -> dict[str, Any]:
    text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
    answer = {"status": content.pop("status", 200), "content": {"mimeType": kind, "text": text, **content}}
    return {"startedDateTime": "2026-11-22T10:00:00+08:00", "request": {"url": url}, "response": answer}


@pytest.mark.parametrize("platform", ["douyin", "xiaohongshu"])
def test_a_capture_given_out_by_4cat_is_the_same_listings(read: Read, platform: str) -> None:
    rows = (CASES / platform / "zeeschuimer" / "body.ndjson").read_text(encoding="utf-8").splitlines()
    flat = []
    for row in map(json.loads, rows):
        item = row.pop("data")
        flat.append(json.dumps({**item, "__import_meta": row}, ensure_ascii=False))
    first, second = (read("a.ndjson", "\n".join(each), captured=CAPTURED) for each in (rows, flat))
    assert first.listings == second.listings
    assert len(first.listings) >= 3
    array = read("a.json", "[" + ",\n".join(rows) + "]", captured=CAPTURED)
    assert array.listings == first.listings
    packed = read("a.ndjson.gz", gzip.compress("\n".join(rows).encode()), captured=CAPTURED)
    assert packed.listings == first.listings


def test_lines_that_are_no_items_are_named_and_the_rest_kept(read: Read) -> None:
    good = json.dumps(envelope({"aweme_id": "1", "desc": "讲讲\0证书"}))
    deep = '{"source_platform":"douyin.com","data":{"aweme_id":"2","desc":' + "[" * 900 + "]" * 900 + "}}"
    lines = [good, "{broken", json.dumps(envelope({"x": 1})), json.dumps(envelope({"y": 1}, "instagram.com")), deep]
    lines += [json.dumps(envelope({"aweme_id": {"a": 1}, "desc": "z"})), json.dumps(envelope({"aweme_id": "3"}))]
    found = read("a.ndjson", "\n".join(lines), captured=CAPTURED)
    assert [(each.native_id, each.text) for each in found.listings] == [("1", "讲讲\ufffd证书")]
    assert found.reasons == [
        ("bad_json", "a.ndjson:2"),
        ("unknown_shape", "a.ndjson:3"),
        ("unknown_source", "a.ndjson:4"),
        ("too_deep", "a.ndjson:5"),
        ("no_id", "a.ndjson:6"),
        ("no_text", "a.ndjson:7"),
    ]


def test_a_capture_of_another_platform_is_not_taken_for_this_one(tmp_path: Path) -> None:
    body = CASES / "xiaohongshu" / "zeeschuimer" / "body.ndjson"
    file = tmp_path / "a.ndjson"
    file.write_bytes(body.read_bytes())
    wrong, right, own = (
        list(read_handover(file, name, columns=ColumnTable.load(), captured=CAPTURED))
        for name in ("douyin", "xiaohongshu", "some_office")
    )
    assert {each.reason for each in wrong if isinstance(each, RefusedRow)} == {"wrong_platform"}
    assert not any(isinstance(each, Listing) for each in wrong)
    assert sum(isinstance(each, Listing) for each in right) == sum(isinstance(each, Listing) for each in own) == 4


def test_plain_rows_are_read_as_before(read: Read) -> None:
    row = {"native_id": "1", "title": "手套", "source_platform": "某平台"}
    assert read("a.jsonl", json.dumps(row), captured=CAPTURED).ids == ["1"]


def test_a_har_gives_pages_and_items(read: Read) -> None:
    deep = {"status_code": 0, "list": [{"x": {"aweme_info": {"aweme_id": "77", "desc": "叉车证"}}}, {"aweme_id": ""}]}
    packed = base64.b64encode(PAGE.encode("gb18030")).decode()
    file = har(
        entry(ADDRESS, PAGE),
        entry("https://old.example/a", packed, "text/html; charset=gbk", encoding="base64"),
        entry("https://www.douyin.com/aweme/v1/x", deep, "application/json"),
        entry("https://other.example/api", deep, "application/json"),
        entry("https://forum.example/none", PAGE, status=404),
        entry("https://cdn.example/a.css", "p{}", "text/css"),
        head='"version":"1.2","creator":{"name":"WebInspector","version":"537.36"},"pages":[{"title":"x\\"entries\\": [1]"}],',
    )
    found = read("sitzung.har", file, captured=CAPTURED)
    assert [(each.native_id, each.kind, each.capture_row) for each in found.listings] == [
        (ADDRESS, "page", 1),
        ("https://old.example/a", "page", 2),
        ("77", "video", 3),
    ]
    assert {each.title for each in found.listings[:2]} == {"电工证代办"}
    assert {each.captured_at for each in found.listings} == {datetime(2026, 11, 22, 2, tzinfo=UTC)}
    assert dict(found.report.counts) == {"no_known_item": 1, "status_404": 1, "not_html": 1}
    assert found.refused == []
    assert not found.report.dropped


def test_a_har_in_which_nothing_is_known_is_named(read: Read) -> None:
    found = read("other.har", har(entry("https://other.example/api", {"a": 1}, "application/json")))
    assert [(each.reason, each.where) for each in found.refused] == [("nothing_known", "other.har")]
    assert "no_known_item 1" in found.refused[0].message
    assert next(each.message for each in read("none.har", har()).refused).endswith("no answer at all")


def test_broken_entries_of_a_har_are_named(read: Read) -> None:
    bad: list[object] = [
        {"request": {}},
        entry(ADDRESS, "%%%", encoding="base64"),
        7,
        entry("http://[", "{}", "a/json"),
    ]
    bad += [entry(ADDRESS, "not json", "application/json"), entry(ADDRESS, "", "text/html"), entry(ADDRESS, PAGE)]
    found = read("a.har", har(*bad), captured=CAPTURED)
    assert found.ids == [ADDRESS]
    assert [(reason, where.split(":")[1]) for reason, where in found.reasons] == [
        ("bad_entry", "entry 1"),
        ("bad_entry", "entry 2"),
        ("not_object", "entry 3"),
        ("bad_json", "entry 4"),
        ("bad_json", "entry 5"),
    ]
    assert read("b.har", '{"log": {"version": "1.2"').reasons == [("bad_json", "b.har")]


def test_a_har_cut_off_keeps_what_stands_before(read: Read) -> None:
    whole = har(entry(ADDRESS, PAGE), entry("https://forum.example/t/2", PAGE))
    found = read("a.har", whole[: len(whole) - 100])
    assert found.ids == [ADDRESS]
    assert found.reasons == [("bad_json", "a.har:entry 2")]


SINGLE = f"""<!DOCTYPE html> <html lang=zh><!--
 Page saved with SingleFile
 url: {ADDRESS}
 saved date: Sun Nov 22 2026 18:30:00 GMT+0800 (中国标准时间)
-->{PAGE.removeprefix("<html>")}"""
MHTML = f"""From: <Saved by Blink>
Snapshot-Content-Location: {ADDRESS}
Subject: =?utf-8?Q?x?=
Date: Sun, 22 Nov 2026 10:30:00 -0000
MIME-Version: 1.0
Content-Type: multipart/related;
\ttype="text/html";
\tboundary="----B"

------B
Content-Type: text/html
Content-Transfer-Encoding: base64
Content-Location: {ADDRESS}

{base64.b64encode(PAGE.encode()).decode()}
------B--
"""


@pytest.mark.parametrize(
    ("name", "content", "when"),
    [
        ("single.html", SINGLE, datetime(2026, 11, 22, 10, 30, tzinfo=UTC)),
        ("saved.htm", f"<!-- saved from url=(0027){ADDRESS} -->\n{PAGE}", None),
        ("canonical.html", PAGE.replace("<head>", f'<head><link rel="canonical" href="{ADDRESS}">'), None),
        ("page.mhtml", MHTML.replace("\n", "\r\n"), datetime(2026, 11, 22, 10, 30, tzinfo=UTC)),
    ],
)
def test_a_saved_page_is_one_listing(read: Read, name: str, content: str, when: datetime | None) -> None:
    [found] = read(name, content).listings
    assert (found.native_id, found.url, found.kind, found.title) == (ADDRESS, ADDRESS, "page", "电工证代办")
    assert "全国可查" in str(found.text)
    assert found.captured_at == when


def test_a_saved_page_without_an_address_is_known_by_its_content(read: Read) -> None:
    [first], [second] = (read(name, PAGE).listings for name in ("a.html", "b.html"))
    assert first.url is None
    assert first.native_id == second.native_id
    assert first.native_id.startswith("content-")


def test_pictures_inside_a_saved_page_do_not_count(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    heavy = PAGE.replace("<p>", '<img src="data:image/png;base64,' + "A" * (20 << 20) + '"><p>')
    assert read("a.html", heavy).listings[0].title == "电工证代办"
    monkeypatch.setattr(saved_page, "FILE_LIMIT", 1 << 20)
    assert read("a.html", heavy).reasons == [("too_large", "a.html")]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.html", SINGLE, "SingleFile"),
        ("a.mhtml", MHTML, "MHTML（Saved by Blink）"),
        ("a.har", har(head='"creator":{"name":"Firefox","version":"140.0"},'), "Firefox 140.0"),
        ("a.ndjson", json.dumps(envelope({"aweme_id": "1"}, user_agent="UA/1\n2")), "Zeeschuimer；UA/1 2"),
        ("a.csv", "商品ID,标题\n1,手套\n", None),
        ("a.ndjson", '{"__import_meta": 3}', None),
        ("a.har", '{"log":{"creator":{"name":3}}}', None),
    ],
)
def test_what_a_file_says_it_was_made_with(tmp_path: Path, name: str, content: str, said: str | None) -> None:
    file = tmp_path / name
    file.write_text(content, encoding="utf-8")
    assert made_with(file) == said


def test_a_workbook_says_nothing_of_what_made_it(tmp_path: Path) -> None:
    file = tmp_path / "a.xlsx"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    assert made_with(file) is None


BODIES = {
    "a.ndjson": (CASES / "xiaohongshu" / "zeeschuimer" / "body.ndjson").read_bytes(),
    "b.ndjson": (CASES / "douyin" / "given_out_by_4cat" / "body.ndjson").read_bytes(),
    "c.har": (CASES / "douyin" / "har" / "body.har").read_bytes(),
    "d.html": SINGLE.encode(),
    "e.mhtml": MHTML.encode(),
}


@settings(max_examples=150, deadline=None)
@given(
    name=st.sampled_from(sorted(BODIES)),
    cut=st.floats(0, 1),
    flips=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=4),
)
def test_any_damage_gives_rows_or_named_refusals(
    tmp_path_factory: pytest.TempPathFactory, name: str, cut: float, flips: list[tuple[float, int]]
) -> None:
    body = bytearray(BODIES[name][: max(1, int(len(BODIES[name]) * cut))])
    for at, value in flips:
        body[min(int(len(body) * at), len(body) - 1)] = value
    file = tmp_path_factory.mktemp("damage") / name
    file.write_bytes(body)
    made_with(file)
    items = list(read_handover(file, "p", columns=ColumnTable.load(), captured=CAPTURED, report=StageReport("ingest")))
    for item in items:
        if isinstance(item, RefusedRow):
            assert item.where.startswith(name)
            assert item.message
        else:
            assert isinstance(item, Listing)
            assert item.native_id
