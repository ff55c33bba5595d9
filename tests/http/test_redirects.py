"""Redirects: each hop is checked, limited and archived."""

from __future__ import annotations

import pytest
from werkzeug import Request as ServerRequest
from werkzeug import Response

from adwatch.errors import Refused, RobotsDenied
from adwatch.http import Guard, Manners, Request
from tests.http.conftest import DAY, House, set_robots


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
    set_robots(house, "User-agent: *\nDisallow: /private/\n")
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
