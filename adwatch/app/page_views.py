"""Full captures as screens and the command show them: rows with words, a file's bytes, the archived page itself."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from io import BytesIO
from typing import Any

from warcio.archiveiterator import ArchiveIterator

from adwatch.app.office import Office
from adwatch.casework.shown import masked, printable
from adwatch.errors import UsageError
from adwatch.store.attachments import attachment_bytes
from adwatch.store.engine import reading
from adwatch.store.erasures import Rule, gone_attachments
from adwatch.store.pages import page_capture_by_id, page_captures
from adwatch.tables.capture import FILES, OCCASIONS, REASONS, STATES

Row = dict[str, Any]


def captures_of_case(office: Office, case_id: int) -> list[Row]:
    """The attempts of a case, newest first; titles and addresses without personal numbers."""
    with reading(office.engine) as connection:
        found = page_captures(connection, [case_id])
        gone = gone_attachments(connection, [file["sha256"] for row in found for file in row["files"].values()])
    return [_shown(row, gone) for row in reversed(found)]


def _shown(row: Row, gone: Mapping[str, Rule]) -> Row:
    facts = row["facts"]
    certificates = facts.get("certificates") or [{}]
    return {
        "id": row["id"],
        "listing_id": row["key"].hex(),
        "platform": row["platform"],
        "occasion": row["occasion"],
        "occasion_label": OCCASIONS[row["occasion"]],
        "attempt": row["attempt"],
        "at": row["at"],
        "state": row["state"],
        "state_label": STATES[row["state"]],
        "reason": row["reason"],
        "reason_label": REASONS.get(row["reason"] or "", ""),
        "message": printable(row["message"]),
        "retry_at": row["retry_at"],
        "person": row["person"],
        "unit": row["unit"],
        "url": printable(facts.get("url") or row["url"] or ""),
        "title": printable(masked(facts.get("title") or "", ())),
        "status": facts.get("status"),
        "server_ip": facts.get("server_ip"),
        "certificate": certificates[0].get("sha256"),
        "issuer": certificates[0].get("issuer"),
        "clock_offset": (facts.get("clock") or {}).get("offset"),
        "screenshot_cut": facts.get("screenshot_cut"),
        "files": [
            {"kind": kind, "label": FILES[kind][2], **file, "erased": rule.said if rule else None}
            for kind, file in sorted(row["files"].items())
            for rule in (gone.get(file["sha256"]),)
        ],
    }


def capture_file(office: Office, capture_id: int, kind: str) -> tuple[bytes, str, str]:
    """(bytes, media type, name) of a file of a capture: ``page_screenshot``, ``page_archive`` or ``page_facts``.

    It shows the page unmasked: who calls this has to leave an entry of it.
    """
    file = _row(office, capture_id)["files"].get(kind)
    if file is None:
        raise UsageError(f"取证 {capture_id}: 没有 {FILES.get(kind, ('', '', kind))[2]}")
    with reading(office.engine) as connection:
        content = attachment_bytes(connection, office.home, file["sha256"])
    return content, file["media_type"], file["name"]


def archived_page(office: Office, capture_id: int) -> tuple[bytes, str]:
    """(body, Content-Type) of the page itself out of its archive, decoded; for a sandboxed frame without scripts."""
    row = _row(office, capture_id)
    content, _media, _name = capture_file(office, capture_id, "page_archive")
    with zipfile.ZipFile(BytesIO(content)) as archive:
        warc = archive.read("archive/data.warc.gz")
    for record in ArchiveIterator(BytesIO(warc)):
        if record.rec_type == "response" and record.rec_headers.get_header("WARC-Target-URI") == row["facts"]["url"]:
            return record.content_stream().read(), record.http_headers.get_header("Content-Type") or "text/html"
    raise UsageError(f"取证 {capture_id}: 归档中没有该网页")


def _row(office: Office, capture_id: int) -> Row:
    with reading(office.engine) as connection:
        found = page_capture_by_id(connection, capture_id)
    if found is None:
        raise UsageError(f"取证 {capture_id}: 没有这个编号；用 adwatch evidence show 案件号 查看")
    return found
