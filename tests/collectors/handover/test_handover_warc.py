"""WARC: pages in, everything else counted by its reason."""

from __future__ import annotations

import gzip
import io
from datetime import UTC, datetime

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from .conftest import Read

PAGE = """<!DOCTYPE html><html><head><title>低压电工证 - 某某网</title><meta charset="{charset}">
<meta property="article:published_time" content="2026-11-16T09:00:00+08:00"></head><body><nav>首页 登录</nav>
<article><h1>低压电工证</h1><p>人不到场，<b>三天</b>出证。</p><p>详询店主<img src="/1.jpg"></p>
<script>var a = 1;</script></article>
<footer>版权所有</footer></body></html>"""
WHEN = "2026-11-16T05:00:00Z"


def archive(*records: tuple[str, str, str, str, bytes], packed: bool = False) -> bytes:
    """(record type, url, status, content type, body)"""
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=packed)
    writer.write_record(writer.create_warcinfo_record("a.warc", {"software": "test"}))
    for kind, url, status, content_type, body in records:
        http = (
            StatusAndHeaders(status, [("Content-Type", content_type)], protocol="HTTP/1.1")
            if kind == "response"
            else None
        )
        writer.write_record(
            writer.create_warc_record(
                url,
                kind,
                io.BytesIO(body),
                length=len(body),
                http_headers=http,
                warc_content_type=content_type,
                warc_headers_dict={"WARC-Date": WHEN},
            )
        )
    return out.getvalue()


def page(
    charset: str = "utf-8", url: str = "https://a.cn/1", declared: str | None = None
) -> tuple[str, str, str, str, bytes]:
    body = PAGE.format(charset=declared or charset).encode(charset)
    return ("response", url, "200 OK", "text/html", body)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("charset", "declared"), [("utf-8", None), ("gb18030", "gb2312"), ("gb18030", "utf-8"), ("utf-8", "gbk")]
)
def test_a_page(read: Read, packed: bool, charset: str, declared: str | None) -> None:
    result = read("a.warc.gz" if packed else "a.warc", archive(page(charset, declared=declared), packed=packed))
    assert result.refused == []
    (one,) = result.listings
    assert (one.native_id, one.url, one.kind, one.capture_row) == ("https://a.cn/1", "https://a.cn/1", "page", 2)
    assert one.title == "低压电工证 - 某某网"
    assert one.text == "低压电工证\n人不到场，三天出证。\n详询店主"
    assert one.images == ("https://a.cn/1.jpg",)
    assert one.posted_at == datetime(2026, 11, 16, 1, 0, tzinfo=UTC)
    assert one.captured_at == datetime(2026, 11, 16, 5, 0, tzinfo=UTC)


def test_what_is_no_page_is_counted(read: Read) -> None:
    result = read(
        "a.warc",
        archive(
            ("response", "https://a.cn/api", "200 OK", "application/json", b'{"a":1}'),
            ("response", "https://a.cn/x.png", "200 OK", "image/png", b"x"),
            ("response", "https://a.cn/gone", "404 Not Found", "text/html", b"<p>gone"),
            ("metadata", "https://a.cn/1", "", "text/plain", b"x"),
            page(),
        ),
    )
    assert (result.ids, result.refused) == (["https://a.cn/1"], [])
    assert result.report.counts == {"not_html": 2, "status_404": 1}
    assert not result.report.dropped


def test_bad_pages_are_refused_and_the_rest_kept(read: Read) -> None:
    result = read(
        "a.warc",
        archive(
            ("response", "https://a.cn/empty", "200 OK", "text/html", b"  "),
            ("response", "https://a.cn/huge", "200 OK", "text/html", b"<p>" + b"x" * (17 << 20)),
            ("response", "https://a.cn/noise", "200 OK", "text/html", bytes(range(256)) * 4),
            ("response", "https://a.cn/deep", "200 OK", "text/html", b"<div>" * 100_000 + "深".encode()),
            page(),
        ),
    )
    assert [one.reason for one in result.refused][:2] == ["empty_page", "too_large"]
    assert "https://a.cn/1" in result.ids
    assert len(result.ids) + len(result.refused) == 5


@pytest.mark.parametrize("packed", [False, True])
def test_a_cut_off_archive_keeps_what_stands_before(read: Read, packed: bool) -> None:
    content = archive(*(page(url=f"https://a.cn/{n}") for n in range(20)), packed=packed)
    result = read("a.warc.gz" if packed else "a.warc", content[: len(content) * 3 // 4])
    assert result.ids[:10] == [f"https://a.cn/{n}" for n in range(10)]
    assert len(result.ids) < 20 or result.refused


def test_a_damaged_archive(read: Read) -> None:
    content = archive(page(url="https://a.cn/1"), page(url="https://a.cn/2"))
    at = content.rindex(b"WARC/1")
    result = read("a.warc", content[:at] + b"XXXX/1" + content[at + 6 :])
    assert result.ids[0] == "https://a.cn/1"
    assert [one.reason for one in result.refused] == ["corrupt"]


def test_gzip_of_the_whole_archive(read: Read) -> None:
    assert read("a.warc.gz", gzip.compress(archive(page()))).ids == ["https://a.cn/1"]
