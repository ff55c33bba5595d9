"""The audit log and the roots of days as verbs call them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import tzinfo
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection

from adwatch.app.audit_words import act_label, subject_label
from adwatch.app.office import Office
from adwatch.errors import SettingsError, UsageError
from adwatch.evidence.audit import verify_log
from adwatch.evidence.daily import keep_root
from adwatch.evidence.stamps import stamp
from adwatch.files import write_whole
from adwatch.store import audit as store
from adwatch.store.engine import reading

LONGEST = 200
"""Characters of the longest number that a subject has."""
SUBJECTS = {
    "case": "案件",
    "takedown": "下架函",
    "transfer": "移送",
    "package": "证据包",
    "hold": "保全",
    "file": "归档文件",
    "erasure": "删除批次",
    "export": "周报",
    "day": "日根",
}


def verify(office: Office, head: str | None = None) -> dict[str, Any]:
    """Whether the whole chain stands, its length, the digest of its end and the first fault."""
    if head is not None and len(head) != 64:
        raise UsageError(f"--head {head[:70]}: no SHA-256; write the 64 digits that an earlier audit verify gave")
    done = verify_log(office.engine, head.lower() if head else None)
    fault = done.fault
    found = None if fault is None else {"seq": fault.seq, "word": fault.word, "message": fault.message}
    return {"ok": fault is None, "entries": done.entries, "head": done.head, "fault": found}


def entries(office: Office, subject: str | None, limit: int) -> list[dict[str, Any]]:
    """The newest entries, newest first; ``subject``: a kind, or a kind and its number as case:12."""
    kind, _, number = (subject or "").partition(":")
    if kind and kind not in SUBJECTS:
        raise UsageError(f"--subject {kind[:40]}: write one of {', '.join(SUBJECTS)}, or such as case:12")
    if len(number) > LONGEST:
        raise UsageError(f"--subject {kind}:{number[:40]}…: no such number")
    with reading(office.engine) as connection:
        found = store.newest(connection, kind or None, number or None, limit)
    return [_shown(row, office.settings.zone) for row in found]


def export(office: Office, file: Path) -> dict[str, Any]:
    """Write the whole log as JSON lines, each with its digests: file, entries, head."""
    said = {"file": str(file), "entries": 0, "head": store.GENESIS}
    with reading(office.engine) as connection:
        write_whole(file, _lines(connection, said))
    return said


def _lines(connection: Connection, said: dict[str, Any]) -> Iterator[bytes]:
    """The lines of the entries; ``said`` is brought up to date with each page."""
    for page in store.pages(connection):
        for row in page:
            yield orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)
        said.update(entries=said["entries"] + len(page), head=page[-1]["sha256"])


def _shown(row: dict[str, Any], zone: tzinfo) -> dict[str, Any]:
    labels = {"action_label": act_label(row["action"]), "subject_label": subject_label(row["subject"])}
    return {**row, **labels, "at": row["at"].astimezone(zone).isoformat(timespec="seconds")}


def day_root(office: Office, day: str, by: str | None, unit: str | None) -> dict[str, Any]:
    """The root of a day, kept in the audit log where it is new, and what no longer agrees with one kept earlier."""
    zone, now = office.settings.zone, office.clock.now()
    found, faults = keep_root(
        office.engine, day, by or "machine", unit or office.settings.unit or None, now=now, zone=zone
    )
    return {"day": day, **asdict(found), "faults": faults}


def day_stamp(office: Office, day: str, by: str | None, unit: str | None) -> dict[str, Any]:
    """The time stamp of a day's newest root: the one kept, checked again without network, else asked for now."""
    settings = office.settings
    if settings.tsa_ca is None:
        raise SettingsError(
            "a time stamp is checked by its service's certificate; write its PEM file to ADWATCH_TSA_CA"
        )
    who, where = by or "machine", unit or settings.unit or None
    when = stamp(office.engine, day, settings.tsa_url, settings.tsa_ca, who, where, office.clock.now())
    return {"day": day, "time": when.isoformat()}
