"""Trains the shipped model from classifiers/training: ``python -m classifiers.train [--holdout]``; needs the ``dev``
extra.

The same training text gives the same bytes. ``--holdout`` leaves out each writer in turn and prints what the others
would find.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from adwatch.tables import families
from classifiers.analysis import Reader, join
from classifiers.disguise import disguised
from classifiers.features import BUCKETS, Vector
from classifiers.folds import Index
from classifiers.offers import OFFER_CLASSES
from classifiers.train_prefilter import quick_fit, quick_salads, quick_threshold, quick_windows
from classifiers.train_rows import ORDINARY, PENALTY, Array, Row, fit, folds, load

HERE = Path(__file__).parent
HEADS = (*(row.id for row in OFFER_CLASSES), *families())
"""Offer classes and certificate families."""
FACT_SCALE = 0.08
ORDINARY_WEIGHT = 2.0


def rows(reader: Reader, source: Sequence[tuple[str, dict[str, object]]], variants: bool = True) -> list[Row]:
    """Read all texts; each offer and some others once more in a disguise."""
    result: list[Row] = []
    texts: list[str] = []
    for number, (writer, raw) in enumerate(source):
        title, text = str(raw["title"] or ""), str(raw["text"] or "")
        label = raw["label"] == "offer"
        types = raw["offer_types"]
        named = raw.get("families") or ()
        classes = frozenset((*types, *named) if isinstance(types, list) and isinstance(named, list) else ())
        pairs = [(title, text, 1.0 if writer != ORDINARY else ORDINARY_WEIGHT)]
        if variants and (label or number % 2 == 0) and writer != ORDINARY:
            pairs += [(*disguised(title, text, number + shift), 0.4) for shift in ((0, 7) if label else (0,))]
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
    coefficients, _ = fit(matrix(vectors, names), labels, weights)
    for row in data:
        if row.label and len(row.vectors) > 1:
            row.best = int(np.argmax(matrix(row.vectors, names) @ coefficients))


def matrix(vectors: Sequence[Vector], names: dict[str, int]) -> csr_matrix:
    """Sparse design matrix: runs of characters at unit length, then the facts."""
    data: list[Array] = []
    columns: list[npt.NDArray[np.int64]] = []
    ends = [0]
    for item in vectors:
        known = [(BUCKETS + names[name], value * FACT_SCALE) for name, value in item.facts.items() if name in names]
        columns.append(np.concatenate((item.buckets, np.array([column for column, _ in known], dtype=np.int64))))
        unit = np.full(len(item.buckets), 1 / np.sqrt(max(1, len(item.buckets))))
        data.append(np.concatenate((unit, np.array([value for _, value in known]))))
        ends.append(ends[-1] + len(columns[-1]))
    shape = (len(vectors), BUCKETS + len(names))
    return csr_matrix((np.concatenate(data), np.concatenate(columns), np.array(ends)), shape=shape)


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


def vocabulary(vectors: Sequence[Vector]) -> dict[str, int]:
    """Facts seen at least three times, numbered by name."""
    count: dict[str, int] = defaultdict(int)
    for item in vectors:
        for name in item.facts:
            count[name] += 1
    return {name: index for index, name in enumerate(sorted(name for name, seen in count.items() if seen >= 3))}


def holdout(data: Sequence[Row]) -> list[tuple[Row, float]]:
    """Margins of every written row by a model that did not see its writer nor every fourth other."""
    result: list[tuple[Row, float]] = []
    for left in folds(data):
        vectors, labels, weights, _ = passages([row for row in data if row.writer not in left])
        names = vocabulary(vectors)
        coefficients, intercept = fit(matrix(vectors, names), labels, weights)
        for row in data:
            if row.writer in left:
                margins = matrix(row.vectors, names) @ coefficients + intercept
                result.append((row, float(np.max(margins))))
    return result


def heads(data: Sequence[Row], names: dict[str, int]) -> tuple[Array, Array]:
    """Weights, one column for the offer and each class and family, and intercepts."""
    vectors, labels, weights, _ = passages(data)
    columns = [fit(matrix(vectors, names), labels, weights), *naming(data, names)]
    intercepts = np.array([intercept for _, intercept in columns])
    intercepts[1:] += offsets(data)
    return np.stack([weights for weights, _ in columns], axis=1), intercepts


def naming(data: Sequence[Row], names: dict[str, int]) -> list[tuple[Array, float]]:
    """Weights and intercept of each class and family, among offers only."""
    vectors, _, weights, owners = passages([row for row in data if row.label])
    features = matrix(vectors, names)
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
        features = matrix(vectors, names)
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
    thresholds: tuple[float, float] = (0.645, 0.25),
) -> None:
    """Train on everything and write model.npz and model.json."""
    results = holdout(data)
    calibration = calibrate(results)
    vectors, _, _, _ = passages(data)
    names = vocabulary(vectors)
    weights, intercepts = heads(data, names)
    runs = weights[:BUCKETS]
    early, early_intercept = quick_fit(data, random)
    packed = np.round(runs, 2).astype(np.float16)
    np.savez_compressed(folder / "model.npz", weights=packed, early=np.round(early, 3).astype(np.float16))
    body = {
        "heads": list(HEADS),
        "intercepts": [round(float(value), 4) for value in intercepts],
        "calibration": [round(value, 4) for value in calibration],
        "thresholds": list(thresholds),
        "early": [round(early_intercept, 4), round(quick_threshold(data, random, results), 4)],
        "facts": {
            name: [round(float(value) * FACT_SCALE, 4) for value in weights[BUCKETS + index]]
            for name, index in sorted(names.items())
        },
    }
    text = json.dumps(body, ensure_ascii=False, indent=0, sort_keys=True)
    (folder / "model.json").write_text(text + "\n", encoding="utf-8")


def main() -> None:
    """Train and write, or report what held-out writers show."""
    reader = Reader()
    data = rows(reader, load())
    if "--holdout" in sys.argv:
        results = holdout(data)
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
