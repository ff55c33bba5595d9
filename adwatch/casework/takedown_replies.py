"""What platforms answer, with their files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from adwatch.casework import takedown_tracks as tracks
from adwatch.casework.shown import local, printable
from adwatch.casework.takedown_answers import Answers, of_cases
from adwatch.casework.takedown_files import File
from adwatch.casework.takedown_kinds import BEFORE, KINDS, REPLIES, REPLY_STEP, REPLY_TRACK, STEPS
from adwatch.casework.takedown_letters import chosen, unsettled
from adwatch.casework.takedown_steps import Desk, one
from adwatch.casework.transaction import work
from adwatch.errors import UsageError
from adwatch.models import Actor
from adwatch.store import takedown_papers as papers
from adwatch.store.attachments import keep_attachment
from adwatch.store.audit import Entry, append_entries
from adwatch.store.opening import add_event

Row = dict[str, Any]
SUBJECT = "takedown_reply"
"""Subject of the attachments of a reply."""
LONGEST = 2000


def reply(
    desk: Desk,
    number: str,
    kind: str,
    actor: Actor,
    *,
    at: datetime | None = None,
    reason: str = "",
    listings: Sequence[str] = (),
    cases: Sequence[str] = (),
    files: Sequence[File] = (),
) -> Row:
    """Record a reply to a request: acknowledged, accepted, refused (with its reason), more; about all or some listings.

    Some: by numbers of its list or public ids (``listings``), or by the ids or lead numbers of ``cases``. The request's
    step is that of its whole: handled once every listing was accepted, refused once every one was refused; an answer
    about some stands at these. Gives a row; its ``listings`` are the public ids of these, None for all.
    """
    if kind not in REPLIES:
        raise UsageError(f"--kind {kind}: write one of {', '.join(REPLIES)}")
    said = printable(reason)[:LONGEST]
    if kind in ("refused", "more") and not said:
        raise UsageError(f"{REPLIES[kind]}: the platform's reason is needed; write --reason TEXT")
    with work(desk.engine) as connection:
        letter = one(connection, number)
        at = at or desk.now
        _must_be_sent(letter, at, desk)
        keys = _named(letter["content"], listings, cases)
        values = {"kind": kind, "reason": said, "listings": keys, "at": at, "recorded_at": desk.now}
        reply_id = papers.add_reply(connection, letter["takedown_id"], actor, **values)
        kept = []
        for file in files:
            about: Row = {"subject": SUBJECT, "subject_id": reply_id, "kind": "reply", "actor": actor, "now": desk.now}
            row = keep_attachment(
                connection, desk.home, file.content, name=printable(file.name), media_type=file.media_type, **about
            )
            kept.append(row["sha256"])
        step, answers = (
            REPLY_STEP[kind],
            Answers(papers.replies_of(connection, [letter["takedown_id"]])[letter["takedown_id"]]),
        )
        all_refused = answers.all_refused(row["listing_id"] for row in letter["content"]["listings"])
        if (step == "handled" and unsettled(connection, letter)) or (step == "refused" and not all_refused):
            step = "acknowledged"  # an answer about a part is no answer to the whole
        if _later(letter["step"], step):
            papers.set_letter(connection, letter["id"], step=step)
            papers.add_step(connection, letter["id"], step, actor, at, note=said)
            letter["step"] = step
        moved = papers.cases_of(connection, letter["takedown_id"], keys)
        entries = tracks.advance(connection, moved, REPLY_TRACK[kind], actor, desk.now, {"number": number})
        told = {"number": number, "kind": kind, "listings": None if keys is None else len(keys), "files": kept}
        add_event(connection, "takedown", letter["takedown_id"], "replied", actor.person, at, {**told, "reason": said})
        entries.append(Entry.of(actor, "takedown.reply", "takedown", number, desk.now, told))
        append_entries(connection, entries)
    shown = {"number": number, "kind": kind, "kind_label": REPLIES[kind], "reason": said, "files": kept}
    named = {"listings": keys, "about_label": "全部" if keys is None else f"{len(keys)} 条"}
    return {**shown, **named, "step": letter["step"], "step_label": STEPS[letter["step"]], "at": at}


def _named(content: Row, listings: Sequence[str], cases: Sequence[str]) -> list[str] | None:
    """Public ids of the listings that a reply names, in the order of the list; None where it names none."""
    if not listings and not cases:
        return None
    try:
        rows = [*(chosen(content, listings) if listings else ()), *of_cases(content, cases)]
    except ValueError as error:
        raise UsageError(f"函 {content['number']}: 清单中没有案件 {str(error)[:40]}；写案件号或线索编号") from error
    return [row["listing_id"] for row in sorted(rows, key=lambda row: row["seq"])]


def _must_be_sent(letter: Row, at: datetime, desk: Desk) -> None:
    number = letter["number"]
    if not KINDS[letter["kind"]].asks:
        raise UsageError(f"函 {number}: 是{KINDS[letter['kind']].label}；复函记在原函 {letter['about']} 上")
    if letter["step"] in BEFORE or letter["step"] == "void":
        raise UsageError(f"函 {number}: 现为“{STEPS[letter['step']]}”，尚未发出，不会有复函")
    if at < letter["request_sent_at"] or at > desk.now:
        sent = local(letter["request_sent_at"], desk.zone)
        raise UsageError(f"函 {number}: 复函时间应在发出（{sent}）之后、现在之前")


def _later(was: str, to: str) -> bool:
    """Whether an answer changes the request's step: a receipt does not undo an answer, and nothing undoes 撤回."""
    if was in ("withdrawn", to):
        return False
    return to != "acknowledged" or was == "sent"
