"""An invented world: listings, versions, verdicts, cases, outbox rows, written straight into the tables."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Engine, update

from adwatch.models import Contact, listing_key
from adwatch.search.document import cover_numbers, cover_unread
from adwatch.store import schema as s
from adwatch.store.captures import platform_id
from adwatch.store.engine import writing
from adwatch.store.picture_rows import WHOLE, add_picture, put_address, put_state
from adwatch.text import mask, normal, url_norm

NOW = datetime(2026, 11, 20, 3, 4, 5, 678000, UTC)
HAN = "特种作业操作证低压电工焊接考试包过免考直接拿的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分"
TRADITIONAL = "證電機書體國學發漢龍門車萬與專業書會"
LATIN = "abcdefgXYZvxWX"
DIGITS = "0123456789０１２３①②③❶"
RARE = "𠀀𠮷𪚥𫝀𬺰𰀀㐀㝵🅥ⅧéßİΣ"
NOISE = " ，。！·-　\u200b\ufe0f❤🀄【】\n\t'\"*"
ALPHABET = HAN * 8 + TRADITIONAL * 2 + LATIN + DIGITS + RARE + NOISE * 2

EVIDENCE = {
    "start": 0,
    "end": 2,
    "surface": "苞.过",
    "keyword": "包过",
    "list": "guaranteed_pass",
    "fold": "homophone+separators",
}


def picture_address(version: int, at: int) -> tuple[str, str]:
    """(address, digest) of a picture of a version."""
    return f"https://shop.example/{version}-{at}.png", f"{version:060x}{at:04x}"


def random_text(rnd: random.Random, length: int) -> str:
    """Random characters with a strong accent on common ones, so that short terms occur."""
    return "".join(rnd.choices(ALPHABET, k=length)).strip() or "证"


@dataclass
class Item:
    """One invented listing."""

    native_id: str
    title: str | None
    text: str | None
    platform: str = "shop"
    band: str | None = "clear"
    score: float = 0.1
    contacts: tuple[Contact, ...] = ()
    state: str | None = None
    url: str | None = None
    seller_name: str | None = None
    first_day: str = "2026-11-16"
    last_day: str = "2026-11-20"
    pictures: tuple[str, ...] = ()
    """What was read of each."""

    @property
    def listing_id(self) -> str:
        """Its stable identifier."""
        return listing_key(self.platform, self.native_id).hex()

    @cached_property
    def folded(self) -> tuple[str, ...]:
        """Folded title, text and words of each picture, masked."""
        whole = mask(f"{self.title or ''}\n{self.text or ''}", self.contacts)
        cut = len(self.title or "")
        shown = (cover_numbers(words) if self.band else cover_unread(words) for words in self.pictures)
        return tuple(map(normal, (whole[:cut], whole[cut + 1 :], *shown)))

    def found_by(self, term: str) -> bool:
        """The plain scan over the masked text."""
        wanted = normal(term)
        return any(wanted in part for part in self.folded)


@dataclass
class World:
    """Writes items; each writing is a transaction with its outbox rows."""

    engine: Engine
    ids: dict[str, int] = field(default_factory=dict)
    versions: int = 0

    def add(self, items: Sequence[Item], outbox: bool = True) -> None:
        """Store items, or new versions of those that are there."""
        listings, versions, verdicts, cases, links, rows = [], [], [], [], [], []
        with writing(self.engine) as connection:
            platforms = {name: platform_id(connection, name) for name in {i.platform for i in items}}
            for item in items:
                self.versions += 1
                known = item.listing_id in self.ids
                number = self.ids.setdefault(item.listing_id, len(self.ids) + 1)
                changing = {"version_id": self.versions, "url": item.url, "url_norm": url_norm(item.url or "")}
                if known:
                    connection.execute(update(s.listing).where(s.listing.c.id == number).values(**changing))
                else:
                    listings.append(
                        {
                            "id": number,
                            "key": bytes.fromhex(item.listing_id),
                            "platform_id": platforms[item.platform],
                            "native_id": item.native_id,
                            "first_seen_at": NOW,
                            "last_seen_at": NOW,
                            "last_seen_day": item.last_day,
                            "first_flagged_at": NOW if item.band == "flagged" else None,
                            **changing,
                        }
                    )
                versions.append(self._version(item, number))
                if item.band is not None:
                    verdicts.append(self._verdict(item))
                if item.state:
                    cases.append(self._case(item, number))
                    links.append({"listing_id": number, "case_id": number})
                rows.append({"listing_id": number})
            connection.execute(s.listing.insert(), listings) if listings else None
            connection.execute(s.listing_version.insert(), versions)
            connection.execute(s.verdict.insert(), verdicts) if verdicts else None
            connection.execute(s.case.insert(), cases) if cases else None
            connection.execute(s.case_listing.insert(), links) if links else None
            for at, item in enumerate(items, self.versions - len(items) + 1):
                self._show(connection, at, item)
            connection.execute(s.outbox.insert(), rows) if outbox else None

    def _show(self, connection: Connection, version: int, item: Item) -> None:
        """What was read of the pictures of a version."""
        if not item.pictures:
            return
        platform = platform_id(connection, item.platform)
        for at, words in enumerate(item.pictures):
            url, digest = picture_address(version, at)
            known = {"width": 10, "height": 10, "format": "PNG", "spans": [], "codes": []}
            number = add_picture(connection, digest, "read", 1, text=words, **known)
            put_address(connection, url, platform, "read", number, item.last_day)
        put_state(connection, version, WHOLE, item.last_day)

    def _version(self, item: Item, number: int) -> dict[str, Any]:
        return {
            "id": self.versions,
            "listing_id": number,
            "content_sha256": f"{self.versions:064x}",
            "kind": "product",
            "title": item.title,
            "text": item.text,
            "images": [picture_address(self.versions, at)[0] for at in range(len(item.pictures))] or None,
            "seller_name": item.seller_name,
            "posted_at": NOW,
            "captured_at": NOW,
            "day": item.first_day,
        }

    def _verdict(self, item: Item) -> dict[str, Any]:
        contacts = [
            {"kind": c.kind, "start": c.start, "end": c.end, "value": c.value, "masked": c.masked}
            for c in item.contacts
        ]
        flagged = item.band == "flagged"
        return {
            "version_id": self.versions,
            "classifier_id": 1,
            "band": item.band,
            "score": item.score,
            "scope": "safety_production" if flagged else None,
            "reason": "offer" if flagged else None,
            "tier": "exact" if flagged else None,
            "detail": {
                "types": ["some_class"] if flagged else [],
                "families": ["some"],
                "contacts": contacts,
                "evidence": [EVIDENCE] if flagged else [],
                "basis": ["some article"] if flagged else [],
            },
        }

    def _case(self, item: Item, number: int) -> dict[str, Any]:
        return {
            "id": number,
            "state": item.state,
            "scope": "safety_production",
            "score": item.score,
            "opened_at": NOW,
            "opened_day": item.first_day,
        }

    def touch(self, item: Item, **changes: Any) -> None:
        """Change columns of the listing's row, and tell the outbox."""
        number = self.ids[item.listing_id]
        with writing(self.engine) as connection:
            if changes:
                connection.execute(update(s.listing).where(s.listing.c.id == number).values(**changes))
            connection.execute(s.outbox.insert().values(listing_id=number))

    def correct(self, item: Item, **corrected: Any) -> None:
        """A person corrects with the last finding what the machine read."""
        with writing(self.engine) as connection:
            connection.execute(update(s.decision).values(corrected=corrected))
        self.touch(item)

    def work_on(self, item: Item) -> None:
        """Register its case, confirm it, ask for its removal and look whether it is gone."""
        number = self.ids[item.listing_id]
        with writing(self.engine) as connection:
            connection.execute(update(s.listing).values(price_fen=12300, first_flagged_day="2026-11-16"))
            seller = {"seller_region": "某市", "seller_region_source": "亮照", "uscc": "91140000X"}
            connection.execute(update(s.listing_version).values(**seller))
            lead = {"lead_number": "ADW-2026-000001", "registered_at": NOW, "owner": "emergency", "campaign": "one"}
            connection.execute(update(s.case).values(**lead))
            found = {"decided_scope": "safety_production", "decided_types": ["x"], "decided_families": ["y"]}
            connection.execute(update(s.case_listing).values(**found))
            track = {"case_id": number, "track": "takedown", "step": "verified_once", "opened_at": NOW, "moved_at": NOW}
            connection.execute(s.track.insert().values(**track))
            link = {"case_id": number, "other_id": number, "kind": "relisted", "at": NOW, "detail": {}}
            connection.execute(s.case_link.insert().values(**link))
            decided = {"case_id": number, "result": "confirmed", "person": "王敏", "unit": "某局", "reason": "承诺"}
            connection.execute(s.decision.insert().values(**decided, at=NOW))
            asked = {"id": 1, "number": "ADW-TD-2026-0001", "platform_id": 1, "state": "sent", "drafted_at": NOW}
            connection.execute(
                s.takedown.insert().values(**asked, sent_at=NOW, sent_by="李青", deadline_at=NOW, content={})
            )
            look = {"takedown_id": 1, "listing_id": number, "version_id": 1, "word": "up", "checked_at": NOW}
            connection.execute(s.takedown_listing.insert().values(**look))
            said = {"kind": "acknowledged", "reason": "", "person": "王", "unit": "某网", "at": NOW, "recorded_at": NOW}
            connection.execute(s.takedown_reply.insert().values(takedown_id=1, **said))
            times = {f"{name}_at": NOW for name in ("last", "due", "gone", "removed", "verified", "relisted")}
            days = {f"{name}_day": "2026-11-20" for name in ("last", "due", "gone", "removed", "verified", "relisted")}
            stands = {"word": "up", "judged": "flagged", "looks": 1, "gone_looks": 0, "relisted_how": "same"}
            keys = {"takedown_id": 1, "listing_id": number}
            connection.execute(s.removal.insert().values(**keys, **times, **days, **stands))
            connection.execute(s.outbox.insert().values(listing_id=number))


def phone_item(native_id: str, phone: str = "13812345678", band: str = "flagged") -> Item:
    """An item with a telephone number in its text, masked by its verdict."""
    title, start = "电工证包过", "不用考试，联系 "
    text = f"{start}{phone[:3]}-{phone[3:7]}-{phone[7:]} 立等"
    at = len(title) + 1 + len(start)
    contact = Contact("phone", at, at + 13, phone, f"{phone[:3]}******{phone[-4:]}")
    return Item(native_id, title, text, band=band, score=0.9, contacts=(contact,))


def random_items(count: int, seed: int = 7) -> list[Item]:
    """Items of two platforms, a third of them flagged, some with contacts, titles or texts absent."""
    rnd, shown = random.Random(seed), random.Random(seed + 1)
    items = []
    for n in range(count):
        if n % 50 == 0:
            item = phone_item(f"p{n}", f"139{n:08d}", "flagged" if n % 100 else "clear")
        else:
            item = Item(f"n{n}", random_text(rnd, rnd.randint(1, 24)), random_text(rnd, rnd.randint(0, 60)))
            if n % 17 == 0:
                item.title = None
            if n % 19 == 0:
                item.text = None
            item.band = ("flagged", "clear", "review")[n % 3]
        if n % 13 == 0:
            item.pictures = tuple(random_text(shown, shown.randint(1, 30)) for _ in range(1 + n % 3))
        item.platform = "shop" if n % 4 else "forum"
        item.score = rnd.randint(0, 20) / 20
        item.first_day = f"2026-11-{rnd.randint(1, 20):02d}"
        item.url = f"https://shop.example/item?id={n}&spm=abc"
        items.append(item)
    return items
