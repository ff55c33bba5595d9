"""What of papers that went out was found otherwise since; see ``schema``.

``differing`` has a row for each listing (of a 甄别函: each lead) of which a letter or transfer that was sent says what
a later finding made wrong. ``paper``: takedown (a letter), transfer, confirmation; ``paper_id`` its key; ``said`` and
``holds``: state, offer classes, words. Rows are appended with the finding, in its transaction, so that nobody need look
through what was ever sent; ``how`` one ended is written once: mended (by a letter that was sent), aside (by a person,
with a reason), answered (the lead of a 甄别函), again (found otherwise once more).

``correction_letter`` is a 更正函 about a transfer or a 甄别函 (one about a takedown's letter is a ``takedown_letter``);
its content is never changed; ``correction_row`` has the rows of ``differing`` that it corrects: these are mended once
it is sent, and no others. ``correction_step`` is only ever appended to. ``correction_mail`` is as ``takedown_mail``:
written before a mail goes out, without an outcome.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, false, text

from adwatch.store.columns import DATA, ID, WHEN, metadata

differing = Table(
    "differing",
    metadata,
    Column("id", ID, primary_key=True),
    Column("paper", String(20), nullable=False),
    Column("paper_id", ID, nullable=False),
    Column("number", String(40), nullable=False),
    Column("case_id", ID, ForeignKey("case.id"), nullable=False),
    Column("listing_id", ID, ForeignKey("listing.id")),
    Column("seq", Integer),
    Column("said", DATA, nullable=False),
    Column("holds", DATA, nullable=False),
    Column("at", WHEN, nullable=False),
    Column("ended_at", WHEN),
    Column("how", String(20)),
    Column("person", Text),
    Column("unit", Text),
    Column("reason", Text),
    Index("ix_differing_case", "case_id"),
    Index("ix_differing_paper", "paper", "paper_id"),
)
STILL = "ended_at IS NULL"
"""Those that wait for somebody, few among all: they are counted and listed among themselves."""
Index(
    "ix_differing_open",
    differing.c.number,
    differing.c.case_id,
    sqlite_where=text(STILL),
    postgresql_where=text(STILL),
)

correction_letter = Table(
    "correction_letter",
    metadata,
    Column("id", ID, primary_key=True),
    Column("number", String(40), nullable=False, unique=True),
    Column("paper", String(20), nullable=False),
    Column("paper_id", ID, nullable=False),
    Column("about", String(40), nullable=False),
    Column("step", String(20), nullable=False),
    Column("drafted_at", WHEN, nullable=False),
    Column("sent_at", WHEN),
    Column("document_number", Text),
    Column("signatory", Text),
    Column("document_date", String(10)),
    Column("content", DATA, nullable=False),
    Index("ix_correction_letter_about", "about"),
)
"""``paper``, ``paper_id``, ``about``: kind, key and number of the paper that it corrects."""

correction_row = Table(
    "correction_row",
    metadata,
    Column("letter_id", ID, ForeignKey("correction_letter.id"), primary_key=True),
    Column("differing_id", ID, ForeignKey("differing.id"), primary_key=True),
    Index("ix_correction_row_differing", "differing_id"),
)

correction_step = Table(
    "correction_step",
    metadata,
    Column("id", ID, primary_key=True),
    Column("letter_id", ID, ForeignKey("correction_letter.id"), nullable=False),
    Column("step", String(20), nullable=False),
    Column("person", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("at", WHEN, nullable=False),
    Column("skipped", Boolean, nullable=False, server_default=false()),
    Column("note", Text, nullable=False),
    Index("ix_correction_step_letter", "letter_id"),
)

correction_mail = Table(
    "correction_mail",
    metadata,
    Column("id", ID, primary_key=True),
    Column("letter_id", ID, ForeignKey("correction_letter.id"), nullable=False),
    Column("message_id", String(200), nullable=False, unique=True),
    Column("receivers", DATA, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("person", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("at", WHEN, nullable=False),
    Column("outcome", String(20)),
    Column("answer", Text),
    Column("answered_at", WHEN),
    Index("ix_correction_mail_letter", "letter_id"),
)
