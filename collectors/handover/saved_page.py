"""A page that a browser saved as one file (SingleFile, "save page as", MHTML) → one listing of kind ``page``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import EmailMessage
from typing import BinaryIO

from adwatch.models import Listing, StageReport
from adwatch.text import clean
from collectors.handover.pages import PAGE_LIMIT, page_listing
from collectors.handover.rows import RefusedRow, RowReader, content_id
from collectors.handover.values import ValueRefused, to_text, to_time

FILE_LIMIT = 128 << 20
"""Bytes of a saved page with its pictures and fonts inside."""
HEAD = 1 << 16
"""Bytes at the start in which a saving program says what it saved."""
_EMBEDDED = re.compile(rb"data:[a-z0-9.+-]{1,60}/[a-z0-9.+-]{1,60}[;,][^\"'()\s<>]*", re.IGNORECASE)
_SINGLE_FILE = re.compile(r"Page saved with SingleFile\s+url:\s*(\S+)(?:\s+saved date:\s*([^\n(]{10,60}))?")
_SAVED_FROM = re.compile(r"<!--\s*saved from url=\(\d+\)(\S+)\s*-->")
_CANONICAL = re.compile(
    r"<link[^>]{0,300}?rel=[\"']?canonical[\"']?[^>]{0,300}?href=[\"']?([^\"'\s>]+)"
    r"|<meta[^>]{0,300}?property=[\"']?og:url[\"']?[^>]{0,300}?content=[\"']?([^\"'\s>]+)",
    re.IGNORECASE,
)
TAIL = 1 << 12
"""Bytes at the end in which a page's end is looked for."""
_BOUNDARY = re.compile(rb"boundary=\"?([^\"\s;]{1,80})", re.IGNORECASE)
_UNENDED = re.compile(rb"Page saved with SingleFile", re.IGNORECASE)
"""Programs that may leave optional end tags out."""
_CLOCK = re.compile(r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d{2}) (\d{4}) (\d{2}:\d{2}:\d{2}) GMT([+-]\d{4})")


def read_saved_page(
    stream: BinaryIO, form: str, name: str, rows: RowReader, report: StageReport
) -> Iterator[Listing | RefusedRow]:
    """The page; its address is the one that the saving program wrote down, else the one that the page gives itself."""
    data = whole(stream, FILE_LIMIT, "a saved page")
    body, kind, address, when = _of_mhtml(data, rows) if form == "mhtml" else _of_html(data, rows)
    if len(body) > PAGE_LIMIT:
        body = _EMBEDDED.sub(b"", body)
    if len(body) > PAGE_LIMIT:
        raise ValueRefused(
            "too_large",
            f"网页除图片外超过 {PAGE_LIMIT:,} 字节 the page without its pictures has more than {PAGE_LIMIT:,} bytes",
        )
    found = page_listing(body, kind, address or "", rows, 1, when or rows.captured_at)
    found = found if address else _without_address(found)
    if not is_cut(data, form):
        yield found
    elif rows.longer(found):
        message = (
            "网页不完整，而同一网址已存有更长的文字，保留原有的"
            " the page is cut off, and a longer text of the same address is stored: that one is kept"
        )
        yield RefusedRow("cut", name, message, name, 1)
    else:
        report.counts["cut"] += 1
        report.notes.append(
            f"{name}: 网页不完整，只收下存到的部分 (the page is cut off: what was saved of it is taken)"
        )
        yield found


def is_cut(data: bytes, form: str) -> bool:
    """Whether a saved page breaks off: an MHTML without its last boundary; HTML that ends within a tag, a script or a
    comment, or without an end at all where the saving program writes one.
    """
    tail = data[-TAIL:].rstrip().lower()
    if form == "mhtml":
        found = _BOUNDARY.search(data[:HEAD])
        return found is not None and not tail.endswith(b"--" + found[1].lower() + b"--")
    if tail.endswith((b"</html>", b"-->")) or b"</html>" in tail:
        return False
    return tail.rfind(b"<") > tail.rfind(b">") or not _UNENDED.search(data[:HEAD])


def whole(stream: BinaryIO, limit: int, what: str) -> bytes:
    """All bytes; ValueRefused where there are more than ``limit``."""
    parts, size = [], 0
    while part := stream.read(1 << 20):
        size += len(part)
        if size > limit:
            raise ValueRefused("too_large", f"超过 {limit:,} 字节 {what} of more than {limit:,} bytes")
        parts.append(part)
    return b"".join(parts)


def _of_html(data: bytes, rows: RowReader) -> tuple[bytes, str, str | None, datetime | None]:
    head = clean(data[:HEAD].decode("utf-8", "replace"))
    if found := _SINGLE_FILE.search(head):
        return data, "text/html", _http(found[1]), _date(found[2], rows)
    if found := _SAVED_FROM.search(head):
        return data, "text/html", _http(found[1]), None
    found = _CANONICAL.search(head)
    return data, "text/html", _http(found[1] or found[2]) if found else None, None


def _of_mhtml(data: bytes, rows: RowReader) -> tuple[bytes, str, str | None, datetime | None]:
    """The first HTML part of a multipart/related message (RFC 2557), and where it was saved from."""
    try:
        message = message_from_bytes(data, policy=policy.default)
        for part in message.walk():
            if part.get_content_type() != "text/html":
                continue
            body = part.get_payload(decode=True)
            if not isinstance(body, bytes):
                break
            address = message.get("Snapshot-Content-Location") or part.get("Content-Location") or ""
            return body, str(part.get("Content-Type", "text/html")), _http(clean(str(address))), _sent(message, rows)
    except (MessageError, ValueError, LookupError, AttributeError, IndexError, TypeError) as error:
        raise ValueRefused("corrupt", f"不是能读的 MHTML no MHTML that can be read: {type(error).__name__}") from error
    raise ValueRefused("empty_page", "MHTML 文件中没有网页 the MHTML file holds no page")


def _sent(message: EmailMessage, rows: RowReader) -> datetime | None:
    date = getattr(message.get("Date"), "datetime", None)
    if not isinstance(date, datetime):
        return None
    universal = date if date.tzinfo else date.replace(tzinfo=UTC)  # "-0000": UTC, of no place (RFC 5322)
    return to_time(universal.isoformat(), rows.zone)


def _date(text: str | None, rows: RowReader) -> datetime | None:
    found = _CLOCK.match(text or "")
    if found is None:
        return None
    try:
        moment = datetime.strptime(" ".join(found.groups()), "%b %d %Y %H:%M:%S %z")
    except ValueError:
        return None
    return to_time(moment.isoformat(), rows.zone)


def _http(address: str) -> str | None:
    return address if address.startswith(("http://", "https://")) else None


def _without_address(found: Listing) -> Listing:
    key = content_id([None, None, to_text(found.title), to_text(found.text)])
    return replace(found, native_id=key, url=None, url_norm=None)
