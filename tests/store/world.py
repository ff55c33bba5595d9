"""A small invented world: listings on two platforms, judged by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, select

from adwatch.models import Capture, Contact, Evidence, Listing, Verdict
from adwatch.store import schema as s
from adwatch.store.captures import store_capture
from adwatch.store.engine import reading
from adwatch.store.listings import StoredVersion, upsert_listings
from adwatch.store.verdicts import Saved, backlog, classifier_id, save_verdicts

DAY = "2026-11-18"
NOON = datetime(2026, 11, 18, 4, 0, tzinfo=UTC)
"""12:00 in the office's time zone."""

OFFER = "电工证包过，不过退款。联系人微 信 abc13800138000"


def capture(number: int, platform: str = "plaza", day: str = DAY, at: datetime = NOON) -> Capture:
    """An invented capture."""
    digest = f"{number:064x}"
    return Capture(
        platform,
        day,
        "detail",
        f"https://{platform}.example/{number}",
        at,
        200,
        digest,
        "a.warc.gz",
        number,
        f"<{number}>",
    )


def listing(native_id: str, text: str = OFFER, platform: str = "plaza", **more: Any) -> Listing:
    """An invented listing."""
    values: dict[str, Any] = {
        "title": f"商品{native_id}",
        "text": text,
        "url": f"https://{platform}.example/item/{native_id}",
        "seller_name": "小店",
        "captured_at": NOON,
        **more,
    }
    return Listing(platform, native_id, **values)


def verdict(
    item: Listing, words: Sequence[str] = ("包过",), contact: str | None = None, kind: str = "phone", **more: Any
) -> Verdict:
    """A flagged verdict whose evidence is where the words stand."""
    raw = f"{item.title or ''}\n{item.text or ''}"
    evidence = tuple(
        Evidence(raw.index(word), raw.index(word) + len(word), word, word, "sure_thing", "none")
        for word in words
        if word in raw
    )
    contacts: tuple[Contact, ...] = ()
    if contact is not None:
        at = raw.index(contact)
        contacts = (Contact(kind, at, at + len(contact), contact, contact[:2] + "*" * (len(contact) - 2)),)
    values: dict[str, Any] = {
        "band": "flagged",
        "score": 0.9,
        "scope": "safety_production",
        "offer_types": ("sure_thing",),
        "certificate_kinds": ("electric",),
        "basis": ("law_one",),
        **more,
    }
    return Verdict(evidence=evidence, contacts=contacts, classifier_version="t", keyword_versions="k", **values)


def clear(**more: Any) -> Verdict:
    """A verdict that nothing is offered."""
    return Verdict("clear", 0.1, classifier_version="t", keyword_versions="k", **more)


@dataclass
class World:
    """Stores and judges in the order of a day's work; ``now`` is the clock."""

    engine: Engine
    now: datetime = NOON
    captures: int = 0
    verdicts: dict[str, Verdict] = field(default_factory=dict)

    def tick(self, **span: float) -> datetime:
        """Let time pass."""
        self.now += timedelta(**span)
        return self.now

    def store(self, *items: Listing, day: str = DAY) -> list[StoredVersion]:
        """T1 and T2: each item with a capture of its own."""
        from dataclasses import replace

        versions = []
        for item in items:
            self.captures += 1
            taken = capture(self.captures, item.platform, day, self.now)
            capture_id = store_capture(self.engine, taken, "html", None)
            fresh = replace(item, capture_id=capture_id, captured_at=self.now)
            versions += upsert_listings(self.engine, item.platform, [fresh], day, self.now).versions
        return versions

    def judge(self, *verdicts: Verdict, version: str = "1", day: str = DAY) -> Saved:
        """T3 over the backlog, in its order."""
        classifier = classifier_id(self.engine, version, "k")
        versions = backlog(self.engine, classifier)
        assert len(versions) == len(verdicts), [v.title for v in versions]
        return save_verdicts(self.engine, classifier, versions, verdicts, day, self.now)

    def flag(self, item: Listing, found: Verdict | None = None, day: str = DAY) -> int:
        """Store and flag one listing; the number of its case."""
        self.store(item, day=day)
        self.judge(found or verdict(item), day=day)
        with reading(self.engine) as connection:
            query = select(s.case_listing.c.case_id).join(s.listing, s.listing.c.id == s.case_listing.c.listing_id)
            return int(connection.scalars(query.where(s.listing.c.native_id == item.native_id)).one())

    def rows(self, table: Any, **where: Any) -> list[dict[str, Any]]:
        """Rows of a table, in the order they were made."""
        query = select(table).order_by(*table.primary_key)
        for name, value in where.items():
            query = query.where(table.c[name] == value)
        with reading(self.engine) as connection:
            return [dict(row._mapping) for row in connection.execute(query)]
