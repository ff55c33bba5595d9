"""Flagged listings for the bench of linking: new ones that are due, and a history that lies as linking left it.

One account for four listings, a contact for half of the accounts, a tenth of the texts bought (forty are on sale), the
rest of their own. What linking would have left of a history is worked out here and written in bulk, since to link a
million takes long; ``tests/casework/test_cluster_history.py`` compares the two.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Engine

from adwatch.casework.link_marks import LONG_BANDS, TEXT_BANDS, account_key, contact_keys, marks
from adwatch.store import schema as s
from adwatch.store.bulk import insert_rows
from adwatch.store.engine import db_time, writing
from adwatch.store.subject_due import Said
from adwatch.store.subject_marks import add_wide, carry_over
from adwatch.tables.links import Links

NOW = datetime(2026, 11, 28, tzinfo=UTC)
DAY, PLATFORM, SECRET = "2026-11-28", "bench", b"k" * 32
CHUNK = 20_000
CHARACTERS = [chr(0x4E00 + n * 7 % 6000) for n in range(3000)]
BOUGHT = ["".join(random.Random(n).choices(CHARACTERS, k=110)) for n in range(40)]
RULES = Links()
FILLING = CHARACTERS[0] * 100
"""Text of a listing that was linked: it is read no more."""

Row = tuple[int, str, int, int, str | None]

LISTING = ("id", "key", "platform_id", "native_id", "version_id", "first_seen_at", "last_seen_at", "last_seen_day")
VERSION = ("id", "listing_id", "content_sha256", "kind", "title", "text", "seller_id", "captured_at", "day")
VERDICT = ("version_id", "classifier_id", "band", "score", "scope", "detail")
CASE = ("id", "state", "scope", "score", "opened_at", "opened_day", "origin", "subject_id")


def no_picture(_address: str) -> None:
    """No picture's bytes are kept."""
    return


@dataclass(frozen=True, slots=True)
class Drawn:
    """One listing."""

    number: int
    seller: str
    """Its account: one in two has a contact."""
    bought: int | None
    """Which of the texts on sale it is."""
    key: bytes
    """Digest of the number."""
    contacts: tuple[tuple[str, str, int, int, str], ...]
    """As in ``Said``."""

    @property
    def text(self) -> str:
        """The same each time."""
        if self.bought is not None:
            return BOUGHT[self.bought]
        return "".join(random.Random(str(self.number)).choices(CHARACTERS, k=100))

    def said(self, text: str) -> Said:
        """What linking reads of it, with another text."""
        who = (self.number, self.number, self.key[:16], 1, PLATFORM, self.seller, None)
        return Said(*who, text[:20], text, (), self.contacts)


def draw(number: int) -> Drawn:
    """The listing of a number, always the same: an account that was there in three of four."""
    chooser = random.Random(number)
    account = chooser.randrange(1 + number // 4) if number % 4 else number
    bought = chooser.randrange(len(BOUGHT)) if chooser.random() < 0.1 else None
    contact = ("wechat", f"wx{account % 400_000:08d}", 3, 3, "wx*******")
    key = hashlib.sha256(str(number).encode()).digest()
    return Drawn(number, f"u{account}", bought, key, (contact,) if account % 2 else ())


def begin(engine: Engine) -> None:
    """The platform and the classifier."""
    with writing(engine) as connection:
        connection.execute(s.platform.insert().values(id=1, name=PLATFORM, kind="handover"))
        connection.execute(s.classifier.insert().values(id=1, version="b", keyword_versions="k", classified_to=0))


def fill(engine: Engine, first: int, last: int) -> None:
    """New flagged listings with their cases, due to be linked."""
    drawn = [draw(number) for number in range(first, last)]
    with writing(engine) as connection:
        _put(connection, [(each, each.text) for each in drawn], {})
        insert_rows(connection, s.subject_due, ("seq", "listing_id"), [(each.number, each.number) for each in drawn])


def _put(connection: Connection, drawn: Iterable[tuple[Drawn, str]], subjects: Mapping[str, int]) -> None:
    stamp, names = db_time(connection, NOW), ("kind", "value", "start", "end", "masked")
    columns = {s.listing: LISTING, s.listing_version: VERSION, s.verdict: VERDICT, s.case: CASE}
    columns |= {s.case_listing: ("listing_id", "case_id")}
    rows: dict[Any, list[tuple[Any, ...]]] = {table: [] for table in columns}
    for each, text in drawn:
        number = each.number
        contacts = [dict(zip(names, contact, strict=True)) for contact in each.contacts]
        detail = orjson.dumps({"types": ["guaranteed_pass"], "contacts": contacts}).decode()
        said = (each.key.hex(), "product", text[:20], text, each.seller, stamp, DAY)
        opened = ("screening", "safety_production", 0.9, stamp, DAY, "patrol", subjects.get(each.seller))
        rows[s.listing].append((number, each.key[:16], 1, str(number), number, stamp, stamp, DAY))
        rows[s.listing_version].append((number, number, *said))
        rows[s.verdict].append((number, 1, "flagged", 0.9, "safety_production", detail))
        rows[s.case].append((number, *opened))
        rows[s.case_listing].append((number, number))
    for table, listed in rows.items():
        insert_rows(connection, table, columns[table], listed)


@dataclass(slots=True)
class History:
    """What linking left of the listings so far."""

    accounts: dict[str, int] = field(default_factory=dict)
    """Surrogate key by account."""
    subjects: dict[str, int] = field(default_factory=dict)
    """Subject by account: that of the first account with its contact."""
    of_contact: dict[str, int] = field(default_factory=dict)
    """Subject by contact, or by the account that shows none."""
    shown: set[tuple[int, int]] = field(default_factory=set)
    """(account, value) of contacts and of texts on sale."""

    def lay(self, engine: Engine, first: int, last: int) -> None:
        """Store listings, linked; bands of a text of its own are drawn, since it shares none with another."""
        drawn = [draw(number) for number in range(first, last)]
        new = [each for each in drawn if self._is_new(each)]
        rows = [row for each in drawn if each.bought is None for row in self._own(each)]
        real = [each.said("") for each in new] + [each.said(each.text) for each in drawn if each.bought is not None]
        for version, found in zip(real, marks(real, RULES, SECRET, no_picture), strict=True):
            account = self.accounts[str(version.seller_id)]
            fresh = [mark for mark in found if (account, mark.value) not in self.shown]
            self.shown.update((account, mark.value) for mark in fresh)
            rows += [(account, mark.kind, mark.value, version.listing_id, mark.shown) for mark in fresh]
        rows.sort()
        with writing(engine) as connection:
            _put(connection, [(each, FILLING) for each in drawn], self.subjects)
            self._link(connection, drawn, new)
            insert_rows(connection, s.subject_mark, ("account_id", "kind", "value", "listing_id", "shown"), rows)
            by_value = sorted((row[2], row[0]) for row in rows)
            insert_rows(connection, s.subject_recent, ("value", "account_id"), by_value)
            carry_over(connection, first, last - 1)

    def _is_new(self, each: Drawn) -> bool:
        if each.seller in self.accounts:
            return False
        self.accounts[each.seller] = number = len(self.accounts) + 1
        contact = each.contacts[0][1] if each.contacts else each.seller
        self.subjects[each.seller] = self.of_contact.setdefault(contact, number)
        return True

    def _own(self, each: Drawn) -> Iterable[Row]:
        """Marks of a text that nobody else has, with the contact if there is one."""
        account, number = self.accounts[each.seller], each.number
        bits = random.Random(-number).getrandbits
        kinds = {"text": TEXT_BANDS, "long_text": LONG_BANDS, "contact+text": TEXT_BANDS if each.contacts else 0}
        return [(account, kind, bits(63), number, None) for kind, count in kinds.items() for _ in range(count)]

    def _link(self, connection: Connection, drawn: Sequence[Drawn], new: Sequence[Drawn]) -> None:
        stamp = db_time(connection, NOW)
        accounts = [
            (self.accounts[each.seller], account_key(each.said("")), 1, each.seller, self.subjects[each.seller])
            for each in new
        ]
        insert_rows(connection, s.subject_account, ("id", "key", "platform_id", "seller_id", "subject_id"), accounts)
        subjects = [(number, stamp) for number, *_, subject in accounts if number == subject]
        insert_rows(connection, s.subject, ("id", "made_at"), subjects)
        members = [(each.number, self.accounts[each.seller], stamp) for each in drawn]
        insert_rows(connection, s.subject_member, ("listing_id", "account_id", "at"), members)
        tags = [(each.number, "contact", key) for each in drawn for key in contact_keys(each.said(""), SECRET)]
        insert_rows(connection, s.case_tag, ("case_id", "kind", "value"), tags)

    def widen(self, engine: Engine) -> None:
        """Bands of the texts on sale are wide, as soon as each was bought by some."""
        on_sale = [Drawn(0, "", at, b"", ()).said(text) for at, text in enumerate(BOUGHT)]
        with writing(engine) as connection:
            add_wide(connection, (each.value for found in marks(on_sale, RULES, SECRET, no_picture) for each in found))
