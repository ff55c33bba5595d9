"""Questions to one generation of the embedded index: the FTS5 expression, and the plans that answer it."""

# ruff: noqa: S608 - the only things put into SQL text are our table numbers; every value is a parameter

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Any

import orjson

from adwatch.search.base import COUNTED, Found, Hit, Query, Wanted
from adwatch.search.document import spaced

FLAGGED = "flagged"
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


def find(connection: sqlite3.Connection, g: int, want: Wanted, query: Query) -> Found:
    """Few matches are joined and sorted; of many, the documents are walked in order until enough have matched."""
    match = expression(want, query)
    days = [("d.last_seen >= ?", query.first_day), ("d.first_seen <= ?", query.last_day)]
    where = " AND ".join(["1", *(condition for condition, day in days if day)])
    values = [day for _, day in days if day]
    everything = query.limit is None or bool(values)
    limit = -1 if query.limit is None else query.limit
    if match is None:
        counted = _count(connection, f"SELECT 1 FROM doc_{g} d WHERE {where}", values, everything)
        source, given = f"doc_{g} d WHERE {where}", values
    else:
        counted = _count(connection, f"SELECT 1 FROM ft_{g} WHERE ft_{g} MATCH ?", [match], False)
        if everything or _join_is_cheaper(connection, g, counted, limit):
            return _joined(connection, g, where, [match, *values], query)
        found = f"EXISTS(SELECT 1 FROM ft_{g} f WHERE f.ft_{g} MATCH ? AND f.rowid = d.id)"
        flagged = "" if query.everything else "d.flagged = 1 AND"
        source, given = f"doc_{g} d INDEXED BY order_{g} WHERE {flagged} {found}", [match]
    rows = connection.execute(f"SELECT d.body FROM {source} ORDER BY {ORDER} LIMIT ?", (*given, limit)).fetchall()
    exact = everything or counted <= COUNTED
    return Found([Hit(orjson.loads(row[0]), query.text) for row in rows], counted if exact else COUNTED, exact)


def _join_is_cheaper(connection: sqlite3.Connection, g: int, counted: int, limit: int) -> bool:
    """A joined match costs a fifth of a walked document, and limit / frequency documents are walked: measured."""
    documents = connection.execute(f"SELECT coalesce(max(id), 0) FROM doc_{g}").fetchone()[0]
    return counted <= COUNTED and counted * counted <= 5 * limit * documents


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
