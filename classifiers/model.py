"""The shipped linear model: plain weights, no scikit-learn at run time.

``model.npz`` holds the weights of the hashed runs and words, ``model.json`` those of the named facts, the intercepts,
the calibration and the thresholds. The first column says whether a passage offers, the second whether it talks of
certificates at all; the others, over fewer buckets, name the classes and families of an offer.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from classifiers.arrays import look_up
from classifiers.features import Keys, Vector
from classifiers.prefilter import Prefilter

HERE = Path(__file__).parent
Scores = npt.NDArray[np.float64]


NAMED = 1 << 17
"""Buckets of the runs as the heads that name see them."""
OFF_TOPIC = 1.0
"""Taken off a text that names neither certificate nor exam, in part where it hardly does: an offer is about
something.
"""
ON_TOPIC = 0.6
"""From here on nothing is taken off: see ``grammar.aboutness``."""
ASIDE = 2.2
"""Share of what a passage lacks of the topic's margin that is taken off: what is unlike all talk of certificates."""


class Model:
    """Scores passages."""

    def __init__(self, arrays: Mapping[str, npt.NDArray[Any]], body: dict[str, object]) -> None:
        # single precision holds the shipped half precision exactly and is summed several times faster
        self.named = arrays["named"].astype(np.float32)
        both = np.stack((arrays["offer"], arrays["topic"]), axis=1).astype(np.float32)
        self.both: npt.NDArray[np.float64] = both.view(np.float64)[:, 0]
        """Weights of the offer and of the topic side by side, two singles in one double: one look-up finds both."""
        self.heads = tuple(_strings(body["heads"]))
        facts = body["facts"]
        assert isinstance(facts, dict)  # noqa: S101 - shipped file, written by train.py
        self.two = {name: (float(row[0]), float(row[1])) for name, row in facts.items()}
        self.rows = {name: number for number, name in enumerate(facts)}
        self.facts: Scores = np.array(list(facts.values()), dtype=np.float64)[:, 2:]
        """Of each named fact, in ``rows``: weights of the heads that name."""
        self.intercepts = np.array(body["intercepts"], dtype=np.float64)
        self.plain_topic = _floats(body["plain_topic"])[0]
        slope, offset = _floats(body["calibration"])
        self.slope, self.offset = slope, offset
        self.flag, self.review = _floats(body["thresholds"])
        self.prefilter = Prefilter(arrays["early"], *_floats(body["early"]))
        self.digest = ""

    @classmethod
    def load(cls, folder: Path = HERE) -> Model:
        """Read both files."""
        raw = (folder / "model.json").read_bytes()
        packed = (folder / "model.npz").read_bytes()
        with np.load(folder / "model.npz") as data:
            model = cls(data, json.loads(raw))
        model.digest = hashlib.sha256(raw + packed).hexdigest()[:12]
        return model

    def margins(self, vectors: Sequence[Vector]) -> list[tuple[float, float]]:
        """Of the offer and of the topic, for each passage: most need no more."""
        if not vectors:
            return []
        runs, words = (
            _sums(self.both, places)
            for places in ([each.buckets for each in vectors], [each.words for each in vectors])
        )
        start, other = self.intercepts[:2].tolist()
        result: list[tuple[float, float]] = []
        for vector, run, word in zip(vectors, runs, words, strict=True):
            offer, topic = start + run[0] + word[0], other + run[1] + word[1]
            for name, value in vector.facts.items():
                if known := self.two.get(name):
                    offer += value * known[0]
                    topic += value * known[1]
            result.append((offer, topic))
        return result

    def aside(self, topic: float, about: float) -> float:
        """What is taken off the margin of a passage that is hardly about certificates."""
        return off_topic(about) + ASIDE * max(0.0, self.plain_topic - topic)

    def names(self, vector: Vector) -> dict[str, float]:
        """Margins of the heads that name."""
        runs = self.named[vector.buckets % NAMED].sum(axis=0, dtype=np.float64)
        known = {row: value for name, value in vector.facts.items() if (row := self.rows.get(name)) is not None}
        named = (self.facts[list(known)] * np.array(list(known.values()))[:, None]).sum(axis=0)
        total: Scores = self.intercepts[2:] + runs / math.sqrt(max(1, len(vector.buckets))) + named
        return dict(zip(self.heads, total.tolist(), strict=True))

    def probability(self, margin: float) -> float:
        """Calibrated probability of an offer."""
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, self.slope * margin + self.offset))))


def _sums(both: npt.NDArray[np.float64], places: Sequence[Keys]) -> list[list[float]]:
    """Two sums of weights for each of some places, by the root of their number; the same whatever stands beside."""
    sizes = np.array([len(each) for each in places])
    found = np.zeros((len(places), 2))
    full = np.flatnonzero(sizes)
    if len(full):
        begins = np.cumsum(sizes) - sizes
        weights = look_up(both, np.concatenate(places)).view(np.float32)
        for column in (0, 1):
            found[full, column] = np.add.reduceat(weights[column::2].astype(np.float64), begins[full])
    result: list[list[float]] = (found / np.sqrt(np.maximum(sizes, 1))[:, None]).tolist()
    return result


def off_topic(about: float) -> float:
    """What is taken off for want of words of the topic."""
    return OFF_TOPIC * max(0.0, 1.0 - about / ON_TOPIC)


def _strings(value: object) -> Sequence[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


def _floats(value: object) -> list[float]:
    return [float(item) for item in value] if isinstance(value, list) else []
