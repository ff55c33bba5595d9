"""What a request says after the 更正函 that were sent about it: reminders repeat that, findings are held against it.

A 更正函 says in words what was said and what is right. Its rows carry the classes and articles that held when it was
drafted (``MENDED``): these are mended where its words say them, or where it was drafted of what differs
(``DIFFERING``). Of what else it mends the words themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from adwatch.casework.differing import Tables, holding
from adwatch.casework.shown import printable
from adwatch.store import takedown_papers as papers

Row = dict[str, Any]
MENDED = "mended"
"""Key of a row of a 更正函 whose classes and articles are those that held when it was drafted."""
DIFFERING = "differing"
"""Key of a row of a 更正函 that was drafted of what differs: the row of ``differing`` that it corrects."""
NAMES = ("offer_types", "offer_labels", "cites")
WORDED = ("url", "title", "seller_name", "native_id")
"""Fields of a row that a 更正函 may mend by their words."""


def to_mend(connection: Connection, rows: Sequence[Row], tables: Tables) -> list[Row]:
    """Rows of a request for a 更正函: with what holds now in the place of what was said."""
    holds = holding(connection, [row["listing_id"] for row in rows], tables)
    return [{**row, **holds.get(row["listing_id"], {}), MENDED: True} for row in rows]


def mended(connection: Connection, takedown_id: int, rows: Sequence[Row], tables: Tables | None) -> list[Row]:
    """Rows of a request as they stand after every 更正函 that was sent; ``tables``: for those of earlier versions."""
    sent = papers.letters(connection, takedown_ids=[takedown_id], kinds=["correct"], steps=["sent"])
    if not sent:
        return list(rows)
    found = {row["listing_id"]: row for row in rows}
    older: set[str] = set()
    for each in sorted(sent, key=lambda letter: (letter["sent_at"], letter["id"])):
        for row in each["content"]["listings"]:
            key = row["listing_id"]
            if key in found:
                found[key] = _with(found[key], row)
                (older.discard if MENDED in row else older.add)(key)
    if tables is not None and older:
        holds = holding(connection, older, tables)
        found.update((key, {**found[key], **values}) for key, values in holds.items())
    return list(found.values())


def _with(row: Mapping[str, Any], mending: Mapping[str, Any]) -> Row:
    was, now = mending["was"], mending["now"]
    values: Row = {name: now for name in WORDED if row[name] and printable(row[name]) == was}
    if MENDED in mending and (DIFFERING in mending or corrects(mending, row["offer_labels"])):
        values |= {name: mending[name] for name in NAMES}
    elif MENDED in mending and was == "、".join(row["offer_labels"]) and mending["offer_labels"] == row["offer_labels"]:
        values["offer_labels"] = [now]  # mended by the office's words, though no finding says so
    return {**row, **values}


def corrects(mending: Mapping[str, Any], said: Sequence[str]) -> bool:
    """Whether a 更正函 says in words which classes hold (those of its row), and none of ``said`` that do not."""
    holds, now = mending["offer_labels"] or ["无"], mending["now"]
    return all(each in now for each in holds) and not any(each and each in now for each in said if each not in holds)


def withdrawn(connection: Connection, takedown_ids: Iterable[int]) -> dict[int, set[str]]:
    """By request the public ids of what a 撤回函 took back that was sent."""
    found: dict[int, set[str]] = {}
    for each in papers.letters(connection, takedown_ids=takedown_ids, kinds=["withdraw"], steps=["sent"]):
        found.setdefault(each["takedown_id"], set()).update(row["listing_id"] for row in each["content"]["listings"])
    return found
