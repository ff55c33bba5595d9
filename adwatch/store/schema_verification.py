"""Tables of removals and of what comes back.

``removal`` says of each listing in a sent request how its checks (``takedown_check``, only ever appended to) add up:
the last word and how often in a row, when the next look is due, since when it is gone, when that was verified by a
second look at distance, and when it was back. It can be made anew from the checks. ``offer_mark`` holds what the seller
of a listing with a case can be known again by (kind ``seller``, ``contact``, ``text``, ``image``), each as a digest or
a keyed hash, so that one look into an index tells whether something removed is back. ``offer_band`` holds bands of the
wording of what was removed, and of what was opened in the last weeks (``marks``): what is back in other words is found
among those that share one.

``life_line`` is derived: of each sent request the moments of its listings as the clocks count them, packed
(``casework.life_lines``), so that medians over all are told without reading every listing. ``life_line_due`` names
requests of which a moment was written since, ``life_line_reach`` the regions and families that the cases of such
listings have, by which a person's limits leave some. ``verified_removal`` is derived with it (``store.verified``):
what the tables count of the removals of such listings.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text, text

from adwatch.store.columns import DATA, ID, WHEN, metadata

removal = Table(
    "removal",
    metadata,
    Column("takedown_id", ID, ForeignKey("takedown.id"), primary_key=True),
    Column("listing_id", ID, ForeignKey("listing.id"), primary_key=True),
    Column("word", String(20), nullable=False),
    Column("judged", String(10)),
    Column("looks", Integer, nullable=False),
    Column("last_at", WHEN, nullable=False),
    Column("last_day", String(10), nullable=False),
    Column("known_at", WHEN),
    Column("due_at", WHEN),
    Column("due_day", String(10)),
    Column("gone_at", WHEN),
    Column("gone_day", String(10)),
    Column("gone_looks", Integer, nullable=False),
    Column("removed_at", WHEN),
    Column("removed_day", String(10)),
    Column("verified_at", WHEN),
    Column("verified_day", String(10)),
    Column("relisted_at", WHEN),
    Column("relisted_day", String(10)),
    Column("relisted_how", String(10)),
    Index("ix_removal_due", "due_day"),
    Index("ix_removal_listing", "listing_id"),
    Index("ix_removal_verified", "verified_day"),
)
BACK = "relisted_at IS NOT NULL"
"""Of what is back, few among all that was removed, the newest is shown."""
Index(
    "ix_removal_back",
    removal.c.relisted_at.desc(),
    removal.c.listing_id,
    sqlite_where=text(BACK),
    postgresql_where=text(BACK),
)
STANDING = "gone_at IS NULL"
Index(
    "ix_removal_standing",
    removal.c.takedown_id,
    removal.c.known_at,
    sqlite_where=text(STANDING),
    postgresql_where=text(STANDING),
)

CLEARED = "word = 'changed' AND judged = 'clear'"
"""Where another text stands that is no offer: little, of which nobody is reminded."""
Index(
    "ix_removal_cleared",
    removal.c.takedown_id,
    removal.c.listing_id,
    sqlite_where=text(CLEARED),
    postgresql_where=text(CLEARED),
)

offer_mark = Table(
    "offer_mark",
    metadata,
    Column("kind", String(10), primary_key=True),
    Column("value", String(64), primary_key=True),
    Column("listing_id", ID, ForeignKey("listing.id"), primary_key=True),
    Column("case_id", ID, ForeignKey("case.id"), nullable=False),
    Column("opened_day", String(10), nullable=False),
    Column("removed_day", String(10)),
    Index("ix_mark_listing", "listing_id"),
    Index("ix_mark_opened", "kind", "value", "opened_day"),
    Index("ix_mark_removed", "kind", "value", "removed_day"),
)

offer_band = Table(
    "offer_band",
    metadata,
    Column("band", BigInteger, primary_key=True, autoincrement=False),
    Column("listing_id", ID, ForeignKey("listing.id"), primary_key=True),
    Column("case_id", ID, ForeignKey("case.id"), nullable=False),
    Column("opened_day", String(10), nullable=False),
    Column("removed_day", String(10)),
    Index("ix_band_listing", "listing_id"),
    Index("ix_band_opened", "band", "opened_day"),
    Index("ix_band_removed", "band", "removed_day"),
    Index("ix_band_age", "removed_day", "opened_day"),
)

life_line = Table(
    "life_line",
    metadata,
    Column("takedown_id", ID, ForeignKey("takedown.id"), primary_key=True),
    Column("platform_id", ID, ForeignKey("platform.id"), nullable=False),
    Column("made", String(80), nullable=False),
    Column("lines", LargeBinary, nullable=False),
    Index("ix_life_line_made", "made"),
)
"""``made``: by which form, and for which time zone; what was made otherwise counts as due."""

life_line_due = Table(
    "life_line_due",
    metadata,
    Column("seq", ID, primary_key=True),
    Column("takedown_id", ID, nullable=False),
    sqlite_autoincrement=True,
)

life_line_reach = Table(
    "life_line_reach",
    metadata,
    Column("id", ID, primary_key=True),
    Column("key", String(64), nullable=False, unique=True),
    Column("region", Text),
    Column("families", DATA, nullable=False),
)
"""``key``: digest of region and families; a region is as sellers write it, of any length."""

verified_removal = Table(
    "verified_removal",
    metadata,
    Column("listing_id", ID, ForeignKey("listing.id"), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("earlier", String(10)),
    Column("turn", ID, nullable=False),
    Column("case_id", ID, ForeignKey("case.id"), nullable=False),
    Column("scope", Text),
    Column("types", Text, nullable=False),
    Index("ix_verified_removal_day", "day", "scope", "earlier", "case_id", "listing_id"),
    Index("ix_verified_removal_case", "case_id", "listing_id"),
)
"""Days on which a removal of a listing was verified whose case's last finding is 属实.

``earlier``: the last such day before it. ``turn``: the look that verified it. ``scope``, ``types`` (JSON): those that
hold."""
