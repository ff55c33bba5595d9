"""Tables of second looks: what is put before a second reviewer, and what each person found who looked; see ``schema``.

``second_look`` is one thing to look at: kind ``two_person`` (a finding that needs two), ``dismissed`` or ``unflagged``
(drawn for quality), ``gold`` (the answer is known, everyone is asked). ``second_finding`` is one person's finding,
only ever appended; nobody is shown another's before the matter is settled or lies with the third.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, String, Table, Text, UniqueConstraint

from adwatch.store.columns import DATA, ID, WHEN, metadata

second_look = Table(
    "second_look",
    metadata,
    Column("id", ID, primary_key=True),
    Column("kind", String(12), nullable=False),
    Column("case_id", ID, ForeignKey("case.id")),
    Column("listing_id", ID, ForeignKey("listing.id")),
    Column("decision_id", ID, ForeignKey("decision.id")),
    Column("stage", String(10), nullable=False),
    Column("known", String(20)),
    Column("result", String(20)),
    Column("made_at", WHEN, nullable=False),
    Column("settled_at", WHEN),
    UniqueConstraint("kind", "listing_id"),
    UniqueConstraint("kind", "decision_id"),
    Index("ix_second_look_case", "case_id", "stage"),
    Index("ix_second_look_stage", "stage", "kind", "id"),
)
"""``stage``: second, third, settled, withdrawn (the one finding was taken back), and gold for what stays open;
``known``: the finding that is looked at again, or the answer of a gold item; ``result``: what stands in the end."""

second_finding = Table(
    "second_finding",
    metadata,
    Column("id", ID, primary_key=True),
    Column("second_look_id", ID, ForeignKey("second_look.id"), nullable=False),
    Column("person", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("result", String(20), nullable=False),
    Column("code", String(20)),
    Column("reason", Text, nullable=False),
    Column("opened_at", WHEN),
    Column("at", WHEN, nullable=False),
    Column("corrected", DATA),
    UniqueConstraint("second_look_id", "person", "unit"),
)
