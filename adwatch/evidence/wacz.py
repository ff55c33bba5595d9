"""WACZ 1.1.1: the archived answers of one page as one ZIP that standard players open (ReplayWeb.page, pywb).

Every member is stored uncompressed; the WARC is compressed record by record, so that the index (CDXJ, one line for each
answer to a GET) points at each. ``datapackage-digest.json`` has the digest of ``datapackage.json``, which has those of
all other members.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from urllib.parse import urlsplit

import orjson

from adwatch.archive.records import new_record_id, request_record, response_record, warc_date, warcinfo_record
from adwatch.ports import Exchange

WARC = "data.warc.gz"
VERSION = "1.1.1"


@dataclass(frozen=True, slots=True)
class ArchivedPage:
    """The page that a player opens first."""

    url: str
    title: str
    at: datetime
    """When its answer was complete, UTC."""


def make_wacz(exchanges: Sequence[Exchange], page: ArchivedPage, software: str, created: datetime) -> bytes:
    """The archive of all answers, in the order in which they came."""
    warc, lines = BytesIO(), []
    warc.write(gzip.compress(warcinfo_record(WARC, software, created), mtime=0))
    for exchange in exchanges:
        record_id, offset = new_record_id(), warc.tell()
        warc.write(gzip.compress(response_record(exchange, record_id), mtime=0))
        if exchange.method == "GET":
            lines.append(_index_line(exchange, offset, warc.tell() - offset))
        warc.write(gzip.compress(request_record(exchange, record_id), mtime=0))
    head = {"format": "json-pages-1.0", "id": "pages", "title": "All Pages", "hasText": False}
    shown = {"id": hashlib.sha256(page.url.encode()).hexdigest()[:16], "url": page.url, "ts": warc_date(page.at)}
    pages = b"".join(orjson.dumps(row) + b"\n" for row in (head, {**shown, "title": page.title}))
    members = {
        f"archive/{WARC}": warc.getvalue(),
        "indexes/index.cdx": "".join(sorted(lines)).encode(),
        "pages/pages.jsonl": pages,
    }
    package = {
        "profile": "data-package",
        "wacz_version": VERSION,
        "title": page.title or page.url,
        "software": software,
        "created": created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "mainPageUrl": page.url,
        "mainPageDate": warc_date(page.at),
        "resources": [
            {"name": path.rpartition("/")[2], "path": path, "hash": _hash(content), "bytes": len(content)}
            for path, content in members.items()
        ],
    }
    members["datapackage.json"] = orjson.dumps(package, option=orjson.OPT_INDENT_2)
    digest = {"path": "datapackage.json", "hash": _hash(members["datapackage.json"])}
    members["datapackage-digest.json"] = orjson.dumps(digest, option=orjson.OPT_INDENT_2)
    out = BytesIO()
    stamp = max(created.astimezone(UTC), datetime(1980, 1, 1, tzinfo=UTC)).timetuple()[:6]
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as package_file:
        for path, content in members.items():
            package_file.writestr(zipfile.ZipInfo(path, stamp), content)
    return out.getvalue()


def _hash(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _index_line(exchange: Exchange, offset: int, length: int) -> str:
    kinds = [value for name, value in exchange.response_headers if name.lower() == "content-type"]
    fields = {
        "url": exchange.url,
        "mime": kinds[0].partition(";")[0].strip().lower() if kinds else "unk",
        "status": str(exchange.status),
        "digest": _hash(exchange.body),
        "length": str(length),
        "offset": str(offset),
        "filename": WARC,
    }
    stamp = exchange.fetched_at.astimezone(UTC).strftime("%Y%m%d%H%M%S")
    return f"{surt(exchange.url)} {stamp} {orjson.dumps(fields).decode()}\n"


def surt(url: str) -> str:
    """The key of an address in a CDXJ index: host turned round (that of an IPv4 address too, as players look it up),
    small letters, parameters in order, without www.
    """
    parts = urlsplit(url.lower())
    host = re.sub(r"^www\d*\.", "", parts.hostname or "")
    name = ",".join(reversed(host.split("."))) if ":" not in host else host
    if parts.port not in (None, 80 if parts.scheme == "http" else 443):
        name += f":{parts.port}"
    query = "&".join(sorted(parts.query.split("&")))
    return f"{name}){parts.path or '/'}" + (f"?{query}" if query else "")
