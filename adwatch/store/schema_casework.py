"""Tables of what people do: cases, decisions, requests to platforms, issues of the weekly list; see ``schema``.

``case`` repeats of its listings what a queue is chosen and ordered by (platform, band, tier, region), and of its tags
the ``family`` (see ``reach``); ``case_tag`` has what there may be several of: kind ``class`` (offer class), ``family``
(certificate family), ``contact`` (contact key, never the contact), ``seller`` (digest of the seller's id or name), an
authority's. ``case_link`` joins a case to another that it came
from or that came from it: kind ``relisted``, ``inspection``, ``tip``, ``cluster``. ``attachment`` says what was handed
in or made about a case, a request or another subject; its bytes lie beside the store under their digest.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

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
    Column("platform_id", ID, ForeignKey("platform.id", name="fk_case_platform")),
    Column("band", String(10)),
    Column("tier", String(10)),
    Column("region", Text),
    Column("family", String(64)),
    Column("origin", String(20), nullable=False, server_default="patrol"),
    Column("owner", String(60)),
    Column("campaign", String(60)),
    Column("subject_id", ID),
    Column("leased_by", Text),
    Column("leased_until", WHEN),
    Column("leased_at", WHEN),
    Column("updated_at", WHEN),
    Index("ix_case_owner", "owner", "state"),
    Index("ix_case_registered", "state", "registered_at"),
    Index("ix_case_campaign", "campaign"),
    Index("ix_case_day", "opened_day"),
)
_OF_SUBJECT = (case.c.scope.desc(), case.c.score.desc(), case.c.state, case.c.region, case.c.family, case.c.id)
Index("ix_case_subject", case.c.subject_id, *_OF_SUBJECT)
Index("ix_case_queue", case.c.scope.desc(), case.c.score.desc(), case.c.id)
_DAY = (case.c.scope.desc(), case.c.score.desc(), case.c.id, case.c.opened_day)
"""With the day at its end: whoever looks for some days walks the index alone."""
Index("ix_case_state", case.c.state, *_DAY)
Index("ix_case_reach", case.c.region, case.c.family, case.c.state, *_DAY)
Index("ix_case_family", case.c.family, case.c.state, *_DAY)
Index("ix_case_platform", case.c.platform_id, case.c.state, case.c.scope.desc(), case.c.score.desc(), case.c.id)
Index("ix_case_region", case.c.region, case.c.state, *_DAY)
Index("ix_case_region_day", case.c.region, case.c.opened_day, case.c.family, case.c.state)
UNOWNED = "lead_number IS NOT NULL AND owner IS NULL"
"""Registered leads that no authority owns, few among all."""
Index("ix_case_unowned", case.c.owner, case.c.id, sqlite_where=text(UNOWNED), postgresql_where=text(UNOWNED))
FROM_OUTSIDE = "origin <> 'patrol'"
"""Leads that no patrol found, few among all; their addresses are looked up among themselves."""
Index("ix_case_outside", case.c.origin, sqlite_where=text(FROM_OUTSIDE), postgresql_where=text(FROM_OUTSIDE))

case_tag = Table(
    "case_tag",
    metadata,
    Column("case_id", ID, ForeignKey("case.id"), primary_key=True),
    Column("kind", String(10), primary_key=True),
    Column("value", String(64), primary_key=True),
    Index("ix_case_tag_value", "kind", "value", "case_id"),
)

case_link = Table(
    "case_link",
    metadata,
    Column("case_id", ID, ForeignKey("case.id"), primary_key=True),
    Column("other_id", ID, ForeignKey("case.id"), primary_key=True),
    Column("kind", String(20), primary_key=True),
    Column("at", WHEN, nullable=False),
    Column("detail", DATA, nullable=False),
    Index("ix_case_link_other", "other_id"),
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
    Column("decided_families", DATA),
    Index("ix_case_listing_case", "case_id", "listing_id"),
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
    Column("code", String(20)),
    Column("opened_at", WHEN),
    Column("corrected", DATA),
    Index("ix_decision_case", "case_id", "id", "result"),
    Index("ix_decision_at", "at", "case_id"),
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
UNSENT = "sent_at IS NULL"
Index("ix_takedown_unsent", takedown.c.id, sqlite_where=text(UNSENT), postgresql_where=text(UNSENT))

takedown_listing = Table(
    "takedown_listing",
    metadata,
    Column("takedown_id", ID, ForeignKey("takedown.id"), primary_key=True),
    Column("listing_id", ID, ForeignKey("listing.id"), primary_key=True),
    Column("version_id", ID, nullable=False),
    Column("word", String(20)),
    Column("checked_at", WHEN),
    Column("check_capture_id", ID),
    Index("ix_takedown_listing", "listing_id", "takedown_id", "word"),
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
    Column("day", String(10)),
    Column("rule", String(40)),
    Column("confidence", Float),
    Column("judged", String(10)),
    Index("ix_takedown_check_listing", "listing_id", "id", "word", "at", "day", "capture_id", "takedown_id"),
)
GONE_BY_CAPTURE, GONE_BY_TIME = "word = 'gone' AND capture_id IS NOT NULL", "word = 'gone' AND capture_id IS NULL"
"""Checks that say gone by the day that they count on: that of their capture, else the office's at their time."""
Index(
    "ix_takedown_check_gone_day",
    takedown_check.c.day,
    takedown_check.c.listing_id,
    sqlite_where=text(GONE_BY_CAPTURE),
    postgresql_where=text(GONE_BY_CAPTURE),
)
Index(
    "ix_takedown_check_gone_at",
    takedown_check.c.at,
    takedown_check.c.listing_id,
    sqlite_where=text(GONE_BY_TIME),
    postgresql_where=text(GONE_BY_TIME),
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

attachment = Table(
    "attachment",
    metadata,
    Column("id", ID, primary_key=True),
    Column("sha256", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("media_type", String(120), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("subject", String(20), nullable=False),
    Column("subject_id", ID, nullable=False),
    Column("kind", String(30), nullable=False),
    Column("at", WHEN, nullable=False),
    Column("person", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Index("ix_attachment_subject", "subject", "subject_id"),
    Index("ix_attachment_sha256", "sha256"),
)
