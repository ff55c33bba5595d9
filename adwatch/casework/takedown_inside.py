"""Letters as a person limited to regions and families may see them: the rows of their list that are inside.

A letter without such a row is as unknown as one that there never was. One that has rows outside too is shown by those
inside; its papers, replies and mails speak of all of it, so that they are left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from adwatch.casework.takedown_sheet import as_workbook
from adwatch.casework.takedown_steps import Desk, one, unknown_letter
from adwatch.errors import Unknown
from adwatch.store import inside
from adwatch.store import takedown_papers as papers
from adwatch.store.engine import reading
from adwatch.store.filters import Filters

Row = dict[str, Any]


def narrowed(connection: Connection, letters: Sequence[Row], limits: Filters | None) -> list[Row]:
    """Those of some letters (rows of ``papers.page``) that have a row inside: ``count`` and ``words`` of these rows,
    ``inside`` their public ids, ``partly`` where others lie outside."""
    if limits is None:
        return list(letters)
    requests = {each["takedown_id"] for each in letters}
    seen = inside.words_of_requests(connection, requests, limits)
    own = papers.own_listings(connection, [each["id"] for each in letters])
    found = []
    for each in letters:
        words = seen.get(each["takedown_id"], {})
        kept = words if each["id"] not in own else {key: words[key] for key in own[each["id"]] & words.keys()}
        if kept:
            told = {"words": dict(Counter(kept.values())), "inside": set(kept), "partly": len(kept) < each["count"]}
            found.append({**each, "count": len(kept), **told})
    return found


def whole(connection: Connection, letter: Row, limits: Filters | None) -> tuple[list[Row], bool]:
    """(rows of a letter's list that are inside, whether that is all, of its request too); Unknown where none is."""
    rows = letter["content"]["listings"]
    if limits is None:
        return rows, True
    seen = inside.listings_of_requests(connection, [letter["takedown_id"]], limits).get(letter["takedown_id"], set())
    kept = [row for row in rows if row["listing_id"] in seen]
    if not kept:
        raise Unknown(unknown_letter(letter["number"]))
    return kept, seen.issuperset(row["listing_id"] for row in (*rows, *letter["request"]["listings"]))


def is_whole(desk: Desk, number: str, limits: Filters | None) -> bool:
    """Whether no row of a letter's list lies outside; Unknown where all do."""
    with reading(desk.engine) as connection:
        return whole(connection, one(connection, number), limits)[1]


def extract(desk: Desk, number: str, limits: Filters | None) -> bytes:
    """The list of a letter as XLSX, with the rows that are inside and the numbers that they have in it."""
    with reading(desk.engine) as connection:
        letter = one(connection, number)
        rows, _ = whole(connection, letter, limits)
    return as_workbook({**letter["content"], "listings": rows})
