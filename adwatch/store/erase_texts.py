"""Deletes the words of listings: of versions (title, text, pictures, seller, contacts) and what was read of pictures.

A version's row stays with its digest, its days, its capture and what the verdict found by name, so that figures and
tables come out as before; the listing's place in the index loses its words. Who is seen again later has a new version.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, delete, func, select, update

from adwatch.store import schema as s
from adwatch.store.bulk import insert_rows, update_rows
from adwatch.store.erasures import TEXT, Gone, erased
from adwatch.store.opening import chunks
from adwatch.store.picture_rows import ERASED, PER_LISTING, address_key

WORDS = ("title", "text", "images", "links", "seller_id", "seller_name", "operator_name", "uscc")
"""Columns of a version that are emptied."""
NAMED = ("types", "families", "basis")
"""Of a verdict's detail, what stays."""


def _word(limit: datetime) -> ColumnElement[str]:
    """Why the text of a version without a lead stays: a word, or nothing."""
    v, item, later = s.listing_version, s.listing, s.listing_version.alias()
    replaced = select(func.min(later.c.captured_at)).where(later.c.listing_id == v.c.listing_id, later.c.id > v.c.id)
    since = case(
        (item.c.version_id == v.c.id, item.c.last_seen_at),
        else_=func.coalesce(replaced.correlate(v).scalar_subquery(), v.c.captured_at),
    )
    judged = select(s.verdict.c.version_id).where(s.verdict.c.version_id == v.c.id).exists()
    looked = select(s.second_look.c.id).where(
        s.second_look.c.listing_id == item.c.id, s.second_look.c.stage != "settled"
    )
    ours = select(s.site.c.id).where(s.site.c.listing_id == item.c.id)
    words = ((~judged, "unjudged"), (looked.exists(), "look"), (ours.exists(), "site"), (since > limit, "term"))
    return case(*words, else_="")


def _lone() -> tuple[Any, ColumnElement[bool]]:
    """Versions with words of listings without a lead."""
    v, item = s.listing_version, s.listing
    lead = select(s.case_listing.c.listing_id).where(s.case_listing.c.listing_id == item.c.id)
    return s.listing_version.join(item, item.c.id == v.c.listing_id), ~lead.exists() & ~erased(TEXT, v.c.id)


def lone_words(connection: Connection, limit: datetime) -> Counter[str]:
    """How many versions without a lead stay, by word; under no word those that may go."""
    joined, where = _lone()
    word = _word(limit).label("word")
    rows = connection.execute(select(word, func.count()).select_from(joined).where(where).group_by(word))
    return Counter({str(row[0]): int(row[1]) for row in rows})


def lone_due(connection: Connection, limit: datetime, most: int) -> list[Gone]:
    """The next versions without a lead that may go, with their digests; none that a worker has claimed."""
    v = s.listing_version
    joined, where = _lone()
    query = select(v.c.id, v.c.content_sha256).select_from(joined).where(where, _word(limit) == "")
    free = query.order_by(v.c.id).limit(most).with_for_update(skip_locked=True, of=v)
    return [(row.id, row.content_sha256) for row in connection.execute(free)]


def of_cases(connection: Connection, case_ids: Iterable[int]) -> Iterator[tuple[int, Gone]]:
    """(case, version with words) of the listings of cases; none that a worker has claimed."""
    v, link = s.listing_version, s.case_listing
    for ids in chunks(case_ids):
        query = select(link.c.case_id, v.c.id, v.c.content_sha256).join(v, v.c.listing_id == link.c.listing_id)
        query = query.where(link.c.case_id.in_(ids), ~erased(TEXT, v.c.id)).order_by(v.c.id)
        for row in connection.execute(query.with_for_update(skip_locked=True, of=v)):
            yield row.case_id, (row.id, row.content_sha256)


def counted_by_case(connection: Connection) -> dict[int, int]:
    """How many versions with words each case has."""
    v, link = s.listing_version, s.case_listing
    query = select(link.c.case_id, func.count()).join(v, v.c.listing_id == link.c.listing_id)
    rows = connection.execute(query.where(~erased(TEXT, v.c.id)).group_by(link.c.case_id))
    return {int(row[0]): int(row[1]) for row in rows}


def wipe(connection: Connection, version_ids: Sequence[int]) -> None:
    """Empty the words of versions, and let the index look at their listings again."""
    v, item = s.listing_version, s.listing
    listings: set[int] = set()
    current: set[int] = set()
    for ids in chunks(version_ids):
        connection.execute(update(v).where(v.c.id.in_(ids)).values(dict.fromkeys(WORDS)))
        query = select(item.c.id, item.c.version_id, v.c.id.label("wiped"))
        for row in connection.execute(query.join(v, v.c.listing_id == item.c.id).where(v.c.id.in_(ids))):
            listings.add(row.id)
            if row.version_id == row.wiped:
                current.add(row.id)
        _empty_verdicts(connection, ids)
    # without the digest of what it showed, a listing that comes back unchanged gets its words anew
    update_rows(connection, item, ("shown_sha256",), [(each, None) for each in sorted(current)])
    _empty_titles(connection, listings)
    for ids in chunks(current):
        connection.execute(delete(s.look).where(s.look.c.listing_id.in_(ids)))
    insert_rows(connection, s.outbox, ("listing_id",), [(each,) for each in sorted(listings)])


def _empty_titles(connection: Connection, listing_ids: Iterable[int]) -> None:
    """Titles of the pages that were captured of listings."""
    page = s.page_capture
    for ids in chunks(listing_ids):
        query = select(page.c.id, page.c.facts).where(page.c.listing_id.in_(ids))
        for row in connection.execute(query).all():
            if row.facts.get("title"):
                facts = {name: value for name, value in row.facts.items() if name != "title"}
                connection.execute(update(page).where(page.c.id == row.id).values(facts=facts))


def _empty_verdicts(connection: Connection, version_ids: Sequence[int]) -> None:
    """Passages, contacts and pictures of their verdicts; what was found by name stays."""
    d = s.verdict
    query = select(d.c.version_id, d.c.classifier_id, d.c.detail)
    for row in connection.execute(query.where(d.c.version_id.in_(version_ids), d.c.detail.is_not(None))).all():
        kept = {name: row.detail[name] for name in NAMED if row.detail.get(name)}
        mine = (d.c.version_id == row.version_id) & (d.c.classifier_id == row.classifier_id)
        connection.execute(update(d).where(mine).values(detail=kept or None))


def unneeded_pictures(connection: Connection) -> list[Gone]:
    """Pictures with words that no version shows which has its own: (number, digest of the bytes).

    Copies are read once: what was read of the first goes when no version shows any of them.
    """
    p, a = s.picture.c, s.picture_address.c
    read = (p.word == "read") & (p.text.is_not(None) | p.spans.is_not(None) | p.codes.is_not(None))
    found = {row.id: row.sha256 for row in connection.execute(select(p.id, p.sha256).where(read))}
    if not found:
        return []
    shown: set[bytes] = set()
    images = select(s.listing_version.c.images).where(s.listing_version.c.images.is_not(None))
    for urls in connection.scalars(images, execution_options={"yield_per": 5000}):
        shown.update(address_key(url) for url in dict.fromkeys(urls[:PER_LISTING]))
    first = func.coalesce(p.same_as, p.id)
    for row in connection.execute(select(a.key, first.label("first")).join(s.picture, p.id == a.picture_id)):
        if bytes(row.key) in shown:
            found.pop(row.first, None)
    return sorted(found.items())


def wipe_pictures(connection: Connection, picture_ids: Sequence[int]) -> None:
    """Delete what was read of pictures; their addresses are forgotten, so that one shown again is read again."""
    p, a = s.picture, s.picture_address
    values = {"word": ERASED, "text": None, "spans": None, "codes": None}
    for ids in chunks(picture_ids):
        copies = select(p.c.id).where(p.c.same_as.in_(ids))
        connection.execute(delete(a).where(a.c.picture_id.in_(ids) | a.c.picture_id.in_(copies)))
        connection.execute(update(p).where(p.c.id.in_(ids)).values(values))


def scrub(connection: Any) -> None:
    """Let SQLite overwrite what is deleted with zeros, in this connection."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete = ON")
