"""Slang: words that mark what people confirmed, each with masked examples; a person accepts one with its own verb."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from adwatch.app.dryrun import excerpt
from adwatch.app.office import Office
from adwatch.errors import UsageError
from adwatch.models import Evidence, Verdict
from adwatch.store.decided import Decided, decided_texts, ordinary_texts
from adwatch.store.recent import SeenListing
from adwatch.text import highlight_spans
from classifiers.lists.suggest import Sample, Suggester, Suggestion, fingerprint

ORDINARY = 20_000
"""Ordinary texts that are compared with."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What a word must reach."""

    least: int
    """Confirmed texts that hold it."""
    sellers: int
    """Different shops among them."""
    z: float
    """Log-odds over its standard error."""


def suggest(office: Office, day: str, at_least: Thresholds, limit: int, examples: int) -> dict[str, Any]:
    """Suggestions, strongest first, and how many texts they rest on."""
    decided = list(decided_texts(office.engine))
    confirmed = _distinct([each for each in decided if each.result == "confirm"])
    if not confirmed:
        raise UsageError("no case is confirmed yet: words are learnt from confirmed ones; see adwatch review confirm")
    dismissed = [each.listing for each in _distinct([each for each in decided if each.result == "dismiss"])]
    ordinary = ordinary_texts(office.engine, ORDINARY)
    found = Suggester(office.lexicon_on(day)).suggest(
        [_sample(each.listing) for each in confirmed],
        list(map(_sample, dismissed)),
        list(map(_sample, ordinary)),
        at_least.least,
        at_least.sellers,
        at_least.z,
    )
    return {
        "confirmed": len(confirmed),
        "dismissed": len(dismissed),
        "ordinary": len(ordinary),
        "suggestions": [_row(office, item, confirmed, examples) for item in found[:limit]],
    }


def _distinct(rows: list[Decided]) -> list[Decided]:
    """A text counts once however often it was put up."""
    seen: dict[str, Decided] = {}
    for row in rows:
        seen.setdefault(fingerprint(row.listing.title, row.listing.text), row)
    return list(seen.values())


def _sample(row: SeenListing) -> Sample:
    return Sample(row.title, row.text, row.seller)


def _row(office: Office, item: Suggestion, confirmed: list[Decided], examples: int) -> dict[str, Any]:
    rows = [confirmed[number] for number in item.texts]
    types = Counter(name for row in rows for name in row.types[:1])
    return {
        "word": item.word,
        "source": item.source,
        "near": item.near or None,
        "for": min(types, key=lambda name: (-types[name], name)) if types else None,
        "z": round(item.z, 2),
        "confirmed": item.confirmed,
        "sellers": item.sellers,
        "dismissed": item.dismissed,
        "ordinary": item.ordinary,
        "examples": [_example(office, row.listing, item.word) for row in rows[:examples]],
    }


def _example(office: Office, row: SeenListing, word: str) -> str:
    """Masked text around the word; the contacts are those that the classifier sees now."""
    [verdict] = office.judge.judge([(row.title, row.text)])
    raw = f"{row.title or ''}\n{row.text or ''}"
    spans = highlight_spans(raw, word)
    found = Evidence(*spans[0], "", word, "", "") if spans else None
    return excerpt(row.title, row.text, Verdict("clear", 0.0, contacts=verdict.contacts), found)
