"""How far each platform was seen on each day, from its stored runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, select

from adwatch.store import schema as s

FIGURES = ("pages", "seen", "new", "changed", "vanished", "flagged", "terms", "terms_empty")
COLUMNS = (
    *("day", "platform", "outcome", "runs", "unfinished"),
    *FIGURES,
    *("complete", "spent", "rested", "probe", "breaker", "known", "reread", "sure"),
    *("blocked", "unreachable", "unknown", "layout_changed", "stale", "robots_denied", "errors", "said"),
)
"""Cells of a row, in order."""
SURE = ("whole", "part", "zero_sure", "zero_unsure", "zero_doubtful", "unseen")
"""How sure a day's figures are, the surest first."""
_SUMMED = ("pages", "new", "changed")
"""Figures that several runs of a day add up to; of the others the last run's stands."""
_WORDS = {
    "blocked": "blocked",
    "unreachable": "unreachable",
    "layout_changed": "layout_changed",
    "stale": "stale",
    "robots_denied": "robots_denied",
    "errors": "error",
}


def coverage(connection: Connection, first: str, last: str, at: datetime | None = None) -> list[dict[str, Any]]:
    """One row a day and platform, from ``first`` to ``last``: what was asked, seen, and could not be seen.

    A platform whose run never came to its end has a row too: ``unfinished``, with the figures it had.
    ``at``: as known at that time, runs that ended later left out.
    """
    query = (
        select(s.platform.c.name.label("platform"), s.run)
        .join(s.platform, s.platform.c.id == s.run.c.platform_id)
        .where(s.run.c.day.between(first, last))
        .order_by(s.run.c.day, s.platform.c.name, s.run.c.id)
    )
    if at is not None:
        query = query.where(s.run.c.ended_at <= at)
    rows = connection.execute(query).all()
    return [_row(list(runs)) for _, runs in groupby(rows, key=lambda row: (row.day, row.platform))]


def _row(runs: Sequence[Row[Any]]) -> dict[str, Any]:
    last = runs[-1]
    counts: Mapping[str, Any] = last.counts
    values: dict[str, Any] = {
        "day": last.day,
        "platform": last.platform,
        "outcome": last.outcome,
        "runs": len(runs),
        "unfinished": sum(run.ended_at is None for run in runs),
        **{name: counts.get(name) or 0 for name in FIGURES},
        **{name: sum(_figures(runs, name)) for name in _SUMMED},
        "complete": bool(counts.get("complete")),
        "spent": bool(counts.get("spent")),
        "rested": counts.get("rested") or 0,
        "probe": counts.get("probe"),
        "breaker": counts.get("breaker") or "closed",
        "known": counts.get("known"),
        "reread": counts.get("reread") or "none",
    }
    for column, word in _WORDS.items():
        values[column] = _counted(runs, "outcomes")[word] - _counted(runs, "unknown")[word]
    values["unknown"] = _counted(runs, "unknown").total()
    values["said"] = dict(sorted(_counted(runs, "said").items()))
    values["sure"] = how_sure(values)
    return {name: values[name] for name in COLUMNS}


def how_sure(row: Mapping[str, Any]) -> str:
    """How far the day's figures can be believed, in a word of ``SURE``.

    A zero is sure where the whole was read and something that must be found was: the probe term's hits, or a known
    listing of which the site itself says that it is gone. It is doubtful where such a thing was not found.
    """
    if row["outcome"] in ("blocked", "unreachable", "robots_denied", "error", None) and not row["seen"]:
        return "unseen"
    if row["seen"]:
        return "whole" if row["complete"] or row["rested"] else "part"
    if row["probe"] == "failed" or row["known"] in ("up", "changed") or row["layout_changed"]:
        return "zero_doubtful"
    if row["spent"]:
        return "unseen"
    return "zero_sure" if row["probe"] == "ok" or row["known"] == "gone" else "zero_unsure"


def _counted(runs: Sequence[Row[Any]], name: str) -> Counter[str]:
    """A mapping of words to numbers, added up over runs."""
    return sum((Counter(run.counts.get(name) or {}) for run in runs), Counter())


def _figures(runs: Sequence[Row[Any]], name: str) -> Iterator[int]:
    return (int(run.counts.get(name) or 0) for run in runs)
