"""Every site serves what stands on it that day, to the last page, and never the truth."""

from __future__ import annotations

import gzip
import json
import re
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import feedparser
import pytest
import urllib3

from adwatch.app import demo
from adwatch.app.demo_day import Step
from adwatch.settings import Settings
from adwatch_demo import SERVED
from adwatch_demo.serving import SiteServer
from adwatch_demo.world import standing
from tests.demo.conftest import Ask

World = Callable[[int], dict[str, SiteServer]]
DAYS = pytest.mark.parametrize("day", [1, 2, 3])


def ids(site: str, day: int) -> set[str]:
    return {row["id"] for row in standing(site, day)}


@DAYS
def test_shop(world: World, ask: Ask, day: int) -> None:
    shop = world(day)["shop"]
    found: list[str] = []
    for number in range(1, 99):
        page = ask(shop, f"/market?page={number}").data.decode()
        found += re.findall(r'<li class="good" data-id="(\w+)"', page)
        if 'rel="next"' not in page:
            break
    assert sorted(found) == sorted(ids("shop", day))
    assert ask(shop, f"/item/{found[0]}").status == 200
    assert ask(shop, "/item/p9999").status == 404
    assert "没有找到相关宝贝" in ask(shop, "/search?q=没有这种东西").data.decode()


@DAYS
def test_market(world: World, ask: Ask, day: int) -> None:
    market = world(day)["market"]
    found: list[dict[str, Any]] = []
    cursor = ""
    while cursor is not None:
        page = ask(market, f"/api/latest?cursor={cursor}").json()
        found += page["items"]
        cursor = page["next"]
    assert {one["id"]: (one["title"], one["desc"]) for one in found} == {
        row["id"]: (row["title"], row["text"]) for row in standing("market", day)
    }
    assert len(found) == len(ids("market", day))
    assert all(isinstance(one["priceFen"], int) and one["onSaleAt"] > 1_700_000_000_000 for one in found)


def test_market_searches_by_post_and_cursor(world: World, ask: Ask) -> None:
    market = world(1)["market"]
    every = {row["id"] for row in standing("market", 1) if "证" in row["title"] + row["text"]}
    found: set[str] = set()
    cursor = None
    for _ in range(99):
        page = ask(market, "/api/search", json={"q": "证", "cursor": cursor, "size": 7}).json()
        assert len(page["items"]) <= 7
        found |= {one["id"] for one in page["items"]}
        cursor = page["next"]
        if cursor is None:
            break
    assert found == every
    assert ask(market, "/api/search", json={"q": ""}).json() == {"items": [], "next": None}
    assert ask(market, "/api/search", body=b"{").status == 400
    assert ask(market, "/api/search", json=["q"]).status == 400
    assert ask(market, "/api/search?q=x").status == 405
    assert ask(market, "/api/goods?id=m9999").json()["items"] == []
    assert ask(market, "/goods/m001").status == 200
    assert ask(market, "/goods/m9999").status == 404


@DAYS
def test_forum(world: World, ask: Ask, day: int) -> None:
    forum = world(day)["forum"]
    found: dict[str, str] = {}
    for path in ("/feed.atom", "/comments.rss"):
        following: str | None = path
        while following is not None:
            feed: Any = feedparser.parse(ask(forum, following.removeprefix(forum.url)).data)
            assert not feed.bozo
            found.update({entry.id.rpartition(":")[2]: entry.link for entry in feed.entries})
            links = [link.href for link in feed.feed.get("links", ()) if link.rel == "next"]
            following = links[0] if links else None
    assert found.keys() == ids("forum", day)
    for row in standing("forum", day):
        page = ask(forum, found[row["id"]].removeprefix(forum.url)).data.decode()
        assert row["text"].split("\n")[0] in page.replace("&#x27;", "'").replace("&quot;", '"').replace("&amp;", "&")


@DAYS
def test_school(world: World, ask: Ask, day: int) -> None:
    school = world(day)["school"]
    locations = re.compile(r"<loc>([^<]*)</loc><lastmod>([^<]*)</lastmod>")
    index = ask(school, "/sitemap.xml").data.decode()
    pages: dict[str, str] = {}
    for address, _ in locations.findall(index):
        body = ask(school, address.removeprefix(school.url)).data
        text = (gzip.decompress(body) if address.endswith(".gz") else body).decode()
        pages.update(locations.findall(text))
    items = {address: changed for address, changed in pages.items() if "/course/" in address or "/service/" in address}
    assert {address.rpartition("/")[2] for address in items} == ids("school", day)
    assert len(pages) == len(items) + 3
    for row in standing("school", day)[:10]:
        [address] = [one for one in items if one.endswith(f"/{row['id']}")]
        assert items[address] == row["modified"]
        page = ask(school, address.removeprefix(school.url)).data.decode()
        [data] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
        node = json.loads(data)
        told = node["description"] + node["offers"].get("description", "")
        assert (node["name"], told, node["offers"]["price"]) == (row["title"], row["text"], row["price"])
    assert ask(school, "/course/s9999").status == 410


def test_both_kinds_of_pages_and_offers_that_say_more_occur(world: World, ask: Ask) -> None:
    school = world(1)["school"]
    pages = [ask(school, f"/{kind}/{row['id']}") for row in standing("school", 1) for kind in ("course", "service")]
    told = [page.data.decode() for page in pages if page.status == 200]
    assert sum('"@type": "Course"' in page for page in told) >= 5
    assert sum('"@type": "Product"' in page for page in told) >= 5
    assert sum('"priceCurrency": "CNY", "description"' in page for page in told) >= 3


@DAYS
def test_robots_and_the_truth(world: World, ask: Ask, day: int) -> None:
    forbidden = {
        "shop": "/admin/",
        "market": "/account/",
        "forum": "/messages/",
        "school": "/cart/",
        "moody": "/members",
    }
    for name, server in world(day).items():
        robots = ask(server, "/robots.txt")
        assert robots.headers["Content-Type"].startswith("text/plain")
        assert f"Disallow: {forbidden[name]}" in robots.data.decode()
        for path in ("/truth.jsonl", "/listings.jsonl", "/expected.jsonl", "/../truth.jsonl", "/nothing"):
            assert ask(server, path).status in (404, 410)
        start = ask(server, "/").data.decode()
        assert "offer_types" not in start and "not_offer" not in start


def test_every_site_has_a_port_of_its_own(world: World) -> None:
    servers = world(1)
    assert tuple(servers) == SERVED
    assert len({server.url for server in servers.values()}) == len(SERVED)


def test_a_port_that_is_taken_is_told_and_the_sites_are_served_elsewhere(tmp_path: Path) -> None:
    told: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        given = Settings(home=tmp_path, demo_url=f"http://127.0.0.1:{port}/", _env_file=None)  # type: ignore[call-arg]
        with demo.world(given, Step(1, "2026-11-18"), told.append) as urls:
            addresses = urls.split()
            assert len(addresses) == len(SERVED) and str(port) not in urls
            assert urllib3.request("GET", addresses[0] + "/market?page=1").status == 200
    assert told == [f"端口 {port} 起的 {len(SERVED)} 个端口不能用（多半已被别的程序占用），演示网站改用空闲端口"]
