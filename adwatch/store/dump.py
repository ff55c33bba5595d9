"""``dump --canonical``: the state as sorted JSON lines without clocks and surrogate ids; equal states print the same.

A capture counts once however often the same page was fetched: a run that died before storing it may ask again.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, select

from adwatch.store import schema as s
from adwatch.store.dump_accounts import who_signs_in
from adwatch.store.dump_casework import about_cases, attachments
from adwatch.store.dump_outside import from_outside
from adwatch.store.dump_pages import pages
from adwatch.store.dump_pictures import pictures
from adwatch.store.dump_review import reviewed
from adwatch.store.dump_sites import sites
from adwatch.store.dump_subjects import subjects
from adwatch.store.dump_takedown import papers
from adwatch.store.dump_transfer import kept, transfers
from adwatch.store.dump_verification import removals
from adwatch.store.engine import reading

CLOCKS = ("found_at", "evidence", "decision", "disposal", "checked_at", "case_id")
"""Cells of an exported row that hold times or surrogate ids."""


def canonical(engine: Engine) -> Iterator[str]:
    """Lines in order: listings with all versions, verdicts, captures, cases and their history, requests, sheets."""
    with reading(engine) as connection:
        lines = [
            *_listings(connection),
            *sorted(set(_captures(connection))),
            *_cases(connection),
            *_takedowns(connection),
            *_exports(connection),
            *_reports(connection),
        ]
    yield from sorted(lines)


def _line(table: str, values: dict[str, Any]) -> str:
    return orjson.dumps({"table": table, **values}, option=orjson.OPT_SORT_KEYS).decode()


def _without(row: Any, *names: str) -> dict[str, Any]:
    return {str(key): value for key, value in row._mapping.items() if key not in names}


def _listings(connection: Connection) -> Iterator[str]:
    current = (
        select(s.listing, s.platform.c.name.label("platform"), s.listing_version.c.content_sha256)
        .join(s.platform, s.platform.c.id == s.listing.c.platform_id)
        .outerjoin(s.listing_version, s.listing_version.c.id == s.listing.c.version_id)
    )
    clocks = ("first_seen_at", "last_seen_at", "first_flagged_at")
    hidden = ("id", "key", "platform_id", "version_id", "shown_sha256", *clocks)
    for row in connection.execute(current):
        values = _without(row, *hidden)
        yield _line("listing", {**values, "listing_id": row.key.hex(), "flagged": row.first_flagged_at is not None})
    versions = (
        select(s.listing_version, s.listing.c.key, s.capture.c.sha256.label("capture_sha256"), s.capture.c.url)
        .join(s.listing, s.listing.c.id == s.listing_version.c.listing_id)
        .outerjoin(s.capture, s.capture.c.id == s.listing_version.c.capture_id)
    )
    for row in connection.execute(versions):
        values = _without(row, "id", "listing_id", "captured_at", "posted_at", "capture_id", "key")
        posted = row.posted_at.isoformat() if row.posted_at else None
        yield _line("listing_version", {**values, "listing_id": row.key.hex(), "posted_at": posted})
    verdicts = (
        select(
            s.verdict,
            s.listing.c.key,
            s.listing_version.c.content_sha256,
            s.classifier.c.version,
            s.classifier.c.keyword_versions,
        )
        .join(s.listing_version, s.listing_version.c.id == s.verdict.c.version_id)
        .join(s.listing, s.listing.c.id == s.listing_version.c.listing_id)
        .join(s.classifier, s.classifier.c.id == s.verdict.c.classifier_id)
    )
    for row in connection.execute(verdicts):
        yield _line("verdict", {**_without(row, "version_id", "classifier_id", "key"), "listing_id": row.key.hex()})


def _captures(connection: Connection) -> Iterator[str]:
    query = select(s.capture, s.platform.c.name.label("platform")).join(
        s.platform, s.platform.c.id == s.capture.c.platform_id
    )
    for row in connection.execute(query):
        shown = {name: getattr(row, name) for name in ("platform", "day", "role", "url", "status", "sha256")}
        yield _line("capture", shown)


def _listing_ids(connection: Connection, link: Any, owner: Any) -> dict[int, list[str]]:
    query = select(owner, s.listing.c.key).join(s.listing, s.listing.c.id == link.c.listing_id).select_from(link)
    found: dict[int, list[str]] = {}
    for owner_id, key in connection.execute(query):
        found.setdefault(owner_id, []).append(key.hex())
    return {owner_id: sorted(keys) for owner_id, keys in found.items()}


def _cases(connection: Connection) -> Iterator[str]:
    listing_ids = _listing_ids(connection, s.case_listing, s.case_listing.c.case_id)
    transient = ("leased_by", "leased_until", "leased_at", "updated_at")
    hidden = ("id", "platform_id", "subject_id", "opened_at", "registered_at", *transient)
    for row in connection.execute(select(s.case)):
        yield _line("case", {**_without(row, *hidden), "listing_ids": listing_ids.get(row.id, [])})
    for table, values in chain(
        about_cases(connection, listing_ids),
        attachments(connection),
        reviewed(connection, listing_ids),
        from_outside(connection, listing_ids),
        who_signs_in(connection),
        transfers(connection, listing_ids),
        kept(connection, listing_ids),
        pages(connection),
        pictures(connection),
        subjects(connection),
        sites(connection),
    ):
        yield _line(table, values)
    decided = select(s.case_listing, s.listing.c.key).join(s.listing, s.listing.c.id == s.case_listing.c.listing_id)
    for row in connection.execute(decided.where(s.case_listing.c.decided_flagged.is_not(None))):
        values = _without(row, "listing_id", "case_id", "decided_version_id", "key")
        yield _line("decided_on", {**values, "listing_id": row.key.hex()})
    for row in connection.execute(select(s.decision).order_by(s.decision.c.id)):
        values = _without(row, "id", "case_id", "at", "opened_at")
        yield _line("decision", {**values, "listing_ids": listing_ids.get(row.case_id, [])})
    for row in connection.execute(select(s.event).where(s.event.c.subject == "case")):
        values = _without(row, "id", "subject_id", "at")
        yield _line("event", {**values, "listing_ids": listing_ids.get(row.subject_id, [])})


def _takedowns(connection: Connection) -> Iterator[str]:
    listing_ids = _listing_ids(connection, s.takedown_listing, s.takedown_listing.c.takedown_id)
    query = select(s.takedown, s.platform.c.name.label("platform")).join(
        s.platform, s.platform.c.id == s.takedown.c.platform_id
    )
    for row in connection.execute(query):
        shown = {"number": row.number, "platform": row.platform, "state": row.state}
        yield _line("takedown", {**shown, "listing_ids": listing_ids.get(row.id, [])})
    for name, link in (("takedown_listing", s.takedown_listing), ("takedown_check", s.takedown_check)):
        words = select(link.c.word, s.takedown.c.number, s.listing.c.key)
        words = words.join(s.takedown, s.takedown.c.id == link.c.takedown_id)
        for row in connection.execute(words.join(s.listing, s.listing.c.id == link.c.listing_id)):
            yield _line(name, {"number": row.number, "listing_id": row.key.hex(), "word": row.word})
    for table, values in chain(papers(connection), removals(connection)):
        yield _line(table, values)


def _exports(connection: Connection) -> Iterator[str]:
    for row in connection.execute(select(s.export_issue)):
        rows = [{name: cell for name, cell in cells.items() if name not in CLOCKS} for cells in row.rows["rows"]]
        yield _line("export_issue", {"week": row.week, "issue": row.issue, "rows": rows})


def _reports(connection: Connection) -> Iterator[str]:
    """Reports that fall due; what was submitted without the clocks and surrogate keys inside."""
    for table in (s.report_value, s.report_import):
        for row in connection.execute(select(table)):
            yield _line(table.name, _without(row, "id", "at"))
    leads = select(s.report_lead, s.case.c.lead_number).join(s.case, s.case.c.id == s.report_lead.c.case_id)
    for row in connection.execute(leads):
        yield _line("report_lead", _without(row, "id", "case_id", "at", "day"))
    for row in connection.execute(select(s.report_issue)):
        said = {name: row.content[name] for name in ("shown", "changes")}
        own = row.content["own"][row.content["own_department"]]
        behind = {name: sorted(one["listing_id"] for one in cell.get("listings", ())) for name, cell in own.items()}
        yield _line("report_issue", {**_without(row, "id", "at", "sha256", "content"), **said, "behind": behind})


def _audit(connection: Connection) -> Iterator[str]:
    """Without numbers, clocks and digests, which no two stores share."""
    for row in connection.execute(select(s.audit_entry)):
        shown = {name: getattr(row, name) for name in ("person", "unit", "role", "action", "subject")}
        yield _line("audit_entry", shown)
