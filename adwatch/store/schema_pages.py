"""Table of full captures: a listing's page as it was rendered, or why it was not; see ``schema``.

A row is one attempt, only ever appended. ``occasion`` and ``ref`` say what it was made for: ``flagged`` (0),
``confirmed`` (a decision), ``sent`` (a request), ``check`` (a check of a request), ``asked`` and ``extraction``
(counted from 1). ``retry_at``: when an attempt that failed may be made again; NULL where it may not, or need not.
``files`` has the digest and size of each file by its kind; the bytes are attachments of the case.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from adwatch.store.columns import DATA, ID, WHEN, metadata

page_capture = Table(
    "page_capture",
    metadata,
    Column("id", ID, primary_key=True),
    Column("listing_id", ID, ForeignKey("listing.id"), nullable=False),
    Column("case_id", ID, ForeignKey("case.id"), nullable=False),
    Column("occasion", String(20), nullable=False),
    Column("ref", ID, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("at", WHEN, nullable=False),
    Column("ended_at", WHEN, nullable=False),
    Column("day", String(10), nullable=False),
    Column("host", String(260), nullable=False),
    Column("state", String(10), nullable=False),
    Column("reason", String(20)),
    Column("message", Text, nullable=False),
    Column("retry_at", WHEN),
    Column("url", Text),
    Column("person", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("facts", DATA, nullable=False),
    Column("files", DATA, nullable=False),
    UniqueConstraint("listing_id", "occasion", "ref", "attempt"),
    Index("ix_page_capture_case", "case_id", "id"),
    Index("ix_page_capture_day", "day", "host"),
)
