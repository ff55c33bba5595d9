"""The gauge itself, and the floors that the shipped judge must hold."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from adwatch.errors import InputRefused
from adwatch.models import Verdict
from classifiers.evaluate import evaluate
from classifiers.figures import Tally, reliability, wilson
from classifiers.judge import OfferJudge


class Parrot:
    """Flags whatever says so."""

    version = "0"
    keyword_versions = "0"

    def __init__(self, types: tuple[str, ...] = ()) -> None:
        self.types = types

    def judge(self, texts: Sequence[tuple[str | None, str | None]]) -> list[Verdict]:
        return [
            Verdict("flagged" if "offer" in (text or "") else "clear", 0.5, offer_types=self.types) for _, text in texts
        ]


def test_counts(tmp_path: Path) -> None:
    rows = [
        {
            "id": "1",
            "title": "",
            "text": "offer",
            "label": "offer",
            "scope": "safety",
            "offer_types": ["forged_or_traded_certificate"],
            "cluster": "a",
        },
        {
            "id": "2",
            "title": "",
            "text": "offer",
            "label": "offer",
            "scope": "safety",
            "offer_types": [],
            "cluster": "a",
        },
        {
            "id": "3",
            "title": "",
            "text": "quiet",
            "label": "offer",
            "scope": "driving",
            "offer_types": ["other"],
            "cluster": "b",
        },
        {
            "id": "4",
            "title": "",
            "text": "offer",
            "label": "not_offer",
            "scope": "none",
            "offer_types": [],
            "genre": "news_story",
        },
        {"id": "5", "title": "", "text": "quiet", "label": "not_offer", "scope": "none", "offer_types": []},
        {"id": "6", "title": "", "text": "offer", "label": "borderline", "scope": "none", "offer_types": []},
    ]
    file = tmp_path / "a.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    report = evaluate(Parrot(), file)
    assert (report.total.found, report.total.missed, report.total.false, report.total.right) == (1, 1, 1, 1)
    assert report.unscored == 2
    assert report.by["scope"]["safety_production"].found == 1
    assert report.by["scope"]["other_credential"].missed == 1
    assert report.by["class"]["forged_or_traded"].recall == 1.0
    assert {(error.id, error.kind) for error in report.errors} == {("3", "missed"), ("4", "false")}
    assert report.as_dict()["f1"] == 0.5


def test_ordinary_lines(tmp_path: Path) -> None:
    file = tmp_path / "lines.txt"
    file.write_text("quiet\noffer\nquiet\nquiet\n", encoding="utf-8")
    report = evaluate(Parrot(), file)
    assert (report.lines, report.false_lines, report.per_100k) == (4, 1, 25_000)


def test_intervals_are_those_of_the_textbook() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    assert [round(end, 4) for end in wilson(81, 263)] == [0.2553, 0.3662]  # Newcombe 1998, table I
    assert [round(end, 4) for end in wilson(15, 148)] == [0.0624, 0.1605]
    assert [round(end, 4) for end in wilson(0, 20)] == [0.0, 0.1611]
    assert [round(end, 4) for end in wilson(1, 29)] == [0.0061, 0.1718]


def test_the_bootstrap_repeats_and_holds_the_figure() -> None:
    tally = Tally(80, 20, 10, 90)
    low, high = tally.f1_interval
    assert (low, high) == tally.f1_interval
    assert low < tally.f1 < high
    assert 0.05 < high - low < 0.15
    narrow = Tally(8000, 2000, 1000, 9000).f1_interval
    assert narrow[1] - narrow[0] < (high - low) / 5
    assert Tally().f1_interval == (0.0, 1.0)
    assert Tally(0, 0, 0, 9).f1_interval == (0.0, 0.0)


def test_reliability_of_known_scores() -> None:
    bins, error = reliability([0.05, 0.05, 0.95, 0.95, 1.0, 0.55], [False, False, True, True, True, False])
    assert [(item.low, item.count, item.share) for item in bins] == [(0.0, 2, 0.0), (0.5, 1, 0.0), (0.9, 3, 1.0)]
    assert error == pytest.approx((2 * 0.05 + 0.55 + 3 * (1 - 2.9 / 3)) / 6)
    assert reliability([], []) == ([], 0.0)


def test_what_was_named_has_a_precision(tmp_path: Path) -> None:
    rows = [
        {"text": "offer", "label": "offer", "scope": "safety", "offer_types": ["a"], "families": ["f"]},
        {"text": "offer", "label": "offer", "scope": "safety", "offer_types": ["b"], "families": ["f"]},
        {"text": "offer", "label": "not_offer"},
        {"text": "quiet", "label": "offer", "scope": "safety", "offer_types": ["a"], "families": ["f"]},
    ]
    file = tmp_path / "a.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    named = evaluate(Parrot(("a",)), file).named
    figures = named["class"]["a"]
    assert (figures.found, figures.missed, figures.false) == (1, 1, 2)
    assert (named["class"]["b"].found, named["class"]["b"].missed) == (0, 1)
    assert named["scope"]["safety_production"].recall == 0.0
    assert named["family"]["f"].missed == 3


def test_errors_say_what_moved_the_score(judge: OfferJudge, tmp_path: Path) -> None:
    text = "今天公园里花开了，低压电工证包过，加微信 dgz81234，孩子们在放风筝"
    file = tmp_path / "a.jsonl"
    file.write_text(json.dumps({"id": "x", "title": "", "text": text, "label": "not_offer"}), encoding="utf-8")
    [error] = evaluate(judge, file).errors
    assert error.kind == "false"
    assert error.why is not None
    assert "包过" in error.why.keywords
    assert error.why.words[0][0] == "低压电工证包过，"
    assert error.why.words[0][1] > 0.1
    assert "dgz81234" not in json.dumps(error.as_dict(), ensure_ascii=False)


def test_a_text_that_no_model_saw_is_said_to_be_so(judge: OfferJudge, tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text(json.dumps({"text": "今天天气不错", "label": "offer"}), encoding="utf-8")
    [error] = evaluate(judge, file).errors
    assert error.why is not None
    assert (error.why.reason, error.why.words) == ("unseen", ())


def test_a_bad_row_is_named(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text('{"text": "x"}\n', encoding="utf-8")
    with pytest.raises(InputRefused, match=":1:"):
        evaluate(Parrot(), file)


def test_floor_on_the_development_texts(judge: OfferJudge, shared: Path) -> None:
    report = evaluate(judge, shared / "labelled.jsonl")
    assert report.total.f1 >= 0.80
    assert report.by["genre"]["government_notice"].false == 0
    assert report.by["genre"]["news"].false == 0


@pytest.mark.slow
def test_floor_on_ordinary_lines(judge: OfferJudge, shared: Path) -> None:
    assert evaluate(judge, shared / "background.txt.gz").per_100k <= 10
