"""Review: a person registers leads and decides cases. The machine only proposes; every finding is appended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import Connection, Engine

from adwatch.casework.shown import labels, show
from adwatch.casework.states import MOVES, SCOPES, STATES
from adwatch.errors import UsageError
from adwatch.failpoints import failpoint
from adwatch.models import StageReport
from adwatch.store import cases as store
from adwatch.store import queue
from adwatch.store.audit import Entry, append_entries, decision_digest
from adwatch.store.engine import reading, writing
from adwatch.store.opening import add_event
from adwatch.store.views import ListingView, as_it_stands, versions_of
from adwatch.tables import Family, OfferClass


def list_cases(
    engine: Engine,
    state: str | None = None,
    scope: str | None = None,
    platform: str | None = None,
    limit: int | None = 200,
    *,
    classes: Mapping[str, OfferClass],
    families: Mapping[str, Family],
) -> list[dict[str, Any]]:
    """Cases, safety production first, then by score, personal data masked; ``state`` may name several, with commas."""
    states = [] if state is None else [each.strip() for each in state.split(",")]
    unknown = [each for each in states if each not in STATES]
    if unknown:
        raise UsageError(f"--state {unknown[0]}: no such state; write one of {', '.join(STATES)}")
    if scope is not None and scope not in SCOPES:
        raise UsageError(f"--scope {scope}: no such scope; write one of {', '.join(SCOPES)}")
    with reading(engine) as connection:
        cases = queue.page(connection, queue.Filters(tuple(states), scope, platform), None, limit)
        views = versions_of(connection, [listing for case in cases for listing in case["listings"]])
        late = store.found_late(connection, [case["id"] for case in cases])
    return [{**case_row(case, views, classes, families), "found_late": late.get(case["id"])} for case in cases]


def case_row(
    case: dict[str, Any],
    views: Mapping[int, list[ListingView]],
    classes: Mapping[str, OfferClass],
    families: Mapping[str, Family],
) -> dict[str, Any]:
    standing = [as_it_stands(views[listing]) for listing in case["listings"]]
    lead = max(standing, key=lambda view: view.verdict.score if view.verdict else -1.0)
    shown, verdict = show(lead), lead.verdict
    types = list(verdict.offer_types) if verdict else []
    kinds = list(verdict.certificate_kinds) if verdict else []
    return {
        "case_id": case["id"],
        "listing_id": lead.listing.listing_id,
        "listing_ids": [view.listing.listing_id for view in standing],
        "lead_number": case["lead_number"],
        "state": case["state"],
        "state_label": STATES[case["state"]],
        "scope": case["scope"],
        "score": round(case["score"], 4),
        "band": verdict.band if verdict else None,
        "platform": lead.listing.platform,
        "native_id": lead.listing.native_id,
        "title": shown.title or None,
        "url": lead.listing.url,
        "seller_name": shown.seller or None,
        "offer_types": types,
        "offer_labels": "、".join(labels(types, classes)),
        "certificate_kinds": kinds,
        "family_labels": "、".join(labels(kinds, families)),
        "opened_day": case["opened_day"],
    }


def register(
    engine: Engine, ids: Sequence[int | str], by: str, unit: str, *, now: datetime, zone: tzinfo
) -> tuple[StageReport, list[dict[str, Any]]]:
    """线索登记: gives leads their numbers and starts the legal clock. A registered case is left as it is."""
    return _act(engine, ids, "register", by, unit, "", now, zone)


def decide(
    engine: Engine,
    ids: Sequence[int | str],
    result: str,
    by: str,
    unit: str,
    reason: str,
    *,
    now: datetime,
    zone: tzinfo,
    may_train: bool = False,
) -> tuple[StageReport, list[dict[str, Any]]]:
    """The finding of a person for a unit: confirm, dismiss, doubt, refer; also exclude and close.

    ``may_train``: the person consents that the classifier learns from it (adwatch train).

    A case that does not allow it is named in the report's notes and the others go on; a case that has that finding
    already is left as it is. The rows (case_id, lead_number, state, state_label) are the cases that were not refused.
    """
    if result not in MOVES or result == "register":
        verbs = ", ".join(verb for verb in MOVES if verb != "register")
        raise UsageError(f"{result}: no such finding; write one of {verbs}")
    if result != "confirm" and not reason.strip():
        raise UsageError(f"{result}: a reason is needed; write --reason TEXT")
    return _act(engine, ids, result, by, unit, reason, now, zone, may_train)


def _act(
    engine: Engine,
    ids: Sequence[int | str],
    verb: str,
    by: str,
    unit: str,
    reason: str,
    now: datetime,
    zone: tzinfo,
    may_train: bool = False,
) -> tuple[StageReport, list[dict[str, Any]]]:
    if not by.strip() or not unit.strip():
        raise UsageError("a person and a unit are needed; write --by NAME and --unit UNIT")
    report = StageReport(verb)
    wanted = _numbers(ids, report)
    done: list[dict[str, Any]] = []
    entries: list[Entry] = []
    with writing(engine) as connection:
        found = store.lock_cases(connection, wanted)
        views = versions_of(connection, [listing for case in found.values() for listing in case["listings"]])
        for case_id in wanted:
            case = found.get(case_id)
            if case is None:
                report.drop("unknown", f"案件 {case_id}: 没有这个编号；用 adwatch review list 查看")
            elif case["state"] == MOVES[verb].to or (verb == "register" and _is_under_way(case)):
                report.counts["unchanged"] += 1
                done.append(_answer(case))
            elif case["state"] not in MOVES[verb].origins:
                report.drop("not_allowed", f"案件 {case_id}: 现为“{STATES[case['state']]}”，不能{_named(verb)}")
            else:
                standing = [as_it_stands(views[listing]) for listing in case["listings"]]
                entries += _move(connection, case, standing, verb, by, unit, reason, now, zone, may_train)
                report.kept += 1
                done.append(_answer(case))
        append_entries(connection, entries)
    failpoint("audit.after_commit")
    return report, done


def _numbers(ids: Sequence[int | str], report: StageReport) -> list[int]:
    wanted: dict[int, None] = {}
    for each in ids:
        try:
            number = int(each)
        except ValueError:
            report.drop("unknown", f"案件 {str(each)[:40]!r}: 编号应为数字；用 adwatch review list 查看")
            continue
        if 0 < number < 1 << 63:
            wanted[number] = None
        else:
            report.drop("unknown", f"案件 {number}: 没有这个编号；用 adwatch review list 查看")
    return list(wanted)


def _is_under_way(case: dict[str, Any]) -> bool:
    return case["lead_number"] is not None and case["state"] not in MOVES["register"].origins


def _named(verb: str) -> str:
    move = MOVES[verb]
    return f"认定为“{move.label}”" if move.decides else move.label


def _answer(case: dict[str, Any]) -> dict[str, Any]:
    return {
        "case_id": case["id"],
        "lead_number": case["lead_number"],
        "state": case["state"],
        "state_label": STATES[case["state"]],
    }


def _move(
    connection: Connection,
    case: dict[str, Any],
    standing: Sequence[ListingView],
    verb: str,
    by: str,
    unit: str,
    reason: str,
    now: datetime,
    zone: tzinfo,
    may_train: bool,
) -> list[Entry]:
    """Carry out an allowed move; ``case`` is brought up to date with it. Gives what the audit log is to say of it."""
    move, entries = MOVES[verb], []
    about: dict[str, Any] = {"unit": unit, "subject": "case", "subject_id": str(case["id"]), "at": now}
    if (move.decides or verb == "register") and case["lead_number"] is None:
        was = case["state"]
        _register(connection, case, by, unit, now, zone)
        said = {"from": was, "to": "registered", "lead_number": case["lead_number"]}
        entries.append(Entry(by, action="review.register", detail=said, **about))
    if case["state"] != move.to:
        told: dict[str, Any] = {"from": case["state"], "to": move.to, "lead_number": case["lead_number"]}
        detail: dict[str, Any] = {"unit": unit, "from": case["state"], "to": move.to, "reason": reason}
        if verb not in ("register", "close"):
            store.remember_decided(connection, standing)
            detail["decided_on"] = [_decided_on(view) for view in standing]
        if move.decides:
            decision = {"result": verb, "person": by, "unit": unit, "reason": reason, "at": now, "may_train": may_train}
            told["decision_id"] = store.append_decision(connection, case["id"], **decision)
            told["decision_sha256"] = decision_digest({"case_id": case["id"], **decision})
        case["state"] = move.to
        store.set_state(connection, case["id"], state=move.to)
        add_event(connection, "case", case["id"], "decided" if move.decides else move.to, by, now, detail)
        entries.append(Entry(by, action=f"review.{verb}", detail=told, **about))
    store.tell_index(connection, case["listings"])
    return entries


def _decided_on(view: ListingView) -> dict[str, Any]:
    """What a decision was taken on, by stable ids: it stays in the history when the case is re-opened."""
    known = {name: value for name, value in view.decided_on.items() if name != "decided_version_id"}
    return {"listing_id": view.listing.listing_id, "content_sha256": view.content_sha256, **known}


def _register(connection: Connection, case: dict[str, Any], by: str, unit: str, now: datetime, zone: tzinfo) -> None:
    year = now.astimezone(zone).year
    case["lead_number"] = f"ADW-{year}-{store.next_number(connection, f'lead:{year}'):06d}"
    was, case["state"] = case["state"], "registered"
    values = {"lead_number": case["lead_number"], "registered_at": now, "state": "registered"}
    store.set_state(connection, case["id"], **values)
    detail = {"unit": unit, "from": was, "to": "registered", "lead_number": case["lead_number"]}
    add_event(connection, "case", case["id"], "registered", by, now, detail)
