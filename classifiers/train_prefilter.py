"""Trains the prefilter: its weights, and the threshold that lets offers of unseen writers through."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_matrix

from classifiers import loops, prefilter
from classifiers.analysis import Reader
from classifiers.arrays import Index
from classifiers.ordinary import salads, strewn
from classifiers.train_matrix import fit_scaled, rarity
from classifiers.train_rows import ORDINARY, Array, Row, folds

SALADS = 4000
HARD = 0.2
"""Weight of a not-offer that talks of certificates."""
QUICK_PENALTY = 3.0


def quick_windows(reader: Reader, texts: Sequence[str]) -> list[list[Index]]:
    """The buckets of each window of each text, as the prefilter sees them."""
    result: list[list[Index]] = []
    for start in range(0, len(texts), 500):
        batch = reader.scanner.folds.batch(texts[start : start + 500])
        one, two, three = loops.runs(reader.scanner.folds.heavy[batch.light], batch.ends)
        owners, begins, stops = prefilter.stretches(batch)
        found: list[list[Index]] = [[] for _ in batch.starts]
        for owner, begin, stop in zip(owners.tolist(), begins.tolist(), stops.tolist(), strict=True):
            parts = (one[begin:stop], two[begin:stop], three[begin:stop])
            buckets = np.concatenate(parts).astype(np.int64)
            found[owner].append(buckets[buckets != loops.VOID])
        result += found
    return result


def quick_salads(reader: Reader, number: int = SALADS) -> list[list[Index]]:
    """Texts of random words, half of them with words of the lists strewn in, as the prefilter sees them."""
    kinds = ("certificate", "exam", "contact", "order", "result", "material", "absent", "seller", "renewal")
    words = [entry.word for entry in reader.scanner.lexicon.entries if entry.kind in kinds]
    return quick_windows(reader, salads(number // 2, 7) + strewn(number // 2, words))


def quick_matrix(texts: Sequence[Sequence[Index]]) -> csr_matrix:
    """One line a window; a bucket counts as often as it occurs, over the root of the window's size."""
    rows = [np.unique(item, return_counts=True) for windows in texts for item in windows]
    sizes = [max(1, len(item) // 3) for windows in texts for item in windows]
    values = [number / np.sqrt(size) for (_, number), size in zip(rows, sizes, strict=True)]
    ends = np.cumsum([0, *(len(columns) for columns, _ in rows)])
    columns = np.concatenate([columns for columns, _ in rows])
    return csr_matrix((np.concatenate(values), columns, ends), shape=(len(rows), loops.BUCKETS))


def quick_fit(data: Sequence[Row], random: Sequence[list[Index]]) -> tuple[Array, float]:
    """Weights and intercept of the prefilter: of an offer only the window that looks most like one counts.

    Not-offers that talk of certificates weigh little: to tell those is the full model's work.
    """
    texts = [row.quick for row in data] + list(random)
    features = quick_matrix(texts)
    number = np.array([len(item) for item in texts])
    owners = np.repeat(np.arange(len(texts)), number)
    labels = np.array([row.label for row in data] + [False] * len(random))[owners]
    hard = [HARD if not row.label and row.writer != ORDINARY else 1.0 for row in data]
    weights = np.array([row.weight * part for row, part in zip(data, hard, strict=True)] + [1.0] * len(random))
    weights = weights[owners] / np.sqrt(number[owners])
    chosen = ~labels | (number[owners] == 1)
    scale = rarity(features)
    coefficients, _ = fit_scaled(features[chosen], scale, labels[chosen], weights[chosen], QUICK_PENALTY)
    margins = features @ coefficients
    order = np.lexsort((-margins, owners))
    best = np.zeros(len(owners), dtype=bool)
    best[order[np.searchsorted(owners, np.arange(len(texts)))]] = True
    chosen = ~labels | best
    weights = np.where(labels, weights * np.sqrt(number[owners]), weights)
    return fit_scaled(features[chosen], scale, labels[chosen], weights[chosen], QUICK_PENALTY)


def quick_margin(row: Row, weights: Array, intercept: float) -> float:
    """Margin of a text's best window, less for many of them."""
    best = max(float(weights[item].sum()) / float(np.sqrt(max(1.0, len(item) / 3))) for item in row.quick)
    return best - prefilter.MANY * float(np.log2(len(row.quick))) + intercept


def quick_threshold(
    data: Sequence[Row],
    random: Sequence[list[Index]],
    results: Sequence[tuple[Row, float]],
    share: float = 0.96,
) -> float:
    """The margin that ``share`` of the offers of unseen writers exceed, of those that the full model would flag."""
    margins: list[float] = []
    flagged = {id(row) for row, margin in results if margin > 0}
    for left in folds(data):
        weights, intercept = quick_fit([row for row in data if row.writer not in left], random)
        own = [row for row in data if row.writer in left and row.label and id(row) in flagged]
        margins += [quick_margin(row, weights, intercept) for row in own]
    return float(np.quantile(margins, 1 - share))
