"""The queue of leads for the console and the command."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from adwatch.app.office import Office
from adwatch.casework import lead_queue
from adwatch.search.keys import contact_key, contact_secret
from adwatch.store.queue import Cursor, Filters

__all__ = ["Cursor", "Filters", "contact_filter", "count_leads", "count_rows", "lead_page"]


def lead_page(
    office: Office, filters: Filters, after: Cursor | None = None, limit: int = 50
) -> tuple[list[dict[str, Any]], Cursor | None]:
    """(rows, cursor of the next page or None), personal data masked."""
    tables: dict[str, Any] = {"classes": office.classes, "families": office.families}
    return lead_queue.lead_page(office.engine, filters, after, limit, now=office.clock.now(), **tables)


def count_leads(office: Office, filters: Filters, most: int = 1000) -> int:
    """How many leads there are, counted up to ``most``."""
    return lead_queue.count_leads(office.engine, filters, most)


def count_rows(office: Office, filters: Filters, most: int = 1000) -> tuple[int, int]:
    """(leads, rows) that a list has of them, each counted up to ``most``: fewer rows where subjects are folded."""
    wanted = [replace(filters, fold=False), filters] if filters.fold else [filters]
    counts = lead_queue.count_each(office.engine, wanted, most)
    return counts[0], counts[-1]


def contact_filter(office: Office, typed: str) -> str:
    """The key for ``Filters.contact`` of a number or account that an officer types."""
    return contact_key(contact_secret(office.home), typed)
