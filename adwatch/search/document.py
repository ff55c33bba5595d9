"""Makes search documents out of listings: contacts masked, texts folded, contact keys hashed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

import numpy as np

from adwatch.models import Contact
from adwatch.search.keys import contact_key
from adwatch.store.corrections import held
from adwatch.store.outbox import IndexRow
from adwatch.text import mask
from adwatch.text.fold import normal_many

BREAK = "。"
"""Between title, text and pictures: no folded text holds it, no phrase runs across. FTS5 would drop an ASCII dot."""

_LONG_NUMBER = re.compile(r"\d(?:[\s.·—_-]?\d){4,}")
_AREA = re.compile(r".+?(?:特别行政区|自治区|自治州|自治县|自治旗|地区|省|市|区|县|旗|盟)")
_APART = re.compile(r"[\s·/,，-]+")
_ACCOUNT = re.compile(r"[A-Za-z][A-Za-z0-9_.@-]{5,}")


@dataclass(frozen=True, slots=True)
class Document:
    """One listing on its way into an index."""

    id: int
    """Surrogate key in the store."""
    version: int
    """Outbox number when it was read."""
    chars: str
    """Folded title, BREAK, folded text, each picture's words behind another BREAK, one token a character."""
    body: dict[str, Any]
    """The stored fields (see adwatch.search.fields); what is absent has no entry."""
    month: str
    """Month in which the store first had it, YYYY-MM; it never changes."""

    @property
    def hit(self) -> bool:
        """Whether it is, or was, flagged, or has a case: then it stays among the hits whatever becomes of it."""
        return bool(self.body["flagged"] or "first_flagged_at" in self.body or "state" in self.body)


def spaced(normal: str) -> str:
    """One token a character."""
    return " ".join(normal)


def cover_numbers(text: str) -> str:
    """Runs of five or more digits starred, at the same length."""
    return _LONG_NUMBER.sub(lambda hit: "*" * len(hit[0]), text)


def cover_unread(text: str) -> str:
    """What is done to a text in which no classifier has looked for contacts: long numbers and Latin words starred."""
    return cover_numbers(_ACCOUNT.sub(lambda hit: "*" * len(hit[0]), text))


def _masked(row: IndexRow, contacts: Sequence[Contact]) -> tuple[str, str]:
    title, text = row.title or "", row.text or ""
    if row.band is None:
        return cover_unread(title), cover_unread(text)
    if not contacts:
        return title, text
    whole = mask(f"{title}\n{text}", contacts)
    return whole[: len(title)], whole[len(title) + 1 :]


def _pictures(row: IndexRow) -> list[str]:
    """The words of its pictures, masked as the text is; long numbers always: a card has them."""
    shown = []
    for picture in row.pictures:
        contacts = row.contacts_in(picture)
        known = row.band is not None and (picture.judged or bool(contacts))
        text = mask(picture.text, contacts)
        shown.append(cover_numbers(text) if known else cover_unread(text))
    return shown


def _all_contacts(row: IndexRow) -> Iterator[Contact]:
    yield from row.contacts
    for picture in row.pictures:
        yield from row.contacts_in(picture)


def _seller(row: IndexRow, contacts: Sequence[Contact]) -> str | None:
    """The shop's name is outside the verdict's offsets: its contacts are covered by their spelling."""
    name = cover_numbers(row.seller_name or "")
    whole = f"{row.title or ''}\n{row.text or ''}"
    for contact in contacts:
        for spelling in (contact.value, whole[contact.start : contact.end]):
            name = name.replace(spelling, "*" * len(spelling)) if spelling else name
    return name or None


def _time(when: datetime | None) -> str | None:
    return when.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z" if when else None


def _findings(row: IndexRow) -> dict[str, Any]:
    """What the verdict's evidence rests on, each word once, sorted."""
    evidence = row.detail.get("evidence", ())
    folds = {fold for found in evidence for fold in found["fold"].split("+")}
    return {
        "disguises": sorted(folds - {"none"}),
        "keywords": sorted({found["keyword"] for found in evidence}),
        "keyword_lists": sorted({found["list"] for found in evidence}),
    }


def _reading(row: IndexRow) -> dict[str, Any]:
    """What holds of the offer; beside it what the machine read, where a person corrected that (see ``corrections``)."""
    corrected, detail = row.case.get("corrected") or {}, row.detail
    types, families = detail.get("types"), detail.get("families")
    holds = held(corrected, row.scope, types, families)
    return {
        "scope": holds.scope,
        "offer_types": list(holds.types),
        "certificate_kinds": list(holds.families),
        "machine_scope": row.scope if "scope" in corrected else None,
        "machine_offer_types": types if "types" in corrected else None,
        "machine_certificate_kinds": families if "families" in corrected else None,
        "basis": None if "types" in corrected else detail.get("basis"),
    }


def areas(region: str | None) -> list[str]:
    """A region as a whole and by its parts: 山西省运城市盐湖区 is 山西省, 运城市 and 盐湖区 too."""
    pieces = [piece for piece in _APART.split(region or "") if piece]
    whole = "".join(pieces)
    return list(dict.fromkeys([*([whole] if whole else []), *pieces, *_AREA.findall(whole)]))


def _casework(row: IndexRow) -> dict[str, Any]:
    values = {name: _time(value) if isinstance(value, datetime) else value for name, value in row.case.items()}
    values.pop("corrected", None)
    if values:
        values["console_path"] = f"/cases/{values['case_id']}"
        values["seller_area"] = areas(row.seller_region)
    return values


def _body(row: IndexRow, version: int, secret: bytes) -> dict[str, Any]:
    contacts = row.contacts
    title, text = _masked(row, contacts)
    body = {
        "listing_id": row.key.hex(),
        "platform": row.platform,
        "native_id": row.native_id,
        "kind": row.kind,
        "url": row.url,
        "url_norm": row.url_norm,
        "title": title or None,
        "text": text or None,
        "picture_text": _pictures(row),
        "flagged": row.band == "flagged",
        "band": row.band,
        "reason": row.reason,
        "score": row.score or 0.0,
        "tier": row.tier,
        "state": row.state,
        "seller_name": _seller(row, contacts),
        "seller_region": row.seller_region,
        "price_fen": row.price_fen,
        "first_seen": row.first_seen,
        "last_seen": row.last_seen,
        "first_flagged_at": _time(row.first_flagged_at),
        "posted_at": _time(row.posted_at),
        **_reading(row),
        **_findings(row),
        **_casework(row),
        "contact_keys": sorted({contact_key(secret, c.value) for c in _all_contacts(row)}),
        "version": version,
    }
    return {name: value for name, value in body.items() if value is not None and value != []}


def documents(rows: Sequence[IndexRow], version: int, secret: bytes) -> list[Document]:
    """Documents of the rows, in order."""
    bodies = [_body(row, version, secret) for row in rows]
    chars = spaced_bodies(bodies)
    return [
        Document(r.id, version, c, b, r.month or r.first_seen[:7]) for r, c, b in zip(rows, chars, bodies, strict=True)
    ]


def spaced_bodies(bodies: Sequence[dict[str, Any]]) -> list[str]:
    """What Document.chars says, of each body; in one NumPy pass, as join() is slow."""
    if not bodies:
        return []
    parts = [(b.get("title", ""), b.get("text", ""), *b.get("picture_text", ())) for b in bodies]
    folded = iter(normal_many([text for texts in parts for text in texts]))
    lines = "\n".join(BREAK.join(islice(folded, len(texts))) for texts in parts)
    points = np.frombuffer(lines.encode("utf-32-le"), dtype=np.uint32)
    apart = np.full(2 * len(points), ord(" "), dtype=np.uint32)
    apart[::2] = points
    together: str = apart.tobytes().decode("utf-32-le")
    return together.split("\n")
