"""Listings as a person works on them: each version with its verdict and its capture."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, select

from adwatch.models import Contact, Evidence, Listing, PictureFinding, Verdict
from adwatch.store import schema as s
from adwatch.store.corrections import Corrected, as_corrected, standing
from adwatch.store.erasures import TEXT, Rule, erased_of
from adwatch.store.one_of import given, one_of_named
from adwatch.store.opening import LOWER_SCOPE, chunks


@dataclass(frozen=True, slots=True)
class ListingView:
    """One version of a listing; personal data is still raw."""

    id: int
    """Surrogate key of the listing."""
    version_id: int
    """Surrogate key of the version."""
    day: str
    """Patrol day on which this version was first seen."""
    current: bool
    """Whether the listing stands so now."""
    listing: Listing
    """Content of the version, with the listing's present price and counters."""
    content_sha256: str
    """Digest of the content."""
    capture_sha256: str | None
    """Digest of the capture that it was read from."""
    verdict: Verdict | None
    """The newest classifier's verdict on this version; None where no classifier has read it."""
    first_flagged_at: datetime | None
    """When the listing was first flagged, UTC."""
    first_flagged_day: str | None
    """Patrol day of that."""
    corrected: Corrected | None = None
    """What of the machine's reading the finding corrects that stands on its case."""
    erased: Rule | None = None
    """By which rule of the policy its words were deleted, and when; None where they are there."""

    @property
    def flagged(self) -> bool:
        """Whether the verdict says so."""
        return self.verdict is not None and self.verdict.band == "flagged"

    @property
    def reading(self) -> Verdict | None:
        """The verdict as the person corrected it whose finding stands: what letters, lists and screens say of it."""
        return as_corrected(self.verdict, self.corrected)

    @property
    def decided_on(self) -> dict[str, Any]:
        """Columns of case_listing for a decision that is taken on this version."""
        verdict = self.verdict
        return {
            "decided_version_id": self.version_id,
            "decided_flagged": self.flagged,
            "decided_scope": (verdict.scope or LOWER_SCOPE) if verdict and self.flagged else None,
            "decided_types": sorted(verdict.offer_types) if verdict and self.flagged else [],
            "decided_families": sorted(verdict.certificate_kinds) if verdict and self.flagged else [],
        }


def versions_of(connection: Connection, listing_ids: Iterable[int]) -> dict[int, list[ListingView]]:
    """All versions of the listings, oldest first, by surrogate key of the listing."""
    found: dict[int, list[ListingView]] = {}
    dialect = connection.dialect.name
    for ids in chunks(listing_ids):
        rows: dict[int, Any] = {}
        for row in connection.execute(_query(dialect), {"listing_ids": given(dialect, ids)}):
            rows[row.version_id] = row  # ordered by classifier: the newest stays
        corrected, erased = standing(connection, ids), erased_of(connection, TEXT, rows)
        for row in rows.values():
            view = _view(row, corrected.get(row.listing_id), erased.get(row.version_id))
            found.setdefault(row.listing_id, []).append(view)
    return found


def as_it_stands(views: list[ListingView]) -> ListingView:
    """The current version if a classifier has read it, else the newest that was read, else the current one."""
    now = next((view for view in views if view.current), views[-1])
    if now.verdict is not None:
        return now
    return next((view for view in reversed(views) if view.verdict is not None), now)


def as_offered(views: list[ListingView], at: datetime | None = None, version_id: int | None = None) -> ListingView:
    """The version whose words are quoted: the newest flagged one (of those known at a time, or up to a version).

    Where none is flagged any more (the lists have changed), the last of them.
    """
    known = [
        view
        for view in views
        if (at is None or view.listing.captured_at is None or view.listing.captured_at <= at)
        and (version_id is None or view.version_id <= version_id)
    ] or views[:1]
    return next((view for view in reversed(known) if view.flagged), known[-1])


@cache
def _query(dialect: str) -> Any:
    v, item, d = s.listing_version, s.listing, s.verdict
    columns = [
        v.c.id.label("version_id"),
        *(column for column in v.c if column.name != "id"),
        *(item.c[name] for name in ("key", "native_id", "url", "url_norm", "price_fen", "price_text", "sales_text")),
        *(item.c[name] for name in ("reviews_count", "first_flagged_at", "first_flagged_day")),
        item.c.version_id.label("current_version"),
        s.platform.c.name.label("platform"),
        s.capture.c.sha256.label("capture_sha256"),
        *(d.c[name] for name in ("band", "score", "scope", "reason", "tier", "detail")),
        s.classifier.c.version.label("classifier_version"),
        s.classifier.c.keyword_versions,
    ]
    return (
        select(*columns)
        .join(item, item.c.id == v.c.listing_id)
        .join(s.platform, s.platform.c.id == item.c.platform_id)
        .outerjoin(s.capture, s.capture.c.id == v.c.capture_id)
        .outerjoin(d, d.c.version_id == v.c.id)
        .outerjoin(s.classifier, s.classifier.c.id == d.c.classifier_id)
        .where(one_of_named(dialect, v.c.listing_id, "listing_ids"))
        .order_by(v.c.listing_id, v.c.id, d.c.classifier_id)
    )


def _view(row: Any, corrected: Corrected | None, erased: Rule | None) -> ListingView:
    listing = Listing(
        platform=row.platform,
        native_id=row.native_id,
        kind=row.kind,
        url=row.url,
        url_norm=row.url_norm,
        title=row.title,
        text=row.text,
        price_fen=row.price_fen,
        price_text=row.price_text,
        seller_id=row.seller_id,
        seller_name=row.seller_name,
        seller_region=row.seller_region,
        seller_region_source=row.seller_region_source,
        operator_name=row.operator_name,
        uscc=row.uscc,
        sales_text=row.sales_text,
        reviews_count=row.reviews_count,
        images=tuple(row.images or ()),
        links=tuple(row.links or ()),
        posted_at=row.posted_at,
        captured_at=row.captured_at,
        capture_id=row.capture_id,
        capture_row=row.capture_row,
    )
    return ListingView(
        id=row.listing_id,
        version_id=row.version_id,
        day=row.day,
        current=row.version_id == row.current_version,
        listing=listing,
        content_sha256=row.content_sha256,
        capture_sha256=row.capture_sha256,
        verdict=_verdict(row),
        first_flagged_at=row.first_flagged_at,
        first_flagged_day=row.first_flagged_day,
        corrected=corrected,
        erased=erased,
    )


def _verdict(row: Any) -> Verdict | None:
    if row.band is None:
        return None
    detail = row.detail or {}
    return Verdict(
        band=row.band,
        score=row.score,
        scope=row.scope,
        offer_types=tuple(detail.get("types", ())),
        certificate_kinds=tuple(detail.get("families", ())),
        reason=row.reason,
        tier=row.tier,
        evidence=tuple(Evidence(**found) for found in detail.get("evidence", ())),
        contacts=tuple(Contact(**found) for found in detail.get("contacts", ())),
        basis=tuple(detail.get("basis", ())),
        classifier_version=row.classifier_version,
        keyword_versions=row.keyword_versions,
        pictures=tuple(map(_picture, detail.get("pictures", ()))),
    )


def _picture(kept: Any) -> PictureFinding:
    found = {
        "evidence": tuple(Evidence(**each) for each in kept["evidence"]),
        "contacts": tuple(Contact(**each) for each in kept["contacts"]),
        "codes": tuple(kept["codes"]),
    }
    return PictureFinding(**{**kept, **found})
