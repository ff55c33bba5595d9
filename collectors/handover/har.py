"""HAR (HTTP Archive 1.2, as browsers' developer tools save it) → pages, and items in the answers of known interfaces.

An answer that is a page becomes a listing of kind ``page``; in one that is JSON the items of the shapes that the
platform files declare for its host are looked for. The row number is the entry's.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import orjson

from adwatch.models import Listing, StageReport
from adwatch.text import clean, one_line
from collectors.handover.encoding import text_pieces
from collectors.handover.jsonlines import Broken, each_object
from collectors.handover.pages import PAGE_LIMIT, nothing_in, page_listing
from collectors.handover.rows import RefusedRow, RowReader
from collectors.handover.values import ValueRefused, to_time

_ENTRIES = re.compile(r'"entries"\s*:\s*(?=\[)')
_PAGES = ("text/html", "application/xhtml+xml")


def read_har(
    read: Callable[[int], bytes], encoding: str | None, name: str, rows: RowReader, report: StageReport
) -> Iterator[Listing | RefusedRow]:
    """All entries in constant memory; scripts, pictures and the like are counted, and refused only if all are such."""
    passed, found = Counter[str](), False
    for number, entry in each_object(_entries(text_pieces(read, encoding)), one_array=True):
        where = f"{name}:entry {number}"
        if isinstance(entry, Broken):
            found = True
            yield RefusedRow(entry.reason, where, entry.message, name, number, entry.raw)
            continue
        try:
            address, status, kind, body = _answer(entry)
            when = _started(entry, rows)
            if status // 100 != 2 or body is None:
                passed[f"status_{status}" if status // 100 != 2 else "no_body"] += 1
            elif kind.startswith(_PAGES):
                listing = page_listing(body, kind, address, rows, number, when)
                found = True
                yield listing
            elif "json" in kind:
                items = 0
                for item in _items(address, body, when, where, rows, number):
                    items += 1
                    yield item
                if items:
                    found = True
                else:
                    passed["no_known_item"] += 1
            else:
                passed["not_html"] += 1
        except ValueRefused as error:
            found = True
            yield RefusedRow(error.reason, where, error.message, name, number, one_line(clean(_address(entry)), 500))
    report.counts.update(passed)
    if not found:
        yield nothing_in(name, passed)


def _entries(pieces: Iterator[str]) -> Iterator[str]:
    """The text from the opening bracket of the entries on."""
    before = ""
    for piece in pieces:
        before += piece
        found = _ENTRIES.search(before)
        if found:
            yield before[found.end() :]
            yield from pieces
            return
        before = before[-64:]
    raise ValueRefused(
        "bad_json",
        'HAR 中没有 "entries"：不完整，或者不是 HTTP 存档 no "entries" in this HAR: it is cut off, or no HTTP Archive',
    )


def _address(entry: Mapping[str, Any]) -> str:
    request = entry.get("request")
    url = request.get("url") if isinstance(request, dict) else None
    return url if isinstance(url, str) else ""


def _answer(entry: Mapping[str, Any]) -> tuple[str, int, str, bytes | None]:
    """(address, status, media type, body) of an entry; ValueRefused where it is none."""
    address, response = _address(entry), entry.get("response")
    if not address or not isinstance(response, dict):
        raise ValueRefused("bad_entry", "条目缺少 request.url 或者应答 the entry has no request.url or no response")
    status, content = response.get("status"), response.get("content")
    if type(status) is not int or not isinstance(content, dict):
        raise ValueRefused(
            "bad_entry",
            "条目缺少 response.status 或者 response.content the entry has no response.status or no response.content",
        )
    kind, text = content.get("mimeType"), content.get("text")
    kind = kind.strip().lower() if isinstance(kind, str) else ""
    if not isinstance(text, str) or not text:
        return address, status, kind, None
    if len(text) > PAGE_LIMIT * 4 // 3:
        raise ValueRefused("too_large", f"应答超过 {PAGE_LIMIT:,} 字节 the answer has more than {PAGE_LIMIT:,} bytes")
    if content.get("encoding") != "base64":
        return address, status, f"{kind.partition(';')[0]}; charset=utf-8", clean(text).encode()
    try:
        return address, status, kind, base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueRefused("bad_entry", f"内容不是 base64 the body is no base64: {error}") from error


def _started(entry: Mapping[str, Any], rows: RowReader) -> Any:
    started = entry.get("startedDateTime")
    return (to_time(started, rows.zone) if isinstance(started, str) else None) or rows.captured_at


def _items(
    address: str, body: bytes, when: Any, where: str, rows: RowReader, number: int
) -> Iterator[Listing | RefusedRow]:
    if rows.captured is None:
        return
    try:
        value = orjson.loads(body)
        host = urlsplit(address).hostname or ""
    except ValueError as error:
        raise ValueRefused(
            "bad_json", f"应答自称 JSON 而不是 the answer calls itself JSON and is none: {error}"
        ) from error
    meta = {"source_platform_url": address}
    if when is not None:
        meta["timestamp_collected"] = when.timestamp() * 1000
    for count, (source, item) in enumerate(rows.captured.inside(host, value), 1):
        try:
            yield rows.captured.listing(source, item, meta, rows, number)
        except ValueRefused as error:
            yield RefusedRow(error.reason, f"{where} item {count}", error.message, where.partition(":")[0], number)
