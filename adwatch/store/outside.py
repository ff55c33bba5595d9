"""Leads from outside: what came in, what was told; inspections; and the cases that they are linked to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from adwatch.store import schema as s
from adwatch.store.cases import tell_index
from adwatch.store.engine import insert_id
from adwatch.store.opening import LOWER_SCOPE, SELLER, add_event, chunks, seller_keys, set_tags
from adwatch.store.schema_casework import FROM_OUTSIDE
from adwatch.store.schema_listings import WAS_FLAGGED
from adwatch.store.views import ListingView

Row = dict[str, Any]


def listings_by_number(connection: Connection, platform: str, numbers: Sequence[str]) -> dict[str, int]:
    """Surrogate keys of a platform's listings by their native ids."""
    found: dict[str, int] = {}
    item = s.listing
    for at in range(0, len(numbers), 500):
        query = select(item.c.native_id, item.c.id).join(s.platform, s.platform.c.id == item.c.platform_id)
        query = query.where(s.platform.c.name == platform, item.c.native_id.in_(numbers[at : at + 500]))
        found.update((native_id, key) for native_id, key in connection.execute(query))
    return found


def open_case(connection: Connection, view: ListingView, origin: str, actor: str, now: datetime, day: str) -> int:
    """A case for a listing that no verdict flagged: what people report gets a case of its own whatever it says."""
    verdict = view.verdict
    platform = connection.scalar(select(s.listing.c.platform_id).where(s.listing.c.id == view.id))
    values = {"state": "screening", "opened_at": now, "opened_day": day, "platform_id": platform, "origin": origin}
    values |= {"scope": (verdict.scope if verdict else None) or LOWER_SCOPE, "score": verdict.score if verdict else 0.0}
    values |= {"band": verdict.band if verdict else None, "tier": verdict.tier if verdict else None}
    case_id = insert_id(connection, s.case, **values, region=view.listing.seller_region, updated_at=now)
    sellers = {SELLER: seller_keys(view.listing.seller_id, view.listing.seller_name)}
    classes = {"class": verdict.offer_types, "family": verdict.certificate_kinds} if verdict is not None else {}
    set_tags(connection, case_id, {**sellers, **classes})
    connection.execute(s.case_listing.insert().values(listing_id=view.id, case_id=case_id))
    add_event(connection, "case", case_id, "opened", actor, now, {"origin": origin})
    tell_index(connection, [view.id])
    return case_id


def intakes(connection: Connection, key: int | None = None, sha256: str | None = None) -> list[Row]:
    """Sheets that came in, oldest first."""
    query = select(s.intake).order_by(s.intake.c.id)
    if key is not None:
        query = query.where(s.intake.c.id == key)
    if sha256 is not None:
        query = query.where(s.intake.c.sha256 == sha256)
    return [dict(row._mapping) for row in connection.execute(query)]


def leads(
    connection: Connection,
    *,
    intake: int | None = None,
    origin: str | None = None,
    numbers: Sequence[str] = (),
    case_id: int | None = None,
    limit: int | None = None,
) -> list[Row]:
    """Leads that came in with the state and number of their case, those due first."""
    lead = s.intake_lead
    query = select(lead, s.case.c.state, s.case.c.lead_number).join(s.case, s.case.c.id == lead.c.case_id)
    if intake is not None:
        query = query.where(lead.c.intake_id == intake)
    if origin is not None:
        query = query.where(lead.c.origin == origin)
    if numbers:
        query = query.where(lead.c.number.in_(numbers))
    if case_id is not None:
        query = query.where(lead.c.case_id == case_id)
    query = query.order_by(lead.c.due_on.is_(None), lead.c.due_on, lead.c.id).limit(limit)
    return [dict(row._mapping) for row in connection.execute(query)]


def set_lead(connection: Connection, key: int, **values: Any) -> None:
    """Change a lead that came in."""
    connection.execute(update(s.intake_lead).where(s.intake_lead.c.id == key).values(**values))


def add_link(connection: Connection, case_id: int, other_id: int, kind: str, at: datetime, detail: Row) -> bool:
    """Link two cases; False where they are linked in that way already."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    values = {"case_id": case_id, "other_id": other_id, "kind": kind, "at": at, "detail": detail}
    statement = insert(s.case_link).values(**values).on_conflict_do_nothing()
    return connection.scalar(statement.returning(s.case_link.c.case_id)) is not None


def linked(connection: Connection, case_ids: Iterable[int], kinds: Sequence[str]) -> dict[int, list[int]]:
    """Cases that some cases are linked to, by case."""
    found: dict[int, list[int]] = {}
    link = s.case_link
    for ids in chunks(case_ids):
        query = select(link.c.case_id, link.c.other_id).where(link.c.case_id.in_(ids), link.c.kind.in_(kinds))
        for case_id, other in connection.execute(query.order_by(link.c.other_id)):
            found.setdefault(case_id, []).append(other)
    return found


def links_of(connection: Connection, case_id: int) -> list[tuple[int, str, Row]]:
    """(other case, kind, detail) of a case's links, in both directions, each pair and kind once."""
    link = s.case_link
    query = select(link).where((link.c.case_id == case_id) | (link.c.other_id == case_id)).order_by(link.c.at)
    found: dict[tuple[int, str], Row] = {}
    for row in connection.execute(query):
        other = row.other_id if row.case_id == case_id else row.case_id
        found.setdefault((other, row.kind), row.detail or {})
    return [(other, kind, detail) for (other, kind), detail in found.items()]


def cases_by_url(connection: Connection, urls: Iterable[str]) -> dict[str, list[int]]:
    """Cases of listings by their normal address: of those that were flagged by an index, of leads from outside, which
    are few, by going through them."""
    found: dict[str, list[int]] = {}
    item, link, case = s.listing, s.case_listing, s.case
    wanted = sorted(set(urls))
    for at in range(0, len(wanted), 500):
        query = select(item.c.url_norm, link.c.case_id).join(link, link.c.listing_id == item.c.id)
        query = query.where(item.c.url_norm.in_(wanted[at : at + 500]))
        flagged = query.where(text(f"listing.{WAS_FLAGGED}"))
        leads = select(case.c.id).where(text(f'"case".{FROM_OUTSIDE}'))
        theirs = select(link.c.listing_id).where(link.c.case_id.in_(leads))
        # wrapped: by an index on it a database would go through all that were never flagged
        outside = query.where(func.coalesce(item.c.first_flagged_day, "") == "", item.c.id.in_(theirs))
        for statement in (flagged, outside):
            for url, case_id in connection.execute(statement):
                found.setdefault(url, []).append(case_id)
    return found


def cases_by_contact(connection: Connection, keys: Iterable[str]) -> dict[str, list[int]]:
    """Cases by contact key, as far as they are tagged with it."""
    found: dict[str, list[int]] = {}
    tag = s.case_tag
    query = select(tag.c.value, tag.c.case_id).where(tag.c.kind == "contact", tag.c.value.in_(sorted(set(keys))))
    for key, case_id in connection.execute(query):
        found.setdefault(key, []).append(case_id)
    return found


def cases_by_seller(connection: Connection, name: str) -> list[int]:
    """Cases with a listing that now stands under a seller's name or id."""
    tag = s.case_tag.c
    query = select(tag.case_id).where(tag.kind == SELLER, tag.value.in_(seller_keys(name)))
    return sorted(connection.scalars(query))


def cases_by_listing_id(connection: Connection, listing_ids: Iterable[str]) -> list[int]:
    """Cases of listings by their stable ids in hexadecimal."""
    keys = [bytes.fromhex(each) for each in listing_ids]
    link = s.case_listing
    found: set[int] = set()
    for at in range(0, len(keys), 500):
        query = select(link.c.case_id).join(s.listing, s.listing.c.id == link.c.listing_id)
        found.update(connection.scalars(query.where(s.listing.c.key.in_(keys[at : at + 500]))))
    return sorted(found)


def inspections(connection: Connection, number: str | None = None, case_id: int | None = None) -> list[Row]:
    """False cards that inspections found, raw."""
    query = select(s.inspection).order_by(s.inspection.c.id)
    if number is not None:
        query = query.where(s.inspection.c.number == number)
    if case_id is not None:
        query = query.where(s.inspection.c.case_id == case_id)
    return [dict(row._mapping) for row in connection.execute(query)]
