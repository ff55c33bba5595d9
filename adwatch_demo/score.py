"""Scores what a patrol found in the demo shop against the truth that lies beside the shop."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from adwatch_demo.server import goods_on, load_rows


@dataclass(frozen=True, slots=True)
class Score:
    """Figures of one simulated day."""

    standing: int
    """Goods that stood in the shop that day."""
    seen: int
    """Of these, how many the patrol has."""
    offers: int
    """Offers among the goods (review rows are not scored)."""
    found: int
    """Offers flagged."""
    flagged: int
    """Goods flagged, rightly or wrongly, review rows left out."""
    missed: list[str] = field(default_factory=list)
    """Ids of offers not flagged."""
    wrong: list[str] = field(default_factory=list)
    """Ids of goods wrongly flagged."""

    @property
    def precision(self) -> float:
        """Flagged goods that are offers; 1.0 when nothing is flagged."""
        return self.found / self.flagged if self.flagged else 1.0

    @property
    def recall(self) -> float:
        """Offers that are flagged; 1.0 when there is none."""
        return self.found / self.offers if self.offers else 1.0


def truth() -> dict[str, Mapping[str, Any]]:
    """The truth by native id."""
    return {row["id"]: row for row in load_rows("truth.jsonl")}


def score(day: int, flagged: Mapping[str, bool]) -> Score:
    """Score what is known of the goods standing on a day: native id → flagged."""
    known = truth()
    standing = {row["id"] for row in goods_on(day)}
    return score_ids(standing, {i for i in standing if known[i]["label"] == "offer"}, flagged, known)


def score_ids(
    standing: Iterable[str], offers: set[str], flagged: Mapping[str, bool], known: Mapping[str, Mapping[str, Any]]
) -> Score:
    """Score given sets of ids."""
    ids = set(standing)
    hits = {i for i in ids if flagged.get(i) and known[i]["label"] != "review"}
    return Score(
        standing=len(ids),
        seen=len(ids & flagged.keys()),
        offers=len(offers),
        found=len(hits & offers),
        flagged=len(hits),
        missed=sorted(offers - hits),
        wrong=sorted(hits - offers),
    )
