"""Decisions that stand and may be learnt from: each with the text that it was taken on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from adwatch.store import schema as s
from adwatch.store.corrections import held
from adwatch.store.erasures import TEXT, erased

STANDING = ("confirmed", "dismissed", "closed")
"""States in which the last decision is about the version that the case's listing was decided on."""


@dataclass(frozen=True, slots=True)
class Decided:
    """One listing's text with the finding of a person."""

    title: str | None
    text: str | None
    result: str
    """confirm or dismiss."""
    types: tuple[str, ...]
    """Offer classes that the verdict had which was decided on, as the person corrected them."""
    scope: str | None
    """Its scope."""
    at: datetime
    """When it was decided, UTC."""


def decided_texts(connection: Connection) -> tuple[list[Decided], int]:
    """Texts of standing decisions with consent, oldest first, and the number of those left out for want of consent."""
    latest = select(func.max(s.decision.c.id)).group_by(s.decision.c.case_id)
    sites = select(s.site.c.listing_id).where(s.site.c.listing_id.is_not(None))  # their words are ours
    query = (
        select(
            s.listing_version.c.title,
            s.listing_version.c.text,
            s.decision.c.result,
            s.decision.c.may_train,
            s.decision.c.at,
            s.decision.c.corrected,
            s.case_listing.c.decided_types,
            s.case_listing.c.decided_scope,
        )
        .select_from(s.decision)
        .join(s.case, s.case.c.id == s.decision.c.case_id)
        .join(s.case_listing, s.case_listing.c.case_id == s.case.c.id)
        .join(s.listing_version, s.listing_version.c.id == s.case_listing.c.decided_version_id)
        .where(s.decision.c.id.in_(latest), s.case.c.state.in_(STANDING))
        .where(s.decision.c.result.in_(("confirm", "dismiss")), s.case_listing.c.listing_id.not_in(sites))
        .where(~erased(TEXT, s.listing_version.c.id))
        .order_by(s.decision.c.at, s.decision.c.id, s.case_listing.c.listing_id)
    )
    found: list[Decided] = []
    without = 0
    for row in connection.execute(query):
        if not row.may_train:
            without += 1
            continue
        holds = held(row.corrected, row.decided_scope, row.decided_types)
        found.append(Decided(row.title, row.text, row.result, holds.types, holds.scope, row.at))
    return found, without
