"""The judge as others call it."""

from __future__ import annotations

import random
import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adwatch.tables import Law, families
from classifiers.judge import OfferJudge
from classifiers.keyword_judge import KeywordJudge
from classifiers.offers import OFFER_CLASSES

SAMPLE = [
    ("电工证", "包过，不过退款，加微信 dgz88888，身份证照片发来就行，三天出证"),
    ("", "今天天气不错"),
    (None, None),
    ("叉车证", "人不用来，资料发来，一周到手，联系13800001234"),
    ("通知", "严禁发布“包过”“免考”等信息，举报电话12350"),
]
JUDGE = OfferJudge.load()


def test_the_same_whatever_the_batch() -> None:
    together = JUDGE.judge(SAMPLE)
    assert together == [JUDGE.judge([pair])[0] for pair in SAMPLE]
    order = list(range(len(SAMPLE))) * 7
    random.Random(4).shuffle(order)
    assert JUDGE.judge([SAMPLE[number] for number in order]) == [together[number] for number in order]


def test_the_evidence_is_in_the_raw_text() -> None:
    verdict = JUDGE.judge(SAMPLE[:1])[0]
    raw = "\n".join(part or "" for part in SAMPLE[0])
    assert verdict.band == "flagged"
    assert verdict.scope == "safety_production"
    assert "guaranteed_pass" in verdict.offer_types
    assert verdict.certificate_kinds == ("special_operations",)
    assert {item.keyword for item in verdict.evidence} >= {"包过", "不过退款", "三天出证", "电工证"}
    assert all(raw[item.start : item.end] == item.surface for item in verdict.evidence)
    assert verdict.classifier_version == JUDGE.version
    assert verdict.keyword_versions == JUDGE.keyword_versions


def test_clear_texts_share_one_verdict() -> None:
    one, other = JUDGE.judge([("", "今天天气不错"), ("", "晚上一起吃饭吗")])
    assert one is other


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.characters(codec=None), max_size=80), st.text(max_size=40))
def test_any_text(title: str, text: str) -> None:
    for body in (text, text + SAMPLE[0][1]):  # type: ignore[operator]
        verdict = JUDGE.judge([(title, body)])[0]
        raw = title + "\n" + body
        assert 0 <= verdict.score <= 1
        assert all(raw[item.start : item.end] == item.surface for item in verdict.evidence)
        assert all(len(item.masked) == item.end - item.start for item in verdict.contacts)


@pytest.mark.parametrize("unit", ["证", "包过", "·", "a", "1", "加微信", "\ud800", "“", "1 ", "\u0301", "<", "&#"])
def test_a_megabyte_of_anything(unit: str) -> None:
    begin = time.perf_counter()
    JUDGE.judge([("", unit * (300_000 // len(unit)))])
    assert time.perf_counter() - begin < 30


def test_one_selling_paragraph_in_a_long_page_is_found() -> None:
    filler = "春天到了，公园里的花都开了，孩子们在草地上放风筝。\n" * 400
    page = filler + (SAMPLE[0][1] or "") + "\n" + filler
    assert JUDGE.judge([(SAMPLE[0][0], page)])[0].band in ("flagged", "review")
    assert JUDGE.judge([("", filler)])[0].band == "clear"


def test_every_basis_is_law_in_force() -> None:
    law = Law()
    for row in OFFER_CLASSES:
        assert row.notice.startswith("涉嫌")
        assert len(law.cites(row.basis, date(2026, 6, 1))) == len(row.basis)
    assert law.cites(("unfair_9",), date(2025, 10, 15)) == ["《反不正当竞争法》第九条"]
    assert law.cites(("unfair_9",), date(2025, 10, 14)) == ["《反不正当竞争法》第八条"]
    assert set(families()) >= {"special_operations", "safety_knowledge", "construction", "special_equipment"}


def test_the_keyword_baseline_flags_every_word() -> None:
    judge = KeywordJudge.load()
    bands = [verdict.band for verdict in judge.judge(SAMPLE)]
    assert bands == ["flagged", "clear", "clear", "flagged", "flagged"]
