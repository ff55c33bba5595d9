"""Drafts a 更正函 about a transfer, a 甄别函 or a 提请处置函 that went out: what it said and what was found since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from adwatch.casework.correction_letter import tell
from adwatch.casework.differing_words import in_words
from adwatch.casework.official import chinese_day
from adwatch.casework.request import letterhead
from adwatch.casework.shown import printable
from adwatch.casework.takedown_kinds import BEFORE, KINDS
from adwatch.casework.takedown_letters import LONGEST, needed_reason
from adwatch.casework.takedown_steps import Desk
from adwatch.casework.transaction import work
from adwatch.casework.transfer_table import KINDS as TRANSFERS
from adwatch.errors import Unknown, UsageError
from adwatch.models import Actor
from adwatch.store import correction_letters as store
from adwatch.store import differing
from adwatch.store import schema as s
from adwatch.store import takedown_papers as papers
from adwatch.store.audit import append_entries
from adwatch.store.cases import next_number
from adwatch.store.differing import CONFIRMATION, TAKEDOWN, TRANSFER

Row = dict[str, Any]
SCHEMA = "adwatch.correction/1"


def draft(desk: Desk, about: str, actor: Actor, reason: str, cases: Sequence[int] = ()) -> str:
    """Draft a 更正函 of what differs of a paper, of some cases or all; gives its number."""
    with work(desk.engine) as connection:
        rows = differing.open_by_number(connection, [about])
        if not rows or is_request(connection, rows):
            raise Unknown(f"{about[:40]}: 没有与现认定不符的移送、甄别函或提请处置函；用 adwatch differing list 查看")
        if unknown := sorted(set(cases) - {row["case_id"] for row in rows}):
            raise UsageError(f"{about}: 案件 {unknown[0]} 没有与现认定不符之处")
        rows = [row for row in rows if not cases or row["case_id"] in cases]
        if begun := store.under_way(connection, [row["id"] for row in rows], BEFORE):
            raise UsageError(f"{about}: 更正函 {begun[0]} 尚未发出；先发出或作废")
        return _drafted(connection, desk, rows, actor, needed_reason(reason))


def is_request(connection: Connection, rows: Sequence[Row]) -> bool:
    """Whether a paper (its rows of ``differing``) is a request to a platform: its 更正函 is a letter about that."""
    if rows[0]["paper"] != TAKEDOWN:
        return False
    return KINDS[differing.kinds_of(connection, rows[:1])[rows[0]["number"]]["kind"]].asks


def _drafted(connection: Connection, desk: Desk, rows: Sequence[Row], actor: Actor, reason: str) -> str:
    now, about, paper, key = desk.now, rows[0]["number"], rows[0]["paper"], rows[0]["paper_id"]
    day = now.astimezone(desk.zone).date()
    number = f"ADW-CL-{day.year}-{next_number(connection, f'correction_letter:{day.year}'):04d}"
    said = _said(connection, paper, key, about)
    content = {
        "schema": SCHEMA,
        "number": number,
        **_about(connection, desk, paper, key, said),
        "paper": paper,
        "about": about,
        "addressee": said["addressee"],
        "unit": said.get("unit") or actor.unit,
        "letterhead": letterhead(desk.rules),
        "reason": reason.rstrip("。"),
        "drafted_at": now.isoformat(),
        "drafted_day": day.isoformat(),
        "listings": _listed(connection, desk, paper, said, rows),
    }
    letter = {"number": number, "paper": paper, "paper_id": key, "about": about, "drafted_at": now, "content": content}
    letter_id = store.add(connection, [row["id"] for row in rows], **letter)
    store.add_step(connection, letter_id, "draft", actor, now, reason)
    told = {"number": number, "about": about, "listings": len(rows), "reason": reason}
    append_entries(connection, tell(connection, letter, actor, desk, "draft", told))
    return number


def _said(connection: Connection, paper: str, key: int, number: str) -> Row:
    """All that the paper says."""
    if paper == TAKEDOWN:
        return dict(papers.letters(connection, number=number)[0]["content"])
    return differing.contents(connection, paper, [key])[key]


def _about(connection: Connection, desk: Desk, paper: str, key: int, said: Mapping[str, Any]) -> Row:
    """Title, 文号 and day of the paper."""
    if paper == TRANSFER:
        row = connection.execute(select(s.transfer).where(s.transfer.c.id == key)).one()
        title, document = TRANSFERS[row.kind].title, row.document_number
    elif paper == TAKEDOWN:
        row = connection.execute(select(s.takedown_letter).where(s.takedown_letter.c.id == key)).one()
        title, document = KINDS[row.kind].title, row.document_number
    else:
        row = connection.execute(select(s.confirmation).where(s.confirmation.c.id == key)).one()
        title, document = "关于协助甄别涉嫌违法证书类信息线索的函", row.document
    sent = chinese_day(row.sent_at.astimezone(desk.zone).date().isoformat())
    return {"about_title": title, "about_document": document or "", "about_sent": sent}


def _listed(connection: Connection, desk: Desk, paper: str, said: Mapping[str, Any], rows: Sequence[Row]) -> list[Row]:
    """What is corrected, in words, by the order of the rows."""
    names = {each: row.label for each, row in desk.tables.classes.items()}
    public = {key: name for name, key in differing.public_ids(connection, _listings(rows)).items()}
    if paper == CONFIRMATION:
        links = {row["seq"]: row["url"] for row in said["rows"]}
    else:
        stated = [each for case in said.get("cases", ()) for each in case["listings"]]
        stated += said["listings"] if paper == TAKEDOWN else []
        links = {each.get("listing_id"): each["url"] or f"平台内编号：{each['native_id']}" for each in stated}
    found = []
    for seq, row in enumerate(rows, 1):
        words, listing_id = in_words(row, names), public.get(row["listing_id"])
        found.append(
            {
                "seq": seq,
                "differing": row["id"],
                "case_id": row["case_id"],
                "lead_number": row["lead_number"],
                "listing_id": listing_id,
                "url": printable(links.get(row["seq"] if paper == CONFIRMATION else listing_id) or "见原文"),
                "was": printable(words["said"])[:LONGEST],
                "now": printable(words["holds"])[:LONGEST],
                "holds": row["holds"],
            }
        )
    return found


def _listings(rows: Sequence[Row]) -> list[int]:
    return [row["listing_id"] for row in rows if row["listing_id"] is not None]
