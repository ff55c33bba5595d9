"""T3: verdict, case and outbox row in one transaction; the classify backlog."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, delete, func, select, update

from adwatch.failpoints import failpoint
from adwatch.models import Verdict
from adwatch.store import schema as s
from adwatch.store.bulk import insert_rows
from adwatch.store.engine import VERDICT_LOCK, advisory_lock, insert_id, reading, writing
from adwatch.store.erasures import TEXT, erased
from adwatch.store.listings import StoredVersion
from adwatch.store.opening import Finding, apply_findings
from adwatch.store.partitions import refresh_statistics

_VERDICT = ("version_id", "classifier_id", "band", "score", "scope", "reason", "tier", "detail")


@dataclass(frozen=True, slots=True)
class Saved:
    """What saving a batch of verdicts did."""

    flagged: int
    """Versions whose band is flagged."""
    opened: int
    """Cases opened."""
    reopened: int
    """Cases whose verdict differs from the one they were decided on."""


def classifier_id(engine: Engine, version: str, keyword_versions: str) -> int:
    """Id of the classifier's row, made when new; a new classifier's backlog is everything."""
    where = (s.classifier.c.version == version) & (s.classifier.c.keyword_versions == keyword_versions)
    with reading(engine) as connection:
        found = connection.scalar(select(s.classifier.c.id).where(where))
    if found is not None:
        return int(found)
    with writing(engine) as connection:
        advisory_lock(connection, VERDICT_LOCK)
        found = connection.scalar(select(s.classifier.c.id).where(where))
        if found is None:
            found = insert_id(
                connection, s.classifier, version=version, keyword_versions=keyword_versions, classified_to=0
            )
    return int(found)


def backlog(engine: Engine, classifier: int, limit: int = 2000, day: str | None = None) -> list[StoredVersion]:
    """Versions without a verdict of that classifier, oldest first; one whose words were deleted keeps its last."""
    v, d = s.listing_version, s.verdict
    with reading(engine) as connection:
        start = int(connection.scalar(select(s.classifier.c.classified_to).where(s.classifier.c.id == classifier)) or 0)
        query = (
            select(v.c.id, v.c.listing_id, v.c.title, v.c.text, v.c.day)
            .outerjoin(d, (d.c.version_id == v.c.id) & (d.c.classifier_id == classifier))
            .where(v.c.id > start, d.c.version_id.is_(None), ~erased(TEXT, v.c.id))
            .order_by(v.c.id)
            .limit(limit)
        )
        if day is not None:
            query = query.where(v.c.day == day)
        return [StoredVersion(*row) for row in connection.execute(query)]


def current_versions(
    engine: Engine, listing_keys: Sequence[bytes], classifier: int | None = None
) -> tuple[list[StoredVersion], int]:
    """The current version of each listing; with a classifier, those it has no verdict on, and how many it has."""
    v, d, item = s.listing_version, s.verdict, s.listing
    found: list[StoredVersion] = []
    have = 0
    with reading(engine) as connection:
        for at in range(0, len(listing_keys), 500):
            query = (
                select(v.c.id, v.c.listing_id, v.c.title, v.c.text, v.c.day, d.c.version_id)
                .select_from(item)
                .join(v, v.c.id == item.c.version_id)
                .outerjoin(d, (d.c.version_id == v.c.id) & (d.c.classifier_id == classifier))
                .where(item.c.key.in_(listing_keys[at : at + 500]), ~erased(TEXT, v.c.id))
                .order_by(v.c.id)
            )
            for row in connection.execute(query):
                if row[5] is None:
                    found.append(StoredVersion(*row[:5]))
                else:
                    have += 1
    return found, have


def mark_classified(engine: Engine, classifier: int) -> None:
    """Remember up to where every version has a verdict: the next backlog query starts behind.

    The first version without one is looked for again: another process may have stored it after the last backlog query,
    and a backlog of one day says nothing of the others.
    """
    v, d, c = s.listing_version, s.verdict, s.classifier
    with writing(engine) as connection:
        start = int(connection.scalar(select(c.c.classified_to).where(c.c.id == classifier)) or 0)
        newest = int(connection.scalar(select(func.coalesce(func.max(v.c.id), 0))) or 0)
        first_open = connection.scalar(
            select(func.min(v.c.id))
            .outerjoin(d, (d.c.version_id == v.c.id) & (d.c.classifier_id == classifier))
            .where(v.c.id > start, v.c.id <= newest, d.c.version_id.is_(None), ~erased(TEXT, v.c.id))
        )
        reached = newest if first_open is None else int(first_open) - 1
        connection.execute(update(c).where(c.c.id == classifier).values(classified_to=reached))
    refresh_statistics(engine)


def verdict_detail(verdict: Verdict) -> str | None:
    """The lists of a verdict as JSON text; None where all are empty, so that clear listings stay narrow."""
    lists = (verdict.offer_types, verdict.evidence, verdict.contacts, verdict.certificate_kinds, verdict.basis)
    if not any(lists) and not verdict.pictures:
        return None
    detail = {
        "types": verdict.offer_types,
        "families": verdict.certificate_kinds,
        "evidence": verdict.evidence,
        "contacts": verdict.contacts,
        "basis": verdict.basis,
    }
    if verdict.pictures:
        detail["pictures"] = verdict.pictures
    return orjson.dumps(detail).decode()


def save_verdicts(
    engine: Engine,
    classifier: int,
    versions: Sequence[StoredVersion],
    verdicts: Sequence[Verdict],
    day: str,
    now: datetime,
    found_by: str = "backlog",
    again: bool = False,
) -> Saved:
    """Store the verdicts of versions, open or re-open their cases, and tell the index: one transaction, idempotent.

    ``day`` is the day of the work, by which a week's export counts first flags; ``found_by`` names what looked, for
    cases of versions first seen on an earlier day. ``again`` puts them in the place of the same classifier's earlier
    ones: more of the listing was read.
    """
    with writing(engine) as connection:
        advisory_lock(connection, VERDICT_LOCK)
        if again:
            mine = s.verdict.c.classifier_id == classifier
            connection.execute(delete(s.verdict).where(mine, s.verdict.c.version_id.in_([v.id for v in versions])))
        have = _have(connection, classifier, [v.id for v in versions])
        fresh = [pair for pair in zip(versions, verdicts, strict=True) if pair[0].id not in have]
        rows: list[tuple[Any, ...]] = [
            (v.id, classifier, d.band, round(d.score, 4), d.scope, d.reason, d.tier, verdict_detail(d))
            for v, d in fresh
        ]
        insert_rows(connection, s.verdict, _VERDICT, rows)
        findings = [
            Finding(
                *(v.listing_id, v.id, d.band == "flagged", d.scope, tuple(d.offer_types), round(d.score, 4)),
                *(v.day, found_by, d.tier, tuple(d.certificate_kinds), d.band),
            )
            for v, d in fresh
        ]
        opened, reopened = apply_findings(connection, findings, day, now)
        insert_rows(connection, s.outbox, ("listing_id",), [(v.listing_id,) for v, _ in fresh])
        failpoint("classify.before_commit")
    failpoint("classify.after_commit")
    return Saved(sum(v.band == "flagged" for v in verdicts), opened, reopened)


def _have(connection: Connection, classifier: int, ids: Sequence[int]) -> set[int]:
    found: set[int] = set()
    for at in range(0, len(ids), 500):
        query = select(s.verdict.c.version_id).where(
            s.verdict.c.classifier_id == classifier, s.verdict.c.version_id.in_(ids[at : at + 500])
        )
        found.update(connection.scalars(query))
    return found
