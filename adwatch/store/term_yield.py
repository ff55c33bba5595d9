"""What each search term brought on a platform: when it was last asked, at what cost, and what it newly found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Engine, func, select

from adwatch.store import schema as s
from adwatch.store.engine import reading


@dataclass(slots=True)
class TermYield:
    """One term in a window of days."""

    last_day: str | None = None
    """Day on which it was last asked."""
    days: int = 0
    """Days on which it was asked."""
    pages: int = 0
    """Answers that were fetched for it, items' own pages included."""
    hits: int = 0
    """Listings that it newly brought and that were flagged."""


def yields(engine: Engine, platform: str, first_day: str, before: str) -> Mapping[str, TermYield]:
    """By term, from ``first_day`` to the day before ``before``; its cost is that of the window, not of the history."""
    found: dict[str, TermYield] = {}
    capture, listing, version = s.capture.c, s.listing.c, s.listing_version.c
    of_platform = capture.platform_id == select(s.platform.c.id).where(s.platform.c.name == platform).scalar_subquery()
    asked = (
        select(capture.context["term"].as_string().label("term"), capture.day, func.count())
        .where(of_platform, capture.day >= first_day, capture.day < before, capture.role.in_(("list", "detail")))
        .group_by("term", capture.day)
        .order_by(capture.day)
    )
    hit = (
        select(capture.context["term"].as_string().label("term"), func.count())
        .join(s.listing_version, version.id == listing.version_id)
        .join(s.capture, capture.id == version.capture_id)
        .where(of_platform, listing.first_flagged_day >= first_day, listing.first_flagged_day < before)
        .group_by("term")
    )
    with reading(engine) as connection:
        for term, day, pages in connection.execute(asked):
            if term is not None:
                one = found.setdefault(term, TermYield())
                one.last_day, one.days, one.pages = day, one.days + 1, one.pages + pages
        for term, hits in connection.execute(hit.select_from(s.listing)):
            if term is not None and term in found:
                found[term].hits = hits
    return found
