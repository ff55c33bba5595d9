"""Dry run of a keyword list over stored listings: what it would gain and lose, before anyone approves it."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from adwatch.app.office import Office
from adwatch.casework.shown import masked, printable
from adwatch.errors import UsageError
from adwatch.models import Evidence, Verdict
from adwatch.ports import Progress
from adwatch.store.cases import cases_of_listings
from adwatch.store.engine import reading
from adwatch.store.recent import SeenListing, seen_listings
from adwatch.text import normal
from classifiers.lexicon import read
from classifiers.lists.dryrun import Change, DryRun

KINDS = ("gained", "lost", "changed", "review_gained", "review_lost")
SHOWN = ("gained", "lost", "changed")
"""Kinds of which samples are shown."""
AROUND = 30
"""Characters shown on either side of a finding."""


def excerpt(title: str | None, text: str | None, verdict: Verdict, found: Evidence | None) -> str:
    """Masked text around a finding, on one line."""
    whole = masked(f"{title or ''}\n{text or ''}", verdict.contacts)
    start, end = (found.start, found.end) if found else (0, 0)
    first, last = max(0, start - AROUND), end + AROUND
    return ("…" if first else "") + printable(whole[first:last]) + ("…" if last < len(whole) else "")


def dry_run(
    office: Office, file: Path, days: int, last_day: str, samples: int, progress: Progress | None = None
) -> dict[str, Any]:
    """Compare the lists in force with those after the change, over the listings last seen within the days."""
    if not file.is_file():
        raise UsageError(f"{file}: no such file")
    if days < 1:
        raise UsageError("--days: at least 1")
    first_day = (date.fromisoformat(last_day) - timedelta(days=days - 1)).isoformat()
    run = DryRun(office.lexicon_on(last_day), read(file), office.settings.data, office.model)
    counts: Counter[str] = Counter()
    words: dict[str, Counter[str]] = {}
    found: list[tuple[SeenListing, Change]] = []
    for page in seen_listings(office.engine, first_day, last_day):
        counts["listings"] += len(page)
        for number, change in run.compare([(row.title, row.text) for row in page]):
            counts["touched"] += 1
            counts[change.kind] += 1
            for word in {each.keyword for each in run.because_of(change)} & run.words:
                words.setdefault(word, Counter())[change.kind] += 1
            if change.kind in SHOWN:
                found.append((page[number], change))
        if progress:
            progress(len(page))
    states = _states(office, found)
    return {
        "file": str(file),
        "from": first_day,
        "to": last_day,
        "before": run.before.keyword_versions,
        "after": run.after.keyword_versions,
        "entries_added": len(run.change.added),
        "entries_removed": len(run.change.removed),
        **{name: counts[name] for name in ("listings", "touched", *KINDS)},
        "lost_confirmed": _in_state(found, states, "lost", "confirmed"),
        "gained_dismissed": _in_state(found, states, "gained", "dismissed"),
        "words": [
            {"word": word, **{kind: by[kind] for kind in KINDS}, "touched": by.total()}
            for word, by in sorted(words.items(), key=lambda pair: (-pair[1]["gained"] - pair[1]["lost"], pair[0]))
        ],
        "samples": _samples(run, found, states, samples),
    }


def _states(office: Office, found: list[tuple[SeenListing, Change]]) -> dict[int, str]:
    with reading(office.engine) as connection:
        cases = cases_of_listings(connection, [row.id for row, _ in found])
    return {listing: case["state"] for listing, case in cases.items()}


def _in_state(found: list[tuple[SeenListing, Change]], states: dict[int, str], kind: str, state: str) -> int:
    return sum(change.kind == kind and states.get(row.id) == state for row, change in found)


def _samples(
    run: DryRun, found: list[tuple[SeenListing, Change]], states: dict[int, str], count: int
) -> list[dict[str, Any]]:
    """At most ``count`` of each kind, each text once."""
    rows: list[dict[str, Any]] = []
    for kind in SHOWN:
        seen: set[str] = set()
        for row, change in found:
            same = normal(f"{row.title} {row.text}")[:200]
            if change.kind != kind or same in seen or len(seen) >= count:
                continue
            seen.add(same)
            why = run.because_of(change)
            rows.append(
                {
                    "kind": kind,
                    "listing_id": row.key.hex(),
                    "platform": row.platform,
                    "word": why[0].keyword if why else None,
                    "excerpt": excerpt(row.title, row.text, change.telling, why[0] if why else None),
                    "before": change.before.band,
                    "after": change.after.band,
                    "score_before": round(change.before.score, 3),
                    "score_after": round(change.after.score, 3),
                    "state": states.get(row.id),
                }
            )
    return rows
