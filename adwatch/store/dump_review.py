"""Rows of the canonical dump about review: tracks of cases, second looks and what was found at each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlalchemy import Connection, select

from adwatch.store import schema as s
from adwatch.store.dump_casework import Named


def reviewed(connection: Connection, listing_ids: Mapping[int, list[str]]) -> Iterator[Named]:
    """Without clocks; a case is named by the stable ids of its listings."""
    for row in connection.execute(select(s.track)):
        told = {"track": row.track, "step": row.step, "outcome": row.outcome, "open": row.closed_at is None}
        yield "track", {"listing_ids": listing_ids.get(row.case_id, []), **told}
    query = select(s.second_look, s.listing.c.key).outerjoin(s.listing, s.listing.c.id == s.second_look.c.listing_id)
    about: dict[int, dict[str, object]] = {}
    for row in connection.execute(query):
        keys = [row.key.hex()] if row.key is not None else listing_ids.get(row.case_id, [])
        about[row.id] = {"listing_ids": keys, "kind": row.kind}
        yield "second_look", {**about[row.id], "stage": row.stage, "known": row.known, "result": row.result}
    for row in connection.execute(select(s.second_finding)):
        shown = {name: getattr(row, name) for name in ("person", "unit", "result", "code", "reason")}
        yield "second_finding", {**about[row.second_look_id], **shown}
