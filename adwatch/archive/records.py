"""WARC 1.1 records (ISO 28500:2017) of an exchange: response or revisit, request, and the metadata that guards them.

The metadata record is JSON: platform, day, role, context and the digests of the members before it, so that the archive
alone can rebuild the captures of a day, and a flipped byte anywhere is found.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import urlsplit

import orjson
from warcio.statusandheaders import StatusAndHeaders

from adwatch.ports import Exchange

REDACTED = "[removed]"
NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
SAME_PAYLOAD = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
_SECRET = re.compile(r"auth|cookie|token|secret|key$|session|csrf|nonce|sign$|signature|password", re.IGNORECASE)
_BREAKS = re.compile(r"[\r\n\0]+[ \t]*")

Headers = list[tuple[str, str]]


def new_record_id() -> str:
    """A fresh WARC-Record-ID."""
    return f"<urn:uuid:{uuid.uuid4()}>"


def warc_date(when: datetime) -> str:
    """UTC, to the millisecond."""
    return when.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def header_bytes(first_line: str, headers: Headers, encoding: str = "utf-8") -> bytes:
    """A header block with its blank line; line breaks inside a value become spaces."""
    safe = [(name, _BREAKS.sub(" ", value)) for name, value in headers]
    block: bytes = StatusAndHeaders("", safe, first_line).to_bytes(encoding=encoding)
    return block


def http_head(first_line: str, headers: tuple[tuple[str, str], ...]) -> bytes:
    """HTTP headers byte for byte as they went over the wire, but for secrets."""
    safe = safe_headers(headers)
    try:
        return header_bytes(first_line, safe, "latin-1")
    except UnicodeEncodeError:
        return header_bytes(first_line, safe)


def safe_headers(headers: tuple[tuple[str, str], ...]) -> Headers:
    """Headers without secrets: the name stays, so that one sees that something was sent."""
    out: Headers = []
    for name, value in headers:
        if name.lower() == "transfer-encoding":
            out.append(("X-Archive-Orig-Transfer-Encoding", value))  # the body is kept without its chunk marks
        else:
            out.append((name, REDACTED if _SECRET.search(name) else value))
    return out


def record(record_type: str, headers: Headers, block: bytes, payload: bytes | None = None) -> bytes:
    """A whole record with its digests: of the block, and of the payload where there is one."""
    digests = [("WARC-Block-Digest", f"sha256:{hashlib.sha256(block).hexdigest()}")]
    if payload is not None:
        digests.append(("WARC-Payload-Digest", f"sha256:{hashlib.sha256(payload).hexdigest()}"))
    lines = [("WARC-Type", record_type), *headers, *digests, ("Content-Length", str(len(block)))]
    return header_bytes("WARC/1.1", lines) + block + b"\r\n\r\n"


def response_record(exchange: Exchange, record_id: str) -> bytes:
    """The answer as received; a 304, and a body that is known already, is a revisit of the earlier record."""
    headers: Headers = [
        ("WARC-Record-ID", record_id),
        ("WARC-Date", warc_date(exchange.fetched_at)),
        ("WARC-Target-URI", exchange.url),
        ("Content-Type", "application/http; msgtype=response"),
    ]
    if exchange.server_ip:
        headers.append(("WARC-IP-Address", exchange.server_ip))
    if exchange.truncated:
        headers.append(("WARC-Truncated", exchange.truncated))
    first_line = f"HTTP/1.1 {exchange.status} {_BREAKS.sub(' ', exchange.reason)}".rstrip()
    head = http_head(first_line, exchange.response_headers)
    if exchange.earlier is None:
        return record("response", headers, head + exchange.body, exchange.body)
    earlier = exchange.earlier
    headers += [
        ("WARC-Profile", NOT_MODIFIED if exchange.status == 304 else SAME_PAYLOAD),
        ("WARC-Refers-To", earlier.record_id),
        ("WARC-Refers-To-Target-URI", earlier.url),
        ("WARC-Refers-To-Date", warc_date(earlier.fetched_at)),
    ]
    if exchange.status != 304:
        headers.append(("WARC-Payload-Digest", f"sha256:{hashlib.sha256(exchange.body).hexdigest()}"))
    return record("revisit", headers, head)


def conversion_record(exchange: Exchange, record_id: str) -> bytes:
    """What was made of an answer, such as the page as a browser shows it: no headers of HTTP, since it was not sent."""
    kinds = [value for name, value in exchange.response_headers if name.lower() == "content-type"]
    headers: Headers = [
        ("WARC-Record-ID", record_id),
        ("WARC-Date", warc_date(exchange.fetched_at)),
        ("WARC-Target-URI", exchange.url),
        ("WARC-Refers-To", str(exchange.made_from)),
        ("Content-Type", kinds[0] if kinds else "application/octet-stream"),
    ]
    return record("conversion", headers, exchange.body, exchange.body)


def request_record(exchange: Exchange, response_id: str) -> bytes:
    """The request as sent, without secrets."""
    parts = urlsplit(exchange.url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    head = http_head(f"{exchange.method} {target} HTTP/1.1", exchange.request_headers)
    headers: Headers = [
        ("WARC-Record-ID", new_record_id()),
        ("WARC-Date", warc_date(exchange.fetched_at)),
        ("WARC-Target-URI", exchange.url),
        ("WARC-Concurrent-To", response_id),
        ("Content-Type", "application/http; msgtype=request"),
    ]
    return record("request", headers, head + exchange.request_body, exchange.request_body)


def metadata_record(url: str, when: datetime, response_id: str, content: Mapping[str, object]) -> bytes:
    """What the capture was for, and the digests of the members before it."""
    headers: Headers = [
        ("WARC-Record-ID", new_record_id()),
        ("WARC-Date", warc_date(when)),
        ("WARC-Target-URI", url),
        ("WARC-Concurrent-To", response_id),
        ("Content-Type", "application/json"),
    ]
    return record("metadata", headers, orjson.dumps(content, option=orjson.OPT_SORT_KEYS))


def warcinfo_record(filename: str, software: str, when: datetime) -> bytes:
    """Head of a file: who wrote it."""
    fields = header_bytes(f"software: {software}", [("format", "WARC File Format 1.1"), ("robots", "obey")])
    headers: Headers = [
        ("WARC-Record-ID", new_record_id()),
        ("WARC-Date", warc_date(when)),
        ("WARC-Filename", filename),
        ("Content-Type", "application/warc-fields"),
    ]
    return record("warcinfo", headers, fields)
