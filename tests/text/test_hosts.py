"""The host of whatever an officer pastes or a seller prints."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adwatch.text.hosts import host_of


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("cx.mem.gov.cn", "cx.mem.gov.cn"),
        ("HTTPS://CX.MEM.GOV.CN:8443/a?b#c", "cx.mem.gov.cn"),
        ("https://cx.mem.gov.cn@evil.example/x", "evil.example"),
        ("https://user:p@ss@evil.example:80", "evil.example"),
        ("http:evil.example/", "evil.example"),
        ("http:\\\\evil.example\\a", "evil.example"),
        ("cx.mem.gov.cn.", "cx.mem.gov.cn"),
        ("cx。mem．gov｡cn", "cx.mem.gov.cn"),
        ("ｃｘ.ｍｅｍ.gov.cn", "cx.mem.gov.cn"),
        ("xn--fiqs8s.example", "中国.example"),
        ("xn--a.example", "xn--a.example"),
        ("cx%2Emem%2Egov.cn", "cx.mem.gov.cn"),
        ("http://[2001:db8::1]:80/", "[2001:db8::1]"),
        ("http://[2001:db8::1%25eth0]/", "[2001:db8::1]"),
        ("http://192.0.2.1:8080/a", "192.0.2.1"),
        ("证书查询.example", "证书查询.example"),
        ("a_b.example", "a_b.example"),
        ("localhost", None),
        ("", None),
        ("http://", None),
        ("http://[::1", "[::1]"),
        ("a..b", None),
        ("a b.example", None),
        (f"{'a' * 300}.example", None),
        ("x" * 1_000_000, None),
        ("javascript:alert(1)", None),
    ],
)
def test_the_host_of_an_address(address: str, host: str | None) -> None:
    assert host_of(address) == host


@given(st.text(max_size=80))
def test_any_text_has_a_host_or_none(text: str) -> None:
    host = host_of(text)
    if host is not None:
        assert host == host.strip(".") and len(host) <= 253
        assert not set(host) & set("/?#\\@ \n<>\"'")


@given(st.from_regex(r"[a-z0-9]{1,10}(\.[a-z0-9]{1,10}){1,3}\.[a-z]{2,6}", fullmatch=True), st.integers(1, 65535))
def test_what_stands_round_a_host_changes_nothing(host: str, port: int) -> None:
    for address in (f"https://{host}:{port}/p?q#f", f"http://u@{host}", f"{host}.", host.upper(), f"  {host}/"):
        assert host_of(address) == host
