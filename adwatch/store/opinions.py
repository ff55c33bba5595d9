"""Second opinions: kept by what was asked, counted by day; they stand beside verdicts and touch none."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects import postgresql, sqlite

from adwatch.store import schema as s
from adwatch.store.cases import next_number
from adwatch.store.erasures import TEXT, erased


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
    """Opinions by the digest of the masked text, oldest first."""
    found: dict[str, list[dict[str, Any]]] = {}
    names = ("model", "at", "word", "confidence", "quote", "reason")
    for part in _parts(texts):
        query = select(s.opinion).where(s.opinion.c.text_sha256.in_(part)).order_by(s.opinion.c.id)
        for row in connection.execute(query):
            found.setdefault(row.text_sha256, []).append({name: getattr(row, name) for name in names})
    return found


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
