"""A quick linear score of every text at once, so that only the doubtful ones are read in full.

Runs of one, two and three heavily folded characters, hashed, in NumPy over the whole batch. A text is scored by its
best window or line, so that one selling line is not diluted. The threshold is set in training so that of the offers
of writers it has not seen nearly all go through.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from classifiers.arrays import Chars, Index, look_up
from classifiers.folds import Batch
from classifiers.loops import Weights, totals

STRIDE = 32
WINDOW = 64
"""Characters of a window; windows begin every STRIDE characters."""
LEAST = 5
"""A line of so few characters is none by itself."""
NEWLINE = 10
AROUND = ((0, 12), (-6, 10), (-12, 6), (-8, 16), (-16, 8), (-20, 20))
"""Characters before and behind the beginning of a telling word that are scored with it: padding dilutes them less than
a window.
"""
MANY = 0.2
"""What a text loses each time its stretches double: the best of many is high by chance."""
SLACK = 1.5
"""How far below the threshold those around a telling word may stay, however many stretches there are. Offers of writers
whom training has not seen, padded with poems and read for a telling word alone, stay at most 0.8 below; of ordinary
texts with such a word three in five stay further.
"""
PARTS = 1000
"""Weights are whole thousandths: they are added exactly, and sums that wrap around differ as they should."""


def windows(starts: Index, ends: Index) -> tuple[Index, Index, Index]:
    """Text, start and end of every window, in order of texts; a text has at least one."""
    sizes = ends - starts
    number = np.maximum(1, -(-(sizes - WINDOW + STRIDE) // STRIDE))
    owners = np.repeat(np.arange(len(sizes)), number)
    firsts = np.cumsum(number) - number
    begins = starts[owners] + STRIDE * (np.arange(len(owners)) - firsts[owners])
    return owners, begins, np.minimum(begins + WINDOW, ends[owners])


def stretches(batch: Batch) -> tuple[Index, Index, Index]:
    """Text, start and end of all windows, and of the lines of texts of several; in order of texts."""
    owners, begins, stops = windows(batch.starts, batch.ends)
    breaks = np.flatnonzero(batch.raw == NEWLINE)
    texts = batch.owners(breaks)
    inner = breaks > batch.offsets[texts]  # a text without a title begins with one
    if not inner.any():
        return owners, begins, stops
    breaks, texts = breaks[inner], texts[inner]
    cuts = np.searchsorted(batch.index, breaks)
    edges = np.sort(np.concatenate((cuts, batch.starts[texts], batch.ends[texts])))
    first, last = edges[:-1], edges[1:]
    holders = np.searchsorted(batch.ends, first)
    whole = (first == batch.starts[holders]) & (last == batch.ends[holders])
    lines = (last - first > LEAST) & (last - first <= WINDOW) & (last <= batch.ends[holders]) & ~whole
    owners = np.concatenate((owners, holders[lines]))
    order = np.argsort(owners, kind="stable")
    return (
        owners[order],
        np.concatenate((begins, first[lines]))[order],
        np.concatenate((stops, last[lines]))[order],
    )


def whole(weights: npt.NDArray[np.floating[Any]]) -> Weights:
    """Weights in PARTS; three together fit into 16 bits."""
    limit = np.iinfo(np.int16).max // 3
    return np.clip(np.round(weights * PARTS), -limit, limit).astype(np.int16)


class Prefilter:
    """Weights of the runs, in PARTS."""

    def __init__(self, weights: Weights, intercept: float, threshold: float) -> None:
        self.weights, self.intercept, self.threshold = weights, intercept, threshold

    def scores(self, batch: Batch, table: Chars, telling: Index) -> npt.NDArray[np.float64]:
        """Margin of each text's best stretch, less for many of them; SLACK added to those around a telling word.

        ``table`` is the heavy fold; ``telling`` are the places of telling words.
        """
        total = totals(batch.light, table, self.weights, batch.ends)
        owners, begins, stops = stretches(batch)
        firsts = np.searchsorted(owners, np.arange(len(batch.starts)))
        result: npt.NDArray[np.float64] = np.maximum.reduceat(_margins(total, begins, stops), firsts)
        result -= MANY * np.log2(np.diff(firsts, append=len(owners)))
        if len(telling):
            texts = np.searchsorted(batch.ends, telling)
            starts, ends = batch.starts[texts], batch.ends[texts]
            near = [
                _margins(total, np.maximum(telling + before, starts), np.minimum(telling + behind, ends))
                for before, behind in AROUND
            ]
            firsts = np.flatnonzero(np.diff(texts, prepend=-1))
            best = np.maximum.reduceat(np.max(near, axis=0), firsts) + SLACK
            result[texts[firsts]] = np.maximum(result[texts[firsts]], best)
        return result + self.intercept

    def passing(self, batch: Batch, table: Chars, telling: Index) -> npt.NDArray[np.bool_]:
        """Which texts are worth reading."""
        result: npt.NDArray[np.bool_] = self.scores(batch, table, telling) > self.threshold
        return result


def _margins(total: npt.NDArray[np.int32], begins: Index, stops: Index) -> npt.NDArray[np.float64]:
    """Of stretches, by the sums of the weights before each place."""
    sums = look_up(total, stops) - look_up(total, begins)
    result: npt.NDArray[np.float64] = sums / (PARTS * np.sqrt(np.maximum(stops - begins, 1)))
    return result
