"""One page of the queue as a person sees it: filters checked, rows masked, the place where the next page begins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from adwatch.casework.review import case_row
from adwatch.casework.states import BANDS, SCOPES, STATES
from adwatch.errors import UsageError
from adwatch.store import cases, queue
from adwatch.store.engine import reading
from adwatch.store.queue import Cursor, Filters
from adwatch.store.views import versions_of
from adwatch.tables import Family, OfferClass


def lead_page(
    engine: Engine,
    filters: Filters,
    after: Cursor | None = None,
    limit: int = 50,
    *,
    classes: Mapping[str, OfferClass],
    families: Mapping[str, Family],
    now: datetime,
) -> tuple[list[dict[str, Any]], Cursor | None]:
    """(rows, cursor of the next page or None). Rows are those of ``review list`` and what a queue shows besides:
    tier, region, owner, origin, campaign, subject, by whom the lead is open now (``leased_by``), and how many others of
    its subject it stands for (``folded``)."""
    _check(filters, classes, families)
    with reading(engine) as connection:
        found = queue.page(connection, filters, after, limit + 1)
        shown = found[:limit]
        views = versions_of(connection, [listing for case in shown for listing in case["listings"]])
        late = cases.found_late(connection, [case["id"] for case in shown])
        subjects = [case["subject_id"] for case in shown if case["subject_id"] is not None] if filters.fold else []
        together = queue.folded(connection, filters, subjects)
    rows = []
    for case in shown:
        leased = case["leased_until"] is not None and case["leased_until"] > now
        rows.append(
            {
                **case_row(case, views, classes, families),
                **{name: case[name] for name in ("tier", "region", "owner", "origin", "campaign", "subject_id")},
                "registered_at": case["registered_at"],
                "leased_by": case["leased_by"] if leased else None,
                "found_late": late.get(case["id"]),
                "folded": max(together.get(case["subject_id"], 1) - 1, 0),
            }
        )
    return rows, queue.cursor_of(shown[-1]) if len(found) > limit else None


def count_leads(engine: Engine, filters: Filters, most: int = 1000) -> int:
    """How many leads there are, counted up to ``most``."""
    return count_each(engine, [filters], most)[0]


def count_each(engine: Engine, wanted: Sequence[Filters], most: int = 1000) -> list[int]:
    """How many leads each choice has, counted up to ``most``."""
    with reading(engine) as connection:
        return queue.counted_each(connection, wanted, most)


def _check(filters: Filters, classes: Mapping[str, OfferClass], families: Mapping[str, Family]) -> None:
    for name, value, known in (
        *(("state", state, STATES) for state in filters.states),
        ("scope", filters.scope, SCOPES),
        ("class", filters.offer_class, classes),
        ("family", filters.family, families),
        ("band", filters.band, BANDS),
        ("tier", filters.tier, ("exact", "folded")),
    ):
        if value is not None and value not in known:
            raise UsageError(f"{name} {value[:40]}: no such {name}; write one of {', '.join(known)}")
