"""The tables of the SQL store (the truth): integer surrogate keys; a listing's stable key is a unique 16-byte digest.

``listing`` holds what changes without making a new version (price, counters, times) and points to its current
``listing_version``, whose digest it repeats: one seen again unchanged is known without reading its version, and its row
is written into room that its page was left (on PostgreSQL), so that no index is. Versions hold content and are only
ever appended, so that they can be partitioned by month. A version without a ``verdict`` of the current classifier is
the classify backlog; an ``outbox`` row says that the search index must look at a listing again, and since when, a
``refused_document`` that it would not take it; ``index_rebuild`` keeps how far the making of a new index has come.
``look`` remembers the last full look at the page behind an item of a list and what the list showed of it;
``run.cursors`` how far each list was read. ``case_listing`` keeps, per listing, the verdict that the last decision was
taken on; ``keyword_set`` says which lists a verdict's digest stands for; ``decision.may_train`` is the consent to learn
from it; ``opinion`` keeps what a language model was asked once; ``counter`` gives numbers without gaps;
``takedown_check`` is only ever appended to, and ``takedown_listing`` has the last word of it.
"""

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
from adwatch.store.schema_accounts import account, account_link, account_session, saved_view, sign_in
from adwatch.store.schema_audit import audit_entry
from adwatch.store.schema_casework import (
    attachment,
    case,
    case_link,
    case_listing,
    case_tag,
    counter,
    decision,
    event,
    export_issue,
    takedown,
    takedown_check,
    takedown_listing,
)
from adwatch.store.schema_confirmation import (
    bulletin,
    campaign_value,
    confirmation,
    confirmation_row,
    inspection,
    intake,
    intake_lead,
)
from adwatch.store.schema_keywords import keyword_list, keyword_set
from adwatch.store.schema_learning import opinion
from adwatch.store.schema_reports import report_import, report_issue, report_lead, report_value
from adwatch.store.schema_retention import evidence_package, expired_file, legal_hold, package_capture
from adwatch.store.schema_review import second_finding, second_look
from adwatch.store.schema_subjects import (
    subject,
    subject_account,
    subject_due,
    subject_mark,
    subject_member,
    subject_rule,
    subject_rule_account,
    subject_wide,
)
from adwatch.store.schema_takedown import takedown_letter, takedown_mail, takedown_reply, takedown_step
from adwatch.store.schema_tracks import track
from adwatch.store.schema_transfer import transfer, transfer_case, transfer_step
from adwatch.store.schema_verification import offer_mark, removal

__all__ = [
    "account",
    "account_link",
    "account_session",
    "attachment",
    "audit_entry",
    "bulletin",
    "campaign_value",
    "capture",
    "case",
    "case_link",
    "case_listing",
    "case_tag",
    "classifier",
    "confirmation",
    "confirmation_row",
    "counter",
    "decision",
    "event",
    "evidence_package",
    "expired_file",
    "export_issue",
    "host_slot",
    "index_rebuild",
    "inspection",
    "intake",
    "intake_lead",
    "keyword_list",
    "keyword_set",
    "legal_hold",
    "listing",
    "listing_version",
    "look",
    "metadata",
    "offer_mark",
    "opinion",
    "outbox",
    "package_capture",
    "platform",
    "refused_document",
    "removal",
    "report_import",
    "report_issue",
    "report_lead",
    "report_value",
    "run",
    "saved_view",
    "second_finding",
    "second_look",
    "sign_in",
    "subject",
    "subject_account",
    "subject_due",
    "subject_mark",
    "subject_member",
    "subject_rule",
    "subject_rule_account",
    "subject_wide",
    "takedown",
    "takedown_check",
    "takedown_letter",
    "takedown_listing",
    "takedown_mail",
    "takedown_reply",
    "takedown_step",
    "track",
    "transfer",
    "transfer_case",
    "transfer_step",
    "validator",
    "verdict",
]

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
