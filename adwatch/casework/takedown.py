"""Takedown: one request per platform over its confirmed listings, the day it was sent, and whether they are gone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

import orjson
import structlog
from sqlalchemy import Engine

from adwatch.casework.letter import letter
from adwatch.casework.platform_info import PlatformInfo
from adwatch.casework.request import request_content
from adwatch.casework.shown import local, printable
from adwatch.casework.states import WORDS
from adwatch.errors import AdWatchError, FetchError, StageError, UsageError
from adwatch.files import write_whole
from adwatch.models import StageReport
from adwatch.ports import Clock, Progress, Refetch, Refetched, Save
from adwatch.store import takedowns as store
from adwatch.store.audit import Entry, append_entries
from adwatch.store.cases import decisions_of, next_number, tell_index
from adwatch.store.engine import CASEWORK_LOCK, advisory_lock, reading, writing
from adwatch.store.listings import upsert_listings
from adwatch.store.opening import add_event
from adwatch.store.views import ListingView, as_offered, versions_of
from adwatch.tables import Law, OfferClass

log = structlog.get_logger("adwatch")
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


def verify(
    engine: Engine,
    refetch: Refetch,
    save: Save,
    *,
    day: str,
    clock: Clock,
    number: str | None = None,
    progress: Progress | None = None,
) -> list[dict[str, Any]]:
    """Fetch each listing of the sent requests again and record gone, up, changed, moved or unknown, with its capture.

    Listings that were gone are looked at again: sellers put them back. A fetch that fails is unknown, never gone. A
    listing that cannot be checked for another reason is unknown as well, its row ``failed``, and the others go on;
    only what would stop every one of them (store, archive, index) ends the work.
    """
    with reading(engine) as connection:
        wanted = store.requests(connection, state="sent", number=number)
        if number is not None and not wanted:
            raise UsageError(f"下架函 {number}: 没有这个编号，或尚未发出；先用 adwatch takedown mark-sent")
        asked = store.listings_of(connection, [request["id"] for request in wanted])
        views = versions_of(connection, [each.listing_id for each in asked])
    rows = []
    for each in asked:
        view = as_offered(views[each.listing_id], version_id=each.version_id)
        found, failed = _look(refetch, view, day, save)
        try:
            row = _record(engine, each, view, found, day, clock.now())
        except StageError:
            raise
        except Exception as error:
            log.exception("check not recorded", number=each.number, listing=view.listing.listing_id)
            found, failed = Refetched("unknown", None, found.capture, _told(error)), True
            row = _record(engine, each, view, found, day, clock.now())
        rows.append({**row, "failed": failed})
        if progress:
            progress(1)
    return rows


def _look(refetch: Refetch, view: ListingView, day: str, save: Save) -> tuple[Refetched, bool]:
    """What the address answers, and whether the check itself failed."""
    try:
        found = refetch(view.listing, day, save)
    except FetchError as error:
        return Refetched("unknown", None, None, f"{error.outcome}: {error}"), False
    except StageError:
        raise
    except AdWatchError as error:
        return Refetched("unknown", None, None, str(error)), True
    except Exception as error:
        log.exception("check failed", listing=view.listing.listing_id)
        return Refetched("unknown", None, None, _told(error)), True
    if found.word not in WORDS:
        return replace(found, word="unknown", message=f"{found.word}: no known word; {found.message}"), False
    return found, False


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}; this is a defect, please report it"


def _record(
    engine: Engine, asked: store.Requested, view: ListingView, found: Refetched, day: str, now: datetime
) -> dict[str, Any]:
    """Store the check, and what was read as the listing's new state."""
    capture_id = found.capture.id if found.capture else None
    seen = found.listing
    if seen is not None and found.word in ("up", "changed") and seen.listing_id == view.listing.listing_id:
        at = found.capture.fetched_at if found.capture else now
        fresh = replace(seen, capture_id=capture_id, captured_at=at)
        upsert_listings(engine, asked.platform, [fresh], day, now)
    with writing(engine) as connection:
        store.add_check(connection, asked, found.word, now, capture_id, found.message)
        detail = {"listing_id": view.listing.listing_id, "word": found.word, "capture_id": capture_id}
        add_event(connection, "takedown", asked.takedown_id, "checked", "machine", now, detail)
        tell_index(connection, [asked.listing_id])
        append_entries(connection, [Entry("machine", None, "takedown.verify", "takedown", asked.number, now, detail)])
    return {
        "number": asked.number,
        "platform": asked.platform,
        "listing_id": view.listing.listing_id,
        "url": view.listing.url or view.listing.native_id,
        "word": found.word,
        "word_label": WORDS[found.word],
        "before": asked.word,
        "message": found.message,
        "capture_id": capture_id,
        "checked_at": now.isoformat(),
    }
