"""What persons said of subjects: merged, set apart, undone. Rows are only ever appended; an undone rule holds no more.

A rule names the accounts as they stood then. Those of a split stay apart for ever, whatever the machine finds later.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from adwatch.models import Actor
from adwatch.store import schema as s
from adwatch.store.bulk import insert_rows
from adwatch.store.engine import insert_id

KINDS = {"merge": "合并", "split": "拆分", "undo": "撤销"}


@dataclass(slots=True)
class Rules:
    """The rules in force."""

    sides: dict[int, set[tuple[int, int]]] = field(default_factory=dict)
    """(split, side) by account: accounts on different sides of a split are never one."""
    merged: list[list[int]] = field(default_factory=list)
    """Accounts that are one by a merge."""

    @property
    def accounts(self) -> set[int]:
        """All that rules speak of."""
        return {*self.sides, *(account for each in self.merged for account in each)}

    def partners(self, accounts: Iterable[int]) -> set[int]:
        """Accounts that merges join with some."""
        wanted = set(accounts)
        return {account for each in self.merged if wanted.intersection(each) for account in each}


def rules_in_force(connection: Connection) -> Rules:
    """Merges and splits that nobody has undone."""
    rule, about = s.subject_rule, s.subject_rule_account
    undone = select(rule.c.of_id).where(rule.c.kind == "undo")
    query = select(rule.c.id, rule.c.kind, about.c.account_id, about.c.side)
    query = query.join(about, about.c.rule_id == rule.c.id).where(rule.c.id.not_in(undone))
    rules, merged = Rules(), dict[int, list[int]]()
    for rule_id, kind, account, side in connection.execute(query.order_by(rule.c.id, about.c.account_id)):
        if kind == "split":
            rules.sides.setdefault(account, set()).add((rule_id, side))
        else:
            merged.setdefault(rule_id, []).append(account)
    rules.merged = list(merged.values())
    return rules


def add_rule(
    connection: Connection,
    kind: str,
    sides: Sequence[Iterable[int]],
    actor: Actor,
    reason: str,
    now: datetime,
    of_id: int | None = None,
) -> int:
    """Append a rule about accounts, by side; gives its number."""
    values: dict[str, Any] = {"kind": kind, "of_id": of_id, "reason": reason, "at": now}
    number = insert_id(connection, s.subject_rule, person=actor.person, unit=actor.unit, **values)
    rows = [(number, account, side) for side, each in enumerate(sides) for account in sorted(set(each))]
    insert_rows(connection, s.subject_rule_account, ("rule_id", "account_id", "side"), rows)
    return number


def rules_about(connection: Connection, accounts: Iterable[int]) -> list[dict[str, Any]]:
    """Rules that name one of the accounts, oldest first, with the number of the undo where there is one."""
    rule, about = s.subject_rule, s.subject_rule_account
    wanted = sorted(set(accounts))
    numbers: set[int] = set()
    for at in range(0, len(wanted), 500):
        query = select(about.c.rule_id).where(about.c.account_id.in_(wanted[at : at + 500]))
        numbers.update(connection.scalars(query.distinct()))
    undo = {row.of_id: row.id for row in connection.execute(select(rule).where(rule.c.kind == "undo"))}
    found = connection.execute(select(rule).where(rule.c.id.in_(numbers)).order_by(rule.c.id))
    return [{**row._mapping, "undone_by": undo.get(row.id)} for row in found]


def rule_by_id(connection: Connection, number: int) -> dict[str, Any] | None:
    """A rule with its accounts by side and the number of the undo."""
    rule, about = s.subject_rule, s.subject_rule_account
    found = connection.execute(select(rule).where(rule.c.id == number)).first()
    if found is None:
        return None
    undone = connection.scalar(select(rule.c.id).where(rule.c.kind == "undo", rule.c.of_id == number))
    accounts: dict[int, list[int]] = {}
    for account, side in connection.execute(select(about.c.account_id, about.c.side).where(about.c.rule_id == number)):
        accounts.setdefault(side, []).append(account)
    return {**found._mapping, "undone_by": undone, "accounts": accounts}


def apart(rules: Rules, one: Iterable[int], other: Iterable[int]) -> int | None:
    """The number of a split that keeps two groups of accounts apart."""
    ours: Mapping[int, int] = dict(pair for account in one for pair in rules.sides.get(account, ()))
    for account in other:
        for rule, side in rules.sides.get(account, ()):
            if ours.get(rule, side) != side:
                return rule
    return None
