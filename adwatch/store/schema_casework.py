"""Tables of what people do: cases, decisions, requests to platforms, issues of the weekly list; see ``schema``."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint, false

from adwatch.store.columns import DATA, ID, WHEN, metadata

case = Table(
    "case",
    metadata,
    Column("id", ID, primary_key=True),
    Column("state", String(20), nullable=False),
    Column("scope", String(30), nullable=False),
    Column("score", Float, nullable=False),
    Column("lead_number", String(40), unique=True),
    Column("opened_at", WHEN, nullable=False),
    Column("opened_day", String(10), nullable=False),
    Column("registered_at", WHEN),
    Index("ix_case_state", "state", "score"),
)

case_listing = Table(
    "case_listing",
    metadata,
    Column("listing_id", ID, ForeignKey("listing.id"), primary_key=True),
    Column("case_id", ID, ForeignKey("case.id"), nullable=False),
    Column("decided_version_id", ID),
    Column("decided_flagged", Boolean),
    Column("decided_scope", String(30)),
    Column("decided_types", DATA),
    Index("ix_case_listing_case", "case_id"),
)

decision = Table(
    "decision",
    metadata,
    Column("id", ID, primary_key=True),
    Column("case_id", ID, ForeignKey("case.id"), nullable=False),
    Column("result", String(20), nullable=False),
    Column("person", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", WHEN, nullable=False),
    Column("may_train", Boolean, nullable=False, server_default=false()),
    Index("ix_decision_case", "case_id"),
)

takedown = Table(
    "takedown",
    metadata,
    Column("id", ID, primary_key=True),
    Column("number", String(40), nullable=False, unique=True),
    Column("platform_id", ID, ForeignKey("platform.id"), nullable=False),
    Column("state", String(20), nullable=False),
    Column("drafted_at", WHEN, nullable=False),
    Column("sent_at", WHEN),
    Column("sent_by", Text),
    Column("deadline_at", WHEN),
    Column("content", DATA, nullable=False),
)

takedown_listing = Table(
    "takedown_listing",
    metadata,
    Column("takedown_id", ID, ForeignKey("takedown.id"), primary_key=True),
    Column("listing_id", ID, ForeignKey("listing.id"), primary_key=True),
    Column("version_id", ID, nullable=False),
    Column("word", String(20)),
    Column("checked_at", WHEN),
    Column("check_capture_id", ID),
    Index("ix_takedown_listing", "listing_id"),
)

takedown_check = Table(
    "takedown_check",
    metadata,
    Column("id", ID, primary_key=True),
    Column("takedown_id", ID, ForeignKey("takedown.id"), nullable=False),
    Column("listing_id", ID, ForeignKey("listing.id"), nullable=False),
    Column("word", String(20), nullable=False),
    Column("at", WHEN, nullable=False),
    Column("capture_id", ID),
    Column("message", Text, nullable=False),
    Index("ix_takedown_check_listing", "listing_id"),
)

counter = Table(
    "counter",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", ID, nullable=False),
)

event = Table(
    "event",
    metadata,
    Column("id", ID, primary_key=True),
    Column("subject", String(20), nullable=False),
    Column("subject_id", ID, nullable=False),
    Column("kind", String(30), nullable=False),
    Column("at", WHEN, nullable=False),
    Column("actor", Text, nullable=False),
    Column("detail", DATA, nullable=False),
    Index("ix_event_subject", "subject", "subject_id"),
)

export_issue = Table(
    "export_issue",
    metadata,
    Column("id", ID, primary_key=True),
    Column("week", String(8), nullable=False),
    Column("issue", Integer, nullable=False),
    Column("as_of", WHEN, nullable=False),
    Column("rows", DATA, nullable=False),
    UniqueConstraint("week", "issue"),
)
