"""Rows of the canonical dump about transfers and retention."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlalchemy import Connection, select

from adwatch.store import schema as s
from adwatch.store.dump_casework import Named


def transfers(connection: Connection, listing_ids: Mapping[int, list[str]]) -> Iterator[Named]:
    """Without clocks and digests, which no two stores share; a case is named by the stable ids of its listings."""
    numbers: dict[int, str] = {}
    for row in connection.execute(select(s.transfer)):
        numbers[row.id] = row.number
        facts = ("number", "kind", "step", "receiver", "unit", "outcome", "document_number", "signatory")
        yield "transfer", {**{name: getattr(row, name) for name in facts}, "sent": row.sent_at is not None}
    for row in connection.execute(select(s.transfer_case)):
        yield "transfer_case", {"number": numbers[row.transfer_id], "listing_ids": listing_ids.get(row.case_id, [])}
    for row in connection.execute(select(s.transfer_step)):
        shown = ("step", "person", "unit", "note", "reference")
        yield "transfer_step", {"number": numbers[row.transfer_id], **{name: getattr(row, name) for name in shown}}


def kept(connection: Connection, listing_ids: Mapping[int, list[str]]) -> Iterator[Named]:
    """Holds, packages of cases, files that expired, and what the policy deleted of all else."""
    for row in connection.execute(select(s.legal_hold)):
        shown = {name: getattr(row, name) for name in ("reason", "placed_by", "released_by", "release_reason")}
        case = None if row.case_id is None else listing_ids.get(row.case_id, [])
        yield "legal_hold", {**shown, "listing_ids": case}
    for row in connection.execute(select(s.evidence_package)):
        yield "evidence_package", {"listing_ids": listing_ids.get(row.case_id, []), "person": row.person}
    for row in connection.execute(select(s.expired_file)):
        yield "expired_file", {name: getattr(row, name) for name in ("day", "captures", "kept", "rule", "person")}
    t, e = s.tombstone, s.erasure
    query = select(t.c.kind, t.c.digest, e.c.rule, e.c.label, e.c.person).join(e, e.c.id == t.c.erasure_id)
    for row in connection.execute(query):
        told = {"kind": row.kind, "rule": row.rule, "label": row.label, "person": row.person}
        # the digest of a text or a file is of its bytes; of what holds times or surrogate ids no two stores share it
        lasting = row.kind in ("text", "picture", "opinion", "attachment")
        yield "tombstone", {**told, "digest": row.digest if lasting else None}
