"""What the evidence package of a case holds: records, verdicts, decisions, history, letters, files, the chain.

Everything is raw as it was received: the package is sealed evidence and is masked nowhere.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, select

from adwatch.archive.shelf import Shelf
from adwatch.casework.letter import letter
from adwatch.errors import ArchiveError, UsageError
from adwatch.evidence import package as p
from adwatch.evidence.proofs import proofs
from adwatch.models import Capture
from adwatch.store import cases as store
from adwatch.store import schema as s
from adwatch.store.attachments import attachments_of, read_attachment
from adwatch.store.captures import captures_by_id, captures_by_record
from adwatch.store.takedowns import requests_by_listing
from adwatch.store.views import ListingView, versions_of

ENDINGS = {
    "application/pdf": ".pdf",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "message/rfc822": ".eml",
    "application/json": ".json",
    "application/wacz": ".wacz",
    "text/plain": ".txt",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
}
"""Endings of files in a package; of any other kind .bin. What a file was called is in attachments.json only."""

README = """证据包说明 Evidence package

本压缩包为一个案件（线索）的证据材料，未经脱敏，限办案使用，请妥善保管。
核验（无需联网，只需本文件）：  adwatch evidence verify 本文件
没有 AdWatch 时，解压后执行：    sha256sum --check manifest.sha256 SHA256SUMS
manifest.json 列明每个文件的大小和 SHA-256；manifest.json 自身的 SHA-256（见 manifest.sha256）另记于函件和审计日志。
captures/     取证记录（WARC 1.1，ISO 28500），由归档文件中整段截取；captures.json 为其登记内容
case.json listings.json decisions.json history.json takedowns.json
              案件、信息各版本及判定、甄别决定、经过、下架函及核验
letters/ attachments/   函件、网页截图和归档（WACZ）及附件（原文件名见 attachments.json，网页取证经过见 pages.json）
chain/        审计日志条目、归入日根的证明（RFC 6962）、日根的时间戳（RFC 3161）
"""


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the bytes of a package come from."""

    shelf: Shelf
    """The archive."""
    home: Path
    """Folder of the attachments."""
    zone: tzinfo
    """The office's time zone: days of the log."""
    kept: Mapping[int, p.Slice]
    """Records of captures whose WARC file has expired, in packages made before."""
    authority: bytes = b""
    """PEM of the time-stamping authority."""


def case_package(connection: Connection, case_id: int, sources: Sources) -> tuple[dict[str, Any], dict[str, p.Content]]:
    """(head of the manifest, files by name)."""
    case = store.case_by_id(connection, case_id)
    if case is None:
        raise UsageError(f"案件 {case_id}: 没有这个编号；用 adwatch review list 查看")
    views = versions_of(connection, case["listings"])
    requests = requests_by_listing(connection, case["listings"])
    letters = _letters(connection, requests)
    numbers = {row["id"]: row["number"] for rows in requests.values() for row in rows}
    decisions = store.decisions_of(connection, [case_id]).get(case_id, [])
    history = [
        *store.events_of(connection, "case", [case_id]).get(case_id, []),
        *(row for rows in store.events_of(connection, "takedown", numbers).values() for row in rows),
    ]
    files: dict[str, p.Content] = {
        "README.txt": README.encode(),
        "case.json": _json({**_lasting(case), "tags": _tags(connection, case_id)}),
        "listings.json": _json([_version(view) for each in case["listings"] for view in views[each]]),
        p.DECISIONS: _json(decisions),
        "history.json": _json(history),
        "takedowns.json": _json([{"listing": each, "requests": requests.get(each, [])} for each in case["listings"]]),
        **letters,
    }
    files["pages.json"] = _json(_pages(connection, case_id))
    files |= attached(connection, sources.home, {"case": [case_id], "takedown": list(numbers)})
    captures = _captures(connection, views, requests, history)
    files |= _records(captures, sources)
    entries = _entries(connection, case_id, numbers.values())
    files |= _chain(connection, captures, entries, sources)
    head = {
        "kind": "case",
        "case_id": case_id,
        "lead_number": case["lead_number"],
        "state": case["state"],
        "listings": len(case["listings"]),
        "captures": len(captures),
    }
    return head, files


def _json(value: Any) -> bytes:
    """Readable, sorted, times in UTC to the microsecond: the same content gives the same bytes on every store."""
    return orjson.dumps(value, default=_plain, option=_OPTIONS)


_OPTIONS = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
_OPTIONS |= orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_NON_STR_KEYS


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    raise TypeError(f"{type(value).__name__}: not foreseen in a package")


def _lasting(case: Mapping[str, Any]) -> dict[str, Any]:
    """A case's row without what comes and goes while somebody looks at it."""
    transient = ("leased_by", "leased_until", "leased_at", "updated_at")
    return {name: value for name, value in case.items() if name not in transient}


def _tags(connection: Connection, case_id: int) -> list[list[str]]:
    query = select(s.case_tag.c.kind, s.case_tag.c.value).where(s.case_tag.c.case_id == case_id)
    return sorted([kind, value] for kind, value in connection.execute(query))


def _pages(connection: Connection, case_id: int) -> list[dict[str, Any]]:
    """Full captures of its pages, and why one could not be made; their files are attachments of the case."""
    query = select(s.page_capture).where(s.page_capture.c.case_id == case_id).order_by(s.page_capture.c.id)
    return [dict(row._mapping) for row in connection.execute(query)]


def _version(view: ListingView) -> dict[str, Any]:
    return {**asdict(view), "listing_id": view.listing.listing_id}


def _letters(connection: Connection, requests: Mapping[int, list[dict[str, Any]]]) -> dict[str, p.Content]:
    """Requests to platforms as they were drawn up: the letter and what it was made of."""
    ids = sorted({row["id"] for rows in requests.values() for row in rows})
    query = select(s.takedown.c.number, s.takedown.c.content).where(s.takedown.c.id.in_(ids))
    files: dict[str, p.Content] = {}
    for number, content in connection.execute(query.order_by(s.takedown.c.id)):
        files[f"letters/{number}.json"] = _json(content)
        files[f"letters/{number}.docx"] = letter(content)
    return files


def attached(connection: Connection, home: Path, subjects: Mapping[str, Iterable[int]]) -> dict[str, p.Content]:
    """Files of some subjects, and attachments.json about them."""
    rows, files = [], {}
    for subject, ids in subjects.items():
        for found in attachments_of(connection, subject, ids).values():
            for row in found:
                if row["erased"]:
                    rows.append({**row, "file": None})
                    continue
                name = f"attachments/{row['sha256'][:24]}{ENDINGS.get(row['media_type'], '.bin')}"
                files[name] = read_attachment(home, row["sha256"])
                rows.append({**row, "file": name})
    return {**files, p.ATTACHMENTS: _json(sorted(rows, key=lambda row: int(row["id"])))}


def _captures(
    connection: Connection,
    views: Mapping[int, Sequence[ListingView]],
    requests: Mapping[int, list[dict[str, Any]]],
    history: Iterable[Mapping[str, Any]],
) -> list[Capture]:
    """Captures that the case rests on, with the earlier ones that a repeated answer refers to."""
    ids = {view.listing.capture_id for found in views.values() for view in found}
    ids |= {check["capture_id"] for rows in requests.values() for row in rows for check in row["checks"]}
    ids |= {event["detail"].get("capture_id") for event in history}
    found = captures_by_id(connection, [each for each in ids if isinstance(each, int)])
    known = {capture.record_id for capture in found}
    places: list[Any] = [each.context.get("earlier") for each in found]
    earlier = {str(place["record_id"]) for place in places if place}
    return sorted([*found, *captures_by_record(connection, earlier - known)], key=lambda each: each.id or 0)


def _records(captures: Sequence[Capture], sources: Sources) -> dict[str, p.Content]:
    """The records cut out whole; what is not there any more is said in the row."""
    rows, files = [], {}
    for capture in captures:
        row, name = asdict(capture), f"{p.RECORDS}CAP-{capture.id}.warc.gz"
        try:
            files[name] = _record(capture, sources)
            row["file"] = name
        except ArchiveError as error:
            row.update(file=None, missing=str(error))
        rows.append(row)
    return {**files, p.CAPTURES: _json(rows)}


def _record(capture: Capture, sources: Sources) -> p.Slice:
    try:
        return p.record_of(sources.shelf, capture.warc, capture.offset)
    except ArchiveError:
        kept = sources.kept.get(capture.id or 0)
        if kept is None:
            raise
        return kept


def _entries(connection: Connection, case_id: int, numbers: Iterable[str]) -> list[dict[str, Any]]:
    """What the audit log has of the case and of the letters that its listings are in."""
    log = s.audit_entry
    wanted = (log.c.subject == "case") & (log.c.subject_id == str(case_id))
    if letters := sorted(numbers):
        wanted |= (log.c.subject == "takedown") & log.c.subject_id.in_(letters)
    return [dict(row._mapping) for row in connection.execute(select(log).where(wanted).order_by(log.c.seq))]


def _chain(
    connection: Connection, captures: Sequence[Capture], entries: Sequence[dict[str, Any]], sources: Sources
) -> dict[str, p.Content]:
    found = proofs(connection, captures, entries, sources.zone)
    rows = {**{row["seq"]: row for row in entries}, **found.roots}
    files: dict[str, p.Content] = {
        p.ENTRIES: _json([rows[seq] for seq in sorted(rows)]),
        p.PROOFS: _json({"captures": found.captures, "entries": found.entries}),
    }
    for row in found.roots.values():
        if "stamp" in row["detail"]:
            files[f"{p.STAMPS}{row['subject_id']}.tsr"] = base64.b64decode(row["detail"]["stamp"])
            if sources.authority:
                files["chain/tsa-ca.pem"] = sources.authority
    return files
