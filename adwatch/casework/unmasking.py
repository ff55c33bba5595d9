"""Unmasking: a person sees raw text and contacts of a case, for a reason; who saw them stands in the log first."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, select

from adwatch.casework.shown import show
from adwatch.errors import UsageError
from adwatch.failpoints import failpoint
from adwatch.models import Actor
from adwatch.store import schema as s
from adwatch.store.audit import Entry, append_entries
from adwatch.store.cases import case_by_id
from adwatch.store.engine import reading, writing
from adwatch.store.opening import add_event
from adwatch.store.views import as_offered, versions_of

HOLDS = timedelta(minutes=30)
"""For so long the archived pages of the case may be looked at after it."""
UNMASKED = "unmasked"
"""Event of a case."""


def unmask(engine: Engine, case_id: int, actor: Actor, reason: str, now: datetime) -> list[dict[str, Any]]:
    """Raw title, text, seller and contacts of each listing, as it offered; logged before anything is given."""
    reason = reason.strip()
    if not reason or len(reason) > 500:
        raise UsageError("查看未脱敏内容须写明事由，不超过 500 字")
    with writing(engine) as connection:
        case = case_by_id(connection, case_id)
        if case is None:
            raise UsageError(f"案件 {case_id}: 没有这个编号；用 adwatch review list 查看")
        told = {"unit": actor.unit, "reason": reason}
        add_event(connection, "case", case_id, UNMASKED, actor.person, now, told)
        append_entries(connection, [Entry.of(actor, "case.unmask", "case", case_id, now, {"reason": reason})])
    failpoint("audit.after_commit")
    with reading(engine) as connection:
        return _raw(connection, case["listings"])


def _raw(connection: Connection, listings: list[int]) -> list[dict[str, Any]]:
    found = []
    for views in versions_of(connection, listings).values():
        view = as_offered(views)
        item = view.listing
        contacts = view.verdict.contacts if view.verdict else ()
        found.append(
            {
                "listing_id": item.listing_id,
                "title": show(view).title if view.erased else item.title,
                "text": item.text,
                "seller_name": item.seller_name,
                "seller_id": item.seller_id,
                "contacts": [{"kind": each.kind, "value": each.value} for each in contacts],
                "versions": len(views),
            }
        )
    return found


def may_look(engine: Engine, case_id: int, actor: Actor, now: datetime) -> bool:
    """Whether the person has unmasked this case a short while ago."""
    e = s.event.c
    query = select(e.detail).where(
        e.subject == "case",
        e.subject_id == case_id,
        e.kind == UNMASKED,
        e.actor == actor.person,
        e.at >= now - HOLDS,
    )
    with reading(engine) as connection:
        return any(detail["unit"] == actor.unit for detail in connection.scalars(query))
