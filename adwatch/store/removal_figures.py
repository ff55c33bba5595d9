"""What the store says of removals: what is overdue or due, where listings stand, what is back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from adwatch.store import inside
from adwatch.store import schema as s
from adwatch.store.asked_anew import is_asked_anew
from adwatch.store.cases import lead_numbers
from adwatch.store.filters import Filters
from adwatch.store.last_looks import is_cleared
from adwatch.store.opening import chunks
from adwatch.store.queue import within
from adwatch.store.removals import KEYS, is_due


def overdue(connection: Connection, now: datetime) -> list[dict[str, Any]]:
    """Sent requests past their deadline with listings that are open, longest over first.

    Open: neither gone, nor changed to what is no offer, nor asked for anew.
    """
    link, open_ = s.takedown_listing, func.count().label("open")
    not_gone = or_(link.c.word.is_(None), link.c.word != "gone")
    query = (
        select(s.takedown.c.number, s.platform.c.name.label("platform"), s.takedown.c.deadline_at, open_)
        .join(s.platform, s.platform.c.id == s.takedown.c.platform_id)
        .join(link, link.c.takedown_id == s.takedown.c.id)
        .where(s.takedown.c.state == "sent", s.takedown.c.deadline_at < now, not_gone)
        .where(or_(link.c.word.is_(None), ~is_cleared(link.c)), ~is_asked_anew(link.c))
        .group_by(s.takedown.c.id, s.takedown.c.number, s.platform.c.name, s.takedown.c.deadline_at)
        .order_by(s.takedown.c.deadline_at, s.takedown.c.id)
    )
    return [{**row._mapping, "deadline": row.deadline_at} for row in connection.execute(query)]


def rechecks_due(connection: Connection, day: str, now: datetime) -> list[dict[str, Any]]:
    """Listings of sent requests that are due for a look by a day, those due longest first."""
    return [
        {name: value for name, value in row.items() if name in _DUE} for row in _standing(connection, is_due(day, now))
    ]


_DUE = ("number", "platform", "listing_id", "url", "word", "judged", "looks", "due_at", "due_day")


def standing(connection: Connection, number: str, listing_ids: Iterable[str] | None = None) -> list[dict[str, Any]]:
    """Where each listing of a request stands; those of some (public ids)."""
    where = s.takedown.c.number == number
    if listing_ids is not None:
        where &= s.listing.c.key.in_([bytes.fromhex(each) for each in listing_ids])
    return _standing(connection, where)


def _standing(connection: Connection, where: ColumnElement[bool]) -> list[dict[str, Any]]:
    link, row, item = s.takedown_listing, s.removal, s.listing
    shown = ("word", "judged", "looks", "due_at", "due_day", "last_at", "gone_at", "removed_at", "verified_at")
    query = (
        select(
            s.takedown.c.number,
            s.platform.c.name.label("platform"),
            item.c.key,
            item.c.url,
            item.c.native_id,
            *(row.c[name] for name in shown),
            row.c.relisted_at,
            row.c.relisted_how,
        )
        .select_from(link)
        .join(s.takedown, s.takedown.c.id == link.c.takedown_id)
        .join(s.platform, s.platform.c.id == s.takedown.c.platform_id)
        .join(item, item.c.id == link.c.listing_id)
        .outerjoin(row, and_(*(row.c[name] == link.c[name] for name in KEYS)))
        .where(s.takedown.c.state == "sent", where)
        .order_by(row.c.due_day, s.takedown.c.id, link.c.listing_id)
    )
    return [_public(each) for each in connection.execute(query).all()]


def _public(row: Any) -> dict[str, Any]:
    values = {str(name): value for name, value in row._mapping.items()}
    values["listing_id"] = values.pop("key").hex()
    values["url"] = values["url"] or values["native_id"]
    return values


def checks(connection: Connection, listing_id: str) -> list[dict[str, Any]]:
    """Every look at a listing (its public id), oldest first."""
    check = s.takedown_check
    shown = ("word", "judged", "at", "day", "rule", "confidence", "message", "capture_id")
    query = (
        select(s.takedown.c.number, *(check.c[name] for name in shown))
        .join(s.listing, s.listing.c.id == check.c.listing_id)
        .join(s.takedown, s.takedown.c.id == check.c.takedown_id)
        .where(s.listing.c.key == bytes.fromhex(listing_id))
        .order_by(check.c.id)
    )
    return [{str(name): value for name, value in row._mapping.items()} for row in connection.execute(query)]


def back(
    connection: Connection, platform: str | None, limit: int, limits: Filters | None = None
) -> list[dict[str, Any]]:
    """Removed listings that are back, the newest first; those that a person with such limits may see.

    ``again``: number of the last request over the same listing since; ``up``: at its own address at the last look that
    could say; ``back_leads``: lead numbers of the cases that it is back as.
    """
    row, item, link = s.removal, s.listing, s.case_link
    case = s.case_listing
    query = (
        select(
            s.takedown.c.number,
            s.platform.c.name.label("platform"),
            item.c.key,
            item.c.url,
            item.c.native_id,
            case.c.case_id,
            row.c.removed_day,
            row.c.relisted_at,
            row.c.relisted_day,
            row.c.relisted_how,
            and_(row.c.gone_at.is_(None), row.c.word != "moved").label("up"),
            *(row.c[name].label(f"of_{name}") for name in KEYS),
        )
        .join(s.takedown, s.takedown.c.id == row.c.takedown_id)
        .join(s.platform, s.platform.c.id == s.takedown.c.platform_id)
        .join(item, item.c.id == row.c.listing_id)
        .outerjoin(case, case.c.listing_id == row.c.listing_id)
        .where(row.c.relisted_at.is_not(None), *inside.among_asked(connection, row.c.listing_id, limits))
        .order_by(row.c.relisted_at.desc(), row.c.listing_id)
        .limit(limit)
    )
    if platform is not None:
        query = query.where(s.platform.c.name == platform)
    rows = _asked_again(connection, [_public(each) for each in connection.execute(query)])
    ids = [each["case_id"] for each in rows if each["case_id"] is not None]
    came: dict[int, list[int]] = {}
    for at in range(0, len(ids), 500):
        links = select(link.c.other_id, link.c.case_id).where(link.c.kind == "relisted")
        for each in connection.execute(links.where(link.c.other_id.in_(ids[at : at + 500]))):
            came.setdefault(each.other_id, []).append(each.case_id)
    if limits is not None:
        seen = within(connection, limits, [case_id for each in came.values() for case_id in each])
        came = {key: [case_id for case_id in each if case_id in seen] for key, each in came.items()}
    leads = lead_numbers(connection, [*ids, *(each for some in came.values() for each in some)])
    for found in rows:
        back_as = sorted(came.get(found["case_id"], []))
        told = {"back_as": back_as, "back_leads": [leads[key] for key in back_as]}
        found.update(told, lead_number=leads.get(found["case_id"]))
    return rows


def _asked_again(connection: Connection, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows with ``again`` in the place of their keys."""
    link, last = s.takedown_listing, dict[int, tuple[int, str]]()
    for ids in chunks(each["of_listing_id"] for each in rows):
        query = select(link.c.listing_id, s.takedown.c.id, s.takedown.c.number)
        query = query.join(s.takedown, s.takedown.c.id == link.c.takedown_id)
        query = query.where(link.c.listing_id.in_(ids), s.takedown.c.state != "void").order_by(s.takedown.c.id)
        last.update((each.listing_id, (each.id, each.number)) for each in connection.execute(query))
    found = []
    for each in rows:
        since, number = last.get(each.pop("of_listing_id"), (0, ""))
        again = number if since > each.pop("of_takedown_id") else None
        found.append({**each, "up": bool(each["up"]), "again": again})
    return found
