"""One case with everything a reviewer needs to decide it, personal data masked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Engine

from adwatch.casework.acts import seen
from adwatch.casework.correction import told
from adwatch.casework.review import case_row
from adwatch.casework.second_look import blind
from adwatch.casework.shown import cites, evidence_number, show
from adwatch.errors import UsageError
from adwatch.store import cases as store
from adwatch.store.engine import reading
from adwatch.store.takedowns import requests_by_listing
from adwatch.store.views import ListingView, as_it_stands, as_offered, versions_of
from adwatch.tables import Family, Law, OfferClass


def show_case(
    engine: Engine,
    case_id: int,
    *,
    law: Law,
    classes: Mapping[str, OfferClass],
    families: Mapping[str, Family],
) -> dict[str, Any]:
    """The row of ``list_cases`` with listings, decisions and events; offsets are those of ``marked_text``."""
    with reading(engine) as connection:
        case = store.case_by_id(connection, case_id)
        if case is None:
            raise UsageError(f"案件 {case_id}: 没有这个编号；用 adwatch review list 查看")
        views = versions_of(connection, case["listings"])
        return {
            **case_row(case, views, classes, families),
            "seen": seen([as_it_stands(views[each]) for each in case["listings"]]),
            "opened_at": case["opened_at"],
            "registered_at": case["registered_at"],
            "listings": [_listing(connection, views[each], law, classes) for each in case["listings"]],
            "decisions": [
                {**each, "corrected_label": told(each["corrected"], classes, families)}
                for each in store.decisions_of(connection, [case_id]).get(case_id, [])
            ],
            "events": blind(store.events_of(connection, "case", [case_id]).get(case_id, [])),
        }


def _listing(
    connection: Connection, views: list[ListingView], law: Law, classes: Mapping[str, OfferClass]
) -> dict[str, Any]:
    view = as_offered(views)
    shown, item, verdict = show(view), view.listing, view.verdict
    found = {
        "listing_id": item.listing_id,
        "platform": item.platform,
        "native_id": item.native_id,
        "url": item.url,
        "title": shown.title or None,
        "text": shown.text or None,
        "marked_text": shown.whole,
        "erased": view.erased.said if view.erased else None,
        "seller_name": shown.seller or None,
        "seller_region": item.seller_region,
        "seller_region_source": item.seller_region_source,
        "operator_name": item.operator_name,
        "uscc": item.uscc,
        "price_text": item.price_text,
        "sales_text": item.sales_text,
        "quotes": shown.quotes,
        "cites": cites(view.reading, view.day, law, classes),
        "day": view.day,
        "current": view.current,
        "versions": [_version(each) for each in views],
        "takedowns": requests_by_listing(connection, [view.id]).get(view.id, []),
    }
    if verdict is None:
        return {**found, "verdict": None, "evidence": [], "contacts": []}
    words = ("band", "score", "scope", "reason", "tier", "offer_types", "certificate_kinds", "basis")
    return {
        **found,
        "verdict": {
            **{name: getattr(verdict, name) for name in words},
            "classifier_version": verdict.classifier_version,
            "keyword_versions": verdict.keyword_versions,
        },
        "evidence": [
            {
                "start": e.start,
                "end": e.end,
                "surface": shown.whole[e.start : e.end],
                "keyword": e.keyword,
                "list": e.list,
                "fold": e.fold,
            }
            for e in verdict.evidence
        ],
        "contacts": [{"kind": c.kind, "start": c.start, "end": c.end, "masked": c.masked} for c in verdict.contacts],
    }


def _version(view: ListingView) -> dict[str, Any]:
    return {
        "day": view.day,
        "current": view.current,
        "title": show(view).title or None,
        "band": view.verdict.band if view.verdict else None,
        "content_sha256": view.content_sha256,
        "captured_at": view.listing.captured_at,
        "capture_id": view.listing.capture_id,
        "capture_row": view.listing.capture_row,
        "capture_sha256": view.capture_sha256,
        "evidence": evidence_number(view),
    }
