"""Speed of the judge beside its alternatives: ``python -m bench classify [FILE]`` (.txt or .txt.gz, a text a line).

Without a file the texts are invented: goods, and two in a hundred offers of the training text, eight talk of papers.
Figures are millions of characters a second of processor time on one core; texts under 100 characters are left out. Then
the stages of the judge: their share of its time, and how many texts come to those that look at single ones.
"""

from __future__ import annotations

import math
import random
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from unittest.mock import patch

import ahocorasick_rs

from bench.goods import goods
from bench.ingest import HARD, LENGTH, OFFERS, sentences
from classifiers import judge as judging
from classifiers.contact_signs import Candidates
from classifiers.crowd import Crowds
from classifiers.evaluate import lines
from classifiers.folds import Folds
from classifiers.gate import Gate
from classifiers.judge import OfferJudge
from classifiers.keyword_judge import KeywordJudge
from classifiers.model import Model
from classifiers.prefilter import Prefilter
from classifiers.scan import Scanner
from classifiers.train_rows import load

SAMPLE = 6000


def timed(name: str, work: Callable[[Sequence[str]], object], texts: Sequence[str]) -> float:
    """Best of three, in Mchar/s."""
    work(texts[:50])
    best = 0.0
    for _ in range(3):
        begin = time.process_time()
        work(texts)
        best = max(best, sum(map(len, texts)) / (time.process_time() - begin) / 1e6)
    print(f"{name:32} {best:8.2f} Mchar/s")
    return best


STAGES = (
    ("fold", Folds, "batch"),
    ("telling words", Gate, "places"),
    ("prefilter", Prefilter, "passing"),
    ("rows of keywords", Crowds, "find"),
    ("scan", Scanner, "scan"),
    ("signs of contacts", Candidates, "groups"),
    ("contacts, a text", judging, "find"),
    ("grammar, a text", judging, "read"),
    ("features", judging, "vectors"),
    ("weights", Model, "margins"),
)
"""Name, and the function whose time it is."""


def stages(judge: OfferJudge, texts: Sequence[str]) -> None:
    """Print the best of five turns of each stage."""
    best: dict[str, float] = {}
    calls: Counter[str] = Counter()
    spent: defaultdict[str, float] = defaultdict(float)

    def timed_stage(name: str, work: Callable[..., object]) -> Callable[..., object]:
        def timed(*given: object) -> object:
            begin = time.process_time()
            try:
                return work(*given)
            finally:
                spent[name] += time.process_time() - begin
                calls[name] += 1

        return timed

    with ExitStack() as patches:
        for name, owner, function in STAGES:
            patches.enter_context(patch.object(owner, function, timed_stage(name, getattr(owner, function))))
        for _ in range(5):
            spent.clear()
            calls.clear()
            begin = time.process_time()
            judge.judge([("", text) for text in texts])
            spent["all"] = time.process_time() - begin
            best = {name: min(best.get(name, math.inf), value) for name, value in spent.items()}
    best["everything else"] = best["all"] - sum(best[name] for name, _, _ in STAGES)
    for name in (*(name for name, _, _ in STAGES), "everything else"):
        each = f", {calls[name] / len(texts):.1%} of the texts" if name.endswith("a text") else ""
        print(f"  {name:22} {1e6 * best[name] / len(texts):6.2f} µs a text, {best[name] / best['all']:5.1%}{each}")


def svc() -> Callable[[Sequence[str]], object]:
    """jieba + TF-IDF + linear SVC on our training text, as commonly done."""
    import jieba
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.svm import LinearSVC

    rows = [row for _, row in load()]
    texts = [f"{row['title']}\n{row['text']}" for row in rows]
    vectors = TfidfVectorizer(tokenizer=jieba.lcut, token_pattern=None, ngram_range=(1, 2))
    model = LinearSVC().fit(vectors.fit_transform(texts), [row["label"] == "offer" for row in rows])
    return lambda batch: model.predict(vectors.transform(batch))


def invented() -> Iterator[str]:
    """Texts of about 200 characters, the same each time."""
    chooser = random.Random(20261122)
    offers, hard = sentences()
    for _ in range(SAMPLE):
        lot = chooser.random()
        text = chooser.choice(offers if lot < OFFERS else hard) if lot < OFFERS + HARD else ""
        yield (text + goods(chooser, LENGTH))[:LENGTH]


def main() -> None:
    """Print the table."""
    given = (text for batch in lines(Path(sys.argv[1])) for text in batch) if len(sys.argv) > 1 else invented()
    texts = [text for text in given if len(text) >= 100][:SAMPLE]
    begin = time.process_time()
    judge = OfferJudge.load()
    print(f"load {time.process_time() - begin:.2f} s of processor time, {len(texts)} texts")
    scanner = judge.scanner
    bare = ahocorasick_rs.AhoCorasick(scanner.strings, store_patterns=False)
    keyword = KeywordJudge.load()
    words = sorted({entry.word for entry in scanner.lexicon.entries if entry.kind == "promise" and entry.weight == 3})
    regex = re.compile("|".join(map(re.escape, words)))
    stages(judge, texts)
    ours = timed("judge", lambda batch: judge.judge([("", text) for text in batch]), texts)
    others = {
        "bare ahocorasick_rs, same strings": timed(
            "bare ahocorasick_rs", lambda batch: [bare.find_matches_as_indexes(text) for text in batch], texts
        ),
        "keyword list": timed("keyword list", lambda batch: keyword.judge([("", text) for text in batch]), texts),
        "regular expression": timed(
            "regular expression", lambda batch: [regex.search(text) for text in batch], texts[:400]
        ),
        "jieba + TF-IDF + SVC": timed("jieba + TF-IDF + SVC", svc(), texts[:400]),
    }
    for name, figure in others.items():
        print(f"judge / {name}: {ours / figure:.2f}")


if __name__ == "__main__":
    main()
