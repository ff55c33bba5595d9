"""Retention: what the policy lets go, what a hold, an open case or an unexpired term protects; deletion is logged.

WARC files expire whole. One goes when each capture in it has outlived its term, or lies in the kept package of its own
closed case; a capture that an unexpired one refers to is kept as long as that. All else: ``erasing``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine

from adwatch.casework.transaction import work
from adwatch.errors import UsageError
from adwatch.failpoints import failpoint
from adwatch.models import Actor
from adwatch.store import retention as store
from adwatch.store.audit import Entry, append_entries
from adwatch.store.cases import case_by_id
from adwatch.store.erasures import PACKAGE, Rule, bury
from adwatch.store.opening import add_event
from adwatch.tables.retention import Keeping

Row = dict[str, Any]
ENDED = ("closed", "dismissed", "excluded")
"""States in which a case is at its end; in every other it is open, and protects what it rests on."""

WHY = {
    "hold": "保全中",
    "open": "案件未办结",
    "term": "未到期",
    "refers": "被未到期的记录引用",
    "unclaimed": "没有登记的取证",
    "unjudged": "尚未判定",
    "look": "待复核或者标准件",
    "site": "仿冒网站的登记",
    "unknown": "归属不明",
}
"""Why something stays, in Chinese."""


@dataclass(slots=True)
class Plan:
    """What is to become of one WARC file."""

    file: str
    day: str
    captures: int = 0
    kept: int = 0
    """Captures of it that go on in a package of their case."""
    stays: Counter[str] = field(default_factory=Counter)
    """Why it stays: words of ``WHY`` with how many captures say so; empty: it may go."""
    to_package: set[int] = field(default_factory=set)
    """Closed cases whose records must be put into a package first."""
    rules: set[str] = field(default_factory=set)
    """Rules that its captures have outlived."""


@dataclass(frozen=True, slots=True)
class Term:
    """How long a case protects what it rests on."""

    word: str
    """hold | open | term | over."""
    rule: str = ""
    packs: bool = False
    """Whether its records may go on in its package: a confirmed case that was closed, and is not held."""


def terms(connection: Connection, rules: Mapping[str, Keeping], now: datetime) -> dict[int, Term]:
    """How each case stands."""
    held = {row["case_id"] for row in store.open_holds(connection)}
    found: dict[int, Term] = {}
    for case in store.case_states(connection):
        rule = "confirmed" if case["confirmed"] else "dismissed"
        if case["id"] in held or None in held:
            found[case["id"]] = Term("hold")
        elif case["state"] not in ENDED or case["busy"]:
            found[case["id"]] = Term("open")
        elif case["last"] + timedelta(rules[rule].days) > now:
            found[case["id"]] = Term("term", rule, packs=case["confirmed"])
        else:
            found[case["id"]] = Term("over", rule)
    return found


def plan(
    connection: Connection,
    rules: Mapping[str, Keeping],
    files: Iterable[str],
    *,
    now: datetime,
    zone: tzinfo,
) -> list[Plan]:
    """What becomes of each WARC file that is old enough, oldest first."""
    limit = now - timedelta(rules["unflagged"].days)
    before = limit.astimezone(zone).date().isoformat()
    gone = store.expired_names(connection)
    days = {name: name.partition("/")[0] for name in sorted(files) if name not in gone}
    plans = {name: Plan(name, day) for name, day in days.items() if day < before}
    standing = terms(connection, rules, now)
    of_capture: dict[int, set[int]] = {}
    for capture_id, case_id in store.captures_by_case(connection):
        of_capture.setdefault(capture_id, set()).add(case_id)
    all_held = any(row["case_id"] is None for row in store.open_holds(connection))
    packaged = _packaged(connection)
    stays: dict[str, set[str]] = {}
    """Why a capture stays, by record."""
    by_record: dict[str, tuple[int, str]] = {}
    for row in store.captures_before(connection, before):
        by_record[row["record_id"]] = (row["id"], row["warc"])
        one = plans.get(row["warc"])
        if one is None:
            continue
        one.captures += 1
        cases = of_capture.get(row["id"], set())
        words = {"hold"} if all_held else set()
        if not cases:
            words |= {"term"} if row["fetched_at"] > limit else set()
            one.rules.add("unflagged")
        for case_id in cases:
            term = standing[case_id]
            if term.packs:
                one.kept += 1
                if row["id"] not in packaged.get(case_id, set()):
                    one.to_package.add(case_id)
            elif term.word != "over":
                words.add(term.word)
            one.rules.add(term.rule or "unflagged")
        one.stays.update(words)
        if words:
            stays[row["record_id"]] = words
    for one in plans.values():
        if not one.captures:
            one.stays["unclaimed"] += 1
    _keep_referred(connection, plans, by_record, of_capture, standing, stays)
    return [plans[name] for name in plans]


def _packaged(connection: Connection) -> dict[int, set[int]]:
    """Captures in the newest package of each case."""
    inside = store.packaged(connection)
    return {case_id: inside.get(rows[-1]["id"], set()) for case_id, rows in store.packages_of(connection).items()}


def _keep_referred(
    connection: Connection,
    plans: Mapping[str, Plan],
    by_record: Mapping[str, tuple[int, str]],
    of_capture: Mapping[int, set[int]],
    standing: Mapping[int, Term],
    stays: Mapping[str, set[str]],
) -> None:
    """An answer for which a later one stands is kept as long as that: whatever protects the later protects it too."""
    old = {capture_id: record for record, (capture_id, _) in by_record.items()}
    gone = store.expired_names(connection)
    for capture_id, record in store.references(connection):
        target = by_record.get(record)
        if target is None:
            continue
        own = old.get(capture_id)
        if own is not None and by_record[own][1] in gone:
            continue
        protected = own is None or own in stays or by_record[own][1] not in plans
        protected |= any(standing[case].word in ("hold", "open") for case in of_capture.get(capture_id, ()))
        if protected and target[1] in plans:
            plans[target[1]].stays["refers"] += 1


def place_hold(engine: Engine, case_id: int | None, reason: str, actor: Actor, now: datetime) -> Row:
    """Keep a case, or everything, from being deleted until the hold is released."""
    if not reason.strip():
        raise UsageError("保全须写明理由；write --reason TEXT")
    with work(engine) as connection:
        if case_id is not None and case_by_id(connection, case_id) is None:
            raise UsageError(f"案件 {case_id}: 没有这个编号；用 adwatch review list 查看")
        values = {"case_id": case_id, "reason": reason.strip(), "placed_at": now}
        key = store.add_hold(connection, **values, placed_by=actor.person, placed_unit=actor.unit)
        told = {"case_id": case_id, "hold": key}
        if case_id is not None:
            add_event(connection, "case", case_id, "held", actor.person, now, {"unit": actor.unit, **told})
        append_entries(connection, [Entry.of(actor, "retention.hold", "hold", key, now, told)])
    return {"hold": key, **values}


def release_hold(engine: Engine, hold_id: int, reason: str, actor: Actor, now: datetime) -> Row:
    """Release a hold; what it protected follows the policy again."""
    if not reason.strip():
        raise UsageError("解除保全须写明理由；write --reason TEXT")
    with work(engine) as connection:
        values = {"released_at": now, "released_by": actor.person, "release_reason": reason.strip()}
        if not store.release_hold(connection, hold_id, **values):
            raise UsageError(f"保全 {hold_id}: 没有这个编号，或已解除；用 adwatch evidence retention show 查看")
        append_entries(connection, [Entry.of(actor, "retention.release", "hold", hold_id, now, {"hold": hold_id})])
    return {"hold": hold_id, "released_at": now}


def note_expired(
    engine: Engine,
    rules: Mapping[str, Keeping],
    digests: Mapping[str, tuple[int, str]],
    files: Iterable[str],
    actor: Actor,
    *,
    now: datetime,
    zone: tzinfo,
) -> list[str]:
    """Note in the store and the log which files go, before any is deleted: what may go is looked at again here.

    ``digests``: size and SHA-256 of the files that may; ``files``: all there are.
    """
    noted, entries = [], []
    with work(engine) as connection:
        for one in plan(connection, rules, files, now=now, zone=zone):
            if one.stays or one.to_package or one.file not in digests:
                continue
            size, sha256 = digests[one.file]
            told = {"file": one.file, "size": size, "sha256": sha256, "day": one.day}
            told |= {"captures": one.captures, "kept": one.kept, "rule": " ".join(sorted(one.rules)) or "unflagged"}
            key = store.add_expired(connection, **told, at=now, person=actor.person, unit=actor.unit)
            entries.append(Entry.of(actor, "retention.delete", "file", key, now, told))
            noted.append(one.file)
        append_entries(connection, entries)
    return noted


def drop_packages(
    engine: Engine, rules: Mapping[str, Keeping], actor: Actor, *, now: datetime, zone: tzinfo
) -> list[str]:
    """Forget the packages of cases that have outlived their term; the files to delete."""
    day = now.astimezone(zone).date().isoformat()
    with work(engine) as connection:
        standing = terms(connection, rules, now)
        found = store.packages_of(connection)
        rows = [row for case_id, each in found.items() if standing[case_id].word == "over" for row in each]
        store.drop_packages(connection, [row["id"] for row in rows])
        entries = []
        for row in rows:
            told = {name: row[name] for name in ("case_id", "file", "size", "sha256")}
            entries.append(Entry.of(actor, "retention.delete", "package", row["id"], now, told))
        by_rule: dict[str, list[tuple[int, str]]] = {}
        for row in rows:
            by_rule.setdefault(standing[row["case_id"]].rule, []).append((row["id"], row["sha256"]))
        for rule, gone in by_rule.items():
            number, sha256 = bury(connection, PACKAGE, Rule(rule, rules[rule].label, day, now), gone, actor)
            told = {"kind": PACKAGE, "rule": rule, "count": len(gone), "sha256": sha256}
            entries.append(Entry.of(actor, "retention.erase", "erasure", number, now, told))
        append_entries(connection, entries)
    return [str(row["file"]) for row in rows]


def note_run(engine: Engine, actor: Actor, now: datetime, deleted: Mapping[str, int]) -> None:
    """Leave in the log who let the policy delete and what came of it, also where that was nothing."""
    with work(engine) as connection:
        day = {"deleted": {kind: count for kind, count in sorted(deleted.items()) if count}}
        append_entries(connection, [Entry.of(actor, "retention.run", "erasure", "run", now, day)])


def remove_noted(engine: Engine, root: Path, now: datetime) -> list[str]:
    """Delete the files that are noted as expired, also those of a run that died between the note and the deletion."""
    with work(engine) as connection:
        rows = store.unfinished(connection)
    gone = []
    for row in rows:
        failpoint("retention.before_delete")
        (root / row["file"]).unlink(missing_ok=True)
        failpoint("retention.after_delete")
        with work(engine) as connection:
            store.set_deleted(connection, [row["id"]], now)
        gone.append(row["file"])
    return gone
