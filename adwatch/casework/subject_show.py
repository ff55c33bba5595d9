"""Subjects as a person sees them: the largest, one across platforms, its graph; contacts and names masked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Engine

from adwatch.casework.shown import show
from adwatch.casework.states import STATES
from adwatch.casework.subjects import standing_number, unknown_subject
from adwatch.errors import Unknown
from adwatch.store import inside
from adwatch.store import subject_views as store
from adwatch.store.cases import events_of
from adwatch.store.engine import reading
from adwatch.store.filters import Filters
from adwatch.store.subject_rules import KINDS, rules_about
from adwatch.store.views import as_it_stands, versions_of
from adwatch.tables.links import Links

CONTACTS = ("contact", "hotline")
HINTS = ("hotline", "image", "text")
"""Kinds that are not enough alone: other subjects that share them may be the same seller."""
MOST = 200
"""Accounts and listings of one subject that are shown."""
Row = dict[str, Any]


def list_subjects(
    engine: Engine, limit: int, offset: int = 0, contact_key: str | None = None, limits: Filters | None = None
) -> list[Row]:
    """Subjects with most cases first, or those that show a contact; of each what is within a person's limits."""
    with reading(engine) as connection:
        few = inside.few(connection, limits)
        if contact_key is None:
            states = store.largest(connection, limit, offset, limits, few)
            numbers = list(states)
        else:
            numbers = [subject for subject, _ in store.of_contact(connection, contact_key, limit, limits)]
            states = store.states(connection, numbers, limits)
        accounts = store.platforms(connection, numbers, limits, few)
        contacts = store.contacts(connection, numbers, CONTACTS, 3, limits)
        names = _names(
            connection, {number: min(first for *_, first in rows) for number, rows in accounts.items()}, limits
        )
        return [
            {
                "subject_id": number,
                "cases": sum(states[number].values()),
                "states": _labelled(states[number]),
                "accounts": sum(count for _, count, _ in accounts.get(number, ())),
                "platforms": sorted(name for name, *_ in accounts.get(number, ())),
                "contacts": contacts[number],
                "name": names.get(number),
            }
            for number in numbers
        ]


def _labelled(states: Mapping[str, int]) -> Row:
    return {
        STATES[state]: count for state, count in sorted(states.items(), key=lambda each: list(STATES).index(each[0]))
    }


def _names(connection: Connection, first: Mapping[int, int], limits: Filters | None) -> dict[int, str | None]:
    """By subject the seller's name in the newest listing of its first account."""
    newest = store.newest(connection, first.values(), limits)
    views = versions_of(connection, newest.values())
    of = {number: newest[account] for number, account in first.items() if account in newest}
    return {number: show(as_it_stands(views[listing])).seller or None for number, listing in of.items()}


def show_subject(engine: Engine, rules: Links, number: int, limits: Filters | None = None) -> Row:
    """One subject: accounts with their listings, what they share, what persons said, who else may be the same.

    ``limits`` leave the part that a person may see; ``whole`` is false where that is not all, and then what persons
    said of the whole is left out. A subject without such a part is as unknown as one that there never was.
    """
    with reading(engine) as connection:
        standing = standing_number(connection, number)
        states = store.states(connection, [standing], limits).get(standing, {})
        whole = states == store.states(connection, [standing]).get(standing, {})
        if not states and not whole:
            raise Unknown(unknown_subject(number))
        few = inside.few(connection, limits)
        accounts = store.accounts(connection, [standing], limits, few).get(standing, [])
        ids = [each["id"] for each in accounts]
        listings = _listings(connection, ids[:MOST], limits)
        names = {row["account_id"]: row["seller_name"] for row in reversed(listings)}
        links = [kind for kind in rules.kinds if rules.kinds[kind].links]
        shared = store.shared(connection, ids[:MOST], [*links, "hotline"], limits)
        said = rules_about(connection, ids) if whole else []
        near = store.near(connection, ids[:MOST], HINTS, 10, limits)
        events = events_of(connection, "subject", [standing]).get(standing, []) if whole else []
        contacts = store.contacts(connection, [standing], CONTACTS, 50, limits)[standing]
    return {
        "subject_id": standing,
        "asked": number if whole else standing,
        "whole": whole,
        "cases": sum(states.values()),
        "states": _labelled(states),
        "platforms": sorted({each["platform"] for each in accounts}),
        "contacts": contacts,
        "accounts": [{**_account(each), "seller_name": names.get(each["id"])} for each in accounts],
        "listings": listings,
        "shared": [_shared(each, rules) for each in shared],
        "rules": [_rule(each) for each in said],
        "near": [
            {"subject_id": other, "kinds": [rules.kinds[kind].label for kind in rules.kinds if kind in kinds]}
            for other, kinds in near.items()
            if other != standing
        ],
        "events": [{"at": each["at"], "kind": each["kind"], "actor": each["actor"]} for each in events],
    }


def _account(row: Row) -> Row:
    return {"account_id": row["id"], "platform": row["platform"], "named": row["seller_id"] is not None}


def _listings(connection: Connection, accounts: list[int], limits: Filters | None) -> list[Row]:
    rows = store.listings(connection, accounts, MOST, limits)
    views = versions_of(connection, [row["listing_id"] for row in rows])
    found = []
    for row in rows:
        view = as_it_stands(views[row["listing_id"]])
        shown = show(view)
        about: Row = {"listing_id": view.listing.listing_id, "platform": view.listing.platform}
        about |= {"title": shown.title or None}
        about |= {"seller_name": shown.seller or None, "contacts": shown.contacts, "state_label": STATES[row["state"]]}
        kept = ("account_id", "case_id", "state", "opened_day", "lead_number")
        found.append({**about, **{name: row[name] for name in kept}})
    return found


def _shared(each: store.Shared, rules: Links) -> Row:
    kind = rules.kinds[each.kind]
    about: Row = {"kind": each.kind, "label": kind.label, "weight": kind.weight, "links": kind.links}
    return {**about, "shown": each.shown, "accounts": list(each.accounts)}


def _rule(each: Row) -> Row:
    kept = ("id", "person", "unit", "reason", "at", "undone_by")
    return {"kind": each["kind"], "label": KINDS[each["kind"]], **{name: each[name] for name in kept}}
