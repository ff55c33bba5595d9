"""更正函 about transfers and 甄别函 that went out: what of ``differing`` they correct, who took their steps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, update

from adwatch.models import Actor
from adwatch.store import schema as s
from adwatch.store.engine import insert_id
from adwatch.store.opening import chunks

Row = dict[str, Any]


def add(connection: Connection, differing_ids: Iterable[int], **values: Any) -> int:
    """A drafted letter and the rows that it corrects; gives its key."""
    key = insert_id(connection, s.correction_letter, step="draft", **values)
    rows = [{"letter_id": key, "differing_id": each} for each in sorted(set(differing_ids))]
    connection.execute(s.correction_row.insert(), rows)
    return key


def letters(
    connection: Connection,
    number: str | None = None,
    about: str | None = None,
    limit: int | None = None,
    steps: Sequence[str] | None = None,
) -> list[Row]:
    """Letters, newest first: one, those about a paper or on some steps, or so many of all."""
    letter = s.correction_letter
    query = select(letter).order_by(letter.c.id.desc()).limit(limit)
    if number is not None:
        query = query.where(letter.c.number == number)
    if about is not None:
        query = query.where(letter.c.about == about)
    if steps is not None:
        query = query.where(letter.c.step.in_(steps))
    return [dict(row._mapping) for row in connection.execute(query)]


def under_way(connection: Connection, differing_ids: Iterable[int], steps: Sequence[str]) -> list[str]:
    """Numbers of letters on some steps that correct one of some rows."""
    letter, row, found = s.correction_letter, s.correction_row, set[str]()
    for ids in chunks(differing_ids):
        query = select(letter.c.number).join(row, row.c.letter_id == letter.c.id).where(row.c.differing_id.in_(ids))
        found.update(connection.scalars(query.where(letter.c.step.in_(steps))))
    return sorted(found)


def rows_of(connection: Connection, letter_ids: Iterable[int]) -> dict[int, list[Row]]:
    """By letter the rows of ``differing`` that it corrects, as they stand."""
    row, d, found = s.correction_row, s.differing, dict[int, list[Row]]()
    for ids in chunks(letter_ids):
        query = select(row.c.letter_id, d).join(d, d.c.id == row.c.differing_id).where(row.c.letter_id.in_(ids))
        for each in connection.execute(query.order_by(row.c.letter_id, d.c.id)):
            found.setdefault(each.letter_id, []).append(dict(each._mapping))
    return found


def set_letter(connection: Connection, letter_id: int, **values: Any) -> None:
    """Change its row; never its content."""
    connection.execute(update(s.correction_letter).where(s.correction_letter.c.id == letter_id).values(**values))


def add_step(
    connection: Connection,
    letter_id: int,
    step: str,
    actor: Actor,
    at: datetime,
    note: str = "",
    skipped: bool = False,
) -> None:
    """Append who took a step, or who went on without it."""
    values = {"letter_id": letter_id, "step": step, "person": actor.person, "unit": actor.unit}
    connection.execute(s.correction_step.insert().values(**values, at=at, skipped=skipped, note=note))


def steps_of(connection: Connection, letter_id: int) -> list[Row]:
    """Its steps, oldest first."""
    step = s.correction_step
    query = select(step).where(step.c.letter_id == letter_id).order_by(step.c.id)
    return [dict(row._mapping) for row in connection.execute(query)]


def add_mail(connection: Connection, letter_id: int, actor: Actor, at: datetime, **values: Any) -> int:
    """The intent to send: written and committed before the server hears of it."""
    about = {"letter_id": letter_id, "person": actor.person, "unit": actor.unit, "at": at}
    return insert_id(connection, s.correction_mail, **about, **values)


def set_mail(connection: Connection, mail_id: int, outcome: str, answer: str, at: datetime) -> None:
    """What became of it."""
    values = {"outcome": outcome, "answer": answer, "answered_at": at}
    connection.execute(update(s.correction_mail).where(s.correction_mail.c.id == mail_id).values(**values))


def mails_of(connection: Connection, letter_id: int) -> list[Row]:
    """Mails of a letter, oldest first."""
    mail = s.correction_mail
    query = select(mail).where(mail.c.letter_id == letter_id).order_by(mail.c.id)
    return [dict(row._mapping) for row in connection.execute(query)]


def count_sent(connection: Connection) -> tuple[int, int]:
    """(letters that were sent, rows that they correct)."""
    letter, row = s.correction_letter, s.correction_row
    query = select(func.count(letter.c.id.distinct()), func.count()).join(row, row.c.letter_id == letter.c.id)
    sent, rows = connection.execute(query.where(letter.c.sent_at.is_not(None))).one()
    return int(sent), int(rows)
