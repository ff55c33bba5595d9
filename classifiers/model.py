"""The shipped linear model: plain weights, no scikit-learn at run time.

``model.npz`` holds the weights of the hashed runs, one column a head; ``model.json`` the weights of the named facts,
the
intercepts, the calibration and the thresholds. The first head says whether a passage offers, the others which class.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from classifiers.features import Vector
from classifiers.prefilter import Prefilter

HERE = Path(__file__).parent
Scores = npt.NDArray[np.float64]


class Model:
    """Scores passages."""

    def __init__(
        self, weights: npt.NDArray[np.float32], body: dict[str, object], early: npt.NDArray[np.float32]
    ) -> None:
        self.weights = weights
        self.heads = tuple(_strings(body["heads"]))
        facts = body["facts"]
        assert isinstance(facts, dict)  # noqa: S101 - shipped file, written by train.py
        self.facts: dict[str, Scores] = {name: np.array(row, dtype=np.float64) for name, row in facts.items()}
        self.first = np.ascontiguousarray(weights[:, 0])
        self.first_facts = {name: float(row[0]) for name, row in self.facts.items()}
        self.intercepts = np.array(body["intercepts"], dtype=np.float64)
        slope, offset = _floats(body["calibration"])
        self.slope, self.offset = slope, offset
        self.flag, self.review = _floats(body["thresholds"])
        self.prefilter = Prefilter(early, *_floats(body["early"]))
        self.digest = ""

    @classmethod
    def load(cls, folder: Path = HERE) -> Model:
        """Read both files."""
        raw = (folder / "model.json").read_bytes()
        packed = (folder / "model.npz").read_bytes()
        with np.load(folder / "model.npz") as data:
            weights = data["weights"].astype(np.float32)
            early = data["early"].astype(np.float32)
        model = cls(weights, json.loads(raw), early)
        model.digest = hashlib.sha256(raw + packed).hexdigest()[:12]
        return model

    def margin(self, vector: Vector) -> float:
        """Margin of the first head alone: most texts need no more."""
        runs = float(self.first[vector.buckets].sum(dtype=np.float64))
        total = float(self.intercepts[0]) + runs / math.sqrt(max(1, len(vector.buckets)))
        weights = self.first_facts
        return total + sum(number * weights[name] for name, number in vector.facts.items() if name in weights)

    def score(self, vector: Vector) -> Scores:
        """Margins of all heads."""
        runs = self.weights[vector.buckets].sum(axis=0, dtype=np.float64)
        total: Scores = self.intercepts + runs / math.sqrt(max(1, len(vector.buckets)))
        for name, number in vector.facts.items():
            row = self.facts.get(name)
            if row is not None:
                total = total + number * row
        return total

    def probability(self, margin: float) -> float:
        """Calibrated probability of an offer."""
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, self.slope * margin + self.offset))))


def _strings(value: object) -> Sequence[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


def _floats(value: object) -> tuple[float, float]:
    first, second = value if isinstance(value, list) else (0.0, 0.0)
    return float(first), float(second)
