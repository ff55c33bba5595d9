"""Whether a value links those that hold it: what its kind allows, and what else those accounts show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

from sqlalchemy import Connection

from adwatch.store import subject_marks
from adwatch.tables.links import Kind

CONTACT = "contact"
"""By values of this kind accounts that show the same content are told apart."""
TEMPLATE, BY_ITSELF = "text", "long_text"
"""An account that shows wording of very many is not linked by what it says alone."""
BESIDE_OWN = "contact+"
"""Beginning of kinds that do not link an account with a contact of its own: who names the head office as well as
himself is an agent, who names nothing else is the office."""
MANY = 50
"""Holders from which a value without a limit is wide: any one of them stands for all."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What some accounts show that decides whether values link them."""

    kinds: Mapping[str, Kind]
    contacts: Mapping[int, frozenset[int]]
    """Values of kind contact, of accounts that content might link."""
    templates: frozenset[int]
    """Accounts that show wording of very many, of those that long words might link."""
    own: frozenset[int]
    """Accounts with a contact that few show, of those that a shared contact with something else might link."""

    def linked(self, kind_id: str, held_by: Iterable[int]) -> list[int]:
        """The accounts that a value links; empty where it links none."""
        kind, accounts = self.kinds[kind_id], list(held_by)
        if not kind.links or len(accounts) > kind.most:
            return []
        if kind_id.startswith(BESIDE_OWN):
            return [account for account in accounts if account not in self.own]
        if kind_id == BY_ITSELF and not self.templates.isdisjoint(accounts):
            return []
        shown = {each for account in accounts if (each := self.contacts.get(account))} if kind.copied else set()
        return [] if any(one.isdisjoint(other) for one, other in combinations(shown, 2)) else accounts

    def before(self, added: Iterable[tuple[int, int]], templates: Iterable[int]) -> Standing:
        """The same without marks (value, account) that were added, and without accounts that newly show a template."""
        gone = set(added)
        contacts = {
            account: frozenset(value for value in each if (value, account) not in gone)
            for account, each in self.contacts.items()
        }
        return Standing(self.kinds, contacts, self.templates - set(templates), self.own)


def standing(
    connection: Connection,
    kinds: Mapping[str, Kind],
    kind_of: Mapping[int, str],
    held: Mapping[int, list[int]],
    besides: Iterable[int] = (),
) -> Standing:
    """What the holders of values show; ``besides``: accounts that hold wide values of kinds beside a contact."""
    copied, alone, beside = set[int](), set[int](), set(besides)
    for value, accounts in held.items():
        kind = kinds[kind_of[value]]
        if kind.id.startswith(BESIDE_OWN):
            beside.update(accounts)
        elif kind.copied and 1 < len(accounts) <= kind.most + MANY:
            copied.update(accounts)
            alone.update(accounts if kind.id == BY_ITSELF else ())
    shown = subject_marks.marks_of(connection, copied, [CONTACT])
    contacts = {account: frozenset(value for value, _ in each) for account, each in shown.items()}
    templates = frozenset(subject_marks.with_wide(connection, alone, TEMPLATE))
    return Standing(kinds, contacts, templates, frozenset(subject_marks.with_narrow(connection, beside, CONTACT)))
