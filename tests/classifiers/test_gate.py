"""The first looks at a text: they agree with slow and plain ways of saying the same, whatever batch a text is in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.folds import Folds
from classifiers.gate import Gate
from classifiers.judge import OfferJudge
from classifiers.loops import BUCKETS, VOID, runs
from classifiers.prefilter import STRIDE, WINDOW, Prefilter, stretches, whole, windows

FOLDS = Folds()
WORDS = ("包过", "免考", "免考试", "不用考试", "考前答案", "直接拿证不考", "证过")
GATE = Gate(WORDS)
PIECES = st.sampled_from(
    ("包", "过", "免", "考", "试", "不", "用", "前", "答", "案", "证", "直接", "拿", "。", " ", "a", "\u200b", "天气")
)
TEXTS = st.lists(st.lists(PIECES, max_size=25).map("".join), min_size=1, max_size=6)
WEIGHTS = whole(np.random.default_rng(5).normal(size=BUCKETS))
WEIGHTS[VOID] = 0
PREFILTER = Prefilter(WEIGHTS, 0.5, 0.0)


@given(TEXTS)
def test_the_gate_finds_exactly_the_texts_that_hold_a_word(texts: list[str]) -> None:
    batch = FOLDS.batch(texts)
    wanted = [number for number, text in enumerate(texts) if any(word in FOLDS.fold(text) for word in WORDS)]
    assert GATE.texts(batch).tolist() == wanted


def test_a_gate_without_words_lets_nothing_through() -> None:
    assert Gate(["证"]).texts(FOLDS.batch(["包过证"])).tolist() == []


@settings(max_examples=50)
@given(st.lists(st.text(max_size=400), min_size=1, max_size=5))
def test_a_text_scores_the_same_in_every_batch(texts: list[str]) -> None:
    def score(some: list[str]) -> list[float]:
        batch = FOLDS.batch(some)
        return PREFILTER.scores(batch, FOLDS.heavy, GATE.places(batch)).tolist()

    alone = [score([text])[0] for text in texts]
    assert score(texts) == alone


@given(st.integers(0, 700))
def test_windows_cover_a_text(size: int) -> None:
    owners, begins, stops = windows(np.array([7]), np.array([7 + size]))
    assert set(owners.tolist()) == {0}
    assert begins[0] == 7
    assert stops[-1] == 7 + size
    assert all(stop - begin <= WINDOW for begin, stop in zip(begins, stops, strict=True))
    assert np.all(np.diff(begins) == STRIDE)
    assert np.all(begins[1:] < stops[:-1])


def test_a_line_of_several_is_a_stretch_by_itself() -> None:
    batch = FOLDS.batch(["孤帆远影碧空尽\n电工证包过不过退\n唯见长江天际流", "一行而已，没有别的", "\n只有一行的正文"])
    owners, begins, stops = stretches(batch)
    found = [
        (owner, "".join(map(chr, batch.light[begin:stop])))
        for owner, begin, stop in zip(owners.tolist(), begins.tolist(), stops.tolist(), strict=True)
    ]
    assert (0, "电工证包过不过退") in found
    assert [text for owner, text in found if owner == 1] == ["一行而已没有别的"]
    assert [text for owner, text in found if owner == 2] == ["只有一行的正文"]


def test_runs_tell_order() -> None:
    one, two, three = runs(np.array([ord(char) for char in "包过证"], dtype=np.uint32), np.array([3]))
    back, swapped, _ = runs(np.array([ord(char) for char in "过包证"], dtype=np.uint32), np.array([3]))
    assert sorted(one.tolist()) == sorted(back.tolist())
    assert two[0] != swapped[0]
    assert (len(one), len(two), len(three)) == (3, 2, 1)


PADDING = "今天天气真好，孩子们在公园里放风筝，老人们在树下下棋，远处有人唱歌。" * 3


def test_padding_does_not_hide_a_promise_as_written(judge: OfferJudge) -> None:
    [verdict, plain] = judge.judge([("", PADDING + "电工证包过，加微信 abc12345" + PADDING), ("", PADDING * 2)])
    assert any(item.keyword == "包过" for item in verdict.evidence)
    assert plain.score == 0


def test_an_office_s_own_word_counts_from_its_first_day(tmp_path: Path) -> None:
    (tmp_path / "keywords").mkdir()
    head = (
        "owner: 某市应急管理局\ndocument: 试〔2026〕1号\nversion: 1\neffective_from: 2026-01-01\neffective_to:\n---\n"
    )
    row = "promise 3 青团上岸 as=exam_exemption\n"
    (tmp_path / "keywords" / "own.txt").write_text(head + row, encoding="utf-8")
    text = PADDING + "青团上岸" + PADDING
    shipped, own = OfferJudge.load(), OfferJudge.load(tmp_path)
    assert shipped.judge([("", text)])[0].score == 0
    assert own.judge([("", text)])[0].score > 0
