"""All documents of the embedded index one after the other, for what its order and its phrases do not answer."""

# ruff: noqa: S608 - the only thing put into SQL text is our table's number; every value is a parameter

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from adwatch.search.embedded import EmbeddedIndex


def scan(index: EmbeddedIndex, fields: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Bodies of the documents that have all of some fields; others are passed over unread, as absent is not stored."""
    needed = [f'"{name}":' for name in sorted(set(fields))]
    where = "".join(" AND instr(body, CAST(? AS BLOB)) > 0" for _ in needed)
    with index._reading() as (connection, g):
        query = f"SELECT body FROM doc_{g} WHERE 1{where} ORDER BY id"
        for (body,) in connection.execute(query, needed):
            found: dict[str, Any] = orjson.loads(body)
            yield found
