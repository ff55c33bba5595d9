"""Table of second opinions: what a language model of the office's own network said of a masked text; see ``schema``."""

from __future__ import annotations

from sqlalchemy import Column, Float, Index, String, Table, Text

from adwatch.store.columns import ID, WHEN, metadata

opinion = Table(
    "opinion",
    metadata,
    Column("id", ID, primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),
    Column("text_sha256", String(64), nullable=False),
    Column("model", String(120), nullable=False),
    Column("at", WHEN, nullable=False),
    Column("word", String(20), nullable=False),
    Column("confidence", Float),
    Column("quote", Text),
    Column("reason", Text, nullable=False),
    Index("ix_opinion_text", "text_sha256"),
)
