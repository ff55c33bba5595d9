"""Which addresses are actually connected to, whom is trusted, and how much is read."""

from __future__ import annotations

import datetime
import gzip
import hashlib
import ipaddress
import socket
import ssl
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from adwatch.archive import read_body, read_stored
from adwatch.errors import ArchiveError, Refused, Unreachable
from adwatch.http import Guard, Manners, Request, UrllibTransport
from tests.http.conftest import DAY, House


def test_a_large_answer_is_cut_kept_and_refused(house: House) -> None:
    house.server.expect_request("/a").respond_with_data(b"x" * 100_000)
    with pytest.raises(Refused, match="more than"):
        house.get("/a", house.client(max_bytes=50_000))
    kept = house.saved[-1]
    assert len(read_stored(house.root, kept.warc, kept.offset).payload) == 50_000
    with pytest.raises(ArchiveError):
        read_body(house.root, kept)


def test_a_decompression_bomb_is_kept_and_refused(house: House) -> None:
    bomb = gzip.compress(b"\0" * 60_000_000)
    house.server.expect_request("/a").respond_with_data(bomb, headers={"Content-Encoding": "gzip"})
    with pytest.raises(Refused, match="grows beyond"):
        house.get("/a")
    assert "undecodable" in house.saved[-1].context


def test_a_slow_answer_is_cut(house: House) -> None:
    ticks = iter([0.0, 1.0, 200.0])
    house.server.expect_request("/a").respond_with_data(b"x" * 200_000)
    _robots_free = house.client(Manners(), monotonic=lambda: next(ticks, 400.0))
    with pytest.raises(Unreachable, match="too long"):
        house.get("/a", _robots_free)
    assert house.saved[-1].context["truncated"] == "time"


def test_private_addresses_are_refused_unless_allowed(house: House) -> None:
    house.server.expect_request("/a").respond_with_data("x")
    with pytest.raises(Refused, match="private address"):
        house.get("/a", house.client(guard=Guard((), "office")))
    assert house.asked() == []
    assert house.saved == []


def test_a_name_that_changes_its_answer_gains_nothing(house: House) -> None:
    """The address that was checked is the one connected to: the resolver is asked once for each connection."""
    asked: list[str] = []

    def rebinding(host: str, port: int, **_: Any) -> list[tuple[Any, Any, Any, Any, Any]]:
        asked.append(host)
        address = "8.8.8.8" if len(asked) > 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    with pytest.raises(Refused, match=r"shop\.example"):
        client = house.client(guard=Guard((), "office", rebinding))
        client.fetch(Request(f"http://shop.example:{house.server.port}/a", "list"), DAY, house.save)
    assert asked == ["shop.example"]
    assert house.asked() == []


def test_a_name_is_checked_anew_for_each_connection(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """127.0.0.2 stands for a public place; once the name leads to a private one, the same server is not asked."""
    answers = ["127.0.0.2", "127.0.0.2", "127.0.0.1"]

    def rebinding(_host: str, port: int, **_: Any) -> list[tuple[Any, Any, Any, Any, Any]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answers.pop(0), port))]

    monkeypatch.setattr("adwatch.http.addresses.is_public", lambda address: address == "127.0.0.2")
    with HTTPServer("0.0.0.0") as server:  # noqa: S104 - both addresses
        server.expect_request("/robots.txt").respond_with_data("", status=404, headers={"Connection": "close"})
        server.expect_request("/a").respond_with_data("x", headers={"Connection": "close"})
        client = house.client(guard=Guard((), "office", rebinding))
        request = Request(f"http://shop.example:{server.port}/a", "list")
        assert client.fetch(request, DAY, house.save).capture.server_ip == "127.0.0.2"
        with pytest.raises(Refused, match=r"shop\.example:\d+: 内网 is 127\.0\.0\.1, a private address"):
            client.fetch(request, DAY, house.save)
        assert [asked.path for asked, _ in server.log] == ["/robots.txt", "/a"]
    assert answers == []


def test_an_allowed_name_is_reached_by_its_checked_address(house: House) -> None:
    house.server.expect_request("/a").respond_with_data("x")

    def resolver(_host: str, port: int, **_: Any) -> list[tuple[Any, Any, Any, Any, Any]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    client = house.client(guard=Guard(("shop.test",), "", resolver))
    fetched = client.fetch(Request(f"http://shop.test:{house.server.port}/a", "list"), DAY, house.save)
    assert fetched.body == b"x"
    assert fetched.capture.server_ip == "127.0.0.1"
    assert house.server.log[-1][0].headers["Host"] == f"shop.test:{house.server.port}"


# --- TLS --------------------------------------------------------------------------------------------------------------


def _certificate(folder: Path, address: str) -> Path:
    """A certificate for an address, signed by itself, with its key."""
    x509 = pytest.importorskip("cryptography.x509")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    pem = serialization.Encoding.PEM
    plain = serialization.NoEncryption()
    path.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain) + made.public_bytes(pem))
    return path


@pytest.mark.parametrize(
    ("address", "trusted", "answers"),
    [
        ("127.0.0.1", True, True),
        ("127.0.0.1", False, False),
        ("127.0.0.2", True, False),
    ],
)
def test_certificates_are_verified(tmp_path: Path, address: str, trusted: bool, answers: bool) -> None:
    path = _certificate(tmp_path, address)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    ours = ssl.create_default_context(cafile=str(path)) if trusted else None
    with HTTPServer("127.0.0.1", ssl_context=context) as server:
        server.expect_request("/a").respond_with_data("x")
        transport = UrllibTransport(Guard(("127.0.0.1",), ""), ssl_context=ours)
        try:
            if answers:
                reply = transport.send("GET", server.url_for("/a"), (), b"")
                assert reply.body == b"x"
                der = ssl.PEM_cert_to_DER_cert(path.read_text().partition("-----END PRIVATE KEY-----")[2].strip())
                [kept] = reply.certificates
                assert kept["sha256"] == hashlib.sha256(der).hexdigest()
                assert kept["subject"] == kept["issuer"]
                assert kept["not_before"] < kept["not_after"]
                assert kept["protocol"].startswith("TLSv1")
            else:
                with pytest.raises(Unreachable, match="not trusted"):
                    transport.send("GET", server.url_for("/a"), (), b"")
        finally:
            transport.close()
