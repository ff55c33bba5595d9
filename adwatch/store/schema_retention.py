"""Tables of what is kept how long; see ``schema``.

``legal_hold`` keeps a case, or everything (``case_id`` NULL), from being deleted until it is released.
``evidence_package`` is a package that was made of a case and kept; ``package_capture`` says which records are in it, so
that they are found there when their WARC file has expired. ``expired_file`` is a WARC file that was deleted by policy.
Of everything else that was deleted, ``tombstone`` has one row each (which it was, its digest), and ``erasure`` one for
those that went in one transaction: when, by which rule, by whom, and a digest over its tombstones, which the audit log
repeats.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text, text

from adwatch.store.columns import ID, WHEN, metadata

legal_hold = Table(
    "legal_hold",
    metadata,
    Column("id", ID, primary_key=True),
    Column("case_id", ID, ForeignKey("case.id")),
    Column("reason", Text, nullable=False),
    Column("placed_at", WHEN, nullable=False),
    Column("placed_by", Text, nullable=False),
    Column("placed_unit", Text, nullable=False),
    Column("released_at", WHEN),
    Column("released_by", Text),
    Column("release_reason", Text),
    Index("ix_legal_hold_case", "case_id"),
)

evidence_package = Table(
    "evidence_package",
    metadata,
    Column("id", ID, primary_key=True),
    Column("case_id", ID, ForeignKey("case.id"), nullable=False),
    Column("file", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("manifest_sha256", String(64), nullable=False),
    Column("at", WHEN, nullable=False),
    Column("person", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Index("ix_evidence_package_case", "case_id"),
)
"""``file``: under ``packages/`` in ADWATCH_HOME."""

package_capture = Table(
    "package_capture",
    metadata,
    Column("package_id", ID, ForeignKey("evidence_package.id"), primary_key=True),
    Column("capture_id", ID, primary_key=True),
    Column("offset", BigInteger, nullable=False),
    Column("length", BigInteger, nullable=False),
    Index("ix_package_capture", "capture_id"),
)
"""``offset`` and ``length``: where in the package's file the records stand, as they came out of the archive."""

expired_file = Table(
    "expired_file",
    metadata,
    Column("id", ID, primary_key=True),
    Column("file", Text, nullable=False, unique=True),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("day", String(10), nullable=False),
    Column("captures", Integer, nullable=False),
    Column("kept", Integer, nullable=False),
    Column("rule", Text, nullable=False),
    Column("at", WHEN, nullable=False),
    Column("deleted_at", WHEN),
    Column("person", Text, nullable=False),
    Column("unit", Text, nullable=False),
)
"""``captures``: whose records were in it; ``kept``: those of them that lie in a case's package. The row is there before
the file is gone; ``deleted_at`` is set behind it."""

erasure = Table(
    "erasure",
    metadata,
    Column("id", ID, primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("rule", String(20), nullable=False),
    Column("label", Text, nullable=False),
    Column("day", String(10), nullable=False),
    Column("count", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("at", WHEN, nullable=False),
    Column("person", Text, nullable=False),
    Column("unit", Text, nullable=False),
)
"""``label``: what the rule was called then, ``day`` the office's day; ``sha256``: over the lines ``subject_id digest``
of its tombstones, in the order of their numbers."""

tombstone = Table(
    "tombstone",
    metadata,
    Column("kind", String(20), primary_key=True),
    Column("subject_id", ID, primary_key=True, autoincrement=False),
    Column("erasure_id", ID, ForeignKey("erasure.id"), primary_key=True, autoincrement=False),
    Column("digest", String(64), nullable=False),
    Column("gone_at", WHEN),
    Index("ix_tombstone_erasure", "erasure_id"),
    sqlite_with_rowid=False,
)
"""``kind``: text (a listing's version), picture, inspection, issue (of the weekly list), opinion, attachment,
package, transfer;
``digest``: SHA-256 of what is gone. Files have their row before they are deleted; ``gone_at`` is set behind it."""
NOT_GONE = "gone_at IS NULL"
Index("ix_tombstone_waiting", tombstone.c.kind, sqlite_where=text(NOT_GONE), postgresql_where=text(NOT_GONE))
