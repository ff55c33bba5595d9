"""Passages as sparse matrices, and how much a feature's weight may cost in training."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, diags

from classifiers.arrays import Index
from classifiers.features import BUCKETS, RUNS, Keys, Vector
from classifiers.model import NAMED
from classifiers.train_rows import Array, fit, fit_hinge

FACT_SCALE = 0.08
IDF_SCALE = 6.0
SHARPNESS = 3
"""Power of the idf by which a rare feature outweighs a common one in the sharp fits."""


def vocabulary(vectors: Sequence[Vector]) -> dict[str, int]:
    """Facts seen at least three times, numbered by name."""
    count: dict[str, int] = defaultdict(int)
    for item in vectors:
        for name in item.facts:
            count[name] += 1
    return {name: index for index, name in enumerate(sorted(name for name, seen in count.items() if seen >= 3))}


def matrix(vectors: Sequence[Vector], names: dict[str, int]) -> csr_matrix:
    """Runs of characters and words, each at unit length, then the facts."""
    return _assemble([(item.buckets, item.words) for item in vectors], vectors, names, BUCKETS)


def naming_matrix(vectors: Sequence[Vector], names: dict[str, int]) -> csr_matrix:
    """Runs of characters over NAMED buckets, then the facts: what names an offer needs no more."""
    return _assemble([(item.buckets % NAMED,) for item in vectors], vectors, names, NAMED)


def _assemble(
    blocks: Sequence[tuple[Keys, ...]], vectors: Sequence[Vector], names: dict[str, int], size: int
) -> csr_matrix:
    data: list[Array] = []
    columns: list[Keys | Index] = []
    ends = [0]
    for parts, item in zip(blocks, vectors, strict=True):
        known = [(size + names[name], value * FACT_SCALE) for name, value in item.facts.items() if name in names]
        columns += [*parts, np.array([column for column, _ in known], dtype=np.int64)]
        data += [np.full(len(part), 1 / np.sqrt(max(1, len(part)))) for part in parts]
        data.append(np.array([value for _, value in known]))
        ends.append(ends[-1] + sum(map(len, parts)) + len(known))
    shape = (len(vectors), size + len(names))
    return csr_matrix((np.concatenate(data), np.concatenate(columns), np.array(ends)), shape=shape)


def rarity(features: csr_matrix) -> Array:
    """The idf of each column, about 1 for what a few texts in ten thousand have."""
    seen = np.bincount(features.indices, minlength=features.shape[1])
    scale: Array = np.log((1 + features.shape[0]) / (1 + seen)) / IDF_SCALE
    return scale


def prior(features: csr_matrix) -> Array:
    """How far each column may move: the rarer the further, by its idf for words and the root of that for runs."""
    scale = rarity(features)
    scale[:RUNS] **= 0.5
    scale[BUCKETS:] = 1.0
    return scale


def fit_scaled(
    features: csr_matrix, scale: Array, labels: npt.NDArray[np.bool_], weights: Array, penalty: float
) -> tuple[Array, float]:
    """Coefficients and intercept where a column of small ``scale`` moves dearly: what every text has says little,
    whatever it was seen with.
    """
    coefficients, intercept = fit((features @ diags(scale)).tocsr(), labels, weights, penalty)
    return coefficients * scale, intercept


def fit_sharp(features: csr_matrix, labels: npt.NDArray[np.bool_], weights: Array) -> tuple[Array, float]:
    """Coefficients and intercept of two support vector machines added, one over runs and one over words, in which what
    is rare counts far more than what is common: they err elsewhere than the logistic fits do.
    """
    coefficients, total = np.zeros(features.shape[1]), 0.0
    for block in (slice(0, RUNS), slice(RUNS, BUCKETS)):
        part = features[:, block]
        scale = (rarity(part) + 1 / IDF_SCALE) ** SHARPNESS
        found, intercept = fit_hinge((part @ diags(scale)).tocsr(), labels, weights)
        coefficients[block] = found * scale
        total += intercept
    return coefficients, total
