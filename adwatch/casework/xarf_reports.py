"""The machine form of a request in X-ARF 4.2: one report a listing, as JSON lines in a ZIP.

Category ``content``, type ``fraud``: the one type of the specification for offers that deceive (there is none for
forged papers); ``fraud_type`` is ``government_impersonation`` for the classes that the office's rules name, else
``other``. Each report is made and checked by the library against the schemas it ships; a listing that makes no valid
report (no web address) is named in ``left_out.json`` instead of being reported wrongly.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any
from urllib.parse import urlsplit

import orjson

from adwatch.casework.letter import asked_before
from adwatch.casework.shown import printable
from adwatch.casework.zipped import zipped
from adwatch.text import one_line

REPORTS, LEFT_OUT = "reports.jsonl", "left_out.json"
_DOMAIN = re.compile(r"([a-z0-9]+(-[a-z0-9]+)*\.)+[a-z]{2,}")
_TAG = re.compile(r"[a-z0-9][a-z0-9_+-]*")


@dataclass(frozen=True, slots=True)
class Bundle:
    """What was made of a request."""

    content: bytes
    """The ZIP: reports.jsonl, left_out.json."""
    reports: int
    left_out: list[dict[str, str]]
    """seq, native_id and why, of the listings that have no report."""


def bundle(content: Mapping[str, Any], contact: str, impersonation: Iterable[str], zone: tzinfo) -> Bundle:
    """The reports of a request; ``contact`` is the office's mail address, which every report must name."""
    office = {"org": printable(content["unit"])[:200], "contact": contact, "domain": contact.rpartition("@")[2].lower()}
    lines, left_out = [], []
    for row in content["listings"]:
        report, mistakes = made_report(content, row, office, set(impersonation), zone)
        if report is None:
            said = "；".join(mistakes)
            left_out.append({"seq": str(row["seq"]), "native_id": printable(row["native_id"]), "why": said[:500]})
        else:
            lines.append(orjson.dumps(report) + b"\n")
    files = {REPORTS: b"".join(lines), LEFT_OUT: orjson.dumps(left_out, option=orjson.OPT_INDENT_2)}
    return Bundle(zipped(files), len(lines), left_out)


def made_report(
    content: Mapping[str, Any], row: Mapping[str, Any], office: Mapping[str, str], impersonation: set[str], zone: tzinfo
) -> tuple[dict[str, Any] | None, list[str]]:
    """(the report, []), or (None, what the schema finds wrong with it)."""
    from xarf import create_evidence, create_report

    url = row["url"] or ""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        host = ""
    if not host or urlsplit(url).scheme not in ("http", "https") or printable(url) != url or " " in url:
        return None, [f"没有可用的网址：{one_line(url, 100) or '（无）'}"]
    words = "\n".join(row["quotes"])
    told = [f"{content['number']} {row['lead_number'] or ''} 涉嫌{'、'.join(row['offer_labels'])}".strip()]
    told += [f"依据：{'；'.join(row['cites'])}"] if row["cites"] else []
    told += [f"证据：{row['evidence_number']}"] if row["evidence_number"] else []
    told += [f"此前已去函：{before}"] if (before := asked_before(row)) else []
    values: dict[str, Any] = {
        "url": url,
        "fraud_type": "government_impersonation" if impersonation & set(row["offer_types"]) else "other",
        "evidence_source": "crawler",
        "verification_method": "automated_crawler" if not row["decided_by"] else "manual",
        "description": one_line("。".join(told), 1000),
        "evidence": [create_evidence("text/plain; charset=utf-8", words, description="违法原文摘录（已脱敏）")],
        "tags": [f"class:{each}" for each in row["offer_types"] if _TAG.fullmatch(each)],
    }
    if _DOMAIN.fullmatch(host):
        values["domain"] = host
    if row["captured_at"]:
        values["verified_at"] = _captured(row, zone)
    made = create_report(
        category="content",
        type="fraud",
        source_identifier=host,
        reporter=dict(office),
        sender=dict(office),
        **values,
    )
    if made.report is None or made.errors:
        return None, [f"{each.field}: {each.message}" for each in made.errors] or ["不符合 X-ARF 的格式"]
    report = made.report.model_dump(mode="json", by_alias=True, exclude_none=True)
    # the library draws these anew each time; the same request is to give the same bytes
    name = hashlib.sha256(f"{content['number']}\0{row['listing_id']}".encode()).digest()[:16]
    report["report_id"] = str(uuid.UUID(bytes=name, version=4))
    report["timestamp"] = values.get("verified_at", content["drafted_at"])
    return report, []


def mistakes_of(report: Mapping[str, Any]) -> list[str]:
    """What the library finds wrong with a report, read strictly: nothing that the schema does not know either."""
    from xarf import parse

    found = parse(dict(report))
    told = [f"{each.field}: {each.message}" for each in found.errors]
    return told + [f"{each.field}: {each.message}" for each in found.warnings]


def _captured(row: Mapping[str, Any], zone: tzinfo) -> str:
    return datetime.fromisoformat(row["captured_at"]).replace(tzinfo=zone).isoformat()
