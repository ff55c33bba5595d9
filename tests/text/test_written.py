"""Addresses in texts: as sellers write them; nothing that is none; hostile texts end quickly and raise nothing."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adwatch.text.hosts import host_of
from adwatch.text.written import MOST, written_addresses

CASES = [
    ("请登录cx-mem-gov.cn/zs查询,或http://qr.btl9.cc/z/?k=9f2c31 。", ["cx-mem-gov.cn/zs", "qr.btl9.cc/z/?k=9f2c31"]),
    ("官网 cx点mem点gov点cn点zscx.top", ["cx.mem.gov.cn.zscx.top"]),
    ("扫码打开ｃｘ．mem．gov．cn．zs-cx．com 即可", ["cx.mem.gov.cn.zs-cx.com"]),
    ("电工证查询.com和mem-gov[.]cn", ["电工证查询.com", "mem-gov.cn"]),
    ("应急查询.网址 http://1.2.3.4:8080/cx?a=1", ["应急查询.网址", "http://1.2.3.4:8080/cx?a=1"]),
    ("价格1.5万 v2.3 3.14 见a.jpg 8.5折 2026.11.28", []),
    ("联系 someone@mail.qq.com", []),
    ("", []),
]


@pytest.mark.parametrize(("text", "hosts"), CASES)
def test_addresses_as_they_are_written(text: str, hosts: list[str]) -> None:
    found = written_addresses(text)
    assert [host_of(each) for each in found] == [host_of(each) for each in hosts]


def test_a_list_of_hosts_is_cut() -> None:
    assert len(written_addresses(" ".join(f"h{at}.com" for at in range(500)))) == MOST


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab.-/:@[]()点。．cnх中%?#\u200b\u202e\ud800\n xn0", max_size=80))
def test_any_text_is_read(text: str) -> None:
    for address in written_addresses(text):
        assert host_of(address) is not None


def test_a_hostile_text_ends() -> None:
    assert written_addresses("a." * 200_000) == []
    assert written_addresses("点" * 100_000 + "a点" * 50_000) == []
