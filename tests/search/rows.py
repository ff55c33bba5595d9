"""Listings as the store would give them to an index, without a store."""

from __future__ import annotations

from dataclasses import fields

from adwatch.store.outbox import IndexRow
from adwatch.store.picture_words import PictureWords
from tests.search.world import Item


def row(number: int, item: Item) -> IndexRow:
    """A listing as the store would give it, without a store."""
    days = {"last_seen": item.last_day, "first_seen": item.first_day}
    names = {f.name: None for f in fields(IndexRow)} | days
    given = {
        "id": number,
        "key": bytes.fromhex(item.listing_id),
        "platform": item.platform,
        "native_id": item.native_id,
    }
    texts: dict[str, object] = {
        "title": item.title,
        "text": item.text,
        "band": item.band,
        "detail": {},
        "case": {},
        "pictures": tuple(PictureWords(f"{at:064x}", words, True) for at, words in enumerate(item.pictures)),
    }
    return IndexRow(**(names | given | texts))  # type: ignore[arg-type]
