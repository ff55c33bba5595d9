"""Routing of leads: who confirms and who acts, by the table; what no row fits stays without an owner and is shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import Connection, Engine, select

from adwatch.casework.routing_table import Lead, Routed, Routing
from adwatch.casework.transaction import work
from adwatch.errors import UsageError
from adwatch.models import Actor, StageReport
from adwatch.store import cases as store
from adwatch.store import schema as s
from adwatch.store.audit import Entry, append_entries
from adwatch.store.engine import reading
from adwatch.store.opening import add_event, chunks, set_tags
from adwatch.store.views import ListingView, as_offered, versions_of
from adwatch.text import normal

OWNER_TAG = "owner"
"""Kind of ``case_tag`` for every authority that confirms a case; ``case.owner`` is the first of them."""
OWNED = ("routed", "assigned")
"""Events in which a case gets its owner: by the table, or from a person."""
PAGE = 500


def lead_of(case: dict[str, Any], views: dict[int, list[ListingView]]) -> Lead:
    """What the table asks of a case: the words that were flagged, of the listing with the highest score."""
    offered = [as_offered(views[each]) for each in case["listings"]]
    best = max(offered, key=lambda view: view.verdict.score if view.verdict else -1.0)
    verdict, item = best.reading, best.listing
    words = " ".join(found.keyword for found in verdict.evidence) if verdict else ""
    return Lead(
        offer_class=verdict.offer_types[0] if verdict and verdict.offer_types else "",
        families=verdict.certificate_kinds if verdict else (),
        region=case.get("region") or item.seller_region or "",
        text=normal(f"{item.title or ''}\n{item.text or ''}\n{words}"),
        settled="families" in (best.corrected or {}),
    )


def route_in(
    connection: Connection,
    routing: Routing,
    cases: Sequence[dict[str, Any]],
    actor: Actor,
    now: datetime,
    zone: tzinfo,
) -> list[Entry]:
    """Set the owners of locked cases in the caller's transaction, where they change; gives what the log is to say."""
    have = owners_of(connection, [case["id"] for case in cases])
    views = versions_of(connection, [listing for case in cases for listing in case["listings"]])
    day = now.astimezone(zone).date()
    entries = []
    for case in cases:
        found = routing.route(lead_of(case, views), day)
        owners = have.get(case["id"], [])
        if found.confirms and (set(found.confirms) != set(owners) or found.confirms[0] != owners[0]):
            lines = [row.line for row in found.routes]
            said = {"owners": list(found.confirms), "acting": list(found.acting), "rows": lines}
            entries.append(_own(connection, case, found.confirms, "routed", said, actor, now))
    return entries


def _own(
    connection: Connection,
    case: dict[str, Any],
    owners: Sequence[str],
    kind: str,
    said: dict[str, Any],
    actor: Actor,
    now: datetime,
) -> Entry:
    case["owner"] = owners[0]
    store.set_state(connection, case["id"], owner=owners[0], updated_at=now)
    set_tags(connection, case["id"], {OWNER_TAG: owners})
    store.tell_index(connection, case["listings"])
    add_event(connection, "case", case["id"], kind, actor.person, now, {"unit": actor.unit, **said})
    return Entry.of(actor, f"route.{kind}", "case", case["id"], now, said)


def apply_routes(
    engine: Engine, routing: Routing, actor: Actor, *, now: datetime, zone: tzinfo, ids: Iterable[int] | None = None
) -> StageReport:
    """Give registered leads without an owner theirs; those that no row fits are named in the notes, not guessed."""
    report = StageReport("route apply")
    query = select(s.case.c.id).where(s.case.c.lead_number.is_not(None), s.case.c.owner.is_(None))
    with reading(engine) as connection:
        if ids is None:
            wanted = set(connection.scalars(query))
        else:
            wanted = {each for some in chunks(ids) for each in connection.scalars(query.where(s.case.c.id.in_(some)))}
    for part in chunks(wanted, PAGE):
        with work(engine) as connection:
            cases = [case for case in store.lock_cases(connection, part).values() if case["owner"] is None]
            entries = route_in(connection, routing, cases, actor, now, zone)
            append_entries(connection, entries)
        report.kept += len(entries)
        for case in cases:
            if case["owner"] is None:
                report.drop("no_route", f"线索 {case['lead_number']}（案件 {case['id']}）: 没有适用的分派行")
    return report


def proposed(
    engine: Engine, routing: Routing, ids: Iterable[int], *, now: datetime, zone: tzinfo
) -> dict[int, str | None]:
    """For cases the authority that the table would make their owner; None where no row fits."""
    day = now.astimezone(zone).date()
    with reading(engine) as connection:
        cases: list[dict[str, Any]] = [{"id": case_id} for case_id in dict.fromkeys(ids)]
        regions = dict[int, str | None]()
        for some in chunks(case["id"] for case in cases):
            found = connection.execute(select(s.case.c.id, s.case.c.region).where(s.case.c.id.in_(some)))
            regions.update((row.id, row.region) for row in found)
        store.add_listings(connection, cases)
        views = versions_of(connection, [listing for case in cases for listing in case["listings"]])
    routed = {
        case["id"]: routing.route(lead_of({**case, "region": regions.get(case["id"])}, views), day).confirms
        for case in cases
        if case["listings"]
    }
    return {case_id: confirms[0] if confirms else None for case_id, confirms in routed.items()}


def route_anew(
    engine: Engine, routing: Routing, ids: Iterable[int], actor: Actor, *, now: datetime, zone: tzinfo
) -> None:
    """Owners of cases whose classes or families a person has corrected, or has taken that back: by the table.

    What a person assigned stays, and what no row fits keeps its owner; a case without one is left to ``apply_routes``.
    """
    with work(engine) as connection:
        cases = [case for case in store.lock_cases(connection, ids).values() if case["owner"] is not None]
        said = store.events_of(connection, "case", [case["id"] for case in cases])
        last = {key: [each["kind"] for each in rows if each["kind"] in OWNED][-1:] for key, rows in said.items()}
        routed = [case for case in cases if last.get(case["id"]) == ["routed"]]
        append_entries(connection, route_in(connection, routing, routed, actor, now, zone))


def assign_owner(
    engine: Engine, routing: Routing, case_id: int, owners: Sequence[str], reason: str, actor: Actor, *, now: datetime
) -> dict[str, Any]:
    """A person says who confirms a case: where no row fits, or where it was sent to the wrong authority (转办)."""
    strange = [each for each in owners if each not in routing.authorities]
    if strange or not owners:
        known = "、".join(f"{each.id}（{each.label}）" for each in routing.authorities.values())
        raise UsageError(f"没有单位 {strange[0] if strange else ''!r}；可用: {known}")
    if not reason.strip():
        raise UsageError("a reason is needed; write --reason TEXT")
    with work(engine) as connection:
        case = store.lock_cases(connection, [case_id]).get(case_id)
        if case is None:
            raise UsageError(f"案件 {case_id}: 没有这个编号；用 adwatch review list 查看")
        said = {"owners": list(dict.fromkeys(owners)), "was": case["owner"]}
        entry = _own(connection, case, said["owners"], "assigned", {**said, "reason": reason}, actor, now)
        append_entries(connection, [Entry.of(actor, entry.action, "case", case_id, now, said)])
    return {"case_id": case_id, "lead_number": case["lead_number"], "owners": said["owners"]}


def without_owner(connection: Connection, limit: int) -> list[dict[str, Any]]:
    """Registered cases without an owner, oldest first."""
    query = select(s.case).where(s.case.c.lead_number.is_not(None), s.case.c.owner.is_(None))
    query = query.order_by(s.case.c.owner, s.case.c.id).limit(limit)  # as their index has them
    return [dict(row._mapping) for row in connection.execute(query)]


def owners_of(connection: Connection, case_ids: Iterable[int]) -> dict[int, list[str]]:
    """Every authority that confirms a case, the owner first."""
    found: dict[int, list[str]] = {}
    tag = s.case_tag
    for ids in chunks(case_ids):
        for case_id, owner in connection.execute(select(s.case.c.id, s.case.c.owner).where(s.case.c.id.in_(ids))):
            if owner is not None:
                found[case_id] = [owner]
        query = select(tag.c.case_id, tag.c.value).where(tag.c.case_id.in_(ids), tag.c.kind == OWNER_TAG)
        for case_id, value in connection.execute(query.order_by(tag.c.value)):
            if value not in found.setdefault(case_id, []):
                found[case_id].append(value)
    return found


def show_route(engine: Engine, routing: Routing, case_id: int, *, now: datetime, zone: tzinfo) -> dict[str, Any]:
    """Where a case goes by the table today, by which rows, and where it is now."""
    with reading(engine) as connection:
        case = store.case_by_id(connection, case_id)
        if case is None:
            raise UsageError(f"案件 {case_id}: 没有这个编号；用 adwatch review list 查看")
        lead = lead_of(case, versions_of(connection, case["listings"]))
        owners = owners_of(connection, [case_id]).get(case_id, [])
    found: Routed = routing.route(lead, now.astimezone(zone).date())
    return {
        "case_id": case_id,
        "lead_number": case["lead_number"],
        "offer_class": lead.offer_class,
        "families": list(lead.families),
        "region": lead.region,
        "owners": owners,
        "owner_labels": [routing.label(each) for each in owners],
        "confirms": list(found.confirms),
        "confirm_labels": [routing.label(each) for each in found.confirms],
        "acting": list(found.acting),
        "acting_labels": [routing.label(each) for each in found.acting],
        "fits": bool(found.routes),
        "rows": [
            {"line": row.line, "officer": row.officer, "channel": row.channel, "note": row.note} for row in found.routes
        ],
    }
