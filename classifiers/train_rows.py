"""A training text as both models read it, and what fitting them has in common."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from classifiers.arrays import Index
from classifiers.features import Vector
from classifiers.ordinary import compose

HERE = Path(__file__).parent
PENALTY = 80.0
ORDINARY = "ordinary"
MIXTURES = 1500
RANDOM_ROWS = 4000
LETTERED_ROWS = 3000
FOLDS = 4
Array = npt.NDArray[np.float64]


@dataclass(slots=True)
class Row:
    """One training text, read."""

    writer: str
    """Who wrote it: rows of one writer are held out together."""
    label: bool
    """Whether it offers."""
    types: frozenset[str]
    """Offer classes."""
    weight: float
    """Generated variants weigh less than what was written."""
    vectors: list[Vector]
    """One for each passage."""
    raw: dict[str, object]
    """As it stands in the file."""
    best: int
    """Which passage of an offer carries it."""
    quick: list[Index]
    """What the prefilter sees: the buckets of each window."""


def load(folder: Path = HERE / "training") -> list[tuple[str, dict[str, object]]]:
    """Rows with their writer (the file's name), in order; rows for review teach nothing."""
    rows: list[tuple[str, dict[str, object]]] = []
    for file in sorted(folder.glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if row["label"] != "review":
                rows.append((file.stem.removeprefix("train_"), row))
    return rows + [(ORDINARY, row) for row in compose(MIXTURES, RANDOM_ROWS, LETTERED_ROWS)]


def folds(data: Sequence[Row]) -> list[set[str]]:
    """Writers left out together: every fourth one."""
    writers = sorted({row.writer for row in data} - {ORDINARY})
    number = min(FOLDS, len(writers))
    return [set(writers[place::number]) for place in range(number)]


def fit(
    features: csr_matrix, labels: npt.NDArray[np.bool_], weights: Array, penalty: float = PENALTY
) -> tuple[Array, float]:
    """Coefficients and intercept of one head."""
    model = LogisticRegression(C=penalty, solver="liblinear", dual=True, random_state=0, tol=1e-2, max_iter=300)
    model.fit(features, labels, sample_weight=weights)
    return model.coef_[0], float(model.intercept_[0])


def fit_hinge(features: csr_matrix, labels: npt.NDArray[np.bool_], weights: Array) -> tuple[Array, float]:
    """Coefficients and intercept of a linear support vector machine (squared hinge)."""
    model = LinearSVC(C=1.0, tol=1e-3, random_state=0).fit(features, labels, sample_weight=weights)
    return model.coef_[0], float(model.intercept_[0])
