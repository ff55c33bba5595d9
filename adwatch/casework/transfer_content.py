"""What the papers of a transfer are made of, as plain data: cases, chain of sellers, evidence; and what still lacks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import Connection

from adwatch.casework.shown import cites, evidence_number, labels, local, printable, show
from adwatch.casework.site_facts import site_facts
from adwatch.casework.tracks import tracks_of
from adwatch.casework.transfer_differing import SAID
from adwatch.casework.transfer_table import KINDS
from adwatch.store import cases as store
from adwatch.store.attachments import attachments_of
from adwatch.store.views import ListingView, as_offered, versions_of
from adwatch.tables import Law, OfferClass

SCHEMA = "adwatch.transfer/1"
Row = dict[str, Any]


def whole_content(
    connection: Connection,
    row: Row,
    *,
    law: Law,
    classes: Mapping[str, OfferClass],
    platforms: Mapping[str, str],
    now: datetime,
    zone: tzinfo,
) -> Row:
    """All that the papers say; personal data is masked, as the papers go from hand to hand.

    ``platforms``: Chinese names of platforms; one without a name is called by its id.
    """
    views: dict[int, list[ListingView]] = {}
    cases, sellers = [], []
    for case in (store.case_by_id(connection, each["case_id"]) for each in row["cases"]):
        if case is None:
            continue
        found = versions_of(connection, case["listings"])
        views |= found
        decisions = store.decisions_of(connection, [case["id"]]).get(case["id"], [])
        listings = [_listing(case, as_offered(found[each]), law, classes, zone) for each in case["listings"]]
        last = decisions[-1] if decisions else None
        cases.append(
            {
                "case_id": case["id"],
                "lead_number": case["lead_number"],
                "registered_at": local(case["registered_at"], zone),
                "decided_by": last["unit"] if last else "",
                "decided_at": local(last["at"], zone) if last else "",
                "listings": listings,
                "tracks": _tracks(connection, case["id"]),
            }
        )
        sellers += [seller_of(case, as_offered(found[each]), masked=True) for each in case["listings"]]
    for each in (*(row for case in cases for row in case["listings"]), *sellers):
        each["platform_label"] = platforms.get(each["platform"], each["platform"])
    papers = attachments_of(connection, "transfer", [row["id"]]).get(row["id"], [])
    return {
        **{name: value for name, value in row["content"].items() if name != SAID},
        "schema": SCHEMA,
        "number": row["number"],
        "kind": row["kind"],
        "unit": row["unit"],
        "document_number": row["document_number"] or "",
        "signatory": row["signatory"] or "",
        "document_date": row["document_date"] or "",
        "made_at": now.isoformat(),
        "cases": cases,
        "sellers": chain_of(sellers),
        "evidence": _evidence(views, zone),
        "sites": site_facts(connection, [each["case_id"] for each in row["cases"]], zone),
        "papers": [{"kind": each["kind"], "sha256": each["sha256"], "size": each["size"]} for each in papers],
        "steps": [_step(each, zone) for each in row["steps"]],
    }


def lacking(content: Row) -> list[str]:
    """What must be there before it is sent, in words; nothing where it may go."""
    kinds = {each["kind"] for each in content["papers"]}
    out = []
    if content["kind"] == "case" and "expert_report" not in kinds and not content["no_report"]:
        out.append(
            "没有检验报告或者鉴定结论（310号令第六条）：用 transfer attach 附上，或在拟稿时以 --no-report 写明理由"
        )
    if content["kind"] == "case" and punished(content) and "penalty" not in kinds:
        out.append(
            "案件已作行政处罚：不得以罚代移送（310号令第十一条），须附处罚决定书（transfer attach --kind penalty）"
        )
    if not content["cases"]:
        out.append("没有案件")
    return out


def punished(content: Row) -> bool:
    """Whether a case in it was fined already."""
    return any(each["step"] == "punished" for case in content["cases"] for each in case["tracks"])


def _tracks(connection: Connection, case_id: int) -> list[Row]:
    names = ("track", "track_label", "step", "step_label")
    return [{name: each[name] for name in names} for each in tracks_of(connection, [case_id]).get(case_id, [])]


def _listing(case: Row, view: ListingView, law: Law, classes: Mapping[str, OfferClass], zone: tzinfo) -> Row:
    shown, item, verdict = show(view), view.listing, view.reading
    types = list(verdict.offer_types) if verdict else []
    return {
        "listing_id": item.listing_id,
        "lead_number": case["lead_number"],
        "platform": item.platform,
        "native_id": printable(item.native_id),
        "url": printable(item.url or ""),
        "title": shown.title,
        "seller": shown.seller,
        "quotes": shown.quotes or [shown.title],
        "offer_types": types,
        "offer_labels": labels(types, classes),
        "cites": cites(verdict, view.day, law, classes),
        "captured_at": local(item.captured_at, zone),
        "evidence_number": evidence_number(view),
        "price_text": printable(item.price_text or ""),
        "sales_text": printable(item.sales_text or ""),
    }


def seller_of(case: Mapping[str, Any], view: ListingView, masked: bool) -> Row:
    """Who sells: as the page and the platform name them. ``masked`` is false for sealed evidence only."""
    shown, item = show(view), view.listing
    contacts = view.verdict.contacts if view.verdict else ()
    return {
        "lead_number": case["lead_number"],
        "platform": item.platform,
        "seller_id": printable(item.seller_id or ""),
        "seller": shown.seller if masked else item.seller_name or "",
        "operator": printable(item.operator_name or ""),
        "uscc": printable(item.uscc or ""),
        "region": printable(item.seller_region or ""),
        "region_source": printable(item.seller_region_source or ""),
        "contacts": shown.contacts if masked else [f"{each.kind}:{each.value}" for each in contacts],
        "keys": sorted({f"{each.kind}:{each.value}" for each in contacts if each.value}),
        "listing": item.listing_id,
    }


def chain_of(sellers: Sequence[Row]) -> list[Row]:
    """Sellers joined to groups by what they share: account on a platform, company, credit code, contact."""
    groups: list[tuple[set[tuple[str, ...]], list[Row]]] = []
    for seller in sellers:
        marks: set[tuple[str, ...]] = {("contact", each) for each in seller["keys"]}
        marks |= {(name, seller[name]) for name in ("operator", "uscc") if seller[name]}
        if seller["seller_id"]:
            marks.add(("account", seller["platform"], seller["seller_id"]))
        joined = [group for group in groups if group[0] & marks]
        groups = [group for group in groups if not group[0] & marks]
        groups.append((marks.union(*(group[0] for group in joined)), [*(r for g in joined for r in g[1]), seller]))
    rows = []
    for number, (_, members) in enumerate(groups, 1):
        for seller in members:
            rows.append({"group": number, **{name: value for name, value in seller.items() if name != "keys"}})
    return rows


def _evidence(views: Mapping[int, Sequence[ListingView]], zone: tzinfo) -> list[Row]:
    """Each capture that the listings were read from, once."""
    found: dict[int, Row] = {}
    for versions in views.values():
        for view in versions:
            item = view.listing
            if item.capture_id is not None and item.capture_id not in found:
                found[item.capture_id] = {
                    "capture": f"CAP-{item.capture_id}",
                    "url": printable(item.url or f"{item.platform} {item.native_id}"),
                    "captured_at": local(item.captured_at, zone),
                    "sha256": view.capture_sha256 or "",
                }
    return [found[each] for each in sorted(found)]


def _step(step: Row, zone: tzinfo) -> Row:
    return {"step": step["step"], "person": step["person"], "unit": step["unit"], "at": local(step["at"], zone)}


def kind_label(content: Row) -> str:
    """Chinese name of the kind."""
    return KINDS[content["kind"]].label
