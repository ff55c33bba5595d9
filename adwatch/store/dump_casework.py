"""Rows of the canonical dump about cases: what they are tagged with, linked to, and which files belong to a subject."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, select

from adwatch.store import schema as s

Named = tuple[str, dict[str, Any]]
"""Table and values of a line."""


def about_cases(connection: Connection, listing_ids: Mapping[int, list[str]]) -> Iterator[Named]:
    """Tags and links; a case is named by the stable ids of its listings. Of contact keys, which hang on the secret of
    the installation, how many there are.
    """
    tags: dict[int, list[list[str]]] = {}
    for row in connection.execute(select(s.case_tag)):
        tags.setdefault(row.case_id, []).append([row.kind, "" if row.kind == "contact" else row.value])
    for case_id, each in tags.items():
        yield "case_tag", {"listing_ids": listing_ids.get(case_id, []), "tags": sorted(each)}
    for row in connection.execute(select(s.case_link)):
        ends = {"listing_ids": listing_ids.get(row.case_id, []), "other": listing_ids.get(row.other_id, [])}
        yield "case_link", {**ends, "kind": row.kind, "detail": row.detail}


def attachments(connection: Connection) -> Iterator[Named]:
    """Files by digest; whose they are is told by the subject's own events."""
    shown = ("sha256", "name", "media_type", "size", "subject", "kind", "person", "unit")
    for row in connection.execute(select(s.attachment)):
        yield "attachment", {name: getattr(row, name) for name in shown}
