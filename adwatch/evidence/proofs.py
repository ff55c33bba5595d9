"""What shows that captures and audit entries were in the root of their day: paths of RFC 6962, roots, time stamps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any

from sqlalchemy import Connection, select

from adwatch.evidence.daily import ACTION as ROOT
from adwatch.evidence.daily import capture_leaf, entries_of_day
from adwatch.evidence.merkle import WholeTree, leaf_hash
from adwatch.evidence.stamps import ACTION as STAMP
from adwatch.models import Capture
from adwatch.store import schema as s
from adwatch.store.audit import content
from adwatch.store.captures import captures_of_day

Row = Mapping[str, Any]


@dataclass(slots=True)
class Proofs:
    """Paths to the roots of days, and the entries of the log that keep those roots and their stamps."""

    captures: list[dict[str, Any]] = field(default_factory=list)
    """capture_id, day, index, size, path; of those whose day has a root over them."""
    entries: list[dict[str, Any]] = field(default_factory=list)
    """seq, day, index, size, path."""
    roots: dict[int, Row] = field(default_factory=dict)
    """Entries of the log by number: evidence.root and evidence.stamp of the days."""


def proofs(connection: Connection, captures: Sequence[Capture], entries: Sequence[Row], zone: tzinfo) -> Proofs:
    """Paths of all that has a root; what has none yet is left out."""
    found = Proofs()
    by_day: dict[str, dict[bytes, dict[str, Any]]] = {}
    for capture in captures:
        by_day.setdefault(capture.day, {})[leaf_hash(capture_leaf(capture))] = {"capture_id": capture.id}
    for day, wanted in sorted(by_day.items()):
        leaves: Iterable[bytes] = (capture_leaf(each) for each in captures_of_day(connection, day))
        found.captures += _paths(connection, found, day, "captures", wanted, leaves)
    by_day = {}
    for row in entries:
        day = row["at"].astimezone(zone).date().isoformat()
        by_day.setdefault(day, {})[leaf_hash(content(row))] = {"seq": row["seq"]}
    for day, wanted in sorted(by_day.items()):
        leaves = entries_of_day(connection, day, zone)
        found.entries += _paths(connection, found, day, "entries", wanted, leaves)
    return found


def _paths(
    connection: Connection,
    found: Proofs,
    day: str,
    kind: str,
    wanted: Mapping[bytes, dict[str, Any]],
    leaves: Iterable[bytes],
) -> list[dict[str, Any]]:
    """Paths in the tree of a day, as its newest root has it."""
    rows = _of_day(connection, day, ROOT)
    if not rows:
        return []
    root = rows[-1]
    size, kept = int(root["detail"][kind]), str(root["detail"][f"{kind}_root"])
    hashes = [leaf_hash(leaf) for leaf in leaves][:size]
    tree = WholeTree(hashes)
    if tree.root().hex() != kept:
        return []  # the leaves are no longer those of the root: adwatch evidence root says so, and nothing is proven
    out = []
    for index, digest in enumerate(hashes):
        if digest in wanted:
            path = [each.hex() for each in tree.path(index)]
            place = {"day": day, "root_seq": root["seq"], "index": index, "size": size}
            out.append({**wanted[digest], **place, "path": path})
    if out:
        found.roots[root["seq"]] = root
        for row in _of_day(connection, day, STAMP):
            if row["detail"]["root"] == root["detail"]["root"]:
                found.roots[row["seq"]] = row
    return out


def _of_day(connection: Connection, day: str, action: str) -> list[Row]:
    log = s.audit_entry
    query = select(log).where(log.c.subject == "day", log.c.subject_id == day, log.c.action == action)
    return [dict(row._mapping) for row in connection.execute(query.order_by(log.c.seq))]
