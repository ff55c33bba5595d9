"""Letters and transfers that went out and say what was found otherwise since, for the command and the console."""

from __future__ import annotations

from typing import Any

from adwatch.app import takedown_inside, transfer
from adwatch.app.office import Office
from adwatch.casework.differing_sent import look_back, set_aside
from adwatch.casework.differing_words import in_words, told_since
from adwatch.casework.takedown_kinds import KINDS as LETTERS
from adwatch.casework.transfer_table import KINDS as TRANSFERS
from adwatch.models import Actor
from adwatch.store import differing as store
from adwatch.store.differing import CONFIRMATION, TAKEDOWN, TRANSFER
from adwatch.store.engine import reading
from adwatch.store.filters import Filters

Row = dict[str, Any]
PAGE = 50
"""Papers on one page."""
SHOWN = 20
"""Differences of a paper that are shown; how many there are is counted."""
MOST = 1000
"""Papers are counted so far."""
ADDRESSES = {TAKEDOWN: "/takedown", TRANSFER: "/transfer", CONFIRMATION: "/letters"}
"""Where the console shows a paper of each kind."""


def count(office: Office, limits: Filters | None = None) -> int:
    """How many papers say what was found otherwise since, so far as MOST; ``limits``, here and below: a person's."""
    with reading(office.engine) as connection:
        return store.count_open(connection, MOST, limits)


def listed(office: Office, after: str = "", limit: int = PAGE, limits: Filters | None = None) -> list[Row]:
    """Those papers by their numbers, behind one: ``differs`` (SHOWN of ``count``), ``notice`` with what to do.

    ``can_correct``: whether a 更正函 can be drafted of it; what is not 属实 any more is asked of a platform no longer.
    """
    names = {each: row.label for each, row in office.classes.items()}
    with reading(office.engine) as connection:
        numbers = store.open_numbers(connection, after, limit, limits)
        rows = store.open_by_number(connection, numbers, limits, SHOWN)
        counts, about = store.counts(connection, numbers, limits), store.kinds_of(connection, rows)
    by_number: dict[str, list[Row]] = {}
    for row in rows:
        by_number.setdefault(row["number"], []).append(row)
    return [_paper(number, its, counts[number], about[number], names) for number, its in by_number.items()]


def _paper(number: str, rows: list[Row], total: int, about: Row, names: dict[str, str]) -> Row:
    paper, differs = rows[0]["paper"], [in_words(row, names) for row in rows]
    label = "甄别函"
    if paper == TAKEDOWN:
        label = LETTERS[about["kind"]].label
    elif paper == TRANSFER:
        label = TRANSFERS[about["kind"]].label
    request = paper == TAKEDOWN and LETTERS[about["kind"]].asks
    return {
        "number": number,
        "paper": paper,
        "kind_label": label,
        "address": f"{ADDRESSES[paper]}/{number}",
        "sent_at": about["sent_at"],
        "found_at": min(row["at"] for row in rows),
        "count": total,
        "differs": differs,
        "notice": told_since(paper, differs),
        "can_correct": not request or not all(row["fallen"] for row in differs),
    }


def is_whole(office: Office, number: str, limits: Filters | None) -> bool:
    """Whether a person may see all of a paper; an error as of an unknown number where they may see none of it."""
    if limits is None:
        return True
    with reading(office.engine) as connection:
        rows = store.open_by_number(connection, [number], most=1)
    if not rows or rows[0]["paper"] == CONFIRMATION:
        return False
    if rows[0]["paper"] == TRANSFER:
        return transfer.is_whole(office, number, limits)
    return takedown_inside.is_whole(office, number, limits)


def aside(office: Office, number: str, actor: Actor, reason: str) -> Row:
    """A person leaves a paper as it went out, with a reason, until something else is found."""
    done = set_aside(office.engine, number, actor, reason, office.clock.now())
    return {"number": number, "count": done}


def look(office: Office) -> int:
    """Look once through what was sent before findings were held against it; how many cases were looked at."""
    return look_back(office.engine, office.clock.now())
