"""Second opinions: kept by what was asked, counted by day; they stand beside verdicts and touch none."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Connection, String, cast, func, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite

from adwatch.store import schema as s
from adwatch.store.cases import next_number
from adwatch.store.erasures import OPINION, TEXT, Gone, erased
from adwatch.store.opening import chunks


class BudgetSpent(Exception):
    """So many were asked this day already."""


def claim(connection: Connection, day: str, budget: int) -> int:
    """Take one question of the day's budget; BudgetSpent if it is used up: the transaction must end then."""
    number = next_number(connection, f"opinion:{day}")
    if number > budget:
        raise BudgetSpent
    return number


def known(connection: Connection, digests: Iterable[str]) -> set[str]:
    """Which of these were asked before."""
    found: set[str] = set()
    for part in _parts(digests):
        found.update(connection.scalars(select(s.opinion.c.digest).where(s.opinion.c.digest.in_(part))))
    return found


def keep(connection: Connection, **values: Any) -> None:
    """Store an opinion; one that another process stored meanwhile stands."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    connection.execute(insert(s.opinion).values(**values).on_conflict_do_nothing(index_elements=["digest"]))


def any_kept(connection: Connection) -> bool:
    """Whether any opinion was ever stored."""
    return connection.execute(select(s.opinion.c.id).limit(1)).first() is not None


def opinions_on(connection: Connection, texts: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """Opinions by the digest of the masked text, oldest first; none whose words were deleted."""
    found: dict[str, list[dict[str, Any]]] = {}
    names = ("model", "at", "word", "confidence", "quote", "reason")
    for part in _parts(texts):
        query = select(s.opinion).where(s.opinion.c.text_sha256.in_(part))
        query = query.where(~erased(OPINION, s.opinion.c.id)).order_by(s.opinion.c.id)
        for row in connection.execute(query):
            found.setdefault(row.text_sha256, []).append({name: getattr(row, name) for name in names})
    return found


def worded(connection: Connection) -> dict[int, str]:
    """Digest of the masked text by number, of the opinions whose words were not deleted."""
    o = s.opinion.c
    query = select(o.id, o.text_sha256).where(~erased(OPINION, o.id))
    return {row.id: row.text_sha256 for row in connection.execute(query)}


def newest_version(connection: Connection) -> int:
    """Number of the newest version of any listing."""
    return connection.scalar(select(func.max(s.listing_version.c.id))) or 0


def living(connection: Connection, newest: int, size: int = 500) -> Iterator[list[int]]:
    """Listings with words, in pieces, those stored last first."""
    before = newest + 1
    v = s.listing_version.c
    while rows := connection.execute(
        select(v.id, v.listing_id).where(v.id < before, ~erased(TEXT, v.id)).order_by(v.id.desc()).limit(size)
    ).all():
        yield sorted({row.listing_id for row in rows})
        before = rows[-1].id


def living_since(connection: Connection, newest: int) -> list[int]:
    """Listings that have a version which is newer than that one."""
    v = s.listing_version.c
    return list(connection.scalars(select(v.listing_id).where(v.id > newest).distinct()))


def contents(connection: Connection, ids: Iterable[int]) -> list[Gone]:
    """(number, digest of quote and reason) of opinions."""
    o, found = s.opinion.c, list[Gone]()
    for part in chunks(ids):
        for row in connection.execute(select(o.id, o.quote, o.reason).where(o.id.in_(part)).order_by(o.id)):
            said = f"{row.quote or ''}\0{row.reason}".encode("utf-8", "surrogatepass")
            found.append((row.id, hashlib.sha256(said).hexdigest()))
    return found


def wipe(connection: Connection, ids: Iterable[int]) -> None:
    """Delete quote and reason; model, time, word and confidence stay.

    What was asked is forgotten too, so that the same text, when it is seen again, is asked about anew.
    """
    o = s.opinion
    for part in chunks(ids):
        forgotten = literal("erased:").concat(cast(o.c.id, String))
        values = {"quote": None, "reason": "", "digest": forgotten}
        connection.execute(update(o).where(o.c.id.in_(part)).values(**values))


def in_review(connection: Connection, limit: int) -> list[int]:
    """Surrogate keys of listings whose current version the newest verdict on it puts in the review band, best first."""
    newer = s.verdict.alias()
    newest = select(func.max(newer.c.classifier_id)).where(newer.c.version_id == s.verdict.c.version_id)
    query = (
        select(s.listing.c.id)
        .join(s.verdict, s.verdict.c.version_id == s.listing.c.version_id)
        .where(s.verdict.c.band == "review", s.verdict.c.classifier_id == newest.scalar_subquery())
        .where(~erased(TEXT, s.verdict.c.version_id))
        .order_by(s.verdict.c.score.desc(), s.listing.c.id)
        .limit(limit)
    )
    return list(connection.scalars(query))


def listings_by_key(connection: Connection, keys: Iterable[str]) -> dict[str, int]:
    """Surrogate keys by public identifier."""
    wanted = [bytes.fromhex(key) for key in keys]
    query = select(s.listing.c.key, s.listing.c.id).where(s.listing.c.key.in_(wanted))
    return {row.key.hex(): row.id for row in connection.execute(query)}


def _parts(values: Iterable[str], size: int = 500) -> Iterable[list[str]]:
    listed = sorted(set(values))
    return (listed[at : at + size] for at in range(0, len(listed), size))
