"""倒查: a false card that an inspection found becomes a lead, linked to the listings from which it may have come.

Its number and contact stand raw in the store's own table and nowhere else: the lead's text has them masked, and they
are compared by keyed hash.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine

from adwatch.casework.shown import masked, printable
from adwatch.casework.transaction import work
from adwatch.errors import UsageError
from adwatch.models import Actor, Listing
from adwatch.store import outside as store
from adwatch.store import schema as s
from adwatch.store.attachments import attachments_of, keep_attachment
from adwatch.store.audit import Entry, append_entries
from adwatch.store.cases import cases_of_listings, next_number, set_state
from adwatch.store.engine import insert_id, reading
from adwatch.store.opening import add_event
from adwatch.store.views import as_it_stands, versions_of
from adwatch.text import url_norm

Row = dict[str, Any]
LINK = "inspection"
LIMIT = 2000


@dataclass(frozen=True, slots=True)
class Found:
    """What the inspectors noted down; raw."""

    found_on: date
    place: str
    """Where: the enterprise or site."""
    certificate: str
    """What the card says it is (电工证)."""
    card_number: str
    qr: str
    """Address that the QR code leads to."""
    bought: str
    """Where it was bought: an address, a shop's name, words."""
    payment: str
    contact: str
    """How the seller is reached."""
    seller: str
    """Name of the shop or account."""
    keep_number: bool = field(default=True, kw_only=True)
    """Whether the card's number is kept raw; a ledger's are compared by keyed hash only, and kept masked."""

    def checked(self, today: date) -> Found:
        """Itself; UsageError where there is nothing to go by."""
        if self.found_on > today:
            raise UsageError(f"检查日期 {self.found_on} 在将来")
        if not self.place.strip() or not self.certificate.strip():
            raise UsageError("写明检查地点（--place）和证书名称（--certificate）")
        if not any(each.strip() for each in (self.card_number, self.qr, self.bought, self.contact, self.seller)):
            raise UsageError("至少写明证号、二维码、购买渠道、联系方式、卖家中的一项，否则无从倒查")
        texts = (self.place, self.certificate, self.card_number, self.qr, self.bought, self.payment, self.contact)
        if any(len(each) > LIMIT for each in (*texts, self.seller)):
            raise UsageError(f"每项不超过 {LIMIT} 字")
        return self

    def listing(self, platform: str, key: str) -> Listing:
        """The lead's text as it may be seen; ``key`` names it without telling the number."""
        said = (
            ("检查发现地点", printable(self.place)),
            ("证书名称", printable(self.certificate)),
            ("证号", covered(self.card_number)),
            ("二维码指向", printable(masked(self.qr, ()))),
            ("购买渠道", printable(masked(self.bought, ()))),
            ("支付方式", printable(masked(self.payment, ()))),
            ("卖家", printable(masked(self.seller, ()))),
            ("卖家联系方式", covered(self.contact)),
        )
        text = "\n".join(f"{name}：{words}" for name, words in said if words)
        links = tuple(each for each in (self.qr, self.bought) if url_norm(each) and masked(each, ()) == each)
        title = f"检查发现涉嫌假证：{printable(self.certificate)}"
        return Listing(platform, f"JC-{key}", "tip", title=title, text=text, links=links)


def covered(text: str) -> str:
    """The beginning of a number or a contact, the rest starred."""
    shown = printable(text)
    return shown[: min(3, len(shown) // 2)] + "*" * (len(shown) - min(3, len(shown) // 2))


def record(
    engine: Engine,
    home: Path,
    listing: int,
    found: Found,
    photos: Sequence[tuple[str, bytes, str]],
    key_of: Callable[[str], str],
    actor: Actor,
    *,
    now: datetime,
    zone: tzinfo,
) -> Row:
    """Give an inspection its number and its case; the same again changes nothing but adds photographs."""
    day = now.astimezone(zone).date().isoformat()
    with work(engine) as connection:
        case = cases_of_listings(connection, [listing]).get(listing)
        before = store.inspections(connection, case_id=case["id"]) if case else []
        row = before[0] if before else _new(connection, listing, case, found, key_of, actor, now, day)
        about: Row = {"subject": "inspection", "subject_id": row["id"], "kind": "photo", "actor": actor, "now": now}
        had = {each["sha256"] for each in attachments_of(connection, "inspection", [row["id"]]).get(row["id"], [])}
        kept = [
            keep_attachment(connection, home, content, name=name, media_type=kind, **about)
            for name, content, kind in photos
        ]
        fresh = [each["sha256"] for each in kept if each["sha256"] not in had]
        if fresh or not before:
            said = {"number": row["number"], "photos": fresh}
            append_entries(connection, [Entry.of(actor, "source.inspection", "case", row["case_id"], now, said)])
    return row


def _new(
    connection: Connection,
    listing: int,
    case: Row | None,
    found: Found,
    key_of: Callable[[str], str],
    actor: Actor,
    now: datetime,
    day: str,
) -> Row:
    view = as_it_stands(versions_of(connection, [listing])[listing])
    if case is None:
        case_id = store.open_case(connection, view, "inspection", actor.person, now, day)
    else:
        case_id = int(case["id"])
        set_state(connection, case_id, origin="inspection", updated_at=now)
    number = f"ADW-JC-{day[:4]}-{next_number(connection, f'inspection:{day[:4]}'):04d}"
    row = {
        "number": number,
        "case_id": case_id,
        "found_on": found.found_on.isoformat(),
        "place": found.place,
        "card_number": found.card_number if found.keep_number else covered(found.card_number),
        "card_key": key_of(found.card_number) if found.card_number.strip() else "",
        "qr": found.qr,
        "bought": found.bought,
        "payment": found.payment,
        "contact": found.contact,
        "contact_key": key_of(found.contact) if found.contact.strip() else "",
        "seller": found.seller,
        "at": now,
        "person": actor.person,
        "unit": actor.unit,
    }
    add_event(connection, "case", case_id, "came_in", actor.person, now, {"origin": "inspection", "number": number})
    return {"id": insert_id(connection, s.inspection, **row), **row}


def link_back(
    engine: Engine,
    by_contact: Callable[[str], Iterable[str]],
    *,
    now: datetime,
    only: str | None = None,
) -> list[Row]:
    """Link inspections to the cases of listings with the same contact, address or seller, and to one another.

    ``by_contact`` gives listings (stable ids) with a contact, from the index. Gives the links that are new.
    """
    with reading(engine) as connection:
        every = store.inspections(connection)
    hits = {row["id"]: list(by_contact(row["contact"])) if row["contact"].strip() else [] for row in every}
    done: list[Row] = []
    with work(engine) as connection:
        entries = []
        for row in every:
            if only not in (None, row["number"]):
                continue
            for other, how in _others(connection, row, every, hits[row["id"]]):
                if not store.add_link(connection, row["case_id"], other, LINK, now, {"by": how}):
                    continue
                said = {"other": other, "by": how, "number": row["number"]}
                add_event(connection, "case", row["case_id"], "linked", "machine", now, said)
                back = {"other": row["case_id"], "by": how, "number": row["number"]}
                add_event(connection, "case", other, "linked", "machine", now, back)
                actor = Actor("machine", row["unit"])
                entries.append(Entry.of(actor, "source.linked", "case", row["case_id"], now, said))
                done.append({"number": row["number"], "case_id": row["case_id"], "other": other, "by": how})
        append_entries(connection, entries)
    return done


def _others(connection: Connection, row: Row, every: Sequence[Row], hits: Sequence[str]) -> list[tuple[int, str]]:
    """(case, how), each case once, the strongest tie first."""
    found: dict[int, str] = {}
    if row["contact_key"]:
        tagged = store.cases_by_contact(connection, [row["contact_key"]]).get(row["contact_key"], [])
        for case_id in (*tagged, *store.cases_by_listing_id(connection, hits)):
            found.setdefault(case_id, "contact")
    for name in ("contact_key", "card_key"):
        same = [each["case_id"] for each in every if row[name] and each[name] == row[name]]
        for case_id in same:
            found.setdefault(case_id, "contact" if name == "contact_key" else "card")
    urls = [normal for each in (row["bought"], row["qr"]) if (normal := url_norm(each))]
    for cases in store.cases_by_url(connection, urls).values():
        for case_id in cases:
            found.setdefault(case_id, "url")
    if row["seller"].strip():
        for case_id in store.cases_by_seller(connection, row["seller"].strip()):
            found.setdefault(case_id, "seller")
    found.pop(row["case_id"], None)
    return sorted(found.items())


HOW = {"contact": "联系方式相同", "card": "证号相同", "url": "链接相同", "seller": "卖家相同"}
"""Chinese names of the ties."""
