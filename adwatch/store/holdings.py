"""What besides WARC files and words the policy may delete, each with the cases that it belongs to."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, select, update

from adwatch.store import schema as s
from adwatch.store.attachments import attachment_file
from adwatch.store.erasures import ATTACHMENT, INSPECTION, ISSUE, TRANSFER, erased

PAPERS = ("confirmation", "correction_letter", "intake", "takedown", "takedown_letter", "takedown_reply", "transfer")
"""Subjects whose files are the office's papers: a term of their own runs besides that of their cases."""
OF_CASES = ("case", "inspection")
PERSONAL = ("card_number", "qr", "bought", "payment", "contact", "seller")
"""What an inspection's row says of persons; keyed digests by which it is found stay."""
QUOTED = ("seller_name", "operator", "title", "quotes", "contacts")
"""Cells of a weekly list's row that repeat a listing's words."""
DELETED = "（已按保存期限删除）"


@dataclass(frozen=True, slots=True)
class Holding:
    """One thing."""

    kind: str
    id: int
    digest: str
    """SHA-256 of it."""
    at: datetime
    """When its own term begins, where it has one."""
    cases: frozenset[int]
    paper: bool
    """Whether it is one of the office's papers."""
    known: bool = True
    """Whether what it belongs to is of a kind that is known here."""


def holdings(connection: Connection) -> Iterator[Holding]:
    """Everything that is there."""
    yield from _attachments(connection)
    yield from _transfers(connection)
    yield from _inspections(connection)
    yield from _issues(connection)


def _attachments(connection: Connection) -> Iterator[Holding]:
    a, cases = s.attachment.c, _cases_by_subject(connection)
    query = select(a.id, a.sha256, a.subject, a.subject_id, a.at).where(~erased(ATTACHMENT, a.id)).order_by(a.id)
    for row in connection.execute(query):
        mine = (
            frozenset((row.subject_id,))
            if row.subject == "case"
            else cases.get((row.subject, row.subject_id), frozenset())
        )
        paper, known = row.subject in PAPERS, row.subject in (*PAPERS, *OF_CASES)
        yield Holding(ATTACHMENT, row.id, row.sha256, row.at, mine, paper, known)


def _cases_by_subject(connection: Connection) -> Mapping[tuple[str, int], frozenset[int]]:
    link = s.case_listing.c
    asked = select(s.takedown_listing.c.takedown_id, link.case_id)
    asked = asked.join(s.case_listing, link.listing_id == s.takedown_listing.c.listing_id)
    requests = asked.subquery()
    letter, reply, row = s.takedown_letter.c, s.takedown_reply.c, s.confirmation_row.c
    corrects = s.correction_row.c
    queries: dict[str, Any] = {
        "confirmation": select(row.confirmation_id, row.case_id),
        "correction_letter": select(corrects.letter_id, s.differing.c.case_id).join(
            s.differing, s.differing.c.id == corrects.differing_id
        ),
        "inspection": select(s.inspection.c.id, s.inspection.c.case_id),
        "intake": select(s.intake_lead.c.intake_id, s.intake_lead.c.case_id),
        "takedown": asked,
        "takedown_letter": select(letter.id, requests.c.case_id).join(
            requests, requests.c.takedown_id == letter.takedown_id
        ),
        "takedown_reply": select(reply.id, requests.c.case_id).join(
            requests, requests.c.takedown_id == reply.takedown_id
        ),
        "transfer": select(s.transfer_case.c.transfer_id, s.transfer_case.c.case_id),
    }
    found: dict[tuple[str, int], set[int]] = {}
    for subject, query in queries.items():
        for key, case_id in connection.execute(query):
            found.setdefault((subject, key), set()).add(case_id)
    return {key: frozenset(cases) for key, cases in found.items()}


def _transfers(connection: Connection) -> Iterator[Holding]:
    t, cases = s.transfer.c, _cases_by_subject(connection)
    there = select(t.id, t.sha256, t.moved_at).where(t.file.is_not(None), ~erased(TRANSFER, t.id)).order_by(t.id)
    for row in connection.execute(there):
        mine = cases.get(("transfer", row.id), frozenset())
        yield Holding(TRANSFER, row.id, row.sha256, row.moved_at, mine, paper=True)


def _inspections(connection: Connection) -> Iterator[Holding]:
    t = s.inspection.c
    for row in connection.execute(select(s.inspection).where(~erased(INSPECTION, t.id)).order_by(t.id)):
        said = orjson.dumps({name: getattr(row, name) for name in PERSONAL}, option=orjson.OPT_SORT_KEYS)
        yield Holding(
            INSPECTION, row.id, hashlib.sha256(said).hexdigest(), row.at, frozenset((row.case_id,)), paper=False
        )


def _issues(connection: Connection) -> Iterator[Holding]:
    t = s.export_issue.c
    for row in connection.execute(select(s.export_issue).where(~erased(ISSUE, t.id)).order_by(t.id)):
        cases = frozenset(each["case_id"] for each in row.rows["rows"] if each.get("case_id") is not None)
        digest = hashlib.sha256(orjson.dumps(row.rows)).hexdigest()
        yield Holding(ISSUE, row.id, digest, row.as_of, cases, paper=True)


def empty(connection: Connection, kind: str, key: int) -> None:
    """Delete what a row repeats of persons and listings; the row stays."""
    if kind == INSPECTION:
        connection.execute(update(s.inspection).where(s.inspection.c.id == key).values(dict.fromkeys(PERSONAL, "")))
    elif kind == ISSUE:
        t = s.export_issue
        frozen = dict(connection.scalar(select(t.c.rows).where(t.c.id == key)) or {})
        blank = {**dict.fromkeys(QUOTED, ""), "title": DELETED}
        frozen["rows"] = [{**each, **blank} for each in frozen["rows"]]
        connection.execute(update(t).where(t.c.id == key).values(rows=frozen))


def file_of(connection: Connection, kind: str, key: int, digest: str) -> str | None:
    """Name in ADWATCH_HOME of a file that is to be deleted; None where the same bytes are another's too."""
    if kind == TRANSFER:
        return connection.scalar(select(s.transfer.c.file).where(s.transfer.c.id == key))
    a = s.attachment.c
    needed = select(a.id).where(a.sha256 == digest, ~erased(ATTACHMENT, a.id)).limit(1)
    return None if connection.scalar(needed) is not None else attachment_file(Path(), digest).as_posix()


def erased_issues(connection: Connection) -> set[str]:
    """Names, without ending, of the files of weekly lists whose quotations were deleted."""
    t = s.export_issue.c
    rows = connection.execute(select(t.week, t.issue).where(erased(ISSUE, t.id)))
    return {row.week if row.issue == 1 else f"{row.week}-issue{row.issue}" for row in rows}


def linked_cases(connection: Connection) -> list[tuple[int, int]]:
    """Pairs of cases of which one came from the other."""
    link = s.case_link.c
    return [(row.case_id, row.other_id) for row in connection.execute(select(link.case_id, link.other_id))]
