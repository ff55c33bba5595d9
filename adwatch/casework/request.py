"""All that a takedown request says, as plain data: its letter and its JSON are made of this and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, tzinfo
from typing import Any

from adwatch.casework.platform_info import PlatformInfo
from adwatch.casework.shown import cites, evidence_number, labels, local, show
from adwatch.store.takedowns import Waiting
from adwatch.store.views import ListingView
from adwatch.tables import Law, OfferClass
from adwatch.tables.takedown import TakedownRules
from adwatch.tables.takedown_routing import Routed

SCHEMA = "adwatch.takedown/1"

Item = tuple[Waiting, ListingView, list[dict[str, Any]]]
"""A confirmed listing, the version that was confirmed, and the decisions on its case."""


def request_content(
    number: str,
    items: Sequence[Item],
    info: PlatformInfo,
    *,
    law: Law,
    classes: Mapping[str, OfferClass],
    unit: str,
    now: datetime,
    zone: tzinfo,
    rules: TakedownRules,
    routed: Routed,
    before: Mapping[int, Sequence[Mapping[str, Any]]] | None = None,
) -> dict[str, Any]:
    """The request as JSON; personal data is masked. ``routed``: which letter it is, and to whom.

    ``before``: by listing the requests that were sent over it (``asked_anew.asked_before``): it is asked for again.
    """
    earlier = {key: [_earlier(row, zone) for row in rows] for key, rows in (before or {}).items()}
    listings = [
        {**_listing(seq, item, law, classes, zone), "asked_before": earlier.get(item[0].listing_id, [])}
        for seq, item in enumerate(items, 1)
    ]
    counts = Counter(each for row in listings for each in row["offer_types"])
    return {
        "schema": SCHEMA,
        "kind": routed.kind,
        "number": number,
        "platform": items[0][0].platform,
        "platform_label": info.label,
        "company": info.company,
        "addressee": routed.addressee,
        "domicile": info.domicile,
        "uscc": info.uscc,
        "channel": info.channel,
        "email": routed.email,
        "letterhead": letterhead(rules),
        "unit": unit,
        "drafted_at": now.isoformat(),
        "drafted_day": now.astimezone(zone).date().isoformat(),
        "deadline_hours": info.deadline_hours,
        "deadline_days": info.deadline_days,
        "deadline_source": info.deadline_source,
        "decided_by": sorted({row["decided_by"] for row in listings if row["decided_by"]}),
        "offer_types": [
            {
                "id": each,
                "label": labels([each], classes)[0],
                "notice": classes[each].notice if each in classes else "",
                "listings": count,
            }
            for each, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
        ],
        "cites": list(dict.fromkeys(cite for row in listings for cite in row["cites"])),
        "duties": _duties(counts, law, classes, now.astimezone(zone).date()),
        "asked_before": _asked_before(listings),
        "listings": listings,
    }


def _earlier(row: Mapping[str, Any], zone: tzinfo) -> dict[str, Any]:
    """An earlier letter as it stands when this one is drafted: ``date`` is its 成文日期, else the day it was sent."""
    date = row["document_date"] or row["sent_at"].astimezone(zone).date().isoformat()
    return {"number": row["number"], "document_number": row["document_number"], "date": date}


def _asked_before(listings: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """How many listings are asked for again, and the letters that asked for them."""
    again = [row["asked_before"] for row in listings if row["asked_before"]]
    letters = {each["number"]: each for rows in again for each in rows}
    return {"listings": len(again), "letters": [letters[number] for number in sorted(letters)]}


def letterhead(rules: TakedownRules) -> dict[str, str]:
    """How the office's letters look, as it stood when this one was drafted."""
    names = ("copies", "printed_by", "contact_person", "contact_phone")
    return {"style": rules.letterhead, **{name: getattr(rules, name) for name in names}}


def _duties(types: Iterable[str], law: Law, classes: Mapping[str, OfferClass], day: date) -> list[str]:
    """What binds the platform, as in force on the day of the letter."""
    bases = [basis for each in types if each in classes for basis in classes[each].duties]
    return list(dict.fromkeys(law.cites(bases, day)))


def _listing(seq: int, item: Item, law: Law, classes: Mapping[str, OfferClass], zone: tzinfo) -> dict[str, Any]:
    waiting, view, decisions = item
    shown, listing, verdict = show(view), view.listing, view.reading
    types = list(verdict.offer_types) if verdict else []
    last = decisions[-1] if decisions else None
    return {
        "seq": seq,
        "listing_id": listing.listing_id,
        "case_id": waiting.case_id,
        "lead_number": waiting.lead_number,
        "native_id": listing.native_id,
        "url": listing.url,
        "title": shown.title,
        "seller_id": listing.seller_id,
        "seller_name": shown.seller or None,
        "quotes": shown.quotes or [shown.title],
        "offer_types": types,
        "offer_labels": labels(types, classes),
        "cites": cites(verdict, view.day, law, classes),
        "day": view.day,
        "captured_at": local(listing.captured_at, zone),
        "evidence_number": evidence_number(view),
        "capture_id": listing.capture_id,
        "capture_row": listing.capture_row,
        "capture_sha256": view.capture_sha256,
        "content_sha256": view.content_sha256,
        "decided_by": last["unit"] if last else None,
        "decided_at": local(last["at"], zone) if last else None,
    }
