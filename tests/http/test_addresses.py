"""Which addresses may be asked, and which may not."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adwatch.errors import Refused, Unreachable
from adwatch.http import Guard, clean_url
from adwatch.http.addresses import host_allowed, host_key, is_public


@pytest.mark.parametrize(
    "address",
    [
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",  # noqa: S104 - an address to be refused
        "169.254.169.254",
        "100.64.0.1",
        "100.127.255.255",
        "192.0.0.1",
        "198.18.0.1",
        "192.0.2.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "fd12:3456::1",
        "ff02::1",
        "2001:db8::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "::127.0.0.1",
        "::10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
        "2002:7f00:1::1",
        "2002:a00:1::1",
        "2001:0:4136:e378:8000:63bf:f5ff:fffe",
        "not an address",
    ],
)
def test_private(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    ["1.1.1.1", "8.8.8.8", "114.114.114.114", "100.63.255.255", "100.128.0.1", "172.32.0.1", "2606:4700::1111",
     "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"],
)  # fmt: skip
def test_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("http://Shop.Example", "http://shop.example/"),
        ("HTTP://shop.example:80/a#part", "http://shop.example/a"),
        ("https://shop.example:443/?q=电工 证", "https://shop.example/?q=%E7%94%B5%E5%B7%A5%20%E8%AF%81"),
        ("http://shop.example/%E8%AF%81/证", "http://shop.example/%E8%AF%81/%E8%AF%81"),
        ("http://证.example/", "http://xn--td3a.example/"),
        ("http://[::1]:8080/a", "http://[::1]:8080/a"),
        (" http://shop.example/a\n", "http://shop.example/a"),
        ("http://shop.example/a\r\nX-Evil: 1", "http://shop.example/aX-Evil:%201"),
    ],
)
def test_addresses_are_cleaned(url: str, clean: str) -> None:
    assert clean_url(url) == clean
    assert clean_url(clean) == clean


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/item/1",
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "ftp://shop.example/",
        "gopher://shop.example/",
        "http://",
        "http:///path",
        "http://user:pw@shop.example/",
        "http://shop.example@127.0.0.1/",
        "http://[::1/",
        "http://shop.example:99999/",
        "http://shop.example:x/",
        f"http://{'a' * 70}.证.example/",
        "http://a%2eb/",
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(Refused):
        clean_url(url)


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    for candidate in (text, f"http://{text}", f"http://shop.example/{text}"):
        try:
            cleaned = clean_url(candidate)
        except Refused:
            continue
        assert cleaned.isascii()
        assert not any(char.isspace() for char in cleaned)
        assert cleaned.startswith(("http://", "https://"))


def test_hosts_are_counted_with_unusual_ports() -> None:
    assert host_key("https://shop.example/a") == host_key("http://shop.example:80/") == "shop.example"
    assert host_key("http://shop.example:8802/") == "shop.example:8802"


@pytest.mark.parametrize(
    ("allowed", "host", "port", "answer"),
    [
        (["127.0.0.1:8802"], "127.0.0.1", 8802, True),
        (["127.0.0.1:8802"], "127.0.0.1", 22, False),
        (["http://127.0.0.1:8802/x"], "127.0.0.1", 8802, True),
        (["http://127.0.0.1:8802/x"], "127.0.0.1", 80, False),
        (["127.0.0.1"], "127.0.0.1", 22, True),
        (["shop.test"], "127.0.0.1", 80, False),
        (["shop.test"], "SHOP.test", 80, True),
        (["[::1]:80"], "::1", 80, True),
        ([], "127.0.0.1", 80, False),
    ],
)
def test_allowed_hosts(allowed: list[str], host: str, port: int, answer: bool) -> None:
    assert host_allowed(allowed, host, port) is answer


def _resolving(*addresses: str) -> Any:
    def resolver(_host: str, port: int, **_: Any) -> list[tuple[Any, Any, Any, Any, Any]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    return resolver


def test_a_name_with_one_private_address_is_refused() -> None:
    guard = Guard((), "office", _resolving("8.8.8.8", "127.0.0.1"))
    with pytest.raises(Refused, match=r"allow_hosts: \[\"shop.example:80\"\]"):
        guard.addresses("shop.example", 80)
    assert Guard((), "office", _resolving("8.8.8.8")).addresses("shop.example", 80) == [
        (socket.AF_INET, ("8.8.8.8", 80))
    ]


def test_no_foreign_site_without_a_contact() -> None:
    with pytest.raises(Refused, match="ADWATCH_CONTACT"):
        Guard((), "", _resolving("8.8.8.8")).addresses("shop.example", 80)
    assert Guard(("shop.example",), "", _resolving("127.0.0.1")).addresses("shop.example", 80)


def test_a_name_that_does_not_resolve_is_unreachable() -> None:
    def failing(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(-2, "Name or service not known")

    with pytest.raises(Unreachable, match="cannot be resolved"):
        Guard((), "office", failing).addresses("nowhere.example", 80)
    with pytest.raises(Unreachable, match="no address"):
        Guard((), "office", _resolving()).addresses("nowhere.example", 80)
