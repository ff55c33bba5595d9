"""Contacts, disguised ones, and numbers that are none."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import classifiers
from classifiers.contact_signs import Candidates
from classifiers.contacts import find, mask
from classifiers.folds import Folds
from classifiers.judge import OfferJudge

FOLDS = Folds()
TRAINING = Path(classifiers.__file__).parent / "training"


def found(raw: str) -> list[tuple[str, str]]:
    return [(item.kind, item.value) for item in find(raw, FOLDS.flat(raw))]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("电话13800001234", ("phone", "13800001234")),
        ("１３８-0000-1234联系", ("phone", "13800001234")),
        ("一三八零零零零一二三四", ("phone", "13800001234")),
        ("①③⑧0000①②③④", ("phone", "13800001234")),
        ("微信：abc_12345", ("wechat", "abc_12345")),
        ("加薇❤ zhang-san88", ("wechat", "zhang-san88")),
        ("扣扣 7654321", ("qq", "7654321")),
        ("QQ：7 6 5 4 3 2 1 9", ("qq", "76543219")),
        ("发到 a.b@mail.example.cn", ("email", "a.b@mail.example.cn")),
        ("看 https://cert.example.com/q?a=1 ", ("url", "https://cert.example.com/q?a=1")),
        ("TG：@some_seller", ("telegram", "some_seller")),
        ("关注公众号“某某办证”", ("account", "某某办证")),
        ("身份证11010519491231002X", ("id_number", "11010519491231002x")),
        ("证书编号晋A012008000001", ("id_number", "晋a012008000001")),
    ],
)
def test_found(raw: str, expected: tuple[str, str]) -> None:
    assert expected in found(raw)


@pytest.mark.parametrize(
    "raw",
    [
        "举报请拨12350或12345，报警110", "原价1280元，现价99.00", "2026年11月22日10:30", "ISBN 978-7-04-050694-5", "订单号20261122103000123",
        "第28条第1款", "共150000条记录", "3-5个工作日", "型号BCD-330L4GY", "微信支付很方便", "他在公众号上看到的",
    ],
)  # fmt: skip
def test_no_contact(raw: str) -> None:
    assert found(raw) == []


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=80))
def test_masks_are_as_long_as_what_they_hide(raw: str) -> None:
    for item in find(raw + "13800001234", FOLDS.flat(raw + "13800001234")):
        assert len(item.masked) == item.end - item.start
        assert "*" in item.masked
    assert len(mask(raw)) == len(raw)


def test_contacts_are_found_in_clear_texts(judge: OfferJudge) -> None:
    verdict = judge.judge([("出租两室一厅", "家电齐全，联系13800001234")])[0]
    assert verdict.band == "clear"
    assert [item.value for item in verdict.contacts] == ["13800001234"]


def test_the_quick_look_passes_whatever_the_rules_find() -> None:
    """But for public accounts, which nobody is reached by: in all that was written, before and behind others."""
    lines = [line for file in TRAINING.glob("*.jsonl") for line in file.read_text(encoding="utf-8").splitlines()]
    texts = [f"{row['title']}\n{row['text']}" for row in map(json.loads, lines)]
    batch = FOLDS.batch(texts)
    found = seen = 0
    looks = zip(texts, batch.wholes(np.arange(len(texts))), Candidates().groups(batch).tolist(), strict=True)
    for raw, flat, groups in looks:
        wanted = [item for item in find(raw, flat) if item.kind != "account"]
        found += len(wanted)
        seen += len({*wanted} & {*find(raw, flat, groups)})
    assert seen == found > 1000


@pytest.mark.parametrize("raw", ["V：tads-206", "买十送一。v: tads-206", "wechat tads2061", "qq 12345"])
def test_a_name_is_looked_for_wherever_its_text_stands_in_a_batch(raw: str) -> None:
    for texts in ([raw, "x"], ["x", raw], ["十一", raw, "v"]):
        batch = FOLDS.batch(texts)
        place = texts.index(raw)
        assert find(raw, FOLDS.flat(raw)) == find(raw, FOLDS.flat(raw), int(Candidates().groups(batch)[place])) != []


LATER = [
    ("电话壹叁捌零零零零陆陆捌捌", "phone", "13800006688"),
    ("壹叁捌 零零零零 伍伍贰壹", "phone", "13800005521"),
    ("+86壹伍零00001234", "phone", "15000001234"),
    ("QQ换成99000428", "qq", "99000428"),
    ("🐧换成99000428", "qq", "99000428"),
    ("扣扣，已改为99000428", "qq", "99000428"),
    ("微信换成了abc99123", "wechat", "abc99123"),
]


@pytest.mark.parametrize(("raw", "kind", "expected"), LATER)
def test_what_the_model_was_trained_without_is_masked_all_the_same(
    judge: OfferJudge, raw: str, kind: str, expected: str
) -> None:
    assert found(raw) == [], "no fact for the model, whose training text has such numbers"
    for text in (raw, f"高压电工证免考直接拿证，{raw}，微信abc_12345"):
        (verdict,) = judge.judge([("", text)])
        got = [each for each in verdict.contacts if (each.kind, each.value) == (kind, expected)]
        assert len(got) == 1 and "*" in got[0].masked, text
        places = [each.start for each in verdict.contacts]
        assert places == sorted(places)


@pytest.mark.parametrize(
    "raw",
    [
        "微信换成了企业微信",
        "QQ换成头像",
        "共壹叁捌件",
        "大写壹叁捌零零零零元整",
        "微信已改名",
        "壹叁捌零零零零陆陆捌捌9",
        "扣扣改成99",
    ],
)
def test_words_like_those_are_no_contact(judge: OfferJudge, raw: str) -> None:
    assert judge.judge([("", raw)])[0].contacts == ()
