"""Tables of what verdicts were made with: every version of every keyword list, and which lists a digest stands for."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, String, Table, Text

from adwatch.store.columns import metadata

keyword_list = Table(
    "keyword_list",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("name", String(120), nullable=False),
    Column("owner", Text, nullable=False),
    Column("document", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("effective_from", String(10), nullable=False),
    Column("effective_to", String(10)),
    Column("approved_by", Text),
    Column("approved_on", String(10)),
    Column("text", Text, nullable=False),
)

keyword_set = Table(
    "keyword_set",
    metadata,
    Column("keyword_versions", String(80), primary_key=True),
    Column("name", String(120), primary_key=True),
    Column("sha256", String(64), ForeignKey("keyword_list.sha256"), nullable=False),
)
