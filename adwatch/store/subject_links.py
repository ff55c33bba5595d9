"""Which accounts are one seller: those connected by values that link them. A function of what is stored, not of when.

A value links all that hold it, or none: it does where its kind is enough and not more accounts hold it than its kind
allows, and, where others could have copied it, where no two of them show different contacts. A new mark mostly only
adds a link: then subjects are joined. Where it takes one away (one account too many, a second contact) or where persons
have set accounts apart, everything that is connected is worked out anew (``rework``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, update

from adwatch.store import schema as s
from adwatch.store import subject_marks
from adwatch.store import subjects as store
from adwatch.store.opening import add_event, chunks
from adwatch.store.subject_evidence import BESIDE_OWN, BY_ITSELF, CONTACT, MANY, TEMPLATE, standing
from adwatch.store.subject_rules import Rules, rules_in_force
from adwatch.tables.links import Kind


@dataclass(slots=True)
class Groups:
    """Union of tokens, the smallest standing for its group."""

    above: dict[int, int] = field(default_factory=dict)

    def find(self, token: int) -> int:
        """What stands for the group."""
        self.above.setdefault(token, token)
        while self.above[token] != token:
            self.above[token] = self.above[self.above[token]]
            token = self.above[token]
        return token

    def join(self, one: int, other: int) -> None:
        """Make one group of two."""
        low, high = sorted((self.find(one), self.find(other)))
        self.above[high] = low

    def groups(self) -> list[list[int]]:
        """Members of each group."""
        found: dict[int, list[int]] = {}
        for token in list(self.above):
            found.setdefault(self.find(token), []).append(token)
        return [sorted(each) for _, each in sorted(found.items())]


@dataclass(slots=True)
class Linking:
    """One transaction of linking."""

    connection: Connection
    kinds: Mapping[str, Kind]
    now: datetime
    made: set[int] = field(default_factory=set)
    """Subjects that it made."""
    unseen: set[int] = field(default_factory=set)
    """Those of them that are not needed after all, to be taken away at the end."""

    def make(self, count: int) -> list[int]:
        """New subjects."""
        numbers = store.add_subjects(self.connection, count, self.now)
        self.made.update(numbers)
        return numbers

    def move(self, moves: Mapping[int, int], were: Mapping[int, tuple[int, bytes]]) -> None:
        """Put accounts under other subjects; cases of accounts that are new here follow later, with the others."""
        old = [account for account in moves if were[account][0] not in self.made]
        store.move_accounts(self.connection, moves, old)

    def merged(self, subjects: Iterable[int], target: int) -> None:
        """Subjects that have no accounts any more since these belong to another."""
        for subject in subjects:
            if subject in self.made:
                self.unseen.add(subject)
                continue
            self.connection.execute(update(s.subject).where(s.subject.c.id == subject).values(merged_into=target))
            add_event(self.connection, "subject", subject, "merged", "machine", self.now, {"into": target})


def place(work: Linking, marks: Mapping[int, Sequence[subject_marks.Mark]]) -> None:
    """Add marks by account and bring the subjects up to date with them."""
    connection, kinds = work.connection, work.kinds
    fresh = subject_marks.add_marks(connection, marks)
    named = {account for _, account, kind in fresh if kind == CONTACT}
    templates = _templates(work, fresh)
    kind_of = {value: kind for value, _, kind in fresh}
    content = [kind.id for kind in kinds.values() if kind.copied and kind.links]
    for wanted, accounts in ((content, named), ([BY_ITSELF], templates)):
        for each in subject_marks.marks_of(connection, accounts, wanted).values():
            kind_of.update(each)
    kind_of = {value: kind for value, kind in kind_of.items() if kinds[kind].links}
    wide = subject_marks.wide(connection, kind_of)
    held = subject_marks.holders(connection, kind_of.keys() - wide)
    subject_marks.add_wide(connection, (v for v, each in held.items() if len(each) > min(kinds[kind_of[v]].most, MANY)))
    starred = [(value, account) for value, account, kind in fresh if value in wide and kinds[kind].most > MANY]
    now = standing(connection, kinds, kind_of, held, [account for _, account in starred])
    added = {(value, account) for value, account, _ in fresh}
    before = now.before(added, templates)
    pairs: list[tuple[int, int]] = []
    loosened = subject_marks.with_wide(connection, _not_new(work, named), CONTACT)
    for value, held_by in held.items():
        together = now.linked(kind_of[value], held_by)
        pairs += [(together[0], account) for account in together[1:]]
        if not together:
            old = before.linked(kind_of[value], [each for each in held_by if (value, each) not in added])
            loosened.update(old if len(old) > 1 else ())
    for value, account in starred:
        beside = kind_of[value].startswith(BESIDE_OWN)
        other = subject_marks.any_holder(connection, value, CONTACT if beside else None)
        if other is not None and not (beside and account in now.own):
            pairs.append((other, account))
    _join(work, pairs, loosened)


def _not_new(work: Linking, accounts: set[int]) -> list[int]:
    subjects = store.subjects_of(work.connection, accounts)
    return [account for account, subject in subjects.items() if subject not in work.made]


def _templates(work: Linking, fresh: Sequence[tuple[int, int, str]]) -> set[int]:
    """Accounts that from now on show wording of very many."""
    added = {value for value, _, kind in fresh if kind == TEMPLATE}
    known = subject_marks.wide(work.connection, added)
    held = subject_marks.holders(work.connection, added - known)
    many = {value: each for value, each in held.items() if len(each) > work.kinds[TEMPLATE].most}
    subject_marks.add_wide(work.connection, many)
    now = {account for value, account, _ in fresh if value in known}
    return now | {account for each in many.values() for account in each}


def _join(work: Linking, pairs: Sequence[tuple[int, int]], loosened: set[int]) -> None:
    connection = work.connection
    subject_of = store.subjects_of(connection, {account for pair in pairs for account in pair} | loosened)
    groups = Groups()
    for one, other in pairs:
        groups.join(subject_of[one], subject_of[other])
    rules = rules_in_force(connection)
    ruled = set(store.subjects_of(connection, rules.accounts).values())
    anew = {subject_of[account] for account in loosened}
    into: dict[int, int] = {}
    for group in groups.groups():
        if anew.intersection(group) or ruled.intersection(group):
            anew.update(group)
        elif len(group) > 1:
            into.update(dict.fromkeys(group[1:], group[0]))
    moving = store.accounts_of(connection, into)
    work.move({account: into[subject] for account, (subject, _) in moving.items()}, moving)
    for subject, target in into.items():
        work.merged([subject], target)
    if anew:
        rework(work, anew, rules)


def rework(work: Linking, subjects: Iterable[int], rules: Rules | None = None) -> list[int]:
    """Work out anew everything that is connected with some subjects; gives the subjects that there are now."""
    connection, kinds = work.connection, work.kinds
    rules = rules_in_force(connection) if rules is None else rules
    known: dict[int, tuple[int, bytes]] = {}
    kind_of: dict[int, str] = {}
    held: dict[int, list[int]] = {}
    waiting = set(subjects)
    while waiting:
        fresh = store.accounts_of(connection, waiting)
        known.update(fresh)
        values = {value: kind for each in subject_marks.marks_of(connection, fresh).values() for value, kind in each}
        values = {value: kind for value, kind in values.items() if kinds[kind].links and value not in kind_of}
        kind_of.update(values)
        narrow = [value for value, kind in values.items() if kinds[kind].most > MANY]
        narrow += list(set(values) - set(narrow) - subject_marks.wide(connection, set(values) - set(narrow)))
        held.update(subject_marks.holders(connection, narrow))
        near = {account for value in narrow for account in held[value]} | rules.partners(fresh)
        waiting = set(store.subjects_of(connection, near - known.keys()).values())
    stand = standing(connection, kinds, kind_of, held)
    groups = _Apart(rules, {account: key for account, (_, key) in known.items()})
    for merged in rules.merged:
        groups.link(merged)
    for value in sorted(held, key=lambda value: (-kinds[kind_of[value]].weight, kind_of[value], value)):
        groups.link(stand.linked(kind_of[value], held[value]))
    return _assign(work, {account: subject for account, (subject, _) in known.items()}, groups)


class _Apart:
    """Groups of accounts, in which two that persons set apart never are together."""

    def __init__(self, rules: Rules, keys: Mapping[int, bytes]) -> None:
        self.keys = keys
        self.groups = Groups()
        self.sides: dict[int, set[tuple[int, int]]] = {}
        for account in keys:
            self.groups.find(account)
            self.sides[account] = set(rules.sides.get(account, ()))

    def link(self, accounts: Iterable[int]) -> None:
        """Join accounts, in the order of their stable keys, each to the first that it may be with."""
        heads: list[int] = []
        for account in sorted((each for each in accounts if each in self.keys), key=lambda each: self.keys[each]):
            mine = self.groups.find(account)
            for head in heads:
                other = self.groups.find(head)
                if other == mine or self._may(mine, other):
                    sides = self.sides[mine] | self.sides[other]
                    self.groups.join(mine, other)
                    self.sides[self.groups.find(mine)] = sides
                    break
            else:
                heads.append(account)

    def _may(self, one: int, other: int) -> bool:
        theirs = dict(self.sides[other])
        return all(theirs.get(rule, side) == side for rule, side in self.sides[one])


def _assign(work: Linking, subject_of: Mapping[int, int], apart: _Apart) -> list[int]:
    """Give each group a subject: the oldest of those whose first account it holds, else a new one."""
    groups = apart.groups.groups()
    group_of = {account: at for at, group in enumerate(groups) for account in group}
    first: dict[int, int] = {}
    for account in sorted(subject_of):
        first.setdefault(subject_of[account], account)
    number: dict[int, int] = {}
    for subject, account in sorted(first.items()):
        number.setdefault(group_of[account], subject)
    without = [at for at in range(len(groups)) if at not in number]
    number.update(zip(without, work.make(len(without)), strict=True))
    moves = {
        account: number[at] for at, group in enumerate(groups) for account in group if subject_of[account] != number[at]
    }
    work.move(moves, {account: (subject_of[account], b"") for account in moves})
    kept = set(number.values())
    for ids in chunks(kept):
        back = s.subject.c.id.in_(ids) & s.subject.c.merged_into.is_not(None)
        work.connection.execute(update(s.subject).where(back).values(merged_into=None))
    for subject, account in first.items():
        if subject not in kept:
            work.merged([subject], number[group_of[account]])
    return sorted(kept)
