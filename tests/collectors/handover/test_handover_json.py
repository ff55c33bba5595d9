"""JSON lines, arrays and pretty-printed objects: what is kept, what is refused, and where."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adwatch.models import Listing
from collectors.handover import ColumnTable, encoding, jsonlines

from .conftest import Read

FULL = {
    "native_id": "A1",
    "url": "https://Shop.cn/1?spm=x&id=1",
    "title": "低压电工培训",
    "text": "必须本人参加考试",
    "price": "199.00",
    "seller_id": "s1",
    "seller_name": "某培训学校",
    "posted_at": "2026-11-16 09:00",
    "images": ["https://img.cn/1.jpg"],
}


def test_every_field_of_the_contract(read: Read) -> None:
    result = read("a.jsonl", json.dumps(FULL))
    assert result.refused == []
    assert result.listings == [
        Listing(
            platform="p",
            native_id="A1",
            url="https://Shop.cn/1?spm=x&id=1",
            url_norm="https://shop.cn/1?id=1",
            title="低压电工培训",
            text="必须本人参加考试",
            price_fen=19900,
            price_text="199.00",
            seller_id="s1",
            seller_name="某培训学校",
            images=("https://img.cn/1.jpg",),
            posted_at=datetime(2026, 11, 16, 1, 0, tzinfo=UTC),
            capture_row=1,
        )
    ]


def test_our_own_names_chinese_names_and_capture(read: Read) -> None:
    row = {
        "商品ID": 7,
        "IP属地": "山西",
        "uscc": "91310000ma1k35x10m",
        "kind": "视频",
        "评价数": "1.2万",
        "price_fen": 500,
    }
    when = datetime(2026, 11, 17, tzinfo=UTC)
    (one,) = read("a.jsonl", json.dumps(row), capture_id=3, captured_at=when).listings
    assert (one.native_id, one.seller_region, one.seller_region_source) == ("7", "山西", "IP属地")
    assert (one.uscc, one.kind, one.reviews_count, one.price_fen) == ("91310000MA1K35X10M", "video", 12000, 500)
    assert (one.capture_id, one.captured_at) == (3, when)


def test_blank_is_absent_and_the_url_stands_in_for_the_id(read: Read) -> None:
    (one,) = read(
        "a.jsonl", json.dumps({"native_id": " ", "url": "https://a.cn/1", "title": "", "price": None})
    ).listings
    assert (one.native_id, one.title, one.price_text, one.price_fen) == ("https://a.cn/1", None, None, None)


GOOD = b'{"native_id":"good"}'
BAD_LINES = [
    (b"{", "bad_json"),
    (b'{"native_id":"1"', "bad_json"),
    (b"nonsense", "bad_json"),
    (b'{"native_id":"1"}{"native_id":"2"}', "bad_json"),
    (b"[1,2]", "not_object"),
    (b'"text"', "not_object"),
    (b"17", "not_object"),
    (b"null", "not_object"),
    (b"{}", "no_id"),
    (b'{"title":"x"}', "no_id"),
    (b'{"url":"javascript:alert(1)","title":"x"}', "no_id"),
    (b'{"native_id":"","url":""}', "no_id"),
    (b'{"native_id":NaN}', "no_id"),
    (b'{"native_id":6.2e17}', "lossy_id"),
    (b'{"native_id":"1","title":{"a":1}}', "wrong_type"),
    (b'{"native_id":["1",2]}', "wrong_type"),
    (b'{"native_id":"1","text":[["x"]]}', "wrong_type"),
    (b'{"native_id":"1","title":"' + b"x" * (1 << 20) + b'y"}', "too_large"),
    (b'{"native_id":"1","x":' + b"[" * 10_000 + b"]" * 10_000 + b"}", "too_deep"),
    (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, "too_deep"),
    (b"1" * 5000, "bad_json"),
]


@pytest.mark.parametrize(("line", "reason"), BAD_LINES, ids=range(len(BAD_LINES)))
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_bad_line_is_refused_and_the_rest_kept(read: Read, line: bytes, reason: str, end: bytes) -> None:
    result = read("a.jsonl", end.join([GOOD, line, b"", GOOD]))
    assert result.ids == ["good", "good"]
    assert [one.capture_row for one in result.listings] == [1, 4]
    assert result.reasons == [(reason, "a.jsonl:2")]
    assert result.refused[0].message


@pytest.mark.parametrize(
    ("line", "title"),
    [
        (rb'{"native_id":"1","title":"a\ud800b"}', "a\ufffdb"),
        (rb'{"native_id":"1","title":"\ud83d\ude00"}', "\U0001f600"),
        (rb'{"native_id":"1","title":"a\u0000b"}', "a\ufffdb"),
        (b'{"native_id":"1","title":"a\0b"}', "a\ufffdb"),
        (b'{"native_id":"1","title":"a\tb"}', "a\tb"),
        (b'{"native_id":"1","title":NaN}', None),
        (b'{"native_id":"1","title":Infinity}', None),
        ('{"native_id":"1","title":"代考"}'.encode("gb18030"), "代考"),
        ('{"native_id":"1","title":"低压电工作业证'.encode() + b'\xff"}', "低压电工作业证\ufffd"),
        (b'{"native_id":"1","title":"' + b"x" * (1 << 20) + b'"}', "x" * (1 << 20)),
        (rb'{"native_id":"1","title":"t","\ud800":"x"}', "t"),
    ],
    ids=range(11),
)
def test_a_mended_line_is_kept(read: Read, line: bytes, title: str | None) -> None:
    result = read("a.jsonl", b"\n".join([GOOD, line, GOOD]))
    assert result.refused == []
    assert result.listings[1].title == title
    orjson.dumps(result.report.notes)


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "gb18030"])
@pytest.mark.parametrize("suffix", ["jsonl", "json", "txt", "dat"])
def test_encodings(read: Read, coding: str, suffix: str) -> None:
    lines = [json.dumps({"native_id": str(n), "title": "电工证免考"}, ensure_ascii=False) for n in range(50)]
    result = read(f"a.{suffix}", "\n".join(lines).encode(coding))
    assert result.refused == []
    assert {one.title for one in result.listings} == {"电工证免考"}
    assert result.ids == [str(n) for n in range(50)]


def test_a_line_without_end_does_not_fill_memory(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "LINE_LIMIT", 1 << 20)
    result = read("a.jsonl", GOOD + b"\n{" + b"x" * (4 << 20) + b"\n" + GOOD + b"\n" + b"y" * (3 << 20))
    assert result.ids == ["good", "good"]
    assert result.reasons == [("too_large", "a.jsonl:2"), ("too_large", "a.jsonl:4")]


@pytest.mark.parametrize("suffix", ["json", "jsonl.json", "txt", "unknown"])
@pytest.mark.parametrize(
    "content",
    [
        '[{"native_id":"1"},{"native_id":"2"}]',
        '  [\n  {"native_id":"1"},\n  {"native_id":"2"}\n]\n',
        '{\n "native_id": "1"\n}\n{\n "native_id": "2"\n}',
        '{\n "native_id": "1"\n},\n{\n "native_id": "2"\n}\n',
    ],
)
def test_arrays_and_pretty_objects(read: Read, suffix: str, content: str) -> None:
    result = read(f"a.{suffix}", content)
    assert (result.ids, result.refused) == (["1", "2"], [])
    assert [one.capture_row for one in result.listings] == [1, 2]


BAD_ELEMENTS = [
    ('{"native_id":"x",,}', "bad_json"),
    ('{"native_id":"x" "title":"y"}', "bad_json"),
    ("{native_id:1}", "bad_json"),
    ("5", "not_object"),
    ("null", "not_object"),
    ("[]", "not_object"),
    ("{}", "no_id"),
    ('{"native_id":{"a":{"b":1}}}', "wrong_type"),
    ('{"native_id":"x","title":' + "[" * 10_000 + "]" * 10_000 + "}", "too_deep"),
]


@pytest.mark.parametrize(("element", "reason"), BAD_ELEMENTS, ids=range(len(BAD_ELEMENTS)))
def test_a_bad_element_is_refused_and_the_rest_kept(read: Read, element: str, reason: str) -> None:
    result = read("a.json", f'[{{"native_id":"1"}},\n{element},\n{{"native_id":"2"}},{{"native_id":"3"}}]')
    assert result.ids == ["1", "2", "3"]
    assert result.reasons == [(reason, "a.json:object 2")]


def test_an_array_that_is_cut_off(read: Read) -> None:
    result = read("a.json", '[{"native_id":"1"},{"native_id":"2"},{"native_id":"3","ti')
    assert result.ids == ["1", "2"]
    assert result.reasons == [("bad_json", "a.json:object 3")]


def test_a_surrogate_in_an_array(read: Read) -> None:
    (one,) = read("a.json", rb'[{"native_id":"1","title":"a\uD800b"}]').listings
    assert one.title == "a\ufffdb"


def test_an_array_across_chunks(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "CHUNK", 7)
    rows = [{"native_id": str(n), "title": "字" * (n % 40)} for n in range(60)]
    assert read("a.json", json.dumps(rows, ensure_ascii=False)).ids == [row["native_id"] for row in rows]


def test_an_array_without_end_does_not_fill_memory(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonlines, "LINE_LIMIT", 1 << 16)
    monkeypatch.setattr(encoding, "CHUNK", 1 << 14)
    broken = '{"native_id":"x","title":"' + "y" * (1 << 18)
    result = read("a.json", f'[{{"native_id":"1"}},{broken}"}},{{"native_id":"2"}}]')
    assert result.ids[0] == "1"
    assert result.ids[-1] == "2"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
ROWS = st.dictionaries(
    st.sampled_from([*FULL, "links", "kind", "reviews_count", "uscc", "怪列", "seller_region"]), JSON, max_size=8
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=200)
@given(st.lists(ROWS, max_size=5))
def test_any_json_is_kept_or_refused(read: Read, columns: ColumnTable, rows: list[dict[str, Any]]) -> None:
    lines = read("a.jsonl", "\n".join([json.dumps(row) for row in rows] + ['{"native_id":"last"}']))
    array = read("a.json", json.dumps([*rows, {"native_id": "last"}]))
    assert len(lines.listings) + len(lines.refused) == len(rows) + 1
    assert [one.content_sha256 for one in array.listings] == [one.content_sha256 for one in lines.listings]
    assert lines.ids[-1] == "last"
    for one in lines.listings:
        assert "" not in (one.native_id, one.title, one.text, one.url)
        json.dumps([one.native_id, one.title, one.text], ensure_ascii=False).encode()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=300)
@given(
    st.binary(max_size=300),
    st.sampled_from(["a.jsonl", "a.json", "a.csv", "a.txt", "a.xlsx", "a", "a.gz", "a.warc", "a.xls"]),
)
def test_any_bytes_under_any_name_raise_nothing(read: Read, content: bytes, name: str) -> None:
    result = read(name, content)
    for one in result.refused:
        assert one.reason
        assert one.where.startswith(name)
