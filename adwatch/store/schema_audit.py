"""Table of the audit log: one chained entry for each thing that a person or the machine did; see ``store.audit``."""

from __future__ import annotations

from sqlalchemy import Column, Index, String, Table, Text

from adwatch.store.columns import DATA, ID, WHEN, metadata

audit_entry = Table(
    "audit_entry",
    metadata,
    Column("seq", ID, primary_key=True, autoincrement=False),
    Column("at", WHEN, nullable=False),
    Column("person", Text, nullable=False),
    Column("unit", Text),
    Column("role", Text),
    Column("action", String(40), nullable=False),
    Column("subject", String(20), nullable=False),
    Column("subject_id", String(80), nullable=False),
    Column("detail", DATA, nullable=False),
    Column("before", String(64), nullable=False),
    Column("sha256", String(64), nullable=False),
    Index("ix_audit_entry_subject", "subject", "subject_id"),
)
