"""Takedown: one request per platform over its confirmed listings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine

from adwatch.casework import takedown_tracks as tracks
from adwatch.casework.platform_info import PlatformInfo
from adwatch.casework.request import request_content
from adwatch.casework.shown import printable
from adwatch.casework.takedown_files import Bundling, write_draft
from adwatch.casework.takedown_sent import mark_sent
from adwatch.casework.transaction import work
from adwatch.models import Actor, StageReport
from adwatch.store import takedown_papers as papers
from adwatch.store import takedowns as store
from adwatch.store.asked_anew import asked_before
from adwatch.store.audit import Entry, append_entries
from adwatch.store.cases import decisions_of, next_number, tell_index
from adwatch.store.engine import reading
from adwatch.store.filters import Filters
from adwatch.store.opening import add_event
from adwatch.store.queue import within
from adwatch.store.views import ListingView, as_offered, versions_of
from adwatch.tables import Law, OfferClass
from adwatch.tables.takedown import TakedownRules
from adwatch.tables.takedown_routing import TakedownRoutes

__all__ = ["draft", "mark_sent"]

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
    rules: TakedownRules | None = None,
    bundling: Bundling | None = None,
    actor: Actor | None = None,
    limits: Filters | None = None,
    routes: TakedownRoutes | None = None,
) -> tuple[StageReport, list[dict[str, Any]]]:
    """Draft a request for each platform with confirmed listings that are in none or are back, and write its files.

    The request is stored before its files are written; a draft whose files are missing is written again, byte for byte.
    Gives a row for each request written: number, kind, platform, listings, letter, json, list, xarf. A tip is in no
    letter, since a hotline is no platform: the report names it, until what it tells of is found and confirmed; nor is
    what no row of ``routes`` (takedown_routing.csv) fits, which is named as well.
    ``actor``: the person who drafts; left out, the machine does, as a schedule. ``limits``: a person's, who drafts over
    the cases that are inside; other drafts are neither written nor told of.
    """
    report, rules, routes = StageReport("draft"), rules or TakedownRules(), routes or TakedownRoutes.load()
    by = actor or Actor("machine", unit or "（未填单位）")
    with work(engine) as connection:
        by_platform: dict[int, list[store.Waiting]] = {}
        for each in _waiting(connection, limits):
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
            info = platforms.get(items[0].platform) or PlatformInfo(items[0].platform)
            routed = routes.route(items[0].platform, info, rules.area, now.astimezone(zone).date())
            if routed is None:
                report.drop("no_route", _no_route(items[0].platform, info, len(items), routes.file))
                continue
            decisions = decisions_of(connection, [item.case_id for item in items])
            year = now.astimezone(zone).year
            number = f"ADW-TD-{year}-{next_number(connection, f'takedown:{year}'):04d}"
            content = request_content(
                number,
                list(zip(items, offered, (decisions.get(item.case_id, []) for item in items), strict=True)),
                info,
                law=law,
                classes=classes,
                unit=unit,
                now=now,
                zone=zone,
                rules=rules,
                routed=routed,
                before=asked_before(connection, [item.listing_id for item in items]),
            )
            pairs = [(view.id, view.version_id) for view in offered]
            takedown_id = store.add_request(connection, number, platform_id, pairs, content, now)
            add_event(connection, "takedown", takedown_id, "drafted", by.person, now, {"listings": len(pairs)})
            tell_index(connection, [view.id for view in offered])
            letter_id = papers.add_letter(connection, number, content["kind"], takedown_id, now)
            papers.add_step(connection, letter_id, "draft", by, now)
            entries += tracks.begin(connection, [item.case_id for item in items], by, now, {"number": number})
            entries.append(Entry.of(by, "takedown.draft", "takedown", number, now, {"listings": len(pairs)}))
            fresh.add(number)
        append_entries(connection, entries)
    with reading(engine) as connection:
        drafts = store.requests(connection, state="draft")
    if limits is not None:
        drafts = [request for request in drafts if request["number"] in fresh]
    bundling = bundling or Bundling("", (), zone)
    rows = (write_draft(request, out_dir, request["number"] in fresh, bundling) for request in drafts)
    done = [row for row in rows if row is not None]
    report.kept = len(done)
    return report, done


def _waiting(connection: Connection, limits: Filters | None) -> list[store.Waiting]:
    found = store.waiting(connection)
    if limits is None:
        return found
    seen = within(connection, limits, [each.case_id for each in found])
    return [each for each in found if each.case_id in seen]


def _no_route(platform: str, info: PlatformInfo, count: int, file: str) -> str:
    about = f"{info.label}（{platform}，住所地{info.domicile or '不明'}）"
    return f"{about}: {count} 条属实信息未拟文，没有适用的行；在 {file} 中添加一行"


def _tip(item: store.Waiting, view: ListingView) -> str:
    named = f"线索 {item.lead_number or item.case_id}（{item.platform} {printable(view.listing.native_id)}）"
    return f"{named}: 来自投诉举报，没有可发函的平台；请查明所指链接，作为该平台的信息读入并甄别"
