"""Tables of what was collected, judged and is to be indexed; see ``schema``."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    FetchedValue,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from adwatch.store.columns import DATA, ID, WHEN, metadata

platform = Table(
    "platform",
    metadata,
    Column("id", ID, primary_key=True),
    Column("name", String(120), nullable=False, unique=True),
    Column("kind", String(20), nullable=False),
)

run = Table(
    "run",
    metadata,
    Column("id", ID, primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("day", String(10), nullable=False),
    Column("platform_id", ID, ForeignKey("platform.id"), nullable=False),
    Column("started_at", WHEN, nullable=False),
    Column("ended_at", WHEN),
    Column("outcome", String(20)),
    Column("counts", DATA, nullable=False),
    Column("cursors", DATA, nullable=False),
    Index("ix_run_day", "day", "platform_id"),
)

capture = Table(
    "capture",
    metadata,
    Column("id", ID, primary_key=True),
    Column("platform_id", ID, ForeignKey("platform.id"), nullable=False),
    Column("run_id", ID, ForeignKey("run.id")),
    Column("day", String(10), nullable=False),
    Column("role", String(20), nullable=False),
    Column("url", Text, nullable=False),
    Column("fetched_at", WHEN, nullable=False),
    Column("status", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("warc", String(200), nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("record_id", String(60), nullable=False, unique=True),
    Column("content_type", Text),
    Column("server_ip", String(60)),
    Column("operator", Text),
    Column("software", String(80), nullable=False),
    Column("context", DATA, nullable=False),
    Index("ix_capture_day", "day", "platform_id"),
    Index("ix_capture_run", "run_id"),
    Index("ix_capture_body", "sha256"),
)
PICTURES = "content_type LIKE 'image/%'"
"""Captures of pictures, which alone are looked up by their address."""
Index("ix_capture_picture", capture.c.url, sqlite_where=text(PICTURES), postgresql_where=text(PICTURES))

listing = Table(
    "listing",
    metadata,
    Column("id", ID, primary_key=True),
    Column("key", LargeBinary(16), nullable=False, unique=True),
    Column("platform_id", ID, ForeignKey("platform.id"), nullable=False),
    Column("native_id", Text, nullable=False),
    Column("version_id", ID),
    Column("shown_sha256", LargeBinary(32)),
    Column("url", Text),
    Column("url_norm", Text),
    Column("price_fen", BigInteger),
    Column("price_text", Text),
    Column("sales_text", Text),
    Column("reviews_count", Integer),
    Column("first_seen_at", WHEN, nullable=False),
    Column("last_seen_at", WHEN, nullable=False),
    Column("last_seen_day", String(10), nullable=False),
    Column("first_flagged_at", WHEN),
    Column("first_flagged_day", String(10)),
    Column("vanished_day", String(10)),
    Index("ix_listing_first_flagged", "first_flagged_day"),
    Index("ix_listing_platform", "platform_id"),
)
WAS_FLAGGED = "first_flagged_day IS NOT NULL"
"""Listings that were flagged once, which alone are looked up by their address."""
Index("ix_listing_url", listing.c.url_norm, sqlite_where=text(WAS_FLAGGED), postgresql_where=text(WAS_FLAGGED))

look = Table(
    "look",
    metadata,
    Column("id", ID, primary_key=True),
    Column("key", LargeBinary(16), nullable=False, unique=True),
    Column("listing_id", ID),
    Column("shown", String(32), nullable=False),
    Column("looked_at", WHEN, nullable=False),
    Column("looked_day", String(10), nullable=False),
    Column("gone", Boolean, nullable=False),
    Index("ix_look_listing", "listing_id"),
)

listing_version = Table(
    "listing_version",
    metadata,
    Column("id", ID, primary_key=True),
    Column("listing_id", ID, nullable=False),
    Column("content_sha256", String(64), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("title", Text),
    Column("text", Text),
    Column("images", DATA),
    Column("links", DATA),
    Column("seller_id", Text),
    Column("seller_name", Text),
    Column("seller_region", Text),
    Column("seller_region_source", Text),
    Column("operator_name", Text),
    Column("uscc", String(40)),
    Column("posted_at", WHEN),
    Column("captured_at", WHEN, nullable=False),
    Column("day", String(10), nullable=False),
    Column("capture_id", ID),
    Column("capture_row", Integer),
    Index("ix_version_listing", "listing_id"),
)

classifier = Table(
    "classifier",
    metadata,
    Column("id", ID, primary_key=True),
    Column("version", String(80), nullable=False),
    Column("keyword_versions", String(80), nullable=False),
    Column("classified_to", ID, nullable=False),
    UniqueConstraint("version", "keyword_versions"),
)

verdict = Table(
    "verdict",
    metadata,
    Column("version_id", ID, primary_key=True, autoincrement=False),
    Column("classifier_id", ID, ForeignKey("classifier.id"), primary_key=True),
    Column("band", String(10), nullable=False),
    Column("score", Float, nullable=False),
    Column("scope", String(30)),
    Column("reason", String(40)),
    Column("tier", String(10)),
    Column("detail", DATA),
    sqlite_with_rowid=False,
)

outbox = Table(
    "outbox",
    metadata,
    Column("seq", ID, primary_key=True),
    Column("listing_id", ID, nullable=False),
    Column("enqueued_at", WHEN, FetchedValue(), nullable=False),
    sqlite_autoincrement=True,
)

refused_document = Table(
    "refused_document",
    metadata,
    Column("listing_id", ID, primary_key=True, autoincrement=False),
    Column("version", ID, nullable=False),
    Column("reason", Text, nullable=False),
)

index_rebuild = Table(
    "index_rebuild",
    metadata,
    Column("name", Text, primary_key=True),
    Column("form", String(40), nullable=False),
    Column("generation", Integer, nullable=False),
    Column("version", ID, nullable=False),
    Column("listing_id", ID, nullable=False),
)

host_slot = Table(
    "host_slot",
    metadata,
    Column("host", String(255), primary_key=True),
    Column("next_at", Float, nullable=False),
)

validator = Table(
    "validator",
    metadata,
    Column("url", Text, primary_key=True),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("capture_id", ID, nullable=False),
)
