"""Trains the shipped model from classifiers/training: ``python -m classifiers.train [--holdout]``; needs the ``dev``
extra.

The same training text gives the same bytes. ``--holdout`` leaves out each writer in turn and prints what the others
would find.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from adwatch.tables import families
from classifiers.analysis import Reader, join
from classifiers.arrays import Index
from classifiers.disguise import disguised
from classifiers.features import BUCKETS, Vector
from classifiers.model import ASIDE, NAMED, off_topic
from classifiers.offers import OFFER_CLASSES
from classifiers.prefilter import whole
from classifiers.train_matrix import FACT_SCALE, fit_scaled, fit_sharp, matrix, naming_matrix, prior, vocabulary
from classifiers.train_prefilter import quick_fit, quick_salads, quick_threshold, quick_windows
from classifiers.train_rows import ORDINARY, PENALTY, Array, Row, fit, folds, load

HERE = Path(__file__).parent
HEADS = (*(row.id for row in OFFER_CLASSES), *families())
"""Offer classes and certificate families."""
TOPIC_PENALTY = PENALTY / 2
ON_THE_WAY = 0.05
"""Share of unseen offers that may lack something of the topic."""
FAR = 2.5
"""How much more of the topic than those a text must have, that nothing is taken off."""
AMONG = 2.0
"""How much more than the fit on everything the fit among texts that talk of certificates counts: ordinary text teaches
little about what is offered, and the topic keeps it out.
"""
SHARP = 3.2
"""Weight of the sharp fits beside the others together: ensembles of unlike fits find more of what others wrote."""
ORDINARY_WEIGHT = 2.0


def rows(reader: Reader, source: Sequence[tuple[str, dict[str, object]]], variants: bool = True) -> list[Row]:
    """Read all texts; each offer twice more in a disguise, and some others once."""
    result: list[Row] = []
    texts: list[str] = []
    for number, (writer, raw) in enumerate(source):
        title, text = str(raw["title"] or ""), str(raw["text"] or "")
        label = raw["label"] == "offer"
        types = raw["offer_types"]
        named = raw.get("families") or ()
        classes = frozenset((*types, *named) if isinstance(types, list) and isinstance(named, list) else ())
        ordinary = writer == ORDINARY
        pairs = [(title, text, ORDINARY_WEIGHT if ordinary else 1.0)]
        if variants and (label or number % (4 if ordinary else 2) == 0):
            part = ORDINARY_WEIGHT / 2 if ordinary else 0.4
            pairs += [(*disguised(title, text, number + shift), part) for shift in ((0, 7) if label else (0,))]
        for head, body, weight in pairs:
            vectors = reader.read(head, body).vectors()
            best = max(range(len(vectors)), key=[_promise(item) for item in vectors].__getitem__)
            result.append(Row(writer, label, classes, weight, vectors, raw, best, []))
            texts.append(join(head, body))
    for row, windows in zip(result, quick_windows(reader, texts), strict=True):
        row.quick = windows
    settle(result)
    return result


def settle(data: Sequence[Row]) -> None:
    """Let a first model say which passage of each offer carries it; before, it is the one with most of its words."""
    vectors, labels, weights, _ = passages(data)
    names = vocabulary(vectors)
    features = matrix(vectors, names)
    coefficients, _ = fit_scaled(features, prior(features), labels, weights, PENALTY)
    for row in data:
        if row.label and len(row.vectors) > 1:
            row.best = int(np.argmax(matrix(row.vectors, names) @ coefficients))


def passages(rows: Sequence[Row]) -> tuple[list[Vector], npt.NDArray[np.bool_], Array, list[Row]]:
    """One line a passage: all of a text that offers nothing, the best of one that does."""
    vectors: list[Vector] = []
    labels: list[bool] = []
    weights: list[float] = []
    owners: list[Row] = []
    for row in rows:
        chosen = [row.vectors[row.best]] if row.label else row.vectors
        for item in chosen:
            vectors.append(item)
            labels.append(row.label)
            weights.append(row.weight / len(chosen) ** 0.5)
            owners.append(row)
    return vectors, np.array(labels), np.array(weights), owners


def _promise(vector: Vector) -> float:
    return sum(
        value for name, value in vector.facts.items() if name.startswith(("p:plain", "x", "k:order", "k:contact"))
    )


@dataclass(frozen=True, slots=True)
class Unseen:
    """A written row as models read it that did not see its writer nor every fourth other."""

    row: Row
    margin: float
    """Of its best passage."""
    topic: float
    """The topic's margin of the same passage."""
    about: float
    """How much of that passage is about certificates by its words."""


def holdout(data: Sequence[Row]) -> list[Unseen]:
    """What models that saw other writers only make of every written row."""
    result: list[Unseen] = []
    for left in folds(data):
        seen = [row for row in data if row.writer not in left]
        names = vocabulary(passages(seen)[0])
        (offer, offer_intercept), (topic, topic_intercept) = both(seen, names)
        for row in data:
            if row.writer in left:
                features = matrix(row.vectors, names)
                margins = features @ offer + offer_intercept
                best = int(np.argmax(margins))
                about = row.vectors[best].facts.get("about", 0.0)
                result.append(
                    Unseen(row, float(margins[best]), float((features @ topic)[best]) + topic_intercept, about)
                )
    return result


def both(data: Sequence[Row], names: dict[str, int]) -> tuple[tuple[Array, float], tuple[Array, float]]:
    """Weights and intercepts of the offer and of the topic."""
    vectors, labels, weights, owners = passages(data)
    features = matrix(vectors, names)
    spoken = np.array([row.writer != ORDINARY for row in owners])
    scale = prior(features)
    offer, intercept = fit_scaled(features, scale, labels, weights, PENALTY)
    among, among_intercept = fit_scaled(features[spoken], scale, labels[spoken], weights[spoken], PENALTY)
    part = AMONG / (1 + AMONG)
    wholes = [row for row in data if row.writer != ORDINARY]
    sharp, sharp_intercept = fit_sharp(
        matrix([row.vectors[0] for row in wholes], names),
        np.array([row.label for row in wholes]),
        np.array([row.weight for row in wholes]),
    )
    return (
        (
            offer + part * (among - offer) + SHARP * sharp,
            intercept + part * (among_intercept - intercept) + SHARP * sharp_intercept,
        ),
        fit_scaled(features, scale, spoken, weights, TOPIC_PENALTY),
    )


def plain_topic(results: Sequence[Unseen]) -> float:
    """The topic's margin from which a text is plainly about certificates."""
    return float(np.quantile([item.topic for item in results if item.row.label], ON_THE_WAY)) + FAR


def settled(results: Sequence[Unseen], plain: float) -> list[tuple[Row, float]]:
    """Margins with all that is taken off, as the judge does."""
    return [(item.row, item.margin - off_topic(item.about) - ASIDE * max(0.0, plain - item.topic)) for item in results]


def naming(data: Sequence[Row], names: dict[str, int]) -> list[tuple[Array, float]]:
    """Weights and intercept of each class and family, among offers only."""
    vectors, _, weights, owners = passages([row for row in data if row.label])
    features = naming_matrix(vectors, names)
    columns: list[tuple[Array, float]] = []
    for name in HEADS:
        has = np.array([name in row.types for row in owners])
        if has.all() or not has.any():  # nothing to tell apart in so small a text
            columns.append((np.zeros(features.shape[1]), 3.0 if has.all() else -3.0))
        else:
            columns.append(fit(features, has, weights, PENALTY / 3))
    return columns


def offsets(data: Sequence[Row]) -> Array:
    """What to add to each head's margin, that the offers of unseen writers are named best (F1)."""
    margins: list[Array] = []
    truth: list[list[bool]] = []
    for left in folds(data):
        seen = [row for row in data if row.writer not in left]
        names = vocabulary(passages(seen)[0])
        found = naming(seen, names)
        vectors, _, _, owners = passages([row for row in data if row.writer in left and row.label])
        features = naming_matrix(vectors, names)
        margins.append(np.stack([features @ weights + intercept for weights, intercept in found], axis=1))
        truth += [[name in row.types for name in HEADS] for row in owners]
    scores, labels = np.concatenate(margins), np.array(truth)
    grid = np.linspace(-1.5, 2.0, 36)
    return np.array([_best_offset(scores[:, head], labels[:, head], grid) for head in range(len(HEADS))])


def _best_offset(scores: Array, labels: npt.NDArray[np.bool_], grid: Array) -> float:
    flags = scores[None, :] + grid[:, None] > 0
    found = (flags & labels).sum(axis=1)
    return float(grid[int(np.argmax(2 * found / np.maximum(1, flags.sum(axis=1) + labels.sum())))])


def calibrate(results: Sequence[tuple[Row, float]]) -> tuple[float, float]:
    """Slope and offset that turn a margin into a probability, from margins of held-out writers (Platt)."""
    margins = np.array([[margin] for _, margin in results])
    labels = np.array([row.label for row, _ in results])
    model = LogisticRegression(C=1e6, solver="lbfgs").fit(margins, labels)
    return float(model.coef_[0][0]), float(model.intercept_[0])


def write(
    folder: Path,
    data: Sequence[Row],
    random: Sequence[list[Index]],
    thresholds: tuple[float, float] = (0.68, 0.45),
) -> None:
    """Train on everything and write model.npz and model.json."""
    unseen = holdout(data)
    plain = plain_topic(unseen)
    results = settled(unseen, plain)
    names = vocabulary(passages(data)[0])
    judging, heads = both(data, names), naming(data, names)
    early, early_intercept = quick_fit(data, random)
    facts = np.stack([weights[BUCKETS:] for weights, _ in judging] + [weights[NAMED:] for weights, _ in heads], axis=1)
    intercepts = [*(value for _, value in judging), *(np.array([value for _, value in heads]) + offsets(data))]
    np.savez_compressed(
        folder / "model.npz",
        offer=packed(judging[0][0][:BUCKETS], 2),
        topic=packed(judging[1][0][:BUCKETS], 2),
        named=packed(np.stack([weights[:NAMED] for weights, _ in heads], axis=1), 2),
        early=whole(early),
    )
    body = {
        "heads": list(HEADS),
        "intercepts": [round(float(value), 4) for value in intercepts],
        "plain_topic": [round(plain, 4)],
        "calibration": [round(value, 4) for value in calibrate(results)],
        "thresholds": list(thresholds),
        "early": [round(early_intercept, 4), round(quick_threshold(data, random, results), 4)],
        "facts": {
            name: [round(float(value) * FACT_SCALE, 4) for value in facts[index]]
            for name, index in sorted(names.items())
        },
    }
    text = json.dumps(body, ensure_ascii=False, indent=0, sort_keys=True)
    (folder / "model.json").write_text(text + "\n", encoding="utf-8")


def packed(weights: Array, digits: int) -> npt.NDArray[np.float16]:
    """As it lies in the file."""
    return np.round(weights, digits).astype(np.float16)


def main() -> None:
    """Train and write, or report what held-out writers show."""
    reader = Reader()
    data = rows(reader, load())
    if "--holdout" in sys.argv:
        unseen = holdout(data)
        results = settled(unseen, plain_topic(unseen))
        for writer in sorted({row.writer for row in data} - {ORDINARY}):
            own = [(row.label, margin > 0) for row, margin in results if row.writer == writer and row.weight == 1.0]
            found = sum(label and flag for label, flag in own)
            flags, labels = sum(flag for _, flag in own), sum(label for label, _ in own)
            sys.stdout.write(
                f"{writer}: recall {found / labels:.3f}, precision {found / max(1, flags):.3f}, {len(own)} rows\n"
            )
        return
    write(HERE, data, quick_salads(reader))


if __name__ == "__main__":
    main()
