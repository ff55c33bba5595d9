"""Confirmation by letter as the command and the console call it."""

from __future__ import annotations

import mimetypes
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from adwatch.app.files import day_of, read_bytes, sheets_of
from adwatch.app.indexing import index_now
from adwatch.app.office import Office
from adwatch.app.routing import routing_of
from adwatch.app.rows import platform_labels
from adwatch.casework import confirmation as work
from adwatch.casework.confirmation_differing import Words
from adwatch.casework.confirmation_draft import draft_batches
from adwatch.casework.confirmation_letter import confirmation_letter, reminder_letter
from adwatch.casework.confirmation_settle import settle
from adwatch.casework.confirmation_sheet import confirmation_sheet, read_returned
from adwatch.casework.request import letterhead
from adwatch.casework.shown import local
from adwatch.errors import UsageError
from adwatch.files import write_whole
from adwatch.models import Actor, StageReport
from adwatch.store import confirmations as store
from adwatch.store.engine import reading
from adwatch.tables.holidays import WorkingDays
from adwatch.tables.takedown import TakedownRules

Row = dict[str, Any]


def draft(office: Office, actor: Actor, authority: str | None = None, out: Path | None = None) -> list[Row]:
    """Draft a batch for each authority with leads that it was not asked about, and write its letter and its sheet.

    A draft whose files are missing is written again, byte for byte.
    """
    table, words = routing_of(office).checked(), _words(office)
    clock: Row = {"now": office.clock.now(), "zone": office.settings.zone}
    head = letterhead(TakedownRules.load(office.settings.data))
    fresh = set(draft_batches(office.engine, table, words, actor, **clock, only=authority, letterhead=head))
    folder = (out or office.home / "letters").absolute()
    with reading(office.engine) as connection:
        drafts = store.batches(connection, state="draft")
    return [row for batch in drafts if (row := _write(batch["content"], folder, batch["number"] in fresh))]


def _words(office: Office) -> Words:
    """The tables by which leads are put into words."""
    return Words(office.law, office.classes, office.families, platform_labels(office))


def _write(content: Row, folder: Path, fresh: bool) -> Row | None:
    letter, sheet = folder / f"{content['number']}.docx", folder / f"{content['number']}.xlsx"
    if not fresh and letter.is_file() and sheet.is_file():
        return None
    write_whole(letter, confirmation_letter(content), "export.before_rename")
    write_whole(sheet, confirmation_sheet(content), "export.before_rename")
    about = {"number": content["number"], "authority": content["authority_label"], "addressee": content["addressee"]}
    return {**about, "leads": len(content["rows"]), "letter": str(letter), "sheet": str(sheet)}


def files(office: Office, number: str) -> dict[str, bytes]:
    """Letter and sheet of a batch by their names, as they were drafted."""
    with reading(office.engine) as connection:
        found = store.batches(connection, number)
    if not found:
        raise UsageError(f"甄别函 {number}: 没有这个编号")
    content = found[0]["content"]
    return {f"{number}.docx": confirmation_letter(content), f"{number}.xlsx": confirmation_sheet(content)}


def mark_sent(
    office: Office, number: str, actor: Actor, at: datetime | None, document: str = "", due_on: date | None = None
) -> Row:
    """Record that a batch went out; its time to answer runs from there. ``warning``: what it says holds no longer."""
    now = office.clock.now()
    working = WorkingDays(office.settings.data)

    def due(day: date, count: int) -> date:
        while count:
            day += timedelta(1)
            count -= working.works(day)
        return day

    more: Row = {"now": now, "zone": office.settings.zone, "words": _words(office)}
    return work.mark_sent(office.engine, number, actor, at or now, due, document=document, due_on=due_on, **more)


def void(office: Office, number: str, actor: Actor, reason: str) -> Row:
    """作废: a batch that was not sent."""
    work.void(office.engine, number, actor, reason, now=office.clock.now())
    return listed(office, number)[0]


def notice(office: Office, number: str) -> str:
    """What a batch says that no longer holds, in words; empty where all of it holds."""
    return listed(office, number)[0]["notice"] or ""


def take_reply(
    office: Office,
    file: Path,
    actor: Actor,
    *,
    scan: Path | None = None,
    **about: Any,
) -> tuple[StageReport, Row]:
    """Take in a sheet that came back, from files; see ``take_sheet``."""
    picture = (scan.name, read_bytes(scan)) if scan is not None else None
    return take_sheet(office, (file.name, read_bytes(file)), actor, scan=picture, **about)


def take_sheet(
    office: Office,
    sheet: tuple[str, bytes],
    actor: Actor,
    *,
    number: str | None = None,
    reply_number: str = "",
    reply_on: date | None = None,
    scan: tuple[str, bytes] | None = None,
    correct: bool = False,
) -> tuple[StageReport, Row]:
    """Take in a sheet (name, bytes) that came back: (report, the batch as it now stands)."""
    file, data = Path(sheet[0]), sheet[1]
    returned = read_returned(sheets_of(data, file), file.name, partial(day_of, office))
    batch = number or returned.number
    if not batch:
        raise UsageError(f"{file}: 表头没有函件编号；用 --number 写明是哪一份甄别函的回复")
    now, zone = office.clock.now(), office.settings.zone
    picture = None
    if scan is not None:
        picture = (*scan, mimetypes.guess_type(scan[0])[0] or "application/octet-stream")
    reply = work.Reply(file.name, data, reply_number, reply_on or now.astimezone(zone).date(), picture)
    clock: Row = {"now": now, "zone": zone}
    report = work.take_answers(office.engine, office.home, batch, returned, reply, actor, **clock, correct=correct)
    done = settle(office.engine, routing_of(office), actor, **clock)
    report.counts["decided"] = done.kept
    report.dropped.update(done.dropped)
    report.notes += done.notes
    index_now(office)
    return report, listed(office, batch)[0]


def listed(office: Office, number: str | None = None) -> list[Row]:
    """Batches with what is missing; of a single one its rows too."""
    today = office.clock.now().astimezone(office.settings.zone).date()
    rows = work.listed(office.engine, routing_of(office), today, number, _words(office))
    if number is not None and not rows:
        raise UsageError(f"甄别函 {number}: 没有这个编号；用 adwatch review letter list 查看")
    return rows


def of_case(office: Office, case_id: int) -> list[Row]:
    """Letters about a case: to whom, what was answered by whom, and what became of it."""
    table = routing_of(office)
    with reading(office.engine) as connection:
        rows = store.answers_on(connection, [case_id]).get(case_id, [])
    return [
        {
            "number": row["number"],
            "authority_label": table.label(row["authority"]),
            "answer_label": work.LABELS.get(row["answer"] or "", ""),
            "person": row["person"] or "",
            "day": row["day"] or "",
            "settled_label": work.SETTLED.get(row["settled"] or "", ""),
        }
        for row in rows
    ]


def chase(
    office: Office, actor: Actor, number: str | None = None, out: Path | None = None, early: bool = False
) -> list[Row]:
    """Write a reminder for each batch whose time is over and that still misses answers; ``early``: before that too."""
    folder, now = (out or office.home / "letters").absolute(), office.clock.now()
    done = []
    for row in listed(office, number):
        if row["state"] in ("draft", "void") or not row["missing"] or not (row["overdue"] or early):
            continue
        with reading(office.engine) as connection:
            batch = store.batches(connection, row["number"])[0]
        missing = row["missing_numbers"]
        times = work.chased(office.engine, batch["id"], row["number"], missing, actor, now=now)
        stem = folder / f"{row['number']}-催办{times}"
        for form, content in _reminder(office, batch, missing).items():
            write_whole(stem.with_suffix(f".{form}"), content, "export.before_rename")
        files = {"letter": f"{stem}.docx", "sheet": f"{stem}.xlsx"}
        done.append({"number": row["number"], "times": times, "missing": row["missing"], **files})
    return done


def reminder(office: Office, number: str) -> dict[str, bytes]:
    """Letter (docx) and sheet (xlsx) that ask for the rows a batch misses now."""
    row = listed(office, number)[0]
    if row["state"] == "draft" or not row["missing"]:
        raise UsageError(f"{number}: 没有未反馈的线索")
    with reading(office.engine) as connection:
        batch = store.batches(connection, number)[0]
    return _reminder(office, batch, row["missing_numbers"])


def _reminder(office: Office, batch: Row, missing: list[str]) -> dict[str, bytes]:
    sent = local(batch["sent_at"], office.settings.zone)[:10]
    letter = reminder_letter(batch["content"], missing, sent, batch["due_on"] or "", office.clock.now())
    return {"docx": letter, "xlsx": confirmation_sheet(batch["content"], missing)}
