"""Tables of who signs in to the console: accounts, their sessions, one-time links, wrong passwords, saved views.

Nothing here can be used by who reads it: a password is an argon2 hash, a session and a link are the digests of what the
browser holds. ``sign_in`` counts wrong passwords by the digest of the name typed, whether there is such an account or
not, so that a lock-out does not tell which names exist. ``console_token`` remembers, until they have run out, the
confirmations by which an act was done: each counts once, whichever process of the console it comes to.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from adwatch.store.columns import DATA, ID, WHEN, metadata

account = Table(
    "account",
    metadata,
    Column("id", ID, primary_key=True),
    Column("name", String(60), nullable=False, unique=True),
    Column("person", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("role", String(20), nullable=False),
    Column("regions", DATA, nullable=False),
    Column("families", DATA, nullable=False),
    Column("password", Text),
    Column("active", Boolean, nullable=False),
    Column("made_at", WHEN, nullable=False),
    Column("signed_in_at", WHEN),
)

account_session = Table(
    "account_session",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("account_id", ID, ForeignKey("account.id"), nullable=False),
    Column("csrf", String(64), nullable=False),
    Column("opened_at", WHEN, nullable=False),
    Column("seen_at", WHEN, nullable=False),
    Index("ix_account_session_account", "account_id"),
)

account_link = Table(
    "account_link",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("account_id", ID, ForeignKey("account.id")),
    Column("made_at", WHEN, nullable=False),
    Column("ends_at", WHEN, nullable=False),
)

sign_in = Table(
    "sign_in",
    metadata,
    Column("name_sha256", String(64), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("failed_at", WHEN, nullable=False),
)

saved_view = Table(
    "saved_view",
    metadata,
    Column("id", ID, primary_key=True),
    Column("account_id", ID, ForeignKey("account.id"), nullable=False),
    Column("name", String(40), nullable=False),
    Column("query", Text, nullable=False),
    UniqueConstraint("account_id", "name"),
)

console_token = Table(
    "console_token",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("taken_at", WHEN, nullable=False),
    Index("ix_console_token_taken", "taken_at"),
)
