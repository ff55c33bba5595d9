"""Subjects as they are shown: the largest, one with its accounts and listings, what its accounts share.

``limits`` leave what a person limited to regions and families may see: of each subject the cases that are inside, the
accounts with such a case, and what was read from their listings. ``few`` are those cases where they are few
(``inside.few``, asked once for a page): they are read, in the place of all that a subject has.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, Subquery, func, select

from adwatch.store import inside
from adwatch.store import schema as s
from adwatch.store.filters import Filters
from adwatch.store.narrow import Numbers, columns, given
from adwatch.store.one_of import one_of
from adwatch.store.opening import chunks

WALKED, SURELY, SHARE = 20_000, 3_000, 5
"""Subjects that are looked at one after another; from there on the cases of all are counted together. So they are from
SURELY on where less than the fifth part of a page is inside: only far behind would none have more."""
HOLDERS = 5_000
"""Accounts that hold some values are looked at so far."""


@dataclass(frozen=True, slots=True)
class Shared:
    """A value that several accounts of a subject hold."""

    kind: str
    """Kind of evidence."""
    shown: str | None
    """What may be shown of it."""
    accounts: tuple[int, ...]
    """Who holds it, ascending."""


def largest(
    connection: Connection,
    limit: int,
    offset: int = 0,
    limits: Filters | None = None,
    few: Subquery | None = None,
) -> dict[int, dict[str, int]]:
    """``states`` of the subjects with most cases, in that order; of few cases, those are read."""
    of, where = s.subject.c, inside.of_case(limits, looked_up=True)
    order = select(of.id, of.cases).where(of.cases > 0).order_by(of.cases.desc(), of.id)
    if where and few is None:
        return _walked(connection, order, limit, offset, limits)
    query = order.limit(limit).offset(offset) if few is None else _counted(few, limit, offset)
    return _ordered(states(connection, connection.scalars(query), limits))


def _walked(
    connection: Connection, order: Any, limit: int, offset: int, limits: Filters | None
) -> dict[int, dict[str, int]]:
    """The same by what all cases of subjects come to, which is kept: none has more inside.

    Subjects are looked at in that order, until none behind can come before those that were found.
    """
    best, wanted, at = dict[int, dict[str, int]](), limit + offset, 0
    while at < WALKED:
        size = max(wanted, at)
        page, whole = columns(connection, order.limit(size).offset(at), "number", "number")
        seen = _states(connection, page, limits)
        best = _ordered({**best, **seen}, wanted)
        at += size
        behind = max(zip((-whole).tolist(), page.tolist(), strict=True), default=(0, 0))
        if len(page) < size or (len(best) == wanted and _place(*[*best.items()][-1]) <= behind):
            return dict([*best.items()][offset:])
        if at >= SURELY and SHARE * sum(sum(each.values()) for each in seen.values()) < whole.sum():
            break
    cases = select(s.case.c.subject_id).where(*inside.of_case(limits, looked_up=True)).subquery()
    return _ordered(states(connection, connection.scalars(_counted(cases, limit, offset)), limits))


def _states(connection: Connection, subjects: Numbers, limits: Filters | None) -> dict[int, dict[str, int]]:
    """``states`` of any count of subjects by one statement, out of one index."""
    c, found = s.case.c, dict[int, dict[str, int]]()
    query = select(c.subject_id, c.state, func.count()).where(*inside.of_case(limits, looked_up=True))
    query = query.where(c.subject_id.in_(select(given(connection, subjects).c.value)))
    numbers, names, counts = columns(connection, query.group_by(c.subject_id, c.state), "number", "text", "number")
    for subject, state, count in zip(numbers.tolist(), names, counts.tolist(), strict=True):
        found.setdefault(subject, {})[state] = count
    return found


def _ordered(found: dict[int, dict[str, int]], most: int | None = None) -> dict[int, dict[str, int]]:
    """Those with most cases first."""
    return dict(sorted(found.items(), key=lambda each: _place(*each))[:most])


def _place(subject: int, by_state: dict[str, int]) -> tuple[int, int]:
    return -sum(by_state.values()), subject


def _counted(cases: Subquery, limit: int, offset: int) -> Any:
    subject, count = cases.c.subject_id, func.count()
    query = select(subject).where(subject.is_not(None)).group_by(subject)
    return query.order_by(count.desc(), subject).limit(limit).offset(offset)


def of_contact(
    connection: Connection, contact_key: str, limit: int, limits: Filters | None = None
) -> list[tuple[int, int]]:
    """(subject, cases of it with the contact) of cases that show a contact."""
    tag, count = s.case_tag, func.count().label("cases")
    query = select(s.case.c.subject_id, count).join(tag, tag.c.case_id == s.case.c.id)
    query = query.where(tag.c.kind == "contact", tag.c.value == contact_key, s.case.c.subject_id.is_not(None))
    query = query.where(*inside.of_case(limits))
    found = connection.execute(
        query.group_by(s.case.c.subject_id).order_by(count.desc(), s.case.c.subject_id).limit(limit)
    )
    return [(int(row[0]), int(row[1])) for row in found]


def accounts(
    connection: Connection, subjects: Iterable[int], limits: Filters | None = None, few: Subquery | None = None
) -> dict[int, list[dict[str, Any]]]:
    """Accounts by subject: id, platform, seller_id."""
    a, found = s.subject_account, dict[int, list[dict[str, Any]]]()
    columns = (a.c.id, a.c.subject_id, a.c.seller_id, s.platform.c.name.label("platform"))
    for ids in chunks(subjects):
        for row in connection.execute(_of_subjects(ids, limits, few).with_only_columns(*columns).order_by(a.c.id)):
            found.setdefault(row.subject_id, []).append(dict(row._mapping))
    return found


def platforms(
    connection: Connection, subjects: Iterable[int], limits: Filters | None = None, few: Subquery | None = None
) -> dict[int, list[tuple[str, int, int]]]:
    """By subject the platforms of its accounts: name, number of accounts, the first of them."""
    a, name, found = s.subject_account, s.platform.c.name, dict[int, list[tuple[str, int, int]]]()
    for ids in chunks(subjects):
        query = _of_subjects(ids, limits, few).with_only_columns(a.c.subject_id, name, func.count(), func.min(a.c.id))
        for subject, *row in connection.execute(query.group_by(a.c.subject_id, name).order_by(name)):
            found.setdefault(int(subject), []).append((row[0], int(row[1]), int(row[2])))
    return found


def _of_subjects(ids: Sequence[int], limits: Filters | None, few: Subquery | None) -> Select[Any]:
    """Accounts of subjects with their platform."""
    a, member, link = s.subject_account, s.subject_member, s.case_listing
    query = select(a.c.id).join(s.platform, s.platform.c.id == a.c.platform_id).where(a.c.subject_id.in_(ids))
    if few is not None:
        seen = select(member.c.account_id).join(link, link.c.listing_id == member.c.listing_id)
        return query.where(a.c.id.in_(seen.join(few, few.c.id == link.c.case_id)))
    if condition := inside.of_case(
        limits, looked_up=True
    ):  # cases out of their index: fewer than accounts have listings
        seen = select(member.c.account_id).join(link, link.c.listing_id == member.c.listing_id)
        seen = seen.join(s.case, s.case.c.id == link.c.case_id).where(s.case.c.subject_id.in_(ids), *condition)
        return query.where(a.c.id.in_(seen))
    return query


def listings(
    connection: Connection, account_ids: Iterable[int], most: int, limits: Filters | None = None
) -> list[dict[str, Any]]:
    """Listings of accounts with their cases, newest case first, at most so many."""
    member, link, found = s.subject_member, s.case_listing, list[dict[str, Any]]()
    for ids in chunks(account_ids):
        query = (
            select(member.c.listing_id, member.c.account_id, s.case.c.id.label("case_id"), s.case.c.state)
            .add_columns(s.case.c.opened_day, s.case.c.lead_number)
            .join(link, link.c.listing_id == member.c.listing_id)
            .join(s.case, s.case.c.id == link.c.case_id)
            .where(member.c.account_id.in_(ids), *inside.of_case(limits))
            .order_by(s.case.c.id.desc())
            .limit(most)
        )
        found.extend(dict(row._mapping) for row in connection.execute(query))
    return sorted(found, key=lambda row: -row["case_id"])[:most]


def newest(connection: Connection, account_ids: Iterable[int], limits: Filters | None = None) -> dict[int, int]:
    """By account its newest listing."""
    a, member, found = s.subject_account, s.subject_member, dict[int, int]()
    last = select(member.c.listing_id).where(member.c.account_id == a.c.id)
    last = last.where(*inside.of_listing(member.c.listing_id, limits)).order_by(member.c.listing_id.desc()).limit(1)
    for ids in chunks(account_ids):
        query = select(a.c.id, last.correlate(a).scalar_subquery()).where(a.c.id.in_(ids))
        found.update((int(row[0]), int(row[1])) for row in connection.execute(query) if row[1] is not None)
    return found


def states(connection: Connection, subjects: Iterable[int], limits: Filters | None = None) -> dict[int, dict[str, int]]:
    """Cases by state, by subject."""
    found: dict[int, dict[str, int]] = {}
    for ids in chunks(subjects):
        query = select(s.case.c.subject_id, s.case.c.state, func.count())
        query = query.where(one_of(connection, s.case.c.subject_id, ids), *inside.of_case(limits, looked_up=True))
        for subject, state, count in connection.execute(query.group_by(s.case.c.subject_id, s.case.c.state)):
            found.setdefault(int(subject), {})[str(state)] = int(count)
    return found


def shared(
    connection: Connection, account_ids: Sequence[int], kinds: Sequence[str], limits: Filters | None = None
) -> list[Shared]:
    """Values of some kinds that several of the accounts hold, those held by the same accounts once for each kind."""
    m, held = s.subject_mark, dict[int, list[Any]]()
    for ids in chunks(account_ids):
        query = select(m.c.value, m.c.account_id, m.c.kind, m.c.shown).where(*inside.of_listing(m.c.listing_id, limits))
        for row in connection.execute(query.where(m.c.account_id.in_(ids), m.c.kind.in_(kinds))):
            held.setdefault(row.value, []).append(row)
    found: dict[tuple[str, str | None, tuple[int, ...]], Shared] = {}
    for rows in held.values():
        if len(rows) > 1:
            who = tuple(sorted(row.account_id for row in rows))
            shown = min((row.shown for row in rows if row.shown), default=None)
            found.setdefault((rows[0].kind, shown, who), Shared(rows[0].kind, shown, who))
    return [found[key] for key in sorted(found, key=lambda key: (key[0], key[2], key[1] or ""))]


def contacts(
    connection: Connection, subjects: Iterable[int], kinds: Sequence[str], most: int, limits: Filters | None = None
) -> dict[int, list[str]]:
    """Masked contacts by subject, at most so many of each."""
    m, a = s.subject_mark, s.subject_account
    found: dict[int, list[str]] = {subject: [] for subject in subjects}
    for ids in chunks(found):
        query = select(a.c.subject_id, m.c.shown).join(a, a.c.id == m.c.account_id).where(a.c.subject_id.in_(ids))
        query = query.where(m.c.kind.in_(kinds), m.c.shown.is_not(None), *inside.of_listing(m.c.listing_id, limits))
        for subject, shown in connection.execute(query.distinct().order_by(m.c.shown)):
            if len(found[subject]) < most:
                found[subject].append(str(shown))
    return found


def near(
    connection: Connection, account_ids: Sequence[int], kinds: Sequence[str], most: int, limits: Filters | None = None
) -> dict[int, set[str]]:
    """Other subjects that share a narrow value of some kinds: kinds by subject, those that share most first.

    A value that accounts of the subject hold together is looked up once, and of its holders so many at most.
    """
    m, other, a = s.subject_mark, s.subject_mark.alias(), s.subject_account
    own, held = set(account_ids), Counter[tuple[int, str]]()
    for ids in chunks(own):
        query = select(m.c.value, m.c.kind, func.count()).where(m.c.account_id.in_(ids), m.c.kind.in_(kinds))
        query = query.where(
            m.c.value.not_in(select(s.subject_wide.c.value)), *inside.of_listing(m.c.listing_id, limits)
        )
        for value, kind, count in connection.execute(query.group_by(m.c.value, m.c.kind)):
            held[value, kind] += count
    found, of_kinds = Counter[int](), dict[int, set[str]]()
    for by_value in (s.subject_holder.c, s.subject_recent.c):
        for values in chunks(value for value, _ in held):
            of_values = one_of(connection, by_value.value, values)
            some = select(by_value.value, by_value.account_id).where(of_values).limit(HOLDERS).subquery()
            query = (
                select(a.c.subject_id, a.c.id, other.c.value, other.c.kind)
                .select_from(some)
                .join(other, (other.c.account_id == some.c.account_id) & (other.c.value == some.c.value))
                .join(a, a.c.id == other.c.account_id)
                .where(other.c.kind.in_(kinds), *inside.of_listing(other.c.listing_id, limits))
            )
            for subject, account, value, kind in connection.execute(query):
                if account not in own and (value, kind) in held:
                    found[subject] += held[value, kind]
                    of_kinds.setdefault(subject, set()).add(kind)
    best = sorted(found, key=lambda subject: (-found[subject], subject))[:most]
    return {subject: of_kinds[subject] for subject in best}
