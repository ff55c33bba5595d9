"""What a letter or a transfer says of its cases against what holds of them now.

Letters are frozen when they are drafted; a person may correct a finding, or find otherwise, before they go out. A draft
that says what no longer holds must not be checked, signed or mailed unknowingly. What is compared is what the papers
say of a listing: offer classes, articles, and that its case is 属实.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, or_, select

from adwatch.casework.shown import cites, labels
from adwatch.casework.states import STATES
from adwatch.store import schema as s
from adwatch.store.corrections import STANDING, state_found
from adwatch.store.one_of import one_of
from adwatch.store.opening import chunks
from adwatch.store.reports import keys_of
from adwatch.store.views import ListingView, as_offered, versions_of
from adwatch.tables import Law, OfferClass

Row = dict[str, Any]
NAMED = 5
"""Differences named in one message, at most."""


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables by which a reading is put into the words of a letter."""

    law: Law
    classes: Mapping[str, OfferClass]


class Doubtful(NamedTuple):
    """A listing whose case was found otherwise, corrected, or found more than once."""

    case_id: int
    lead_number: str | None
    state: str
    version_id: int | None
    """The version that the last finding is about."""


def doubtful(
    connection: Connection, listing_ids: Iterable[int], standing: Sequence[str] = STANDING
) -> dict[int, Doubtful]:
    """Those listings of which something may differ, by the rows of their cases alone.

    Of nearly all listings nothing was decided but once and as the machine read them: their texts need not be read.
    """
    link, case, d = s.case_listing, s.case, s.decision
    of_case = d.c.case_id == case.c.id
    times = select(func.count()).where(of_case).correlate(case).scalar_subquery()
    corrected = select(d.c.id).where(of_case, d.c.corrected.is_not(None)).correlate(case).exists()
    columns = (link.c.listing_id, case.c.id, case.c.lead_number, state_found(), link.c.decided_version_id)
    query = select(*columns).join(case, case.c.id == link.c.case_id)
    query = query.where(or_(state_found().not_in(standing), times > 1, corrected))
    found: dict[int, Doubtful] = {}
    for ids in chunks(listing_ids):
        for row in connection.execute(query.where(one_of(connection, link.c.listing_id, ids))):
            found[row[0]] = Doubtful(*row[1:])
    return found


def differences(
    connection: Connection,
    said: Sequence[Row],
    tables: Tables | None,
    standing: Sequence[str] = STANDING,
    decided: bool = True,
) -> list[Row]:
    """What of ``said`` no longer holds, in its order: case_id, lead_number, listing_id, seq, and in words what it says
    and what ``holds``; ``fallen`` where the case is not in one of the states ``standing``.

    ``said``: rows with listing_id (public), offer_types, offer_labels, cites. ``decided``: the papers go by the version
    that was decided on, as letters do, not by all versions, as transfers do. Without ``tables`` articles are not
    compared.
    """
    keys = keys_of(connection, [each["listing_id"] for each in said])
    about = doubtful(connection, keys.values(), standing)
    views = versions_of(connection, about)
    found = []
    for row in said:
        key = keys.get(row["listing_id"])
        if key is None or key not in about:
            continue
        case = about[key]
        pair = _pair(row, case, views[key], tables, standing, decided)
        if pair is not None:
            names = {"case_id": case.case_id, "lead_number": case.lead_number, "listing_id": row["listing_id"]}
            fallen = case.state not in standing
            found.append({**names, "seq": row.get("seq"), "said": pair[0], "holds": pair[1], "fallen": fallen})
    return found


def _pair(
    row: Row, case: Doubtful, views: list[ListingView], tables: Tables | None, standing: Sequence[str], decided: bool
) -> tuple[str, str] | None:
    """(what is said, what holds), where these differ."""
    if case.state not in standing:
        return "属实", STATES[case.state]
    view = as_offered(views, version_id=case.version_id if decided else None)
    types = list(view.reading.offer_types) if view.reading else []
    if set(types) != set(row["offer_types"]):
        return "、".join(row["offer_labels"]) or "无", "、".join(
            labels(types, tables.classes if tables else {})
        ) or "无"
    if tables is None:
        return None
    articles = cites(view.reading, view.day, tables.law, tables.classes)
    if set(articles) != set(row["cites"]):
        return "、".join(row["cites"]) or "无", "、".join(articles) or "无"
    return None


def holding(connection: Connection, listing_ids: Iterable[str], tables: Tables) -> dict[str, Row]:
    """What letters would say now of listings (public ids) whose cases are 属实: offer_types, offer_labels, cites."""
    keys = keys_of(connection, sorted(set(listing_ids)))
    link, case = s.case_listing, s.case
    query = select(link.c.listing_id, link.c.decided_version_id).join(case, case.c.id == link.c.case_id)
    decided: dict[int, int | None] = {}
    for ids in chunks(keys.values()):
        here = link.c.listing_id.in_(ids), state_found().in_(STANDING)
        decided.update((key, version) for key, version in connection.execute(query.where(*here)))
    views, found = versions_of(connection, decided), dict[str, Row]()
    for public_id, key in keys.items():
        if key in views:
            view = as_offered(views[key], version_id=decided[key])
            types = list(view.reading.offer_types) if view.reading else []
            words = {"offer_labels": labels(types, tables.classes)}
            articles = cites(view.reading, view.day, tables.law, tables.classes)
            found[public_id] = {"offer_types": types, **words, "cites": articles}
    return found


def told(found: Sequence[Row], where: str = "函里") -> str:
    """The differences in words, by case; at most NAMED of them, and how many more there are."""
    lines = list(dict.fromkeys(_line(each, where) for each in found))
    more = [f"另有 {len(lines) - NAMED} 处"] if len(lines) > NAMED else []
    return "。".join([*lines[:NAMED], *more])


def _line(row: Row, where: str) -> str:
    if row["fallen"]:
        return f"案件 {row['case_id']}（{row['holds']}）已不是“属实”"
    lead = f"（{row['lead_number']}）" if row["lead_number"] else ""
    return f"案件 {row['case_id']}{lead} {where}：{row['said']}；现为：{row['holds']}"
