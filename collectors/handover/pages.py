"""WARC → one listing of kind ``page`` a response that is a web page: its title and main text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any, BinaryIO

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from adwatch.models import Listing, StageReport
from adwatch.text import clean
from collectors.handover.main_text import read_page
from collectors.handover.rows import RefusedRow, RowReader
from collectors.handover.values import ValueRefused, normal_url, to_text, to_time

PAGE_LIMIT = 16 << 20
"""Largest page read, in bytes after decoding."""
_HTML = ("text/html", "application/xhtml+xml")


def read_warc(
    stream: BinaryIO, name: str, rows: RowReader, report: StageReport, before: int = 0
) -> Iterator[Listing | RefusedRow]:
    """Pages of an archive; a row's number is the record's, after ``before``.

    What is no page is counted; only where none is one it counts as refused.
    """
    number, passed, found = before, Counter[str](), False
    try:
        for record in ArchiveIterator(stream):
            number += 1
            reason = _passed_over(record)
            if reason is not None:
                if reason:
                    passed[reason] += 1
                continue
            try:
                page = _page(record, rows, number)
                found = True
                yield page
            except ValueRefused as error:
                url = clean(record.rec_headers.get_header("WARC-Target-URI") or "")
                yield RefusedRow(error.reason, f"{name}:record {number}", error.message, name, number, url)
    except (ArchiveLoadFailed, EOFError, OSError, ValueError) as error:
        message = (
            f"存档在第 {number} 条记录之后损坏，前面的已收下"
            f" the archive is damaged after record {number} ({error}); what stands before is kept"
        )
        yield RefusedRow("corrupt", f"{name}:record {number + 1}", message, name, number + 1)
    (report.counts if found else report.dropped).update(passed)


def nothing_in(name: str, passed: Counter[str]) -> RefusedRow:
    """The refusal of an archive in which nothing is a page or a known item; says what is there instead."""
    there = ", ".join(f"{reason} {count:,}" for reason, count in sorted(passed.items())) or "no answer at all"
    message = (
        "没有网页，也没有平台文件（handover.captured）认识的条目"
        f" no page and no item that a platform file (handover.captured) declares; it holds: {there}"
    )
    return RefusedRow("nothing_known", name, message, name, 0)


def _passed_over(record: Any) -> str | None:
    """Why a record is not read (empty: it never holds a page); None for one that is."""
    if record.rec_type not in ("response", "resource", "revisit", "conversion"):
        return ""
    if record.rec_type in ("revisit", "conversion"):
        return str(record.rec_type)
    if record.rec_type == "response":
        if record.http_headers is None:
            return "not_http"
        status = record.http_headers.get_statuscode() or ""
        if not status.startswith("2"):
            return f"status_{status[:3]}" if status[:3].isdecimal() else "not_http"
    if not _content_type(record).lower().startswith(_HTML):
        return "not_html"
    return None


def _content_type(record: Any) -> str:
    headers = record.http_headers if record.rec_type == "response" else record.rec_headers
    return str(headers.get_header("Content-Type") or "").strip()


def _page(record: Any, rows: RowReader, number: int) -> Listing:
    url = to_text(clean(record.rec_headers.get_header("WARC-Target-URI") or "").strip("<>"))
    if url is None:
        raise ValueRefused("no_id", "记录没有网址 the record has no WARC-Target-URI")
    if record.http_headers is not None and (record.http_headers.get_header("Content-Encoding") or "").lower() == "br":
        raise ValueRefused("encoding", "网页以 br 压缩，不能读 the page is compressed with br, which is not read")
    body = record.content_stream().read(PAGE_LIMIT + 1)
    if len(body) > PAGE_LIMIT:
        raise ValueRefused("too_large", f"网页超过 {PAGE_LIMIT:,} 字节 the page has more than {PAGE_LIMIT:,} bytes")
    captured = to_time(record.rec_headers.get_header("WARC-Date") or "", rows.zone) or rows.captured_at
    return page_listing(body, _content_type(record), url, rows, number, captured)


def page_listing(
    body: bytes, content_type: str, url: str, rows: RowReader, number: int, captured_at: datetime | None
) -> Listing:
    """A page as a listing: its title, main text and pictures; ValueRefused where there is nothing to read."""
    title, text, images, posted = read_page(body, content_type, url, rows.zone)
    if title is None and text is None:
        raise ValueRefused("empty_page", "网页没有标题和正文 the page has neither a title nor text")
    return Listing(
        platform=rows.platform,
        native_id=url,
        kind="page",
        url=url,
        url_norm=normal_url(url) if url else None,
        title=title,
        text=text,
        images=images,
        posted_at=posted,
        captured_at=captured_at,
        capture_id=rows.capture_id,
        capture_row=number,
    )
