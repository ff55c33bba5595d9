"""Rows of the canonical dump about leads from outside: batches by letter, what came in, inspections, bulletins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlalchemy import Connection, select

from adwatch.store import schema as s
from adwatch.store.dump_casework import Named


def from_outside(connection: Connection, listing_ids: Mapping[int, list[str]]) -> Iterator[Named]:
    """Without clocks and surrogate keys; a case is named by the stable ids of its listings."""
    numbers: dict[int, str] = {}
    for row in connection.execute(select(s.confirmation)):
        numbers[row.id] = row.number
        told = {name: getattr(row, name) for name in ("authority", "state", "document", "reply_number", "reply_on")}
        yield "confirmation", {"number": row.number, **told}
    for row in connection.execute(select(s.confirmation_row)):
        told = {name: getattr(row, name) for name in ("seq", "answer", "reason", "person", "day", "settled")}
        yield "confirmation_row", {"number": numbers[row.confirmation_id], "lead_number": row.lead_number, **told}
    for row in connection.execute(select(s.intake)):
        told = {name: getattr(row, name) for name in ("origin", "platform", "document", "giver", "file", "sha256")}
        yield "intake", told
    for row in connection.execute(select(s.intake_lead)):
        told = {name: getattr(row, name) for name in ("origin", "number", "due_on", "real_name", "told", "reward")}
        steps = {name: getattr(row, f"{name}_at") is not None for name in ("acknowledged", "rewarded")}
        yield "intake_lead", {"listing_ids": listing_ids.get(row.case_id, []), **told, **steps}
    hidden = ("id", "case_id", "at")
    for row in connection.execute(select(s.inspection)):
        told = {str(name): value for name, value in row._mapping.items() if name not in hidden}
        for name in ("card_number", "contact", "card_key", "contact_key"):  # personal, or of the installation's secret
            told[name] = bool(told[name])
        yield "inspection", {"listing_ids": listing_ids.get(row.case_id, []), **told}
    for row in connection.execute(select(s.campaign_value)):
        names = ("campaign", "indicator", "department", "county", "value", "person")
        yield "campaign_value", {name: getattr(row, name) for name in names}
    for row in connection.execute(select(s.bulletin)):
        about = ("number", "kind", "key", "campaign", "state", "unit", "drafted_by", "approved_by", "ended_by")
        yield "bulletin", {name: getattr(row, name) for name in (*about, "ended_unit", "reason")}
