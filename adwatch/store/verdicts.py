"""T3: verdict, case and outbox row in one transaction; the classify backlog."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from adwatch.failpoints import failpoint
from adwatch.models import Verdict
from adwatch.store import schema as s
from adwatch.store.engine import insert_id, insert_rows, reading, writing
from adwatch.store.listings import StoredVersion

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
        found = connection.scalar(select(s.classifier.c.id).where(where))
        if found is None:
            found = insert_id(
                connection, s.classifier, version=version, keyword_versions=keyword_versions, classified_to=0
            )
    return int(found)


def backlog(engine: Engine, classifier: int, limit: int = 2000, day: str | None = None) -> list[StoredVersion]:
    """Versions without a verdict of that classifier, oldest first."""
    v, d = s.listing_version, s.verdict
    with reading(engine) as connection:
        start = int(connection.scalar(select(s.classifier.c.classified_to).where(s.classifier.c.id == classifier)) or 0)
        query = (
            select(v.c.id, v.c.listing_id, v.c.title, v.c.text, v.c.day)
            .outerjoin(d, (d.c.version_id == v.c.id) & (d.c.classifier_id == classifier))
            .where(v.c.id > start, d.c.version_id.is_(None))
            .order_by(v.c.id)
            .limit(limit)
        )
        if day is not None:
            query = query.where(v.c.day == day)
        return [StoredVersion(*row) for row in connection.execute(query)]


def mark_classified(engine: Engine, classifier: int) -> None:
    """Remember that every version so far has a verdict: the next backlog query starts behind them."""
    newest = select(func.coalesce(func.max(s.listing_version.c.id), 0)).scalar_subquery()
    with writing(engine) as connection:
        connection.execute(update(s.classifier).where(s.classifier.c.id == classifier).values(classified_to=newest))


def verdict_detail(verdict: Verdict) -> str | None:
    """The lists of a verdict as JSON text; None where all are empty, so that clear listings stay narrow."""
    if not (verdict.offer_types or verdict.evidence or verdict.contacts or verdict.certificate_kinds or verdict.basis):
        return None
    evidence = [
        {"start": e.start, "end": e.end, "surface": e.surface, "keyword": e.keyword, "list": e.list, "fold": e.fold}
        for e in verdict.evidence
    ]
    contacts = [
        {"kind": c.kind, "start": c.start, "end": c.end, "value": c.value, "masked": c.masked} for c in verdict.contacts
    ]
    detail = {
        "types": verdict.offer_types,
        "families": verdict.certificate_kinds,
        "evidence": evidence,
        "contacts": contacts,
        "basis": verdict.basis,
    }
    return orjson.dumps(detail).decode()


def save_verdicts(
    engine: Engine,
    classifier: int,
    versions: Sequence[StoredVersion],
    verdicts: Sequence[Verdict],
    day: str,
    now: datetime,
) -> Saved:
    """Store the verdicts of versions, open or re-open their cases, and tell the index: one transaction, idempotent.

    ``day`` is the day of the work, by which a week's export counts first flags.
    """
    opened = reopened = 0
    with writing(engine) as connection:
        have = _have(connection, classifier, [v.id for v in versions])
        fresh = [pair for pair in zip(versions, verdicts, strict=True) if pair[0].id not in have]
        rows: list[tuple[Any, ...]] = [
            (v.id, classifier, d.band, round(d.score, 4), d.scope, d.reason, d.tier, verdict_detail(d))
            for v, d in fresh
        ]
        insert_rows(connection, s.verdict, _VERDICT, rows)
        for version, verdict in fresh:
            if verdict.band == "flagged":
                made, again = _flagged(connection, version, verdict, day, now)
                opened += made
                reopened += again
        reopened += _no_longer_flagged(connection, [pair for pair in fresh if pair[1].band != "flagged"], now)
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


def _flagged(
    connection: Connection, version: StoredVersion, verdict: Verdict, day: str, now: datetime
) -> tuple[int, int]:
    """Open the listing's case, or re-open it if it was decided on a different verdict: (opened, reopened)."""
    first = s.listing.c.first_flagged_at.is_(None) & (s.listing.c.id == version.listing_id)
    connection.execute(update(s.listing).where(first).values(first_flagged_at=now, first_flagged_day=day))
    query = (
        select(s.case)
        .join(s.case_listing, s.case_listing.c.case_id == s.case.c.id)
        .where(s.case_listing.c.listing_id == version.listing_id)
    )
    case = connection.execute(query).first()
    scope = verdict.scope or "other_credential"
    if case is None:
        values = {
            "state": "screening",
            "scope": scope,
            "score": verdict.score,
            "opened_at": now,
            "opened_day": day,
        }
        case_id = insert_id(connection, s.case, **values)
        insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
        link = insert(s.case_listing).values(listing_id=version.listing_id, case_id=case_id)
        connection.execute(link.on_conflict_do_nothing())
        add_event(connection, "case", case_id, "opened", "machine", now, {"types": list(verdict.offer_types)})
        return 1, 0
    connection.execute(update(s.case).where(s.case.c.id == case.id).values(score=verdict.score, scope=scope))
    decided = (case.decided_flagged, case.decided_scope, sorted(case.decided_types or []))
    if case.decided_flagged is None or decided == (True, scope, sorted(verdict.offer_types)):
        return 0, 0
    return 0, _reopen(connection, case, now)


def _no_longer_flagged(connection: Connection, pairs: Sequence[tuple[StoredVersion, Verdict]], now: datetime) -> int:
    """A decided case whose listing the machine no longer flags is looked at again by a person."""
    ids = [version.listing_id for version, _ in pairs]
    reopened = 0
    for at in range(0, len(ids), 500):
        query = (
            select(s.case)
            .join(s.case_listing, s.case_listing.c.case_id == s.case.c.id)
            .where(s.case_listing.c.listing_id.in_(ids[at : at + 500]), s.case.c.decided_flagged.is_(True))
        )
        for case in connection.execute(query).all():
            reopened += _reopen(connection, case, now)
    return reopened


def _reopen(connection: Connection, case: Any, now: datetime) -> int:
    changed = {"state": "reopened", "decided_flagged": None, "decided_scope": None, "decided_types": None}
    connection.execute(update(s.case).where(s.case.c.id == case.id).values(**changed))
    add_event(connection, "case", case.id, "reopened", "machine", now, {"was": case.state})
    return 1


def add_event(
    connection: Connection, subject: str, subject_id: int, kind: str, actor: str, at: datetime, detail: dict[str, Any]
) -> None:
    """Append to the history."""
    values = {"subject": subject, "subject_id": subject_id, "kind": kind, "actor": actor, "at": at, "detail": detail}
    connection.execute(s.event.insert().values(**values))
