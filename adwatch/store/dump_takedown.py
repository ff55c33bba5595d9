"""Rows of the canonical dump about the papers of a takedown: letters, steps, mails, replies."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, select

from adwatch.store import schema as s
from adwatch.store.dump_casework import Named

LETTER = ("number", "about", "kind", "step", "document_number", "signatory", "document_date")
STEP = ("step", "person", "unit", "skipped", "note")
REPLY = ("number", "kind", "reason", "listings", "person", "unit")


def papers(connection: Connection) -> Iterator[Named]:
    """Without clocks; a letter and what belongs to it are named by its number."""
    letter = s.takedown_letter
    numbers: dict[int, str] = {}
    for row in connection.execute(select(letter, s.takedown.c.number.label("about")).join(s.takedown)):
        numbers[row.id] = row.number
        yield "takedown_letter", {name: getattr(row, name) for name in LETTER}
    for row in connection.execute(select(s.takedown_step)):
        yield "takedown_step", {"number": numbers[row.letter_id], **{name: getattr(row, name) for name in STEP}}
    for row in connection.execute(select(s.takedown_mail)):
        told = {"receivers": row.receivers, "outcome": row.outcome, "person": row.person, "unit": row.unit}
        yield "takedown_mail", {"number": numbers[row.letter_id], **told}
    replies = select(s.takedown_reply, s.takedown.c.number).join(s.takedown)
    for row in connection.execute(replies):
        yield "takedown_reply", {name: getattr(row, name) for name in REPLY}
