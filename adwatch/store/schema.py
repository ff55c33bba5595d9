"""The tables of the SQL store (the truth): integer surrogate keys; a listing's stable key is a unique 16-byte digest.

``listing`` holds what changes without making a new version (price, counters, times) and points to its current
``listing_version``, whose digest it repeats: one seen again unchanged is known without reading its version, and its row
is written into room that its page was left (on PostgreSQL), so that no index is. Versions hold content and are only
ever appended, so that they can be partitioned by month. A version without a ``verdict`` of the current classifier is
the classify backlog; an ``outbox`` row says that the search index must look at a listing again, and since when, a
``refused_document`` that it would not take it; ``index_rebuild`` keeps how far the making of a new index has come.
``look`` remembers the last full look at the page behind an item of a list and what the list showed of it;
``run.cursors`` how far each list was read; ``budget_use`` counts a day's requests. ``case_listing`` keeps, per listing,
the verdict that the last decision was taken on; ``keyword_set`` says which lists a verdict's digest stands for;
``decision.may_train`` is the consent to learn from it; ``opinion`` keeps what a language model was asked once;
``counter`` gives numbers without gaps; ``takedown_check`` is only ever appended to, and ``takedown_listing`` has the
last word of it.
"""

from __future__ import annotations

from adwatch.store.columns import metadata
from adwatch.store.schema_accounts import account, account_link, account_session, console_token, saved_view, sign_in
from adwatch.store.schema_audit import audit_entry
from adwatch.store.schema_budgets import budget_use
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
from adwatch.store.schema_differing import (
    correction_letter,
    correction_mail,
    correction_row,
    correction_step,
    differing,
)
from adwatch.store.schema_keywords import keyword_list, keyword_set
from adwatch.store.schema_learning import opinion
from adwatch.store.schema_listings import (
    capture,
    classifier,
    host_slot,
    index_rebuild,
    listing,
    listing_version,
    look,
    outbox,
    platform,
    refused_document,
    run,
    validator,
    verdict,
)
from adwatch.store.schema_pages import page_capture
from adwatch.store.schema_pictures import picture, picture_address, picture_version
from adwatch.store.schema_reports import report_import, report_issue, report_lead, report_value
from adwatch.store.schema_retention import (
    erasure,
    evidence_package,
    expired_file,
    legal_hold,
    package_capture,
    tombstone,
)
from adwatch.store.schema_review import second_finding, second_look
from adwatch.store.schema_sites import site, site_look, site_mark, site_reference, site_sighting
from adwatch.store.schema_subjects import (
    subject,
    subject_account,
    subject_due,
    subject_holder,
    subject_mark,
    subject_member,
    subject_recent,
    subject_rule,
    subject_rule_account,
    subject_wide,
)
from adwatch.store.schema_takedown import (
    takedown_letter,
    takedown_mail,
    takedown_mended,
    takedown_reply,
    takedown_step,
)
from adwatch.store.schema_tracks import track
from adwatch.store.schema_transfer import transfer, transfer_case, transfer_step
from adwatch.store.schema_verification import (
    life_line,
    life_line_due,
    life_line_reach,
    offer_band,
    offer_mark,
    removal,
    verified_removal,
)

__all__ = [
    "account",
    "account_link",
    "account_session",
    "attachment",
    "audit_entry",
    "budget_use",
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
    "console_token",
    "correction_letter",
    "correction_mail",
    "correction_row",
    "correction_step",
    "counter",
    "decision",
    "differing",
    "erasure",
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
    "life_line",
    "life_line_due",
    "life_line_reach",
    "listing",
    "listing_version",
    "look",
    "metadata",
    "offer_band",
    "offer_mark",
    "opinion",
    "outbox",
    "package_capture",
    "page_capture",
    "picture",
    "picture_address",
    "picture_version",
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
    "site",
    "site_look",
    "site_mark",
    "site_reference",
    "site_sighting",
    "subject",
    "subject_account",
    "subject_due",
    "subject_holder",
    "subject_mark",
    "subject_member",
    "subject_recent",
    "subject_rule",
    "subject_rule_account",
    "subject_wide",
    "takedown",
    "takedown_check",
    "takedown_letter",
    "takedown_listing",
    "takedown_mail",
    "takedown_mended",
    "takedown_reply",
    "takedown_step",
    "tombstone",
    "track",
    "transfer",
    "transfer_case",
    "transfer_step",
    "validator",
    "verdict",
    "verified_removal",
]
