"""Quality by sample: dismissed cases and unflagged listings are put before a second person; gold items have an answer.

What is drawn is decided by a digest of the stable id, so that a draw made twice draws the same, nobody chooses, and a
larger share contains the smaller. The second person is shown the listing and no finding; where the two differ a third
decides; a dismissal that does not stand is decided anew, and a listing that was missed gets a case, which they have
decided. A gold item is put before everyone and stays open.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, datetime, tzinfo
from typing import Any

from sqlalchemy import Connection, Engine, func, select

from adwatch.casework import second_look
from adwatch.casework.acts import Act, carry_out
from adwatch.casework.differing_sent import found_again
from adwatch.casework.shown import show
from adwatch.casework.transaction import work
from adwatch.errors import UsageError
from adwatch.models import Actor, StageReport
from adwatch.store import cases as store
from adwatch.store import schema as s
from adwatch.store.audit import Entry, append_entries
from adwatch.store.engine import insert_id, reading
from adwatch.store.erasures import TEXT, erased
from adwatch.store.opening import chunks
from adwatch.store.outside import open_case
from adwatch.store.times import day_span
from adwatch.store.views import as_it_stands, as_offered, versions_of
from adwatch.tables.second_look import SecondLooks

ANSWERS = ("confirm", "dismiss")
"""What can be found at a look for quality."""
LOWEST = "other_credential"

Row = dict[str, Any]


def drawn(key: str, share: float) -> bool:
    """Whether a stable id is in a sample of that share: by the first 8 bytes of its SHA-256."""
    return int.from_bytes(hashlib.sha256(f"second look {key}".encode()).digest()[:8], "big") < share * 2**64


def draw(
    engine: Engine, rules: SecondLooks, first: str, last: str, actor: Actor, *, now: datetime, zone: tzinfo
) -> Row:
    """Draw from what was dismissed, and from what was first seen and never flagged, on the days from first to last.

    Gives how many there were and how many were drawn anew, by kind.
    """
    with work(engine) as connection:
        told: Row = {"first": first, "last": last}
        for kind, rows in (
            ("dismissed", _dismissed(connection, rules, first, last, zone)),
            ("unflagged", _unflagged(connection, rules, first, last)),
        ):
            made = 0
            of = 0
            for values, key, share in rows:
                of += 1
                if drawn(key, share) and not _there(connection, kind, values):
                    insert_id(connection, s.second_look, kind=kind, stage="second", made_at=now, **values)
                    made += 1
            told[kind] = {"of": of, "drawn": made}
        append_entries(connection, [Entry.of(actor, "review.sample", "sample", f"{first}..{last}", now, told)])
    return told


def _dismissed(
    connection: Connection, rules: SecondLooks, first: str, last: str, zone: tzinfo
) -> list[tuple[Row, str, float]]:
    begin, end = day_span(date.fromisoformat(first), date.fromisoformat(last), zone)
    d, newest = s.decision, select(func.max(s.decision.c.id)).group_by(s.decision.c.case_id)
    query = (
        select(d.c.id, d.c.case_id, d.c.result, d.c.at, s.case.c.scope, s.case.c.lead_number)
        .join(s.case, s.case.c.id == d.c.case_id)
        .where(d.c.result == "dismiss", d.c.id.in_(newest), d.c.at >= begin, d.c.at < end)
        .order_by(d.c.id)
    )
    rows = connection.execute(query).all()
    classes = _classes(connection, [row.case_id for row in rows])
    return [
        (
            {"case_id": row.case_id, "decision_id": row.id, "known": row.result},
            f"{row.lead_number} {row.id}",
            rules.share("dismissed", row.scope, classes.get(row.case_id, ())),
        )
        for row in rows
    ]


def _classes(connection: Connection, case_ids: Sequence[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for ids in chunks(case_ids):
        tag = s.case_tag.c
        query = select(tag.case_id, tag.value).where(tag.case_id.in_(ids), tag.kind == "class")
        for case_id, value in connection.execute(query):
            found.setdefault(case_id, []).append(value)
    return found


def _unflagged(connection: Connection, rules: SecondLooks, first: str, last: str) -> list[tuple[Row, str, float]]:
    item, version = s.listing.c, s.listing_version.c
    share = rules.share("unflagged", LOWEST, ())
    query = (
        select(item.id, item.key)
        .join(s.listing_version, version.id == item.version_id)
        .where(item.first_flagged_at.is_(None), version.day.between(first, last), ~erased(TEXT, version.id))
        .order_by(item.id)
    )
    return [({"listing_id": row.id, "known": "dismiss"}, row.key.hex(), share) for row in connection.execute(query)]


def _there(connection: Connection, kind: str, values: Row) -> bool:
    t = s.second_look.c
    name = "decision_id" if "decision_id" in values else "listing_id"
    query = select(t.id).where(t.kind == kind, t[name] == values[name])
    return connection.execute(query).first() is not None


def add_gold(engine: Engine, listing_ids: Sequence[str], answer: str, actor: Actor, *, now: datetime) -> StageReport:
    """Listings whose answer is known, by stable id: each reviewer is asked."""
    report = StageReport("gold")
    if answer not in ANSWERS:
        raise UsageError(f"{answer}: write one of {', '.join(ANSWERS)}")
    with work(engine) as connection:
        entries = []
        for listing_id in dict.fromkeys(listing_ids):
            number = _listing(connection, listing_id)
            if number is None:
                report.drop("unknown", f"信息 {listing_id[:40]!r}: 没有这个编号；用 adwatch search 查看")
            elif _there(connection, "gold", {"listing_id": number}):
                report.counts["unchanged"] += 1
            else:
                values = {"kind": "gold", "listing_id": number, "known": answer, "stage": "gold", "made_at": now}
                insert_id(connection, s.second_look, **values)
                entries.append(Entry.of(actor, "review.gold", "listing", listing_id, now, {}))
                report.kept += 1
        append_entries(connection, entries)
    return report


def _listing(connection: Connection, listing_id: str) -> int | None:
    try:
        key = bytes.fromhex(listing_id)
    except ValueError:
        return None
    return connection.scalar(select(s.listing.c.id).where(s.listing.c.key == key))


def waiting(engine: Engine, actor: Actor, limit: int = 50) -> list[Row]:
    """What waits for this person, oldest first, blind: the listing as it was offered, masked, and no finding."""
    t, f, d = s.second_look.c, s.second_finding.c, s.decision.c
    own = select(f.second_look_id).where(f.person == actor.person, f.unit == actor.unit)
    mine = select(d.id).where(d.person == actor.person, d.unit == actor.unit)
    query = (
        select(s.second_look)
        .where(t.stage.in_(("second", "third", "gold")), t.kind != "two_person", t.id.not_in(own))
        .where(t.decision_id.is_(None) | t.decision_id.not_in(mine))
        .order_by(t.id)
        .limit(limit)
    )
    with reading(engine) as connection:
        looks = [dict(row._mapping) for row in connection.execute(query)]
        listings = {look["id"]: _listings_of(connection, look) for look in looks}
        views = versions_of(connection, [each for one in listings.values() for each in one])
    rows = []
    for look in looks:
        shown = [show(as_offered(views[each])) for each in listings[look["id"]]]
        items = [views[each][-1].listing for each in listings[look["id"]]]
        rows.append(
            {
                "look_id": look["id"],
                "stage": "second" if look["stage"] == "gold" else look["stage"],
                "listing_ids": [item.listing_id for item in items],
                "platform": items[0].platform,
                "url": items[0].url,
                "title": shown[0].title or None,
                "text": shown[0].text or None,
            }
        )
    return rows


def _listings_of(connection: Connection, look: Row) -> list[int]:
    if look["listing_id"] is not None:
        return [look["listing_id"]]
    link = s.case_listing.c
    query = select(link.listing_id).where(link.case_id == look["case_id"]).order_by(link.listing_id)
    return list(connection.scalars(query))


def answer(
    engine: Engine,
    look_id: int,
    result: str,
    reason: str,
    actor: Actor,
    *,
    now: datetime,
    zone: tzinfo,
    code: str | None = None,
    opened_at: datetime | None = None,
) -> Row:
    """What a person finds at a look; what does not stand is decided anew by whoever settles it.

    Gives look_id, stage and, where it is settled, ``overturned`` and the case that was decided.
    """
    if result not in ANSWERS:
        raise UsageError(f"{result}: write one of {', '.join(ANSWERS)}")
    with work(engine) as connection:
        look = _locked(connection, look_id)
        findings = second_look.findings_of(connection, [look_id]).get(look_id, [])
        _refuse_same(connection, look, findings, actor)
        given = {"result": result, "code": code, "reason": reason, "opened_at": opened_at}
        second_look.add_finding(connection, look_id, actor, given, now)
        findings = second_look.findings_of(connection, [look_id])[look_id]
        told: Row = {"look": len(findings), **second_look.named(findings[-1])}
        entries = [Entry.of(actor, "review.look", "second_look", look_id, now, told)]
        done: Row = {"look_id": look_id, "stage": look["stage"]}
        if look["kind"] != "gold":
            stage = second_look.stage_after([look["known"], *(each["result"] for each in findings)])
            second_look.settle(connection, look_id, stage, result, now)
            done["stage"] = stage
            if stage == "settled":
                done["overturned"] = result != look["known"]
                if done["overturned"]:
                    act = Act(result, actor, reason, code)
                    done["case_id"] = look["case_id"] or _case_of(connection, look["listing_id"], actor, now, zone)
                    entries += _decide_anew(connection, done["case_id"], act, findings, now, zone)
        append_entries(connection, entries)
    return done


def _locked(connection: Connection, look_id: int) -> Row:
    """The look, its case locked before it."""
    t = s.second_look
    case_id = connection.scalar(select(t.c.case_id).where(t.c.id == look_id))
    if case_id is not None:
        store.lock_cases(connection, [case_id])
    found = connection.execute(select(t).where(t.c.id == look_id).with_for_update()).first()
    if found is None or found.kind == "two_person":
        raise UsageError(f"抽查 {look_id}: 没有这个编号；用 adwatch review looks 查看")
    if found.stage == "settled":
        raise UsageError(f"抽查 {look_id}: 已有结论")
    return dict(found._mapping)


def _refuse_same(connection: Connection, look: Row, findings: Sequence[Row], actor: Actor) -> None:
    same = second_look.has_looked(findings, actor)
    if not same and look["decision_id"] is not None:
        d = s.decision.c
        first = connection.execute(select(d.person, d.unit).where(d.id == look["decision_id"])).one()
        same = (first.person, first.unit) == (actor.person, actor.unit)
    if same:
        raise UsageError(f"抽查 {look['id']}: 本人已作过结论，须由另一人复核")


def _case_of(connection: Connection, listing_id: int, actor: Actor, now: datetime, zone: tzinfo) -> int:
    """The case of a listing that was missed; opened where no other way has by now."""
    link = s.case_listing.c
    found = connection.scalar(select(link.case_id).where(link.listing_id == listing_id))
    if found is not None:
        return int(found)
    view = as_it_stands(versions_of(connection, [listing_id])[listing_id])
    return open_case(connection, view, "patrol", actor.person, now, now.astimezone(zone).date().isoformat())


def _decide_anew(
    connection: Connection, case_id: int, act: Act, findings: Sequence[Row], now: datetime, zone: tzinfo
) -> list[Entry]:
    case = store.lock_cases(connection, [case_id])[case_id]
    if case["state"] not in ("dismissed", "screening"):
        return []
    views = versions_of(connection, case["listings"])
    standing = [as_it_stands(views[each]) for each in case["listings"]]
    entries = carry_out(connection, case, standing, act, now, zone, {"looks": second_look.shown(findings)})
    found_again(connection, [case_id], now, act.actor)
    return entries
