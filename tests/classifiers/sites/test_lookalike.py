"""Hosts that imitate official look-ups, and those that do not."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.sites.lookalike import BATCH, Lookalikes

DAY = date(2026, 11, 28)
JUDGE = Lookalikes()


@pytest.mark.parametrize(
    "address",
    [
        "cx.mem.gov.cn.example.cn",
        "cx-mem-gov.cn",
        "memgov-cx.com",
        "cxmemgov.top",
        "tzzycx.cn",
        "yjglb-chaxun.net",
        "zhengshu-chaxun.com",
        "www-scpta-com-cn.x1.cn",
        "mohvrd.com",
        "cx.rnem.cn",
        "zscx.0sta.cn",
        "cx.m\u0435m-gov.cn",  # a Cyrillic letter
        "特种作业证书查询.com",
        "http://a.example/cx.mem.gov.cn/query",
        "https://cx.mem.gov.cn@memgov-cx.com/",
    ],
)
def test_imitations_are_found_and_explained(address: str) -> None:
    found = JUDGE.score(address, DAY)
    assert found.verdict == "look_alike", found
    assert found.why


@pytest.mark.parametrize(
    ("address", "verdict"),
    [
        ("cx.mem.gov.cn", "official"),
        ("https://zscx.osta.org.cn/x", "official"),
        ("www.lnsafety.gov.cn", "official_once"),
        ("yjt.shanxi.gov.cn", "other"),  # a government's own, not registered: nobody else can have it
        ("memgov-cx.gov.cn", "other"),
        ("peixun-tezhong.com", "other"),
        ("memory.com", "other"),
        ("anquanyuan.com", "other"),
        ("www.ydpeixun.com", "other"),
        ("samrat.com", "other"),
        ("https://news.example/go?to=cx.mem.gov.cn", "other"),
        ("192.0.2.1", "other"),
        ("", "other"),
    ],
)
def test_what_is_none(address: str, verdict: str) -> None:
    assert JUDGE.score(address, DAY).verdict == verdict


def test_many_at_once_get_what_each_gets_alone() -> None:
    addresses = [
        "cx-mem-gov.cn",
        "a.example",
        "http://x\ny",
        "特种作业证书查询.com",
        "0sta.cn",
        "rnem.cn",
        "mem.gov.cn",
    ]
    many = addresses * (BATCH // len(addresses) + 10)
    assert list(JUDGE.scores(many, DAY)) == [JUDGE.score(address, DAY) for address in many]


@given(st.lists(st.text(max_size=40), max_size=8))
def test_any_text_is_answered_the_same_alone_and_among_others(addresses: list[str]) -> None:
    found = list(JUDGE.scores(addresses, DAY))
    assert [row.verdict for row in found] == [JUDGE.score(address, DAY).verdict for address in addresses]
