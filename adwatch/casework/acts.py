"""One act of a person upon one case, within a transaction that has locked it: checked elsewhere, carried out here."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

import orjson
from sqlalchemy import Connection

from adwatch.casework.leases import FREE, opened_at
from adwatch.casework.second_look import supersede
from adwatch.casework.states import MOVES
from adwatch.models import Actor
from adwatch.store import cases as store
from adwatch.store.audit import Entry, decision_digest
from adwatch.store.opening import add_event, hold
from adwatch.store.views import ListingView

Case = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody does."""

    verb: str
    """A key of ``MOVES``."""
    actor: Actor
    """Who, for which unit."""
    reason: str = ""
    """Why, in the person's words."""
    code: str | None = None
    """Why, as statistics count it (reason_codes.csv)."""
    may_train: bool = False
    """Whether the person consents that the classifier learns from it."""
    corrected: Mapping[str, Any] | None = None
    """What the person corrects (see ``correction``); of an earlier correction that stands, what is not named stays."""


def carry_out(
    connection: Connection,
    case: Case,
    standing: Sequence[ListingView],
    act: Act,
    now: datetime,
    zone: tzinfo,
    told: Mapping[str, Any] | None = None,
) -> list[Entry]:
    """Carry out an allowed act; ``case`` is brought up to date with it. Gives what the audit log is to say of it.

    ``told`` goes into the event of the act and into its audit entry.
    """
    move, entries, more = MOVES[act.verb], [], dict(told or {})
    if (move.decides or act.verb == "register") and case["lead_number"] is None:
        entries.append(register_lead(connection, case, act.actor, now, zone))
    earlier = next((view.corrected for view in standing if view.corrected), None)
    corrected = None if act.corrected is None else {**(earlier or {}), **act.corrected}
    to = case["state"] if act.verb == "confirm" and case["state"] == "closed" else move.to  # corrected, and still 办结
    if case["state"] != to or corrected is not None:
        said: dict[str, Any] = {"from": case["state"], "to": to, "lead_number": case["lead_number"], **more}
        detail = {"unit": act.actor.unit, "from": case["state"], "to": to, "reason": act.reason, **more}
        if act.code is not None:
            said["code"] = detail["code"] = act.code
        if corrected is not None:
            said["corrected"] = detail["corrected"] = corrected
        if act.verb == "rectified":
            store.remember_rectified(connection, case["listings"])
            corrected = store.decisions_of(connection, [case["id"]])[case["id"]][-1]["corrected"]
        elif act.verb not in ("register", "close"):
            store.remember_decided(connection, standing)
        if act.verb not in ("register", "close"):
            detail["decided_on"] = [_decided_on(view) for view in standing]
        if move.decides:
            decision: dict[str, Any] = {"result": move.result, "person": act.actor.person, "unit": act.actor.unit}
            decision |= {"reason": act.reason, "at": now, "may_train": act.may_train, "code": act.code}
            decision["corrected"] = corrected
            opened = opened_at(case, act.actor)
            said["decision_id"] = store.append_decision(connection, case["id"], **decision, opened_at=opened)
            said["decision_sha256"] = decision_digest({"case_id": case["id"], **decision})
            supersede(connection, case["id"], str(move.result), now)
        case["state"] = to
        store.set_state(connection, case["id"], state=to, updated_at=now, **FREE)
        case.update(FREE)
        if corrected is not None or earlier is not None:
            hold(connection, case["id"])
        kind = "decided" if move.decides else to
        add_event(connection, "case", case["id"], kind, act.actor.person, now, detail)
        entries.append(Entry.of(act.actor, f"review.{act.verb}", "case", case["id"], now, said))
    store.tell_index(connection, case["listings"])
    return entries


def seen(standing: Sequence[ListingView]) -> str:
    """What of a case is on the screen, as a digest: another version of a listing, or another verdict on it, is another.

    SHA-256 over stable id, content and what the classifier knew of each listing, in the order of the ids.
    """
    known = sorted((_decided_on(view) for view in standing), key=lambda each: str(each["listing_id"]))
    return hashlib.sha256(orjson.dumps(known, option=orjson.OPT_SORT_KEYS)).hexdigest()


def register_lead(connection: Connection, case: Case, actor: Actor, now: datetime, zone: tzinfo) -> Entry:
    """线索登记: the lead's number without gaps, and the time at which the legal clocks start."""
    year = now.astimezone(zone).year
    case["lead_number"] = f"ADW-{year}-{store.next_number(connection, f'lead:{year}'):06d}"
    was, case["state"], case["registered_at"] = case["state"], "registered", now
    values = {"lead_number": case["lead_number"], "registered_at": now, "state": "registered", "updated_at": now}
    store.set_state(connection, case["id"], **values)
    said = {"from": was, "to": "registered", "lead_number": case["lead_number"]}
    add_event(connection, "case", case["id"], "registered", actor.person, now, {"unit": actor.unit, **said})
    return Entry.of(actor, "review.register", "case", case["id"], now, said)


def _decided_on(view: ListingView) -> dict[str, Any]:
    """What a decision was taken on, by stable ids: it stays in the history when the case is re-opened."""
    known = {name: value for name, value in view.decided_on.items() if name != "decided_version_id"}
    return {"listing_id": view.listing.listing_id, "content_sha256": view.content_sha256, **known}
