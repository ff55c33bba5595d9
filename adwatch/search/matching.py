"""Questions to one generation of the embedded index: the FTS5 expression, and the plans that answer it.

FTS5 reads the postings of a phrase's characters, which for everyday ones grow with the history. So the pairs of the
characters are looked up first (adwatch.search.runs); where few listings have them all, these are read and looked at.
"""

# ruff: noqa: S608 - the only things put into SQL text are our table numbers; every value is a parameter

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from itertools import islice
from typing import Any

import orjson

from adwatch.search import runs
from adwatch.search.base import COUNTED, Found, Hit, Query, Wanted
from adwatch.search.document import spaced, spaced_bodies

FLAGGED = "flagged"
WALK = 200
"""Documents folded at a time."""
TOGETHER = 100
"""Phrases asked in one expression."""
LOOKED_AT = 5000
"""Candidates of a phrase at most that are read and folded: some 25 microseconds each."""
DEARER = 300
"""By so many times it is dearer to look at a candidate than to pass over a listing in FTS5's postings (measured)."""
ORDER = "d.flagged DESC, d.score DESC, d.first_seen DESC, d.listing_id"


def _tag(kind: str, value: str) -> str:
    return kind + sha256(value.encode("utf-8", "replace")).hexdigest()[:16]


@lru_cache(maxsize=1000)
def _platform_tag(name: str) -> str:
    return _tag("p", name)


def tags(body: dict[str, Any]) -> str:
    """What a document can be found by besides its text: flagged, platform, address, contact keys."""
    found = [FLAGGED] if body["flagged"] else []
    found.append(_platform_tag(body["platform"]))
    if "url_norm" in body:
        found.append(_tag("u", body["url_norm"]))
    found += [f"k{key}" for key in body.get("contact_keys", ())]
    return " ".join(found)


def expression(want: Wanted, query: Query) -> str | None:
    """FTS5 expression of the query with the filters that are tags; None when all documents match."""
    ways = [f'chars : "{spaced(want.phrase)}"'] if want.phrase else []
    ways += [f"tags : {_tag('u', want.url)}"] if want.url else []
    ways += [f"tags : k{want.contact}"] if want.contact else []
    parts = [f"({' OR '.join(ways)})"] if ways else []
    parts += [] if query.everything else [f"tags : {FLAGGED}"]
    parts += [f"tags : {_platform_tag(query.platform)}"] if query.platform else []
    return " AND ".join(parts) or None


def _last(connection: sqlite3.Connection, g: int) -> int:
    return connection.execute(f"SELECT max(id) FROM doc_{g}").fetchone()[0] or 0


def _few(connection: sqlite3.Connection, g: int, phrase: str, documents: int) -> set[int] | None:
    """The listings that may hold a phrase, where they are so few that looking at them is cheaper than asking FTS5."""
    if len(phrase) < 2:
        return None
    return runs.candidates(connection, g, phrase, min(LOOKED_AT, documents // DEARER))


def find(connection: sqlite3.Connection, g: int, want: Wanted, query: Query) -> Found:
    """Few matches are joined and sorted; of many, the documents are walked in order until enough have matched."""
    match = expression(want, query)
    days = [("d.last_seen >= ?", query.first_day), ("d.first_seen <= ?", query.last_day)]
    where = " AND ".join(["1", *(condition for condition, day in days if day)])
    values = [day for _, day in days if day]
    everything = query.limit is None or bool(values)
    if match is None:
        counted = _count(connection, f"SELECT 1 FROM doc_{g} d WHERE {where}", values, everything)
        limit = -1 if query.limit is None else query.limit
        sql = f"SELECT d.body FROM doc_{g} d WHERE {where} ORDER BY {ORDER} LIMIT ?"
        bodies = [orjson.loads(row[0]) for row in connection.execute(sql, (*values, limit))]
    elif (few := _few(connection, g, want.phrase, _last(connection, g))) is not None:
        return _looked_at(connection, g, want, query, few, where, values)
    else:
        counted = _count(connection, f"SELECT 1 FROM ft_{g} WHERE ft_{g} MATCH ?", [match], False)
        if everything or query.limit is None or _join_is_cheaper(connection, g, counted, query):
            return _joined(connection, g, where, [match, *values], query)
        bodies = list(islice(_walked(connection, g, want, query), query.limit))
    exact = everything or counted <= COUNTED
    return Found([Hit(body, query.text) for body in bodies], counted if exact else COUNTED, exact)


def _join_is_cheaper(connection: sqlite3.Connection, g: int, counted: int, query: Query) -> bool:
    """A joined match costs what a walked document costs (measured), and limit / frequency documents are walked."""
    flagged = f"SELECT count(*) FROM doc_{g} WHERE flagged = 1"
    documents = _last(connection, g) if query.everything else connection.execute(flagged).fetchone()[0]
    return counted <= COUNTED and counted * counted <= (query.limit or 0) * documents


def _count(connection: sqlite3.Connection, rows: str, values: Sequence[str], everything: bool) -> int:
    limit = -1 if everything else COUNTED + 1
    return int(connection.execute(f"SELECT count(*) FROM ({rows} LIMIT {limit})", values).fetchone()[0])


def _joined(connection: sqlite3.Connection, g: int, where: str, values: list[str], query: Query) -> Found:
    column = "d.body" if query.limit is None else "d.id"
    rows = connection.execute(
        f"SELECT {column} FROM ft_{g} f CROSS JOIN doc_{g} d ON d.id = f.rowid"
        f" WHERE f.ft_{g} MATCH ? AND {where} ORDER BY {ORDER}",
        values,
    ).fetchall()
    bodies = rows
    if query.limit is not None:
        body = f"SELECT body FROM doc_{g} WHERE id = ?"
        bodies = [connection.execute(body, row).fetchone() for row in rows[: query.limit]]
    return Found([Hit(orjson.loads(row[0]), query.text) for row in bodies], len(rows), True)


def _looked_at(
    connection: sqlite3.Connection, g: int, want: Wanted, query: Query, few: set[int], where: str, values: list[str]
) -> Found:
    """Candidates are read in order, and kept when they match."""
    ways = expression(Wanted("", want.url, want.contact), Query("", everything=True))
    if ways:
        few = few | {row[0] for row in connection.execute(f"SELECT rowid FROM ft_{g} WHERE ft_{g} MATCH ?", (ways,))}
    flagged = "" if query.everything else " AND d.flagged = 1"
    rows = connection.execute(
        f"SELECT d.body FROM doc_{g} d WHERE d.id IN (SELECT value FROM json_each(?)) AND {where}{flagged}"
        f" ORDER BY {ORDER}",
        (json.dumps(list(few)), *values),
    )
    hits = [Hit(body, query.text) for body in _matching(rows, want, query)]
    return Found(hits[: query.limit], len(hits), True)


def _walked(connection: sqlite3.Connection, g: int, want: Wanted, query: Query) -> Iterator[dict[str, Any]]:
    """Bodies that match, in order, each folded anew: some forty times faster than asking FTS5 about one document."""
    flagged = "" if query.everything else "WHERE d.flagged = 1"
    rows = connection.execute(f"SELECT d.body FROM doc_{g} d INDEXED BY order_{g} {flagged} ORDER BY {ORDER}")
    return _matching(rows, want, query)


def _matching(rows: sqlite3.Cursor, want: Wanted, query: Query) -> Iterator[dict[str, Any]]:
    """Bodies that match, of those in the rows."""
    while chunk := rows.fetchmany(WALK):
        bodies = [orjson.loads(row[0]) for row in chunk]
        for body, chars in zip(bodies, spaced_bodies(bodies), strict=True):
            if query.platform in (None, body["platform"]) and _matches(want, body, chars):
                yield body


def _matches(want: Wanted, body: dict[str, Any], chars: str) -> bool:
    if want.phrase and f" {spaced(want.phrase)} " in f" {chars} ":
        return True
    if want.url is not None and body.get("url_norm") == want.url:
        return True
    return want.contact is not None and want.contact in body.get("contact_keys", ())


def holding(connection: sqlite3.Connection, g: int, phrases: Sequence[str]) -> Iterator[str]:
    """Ids of the listings with any of the folded phrases, each once."""
    documents = _last(connection, g)
    asked: list[str] = []
    looked_at: dict[int, list[str]] = defaultdict(list)
    for phrase in phrases:
        few = _few(connection, g, phrase, documents)
        if few is None:
            asked.append(phrase)
        for number in few or ():
            looked_at[number].append(f" {spaced(phrase)} ")
    seen: set[int] = set()
    for number, listing_id in _posted(connection, g, asked):
        if number not in seen:
            seen.add(number)
            yield listing_id
    yield from _holding(connection, g, {n: ways for n, ways in looked_at.items() if n not in seen})


def _posted(connection: sqlite3.Connection, g: int, phrases: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Number and id of the listings with any of the phrases, by the postings alone; some more than once."""
    for at in range(0, len(phrases), TOGETHER):
        ways = " OR ".join(f'"{spaced(phrase)}"' for phrase in phrases[at : at + TOGETHER])
        yield from connection.execute(
            f"SELECT d.id, lower(hex(d.listing_id)) FROM ft_{g} f CROSS JOIN doc_{g} d ON d.id = f.rowid"
            f" WHERE f.ft_{g} MATCH ?",
            (f"chars : ({ways})",),
        )


def _holding(connection: sqlite3.Connection, g: int, looked_at: Mapping[int, Sequence[str]]) -> Iterator[str]:
    """Ids of those of the listings that have one of their phrases."""
    query = f"SELECT id, body FROM doc_{g} WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id"
    rows = connection.execute(query, (json.dumps(list(looked_at)),))
    while chunk := rows.fetchmany(WALK):
        bodies = [orjson.loads(row[1]) for row in chunk]
        for (number, _), body, chars in zip(chunk, bodies, spaced_bodies(bodies), strict=True):
            if any(way in f" {chars} " for way in looked_at[number]):
                yield body["listing_id"]
