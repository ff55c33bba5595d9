"""Where codes lead: look-alikes, unknown hosts beside look-up words or on a certificate; chats and shops are ordinary."""

from __future__ import annotations

import csv
from datetime import date
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.sites.codes import HERE, CodeJudge, read_hosts, read_words

DAY = date(2026, 11, 20)
CARD = "特种作业操作证\n姓名 某某\n证号 T110\n作业类别 电工作业\n发证机关 某局"


@cache
def shared_judge() -> CodeJudge:
    return CodeJudge()


@pytest.fixture
def judge() -> CodeJudge:
    return shared_judge()


@pytest.mark.parametrize(
    ("how", "content", "text", "verdict"),
    [
        ("qr", "http://cx.mem-gov-query.top/q?id=1", "", "finding"),
        ("printed", "cx.mem-gov-query.top:8080/q", "", "finding"),
        ("qr", "https://abcdshop.example.com/p/1", "扫码查询 证书真伪", "finding"),
        ("qr", "https://abcdshop.example.com/p/1", CARD, "finding"),
        ("qr", "https://abcdshop.example.com/p/1", "持证上岗 欢迎选购", "other"),
        ("qr", "https://abcdshop.example.com/p/1", "扫码查询课程 课程查询 结业证书样式", "other"),
        ("qr", "https://cx.mem.gov.cn/x", CARD, "official"),
        ("qr", "https://u.wechat.com/abc", CARD, "ordinary"),
        ("qr", "weixin://dl/add?x", CARD, "ordinary"),
        ("qr", "WIFI:S:x;P:y;;", "证书查询", "ordinary"),
        ("qr", "BEGIN:VCARD\nFN:a.b\nEND:VCARD", "证书查询", "ordinary"),
        ("qr", "T110101199003070000", CARD, "ordinary"),
        ("barcode", "9787111128069", "证书查询", "ordinary"),
        ("qr", "https://some-county.gov.cn/news/1", "证书查询", "other"),
    ],
)
def test_where_a_code_leads(judge: CodeJudge, how: str, content: str, text: str, verdict: str) -> None:
    found = judge.judge(how, content, text, DAY)
    assert found.verdict == verdict, found
    assert found.why or verdict == "other"


def test_the_platforms_own_pages_are_ordinary(judge: CodeJudge) -> None:
    address = "https://item.mall.example.com/1"
    assert judge.judge("qr", address, CARD, DAY, ["mall.example.com"]).verdict == "ordinary"
    assert judge.judge("qr", address, CARD, DAY, ["all.example.com"]).verdict == "finding"


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["qr", "printed", "barcode"]), st.text(max_size=200), st.text(max_size=60))
def test_no_content_breaks_the_judge(how: str, content: str, text: str) -> None:
    found = shared_judge().judge(how, content, text, DAY)
    assert found.verdict in ("finding", "official", "official_once", "ordinary", "other")


def test_each_word_and_host_stands_once_and_is_of_use() -> None:
    words = read_words(HERE / "code_words.csv")
    assert all(words.values())
    assert all(word == word.lower() and word.isalnum() for kind in words.values() for word in kind)
    hosts = read_hosts(HERE / "code_hosts.csv")
    with (HERE / "code_hosts.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert len(rows) == len(hosts)
    assert all(host == host.lower() and "/" not in host and "." in host and label for host, label in hosts.items())
