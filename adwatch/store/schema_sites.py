"""Tables of sites, apps, mini programs and accounts that may imitate an official look-up; see ``schema``.

``site`` is one subject, by ``kind`` and ``name`` (a host, or the name of the app or account); ``listing_id`` is the
entry of the source ``sites`` that its case, letters and figures hang on: none until it is suspected. ``site_sighting``
says where it was met. ``site_look`` is one look at it, only ever appended to. ``site_mark`` is what it shows: sites
that hold the same value hang together. ``site_reference`` is what an official site looks like, by the office's own
captures.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from adwatch.store.columns import DATA, ID, WHEN, metadata

site = Table(
    "site",
    metadata,
    Column("id", ID, primary_key=True),
    Column("kind", String(15), nullable=False),
    Column("name", String(260), nullable=False),
    Column("url", Text),
    Column("first_seen_at", WHEN, nullable=False),
    Column("first_day", String(10), nullable=False),
    Column("verdict", String(20), nullable=False),
    Column("score", Float, nullable=False),
    Column("why", DATA, nullable=False),
    Column("families", DATA, nullable=False),
    Column("about", DATA, nullable=False),
    Column("word", String(20)),
    Column("band", String(10)),
    Column("looked_at", WHEN),
    Column("listing_id", ID, ForeignKey("listing.id")),
    UniqueConstraint("kind", "name"),
    Index("ix_site_listing", "listing_id"),
    Index("ix_site_looked", "looked_at"),
    Index("ix_site_band", "band", "id"),
)
"""``verdict``: what its name says; ``word``: what the last look said; ``band``: what its listing's verdict is (once
flagged it stays so, whatever becomes of the page); ``about``: maker, store link, filing, subject, legal basis."""
UNSEEN, NO_ENTRY = "looked_at IS NULL", "listing_id IS NULL"
"""Sites that nobody has looked at, and those of which a limited account sees some by their families alone."""
Index("ix_site_unseen", site.c.id, sqlite_where=text(UNSEEN), postgresql_where=text(UNSEEN))
Index("ix_site_free", site.c.band, site.c.id, sqlite_where=text(NO_ENTRY), postgresql_where=text(NO_ENTRY))

site_sighting = Table(
    "site_sighting",
    metadata,
    Column("id", ID, primary_key=True),
    Column("key", LargeBinary(16), nullable=False, unique=True),
    Column("site_id", ID, ForeignKey("site.id"), nullable=False),
    Column("listing_id", ID, ForeignKey("listing.id")),
    Column("how", String(12), nullable=False),
    Column("address", Text, nullable=False),
    Column("day", String(10), nullable=False),
    Column("at", WHEN, nullable=False),
    Column("capture_id", ID),
    Column("detail", Text, nullable=False),
    Index("ix_site_sighting_site", "site_id", "id"),
    Index("ix_site_sighting_listing", "listing_id"),
)

site_look = Table(
    "site_look",
    metadata,
    Column("id", ID, primary_key=True),
    Column("site_id", ID, ForeignKey("site.id"), nullable=False),
    Column("at", WHEN, nullable=False),
    Column("day", String(10), nullable=False),
    Column("word", String(20), nullable=False),
    Column("gone", Boolean, nullable=False),
    Column("score", Float, nullable=False),
    Column("points", DATA, nullable=False),
    Column("facts", DATA, nullable=False),
    Column("page_capture_id", ID, ForeignKey("page_capture.id")),
    Index("ix_site_look_site", "site_id", "id"),
)

site_mark = Table(
    "site_mark",
    metadata,
    Column("site_id", ID, ForeignKey("site.id"), primary_key=True),
    Column("kind", String(12), primary_key=True),
    Column("value", String(64), primary_key=True),
    Column("shown", Text, nullable=False),
    Column("at", WHEN, nullable=False),
    Index("ix_site_mark_value", "kind", "value"),
)
"""Kinds: ``contact``, ``template``, ``certificate``, ``address``, ``icon``, ``filing``; ``value`` is a digest."""

site_reference = Table(
    "site_reference",
    metadata,
    Column("id", ID, primary_key=True),
    Column("host", String(260), nullable=False),
    Column("at", WHEN, nullable=False),
    Column("day", String(10), nullable=False),
    Column("prints", DATA, nullable=False),
    Column("facts", DATA, nullable=False),
    Column("person", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Index("ix_site_reference_host", "host", "id"),
)
"""``prints``: perceptual digests of icon and screenshot, and the structure (``classifiers.sites.likeness``)."""
