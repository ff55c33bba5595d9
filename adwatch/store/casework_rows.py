"""What casework knows of a listing, for its search document: case, last decision, last request, its removal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, func, select

from adwatch.store import schema as s
from adwatch.store.corrections import STANDING, held
from adwatch.store.opening import chunks


def casework_of(connection: Connection, listing_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """By surrogate key of each listing that has a case: names as in the search document, values as stored."""
    found: dict[int, dict[str, Any]] = {}
    for ids in chunks(listing_ids):
        for row in connection.execute(_query(ids)):
            values = {str(name): value for name, value in row._mapping.items()}  # the library's names are no plain str
            found[values.pop("listing_id")] = _derived(values)
        cases = sorted({values["case_id"] for values in found.values()})
        tracks, links = _tracks(connection, cases), _relisted_of(connection, cases)
        for values in found.values():
            values["tracks"] = tracks.get(values["case_id"])
            values["relisted_of"] = links.get(values["case_id"])
    return found


def _derived(values: dict[str, Any]) -> dict[str, Any]:
    """With what follows of the columns alone; what a person corrected stands in the place of what was decided on.

    ``corrected`` is None where none stands; what the document says beside of the machine's reading goes by it too.
    """
    if values.pop("state") not in STANDING:
        values["corrected"] = None
    decided = (values["decided_scope"], values["decided_types"], values["decided_families"])
    holds = held(values["corrected"], *decided)
    values["decided_scope"] = holds.scope
    values["decided_types"], values["decided_families"] = list(holds.types), list(holds.families)
    sent, removed = values["takedown_sent_at"], values["takedown_removed_at"]
    if sent is not None and removed is not None:
        values["takedown_hours"] = round(max(0.0, (removed - sent).total_seconds() / 3600), 2)
    values["relisted"] = values["relisted_day"] is not None or None
    return values


def _tracks(connection: Connection, case_ids: Iterable[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for ids in chunks(case_ids):
        query = select(s.track.c.case_id, s.track.c.track).where(s.track.c.case_id.in_(ids))
        for row in connection.execute(query.where(s.track.c.closed_at.is_(None)).order_by(s.track.c.track)):
            found.setdefault(row.case_id, []).append(row.track)
    return found


def _relisted_of(connection: Connection, case_ids: Iterable[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    link = s.case_link
    for ids in chunks(case_ids):
        query = select(link.c.case_id, link.c.other_id).where(link.c.case_id.in_(ids), link.c.kind == "relisted")
        for row in connection.execute(query.order_by(link.c.other_id)):
            found.setdefault(row.case_id, []).append(row.other_id)
    return found


def _query(ids: list[int]) -> Any:
    link, case, version, asked = s.case_listing, s.case, s.listing_version, s.takedown_listing
    row, reply = s.removal, s.takedown_reply
    answered = select(func.min(reply.c.at)).where(reply.c.takedown_id == s.takedown.c.id).scalar_subquery()
    any_decision, any_request = s.decision.alias(), asked.alias()
    decided = select(func.max(any_decision.c.id)).where(any_decision.c.case_id == case.c.id).scalar_subquery()
    last = select(func.max(any_request.c.takedown_id)).where(any_request.c.listing_id == link.c.listing_id)
    return (
        select(
            link.c.listing_id,
            case.c.id.label("case_id"),
            case.c.lead_number,
            case.c.opened_day,
            case.c.registered_at,
            case.c.owner,
            case.c.origin,
            case.c.campaign,
            link.c.decided_scope,
            link.c.decided_types,
            link.c.decided_families,
            case.c.state,
            s.decision.c.corrected,
            s.decision.c.result.label("decision"),
            s.decision.c.unit.label("decision_unit"),
            s.decision.c.at.label("decided_at"),
            s.takedown.c.number.label("takedown_number"),
            s.takedown.c.state.label("takedown_state"),
            s.takedown.c.sent_at.label("takedown_sent_at"),
            s.takedown.c.deadline_at.label("takedown_deadline_at"),
            asked.c.word.label("takedown_word"),
            asked.c.checked_at.label("takedown_checked_at"),
            row.c.judged.label("takedown_judged"),
            row.c.due_day.label("takedown_due_day"),
            answered.label("takedown_acknowledged_at"),
            row.c.removed_at.label("takedown_removed_at"),
            row.c.verified_at.label("takedown_verified_at"),
            row.c.verified_day.label("takedown_verified_day"),
            row.c.relisted_day,
            row.c.relisted_how,
            s.listing.c.first_flagged_day,
            version.c.seller_region_source,
            version.c.uscc,
        )
        .join(case, case.c.id == link.c.case_id)
        .join(s.listing, s.listing.c.id == link.c.listing_id)
        .outerjoin(version, version.c.id == s.listing.c.version_id)
        .outerjoin(s.decision, (s.decision.c.id == decided) & (s.decision.c.result != "undo"))
        .outerjoin(asked, (asked.c.listing_id == link.c.listing_id) & (asked.c.takedown_id == last.scalar_subquery()))
        .outerjoin(s.takedown, s.takedown.c.id == asked.c.takedown_id)
        .outerjoin(row, (row.c.takedown_id == asked.c.takedown_id) & (row.c.listing_id == link.c.listing_id))
        .where(link.c.listing_id.in_(ids))
    )
