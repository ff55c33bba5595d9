"""What stands on each site of the demo on a simulated day, and what is true of it.

``listings.jsonl`` holds what there is: site, id, title, text, price (yuan), seller, posted_at, sales, reply_to;
``appears``, ``vanishes`` and ``returns`` (days), ``changes`` (day and the fields that are new from then on),
``relist_of`` (the id under which it stood before). ``truth.jsonl`` holds what is true of an id from a day on,
``expected.jsonl`` how the patrol of a site ought to end and what it cannot see. Neither is served.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from adwatch_demo import HANDED

HERE = Path(__file__).parent
FIRST_DATE = date(2026, 11, 16)
"""Date of the first simulated day as the files have it; where the demo is begun on another, all times move with it."""
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Expected:
    """How the patrol of a site ought to end."""

    outcome: str
    """Outcome word of the platform."""
    words: frozenset[str] = frozenset()
    """Words told on the way, ok left out."""
    hidden: frozenset[str] = frozenset()
    """Ids that stand on the site and that no polite patrol can read that day."""


@cache
def load_rows(name: str) -> tuple[Row, ...]:
    """Rows of one of the demo's JSON lines files."""
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return tuple(json.loads(line) for line in lines if line.strip())


def all_rows(site: str | None = None) -> list[Row]:
    """Everything that ever stands on a site, or on any."""
    return [row for row in load_rows("listings.jsonl") if site in (None, row["site"])]


def stands(row: Mapping[str, Any], day: int) -> bool:
    """Whether a row stands on its site that day; what is handed over comes once, and again when it changes."""
    if row["site"] == HANDED:
        return day == row["appears"] or any(change["day"] == day for change in row["changes"])
    there = row["appears"] <= day and (row["vanishes"] is None or day < row["vanishes"])
    return there or (row["returns"] is not None and row["returns"] <= day)


def as_of(row: Row, day: int) -> Row:
    """The row with the changes up to a day, and ``modified`` (when it was last changed)."""
    out = {**row, "modified": row["posted_at"]}
    for change in row["changes"]:
        if change["day"] <= day:
            out.update({name: value for name, value in change.items() if name != "day"})
            out["modified"] = morning(change["day"]).isoformat()
    if row["returns"] is not None and row["returns"] <= day:
        out["modified"] = morning(row["returns"]).isoformat()
    return out


def morning(day: int, first: date = FIRST_DATE) -> datetime:
    """Six in the morning of a simulated day, when what changes has changed; ``first``: date of the first one."""
    when = first + timedelta(days=day - 1)
    return datetime.fromisoformat(f"{when.isoformat()}T06:00:00+08:00")


def standing(site: str, day: int, first: date = FIRST_DATE) -> list[Row]:
    """What stands on a site on a day, newest first, its times as on a demo whose first day is ``first``."""
    rows = [_moved(as_of(row, day), first - FIRST_DATE) for row in all_rows(site) if stands(row, day)]
    return sorted(rows, key=lambda row: (row["posted_at"], row["id"]), reverse=True)


def _moved(row: Row, by: timedelta) -> Row:
    times = {name: (datetime.fromisoformat(row[name]) + by).isoformat() for name in ("posted_at", "modified")}
    return {**row, **times}


def truth_on(day: int) -> dict[str, Row]:
    """What is true of each id on a day: label, scope, offer_types, families, disguise."""
    found: dict[str, Row] = {}
    for row in sorted(load_rows("truth.jsonl"), key=lambda row: row["day"]):
        if row["day"] <= day:
            found[row["id"]] = row
    return found


def expected(site: str, day: int) -> Expected:
    """How the patrol of a site ought to end that day."""
    rows = [row for row in load_rows("expected.jsonl") if row["site"] == site and row["day"] <= day]
    last = max(rows, key=lambda row: row["day"])
    return Expected(last["outcome"], frozenset(last["words"]), frozenset(last["hidden"]))


def changed_on(site: str, day: int) -> set[str]:
    """Ids whose title or text changes that day on their site."""
    return {
        row["id"]
        for row in all_rows(site)
        for change in row["changes"]
        if change["day"] == day and stands(row, day) and {"title", "text"} & change.keys()
    }


def relisted_on(site: str, day: int) -> set[str]:
    """Ids under which something comes back that day."""
    return {row["id"] for row in all_rows(site) if row["relist_of"] is not None and row["appears"] == day}


def vanished_on(site: str, day: int) -> set[str]:
    """Ids that stood on the site the day before and no longer do; what was handed over stays."""
    if site == HANDED:
        return set()
    return {row["id"] for row in all_rows(site) if stands(row, day - 1) and not stands(row, day)}
