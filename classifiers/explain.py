"""Why a verdict came out as it did, shown by leaving clauses out and judging again: holds for any judge."""

from __future__ import annotations

import re
from dataclasses import dataclass

from adwatch.models import Verdict
from adwatch.ports import Judge
from adwatch.text import mask
from classifiers.analysis import join

CLAUSE = re.compile(r"[^，。！？；、,.!?;\s]+[，。！？；、,.!?;\s]*")
MOST = 24
"""Pieces of a text that are left out in turn; those of a longer text are longer."""
LEAST = 0.0005
"""Changes of the score below this are noise of its rounding."""


@dataclass(frozen=True, slots=True)
class Why:
    """What spoke for and against an offer in one text."""

    reason: str
    """The verdict's reason; ``unseen`` where the text never came before the model, ``low_score`` where it gave none."""
    words: tuple[tuple[str, float], ...]
    """Clauses (masked) with the score that they add (or, below 0, take off), strongest first."""
    keywords: tuple[str, ...]
    """List words that the verdict rests on."""

    def as_dict(self) -> dict[str, object]:
        """For ``--json``."""
        return {"reason": self.reason, "words": [list(word) for word in self.words], "keywords": list(self.keywords)}


def pieces(raw: str) -> list[tuple[int, int]]:
    """Spans of the clauses, neighbours joined until there are at most MOST."""
    spans = [match.span() for match in CLAUSE.finditer(raw)]
    step = -(-len(spans) // MOST) or 1
    return [(spans[at][0], spans[min(at + step, len(spans)) - 1][1]) for at in range(0, len(spans), step)]


def explain(judge: Judge, title: str, text: str, verdict: Verdict, most: int = 3) -> Why:
    """The clauses that move the score most, by judging the text without each of them."""
    raw, shown = join(title, text), mask(join(title, text), verdict.contacts)
    spans = pieces(raw)
    without: list[tuple[str | None, str | None]] = []
    for start, end in spans:
        head = (raw[:start] + raw[end:]) if end <= len(title) else raw
        left_title = head[: len(title) - (end - start)] if end <= len(title) else title[:start]
        rest = text if end <= len(title) else raw[len(title) + 1 : start] + raw[end:]
        without.append((left_title, rest))
    moved = [
        (" ".join(shown[start:end].split())[:40], round(verdict.score - other.score, 4))
        for (start, end), other in zip(spans, judge.judge(without), strict=True)
    ]
    strongest = sorted((item for item in moved if abs(item[1]) >= LEAST), key=lambda item: -abs(item[1]))
    keywords = tuple(dict.fromkeys(found.keyword for found in verdict.evidence))[:6]
    unseen = verdict.band == "clear" and not verdict.score and not verdict.reason
    reason = "unseen" if unseen else verdict.reason or "low_score"
    return Why(reason, tuple(strongest[:most]), keywords)
