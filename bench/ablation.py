"""What each part of detection brings, by training again without it: ``python -m bench ablation [SHARED_DATA_DEV]``.

For each part left out: F1 on the frozen sets, the share of found offers still found when disguised, and false alarms
per 100,000 ordinary lines where the development folder lies beside the repository. Takes about a quarter of an hour.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np

from bench.detection import ROOT, WAYS, background, judged, rows_of, show
from classifiers import scan, train, train_prefilter
from classifiers.analysis import Reader
from classifiers.arrays import Index
from classifiers.features import BUCKETS, Keys, Vector
from classifiers.folds import SEPARATOR, Folds
from classifiers.judge import OfferJudge
from classifiers.labelled import Labelled, labelled
from classifiers.model import Model
from classifiers.ordinary import sentences
from classifiers.prefilter import whole
from classifiers.train_matrix import vocabulary
from classifiers.train_rows import ORDINARY, Row, load
from classifiers.variants import Variants

SETS = ("frozen", "floor", "subtle")
NONE: Keys = np.zeros(0, dtype=np.uint32)


class Unfolded(Folds):
    """Nothing but capitals and blanks is undone."""

    def __init__(self, file: Path | None = None) -> None:
        super().__init__(file)
        letters = np.arange(0x110000, dtype=np.uint32)
        letters[ord("A") : ord("Z") + 1] += 32
        letters[[SEPARATOR, ord(" "), ord("\n"), ord("\r"), ord("\t")]] = 0
        self.light = letters
        self.heavy = np.arange(0x110000, dtype=np.uint32)
        self.light_map, self.heavy_map, self.light_kind, self.heavy_kind = {}, {}, {}, {}


@contextmanager
def without_folds() -> Iterator[None]:
    """Words are looked for as they stand in the lists only."""
    folds, ways = scan.Folds, Variants.ways
    scan.Folds = Unfolded  # type: ignore[misc]
    Variants.ways = lambda self, word, short=False: iter(())  # type: ignore[method-assign, assignment, misc]
    try:
        yield
    finally:
        scan.Folds = folds  # type: ignore[misc]
        Variants.ways = ways  # type: ignore[method-assign]


def trained(data: Sequence[Row], noise: Sequence[list[Index]]) -> OfferJudge:
    """The shipped judge with its deciding weights, prefilter and calibration trained on these rows."""
    judge = OfferJudge.load()
    names = vocabulary(train.passages(data)[0])
    unseen = train.holdout(data)
    plain = train.plain_topic(unseen)
    results = train.settled(unseen, plain)
    weights = train.both(data, names)
    early, intercept = train_prefilter.quick_fit(data, noise)
    slope, offset = train.calibrate(results)
    size = len(judge.model.heads)
    body: dict[str, object] = {
        "heads": list(judge.model.heads),
        "intercepts": [*(value for _, value in weights), *judge.model.intercepts[2:]],
        "plain_topic": [plain],
        "calibration": [slope, offset],
        "thresholds": [judge.model.flag, judge.model.review],
        "early": [intercept, train_prefilter.quick_threshold(data, noise, results)],
        "facts": {
            name: [*(column[BUCKETS + at] * train.FACT_SCALE for column, _ in weights), *[0.0] * size]
            for name, at in names.items()
        },
    }
    arrays = {"offer": weights[0][0][:BUCKETS], "topic": weights[1][0][:BUCKETS], "early": whole(early)}
    judge.model = Model({**arrays, "named": judge.model.named}, body)
    return judge


def stripped(data: Sequence[Row], keep: Callable[[Vector], Vector]) -> list[Row]:
    """The rows with something taken out of every passage."""
    return [replace(row, vectors=[keep(item) for item in row.vectors]) for row in data]


def disguised(judge: OfferJudge, rows: Sequence[Labelled]) -> str:
    """Share of offers found as written that are found in each disguise, the mean over all."""
    flags = judged(judge)
    plain = [(row.title, row.text) for row in rows if row.offer and row.disguise == "none"]
    kept = [pair for pair, flag in zip(plain, flags(plain), strict=True) if flag]
    found = [
        sum(flags([(head, way(text, random.Random(number))) for number, (head, text) in enumerate(kept)])) / len(kept)
        for way in WAYS
    ]
    return f"{sum(found) / len(found):.3f}"


def column(judge: OfferJudge, dev: Path) -> dict[str, str]:
    """The figures of one judge."""
    result: dict[str, str] = {}
    for name in SETS:
        rows = labelled(ROOT / "tests" / "frozen" / f"{name}.jsonl")[0]
        figures = rows_of(judged(judge), rows)
        result[f"{name}: F1"] = figures["F1 over all offers"]
        result[f"{name}: recall of safety-production offers"] = figures["recall of safety-production offers"]
        result[f"{name}: precision"] = figures["precision"]
        result[f"{name}: found in disguise"] = disguised(judge, rows)
    if dev.is_dir():
        result["false per 100,000 ordinary lines"] = background(judged(judge), dev / "background.txt.gz")
    return result


def main() -> None:
    """Print a column for each part left out."""
    dev = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT.parent / "shared" / "data" / "dev"
    reader = Reader()
    data = train.rows(reader, load())
    noise = train_prefilter.quick_salads(reader)
    columns = {"whole": column(OfferJudge.load(), dev)}
    without: dict[str, Callable[[Vector], Vector]] = {
        "no grammar": lambda item: Vector(item.buckets, item.words, {}),
        "no runs": lambda item: Vector(NONE, item.words, item.facts),
        "no words": lambda item: Vector(item.buckets, NONE, item.facts),
        "grammar alone": lambda item: Vector(NONE, NONE, item.facts),
    }
    for name, keep in without.items():
        judge = trained(stripped(data, keep), noise)
        if name == "no grammar":
            judge.rules = []
        columns[name] = column(judge, dev)
    last = f"o-{len(sentences()):04}"
    written = [
        row
        for row in data
        if row.writer != ORDINARY or (len(str(row.raw["id"])), str(row.raw["id"])) <= (len(last), last)
    ]
    columns["no composed text"] = column(trained(written, noise), dev)
    with without_folds():
        bare = Reader()
        judge = trained(train.rows(bare, load()), train_prefilter.quick_salads(bare))
        columns["no folding"] = column(judge, dev)
    show("what is left without each part", columns)


if __name__ == "__main__":
    main()
