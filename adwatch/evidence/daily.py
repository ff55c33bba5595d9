"""The root of a day: one digest over all its captures and all entries of the audit log made on it.

Two trees of RFC 6962, the captures in the order they were stored and the entries by number; the root of the day is the
node over their roots. A root is kept as an entry of the audit log, so that roots are chained too. What comes to a day
later is appended to its trees: a root kept earlier must still be that of as many first leaves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, select

from adwatch.archive.warc_file import capture_content
from adwatch.errors import UsageError
from adwatch.evidence.merkle import Tree, node_hash
from adwatch.models import Capture
from adwatch.store import schema as s
from adwatch.store.audit import Entry, append_entries, content, pages
from adwatch.store.captures import captures
from adwatch.store.engine import reading, writing

ACTION = "evidence.root"


@dataclass(frozen=True, slots=True)
class DayRoot:
    """A day's root and what it is over."""

    captures: int
    """Captures of the day."""
    captures_root: str
    """Tree hash over them."""
    entries: int
    """Entries of the audit log made on that day in the office's zone."""
    entries_root: str
    """Tree hash over them."""
    root: str
    """Digest of the node over both: what is time-stamped, printed or published."""


def keep_root(
    engine: Engine, day: str, by: str, unit: str | None, *, now: datetime, zone: tzinfo
) -> tuple[DayRoot, list[str]]:
    """Compute the root of a day that is over, hold it against those kept earlier, and keep it where it is new.

    Gives the root and what is wrong, in words; then nothing is kept.
    """
    if date.fromisoformat(day) >= now.astimezone(zone).date():
        raise UsageError(f"--day {day}: is not over; a day has its root from the next day on")
    kept = _kept(engine, day)
    sizes = {(kind, old[kind]): str(old[f"{kind}_root"]) for old in kept for kind in ("captures", "entries")}
    faults: list[str] = []
    captured = _tree("captures", (capture_leaf(each) for each in captures(engine, day)), sizes, faults)
    with reading(engine) as connection:
        logged = _tree("entries", entries_of_day(connection, day, zone), sizes, faults)
    root = node_hash(captured.root(), logged.root()).hex()
    found = DayRoot(captured.size, captured.root().hex(), logged.size, logged.root().hex(), root)
    if not faults and asdict(found) not in kept:
        with writing(engine) as connection:
            append_entries(connection, [Entry(by, unit, ACTION, "day", day, now, asdict(found))])
    return found, faults


def capture_leaf(capture: Capture) -> bytes:
    """A capture's row as the archive's own metadata record has it, and where in the archive it lies."""
    row = {**capture_content(capture), "warc": capture.warc, "offset": capture.offset}
    return orjson.dumps(row, option=orjson.OPT_SORT_KEYS)


def entries_of_day(connection: Connection, day: str, zone: tzinfo) -> Iterable[bytes]:
    """Leaves of the entries made on a day, by number."""
    begin = datetime.combine(date.fromisoformat(day), time(), zone)
    end = datetime.combine(date.fromisoformat(day) + timedelta(days=1), time(), zone)
    query = select(s.audit_entry).where(s.audit_entry.c.at >= begin, s.audit_entry.c.at < end)
    for page in pages(connection, query):
        yield from map(content, page)


def _tree(kind: str, leaves: Iterable[bytes], sizes: Mapping[tuple[str, Any], str], faults: list[str]) -> Tree:
    """The tree over the leaves; what was kept of as many first leaves is compared on the way."""
    tree, left = Tree(), {size: root for (name, size), root in sizes.items() if name == kind}
    _compare(tree, kind, left, faults)
    for leaf in leaves:
        tree.add(leaf)
        _compare(tree, kind, left, faults)
    faults += [f"{kind}: there were {size:,} when a root was kept, now {tree.size:,}" for size in sorted(left)]
    return tree


def _compare(tree: Tree, kind: str, left: dict[Any, str], faults: list[str]) -> None:
    root = left.pop(tree.size, None)
    if root is not None and root != tree.root().hex():
        faults.append(f"{kind}: the first {tree.size:,} are not those that a root was kept of: altered or replaced")


def _kept(engine: Engine, day: str) -> list[dict[str, Any]]:
    """Roots of the day that were kept, oldest first."""
    log = s.audit_entry
    query = select(log.c.detail).where(log.c.subject == "day", log.c.subject_id == day, log.c.action == ACTION)
    with reading(engine) as connection:
        return [dict(detail) for detail in connection.scalars(query.order_by(log.c.seq))]
