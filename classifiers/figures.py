"""Figures of a two-way classifier with their uncertainty: counts, intervals, calibration; pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Interval = tuple[float, float]
Z = 1.959963984540054
"""Two-sided 95 % quantile of the normal distribution."""
DRAWS = 2000
SEED = 20180701
"""Fixed, so that the same counts always give the same interval."""
BINS = 10


def wilson(hits: int, total: int) -> Interval:
    """95 % interval of a rate (Wilson 1927): honest for small numbers and for rates near 0 and 1; (0, 1) of nothing."""
    if not total:
        return 0.0, 1.0
    rate = hits / total
    scale = 1 + Z * Z / total
    middle = (rate + Z * Z / (2 * total)) / scale
    half = Z / scale * float(np.sqrt(rate * (1 - rate) / total + Z * Z / (4 * total * total)))
    return max(0.0, middle - half), min(1.0, middle + half)


@dataclass(slots=True)
class Tally:
    """Counts and the figures that follow."""

    found: int = 0
    """Offers flagged."""
    missed: int = 0
    """Offers not flagged."""
    false: int = 0
    """Others flagged."""
    right: int = 0
    """Others not flagged."""

    def add(self, offer: bool, flagged: bool) -> None:
        """Count one text."""
        if offer:
            self.found, self.missed = self.found + flagged, self.missed + (not flagged)
        else:
            self.false, self.right = self.false + flagged, self.right + (not flagged)

    @property
    def recall(self) -> float:
        """Share of offers flagged; 0 without offers."""
        return self.found / max(1, self.found + self.missed)

    @property
    def precision(self) -> float:
        """Share of flagged texts that offer; 1 where nothing is flagged."""
        flagged = self.found + self.false
        return self.found / flagged if flagged else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of both."""
        total = 2 * self.found + self.missed + self.false
        return 2 * self.found / total if total else 0.0

    @property
    def f1_interval(self) -> Interval:
        """95 % bootstrap interval: F1 depends on the four counts alone, so texts are redrawn as a multinomial."""
        cells = np.array([self.found, self.missed, self.false, self.right], dtype=np.float64)
        size = int(cells.sum())
        if not size:
            return 0.0, 1.0
        drawn = np.random.default_rng(SEED).multinomial(size, cells / size, size=DRAWS)
        top = 2 * drawn[:, 0]
        below = top + drawn[:, 1] + drawn[:, 2]
        values = np.where(below > 0, top / np.maximum(below, 1), 0.0)
        low, high = np.quantile(values, (0.025, 0.975))
        return float(low), float(high)

    def as_dict(self) -> dict[str, object]:
        """Counts and figures with their 95 % intervals, rounded."""
        return {
            "found": self.found, "missed": self.missed, "false": self.false, "right": self.right,
            "recall": round(self.recall, 4), "precision": round(self.precision, 4), "f1": round(self.f1, 4),
            "recall_ci": rounded(wilson(self.found, self.found + self.missed)),
            "precision_ci": rounded(wilson(self.found, self.found + self.false)),
            "false_rate": round(self.false / max(1, self.false + self.right), 4),
            "false_rate_ci": rounded(wilson(self.false, self.false + self.right)),
            "f1_ci": rounded(self.f1_interval),
        }  # fmt: skip


def rounded(interval: Interval) -> list[float]:
    """Both ends to four digits."""
    return [round(interval[0], 4), round(interval[1], 4)]


@dataclass(frozen=True, slots=True)
class Bin:
    """Texts whose score lies in one tenth."""

    low: float
    """Lower end, inclusive."""
    high: float
    """Upper end, exclusive but for the last."""
    count: int
    """Texts."""
    score: float
    """Their mean score."""
    share: float
    """Share of them that offer."""
    interval: Interval
    """95 % interval of that share."""

    def as_dict(self) -> dict[str, object]:
        """For ``--json``."""
        return {
            "low": round(self.low, 2), "high": round(self.high, 2), "count": self.count,
            "score": round(self.score, 4), "share": round(self.share, 4), "share_ci": rounded(self.interval),
        }  # fmt: skip


def reliability(scores: Sequence[float], offers: Sequence[bool]) -> tuple[list[Bin], float]:
    """Filled tenths of the score and the expected calibration error: how far, weighted by texts, share and score lie
    apart.
    """
    bins: list[Bin] = []
    error = 0.0
    values, labels = np.array(scores, dtype=np.float64), np.array(offers, dtype=bool)
    places = np.minimum((values * BINS).astype(int), BINS - 1)
    for place in range(BINS):
        inside = places == place
        count = int(inside.sum())
        if not count:
            continue
        hits = int(labels[inside].sum())
        mean = float(values[inside].mean())
        bins.append(Bin(place / BINS, (place + 1) / BINS, count, mean, hits / count, wilson(hits, count)))
        error += count / len(values) * abs(hits / count - mean)
    return bins, error
