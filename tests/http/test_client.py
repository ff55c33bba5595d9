"""The polite client against a server on loopback."""

from __future__ import annotations

import gzip
import socket
from typing import Any

import pytest
from werkzeug import Request as ServerRequest
from werkzeug import Response

from adwatch import __version__
from adwatch.archive import read_body, read_stored
from adwatch.errors import ArchiveError, Blocked, Refused, RobotsDenied, Unreachable
from adwatch.http import Guard, Manners, Request
from tests.http.conftest import DAY, House, answering


@pytest.fixture(autouse=True)
def no_robots(house: House) -> None:
    """Most tests need no rules; a missing robots.txt allows all."""
    house.server.expect_request("/robots.txt").respond_with_data("", status=404)


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


# --- robots -----------------------------------------------------------------------------------------------------------


def _robots(house: House, text: str, status: int = 200) -> None:
    house.server.clear()
    house.server.expect_request("/robots.txt").respond_with_data(text, status=status, content_type="text/plain")
    house.server.expect_request("/a").respond_with_data("x")
    house.server.expect_request("/private/a").respond_with_data("x")


def test_robots_are_asked_once_and_obeyed(house: House) -> None:
    _robots(house, "User-agent: *\nDisallow: /private/\n")
    client = house.client()
    assert house.get("/a", client) == house.get("/a", client) == b"x"
    with pytest.raises(RobotsDenied, match=r"private/a: robots.txt forbids"):
        house.get("/private/a", client)
    assert house.asked() == ["/robots.txt", "/a", "/a"]
    assert house.saved[0].role == "robots"


@pytest.mark.parametrize(
    ("rules", "allowed"),
    [
        ("User-agent: AdWatch\nDisallow: /a", False),
        ("User-agent: adwatch\nDisallow: /", False),
        ("User-agent: OtherBot\nDisallow: /", True),
        ("User-agent: *\nDisallow: /\nAllow: /a", True),
        ("User-agent: *\nDisallow: /*a$", False),
        ("<html>no rules here</html>", True),
        ("", True),
        ("User-agent: *\nCrawl-delay: 100000\n", False),
    ],
)
def test_whom_robots_mean(house: House, rules: str, allowed: bool) -> None:
    _robots(house, rules)
    if allowed:
        assert house.get("/a") == b"x"
    else:
        with pytest.raises(RobotsDenied):
            house.get("/a")


@pytest.mark.parametrize(
    ("status", "allowed"),
    [(404, True), (410, True), (400, True), (401, False), (403, False), (429, False), (503, False)],
)
def test_what_robots_answers_mean(house: House, status: int, allowed: bool) -> None:
    _robots(house, "User-agent: *\nAllow: /", status)
    if allowed:
        assert house.get("/a") == b"x"
    else:
        with pytest.raises(RobotsDenied, match=f"answered {status}"):
            house.get("/a")
        assert "/a" not in house.asked()


def test_crawl_delay_is_honoured_unless_the_owner_declared_a_rate(house: House) -> None:
    _robots(house, "User-agent: *\nCrawl-delay: 7\n")
    house.get("/a", house.client(Manners(per_second=1)))
    assert house.limiter.waits[-1] == (f"{house.server.host}:{house.server.port}", 7.0)
    house.get("/a", house.client(Manners(per_second=0.1)))
    assert house.limiter.waits[-1][1] == 10.0
    house.get("/a", house.client(Manners(per_second=20, agreed=True)))
    assert house.limiter.waits[-1][1] == 0.05


# --- rate, retries ----------------------------------------------------------------------------------------------------


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


# --- redirects --------------------------------------------------------------------------------------------------------


def test_each_hop_is_archived_and_limited(house: House) -> None:
    house.server.expect_request("/a").respond_with_data("", status=302, headers={"Location": "/b?x=1#y"})
    house.server.expect_request("/b").respond_with_data("there")
    fetched = house.client().fetch(Request(house.url("/a"), "detail"), DAY, house.save)
    assert (fetched.body, fetched.url) == (b"there", house.url("/b?x=1"))
    assert [capture.status for capture in house.saved] == [404, 302, 200]
    assert fetched.capture.context["requested"] == house.url("/a")
    assert len(house.limiter.waits) == 3


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1:1/",
        "http://localhost:1/",
        "http://[::1]:1/",
        "http://[::ffff:127.0.0.1]:1/",
        "http://0.0.0.0:1/",
        "http://2130706433:1/",
        "http://0x7f.1:1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://a:b@shop.example/",
    ],
)
def test_a_redirect_to_a_private_place_is_refused(house: House, location: str) -> None:
    house.server.expect_request("/a").respond_with_data("", status=302, headers={"Location": location})
    with pytest.raises(Refused):
        house.get("/a")


def test_circles_and_long_chains_end(house: House) -> None:
    house.server.expect_request("/a").respond_with_data("", status=301, headers={"Location": "/b"})
    house.server.expect_request("/b").respond_with_data("", status=301, headers={"Location": "/a"})
    with pytest.raises(Refused, match="circle"):
        house.get("/a")

    def further(request: ServerRequest) -> Response:
        return Response(status=302, headers={"Location": f"{request.path}x"})

    house.server.expect_request("/far").respond_with_handler(further)
    for length in range(1, 8):
        house.server.expect_request("/far" + "x" * length).respond_with_handler(further)
    with pytest.raises(Refused, match="more than 5 redirects"):
        house.get("/far")


def test_robots_hold_at_the_end_of_a_redirect(house: House) -> None:
    _robots(house, "User-agent: *\nDisallow: /private/\n")
    house.server.expect_request("/go").respond_with_data("", status=302, headers={"Location": "/private/a"})
    with pytest.raises(RobotsDenied):
        house.get("/go")


def test_a_post_becomes_a_get_where_it_must(house: House) -> None:
    house.server.expect_request("/p", method="POST").respond_with_data("", status=303, headers={"Location": "/b"})
    house.server.expect_request("/b", method="GET").respond_with_data("ok")
    house.server.expect_request("/q", method="POST").respond_with_data("", status=307, headers={"Location": "/r"})
    house.server.expect_request("/r", method="POST", data=b"{}").respond_with_data("ok")
    client = house.client()
    for path in ("/p", "/q"):
        assert client.fetch(Request(house.url(path), "list", "POST", b"{}"), DAY, house.save).body == b"ok"


def test_own_headers_stay_with_their_origin(house: House) -> None:
    other = f"http://localhost:{house.server.port}/b"
    house.server.expect_request("/a").respond_with_data("", status=302, headers={"Location": other})
    house.server.expect_request("/b").respond_with_data("x")
    guard = Guard(("127.0.0.1", "localhost"), "")
    start = f"http://127.0.0.1:{house.server.port}/a"
    client = house.client(Manners(headers=(("X-Shop-Key", "k"),)), guard)
    assert client.fetch(Request(start, "list"), DAY, house.save).body == b"x"
    assert [request.headers.get("X-Shop-Key") for request, _ in house.server.log if request.path in ("/a", "/b")] == [
        "k",
        None,
    ]


# --- limits -----------------------------------------------------------------------------------------------------------


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


# --- addresses actually connected to ----------------------------------------------------------------------------------


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


def test_an_allowed_name_is_reached_by_its_checked_address(house: House) -> None:
    house.server.expect_request("/a").respond_with_data("x")

    def resolver(_host: str, port: int, **_: Any) -> list[tuple[Any, Any, Any, Any, Any]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    client = house.client(guard=Guard(("shop.test",), "", resolver))
    fetched = client.fetch(Request(f"http://shop.test:{house.server.port}/a", "list"), DAY, house.save)
    assert fetched.body == b"x"
    assert fetched.capture.server_ip == "127.0.0.1"
    assert house.server.log[-1][0].headers["Host"] == f"shop.test:{house.server.port}"
