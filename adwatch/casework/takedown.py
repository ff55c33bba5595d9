"""Takedown: one request per platform over its confirmed listings, and the day it was sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Engine

from adwatch.casework.letter import letter
from adwatch.casework.platform_info import PlatformInfo
from adwatch.casework.request import request_content
from adwatch.casework.shown import local, printable
from adwatch.errors import UsageError
from adwatch.files import write_whole
from adwatch.models import StageReport
from adwatch.store import takedowns as store
from adwatch.store.audit import Entry, append_entries
from adwatch.store.cases import decisions_of, next_number, tell_index
from adwatch.store.engine import CASEWORK_LOCK, advisory_lock, reading, writing
from adwatch.store.opening import add_event
from adwatch.store.views import ListingView, as_offered, versions_of
from adwatch.tables import Law, OfferClass

TIP = "tip"
"""Kind of a listing that was reported to the office, not seen on a platform."""


def draft(
    engine: Engine,
    out_dir: Path,
    *,
    law: Law,
    classes: Mapping[str, OfferClass],
    platforms: Mapping[str, PlatformInfo],
    unit: str,
    now: datetime,
    zone: tzinfo,
) -> tuple[StageReport, list[dict[str, Any]]]:
    """Draft a request for each platform with confirmed listings that are in none, and write its letter and its JSON.

    The request is stored before its files are written; a draft whose files are missing is written again, byte for byte.
    Gives a row for each request written: number, platform, listings, letter, json. A tip is in no letter, since a
    hotline is no platform: the report names it, until what it tells of is found and confirmed.
    """
    report = StageReport("draft")
    with writing(engine) as connection:
        advisory_lock(connection, CASEWORK_LOCK)
        by_platform: dict[int, list[store.Waiting]] = {}
        for each in store.waiting(connection):
            by_platform.setdefault(each.platform_id, []).append(each)
        fresh: set[str] = set()
        entries: list[Entry] = []
        for platform_id, confirmed in by_platform.items():
            views = versions_of(connection, [item.listing_id for item in confirmed])
            items, offered = [], []
            for item in confirmed:
                view = as_offered(views[item.listing_id], version_id=item.version_id)
                if view.listing.kind == TIP:
                    report.drop("tip", _tip(item, view))
                else:
                    items.append(item)
                    offered.append(view)
            if not items:
                continue
            decisions = decisions_of(connection, [item.case_id for item in items])
            year = now.astimezone(zone).year
            number = f"ADW-TD-{year}-{next_number(connection, f'takedown:{year}'):04d}"
            info = platforms.get(items[0].platform) or PlatformInfo(items[0].platform)
            content = request_content(
                number,
                list(zip(items, offered, (decisions.get(item.case_id, []) for item in items), strict=True)),
                info,
                law=law,
                classes=classes,
                unit=unit,
                now=now,
                zone=zone,
            )
            pairs = [(view.id, view.version_id) for view in offered]
            takedown_id = store.add_request(connection, number, platform_id, pairs, content, now)
            add_event(connection, "takedown", takedown_id, "drafted", "machine", now, {"listings": len(pairs)})
            tell_index(connection, [view.id for view in offered])
            entries.append(Entry("machine", unit, "takedown.draft", "takedown", number, now, {"listings": len(pairs)}))
            fresh.add(number)
        append_entries(connection, entries)
    with reading(engine) as connection:
        drafts = store.requests(connection, state="draft")
    rows = (_write(request, out_dir, request["number"] in fresh) for request in drafts)
    done = [row for row in rows if row is not None]
    report.kept = len(done)
    return report, done


def _tip(item: store.Waiting, view: ListingView) -> str:
    named = f"线索 {item.lead_number or item.case_id}（{item.platform} {printable(view.listing.native_id)}）"
    return f"{named}: 来自投诉举报，没有可发函的平台；请查明所指链接，作为该平台的信息读入并甄别"


def _write(request: dict[str, Any], out_dir: Path, fresh: bool) -> dict[str, Any] | None:
    """Write the files of a draft; None where they are there."""
    content = request["content"]
    machine = out_dir / f"{request['number']}.json"
    document = out_dir / f"{request['number']}.docx"
    if not fresh and machine.is_file() and document.is_file():
        return None
    write_whole(document, letter(content))
    write_whole(machine, orjson.dumps(content, option=orjson.OPT_INDENT_2) + b"\n")
    return {
        "number": request["number"],
        "platform": request["platform"],
        "addressee": content["addressee"],
        "listings": len(content["listings"]),
        "letter": str(document),
        "json": str(machine),
    }


def mark_sent(
    engine: Engine, numbers: Sequence[str], by: str, at: datetime, *, zone: tzinfo, now: datetime | None = None
) -> tuple[StageReport, list[dict[str, Any]]]:
    """Record that drafts were sent; deadlines run from ``at``. A request once sent stays as it is.

    ``now``: when it is recorded, for the audit log, where that is later than ``at``.
    """
    if not by.strip():
        raise UsageError("a person is needed; write --by NAME")
    report = StageReport("mark-sent")
    rows: list[dict[str, Any]] = []
    entries: list[Entry] = []
    with writing(engine) as connection:
        for number in dict.fromkeys(numbers):
            found = store.requests(connection, number=number)
            if not found:
                report.drop("unknown", f"下架函 {number}: 没有这个编号")
                continue
            request = found[0]
            hours = request["content"]["deadline_hours"]
            deadline = at + timedelta(hours=hours) if hours is not None else None
            if store.sent(connection, request["id"], by, at, deadline):
                add_event(connection, "takedown", request["id"], "sent", by, at, {})
                tell_index(connection, [each.listing_id for each in store.listings_of(connection, [request["id"]])])
                said = {"sent_at": at.isoformat(), "deadline_at": deadline.isoformat() if deadline else None}
                content = request["content"]
                entries.append(Entry(by, content["unit"], "takedown.mark-sent", "takedown", number, now or at, said))
                report.kept += 1
            else:
                report.drop("already_sent", f"下架函 {number}: {local(request['sent_at'], zone)} 已发出，不再更改")
                continue
            due = local(deadline, zone) or "未规定"
            rows.append({"number": number, "sent_at": local(at, zone), "deadline_at": due})
        append_entries(connection, entries)
    return report, rows
