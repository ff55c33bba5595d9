"""The audit log: entries are only ever appended, each with the digest of the one before it.

The digest is SHA-256 over the entry as compact JSON (``content``), the number first and the digest before it last. The
number comes from the series ``audit``, whose row stays locked until the transaction ends: processes that append at the
same time wait for each other, so that the chain never forks and a number is never missing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Select, select

from adwatch.failpoints import failpoint
from adwatch.models import Actor
from adwatch.store import schema as s
from adwatch.store.cases import next_number

GENESIS = "0" * 64
"""What the first entry says of the one before it."""

SERIES = "audit"
"""Name of the numbers in ``counter``: its value is the number of the last entry."""

PAGE = 5000


@dataclass(frozen=True, slots=True)
class Entry:
    """What happened, before it has its place in the chain."""

    person: str
    """Who did it; ``machine`` where no person was asked."""
    unit: str | None
    """For which unit."""
    action: str
    """What was done: the verb and its finding, such as review.confirm."""
    subject: str
    """Kind of what it was done to: case, takedown, export."""
    subject_id: str
    """Its number or, of a case, its id."""
    at: datetime
    """When, as the change itself says."""
    detail: Mapping[str, Any] = field(default_factory=dict)
    """What else is to stand; personal data by digest only, since the log is exported."""
    role: str | None = None
    """The person's role, where accounts have one."""

    @classmethod
    def of(
        cls, actor: Actor, action: str, subject: str, subject_id: str | int, at: datetime, detail: Mapping[str, Any]
    ) -> Entry:
        """What an actor did."""
        return cls(actor.person, actor.unit, action, subject, str(subject_id), at, detail, actor.role)


def append_entries(connection: Connection, entries: Sequence[Entry]) -> None:
    """Append to the log, in the transaction of the changes themselves and as its last step.

    As the last step, since from here on others wait: what is locked after it could wait for one of them.
    """
    if not entries:
        return
    last = next_number(connection, SERIES, len(entries))
    seq = last - len(entries)
    before = GENESIS
    if seq:
        query = select(s.audit_entry.c.sha256).where(s.audit_entry.c.seq == seq)
        before = connection.scalar(query) or GENESIS
    rows = []
    for entry in entries:
        seq += 1
        row = {name: getattr(entry, name) for name in ("person", "unit", "role", "action", "subject", "subject_id")}
        row.update(seq=seq, at=entry.at, detail=dict(entry.detail), before=before)
        before = row["sha256"] = entry_digest(row)
        rows.append(row)
    connection.execute(s.audit_entry.insert(), rows)
    failpoint("audit.before_commit")


def entry_digest(row: Mapping[str, Any], seq: int | None = None) -> str:
    """The digest that an entry has; with ``seq``, the one it would have at that place."""
    return hashlib.sha256(content(row, seq)).hexdigest()


def content(row: Mapping[str, Any], seq: int | None = None) -> bytes:
    """The bytes that the digest is over: JSON list of seq, at (UTC, microseconds), the columns in order, before."""
    at = row["at"].astimezone(UTC).isoformat(timespec="microseconds")
    names = ("person", "unit", "role", "action", "subject", "subject_id", "detail", "before")
    values = [row["seq"] if seq is None else seq, at, *(row[name] for name in names)]
    return orjson.dumps(values, option=orjson.OPT_SORT_KEYS)


def pages(connection: Connection, query: Select[Any] | None = None) -> Iterator[list[dict[str, Any]]]:
    """Entries in order of their numbers, in pages; a query may choose among them."""
    wanted = select(s.audit_entry) if query is None else query
    with connection.execute(wanted.order_by(s.audit_entry.c.seq), execution_options={"yield_per": PAGE}) as found:
        for part in found.partitions():
            yield [dict(row._mapping) for row in part]


def newest(connection: Connection, subject: str | None, subject_id: str | None, limit: int) -> list[dict[str, Any]]:
    """The newest entries, newest first; of one kind of subject or of one subject."""
    log = s.audit_entry
    query = select(log).order_by(log.c.seq.desc()).limit(limit)
    if subject is not None:
        query = query.where(log.c.subject == subject)
    if subject_id is not None:
        query = query.where(log.c.subject_id == subject_id)
    return [dict(row._mapping) for row in connection.execute(query)]


def counted(connection: Connection) -> int:
    """Number of the entry that was appended last, as the series of numbers has it."""
    return int(connection.scalar(select(s.counter.c.value).where(s.counter.c.name == SERIES)) or 0)


def finding_digest(finding: Mapping[str, Any]) -> str:
    """Digest of a row of ``second_finding``: the entries of a look name it, which do not tell what was found."""
    at = finding["at"].astimezone(UTC).isoformat(timespec="microseconds")
    values = [*(finding[name] for name in ("second_look_id", "person", "unit", "result", "code", "reason")), at]
    if finding.get("corrected") is not None:  # findings had no corrections before
        values.append(finding["corrected"])
    return hashlib.sha256(orjson.dumps(values, option=orjson.OPT_SORT_KEYS)).hexdigest()


def decision_digest(decision: Mapping[str, Any]) -> str:
    """Digest of a row of ``decision``: its audit entry names it, so that a decision altered later is found."""
    at = decision["at"].astimezone(UTC).isoformat(timespec="microseconds")
    values = [decision["case_id"], *(decision[name] for name in ("result", "person", "unit", "reason")), at]
    if decision.get("code") is not None:  # decisions had no code before
        values.append(decision["code"])
    if decision.get("corrected") is not None:  # nor corrections
        values.append(decision["corrected"])
    return hashlib.sha256(orjson.dumps(values, option=orjson.OPT_SORT_KEYS)).hexdigest()
