"""Checks the audit log offline: names the first entry that was altered, removed, inserted or put elsewhere.

The log proves itself but for its last entry, whose altered digest no later entry contradicts, and but for a chain that
somebody wrote anew from some entry on. Against both stands a digest kept outside: ``Checked.head`` noted on paper, or
an export of the log. What a decision says is held against the digest that its entry keeps, and so is what one of two
persons found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, func, select

from adwatch.store import schema as s
from adwatch.store.audit import GENESIS, counted, decision_digest, entry_digest, finding_digest, pages
from adwatch.store.engine import reading

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Fault:
    """The first thing that is wrong."""

    seq: int
    """Number of the entry; of removed ones, the number that the first of them had."""
    word: str
    """altered | removed | inserted | reordered | decision, finding (the row that the entry tells of was altered or
    removed)."""
    message: str
    """What is wrong with it."""

    def __str__(self) -> str:
        return f"entry {self.seq}: {self.word}: {self.message}"


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check of the log found."""

    entries: int
    """Entries that are there."""
    head: str
    """Digest of the last entry that stands; worth noting outside the store."""
    fault: Fault | None
    """The first fault; None where the whole chain stands."""


def verify_log(engine: Engine, head: str | None = None) -> Checked:
    """Check the chain from its first entry to its last and the decisions that it tells of.

    ``head``: a digest noted earlier, which must be that of an entry.
    """
    with reading(engine) as connection:
        return check_log(connection, head)


def check_log(connection: Connection, head: str | None = None) -> Checked:
    """The same within a transaction."""
    entries = int(connection.scalar(select(func.count()).select_from(s.audit_entry)) or 0)
    last, at, fault = _walk(connection)
    if fault is None and head is not None and not _stands(connection, head):
        fault = Fault(at, "altered", f"no entry has the digest {head} that was noted earlier: the chain is another")
    return Checked(entries, last, fault)


def _walk(connection: Connection) -> tuple[str, int, Fault | None]:
    """(digest and number of the last entry that stands, the first fault)."""
    before, at, expected = GENESIS, 0, counted(connection)
    previous: Row | None = None
    for page in pages(connection):
        for row in page:
            fault = _fault(connection, row, at + 1, before, previous)
            if fault is not None:
                return before, at, fault
            if at + 1 > expected:
                return before, at, Fault(at + 1, "inserted", f"the log was {expected} entries long")
            before, at, previous = row["sha256"], at + 1, row
        fault = _decisions(connection, page) or _findings(connection, page)
        if fault is not None:
            return before, at, fault
    if at < expected:
        return before, at, Fault(at + 1, "removed", f"the log was {expected} entries long and ends here")
    return before, at, None


def _fault(connection: Connection, row: Row, wanted: int, before: str, previous: Row | None) -> Fault | None:
    """What is wrong at the place ``wanted``, where ``row`` stands and ``previous`` stood rightly."""
    if row["seq"] != wanted:
        return _gap(connection, wanted, before)
    if row["sha256"] == entry_digest(row):
        if row["before"] == before:
            return None
        if previous is None:
            return Fault(wanted, "altered", "it is the first, and names one before it: those before it were removed")
        return _broken(connection, row, wanted)
    own = _own_place(connection, row)
    if own is None:
        after = _row(connection, wanted + 1)
        if after is not None and after["sha256"] == entry_digest(after, wanted):
            return Fault(wanted, "inserted", f"the entry after it had the number {wanted}")
        return Fault(wanted, "altered", "its content is not what its digest was made of")
    if own < wanted:
        return Fault(own, "inserted", f"the entry that had the number {own} now has {wanted}")
    if row["before"] == GENESIS or _stands(connection, row["before"]):
        return Fault(wanted, "reordered", f"the entry that stands here had the number {own}")
    return Fault(wanted, "removed", f"the entry that stands here had the number {own}")


def _broken(connection: Connection, row: Row, wanted: int) -> Fault:
    """An entry that stands by itself, but not upon the one before it."""
    if _stands(connection, row["before"]):
        return Fault(wanted, "reordered", "it names another entry as the one before it")
    return Fault(wanted - 1, "altered", "the entry after it was written upon another digest")


def _gap(connection: Connection, wanted: int, before: str) -> Fault:
    query = select(s.audit_entry).where(s.audit_entry.c.before == before)
    for row in connection.execute(query):
        if row.sha256 == entry_digest(row._asdict(), wanted):
            return Fault(wanted, "reordered", f"it stands at number {row.seq}")
    return Fault(wanted, "removed", "no entry has this number")


def _own_place(connection: Connection, row: Row) -> int | None:
    """The number with which the entry's content has its digest; None where there is none, so the content is another."""
    for number in range(1, max(counted(connection), int(row["seq"])) + 1):
        if entry_digest(row, number) == row["sha256"]:
            return number
    return None


def _row(connection: Connection, seq: int) -> Row | None:
    found = connection.execute(select(s.audit_entry).where(s.audit_entry.c.seq == seq)).first()
    return None if found is None else dict(found._mapping)


def _stands(connection: Connection, digest: str) -> bool:
    query = select(s.audit_entry.c.seq).where(s.audit_entry.c.sha256 == digest)
    return connection.execute(query).first() is not None


def _decisions(connection: Connection, page: list[dict[str, Any]]) -> Fault | None:
    """Hold the decisions that a page of entries tells of against the digests that the entries keep."""
    told = {row["detail"]["decision_id"]: row for row in page if "decision_id" in row["detail"]}
    if not told:
        return None
    found: dict[int, str] = {}
    first, last = min(told), max(told)
    for row in connection.execute(select(s.decision).where(s.decision.c.id.between(first, last))):
        found[row.id] = decision_digest(row._asdict())
    for decision_id, entry in told.items():
        if found.get(decision_id) != entry["detail"]["decision_sha256"]:
            what = "was altered" if decision_id in found else "is gone"
            return Fault(entry["seq"], "decision", f"decision {decision_id} of case {entry['subject_id']} {what}")
    return None


def _findings(connection: Connection, page: list[dict[str, Any]]) -> Fault | None:
    """The same of findings under the two-person rule, also of those that were taken back."""
    told = [row for row in page if "finding_id" in row["detail"]]
    ids = sorted({row["detail"]["finding_id"] for row in told})
    found: dict[int, str] = {}
    for at in range(0, len(ids), 500):
        query = select(s.second_finding).where(s.second_finding.c.id.in_(ids[at : at + 500]))
        found.update((row.id, finding_digest(row._asdict())) for row in connection.execute(query))
    for entry in told:
        number = entry["detail"]["finding_id"]
        if found.get(number) != entry["detail"]["finding_sha256"]:
            what = "was altered" if number in found else "is gone"
            return Fault(entry["seq"], "finding", f"finding {number} on case {entry['subject_id']} {what}")
    return None
