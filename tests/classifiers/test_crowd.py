"""Texts of nothing but keywords: shown to a person, not read; whatever somebody says of their own is read."""

from __future__ import annotations

import random

import numpy as np
import pytest

from classifiers.analysis import join
from classifiers.crowd import KEYWORDS_ONLY, LEAST
from classifiers.judge import OfferJudge
from classifiers.labelled import labelled
from tests.frozen import floors

SAID = "身份证照片发来就行，一周到手，官网可查，老师傅都在我这儿办的"


@pytest.fixture(scope="module")
def row(judge: OfferJudge) -> str:
    """A hundred words of the lists, sure promises and certificates among them."""
    entries = [entry for entry in judge.scanner.lexicon.entries if len(entry.word) > 1 and not entry.word.isascii()]
    return "".join(entry.word for entry in random.Random(5).choices(entries, k=100))


def crowds(judge: OfferJudge, texts: list[str]) -> list[int]:
    """Numbers of those that are not read."""
    return list(judge.crowds.find(judge.scanner.folds.batch(texts), np.arange(len(texts))))


def test_a_row_of_keywords_goes_to_a_person_with_its_words(judge: OfferJudge, row: str) -> None:
    (verdict,) = judge.judge([("", row * 50)])
    assert (verdict.band, verdict.reason, verdict.scope) == ("review", KEYWORDS_ONLY, "safety_production")
    assert verdict.offer_types and verdict.certificate_kinds and verdict.basis
    raw = join("", row * 50)
    assert verdict.evidence and all(raw[each.start : each.end] == each.surface for each in verdict.evidence)
    assert verdict.score == judge.model.review


def test_its_words_are_named_as_they_are_written(judge: OfferJudge, row: str) -> None:
    words = judge.judge([("", "包·过 電工證免考" + row)])[0].evidence
    assert [(each.surface, each.keyword, each.fold) for each in words[:2]] == [
        ("包·过", "包过", "separators"),
        ("電工證", "电工证", "traditional"),
    ]
    assert judge.judge([("", "電工證包过" + row)])[0].tier == "exact"
    assert judge.judge([("", "包·过 電工證免考" + row)])[0].tier == "folded"


def test_a_row_gets_the_same_alone_and_among_others(judge: OfferJudge, row: str) -> None:
    texts = [("", text) for text in (row, SAID, row[::-1], row + SAID, row[:90], row[3:] + row)]
    assert judge.judge(texts) == [judge.judge([text])[0] for text in texts]


def test_with_a_way_to_reach_somebody_it_is_read(judge: OfferJudge, row: str) -> None:
    text = f"{row}加微信13800001234{row}{row}"
    assert crowds(judge, [text]) == []
    assert [each.value for each in judge.judge([("", text)])[0].contacts] == ["13800001234"]


def test_a_sentence_of_its_own_among_keywords_is_read(judge: OfferJudge, row: str) -> None:
    for text in (f"{row}\n{SAID}\n{row}{row}", f"{SAID}{row * 30}", f"{row * 30}{SAID}"):
        assert crowds(judge, [text]) == []
        assert judge.judge([("", text)])[0].reason != KEYWORDS_ONLY


def test_a_short_offer_in_the_words_of_the_lists_is_read(judge: OfferJudge) -> None:
    for text in (
        "低压电工证免考包过，人不用来，三天拿证，加微信 abcde12345",
        "电工证焊工证登高证叉车证免考包过三天拿证加微信",
    ):
        assert judge.judge([("电工证", text)])[0].band == "flagged"


def test_words_without_a_promise_or_a_paper_are_nothing(judge: OfferJudge) -> None:
    entries = judge.scanner.lexicon.entries
    words = [each.word for each in entries if each.kind in ("report", "notice") and len(each.word) > 1]
    text = "".join(random.Random(2).choices([word for word in words if not word.isascii()], k=3 * LEAST))
    assert judge.judge([("", text)])[0].band == "clear"


def test_no_written_text_is_a_crowd(judge: OfferJudge) -> None:
    texts = [join(each.title, each.text) for name in floors.FILES for each in labelled(floors.HERE / name)[0]]
    assert len(texts) > 4000
    assert crowds(judge, texts) == []
