"""Rows of the canonical dump about the papers of a takedown: letters, steps, mails, replies; what differs of papers."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, select

from adwatch.store import schema as s
from adwatch.store.dump_casework import Named

LETTER = ("number", "about", "kind", "step", "document_number", "signatory", "document_date")
STEP = ("step", "person", "unit", "skipped", "note")
CORRECTION = ("number", "paper", "about", "step", "document_number", "signatory", "document_date")
DIFFERING = ("paper", "number", "seq", "said", "holds", "how", "person", "unit", "reason")
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
    d, item = s.differing, s.listing
    for row in connection.execute(select(d, item.c.key).outerjoin(item, item.c.id == d.c.listing_id)):
        listing_id = row.key.hex() if row.key is not None else None
        yield "differing", {**{name: getattr(row, name) for name in DIFFERING}, "listing_id": listing_id}
    letter, named = s.correction_letter, dict[int, str]()
    for row in connection.execute(select(letter)):
        named[row.id] = row.number
        rows = len(row.content["listings"])
        yield "correction_letter", {**{name: getattr(row, name) for name in CORRECTION}, "rows": rows}
    for row in connection.execute(select(s.correction_mail)):
        told = {"receivers": row.receivers, "outcome": row.outcome, "person": row.person, "unit": row.unit}
        yield "correction_mail", {"number": named[row.letter_id], **told}
    for row in connection.execute(select(s.correction_step)):
        yield "correction_step", {"number": named[row.letter_id], **{name: getattr(row, name) for name in STEP}}
