"""Tables of the papers of a takedown: letters, who took each step, mails, what a platform answered; see ``schema``.

``takedown_letter`` has one row for each request (same number as its ``takedown``, its content there) and one for each
letter about it: reminder, withdrawal, correction, escalation (content here). Its content is never changed; what the
office's own document system gives is entered later (document number, signatory, date; the sealed scan is an
attachment). ``takedown_step`` and ``takedown_reply`` are only ever appended to. ``takedown_mail`` is written before a
mail goes out, without an outcome: one that stays so is a mail of which nobody knows whether it was taken.
``takedown_mended`` repeats which listings stand in withdrawals and corrections that were sent, to count them by.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, String, Table, Text, false

from adwatch.store.columns import DATA, ID, WHEN, metadata

takedown_letter = Table(
    "takedown_letter",
    metadata,
    Column("id", ID, primary_key=True),
    Column("number", String(40), nullable=False, unique=True),
    Column("kind", String(20), nullable=False),
    Column("takedown_id", ID, ForeignKey("takedown.id"), nullable=False),
    Column("step", String(20), nullable=False),
    Column("drafted_at", WHEN, nullable=False),
    Column("sent_at", WHEN),
    Column("due_provisional", Boolean, nullable=False, server_default=false()),
    Column("document_number", Text),
    Column("signatory", Text),
    Column("document_date", String(10)),
    Column("content", DATA),
    Index("ix_takedown_letter_takedown", "takedown_id"),
    Index("ix_takedown_letter_step", "step"),
)
"""``due_provisional``: the deadline was counted in a year whose holidays were not known yet."""

takedown_step = Table(
    "takedown_step",
    metadata,
    Column("id", ID, primary_key=True),
    Column("letter_id", ID, ForeignKey("takedown_letter.id"), nullable=False),
    Column("step", String(20), nullable=False),
    Column("person", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("at", WHEN, nullable=False),
    Column("skipped", Boolean, nullable=False, server_default=false()),
    Column("note", Text, nullable=False),
    Index("ix_takedown_step_letter", "letter_id"),
)

takedown_mail = Table(
    "takedown_mail",
    metadata,
    Column("id", ID, primary_key=True),
    Column("letter_id", ID, ForeignKey("takedown_letter.id"), nullable=False),
    Column("message_id", String(200), nullable=False, unique=True),
    Column("receivers", DATA, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("person", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("at", WHEN, nullable=False),
    Column("outcome", String(20)),
    Column("answer", Text),
    Column("answered_at", WHEN),
    Index("ix_takedown_mail_letter", "letter_id"),
)

takedown_reply = Table(
    "takedown_reply",
    metadata,
    Column("id", ID, primary_key=True),
    Column("takedown_id", ID, ForeignKey("takedown.id"), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("reason", Text, nullable=False),
    Column("listings", DATA),
    Column("person", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("at", WHEN, nullable=False),
    Column("recorded_at", WHEN, nullable=False),
    Index("ix_takedown_reply_takedown", "takedown_id"),
)
"""``listings``: public ids of the listings that it is about; NULL: all of the request."""

takedown_mended = Table(
    "takedown_mended",
    metadata,
    Column("letter_id", ID, ForeignKey("takedown_letter.id"), primary_key=True),
    Column("listing_id", ID, ForeignKey("listing.id"), primary_key=True),
    Column("kind", String(20), nullable=False),
)
"""``kind``: the letter's."""
