"""Table of the tracks of confirmed cases, one row each; what happened on a track is in ``event``; see ``schema``."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, String, Table

from adwatch.store.columns import ID, WHEN, metadata

track = Table(
    "track",
    metadata,
    Column("case_id", ID, ForeignKey("case.id"), primary_key=True),
    Column("track", String(20), primary_key=True),
    Column("step", String(20), nullable=False),
    Column("outcome", String(20)),
    Column("opened_at", WHEN, nullable=False),
    Column("decided_at", WHEN),
    Column("moved_at", WHEN, nullable=False),
    Column("closed_at", WHEN),
    Index("ix_track_step", "track", "step", "moved_at"),
)
"""``decided_at``: when it first left its first step; ``closed_at``: NULL while the track is open."""
