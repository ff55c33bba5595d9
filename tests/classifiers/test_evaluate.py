"""The gauge itself, and the floors that the shipped judge must hold."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from adwatch.errors import InputRefused
from adwatch.models import Verdict
from classifiers.evaluate import evaluate
from classifiers.judge import OfferJudge

FROZEN = Path(__file__).parent.parent / "frozen" / "frozen.jsonl"


class Parrot:
    """Flags whatever says so."""

    version = "0"
    keyword_versions = "0"

    def judge(self, texts: Sequence[tuple[str | None, str | None]]) -> list[Verdict]:
        return [Verdict("flagged" if "offer" in (text or "") else "clear", 0.5) for _, text in texts]


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


def test_a_bad_row_is_named(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text('{"text": "x"}\n', encoding="utf-8")
    with pytest.raises(InputRefused, match=":1:"):
        evaluate(Parrot(), file)


def test_floor_on_the_frozen_set(judge: OfferJudge) -> None:
    if not FROZEN.is_file():
        pytest.skip("the frozen set is not here")
    total = evaluate(judge, FROZEN).total
    assert total.recall >= 0.85
    assert total.precision >= 0.90


def test_floor_on_the_development_texts(judge: OfferJudge, shared: Path) -> None:
    report = evaluate(judge, shared / "labelled.jsonl")
    assert report.total.f1 >= 0.80
    assert report.by["genre"]["government_notice"].false == 0
    assert report.by["genre"]["news"].false == 0


@pytest.mark.slow
def test_floor_on_ordinary_lines(judge: OfferJudge, shared: Path) -> None:
    assert evaluate(judge, shared / "background.txt.gz").per_100k <= 10
