"""Review: a person registers leads and decides cases. The machine only proposes; every finding is appended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import Connection, Engine

from adwatch.casework import acts, second_look
from adwatch.casework.acts import Act, carry_out
from adwatch.casework.case_numbers import numbers
from adwatch.casework.correction import told
from adwatch.casework.differing_sent import found_again
from adwatch.casework.leases import FREE, held_by_other, holder, opened_at
from adwatch.casework.rectified import end_rectified, not_rectified
from adwatch.casework.shown import labels, show
from adwatch.casework.states import MOVES, SCOPES, STATES
from adwatch.casework.tracks import open_tracks
from adwatch.errors import UsageError
from adwatch.failpoints import failpoint
from adwatch.models import Actor, StageReport
from adwatch.store import cases as store
from adwatch.store import queue
from adwatch.store.audit import Entry, append_entries
from adwatch.store.corrections import STANDING, found_as
from adwatch.store.engine import reading, writing
from adwatch.store.views import ListingView, as_it_stands, versions_of
from adwatch.tables import Family, OfferClass
from adwatch.tables.second_look import SecondLooks


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
    shown, verdict = show(lead), lead.reading
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
        "machine": _machine(lead, classes, families),
        "opened_day": case["opened_day"],
    }


def _machine(lead: ListingView, classes: Mapping[str, OfferClass], families: Mapping[str, Family]) -> str | None:
    """What the machine read, for people; None where nobody corrected it."""
    verdict = lead.verdict
    if verdict is None or not lead.corrected:
        return None
    read = {"scope": verdict.scope, "types": verdict.offer_types, "families": verdict.certificate_kinds}
    return told({each: read[each] for each in lead.corrected}, classes, families)


def register(
    engine: Engine,
    ids: Sequence[int | str],
    by: str,
    unit: str,
    *,
    now: datetime,
    zone: tzinfo,
    role: str | None = None,
) -> tuple[StageReport, list[dict[str, Any]]]:
    """线索登记: gives leads their numbers and starts the legal clock. A registered case is left as it is."""
    return _act(engine, ids, Act("register", Actor(by, unit, role)), now, zone)


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
    role: str | None = None,
    code: str | None = None,
    rules: SecondLooks | None = None,
    opened: bool = False,
    by_letter: bool = False,
    seen: str | None = None,
    corrected: Mapping[str, Any] | None = None,
) -> tuple[StageReport, list[dict[str, Any]]]:
    """The finding of a person for a unit: confirm, rectified, dismiss, doubt, refer; also exclude and close.

    ``may_train``: the person consents that the classifier learns from it (adwatch train). ``rules``: which findings
    need two persons. ``opened``: refuse a lead that the person has not open (the console, where what is decided was on
    the screen). ``by_letter``: an authority's answer holds by itself, and whoever has the lead open finds it decided.
    ``seen``: what was on the screen (``show_case``); a lead that stands otherwise by now is refused.
    ``corrected``: what of the machine's reading the person corrects (``correction``); a case that is 属实 already, or
    办结 upon it, is decided again by it. ``rectified``: it was 属实, and the listing offers nothing any more; its 下架
    track ends with 责令改正.

    A case that does not allow it is named in the report's notes and the others go on; a case that has that finding
    already is left as it is. The rows (case_id, lead_number, state, state_label, waiting) are the cases that were not
    refused; ``waiting`` says that a finding waits for a second or third person.
    """
    if result not in MOVES or result == "register":
        verbs = ", ".join(verb for verb in MOVES if verb != "register")
        raise UsageError(f"{result}: no such finding; write one of {verbs}")
    if result != "confirm" and not reason.strip() and code is None:
        raise UsageError(f"{result}: a reason is needed; write --reason TEXT")
    act = Act(result, Actor(by, unit, role), reason, code, may_train, corrected)
    return _act(engine, ids, act, now, zone, None if by_letter else rules, opened, by_letter, seen)


def _act(
    engine: Engine,
    ids: Sequence[int | str],
    act: Act,
    now: datetime,
    zone: tzinfo,
    rules: SecondLooks | None = None,
    opened: bool = False,
    by_letter: bool = False,
    seen: str | None = None,
) -> tuple[StageReport, list[dict[str, Any]]]:
    report = StageReport(act.verb)
    wanted = numbers(engine, ids, report)
    done: list[dict[str, Any]] = []
    entries: list[Entry] = []
    with writing(engine) as connection:
        found = store.lock_cases(connection, wanted)
        views = versions_of(connection, [listing for case in found.values() for listing in case["listings"]])
        for case_id in wanted:
            case = found.get(case_id)
            if case is None:
                report.drop("unknown", f"案件 {case_id}: 没有这个编号；用 adwatch review list 查看")
            elif _stands_so(connection, case, act) or (act.verb == "register" and _is_under_way(case)):
                report.counts["unchanged"] += 1
                done.append(_answer(case))
            elif (refused := _refused(connection, case, act, now, opened, by_letter)) is not None:
                report.drop(*refused)
            elif act.verb == "rectified" and (wrong := not_rectified(connection, case, views)) is not None:
                report.drop("not_rectified", f"案件 {case_id}: {wrong}")
            else:
                standing = [as_it_stands(views[listing]) for listing in case["listings"]]
                if seen is not None and seen != acts.seen(standing):
                    report.drop("changed", f"案件 {case_id}: 打开之后页面或识别结果有变化，请重新查看")
                    continue
                if rules is not None and _needs_two(rules, act, case, standing):
                    _two_persons(connection, case, standing, act, now, zone, report, done, entries)
                    continue
                entries += carry_out(connection, case, standing, act, now, zone)
                if act.verb == "rectified":
                    entries += end_rectified(connection, case, act.actor, now)
                report.kept += 1
                done.append(_answer(case))
        if act.verb not in ("register", "close"):
            settled = [row["case_id"] for row in done if not row.get("waiting")]
            found_again(connection, settled, now, act.actor, by_letter)
        append_entries(connection, entries)
    failpoint("audit.after_commit")
    return report, done


def _stands_so(connection: Connection, case: dict[str, Any], act: Act) -> bool:
    """Whether the case has that finding already, with all of that correction."""
    if case["state"] != MOVES[act.verb].to or act.verb == "rectified":
        return False
    made = store.decisions_of(connection, [case["id"]]).get(case["id"], [])
    return act.corrected is None or (bool(made) and act.corrected.items() <= (made[-1]["corrected"] or {}).items())


def _refused(
    connection: Connection, case: dict[str, Any], act: Act, now: datetime, opened: bool, by_letter: bool
) -> tuple[str, str] | None:
    """(reason, message) why the act is not allowed on the case now."""
    case_id, holding = case["id"], held_by_other(case, act.actor, now)
    again = STANDING if act.corrected and found_as(connection, case_id) in STANDING else ()
    if case["state"] not in (*MOVES[act.verb].origins, *again):
        return "not_allowed", f"案件 {case_id}: 现为“{STATES[case['state']]}”，不能{_named(act.verb)}"
    if holding is not None and not by_letter:
        return "leased", f"案件 {case_id}: {holding} 正在办理，到期或放回后再试"
    if opened and case["leased_by"] != holder(act.actor):
        return "not_open", f"案件 {case_id}: 未由本人打开，或打开后已有他人办理；请重新打开"
    if act.verb == "close" and (waiting := open_tracks(connection, case_id)):
        return "tracks_open", f"案件 {case_id}: 尚有分线未结（{'、'.join(waiting)}），不能办结"
    return None


def _two_persons(
    connection: Connection,
    case: dict[str, Any],
    standing: Sequence[ListingView],
    act: Act,
    now: datetime,
    zone: tzinfo,
    report: StageReport,
    done: list[dict[str, Any]],
    entries: list[Entry],
) -> None:
    """Hold a finding back, or carry it out where it settles what others found before."""
    look = second_look.open_look(connection, case["id"])
    if look is not None and second_look.has_looked(
        second_look.findings_of(connection, [look["id"]]).get(look["id"], []), act.actor
    ):
        report.drop("same_person", f"案件 {case['id']}: 本人已作过结论，须由另一人复核")
        return
    finding: dict[str, Any] = {"result": act.verb, "code": act.code, "reason": act.reason, "corrected": act.corrected}
    finding["opened_at"] = opened_at(case, act.actor)
    noted, findings = second_look.note(connection, case, act.actor, finding, now)
    entries += noted
    if findings is not None:
        told = {"looks": second_look.shown(findings)}
        entries += carry_out(connection, case, standing, act, now, zone, told)
    else:
        store.set_state(connection, case["id"], updated_at=now, **FREE)
        case.update(FREE)
    report.kept += 1
    done.append({**_answer(case), "waiting": findings is None})


def _needs_two(rules: SecondLooks, act: Act, case: dict[str, Any], standing: Sequence[ListingView]) -> bool:
    """Whether the rule says so of the case as it stands, or as the person corrects it: neither is a way round it."""
    classes = {each for view in standing if view.reading is not None for each in view.reading.offer_types}
    corrected = act.corrected or {}
    as_given = (corrected.get("scope", case["scope"]), corrected.get("types", classes))
    return rules.needs_two(act.verb, case["scope"], classes) or rules.needs_two(act.verb, *as_given)


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
