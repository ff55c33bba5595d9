"""A bad row of a ledger that a person has confirmed becomes a clue: told to the owner, linked back (倒查).

The ledger is screened again up to the row, so that nobody makes a clue of a row in which nothing is wrong. Of the
number only the beginning is kept; whether the same card turns up elsewhere is found by its keyed hash.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from adwatch.app import sightings
from adwatch.app.indexing import index_now
from adwatch.app.ledger import ledger_rows, screening_of, take_in
from adwatch.app.office import Office
from adwatch.app.sources import link_back
from adwatch.casework import inspections
from adwatch.casework.ledger import WORDS
from adwatch.casework.origins import origin_of
from adwatch.errors import UsageError
from adwatch.models import Actor
from adwatch.search.keys import contact_key, contact_secret
from adwatch.stages.classify import classify_backlog
from adwatch.store import outside as store
from adwatch.store.engine import reading
from adwatch.store.listings import upsert_listings

BAD = ("differs", "wrong", "repeated", "expired")
"""Words that say that something is wrong; what is only unknown or not found is looked up first."""
Row = dict[str, Any]


def clue(
    office: Office, file: Path, number: int, actor: Actor, about: Mapping[str, str], issued: Sequence[Path] = ()
) -> Row:
    """Number and case of the clue, why the row is bad, and cases it is linked to; the same row again changes nothing.

    ``about``: place, bought, contact, seller, qr; UsageError where the row is not bad or not there.
    """
    verdict, card, label = _row(office, file, number, issued)
    if verdict.word not in BAD:
        why = f"{WORDS[verdict.word]}，没有可作为线索的问题；未查到不等于假证，请先在官方网站核实"
        raise UsageError(f"{file.name} 第{number}行: {why}")
    now, zone = office.clock.now(), office.settings.zone
    today = now.astimezone(zone).date()
    found = inspections.Found(
        found_on=today,
        place=about["place"],
        certificate=label,
        card_number=card,
        qr=about.get("qr", ""),
        bought=about.get("bought", ""),
        payment="",
        contact=about.get("contact", ""),
        seller=about.get("seller", ""),
        keep_number=False,
    )
    found.checked(today)
    source = origin_of("inspection", office.settings.data)
    key_of = partial(contact_key, contact_secret(office.home))
    listing = found.listing(source.platform, key_of("\0".join(("ledger", about["place"], label, card))))
    upsert_listings(office.engine, source.platform, [listing], today.isoformat(), now)
    classify_backlog(office.classifier, today.isoformat())
    with reading(office.engine) as connection:
        key = store.listings_by_number(connection, source.platform, [listing.native_id])[listing.native_id]
    row = inspections.record(office.engine, office.home, key, found, (), key_of, actor, now=now, zone=zone)
    if about.get("qr"):
        met = sightings.Sighting(about["qr"], "inspection", key, detail=row["number"])
        sightings.record_sightings(office, [met], today.isoformat())
    index_now(office)
    links = link_back(office, row["number"])
    said = {"number": row["number"], "case_id": row["case_id"], "word": verdict.word, "reasons": list(verdict.reasons)}
    return {**said, "family": verdict.family, "links": links}


def _row(office: Office, file: Path, number: int, issued: Sequence[Path]) -> tuple[Any, str, str]:
    """(verdict, number of the card, name of the certificate) of a row."""
    screening, headings = screening_of(office)
    for each in issued:
        take_in(each, screening, headings)
    for line, cells, columns in ledger_rows(file, headings):
        if columns is None:
            continue
        verdict = screening.row(line, cells, columns)
        if line == number and verdict is not None:
            words = [columns.text(cells, name) for name in ("family", "trade", "job")]
            card = columns.text(cells, "number") or columns.text(cells, "id")
            return verdict, card, next((word for word in words if word), "") or "证书"
    raise UsageError(f"{file.name}: 没有第{number}行，或者该行没有内容")
