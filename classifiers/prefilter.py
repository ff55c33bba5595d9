"""A quick linear score of many texts at once, so that only the doubtful ones are read in full.

Runs of two and three heavily folded characters and the counts of the lists' words, all in NumPy over the batch; its
threshold is
set in training so that of the offers of writers it has not seen nearly all go through.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from classifiers.folds import Chars, Index
from classifiers.lexicon import KINDS
from classifiers.variants import Pattern

BUCKETS = 1 << 16
GROUPS = 3 * len(KINDS) * 2
Floats = npt.NDArray[np.float32]


def group(pattern: Pattern) -> int:
    """Number of the count that a pattern adds to: kind, weight, written plainly or not."""
    entry = pattern.entry
    return (KINDS.index(entry.kind) * 3 + entry.weight - 1) * 2 + bool(pattern.way)


def runs(heavy: Chars) -> tuple[Index, Index]:
    """Hashed runs of two and of three characters, by the place where they begin."""
    codes = heavy.astype(np.int64)
    two = codes[:-1] * 31337 + codes[1:] * 101
    three = two[:-1] * 17 + codes[2:] * 7919
    return (two ^ (two >> 11)) & (BUCKETS - 1), (three ^ (three >> 13)) & (BUCKETS - 1)


class Prefilter:
    """Weights of runs and counts."""

    def __init__(self, weights: Floats, counts: Floats, intercept: float, threshold: float) -> None:
        self.weights, self.counts = weights, counts
        self.intercept, self.threshold = intercept, threshold

    def scores(self, heavy: Chars, begins: Index, owners: Index, groups: Index) -> npt.NDArray[np.float64]:
        """Margins of texts that begin at ``begins`` (the last entry is the end); hits by owner and group."""
        two, three = runs(heavy)
        at = np.zeros(len(heavy), dtype=np.float64)
        at[:-1] += self.weights[two]
        at[:-2] += self.weights[three]
        sizes = np.diff(begins)
        sums = np.add.reduceat(at, begins[:-1]) / np.sqrt(sizes)
        table = counts(owners, groups, len(sizes))
        result: npt.NDArray[np.float64] = sums + np.log1p(table) @ self.counts + self.intercept
        return result


def counts(owners: Index, groups: Index, number: int) -> npt.NDArray[np.float64]:
    """How many words of each group a text has."""
    flat = np.bincount(owners * GROUPS + groups, minlength=number * GROUPS)
    return flat.reshape(number, GROUPS).astype(np.float64)


def keep_all() -> Prefilter:
    """Lets everything through: for training."""
    return Prefilter(np.zeros(BUCKETS, np.float32), np.zeros(GROUPS, np.float32), 0.0, -1.0)


def numbers(patterns: Sequence[Sequence[Pattern]]) -> Index:
    """The group of each string of the automaton."""
    return np.array([group(items[0]) for items in patterns], dtype=np.int64)
