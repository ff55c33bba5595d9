"""The compiled loops give what NumPy gives, to the last digit, and refuse buffers that do not fit."""

from __future__ import annotations

import json
import shutil
import sysconfig
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import classifiers
from classifiers import loops
from classifiers.contact_signs import Candidates
from classifiers.folds import SEPARATOR, Folds
from classifiers.judge import OfferJudge

FOLDS = Folds()
CANDIDATES = Candidates()
GENERATOR = np.random.default_rng(11)
WEIGHTS = GENERATOR.integers(-9000, 9000, loops.BUCKETS).astype(np.int16)
WEIGHTS[loops.VOID] = 0
NUMBER = 40
IDENT = np.zeros(0x110000, dtype=np.uint16)
IDENT[[ord(char) for char in "包过免考试不用前答案证直接拿a1"]] = range(1, 17)
PAIR = GENERATOR.integers(0, 4, NUMBER * NUMBER).astype(np.uint8)
PAIR[:NUMBER] = PAIR[::NUMBER] = 0
TEXTS = st.lists(
    st.one_of(
        st.text(max_size=60), st.text("包过免考试不用前答案证直接拿a1v微信q0123456789。 <b>&#53;@.:/w", max_size=60)
    ),
    min_size=1,
    max_size=6,
)
TRAINING = Path(classifiers.__file__).parent / "training"


@pytest.fixture(scope="module", autouse=True)
def _built() -> None:
    if loops.compiled:
        return
    header = Path(sysconfig.get_paths()["include"]) / "Python.h"
    assert not (shutil.which("cc") and header.is_file()), "a C compiler is here, but `make install` compiled nothing"
    pytest.skip("no C compiler here: NumPy does the loops")


def plain(work: Callable[[], Any]) -> Any:
    """What NumPy makes of it."""
    built, loops.compiled = loops.compiled, None
    try:
        return work()
    finally:
        loops.compiled = built


def same(work: Callable[[], tuple[np.ndarray[Any, Any], ...]]) -> None:
    for one, other in zip(work(), plain(work), strict=True):
        assert one.dtype == other.dtype
        assert one.tolist() == other.tolist()


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_both_give_the_same(texts: list[str]) -> None:
    batch = FOLDS.batch(texts)
    bare = plain(lambda: FOLDS.batch(texts))
    for name in ("raw", "spots", "light", "index", "starts", "ends"):
        assert getattr(batch, name).tolist() == getattr(bare, name).tolist()
    same(lambda: (loops.totals(batch.light, FOLDS.heavy, WEIGHTS, batch.ends),))
    same(lambda: loops.pairs(batch.light, IDENT, PAIR, NUMBER))
    same(lambda: loops.marks(batch.light, CANDIDATES.ident, CANDIDATES.latin, CANDIDATES.numeral))


def test_totals_are_sums_of_what_each_run_weighs() -> None:
    """Said once more without the arithmetic of arrays."""
    batch = FOLDS.batch(["免考包过", "证", "", "直接拿证"])
    heavy = [int(FOLDS.heavy[char]) for char in batch.light]

    def weight(at: int, size: int) -> int:
        run = 0
        for char in heavy[at : at + size]:
            run = (run * 31 + char * 2654435761) % 2**32
        spread = (0x9E3779B1, 0x85EBCA6B, 0xC2B2AE35)[size - 1]
        inside = at + size <= len(heavy) and not (size == 3 and batch.light[at + 1] == SEPARATOR)
        return int(WEIGHTS[run * spread % 2**32 >> 12]) if inside else 0

    each = [sum(weight(at, size) for size in (1, 2, 3)) for at in range(len(heavy))]
    expected = [sum(each[:at]) for at in range(len(each) + 1)]
    assert loops.totals(batch.light, FOLDS.heavy, WEIGHTS, batch.ends).tolist() == expected


def test_verdicts_are_the_same(judge: OfferJudge) -> None:
    lines = (TRAINING / "train_w20.jsonl").read_text(encoding="utf-8").splitlines()
    lines += (TRAINING / "train_w25.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [(row["title"], row["text"]) for row in map(json.loads, lines)]
    assert judge.judge(rows) == plain(lambda: judge.judge(rows))


CHARS = np.array([0x5305, SEPARATOR], dtype=np.uint32)
PLACES = np.zeros(2, dtype=np.int64)
SMALL = np.zeros(2, dtype=np.uint8)
WIDE = np.zeros(3, dtype=np.int32)
OUTSIDE = np.array([0x110000, SEPARATOR], dtype=np.uint32)


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("fold", ("证", FOLDS.light[:9], CHARS[:1].copy(), CHARS[:1].copy(), PLACES.copy()), "wrong size"),
        ("fold", ("证", FOLDS.light, CHARS.copy(), CHARS[:1].copy(), PLACES.copy()), "wrong size"),
        ("fold", ("证件", FOLDS.light, CHARS.copy(), CHARS.copy(), PLACES[:1].copy()), "wrong size"),
        ("squeeze", (CHARS.copy(), PLACES[:1].copy(), PLACES[:1].copy(), SEPARATOR), "too short"),
        ("squeeze", (CHARS.copy(), PLACES.copy(), PLACES[:0].copy(), SEPARATOR), "more marks"),
        ("squeeze", (CHARS.copy(), PLACES.copy(), PLACES.copy(), SEPARATOR), "fewer marks"),
        ("totals", (CHARS, FOLDS.heavy[:5], WEIGHTS, WIDE, SEPARATOR, 12), "wrong size"),
        ("totals", (CHARS, FOLDS.heavy, WEIGHTS, WIDE[:2], SEPARATOR, 12), "wrong size"),
        ("totals", (CHARS, FOLDS.heavy, WEIGHTS, WIDE, SEPARATOR, 11), "wrong size"),
        ("totals", (CHARS, FOLDS.heavy, WEIGHTS, WIDE, SEPARATOR, 32), "wrong size"),
        ("totals", (OUTSIDE, FOLDS.heavy, WEIGHTS, WIDE, SEPARATOR, 12), "no character"),
        ("pairs", (CHARS, IDENT, NUMBER, PAIR[:-1], PLACES, SMALL), "wrong size"),
        ("pairs", (CHARS, IDENT, 4, PAIR[:16], PLACES, SMALL), None),
        ("pairs", (CHARS, IDENT, 1, PAIR[:1], PLACES, SMALL), "no character"),
        ("pairs", (CHARS, IDENT, NUMBER, PAIR, PLACES[:1], SMALL), "wrong size"),
        ("pairs", (OUTSIDE, IDENT, NUMBER, PAIR, PLACES, SMALL), "no character"),
        ("marks", (CHARS, CANDIDATES.ident, SMALL, PLACES, PLACES.copy(), PLACES[:1], 1, 2), "wrong size"),
        ("marks", (OUTSIDE, CANDIDATES.ident, SMALL, PLACES, PLACES.copy(), PLACES.copy(), 1, 2), "no character"),
    ],
)
def test_what_does_not_fit_is_refused(name: str, given: tuple[Any, ...], words: str | None) -> None:
    call = getattr(loops.compiled, name)
    if words is None:
        call(*given)
        return
    with pytest.raises(ValueError, match=words):
        call(*given)
