"""Tables of leads that come from outside or are confirmed outside; see ``schema``.

``confirmation`` is a batch that goes to an authority by letter (甄别函), ``confirmation_row`` one of its leads with the
answer. ``intake`` is a sheet that came in (hotline, 上级交办, another department), ``intake_lead`` one of its leads or
tips: the number under which it came, and what was told about it. ``inspection`` is a false card that an inspection
found: its number and contact stand here raw and nowhere else. ``campaign_value`` is an indicator entered by hand (the
last of a cell holds). ``bulletin`` is a text on closed cases, behind the gate of publication.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from adwatch.store.columns import DATA, ID, WHEN, metadata

confirmation = Table(
    "confirmation",
    metadata,
    Column("id", ID, primary_key=True),
    Column("number", String(40), nullable=False, unique=True),
    Column("authority", String(60), nullable=False),
    Column("state", String(20), nullable=False),
    Column("drafted_at", WHEN, nullable=False),
    Column("sent_at", WHEN),
    Column("sent_by", Text),
    Column("due_on", String(10)),
    Column("document", Text),
    Column("reply_number", Text),
    Column("reply_on", String(10)),
    Column("content", DATA, nullable=False),
)

confirmation_row = Table(
    "confirmation_row",
    metadata,
    Column("id", ID, primary_key=True),
    Column("confirmation_id", ID, ForeignKey("confirmation.id"), nullable=False),
    Column("case_id", ID, ForeignKey("case.id"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("lead_number", String(40), nullable=False),
    Column("answer", String(20)),
    Column("reason", Text),
    Column("person", Text),
    Column("day", String(10)),
    Column("answered_at", WHEN),
    Column("settled", String(20)),
    Column("decision_id", ID),
    UniqueConstraint("confirmation_id", "case_id"),
    Index("ix_confirmation_row_case", "case_id"),
)

intake = Table(
    "intake",
    metadata,
    Column("id", ID, primary_key=True),
    Column("origin", String(20), nullable=False),
    Column("platform", String(100), nullable=False),
    Column("document", Text, nullable=False),
    Column("giver", Text, nullable=False),
    Column("file", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("received_at", WHEN, nullable=False),
    Column("person", Text, nullable=False),
    Column("unit", Text, nullable=False),
    UniqueConstraint("origin", "sha256"),
)

intake_lead = Table(
    "intake_lead",
    metadata,
    Column("id", ID, primary_key=True),
    Column("intake_id", ID, ForeignKey("intake.id"), nullable=False),
    Column("origin", String(20), nullable=False),
    Column("number", Text, nullable=False),
    Column("case_id", ID, ForeignKey("case.id"), nullable=False),
    Column("received_at", WHEN, nullable=False),
    Column("due_on", String(10)),
    Column("real_name", Boolean, nullable=False),
    Column("acknowledged_at", WHEN),
    Column("acknowledged_by", Text),
    Column("told_at", WHEN),
    Column("told_by", Text),
    Column("told", Text),
    Column("rewarded_at", WHEN),
    Column("rewarded_by", Text),
    Column("reward", Text),
    UniqueConstraint("origin", "number"),
    Index("ix_intake_lead_case", "case_id"),
    Index("ix_intake_lead_due", "due_on"),
)

inspection = Table(
    "inspection",
    metadata,
    Column("id", ID, primary_key=True),
    Column("number", String(40), nullable=False, unique=True),
    Column("case_id", ID, ForeignKey("case.id"), nullable=False),
    Column("found_on", String(10), nullable=False),
    Column("place", Text, nullable=False),
    Column("card_number", Text, nullable=False),
    Column("card_key", String(64), nullable=False),
    Column("qr", Text, nullable=False),
    Column("bought", Text, nullable=False),
    Column("payment", Text, nullable=False),
    Column("contact", Text, nullable=False),
    Column("contact_key", String(64), nullable=False),
    Column("seller", Text, nullable=False),
    Column("at", WHEN, nullable=False),
    Column("person", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Index("ix_inspection_contact", "contact_key"),
    Index("ix_inspection_card", "card_key"),
)

campaign_value = Table(
    "campaign_value",
    metadata,
    Column("id", ID, primary_key=True),
    Column("campaign", String(60), nullable=False),
    Column("indicator", String(60), nullable=False),
    Column("department", Text, nullable=False),
    Column("county", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("at", WHEN, nullable=False),
    Index("ix_campaign_value_campaign", "campaign"),
)

bulletin = Table(
    "bulletin",
    metadata,
    Column("id", ID, primary_key=True),
    Column("number", String(40), nullable=False, unique=True),
    Column("kind", String(20), nullable=False),
    Column("key", String(60), nullable=False),
    Column("campaign", String(60)),
    Column("state", String(20), nullable=False),
    Column("content", DATA, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("unit", Text, nullable=False),
    Column("drafted_at", WHEN, nullable=False),
    Column("drafted_by", Text, nullable=False),
    Column("approved_at", WHEN),
    Column("approved_by", Text),
    Column("ended_at", WHEN),
    Column("ended_by", Text),
    Column("ended_unit", Text),
    Column("reason", Text),
)
