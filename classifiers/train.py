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
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from classifiers import prefilter
from classifiers.analysis import Reader, join
from classifiers.disguise import disguised
from classifiers.features import BUCKETS, Vector
from classifiers.folds import Chars, Index
from classifiers.offers import OFFER_CLASSES
from classifiers.ordinary import compose, salads, strewn

HERE = Path(__file__).parent
HEADS = tuple(row.id for row in OFFER_CLASSES)
PENALTY = 80.0
FACT_SCALE = 0.05
ORDINARY = "ordinary"
ORDINARY_ROWS = 3000
RANDOM_ROWS = 2500
SALADS = 4000
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
    quick: tuple[Index, Array]
    """What the prefilter sees: columns and values."""


def load(folder: Path = HERE / "training") -> list[tuple[str, dict[str, object]]]:
    """Rows with their writer (the file's name), in order; rows for review teach nothing."""
    rows: list[tuple[str, dict[str, object]]] = []
    for file in sorted(folder.glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if row["label"] != "review":
                rows.append((file.stem.removeprefix("train_"), row))
    return rows + [(ORDINARY, row) for row in compose(ORDINARY_ROWS, RANDOM_ROWS)]


def rows(reader: Reader, source: Sequence[tuple[str, dict[str, object]]], variants: bool = True) -> list[Row]:
    """Read all texts; each offer and some others once more in a disguise."""
    result: list[Row] = []
    for number, (writer, raw) in enumerate(source):
        title, text = str(raw["title"] or ""), str(raw["text"] or "")
        label = raw["label"] == "offer"
        types = raw["offer_types"]
        classes = frozenset(types if isinstance(types, list) else ())
        pairs = [(title, text, 1.0 if writer != ORDINARY else 0.5)]
        if variants and (label or number % 2 == 0) and writer != ORDINARY:
            pairs.append((*disguised(title, text, number), 0.5))
        for head, body, weight in pairs:
            vectors = reader.read(head, body).vectors()
            seen = quick(*reader.scanner.counts(join(head, body)))
            result.append(Row(writer, label, classes, weight, vectors, raw, seen))
    return result


def quick(heavy: Chars, groups: Index) -> tuple[Index, Array]:
    """Columns and values of the prefilter's features of one text."""
    columns, number = np.unique(np.concatenate(prefilter.runs(heavy)), return_counts=True)
    groups, times = np.unique(groups, return_counts=True)
    values = np.concatenate((number / np.sqrt(len(heavy)), np.log1p(times)))
    return np.concatenate((columns, prefilter.BUCKETS + groups)), values


def quick_salads(reader: Reader, number: int = SALADS) -> list[tuple[Index, Array]]:
    """Texts of random words, half of them with words of the lists strewn in, as the prefilter sees them."""
    kinds = ("certificate", "exam", "contact", "order", "result", "material", "absent", "seller", "renewal")
    words = [entry.word for entry in reader.scanner.lexicon.entries if entry.kind in kinds]
    texts = salads(number // 2, 7) + strewn(number // 2, words)
    return [quick(*reader.scanner.counts(text)) for text in texts]


def quick_fit(data: Sequence[Row], random: Sequence[tuple[Index, Array]]) -> tuple[Array, float]:
    """Weights and intercept of the prefilter."""
    seen = [row.quick for row in data] + list(random)
    columns = np.concatenate([item[0] for item in seen])
    values = np.concatenate([item[1] for item in seen])
    ends = np.concatenate(([0], np.cumsum([len(item[0]) for item in seen])))
    features = csr_matrix((values, columns, ends), shape=(len(seen), prefilter.BUCKETS + prefilter.GROUPS))
    labels = np.array([row.label for row in data] + [False] * len(random))
    return fit(features, labels, np.array([row.weight for row in data] + [1.0] * len(random)), 10.0)


def quick_threshold(
    data: Sequence[Row],
    random: Sequence[tuple[Index, Array]],
    results: Sequence[tuple[Row, float]],
    share: float = 0.992,
) -> float:
    """The margin that ``share`` of the offers of unseen writers exceed, of those that the full model would flag."""
    margins: list[float] = []
    flagged = {id(row) for row, margin in results if margin > 0}
    for writer in sorted({row.writer for row in data} - {ORDINARY}):
        weights, intercept = quick_fit([row for row in data if row.writer != writer], random)
        own = [row for row in data if row.writer == writer and row.label and id(row) in flagged]
        margins += [float(weights[row.quick[0]] @ row.quick[1]) + intercept for row in own]
    return float(np.quantile(margins, 1 - share))


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
    """One line a passage: all of a text that offers nothing, the most promising of one that does."""
    vectors: list[Vector] = []
    labels: list[bool] = []
    weights: list[float] = []
    owners: list[Row] = []
    for row in rows:
        chosen = row.vectors
        if row.label and len(chosen) > 1:
            chosen = [max(chosen, key=_promise)]
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


def fit(
    features: csr_matrix, labels: npt.NDArray[np.bool_], weights: Array, penalty: float = PENALTY
) -> tuple[Array, float]:
    """Coefficients and intercept of one head."""
    model = LogisticRegression(C=penalty, solver="liblinear", random_state=0, tol=1e-3, max_iter=300)
    model.fit(features, labels, sample_weight=weights)
    return model.coef_[0], float(model.intercept_[0])


def holdout(data: Sequence[Row]) -> list[tuple[Row, float]]:
    """Margins of every written row by a model that did not see its writer."""
    result: list[tuple[Row, float]] = []
    for writer in sorted({row.writer for row in data} - {ORDINARY}):
        seen = [row for row in data if row.writer != writer]
        vectors, labels, weights, _ = passages(seen)
        names = vocabulary(vectors)
        coefficients, intercept = fit(matrix(vectors, names), labels, weights)
        for row in data:
            if row.writer == writer:
                margins = matrix(row.vectors, names) @ coefficients + intercept
                result.append((row, float(np.max(margins))))
    return result


def heads(data: Sequence[Row], names: dict[str, int]) -> tuple[Array, Array]:
    """Weights, one column for the offer and each class, and intercepts."""
    vectors, labels, weights, owners = passages(data)
    features = matrix(vectors, names)
    columns = [fit(features, labels, weights)]
    offers = np.flatnonzero(labels)
    for name in HEADS:
        has = np.array([name in owners[number].types for number in offers])
        columns.append(fit(features[offers], has, weights[offers], PENALTY / 3))
    return np.stack([weights for weights, _ in columns], axis=1), np.array([intercept for _, intercept in columns])


def calibrate(results: Sequence[tuple[Row, float]]) -> tuple[float, float]:
    """Slope and offset that turn a margin into a probability, from margins of held-out writers (Platt)."""
    margins = np.array([[margin] for _, margin in results])
    labels = np.array([row.label for row, _ in results])
    model = LogisticRegression(C=1e6, solver="lbfgs").fit(margins, labels)
    return float(model.coef_[0][0]), float(model.intercept_[0])


def write(
    folder: Path,
    data: Sequence[Row],
    random: Sequence[tuple[Index, Array]],
    thresholds: tuple[float, float] = (0.46, 0.2),
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
