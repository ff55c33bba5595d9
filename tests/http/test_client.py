"""The polite client against a server on loopback."""

from __future__ import annotations

import gzip
import socket

import pytest
from werkzeug import Request as ServerRequest
from werkzeug import Response

from adwatch import __version__
from adwatch.archive import read_body, read_stored
from adwatch.errors import Blocked, Unreachable
from adwatch.http import Guard, Manners, Request
from tests.http.conftest import DAY, House, answering


def test_a_page_is_archived_and_read(house: House) -> None:
    house.server.expect_request("/a").respond_with_data("商品", content_type="text/html; charset=utf-8")
    assert house.get("/a").decode() == "商品"
    robots, page = house.saved
    assert (robots.role, robots.status, page.role, page.status) == ("robots", 404, "list", 200)
    assert read_body(house.root, page).decode() == "商品"
    assert page.server_ip == "127.0.0.1"
    assert page.operator == "mailto:office@example.org"


def test_it_says_who_it_is(house: House) -> None:
    house.server.expect_request("/a").respond_with_data("x")
    house.get("/a")
    sent = house.server.log[-1][0].headers
    assert sent["User-Agent"] == f"AdWatch/{__version__} (+mailto:office@example.org)"
    assert sent["Accept-Encoding"] == "gzip, deflate"
    assert "Cookie" not in sent


def test_proxies_and_cookies_of_the_environment_are_ignored(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    house.server.expect_request("/a").respond_with_data("x", headers={"Set-Cookie": "sid=1"})
    client = house.client()
    assert house.get("/a", client) == house.get("/a", client) == b"x"
    assert "Cookie" not in house.server.log[-1][0].headers


def test_the_body_is_kept_as_received(house: House) -> None:
    packed = gzip.compress(b"hello")
    house.server.expect_request("/a").respond_with_data(packed, headers={"Content-Encoding": "gzip"})
    assert house.get("/a") == b"hello"
    page = house.saved[-1]
    assert read_stored(house.root, page.warc, page.offset).payload == packed


def test_chunked_answers(house: House) -> None:
    def stream(_: ServerRequest) -> Response:
        return Response((piece for piece in (b"a" * 70_000, b"b" * 10, b"")), direct_passthrough=True)

    house.server.expect_request("/a").respond_with_handler(stream)
    assert house.get("/a") == b"a" * 70_000 + b"b" * 10


def test_one_request_a_second_by_default(house: House) -> None:
    house.server.expect_request("/a").respond_with_data("x")
    house.get("/a", house.client(Manners()))
    assert [interval for _, interval in house.limiter.waits] == [1.0, 1.0]


def test_retry_after_holds_the_host_for_everyone(house: House) -> None:
    house.server.expect_oneshot_request("/a").respond_with_data("", status=429, headers={"Retry-After": "9"})
    house.server.expect_oneshot_request("/a").respond_with_data("x")
    assert house.get("/a") == b"x"
    assert [seconds for _, seconds in house.limiter.holds] == [9.0]
    assert house.slept == []
    assert [capture.status for capture in house.saved] == [404, 429, 200]


def test_429_for_good_is_a_block(house: House) -> None:
    house.server.expect_request("/a").respond_with_data("", status=429)
    with pytest.raises(Blocked, match="429"):
        house.get("/a", house.client(Manners(retries=2)))
    assert house.asked().count("/a") == 3
    assert house.slept == [1.0, 2.0]


def test_a_long_retry_after_is_not_waited_for(house: House) -> None:
    house.server.expect_request("/a").respond_with_data("", status=503, headers={"Retry-After": "86400"})
    with pytest.raises(Unreachable, match="503"):
        house.get("/a")
    assert house.asked().count("/a") == 1
    assert [seconds for _, seconds in house.limiter.holds] == [3600.0]


def test_server_errors_are_retried_with_backoff(house: House) -> None:
    house.server.expect_oneshot_request("/a").respond_with_data("", status=500)
    house.server.expect_oneshot_request("/a").respond_with_data("", status=502)
    house.server.expect_oneshot_request("/a").respond_with_data("x")
    assert house.get("/a") == b"x"
    assert house.slept == [1.0, 2.0]


@pytest.mark.parametrize("status", [401, 403, 451])
def test_a_refusal_is_recorded_as_a_block(house: House, status: int) -> None:
    house.server.expect_request("/a").respond_with_data("go away", status=status)
    with pytest.raises(Blocked, match=str(status)):
        house.get("/a")
    assert house.asked().count("/a") == 1
    assert read_body(house.root, house.saved[-1]) == b"go away"


@pytest.mark.parametrize("status", [400, 404, 410, 418])
def test_what_other_answers_mean_is_for_the_caller(house: House, status: int) -> None:
    house.server.expect_request("/a").respond_with_data("x", status=status)
    fetched = house.client().fetch(Request(house.url("/a"), "detail"), DAY, house.save)
    assert fetched.status == status


def test_a_closed_port_is_unreachable(house: House) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    client = house.client(Manners(retries=1), Guard((f"127.0.0.1:{port}",), ""))
    with pytest.raises(Unreachable, match=f"127.0.0.1:{port}"):
        client.fetch(Request(f"http://127.0.0.1:{port}/", "list"), DAY, house.save)
    assert house.slept == [1.0]
    assert house.saved == []


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nshort\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"no http at all\r\n\r\n",
        b"",
    ],
)
def test_a_broken_answer_is_unreachable(house: House, answer: bytes) -> None:
    with answering(answer) as port:
        client = house.client(Manners(retries=0), Guard((f"127.0.0.1:{port}",), ""))
        with pytest.raises(Unreachable):
            client.fetch(Request(f"http://127.0.0.1:{port}/", "list"), DAY, house.save)


# --- conditional requests ---------------------------------------------------------------------------------------------


def _conditional(request: ServerRequest) -> Response:
    if request.headers.get("If-None-Match") == '"v1"':
        return Response(status=304, headers={"ETag": '"v1"'})
    return Response(b"first", headers={"ETag": '"v1"', "Content-Type": "text/html"})


def test_an_unchanged_page_reads_as_the_earlier_one(house: House) -> None:
    house.server.expect_request("/a").respond_with_handler(_conditional)
    client = house.client()
    for _ in range(3):
        fetched = client.fetch(Request(house.url("/a"), "list"), DAY, house.save)
        assert (fetched.status, fetched.body) == (200, b"first")
    assert [capture.status for capture in house.saved] == [404, 200, 304, 304]
    assert read_body(house.root, house.saved[-1]) == b"first"
    assert house.saved[-1].sha256 == house.saved[1].sha256
    assert house.saved[-1].content_type == "text/html"


def test_without_the_earlier_body_nothing_is_asked_conditionally(house: House) -> None:
    house.server.expect_request("/a").respond_with_handler(_conditional)
    client = house.client()
    house.get("/a", client)
    house.archive.close()
    (house.root / house.saved[0].warc).unlink()
    assert house.get("/a", client) == b"first"
    assert house.saved[-1].status == 200


def test_checks_are_never_conditional(house: House) -> None:
    house.server.expect_request("/a").respond_with_handler(_conditional)
    client = house.client()
    house.get("/a", client)
    request = Request(house.url("/a"), "check", conditional=False)
    assert client.fetch(request, DAY, house.save).capture.status == 200


def test_a_304_out_of_the_blue_is_no_answer(house: House) -> None:
    house.server.expect_request("/a").respond_with_data("", status=304)
    with pytest.raises(Unreachable, match="304"):
        house.get("/a")
