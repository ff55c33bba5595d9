"""Tables of listings' pictures: each is read once, however many addresses show it."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from adwatch.store.columns import DATA, ID, metadata

picture = Table(
    "picture",
    metadata,
    Column("id", ID, primary_key=True),
    Column("sha256", String(64), nullable=False, unique=True),
    Column("word", String(20), nullable=False),
    Column("same_as", ID, ForeignKey("picture.id")),
    Column("capture_id", ID, nullable=False),
    Column("phash", String(16)),
    *(Column(f"hash_{at}", Integer) for at in range(4)),
    Column("width", Integer),
    Column("height", Integer),
    Column("format", String(8)),
    Column("reader", String(80)),
    Column("text", Text),
    Column("spans", DATA),
    Column("codes", DATA),
    *(Index(f"ix_picture_hash_{at}", f"hash_{at}") for at in range(4)),
)
"""Pictures by the digest of their bytes: what was read of each, or why it was not."""

picture_address = Table(
    "picture_address",
    metadata,
    Column("id", ID, primary_key=True),
    Column("key", LargeBinary(16), nullable=False, unique=True),
    Column("url", Text, nullable=False),
    Column("platform_id", ID, ForeignKey("platform.id"), nullable=False),
    Column("word", String(20), nullable=False),
    Column("picture_id", ID, ForeignKey("picture.id")),
    Column("day", String(10), nullable=False),
    Column("tries", Integer, nullable=False),
    Index("ix_picture_address_day", "day", "platform_id"),
)
"""Addresses of pictures, with what came of asking for each and on which day."""

picture_version = Table(
    "picture_version",
    metadata,
    Column("version_id", ID, primary_key=True, autoincrement=False),
    Column("day", String(10), nullable=False),
    Column("state", String(10), nullable=False),
)
"""How far the pictures of a version were gone through: begun, again (on a later day), whole."""
