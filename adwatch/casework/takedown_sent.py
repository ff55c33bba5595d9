"""What sending a letter changes, by whichever way it went: mark_sent for a person's word, ``sent`` for all ways."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import Connection, Engine

from adwatch.casework import takedown_tracks as tracks
from adwatch.casework.differing import Tables
from adwatch.casework.differing_sent import found_again, mended_by
from adwatch.casework.shown import local
from adwatch.casework.takedown_differing import due_correction, of_letter
from adwatch.casework.takedown_due import Due, due
from adwatch.casework.takedown_kinds import BEFORE, KINDS, MENDS, STEPS
from adwatch.casework.takedown_steps import missing, one, open_mail
from adwatch.casework.transaction import work
from adwatch.errors import UsageError
from adwatch.models import Actor, StageReport
from adwatch.store import takedown_papers as papers
from adwatch.store import takedowns as store
from adwatch.store.audit import Entry, append_entries
from adwatch.store.cases import tell_index
from adwatch.store.filters import Filters
from adwatch.store.opening import add_event
from adwatch.tables.holidays import WorkingDays
from adwatch.tables.takedown import NEEDED, TakedownRules

Row = dict[str, Any]


def mark_sent(
    engine: Engine,
    numbers: Sequence[str],
    by: str,
    at: datetime,
    *,
    zone: tzinfo,
    now: datetime | None = None,
    rules: TakedownRules | None = None,
    calendar: WorkingDays | None = None,
    unit: str | None = None,
    role: str | None = None,
    tables: Tables | None = None,
) -> tuple[StageReport, list[Row]]:
    """Record that letters were sent by post, portal or hand; deadlines run from ``at``. One once sent stays as it is.

    Steps that were not taken are recorded as left out by that person, unless the office's rules ask for them.
    ``now``: when it is recorded, for the audit log, where that is later than ``at``. A letter that went out though it
    says what no longer holds went out: its row and event say in ``differs`` what, its row in ``warning`` what is due.
    ``tables``: without them articles are not compared, and classes are named by their ids.
    """
    if not by.strip():
        raise UsageError("a person is needed; write --by NAME")
    rules, calendar = rules or TakedownRules(), calendar or WorkingDays()
    report = StageReport("mark-sent")
    rows: list[Row] = []
    entries: list[Entry] = []
    with work(engine) as connection:
        for number in dict.fromkeys(numbers):
            found = papers.letters(connection, number=number)
            if not found:
                report.drop("unknown", f"下架函 {number}: 没有这个编号")
                continue
            letter = found[0]
            if letter["step"] not in BEFORE:
                told = f"{local(letter['sent_at'], zone)} 已发出" if letter["sent_at"] else STEPS[letter["step"]]
                report.drop("already_sent", f"下架函 {number}: {told}，不再更改")
                continue
            if lacks := missing(connection, letter, rules.before_mark_sent):
                named = "、".join(NEEDED[each] for each in lacks)
                report.drop("not_ready", f"下架函 {number}: 本机关要求发出前具备：{named}")
                continue
            if unclear := open_mail(connection, letter):
                report.drop("unclear_mail", unclear)
                continue
            actor = Actor(by, unit or letter["content"]["unit"] or "（未填单位）", role)
            differs = of_letter(connection, letter, tables)
            done, until = sent(connection, letter, actor, at, now or at, zone, calendar, "mark-sent", differs)
            entries += done
            report.kept += 1
            warning = due_correction(letter, differs) if differs else None
            rows.append({**_row(letter, until, at, zone), "differs": differs, "warning": warning})
        append_entries(connection, entries)
    return report, rows


def _row(letter: Row, until: Due | None, at: datetime, zone: tzinfo) -> Row:
    shown = local(until.at, zone) if until else "未规定"
    return {
        "number": letter["number"],
        "sent_at": local(at, zone),
        "deadline_at": shown,
        "provisional": bool(until and until.provisional),
    }


def sent(
    connection: Connection,
    letter: Row,
    actor: Actor,
    at: datetime,
    now: datetime,
    zone: tzinfo,
    calendar: WorkingDays,
    way: str,
    differs: Sequence[Row],
) -> tuple[list[Entry], Due | None]:
    """A letter has gone out: its step, its deadline, its request, the tracks of its cases.

    ``differs``: what of it no longer holds, which the event and the audit log keep.
    """
    kind = KINDS[letter["kind"]]
    skipped = [each for each in ("checked", "signed") if BEFORE.index(each) > BEFORE.index(letter["step"])]
    for each in skipped:
        papers.add_step(connection, letter["id"], each, actor, at, skipped=True)
    papers.add_step(connection, letter["id"], "sent", actor, at, note=way)
    content, request_id, number = letter["content"], letter["takedown_id"], letter["number"]
    until = due(at, content.get("deadline_hours"), content.get("deadline_days"), zone, calendar)
    provisional = bool(until and until.provisional)
    papers.set_letter(connection, letter["id"], step="sent", sent_at=at, due_provisional=provisional)
    said: Row = {"sent_at": at.isoformat(), "deadline_at": until.at.isoformat() if until else None}
    if skipped:
        said["skipped"] = skipped
    if differs:
        names = ("case_id", "listing_id", "said", "holds")
        said["differs"] = [{name: each[name] for name in names} for each in differs]
    entries: list[Entry] = []
    listings = None if kind.asks else [row["listing_id"] for row in content["listings"]]
    cases = papers.cases_of(connection, request_id, listings)
    told = {"number": number}
    if kind.asks:
        store.sent(connection, request_id, actor.person, at, until.at if until else None)
        for each in (*skipped, "sent"):
            entries += tracks.advance(connection, cases, each, actor, now, told)
        tell_index(connection, [each.listing_id for each in store.listings_of(connection, [request_id])])
    elif kind.track:
        entries += tracks.advance(connection, cases, kind.track, actor, now, told)
    if letter["kind"] == "withdraw" and _all_withdrawn(connection, request_id):
        request = one(connection, letter["about"])
        papers.set_letter(connection, request["id"], step="withdrawn")
        papers.add_step(connection, request["id"], "withdrawn", actor, at, note=number)
    if letter["kind"] in MENDS:
        papers.keep_mended(connection, letter["id"], letter["kind"], listings or ())
        request = one(connection, letter["about"])
        drafted = letter["drafted_at"] if letter["kind"] == "correct" else None
        mended_by(connection, request["id"], content["listings"], number, drafted, now)
    elif differs:
        found_again(connection, {each["case_id"] for each in differs}, now)
    told_too: Row = {name: said[name] for name in ("skipped", "differs") if name in said}
    event = {"number": number, "kind": letter["kind"], "way": way, **told_too}
    add_event(connection, "takedown", request_id, "sent" if kind.asks else letter["kind"], actor.person, at, event)
    return [*entries, Entry.of(actor, f"takedown.{way}", "takedown", number, now, said)], until


def _all_withdrawn(connection: Connection, takedown_id: int) -> bool:
    """Whether every listing of a request stands in a withdrawal that was sent."""
    gone: set[str] = set()
    for each in papers.letters(connection, takedown_ids=[takedown_id], kinds=["withdraw"], steps=["sent"]):
        gone |= {row["listing_id"] for row in each["content"]["listings"]}
    return {key for key, _ in papers.words_of(connection, [takedown_id])[takedown_id]} <= gone


def mended(connection: Connection, limits: Filters | None = None) -> dict[str, int]:
    """Wrong takedowns: withdrawals and corrections that were sent, and the listings in them; within limits."""
    counts, listings = papers.count_mended(connection, limits)
    return {**{kind: counts.get(kind, 0) for kind in MENDS}, "listings": listings}
