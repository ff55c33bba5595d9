"""Hosts that imitate official look-ups, and those that do not."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.lookalike import HOSTS, rows
from classifiers.sites import make_tokens
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
        "zscx.otsa.org.cn",
        "сх-мем.com",
        "tezhongzouye-chaxun.cn",
        "aqkhcx365.net",
        "whsyjj.top",
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


def test_a_user_name_a_typo_of_both_labels_and_a_free_page_are_found() -> None:
    judge = Lookalikes()
    for address in (
        "http://cx.mem.gov.cn@k7.example/",
        "cx.meem.com.cn",
        "cnes-samr.cn",
        "tezhongzuoye.weebly.com",
        "xn--1jq32sw2d5odkrc305i.com",
        "yingjiguanlibu.com",
        "http://a7.example/zscx/osta/detail",
    ):
        assert judge.score(address, DAY).verdict == "look_alike", address
    for host in ("my.chsi.com.cn", "www.pages.dev", "weebly.com", "sha.pages.dev"):
        assert judge.score(host, DAY).verdict == "other", host


def test_the_sets_of_other_writers_keep_their_figures() -> None:
    """A floor: recall of what nobody looked at, and false alarms among 2,000 innocent hosts (bench ``lookalike``)."""
    judge, tuned = Lookalikes(), set((HOSTS / "tuned.txt").read_text(encoding="utf-8").split())

    def found(host: str) -> bool:
        return judge.score(host, DAY).verdict == "look_alike"

    unseen = [row["host"] for row in rows("fakes2.tsv") if row["host"] not in tuned]
    assert sum(map(found, unseen)) / len(unseen) >= 0.95
    tuned = set((HOSTS / "tuned3.txt").read_text(encoding="utf-8").split())
    unseen = [row["host"] for row in rows("fakes3.tsv") if row["host"] not in tuned]
    assert sum(map(found, unseen)) / len(unseen) >= 0.94
    innocent = [row["host"] for row in rows("innocent.tsv")]
    assert len(innocent) == 2000
    assert sum(map(found, innocent)) <= 10
    assert sum(found(row["host"]) for row in rows("innocent2.tsv")) <= 5


def test_spellings_are_those_of_the_names() -> None:
    with (Path(make_tokens.__file__).parent / "lookalike_spelled.csv").open(encoding="utf-8", newline="") as handle:
        shipped = [(row["token"], row["kind"], row["note"]) for row in csv.DictReader(handle)]
    assert shipped == make_tokens.rows(), "run python -m classifiers.sites.make_tokens"
