"""The baseline that others use: flagged if a word of a promise list occurs. Shown beside our figures, never used in
a patrol.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import ahocorasick_rs

from adwatch.models import Verdict
from classifiers.analysis import join
from classifiers.lexicon import Lexicon


class KeywordJudge:
    """Implements ``adwatch.ports.Judge`` with promise words of weight 3, as written."""

    def __init__(self, lexicon: Lexicon) -> None:
        words = sorted({entry.word for entry in lexicon.entries if entry.kind == "promise" and entry.weight == 3})
        self.automaton = ahocorasick_rs.AhoCorasick(words, store_patterns=False)
        self.version = "keywords"
        self.keyword_versions = lexicon.versions

    @classmethod
    def load(cls, data: Path | None = None) -> KeywordJudge:
        """With the same lists as the judge."""
        return cls(Lexicon.load(data))

    def judge(self, texts: Sequence[tuple[str | None, str | None]]) -> list[Verdict]:
        """Flagged or clear, without evidence."""
        return [self._one(join(title, text)) for title, text in texts]

    def _one(self, raw: str) -> Verdict:
        found = bool(self.automaton.find_matches_as_indexes(raw.encode("utf-8", "replace").decode().lower()))
        band = "flagged" if found else "clear"
        return Verdict(
            "flagged" if found else "clear",
            float(found),
            reason=band,
            classifier_version=self.version,
            keyword_versions=self.keyword_versions,
        )
