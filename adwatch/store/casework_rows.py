"""What casework knows of a listing, for its search document: case, last decision, last request to its platform."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, func, select

from adwatch.store import schema as s
from adwatch.store.opening import chunks


def casework_of(connection: Connection, listing_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """By surrogate key of each listing that has a case: names as in the search document, values as stored."""
    found: dict[int, dict[str, Any]] = {}
    for ids in chunks(listing_ids):
        for row in connection.execute(_query(ids)):
            values = {str(name): value for name, value in row._mapping.items()}  # the library's names are no plain str
            found[values.pop("listing_id")] = values
    return found


def _query(ids: list[int]) -> Any:
    link, case, version, asked = s.case_listing, s.case, s.listing_version, s.takedown_listing
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
            s.decision.c.result.label("decision"),
            s.decision.c.unit.label("decision_unit"),
            s.decision.c.at.label("decided_at"),
            s.takedown.c.number.label("takedown_number"),
            s.takedown.c.state.label("takedown_state"),
            s.takedown.c.sent_at.label("takedown_sent_at"),
            s.takedown.c.deadline_at.label("takedown_deadline_at"),
            asked.c.word.label("takedown_word"),
            asked.c.checked_at.label("takedown_checked_at"),
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
        .where(link.c.listing_id.in_(ids))
    )
