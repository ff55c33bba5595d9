"""Tables of subjects (主体): which accounts are one seller, why, and what persons said of it; see ``schema``.

``subject_account`` is a shop or account on one platform (or a single listing that names none), the smallest thing that
is linked; ``subject_member`` says which flagged listings are its own. ``subject_mark`` is what an account shows: each
value is a 63-bit digest of a contact key, a text, a picture, a credit code, or of two of them together; accounts that
hold the same value are linked where ``adwatch.tables.links`` finds that enough. ``subject_recent`` and
``subject_holder`` are the same marks by value, the new ones apart from the many: see ``subject_marks``.
``subject_wide`` remembers values that very many hold, so that nobody reads their holders again. ``subject_rule``
(merge, split, undo) is only ever appended to and names accounts in ``subject_rule_account``. ``subject_due`` are
listings to be looked at. ``subject.cases`` counts the cases that point to a subject, so that the largest are found at
once.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text, text

from adwatch.store.columns import ID, WHEN, metadata

subject = Table(
    "subject",
    metadata,
    Column("id", ID, primary_key=True),
    Column("made_at", WHEN, nullable=False),
    Column("merged_into", ID),
    Column("cases", Integer, nullable=False, server_default=text("0")),
)
Index("ix_subject_cases", subject.c.cases.desc(), subject.c.id)

subject_account = Table(
    "subject_account",
    metadata,
    Column("id", ID, primary_key=True),
    Column("key", LargeBinary(16), nullable=False, unique=True),
    Column("platform_id", ID, ForeignKey("platform.id"), nullable=False),
    Column("seller_id", Text),
    Column("subject_id", ID, nullable=False),
    Index("ix_subject_account_subject", "subject_id"),
)

subject_member = Table(
    "subject_member",
    metadata,
    Column("listing_id", ID, ForeignKey("listing.id"), primary_key=True),
    Column("account_id", ID, ForeignKey("subject_account.id"), nullable=False),
    Column("at", WHEN, nullable=False),
    Index("ix_subject_member_account", "account_id", "listing_id"),
)

subject_mark = Table(
    "subject_mark",
    metadata,
    Column("account_id", ID, ForeignKey("subject_account.id"), primary_key=True),
    Column("kind", String(20), primary_key=True),
    Column("value", BigInteger, primary_key=True, autoincrement=False),
    Column("listing_id", ID, nullable=False),
    Column("shown", Text),
    sqlite_with_rowid=False,
)

subject_recent = Table(
    "subject_recent",
    metadata,
    Column("value", BigInteger, primary_key=True, autoincrement=False),
    Column("account_id", ID, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

subject_holder = Table(
    "subject_holder",
    metadata,
    Column("value", BigInteger, primary_key=True, autoincrement=False),
    Column("account_id", ID, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

subject_wide = Table(
    "subject_wide",
    metadata,
    Column("value", BigInteger, primary_key=True, autoincrement=False),
)

subject_rule = Table(
    "subject_rule",
    metadata,
    Column("id", ID, primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("of_id", ID, ForeignKey("subject_rule.id")),
    Column("person", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", WHEN, nullable=False),
)

subject_rule_account = Table(
    "subject_rule_account",
    metadata,
    Column("rule_id", ID, ForeignKey("subject_rule.id"), primary_key=True),
    Column("account_id", ID, ForeignKey("subject_account.id"), primary_key=True),
    Column("side", Integer, nullable=False),
    Index("ix_subject_rule_account", "account_id"),
)

subject_due = Table(
    "subject_due",
    metadata,
    Column("seq", ID, primary_key=True),
    Column("listing_id", ID, nullable=False),
    sqlite_autoincrement=True,
)
