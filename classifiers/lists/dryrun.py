"""What a changed list would do to texts: which it touches at all, and how the verdict on these differs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import ahocorasick_rs
import numpy as np

from adwatch.models import Evidence, Verdict
from classifiers.arrays import string
from classifiers.folds import Folds
from classifiers.lexicon import KeywordList, Lexicon
from classifiers.lists.trial import Difference, difference, judge_with, only
from classifiers.model import Model
from classifiers.variants import Variants


class Touched:
    """Finds the texts in which an entry of a difference can be hit, in any writing; all others are judged as before."""

    def __init__(self, change: Difference) -> None:
        self.folds = Folds()
        patterns = Variants(self.folds).patterns(only(change.entries))
        self.automaton = ahocorasick_rs.AhoCorasick(sorted({p.text for p in patterns}), store_patterns=False)

    def numbers(self, texts: Sequence[str]) -> list[int]:
        """Which of the texts, ascending."""
        if not texts:
            return []
        batch = self.folds.batch(texts)
        found = self.automaton.find_matches_as_indexes(string(self.folds.heavy[batch.light]))
        starts = np.array([start for _, start, _ in found], dtype=np.int64)
        owners = np.searchsorted(batch.starts, starts, side="right") - 1
        return [int(number) for number in np.unique(owners)]


@dataclass(frozen=True, slots=True)
class Change:
    """The verdict on a text before and after."""

    before: Verdict
    after: Verdict

    @property
    def kind(self) -> str:
        """gained | lost | changed | review_gained | review_lost | same."""
        old, new = self.before, self.after
        if new.band == "flagged" and old.band != "flagged":
            return "gained"
        if old.band == "flagged" and new.band != "flagged":
            return "lost"
        if old.band == new.band == "flagged":
            same = (old.scope, set(old.offer_types)) == (new.scope, set(new.offer_types))
            return "same" if same else "changed"
        return {("clear", "review"): "review_gained", ("review", "clear"): "review_lost"}.get(
            (old.band, new.band), "same"
        )

    @property
    def telling(self) -> Verdict:
        """The verdict that has something to show."""
        return self.before if self.kind in ("lost", "review_lost") else self.after


class DryRun:
    """Judges with the lists in force and with a changed one."""

    def __init__(
        self, lexicon: Lexicon, new: KeywordList, data: Path | None = None, model: Model | None = None
    ) -> None:
        self.change = difference(lexicon.lists.get(new.name), new)
        self.touched = Touched(self.change) if self.change.entries else None
        self.before = judge_with(lexicon, data, model)
        self.after = judge_with(lexicon.replaced(new), data, model)
        self.words = {entry.word for entry in self.change.entries}

    def compare(self, texts: Sequence[tuple[str | None, str | None]]) -> list[tuple[int, Change]]:
        """The texts that the change touches, by number, with both verdicts."""
        if self.touched is None:
            return []
        numbers = self.touched.numbers([f"{title or ''}\n{text or ''}" for title, text in texts])
        chosen = [texts[number] for number in numbers]
        pairs = zip(self.before.judge(chosen), self.after.judge(chosen), strict=True)
        return [(number, Change(old, new)) for number, (old, new) in zip(numbers, pairs, strict=True)]

    def because_of(self, change: Change) -> list[Evidence]:
        """Findings of entries that differ, which explain the change; else what there is to show."""
        evidence = [*change.after.evidence, *change.before.evidence]
        return [found for found in evidence if found.keyword in self.words] or list(change.telling.evidence)
