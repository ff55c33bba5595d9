"""Recorded bodies hold nothing personal and no token, and are read as before."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from adwatch.models import Contact
from classifiers.judge import OfferJudge
from collectors.masking import maskable, masked_body, masked_text, neutral


@pytest.fixture(scope="module")
def judge() -> OfferJudge:
    return OfferJudge.load()


def _find(judge: OfferJudge, text: str) -> list[Contact]:
    [verdict] = judge.judge([(None, text)])
    return [replace(one, start=one.start - 1, end=one.end - 1) for one in verdict.contacts]


@pytest.mark.parametrize(
    ("raw", "masked"),
    [
        ("<p>电话 13812345678</p>", "<p>电话 10000000000</p>"),
        ("加微信 zhang8866 办证", "加微信 xxxxx0000 办证"),
        ("联系 zhang@mail.example 即可", "联系 xxxxx@xxxx.xxxxxxx 即可"),
        (
            '<input name="csrfmiddlewaretoken" value="aB3dEf9012">',
            '<input name="csrfmiddlewaretoken" value="0000000000">',
        ),
        ('{"access_token": "eyJhbGciOi12.x"}', '{"access_token": "00000000000000"}'),
        ("/list?sid=8f3a9c77d0&page=2", "/list?sid=0000000000&page=2"),
        ("卖家：张三五金店，张三五金店的货", "卖家：某某某某某，某某某某某的货"),
        ("身份证 11010119900307663X", "身份证 00000000000000000x"),
    ],
)
def test_what_is_masked(judge: OfferJudge, raw: str, masked: str) -> None:
    assert masked_text(raw, lambda text: _find(judge, text), ["张三五金店"]) == masked


@pytest.mark.parametrize(
    "raw",
    [
        '<a href="https://shop.example/item/20261116001">货号 20261116001</a>',
        "<p>低压电工作业证，考试时间 2026-11-16，价格 ¥199.00</p>",
        '<input name="q" value="signature">',
        '<button class="session-open">design: standard</button>',
        "公众号【安全生产宣传】",
    ],
)
def test_what_stays(judge: OfferJudge, raw: str) -> None:
    assert masked_text(raw, lambda text: _find(judge, text), ["张三五金店", "a", "1"]) == raw


def test_names_too_short_to_be_told_apart_are_left_and_said() -> None:
    assert [maskable(name) for name in ("张三", "李", "li", "user", "a1", "42")] == [
        True,
        False,
        False,
        True,
        False,
        False,
    ]


def test_json_stays_json_with_its_numbers(judge: OfferJudge) -> None:
    body = json.dumps({"phone": 13812345678, "id": 42, "csrf": "abcd1234efgh", "rows": [{"t": "电话 13812345678"}]})
    masked = masked_body(body, lambda text: _find(judge, text), [], True)
    assert json.loads(masked) == {"phone": 10000000000, "id": 42, "csrf": "0" * 12, "rows": [{"t": "电话 10000000000"}]}


def test_length_is_kept() -> None:
    assert neutral("微信abc-123") == "某某xxx-000"
