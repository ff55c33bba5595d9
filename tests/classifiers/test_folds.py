"""The folds: explicit cases both ways, and what holds for any text."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.arrays import string
from classifiers.folds import SEPARATOR, Folds

FOLDS = Folds()
ANY = st.text(alphabet=st.characters(codec=None), max_size=60)


@pytest.mark.parametrize(
    ("raw", "folded"),
    [
        ("證書", "证书"), ("包过", "包过"), ("１３８", "138"), ("❶０分钟", "10分钟"), ("①③⑧", "138"), ("🅥🅧", "vx"), ("⺠工", "民工"),
        ("包\u200b过", "包过"), ("包 · 过", "包过"), ("V❤", "v信"), ("🇻🇽", "vx"), ("3️⃣天", "3天"), ("&nbsp;包<br>过", "包过"), ("&#21253;过", "包过"),
    ],
)  # fmt: skip
def test_light(raw: str, folded: str) -> None:
    assert FOLDS.fold(raw) == folded


@pytest.mark.parametrize("word", ["证书", "面包", "报告", "政府", "abc", "123", "烤鸭"])
def test_light_leaves_ordinary_words_alone(word: str) -> None:
    assert FOLDS.fold(word) == word


@pytest.mark.parametrize(("raw", "plain"), [("苞锅", "包过"), ("正", "证"), ("拷", "考"), ("薇信", "微信")])
def test_heavy_joins_homophones(raw: str, plain: str) -> None:
    assert FOLDS.heavily(raw) == FOLDS.heavily(plain)


@pytest.mark.parametrize(("one", "other"), [("包过", "包不"), ("免考", "免费"), ("证书", "图书")])
def test_heavy_keeps_others_apart(one: str, other: str) -> None:
    assert FOLDS.heavily(one) != FOLDS.heavily(other)


def test_tables_are_idempotent() -> None:
    kept = FOLDS.light[FOLDS.light != 0]
    assert np.array_equal(FOLDS.light[kept], kept)
    assert np.array_equal(FOLDS.heavy[FOLDS.heavy], FOLDS.heavy)


@settings(max_examples=200, deadline=None)
@given(st.lists(ANY, min_size=1, max_size=5))
def test_offsets_lie_inside_and_folding_again_changes_nothing(texts: list[str]) -> None:
    batch = FOLDS.batch(texts)
    for number, raw in enumerate(texts):
        light = batch.light[batch.starts[number] : batch.ends[number]]
        index = batch.index[batch.starts[number] : batch.ends[number]] - batch.offsets[number]
        assert batch.light[batch.ends[number]] == SEPARATOR
        assert len(index) == 0 or (index[0] >= 0 and index[-1] < len(raw))
        assert np.all(np.diff(index) > 0)
        assert string(light) == FOLDS.fold(raw)
        assert FOLDS.fold(string(light)) == string(light)
