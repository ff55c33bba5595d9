"""What of papers that went out was found otherwise since; see ``schema``.

``differing`` has a row for each listing (of a 甄别函: each lead) of which a letter or transfer that was sent says what
a later finding made wrong. ``paper``: takedown (a letter), transfer, confirmation; ``paper_id`` its key; ``said`` and
``holds``: state, offer classes, words. Rows are appended with the finding, in its transaction, so that nobody need look
through what was ever sent; ``how`` one ended is written once: mended (by a letter that was sent), aside (by a person,
with a reason), answered (the lead of a 甄别函), again (found otherwise once more).
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text, text

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
