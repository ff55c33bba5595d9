"""robots.txt: asked once, obeyed, and taken as a no where it cannot be told."""

from __future__ import annotations

import pytest

from adwatch.errors import RobotsDenied
from adwatch.http import Manners
from tests.http.conftest import House, set_robots


def test_robots_are_asked_once_and_obeyed(house: House) -> None:
    set_robots(house, "User-agent: *\nDisallow: /private/\n")
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
    set_robots(house, rules)
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
    set_robots(house, "User-agent: *\nAllow: /", status)
    if allowed:
        assert house.get("/a") == b"x"
    else:
        with pytest.raises(RobotsDenied, match=f"answered {status}"):
            house.get("/a")
        assert "/a" not in house.asked()


def test_crawl_delay_is_honoured_unless_the_owner_declared_a_rate(house: House) -> None:
    set_robots(house, "User-agent: *\nCrawl-delay: 7\n")
    house.get("/a", house.client(Manners(per_second=1)))
    assert house.limiter.waits[-1] == (f"{house.server.host}:{house.server.port}", 7.0)
    house.get("/a", house.client(Manners(per_second=0.1)))
    assert house.limiter.waits[-1][1] == 10.0
    house.get("/a", house.client(Manners(per_second=20, agreed=True)))
    assert house.limiter.waits[-1][1] == 0.05
