"""Rows of the canonical dump about subjects: accounts by their stable keys, without surrogate ids, clocks and values
that depend on the secret of the installation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from sqlalchemy import Connection, func, select

from adwatch.store import schema as s
from adwatch.store.dump_casework import Named


def subjects(connection: Connection) -> Iterator[Named]:
    """Each subject with its accounts and listings, each account with what it shows, what persons said, what is due."""
    keys: dict[int, str] = {}
    accounts: dict[int, list[str]] = {}
    for row in connection.execute(select(s.subject_account)):
        keys[row.id] = row.key.hex()
        accounts.setdefault(row.subject_id, []).append(row.key.hex())
    listings: dict[int, list[str]] = {}
    query = select(s.subject_account.c.subject_id, s.listing.c.key)
    query = query.join(s.subject_member, s.subject_member.c.account_id == s.subject_account.c.id)
    for subject, key in connection.execute(query.join(s.listing, s.listing.c.id == s.subject_member.c.listing_id)):
        listings.setdefault(subject, []).append(key.hex())
    for subject, each in accounts.items():
        yield "subject", {"accounts": sorted(each), "listing_ids": sorted(listings.get(subject, []))}
    shown: dict[int, Counter[str]] = {}
    counts = select(s.subject_mark.c.account_id, s.subject_mark.c.kind, func.count())
    for account, kind, count in connection.execute(counts.group_by(s.subject_mark.c.account_id, s.subject_mark.c.kind)):
        shown.setdefault(account, Counter())[kind] = count
    for account, kinds in shown.items():
        yield "subject_mark", {"account": keys[account], "kinds": dict(kinds)}
    sides: dict[int, dict[int, list[str]]] = {}
    for row in connection.execute(select(s.subject_rule_account)):
        sides.setdefault(row.rule_id, {}).setdefault(row.side, []).append(keys[row.account_id])
    for row in connection.execute(select(s.subject_rule)):
        about = [sorted(each) for _, each in sorted(sides.get(row.id, {}).items())]
        said = {name: getattr(row, name) for name in ("kind", "person", "unit", "reason")}
        yield "subject_rule", {**said, "accounts": about}
    due = select(s.listing.c.key).join(s.subject_due, s.subject_due.c.listing_id == s.listing.c.id)
    for key in set(connection.scalars(due)):
        yield "subject_due", {"listing_id": key.hex()}
