"""Tombstones of what the policy deleted: which it was, its digest, since when, by which rule, by whom."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, select, update

from adwatch.models import Actor
from adwatch.store import schema as s
from adwatch.store.bulk import insert_rows
from adwatch.store.engine import db_time, insert_id
from adwatch.store.one_of import one_of
from adwatch.store.opening import chunks

TEXT, PICTURE, INSPECTION, ISSUE, OPINION = "text", "picture", "inspection", "issue", "opinion"
ATTACHMENT, PACKAGE, TRANSFER = "attachment", "package", "transfer"
FILES = (ATTACHMENT, PACKAGE, TRANSFER)
"""Kinds whose bytes lie beside the store: noted first, then deleted."""

Gone = tuple[int, str]
"""Surrogate key and SHA-256 of something that is deleted."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Why and when something is deleted."""

    id: str
    """Id of the policy's rule."""
    label: str
    """What the policy calls it, in Chinese."""
    day: str
    """The office's day."""
    at: datetime
    """The same, UTC."""

    @property
    def said(self) -> str:
        """In words, for whoever looks for what is gone."""
        return f"已于 {self.day} 按保存期限“{self.label}”删除"


def erased(kind: str, key: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether a row's content was deleted."""
    t = s.tombstone.c
    return select(t.subject_id).where(t.kind == kind, t.subject_id == key).exists()


def erased_of(connection: Connection, kind: str, keys: Iterable[int]) -> dict[int, Rule]:
    """By surrogate key: of those that were deleted, when and by which rule."""
    t, e = s.tombstone.c, s.erasure.c
    found: dict[int, Rule] = {}
    for ids in chunks(keys):
        query = select(t.subject_id, e.rule, e.label, e.day, e.at).join(s.erasure, e.id == t.erasure_id)
        query = query.where(t.kind == kind, one_of(connection, t.subject_id, ids)).order_by(t.erasure_id)
        found.update((row.subject_id, Rule(row.rule, row.label, row.day, row.at)) for row in connection.execute(query))
    return found


def bury(connection: Connection, kind: str, rule: Rule, gone: Sequence[Gone], actor: Actor) -> tuple[int, str]:
    """Note what goes in this transaction; gives the number and the digest that the audit log is to repeat."""
    ordered = sorted(gone)
    sha256 = _digest(ordered)
    values = {"kind": kind, "rule": rule.id, "label": rule.label, "day": rule.day, "at": rule.at}
    values |= {"count": len(ordered), "sha256": sha256, "person": actor.person, "unit": actor.unit}
    number = insert_id(connection, s.erasure, **values)
    at = None if kind in FILES else db_time(connection, rule.at)
    rows = [(kind, key, number, digest, at) for key, digest in ordered]
    insert_rows(connection, s.tombstone, ("kind", "subject_id", "erasure_id", "digest", "gone_at"), rows)
    return number, sha256


def _digest(ordered: Iterable[Gone]) -> str:
    digest = hashlib.sha256()
    for key, sha256 in ordered:
        digest.update(f"{key} {sha256}\n".encode())
    return digest.hexdigest()


def waiting(connection: Connection, kind: str) -> list[Gone]:
    """Files that are noted, and of which nobody noted that they are gone."""
    t = s.tombstone.c
    query = select(t.subject_id, t.digest).where(t.kind == kind, t.gone_at.is_(None)).order_by(t.subject_id)
    return [(row.subject_id, row.digest) for row in connection.execute(query)]


def set_gone(connection: Connection, kind: str, keys: Iterable[int], at: datetime) -> None:
    """Note that files are gone."""
    t = s.tombstone
    for ids in chunks(keys):
        where = (t.c.kind == kind) & t.c.subject_id.in_(ids) & t.c.gone_at.is_(None)
        connection.execute(update(t).where(where).values(gone_at=at))


def gone_attachments(connection: Connection, digests: Iterable[str] | None = None) -> dict[str, Rule]:
    """Bytes of attachments (of these, or all) that no row needs any more, with the rule that let the last one go."""
    a, found = s.attachment.c, dict[str, list[int]]()
    lasting: set[str] = set()
    query = select(a.id, a.sha256, erased(ATTACHMENT, a.id).label("erased"))
    for each in [query] if digests is None else [query.where(a.sha256.in_(some)) for some in _parts(digests)]:
        for row in connection.execute(each):
            if row.erased:
                found.setdefault(row.sha256, []).append(row.id)
            else:
                lasting.add(row.sha256)
    last = {max(ids): sha256 for sha256, ids in found.items() if sha256 not in lasting}
    return {last[key]: rule for key, rule in erased_of(connection, ATTACHMENT, last).items()}


def _parts(digests: Iterable[str]) -> Iterator[list[str]]:
    listed = sorted(set(digests))
    return (listed[at : at + 500] for at in range(0, len(listed), 500))


def erasures(connection: Connection) -> list[dict[str, Any]]:
    """Every erasure, oldest first."""
    return [dict(row._mapping) for row in connection.execute(select(s.erasure).order_by(s.erasure.c.id))]


def check(connection: Connection) -> Iterator[str]:
    """What of the tombstones is not as it was noted, in words; the log says the same of each erasure."""
    t = s.tombstone.c
    noted = {row["id"]: row for row in erasures(connection)}
    query = select(t.erasure_id, t.subject_id, t.digest).order_by(t.erasure_id, t.subject_id)
    rows = connection.execute(query, execution_options={"yield_per": 5000})
    for number, each in groupby(rows, key=lambda row: row.erasure_id):
        one, gone = noted.pop(number, None), [(row.subject_id, row.digest) for row in each]
        if one is None or (one["count"], one["sha256"]) != (len(gone), _digest(gone)):
            yield f"erasure {number}: its tombstones are not those that were noted"
    yield from (f"erasure {number}: its tombstones are gone" for number, one in noted.items() if one["count"])
    log = s.audit_entry.c
    said = select(log.subject_id, log.detail).where(log.action == "retention.erase")
    told = {int(row.subject_id): row.detail for row in connection.execute(said)}
    for one in erasures(connection):
        detail = told.pop(one["id"], None)
        names = ("kind", "rule", "count", "sha256")
        if detail is None or any(detail[name] != one[name] for name in names):
            yield f"erasure {one['id']}: is not what the audit log tells of it"
    yield from (f"erasure {number}: is gone from the store; the audit log tells of it" for number in told)
