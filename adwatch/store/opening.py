"""When a case is opened and when it is looked at again: the one place of that rule.

A flagged version opens its listing's case. A decided case is re-opened only if the verdict on the listing's *current*
version differs, in flagged, scope or offer types, from the verdict that the decision was taken on; what an older
version is thought to be says nothing of how the listing stands.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select, update

from adwatch.store import schema as s
from adwatch.store.bulk import insert_rows
from adwatch.store.corrections import STANDING, held, standing
from adwatch.store.engine import VERDICT_LOCK, advisory_lock, insert_id
from adwatch.store.life_line_due import touched_by_case, touched_by_listings
from adwatch.store.reach import family_of

LOWER_SCOPE = "other_credential"
"""Scope of a flagged listing whose verdict names none."""


UNDECIDED: dict[str, Any] = {
    f"decided_{name}": None for name in ("version_id", "flagged", "scope", "types", "families")
}
"""Columns of ``case_listing`` while no finding stands."""
SELLER = "seller"
"""Kind of ``case_tag``: who the seller of its listings is."""
FOUND_LATE = "found_late"
"""Event of a case whose listing stood there, unflagged, since an earlier day: lists or classifier have learnt."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a verdict says about the case of a listing."""

    listing_id: int
    version_id: int
    flagged: bool
    scope: str | None
    types: tuple[str, ...]
    score: float
    seen: str = ""
    """Day on which the version was first seen; a case opened on an earlier day's version was found late."""
    found_by: str = "backlog"
    """What found it, for the history of a case that was found late."""
    tier: str | None = None
    """exact | folded."""
    families: tuple[str, ...] = ()
    """Certificate families."""
    band: str = "flagged"
    """flagged | review | clear."""

    @property
    def tags(self) -> dict[str, tuple[str, ...]]:
        """What a queue is chosen by and there may be several of, by kind of ``case_tag``."""
        return {"class": self.types, "family": self.families}

    @property
    def known_as(self) -> tuple[bool, str | None, list[str]]:
        """What a decision is taken on, and compared by."""
        return (True, self.scope or LOWER_SCOPE, sorted(self.types)) if self.flagged else (False, None, [])


@dataclass(frozen=True, slots=True)
class _Listed:
    version_id: int | None
    platform_id: int
    region: str | None
    sellers: tuple[str, ...]
    """Digests of the seller's id and name."""


@dataclass(slots=True)
class _Case:
    id: int
    state: str
    decided: tuple[bool, str | None, list[str]] | None
    corrected: bool = False
    """Whether the finding that stands corrects the machine's reading."""


def chunks(ids: Iterable[int], size: int = 500) -> Iterator[list[int]]:
    """Distinct ids in ascending order, in pieces that every database takes as parameters."""
    listed = sorted(set(ids))
    for at in range(0, len(listed), size):
        yield listed[at : at + size]


def apply_findings(connection: Connection, findings: Sequence[Finding], day: str, now: datetime) -> tuple[int, int]:
    """Open and re-open cases: (opened, reopened). ``day`` is the day by which first flags are counted."""
    flagged = [finding.listing_id for finding in findings if finding.flagged]
    for ids in chunks(flagged):
        first = s.listing.c.first_flagged_at.is_(None) & s.listing.c.id.in_(ids)
        connection.execute(update(s.listing).where(first).values(first_flagged_at=now, first_flagged_day=day))
    cases = _lock_cases(connection, [finding.listing_id for finding in findings])
    insert_rows(connection, s.subject_due, ("listing_id",), [(listing,) for listing in sorted({*flagged, *cases})])
    touched_by_listings(connection, {*flagged, *cases})
    current = _as_listed(connection, {*flagged, *cases})
    opened = 0
    reopened: set[int] = set()
    for finding in findings:
        case = cases.get(finding.listing_id)
        if case is None:
            if finding.flagged:
                cases[finding.listing_id] = _open(connection, finding, current[finding.listing_id], day, now)
                opened += 1
            continue
        listed = current[finding.listing_id]
        if listed.version_id != finding.version_id:
            continue
        changed: dict[str, Any] = {"band": finding.band, "tier": finding.tier, "region": listed.region}
        if finding.flagged:
            changed |= {"score": finding.score, "scope": finding.scope or LOWER_SCOPE}
        connection.execute(update(s.case).where(s.case.c.id == case.id).values(**changed))
        set_tags(connection, case.id, {SELLER: listed.sellers, **(finding.tags if finding.flagged else {})})
        if case.decided is not None and case.decided != finding.known_as and case.id not in reopened:
            _reopen(connection, case, finding, now)
            reopened.add(case.id)
        if case.corrected:
            hold(connection, case.id)
    return opened, len(reopened)


def versions_returned(connection: Connection, pairs: Sequence[tuple[int, int]], day: str, now: datetime) -> None:
    """(listing, version) pairs that show an earlier content again: its verdict exists, so no classifier will speak."""
    advisory_lock(connection, VERDICT_LOCK)
    listing_of = {version: listing for listing, version in pairs}
    newest: dict[int, Any] = {}
    for ids in chunks(listing_of):
        query = select(s.verdict).where(s.verdict.c.version_id.in_(ids)).order_by(s.verdict.c.classifier_id)
        newest.update((row.version_id, row) for row in connection.execute(query))
    findings = [
        Finding(
            listing_of[row.version_id],
            row.version_id,
            row.band == "flagged",
            row.scope,
            tuple((row.detail or {}).get("types", ())),
            row.score,
            tier=row.tier,
            families=tuple((row.detail or {}).get("families", ())),
            band=row.band,
        )
        for row in newest.values()
    ]
    apply_findings(connection, findings, day, now)


def add_event(
    connection: Connection, subject: str, subject_id: int, kind: str, actor: str, at: datetime, detail: dict[str, Any]
) -> None:
    """Append to the history."""
    values = {"subject": subject, "subject_id": subject_id, "kind": kind, "actor": actor, "at": at, "detail": detail}
    connection.execute(s.event.insert().values(**values))


def _lock_cases(connection: Connection, listing_ids: Sequence[int]) -> dict[int, _Case]:
    """Cases by listing; locked first and read afterwards, so that a decision made meanwhile is seen."""
    link = s.case_listing
    case_ids: set[int] = set()
    for ids in chunks(listing_ids):
        case_ids.update(connection.scalars(select(link.c.case_id).where(link.c.listing_id.in_(ids))))
    for ids in chunks(case_ids):
        connection.execute(select(s.case.c.id).where(s.case.c.id.in_(ids)).order_by(s.case.c.id).with_for_update())
    found: dict[int, _Case] = {}
    for ids in chunks(case_ids):
        query = select(link, s.case.c.state).join(s.case, s.case.c.id == link.c.case_id).where(link.c.case_id.in_(ids))
        for row in connection.execute(query):
            decided = None
            if row.decided_flagged:
                decided = (True, row.decided_scope, sorted(row.decided_types or []))
            if row.decided_flagged is False:  # what was rectified keeps the classes that it was asked for by
                decided = (False, None, [])
            found[row.listing_id] = _Case(row.case_id, row.state, decided)
    for ids in chunks(listing for listing, case in found.items() if case.state in STANDING):
        for listing in standing(connection, ids):
            found[listing].corrected = True
    return found


def _as_listed(connection: Connection, listing_ids: set[int]) -> dict[int, _Listed]:
    found: dict[int, _Listed] = {}
    item, version = s.listing, s.listing_version
    for ids in chunks(listing_ids):
        query = select(item.c.id, item.c.version_id, item.c.platform_id, version.c.seller_region)
        query = query.add_columns(version.c.seller_id, version.c.seller_name)
        query = query.outerjoin(version, version.c.id == item.c.version_id).where(item.c.id.in_(ids))
        for row in connection.execute(query):
            sellers = seller_keys(row.seller_id, row.seller_name)
            found[row.id] = _Listed(row.version_id, row.platform_id, row.seller_region, sellers)
    return found


def seller_keys(*named: str | None) -> tuple[str, ...]:
    """Values of tags by which cases are found again by their seller's id or name."""
    words = sorted({each.strip() for each in named if each and each.strip()})
    return tuple(hashlib.sha256(each.encode("utf-8", "replace")).hexdigest()[:32] for each in words)


def set_tags(connection: Connection, case_id: int, tags: Mapping[str, Iterable[str]]) -> None:
    """Put what a case is tagged with in the place of its tags of the same kinds; its row repeats the family."""
    tag = s.case_tag
    if "family" in tags:
        family = family_of(set(tags["family"]))
        connection.execute(update(s.case).where(s.case.c.id == case_id).values(family=family))
    connection.execute(delete(tag).where(tag.c.case_id == case_id, tag.c.kind.in_(list(tags))))
    rows = [(case_id, kind, value) for kind, values in tags.items() for value in sorted(set(values))]
    insert_rows(connection, tag, ("case_id", "kind", "value"), rows)


def hold(connection: Connection, case_id: int) -> None:
    """Bring a case's scope and its tags of classes and families to what holds (see ``corrections``).

    To be called wherever a correction comes to stand or stands no more. The machine's reading is that of the words that
    are quoted: of the listing with the highest score the newest flagged version, of what was never flagged the newest.
    """
    best: tuple[tuple[bool, float], Any] | None = None
    link, version, verdict = s.case_listing, s.listing_version, s.verdict
    listings = list(connection.scalars(select(link.c.listing_id).where(link.c.case_id == case_id)))
    for listing in listings:
        query = select(verdict.c.version_id, verdict.c.band, verdict.c.score, verdict.c.scope, verdict.c.detail)
        query = query.join(version, version.c.id == verdict.c.version_id).where(version.c.listing_id == listing)
        newest = {row.version_id: row for row in connection.execute(query.order_by(verdict.c.classifier_id))}
        for row in sorted(newest.values(), key=lambda each: (each.band == "flagged", each.version_id))[-1:]:
            rank = (row.band == "flagged", row.score)
            best = max(best, (rank, row), key=lambda each: each[0]) if best is not None else (rank, row)
    if best is None:
        return
    row, corrected = best[1], standing(connection, listings)
    detail = row.detail or {}
    holds = held(next(iter(corrected.values()), None), row.scope, detail.get("types"), detail.get("families"))
    connection.execute(update(s.case).where(s.case.c.id == case_id).values(scope=holds.scope or LOWER_SCOPE))
    set_tags(connection, case_id, {"class": holds.types, "family": holds.families})
    touched_by_listings(connection, listings)


def _open(connection: Connection, finding: Finding, listed: _Listed, day: str, now: datetime) -> _Case:
    values = {
        "state": "screening",
        "scope": finding.scope or LOWER_SCOPE,
        "score": finding.score,
        "opened_at": now,
        "opened_day": day,
        "platform_id": listed.platform_id,
        "region": listed.region,
        "band": finding.band,
        "tier": finding.tier,
    }
    case_id = insert_id(connection, s.case, **values)
    set_tags(connection, case_id, {SELLER: listed.sellers, **finding.tags})
    connection.execute(s.case_listing.insert().values(listing_id=finding.listing_id, case_id=case_id))
    add_event(connection, "case", case_id, "opened", "machine", now, {"types": list(finding.types)})
    if finding.seen and finding.seen < day:
        late = {"seen": finding.seen, "found": day, "by": finding.found_by}
        add_event(connection, "case", case_id, FOUND_LATE, "machine", now, late)
    return _Case(case_id, "screening", None)


def _reopen(connection: Connection, case: _Case, finding: Finding, now: datetime) -> None:
    connection.execute(update(s.case).where(s.case.c.id == case.id).values(state="reopened"))
    connection.execute(update(s.case_listing).where(s.case_listing.c.case_id == case.id).values(**UNDECIDED))
    touched_by_case(connection, case.id)
    detail = {"was": case.state, "decided_on": case.decided, "now": finding.known_as}
    add_event(connection, "case", case.id, "reopened", "machine", now, detail)
