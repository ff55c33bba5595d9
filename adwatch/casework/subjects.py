"""Subjects (主体) by a person: merged, split, undone. What a person said holds, whatever the machine finds later.

A rule names the accounts as they stand. An error where it would contradict another that holds; both can be undone, and
an undo is one more entry, never an erasure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, select

from adwatch.casework.transaction import work
from adwatch.errors import Unknown, UsageError
from adwatch.models import Actor
from adwatch.store import schema as s
from adwatch.store import subject_rules as rules_store
from adwatch.store import subjects as store
from adwatch.store.audit import Entry, append_entries
from adwatch.store.engine import advisory_lock, reading
from adwatch.store.opening import add_event
from adwatch.store.subject_links import Linking, rework
from adwatch.tables.links import Links

MOST = 5_000
"""Accounts that one merge or split may name."""


def merge(
    engine: Engine, rules: Links, subjects: Sequence[int], actor: Actor, reason: str, now: datetime
) -> dict[str, Any]:
    """合并: these subjects are one seller. Those that are one already are left as they are (``changed`` false)."""
    _reason(reason)
    with work(engine) as connection:
        advisory_lock(connection, store.SUBJECT_LOCK)
        known = [standing_number(connection, number) for number in subjects]
        wanted = sorted(set(known))
        if len(set(subjects)) < 2:
            raise UsageError("合并至少要两个主体；用 adwatch subject list 查看")
        if len(wanted) == 1:
            return {"subject_id": wanted[0], "rule": None, "changed": False}
        by_subject = _accounts(connection, wanted)
        held = rules_store.rules_in_force(connection)
        _not_apart(held, list(by_subject.values()))
        accounts = [account for each in by_subject.values() for account in each]
        number = rules_store.add_rule(connection, "merge", [accounts], actor, reason, now)
        now_there = _rework(connection, rules, wanted, now)
        target = store.subjects_of(connection, accounts[:1])[accounts[0]]
        detail = {"rule": number, "subjects": wanted, "accounts": len(accounts)}
        _told(connection, "merge", target, actor, now, detail)
    return {"subject_id": target, "rule": number, "changed": True, "subjects": now_there}


def split(
    engine: Engine,
    rules: Links,
    subject: int,
    accounts: Iterable[int],
    actor: Actor,
    reason: str,
    now: datetime,
) -> dict[str, Any]:
    """拆分: these accounts are not the seller that the others are; the machine never joins them with those again."""
    _reason(reason)
    out = sorted(set(accounts))
    with work(engine) as connection:
        advisory_lock(connection, store.SUBJECT_LOCK)
        number_now = standing_number(connection, subject)
        [all_of_it] = _accounts(connection, [number_now]).values()
        strange = [account for account in out if account not in all_of_it]
        if strange:
            raise UsageError(f"账号 {strange[0]} 不属于主体 {number_now}；用 adwatch subject show {number_now} 查看")
        rest = [account for account in all_of_it if account not in set(out)]
        if not out or not rest:
            raise UsageError(f"主体 {number_now} 有 {len(all_of_it)} 个账号：拆分要写出其中一部分")
        number = rules_store.add_rule(connection, "split", [out, rest], actor, reason, now)
        _rework(connection, rules, [number_now], now)
        found = store.subjects_of(connection, [out[0], rest[0]])
        detail = {"rule": number, "subjects": sorted(found.values()), "accounts": len(out), "of": len(all_of_it)}
        _told(connection, "split", number_now, actor, now, detail)
    return {"subject_id": found[rest[0]], "new_subject_id": found[out[0]], "rule": number, "changed": True}


def undo(engine: Engine, rules: Links, rule: int, actor: Actor, reason: str, now: datetime) -> dict[str, Any]:
    """撤销: a merge or split holds no more; what is connected without it is worked out anew."""
    _reason(reason)
    with work(engine) as connection:
        advisory_lock(connection, store.SUBJECT_LOCK)
        found = rules_store.rule_by_id(connection, rule)
        if found is None or found["kind"] == "undo":
            raise UsageError(f"没有第 {rule} 号合并或拆分；用 adwatch subject show 查看")
        if found["undone_by"] is not None:
            return {"rule": rule, "undo": found["undone_by"], "changed": False}
        accounts = [account for each in found["accounts"].values() for account in each]
        number = rules_store.add_rule(connection, "undo", [], actor, reason, now, of_id=rule)
        before = set(store.subjects_of(connection, accounts).values())
        there = _rework(connection, rules, before, now)
        detail = {"rule": number, "of": rule, "kind": found["kind"], "subjects": there[:100]}
        _told(connection, "undo", min(there), actor, now, detail)
    return {"rule": rule, "undo": number, "changed": True, "subjects": there}


def _rework(connection: Connection, rules: Links, subjects: Iterable[int], now: datetime) -> list[int]:
    linking = Linking(connection, rules.kinds, now)
    there = rework(linking, subjects)
    store.drop_subjects(connection, linking.unseen)
    return there


def standing_number(connection: Connection, number: int) -> int:
    """The subject under which a number stands today: merged ones lead to the one that took them in."""
    seen: set[int] = set()
    while number not in seen:
        seen.add(number)
        query = select(s.subject.c.merged_into).where(s.subject.c.id == number)
        found = connection.execute(query).first() if 0 < number < 1 << 63 else None
        if found is None:
            raise Unknown(unknown_subject(number))
        if found.merged_into is None:
            break
        number = int(found.merged_into)
    return number


def unknown_subject(number: int) -> str:
    """What is said of a number that names no subject, or none that somebody may see."""
    return f"没有主体 {number}；用 adwatch subject list 查看"


def _accounts(connection: Connection, subjects: Iterable[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {number: [] for number in subjects}
    for account, (subject, _) in sorted(store.accounts_of(connection, found).items()):
        found[subject].append(account)
    count = sum(map(len, found.values()))
    if count > MOST:
        raise UsageError(f"共 {count:,} 个账号，一次最多 {MOST:,} 个")
    empty = [number for number, each in found.items() if not each]
    if empty:
        raise UsageError(f"主体 {empty[0]} 已没有账号")
    return found


def _not_apart(held: rules_store.Rules, groups: Sequence[Sequence[int]]) -> None:
    for at, one in enumerate(groups):
        for other in groups[at + 1 :]:
            rule = rules_store.apart(held, one, other)
            if rule is not None:
                raise UsageError(f"第 {rule} 号拆分认定它们不是同一卖家，先撤销它；adwatch subject undo {rule}")


def _reason(reason: str) -> None:
    if not reason.strip():
        raise UsageError("a reason is needed; write --reason TEXT")


def _told(
    connection: Connection, what: str, subject: int, actor: Actor, now: datetime, detail: Mapping[str, Any]
) -> None:
    """An event of the subject, and as the last step the audit entry."""
    add_event(connection, "subject", subject, what, actor.person, now, {**detail, "unit": actor.unit})
    append_entries(connection, [Entry.of(actor, f"subject.{what}", "subject", subject, now, detail)])


def subject_of_case(engine: Engine, case_id: int) -> int | None:
    """The subject that a case belongs to."""
    with reading(engine) as connection:
        found = connection.scalar(select(s.case.c.subject_id).where(s.case.c.id == case_id))
    return None if found is None else int(found)
