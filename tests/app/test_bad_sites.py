"""One patrol of hostile and broken sites, as a user runs it: each is named, the rest is read, every answer is kept."""

from __future__ import annotations

import gzip
import json
import os
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from adwatch.archive import captures_from_archive
from tests.app.conftest import Command
from tests.threads import on_a_thread

pytestmark = pytest.mark.slow
DAY = "2026-11-18"
HTML, JSON, XML = "text/html; charset=utf-8", "application/json", "application/xml"
GB = '<article data-id="gb"><h1>高处作业证</h1><p>免考，包过，三天拿证，加微信 abcde12345。</p></article>'
BOMB = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'

HEAD = """\
name: {name}
label: {name}
kind: {kind}
base_url: {url}
allow_hosts: ["{url}"]
access: public_page
basis: 测试
rate: {{per_second: 200, agreed: test}}
"""
PAGES = """\
items: {select: li, link: a}
detail: {fields: {native_id: {select: article, attr: data-id}, title: h1, text: p}}
"""
ROWS = "items: {select: data, fields: {native_id: id, title: name, text: text}}\n"
PLATFORMS = {
    "pages": ("html", "lists: [{latest: /pages}]\n" + PAGES),
    "nothing": ("html", "lists: [{latest: /pages}]\n" + PAGES.replace("select: li", "select: li.moved")),
    "rows": ("json", "lists: [{latest: /rows}]\n" + ROWS),
    "deep": ("json", "lists: [{latest: /deep}]\n" + ROWS),
    "feed": ("feed", "lists: [{latest: /feed}]\n"),
    "map": ("sitemap", "lists: [{latest: /map}]\nitems: {links: /s/}\n"),
    "fine": ("html", "lists: [{latest: /fine}]\n" + PAGES),
}
BROKEN = {
    "yaml": "name: yaml\nlists: [{latest: /pages\nitems: {}\n",
    "field": HEAD.format(name="field", kind="html", url="http://127.0.0.1:9") + PAGES + "colour: red\n",
}
LINKS = ("javascript:open(1)", "data:text/html,<h1>x</h1>", "/i/1", "/i/png", "/i/large", "/i/bomb", "/i/circle")
LINKS += ("/i/inside", "/i/cloud", "/i/gb", "/i/title", "/i/nameless", "/i/2")


def item(name: str, title: str = "手套") -> str:
    """An item's page."""
    return f'<article data-id="{name}"><h1>{title}</h1><p>正品，货号 {name}</p></article>'


def answers() -> dict[str, tuple[int, dict[str, str], bytes]]:
    """Status, headers and body by path."""
    rows = [{"id": 1, "name": "货"}, {"name": "没有编号"}, {"id": 2, "name": "长" * 1_048_577}]
    odd = rb'{"id": 3, "name": "a\ud83dz", "text": NaN}, {"id": 4, "name": "b\u0000", "text": Infinity}'
    rows_text = json.dumps(rows).encode()[:-1] + b", " + odd + b"]"
    entry = "<loc>{}</loc>"
    product = '<script type="application/ld+json">{"@type": "Product", "sku": "s1", "name": "货"}</script>'
    index = "".join(f"<sitemap>{entry.format('{url}' + path)}</sitemap>" for path in ("/map/bomb", "/map/good"))
    urls = f"<urlset><url>{entry.format('{url}/s/1')}</url></urlset>"
    found = {
        "/pages": (200, HTML, "".join(f"<li><a href='{link}'>货</a></li>" for link in LINKS).encode()),
        "/fine": (200, HTML, b"<li><a href='/i/3'>x</a></li>"),
        "/i/png": (200, HTML, b"\x89PNG\r\n\x1a\n\0\0\xff\xfe<h2>"),
        "/i/large": (200, HTML, item("large").encode() + b" " * 50_000_000),
        "/i/gb": (200, HTML, GB.encode("gbk")),
        "/i/title": (200, HTML, item("title", "长" * 1_048_577).encode()),
        "/i/nameless": (200, HTML, "<article><h1>没有编号</h1></article>".encode()),
        "/rows": (200, JSON, b'{"data": ' + rows_text + b"}"),
        "/deep": (200, JSON, b'{"data": ' + b"[" * 10_000 + b"]" * 10_000 + b"}"),
        "/feed": (200, XML, f"{BOMB}<rss><channel><item><title>&c;</title></item></channel></rss>".encode()),
        "/map": (200, XML, f"<sitemapindex>{index}</sitemapindex>".encode()),
        "/map/bomb": (200, XML, f"{BOMB}{urls}".encode()),
        "/map/good": (200, XML, urls.encode()),
        "/s/1": (200, HTML, product.encode()),
        **{f"/i/{name}": (200, HTML, item(name).encode()) for name in ("1", "2", "3")},
    }
    made = {path: (status, {"Content-Type": kind}, body) for path, (status, kind, body) in found.items()}
    packed = gzip.compress(item("bomb").encode() + b"\0" * 60_000_000)
    made["/i/bomb"] = (200, {"Content-Type": HTML, "Content-Encoding": "gzip"}, packed)
    places = {"/i/circle": "/i/circle2", "/i/circle2": "/i/circle", "/i/inside": "http://10.0.0.1/"}
    places["/i/cloud"] = "http://169.254.169.254/latest/meta-data/"
    return made | {path: (302, {"Location": place}, b"") for path, place in places.items()}


class Sites(ThreadingHTTPServer):
    """All of them on one address; what was asked is remembered."""

    daemon_threads = True

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answers = answers()
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Sites
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        status, headers, body = self.server.answers.get(self.path, (404, {}, b""))
        body = body.replace(b"{url}", self.server.url.encode())
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            self.wfile.write(body)
        except ConnectionError:
            self.close_connection = True  # what is too large is not read to its end

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on standard error."""


@dataclass
class Patrolled:
    """What one patrol came to."""

    status: int
    errors: str
    rows: dict[str, dict[str, Any]]
    asked: list[str]
    archived: dict[str, int]
    """Status by path of every answer in the archive."""
    command: Command
    listings: dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def patrolled(tmp_path_factory: pytest.TempPathFactory) -> Patrolled:
    folder = tmp_path_factory.mktemp("bad_sites")
    files = folder / "data" / "platforms"
    files.mkdir(parents=True)
    clean = {key: value for key, value in os.environ.items() if not key.startswith("ADWATCH_")}
    command = Command({**clean, "ADWATCH_HOME": str(folder / "home"), "ADWATCH_DATA": str(folder / "data")})
    with on_a_thread(Sites()) as sites:
        for name, (kind, rules) in PLATFORMS.items():
            (files / f"{name}.yml").write_text(HEAD.format(name=name, kind=kind, url=sites.url) + rules)
        for name, text in BROKEN.items():
            (files / f"{name}.yml").write_text(text)
        done = command.run("patrol", "--day", DAY, "--json")
        rows = {row["platform"]: row for row in map(json.loads, done.stdout.splitlines())}
        captures = captures_from_archive(folder / "home" / "archive", DAY)
        archived = {capture.url.removeprefix(sites.url): capture.status for capture in captures}
        dumped = [json.loads(line) for line in command.ok("dump", "--canonical").splitlines()]
        titles = {str(row["title"]): row for row in dumped if row["table"] == "listing_version"}
        return Patrolled(done.returncode, done.stderr.decode(), rows, sites.asked, archived, command, titles)


def notes(patrolled: Patrolled, platform: str) -> str:
    return "\n".join(patrolled.rows[platform]["notes"])


def test_it_goes_on_to_its_end(patrolled: Patrolled) -> None:
    assert "Traceback" not in patrolled.errors
    assert patrolled.status == 3, "a platform ended in error: something of it was refused"
    assert set(patrolled.rows) == set(PLATFORMS)
    assert (patrolled.rows["fine"]["outcome"], patrolled.rows["fine"]["seen"]) == ("ok", 1)


@pytest.mark.parametrize(("name", "line"), [("yaml", 3), ("field", 11)])
def test_a_broken_platform_file_is_named_with_its_line(patrolled: Patrolled, name: str, line: int) -> None:
    [said] = [part for part in patrolled.errors.splitlines() if f"{name}.yml" in part]
    assert f"{name}.yml:{line}" in said


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/i/png", "no title, text or id"),
        ("/i/large", "more than 16,777,216 bytes"),
        ("/i/bomb", "grows beyond"),
        ("/i/circle", "redirects in a circle"),
        ("/i/inside", "10.0.0.1, a private address"),
        ("/i/cloud", "169.254.169.254, a private address"),
        ("/i/title", "1,048,577 characters"),
        ("/i/nameless", "no title, text or id"),
    ],
)
def test_a_bad_page_is_named_and_kept(patrolled: Patrolled, path: str, said: str) -> None:
    named = [note for note in patrolled.rows["pages"]["notes"] if said in note]
    assert any(path in note for note in named) or path in ("/i/inside", "/i/cloud"), patrolled.rows["pages"]["notes"]
    assert named
    assert path in patrolled.archived


def test_the_good_pages_beside_them_are_read(patrolled: Patrolled) -> None:
    assert patrolled.rows["pages"]["outcome"] == "error"
    assert patrolled.rows["pages"]["seen"] == 3
    assert patrolled.listings["高处作业证"]["text"].startswith("免考，包过"), "GBK that says UTF-8"
    assert patrolled.rows["pages"]["flagged"] == 1
    assert not [path for path in patrolled.asked if "javascript" in path or "data:" in path]


def test_a_selector_that_matches_nothing_is_no_quiet_zero(patrolled: Patrolled) -> None:
    row = patrolled.rows["nothing"]
    assert (row["outcome"], row["seen"]) == ("layout_changed", 0)
    assert "items.select matches nothing" in notes(patrolled, "nothing")


def test_odd_json(patrolled: Patrolled) -> None:
    row = patrolled.rows["rows"]
    assert row["seen"] == 3
    assert row["dropped"] == {"layout_changed": 1, "too_large": 1}
    assert "/rows item 2: no title, text or id" in notes(patrolled, "rows")
    assert "/rows item 3: title has 1,048,577 characters" in notes(patrolled, "rows")
    assert {"货", "a\ufffdz", "b\ufffd"} <= set(patrolled.listings)


def test_what_cannot_be_read_at_all(patrolled: Patrolled) -> None:
    for platform, said in (("deep", "not JSON"), ("feed", "declares entities")):
        assert patrolled.rows[platform]["outcome"] == "layout_changed"
        assert f"/{platform}: the list cannot be read" in notes(patrolled, platform)
        assert said in notes(patrolled, platform)


def test_a_sitemap_bomb_costs_itself_only(patrolled: Patrolled) -> None:
    assert patrolled.rows["map"]["seen"] == 1
    assert "/map/bomb: the list cannot be read" in notes(patrolled, "map")


def test_every_answer_is_in_the_archive(patrolled: Patrolled) -> None:
    assert {path for path in patrolled.asked if path not in patrolled.archived} == set()
    [verified] = patrolled.command.rows("evidence", "verify")
    assert verified["problems"] == []
