"""Sitemaps lead to item pages: indexes, packed ones, limits, and what is refused without losing the rest."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from adwatch.http import Reply
from collectors.documents import Unreadable
from collectors.sitemap import read_sitemap
from tests.collectors.fake_site import BASE, FakeSite, page

NS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def _reply(text: str | bytes) -> Reply:
    body = text if isinstance(text, bytes) else text.encode()
    return Reply(200, "OK", (("Content-Type", "application/xml"),), body, "192.0.2.7")


def _pages(*paths: str, base: str = BASE) -> str:
    return f"<urlset {NS}>" + "".join(f"<url><loc>{base}{path}</loc></url>" for path in paths) + "</urlset>"


def _index(*paths: str) -> str:
    inner = "".join(f"<sitemap><loc>{BASE}{path}</loc></sitemap>" for path in paths)
    return f"<sitemapindex {NS}>{inner}</sitemapindex>"


def _item(number: int) -> Reply:
    return page(
        f'<script type="application/ld+json">{{"@type": "Product", "sku": "p{number}", "name": "货 {number}"}}</script>'
    )


@pytest.fixture
def site(tmp_path: Path) -> FakeSite:
    """Items 1 to 9 have pages."""
    found = FakeSite(tmp_path)
    found.pages |= {f"/i/{number}": _item(number) for number in range(1, 10)}
    return found


FILE = "lists: [{latest: /sitemap.xml}]\nitems: {links: /i/}\n"


def _ids(site: FakeSite, more: str = "") -> tuple[list[str], list[str]]:
    listings, events = site.patrol(site.spec(FILE + more, "sitemap"))
    return [one.native_id for one in listings], [f"{event.outcome}: {event.message}" for event in events]


def test_an_index_leads_to_packed_and_plain_ones(site: FakeSite) -> None:
    site.pages["/sitemap.xml"] = _reply(_index("/a.xml.gz", "/b.xml", "/c.txt"))
    site.pages["/a.xml.gz"] = _reply(gzip.compress(_pages("/i/1", "/about").encode()))
    site.pages["/b.xml"] = _reply(_pages("/i/2", "/i/1"))
    site.pages["/c.txt"] = _reply(f"{BASE}/i/3\n{BASE}/i/2\n")
    assert _ids(site) == (["p1", "p2", "p3"], [])


def test_one_that_cannot_be_read_costs_itself_only(site: FakeSite) -> None:
    site.pages["/sitemap.xml"] = _reply(_index("/bomb.xml", "/gone.xml", "/b.xml"))
    site.pages["/bomb.xml"] = _reply(f'<!DOCTYPE urlset [<!ENTITY a "x">]>{_pages("/i/1")}')
    site.pages["/b.xml"] = _reply(_pages("/i/2"))
    ids, events = _ids(site)
    assert ids == ["p2"]
    assert len(events) == 2
    assert "declares entities" in events[0]
    assert "answers 404" in events[1]


def test_a_circle_of_indexes_ends(site: FakeSite) -> None:
    site.pages["/sitemap.xml"] = _reply(_index("/sitemap.xml", "/b.xml"))
    site.pages["/b.xml"] = _reply(_index("/sitemap.xml", "/b.xml", "/c.xml"))
    site.pages["/c.xml"] = _reply(_pages("/i/1"))
    assert _ids(site) == (["p1"], [])
    assert site.asked.count("/sitemap.xml") == 1


def test_depth_is_limited_and_said(site: FakeSite) -> None:
    for depth in range(1, 6):
        site.pages["/sitemap.xml" if depth == 1 else f"/{depth}.xml"] = _reply(_index(f"/{depth + 1}.xml"))
    ids, events = _ids(site)
    assert ids == []
    assert any("below depth 3" in event for event in events)
    assert "/4.xml" not in site.asked


def test_the_number_of_sitemaps_and_pages_is_limited_and_said(site: FakeSite) -> None:
    site.pages["/sitemap.xml"] = _reply(_index(*(f"/s{n}.xml" for n in range(7))))
    site.pages |= {f"/s{n}.xml": _reply(_pages("/i/1", "/i/2", f"/i/{n + 3}")) for n in range(7)}
    ids, events = _ids(site, "paging: {max_pages: 3}\nsitemap: {most: 2}\n")
    assert ids == ["p1", "p2"]
    assert sum(path.startswith("/s") for path in site.asked) == 3
    assert any("stopped at max_pages 3: 5 sitemaps" in event for event in events)
    assert any("over sitemap.most" in event for event in events)


def test_those_changed_last_come_first(site: FakeSite) -> None:
    entries = ((1, "2026-01-01"), (2, "2026-11-20T08:00:00+08:00"), (3, ""))
    rows = "".join(f"<url><loc>{BASE}/i/{n}</loc><lastmod>{day}</lastmod></url>" for n, day in entries)
    site.pages["/sitemap.xml"] = _reply(f"<urlset {NS}>{rows}</urlset>")
    assert _ids(site, "sitemap: {most: 1}\n")[0] == ["p2"]
    context = next(capture.context for capture in site.captures if capture.role == "detail")
    assert context["item"] == {"lastmod": "2026-11-20T08:00:00+08:00"}


def test_a_sitemap_speaks_for_its_own_site_only(site: FakeSite) -> None:
    site.pages["/sitemap.xml"] = _reply(
        _pages("/i/1").replace("</urlset>", _pages("/i/2", base="http://other.test")[len("<urlset ") + len(NS) + 1 :])
    )
    ids, events = _ids(site)
    assert ids == ["p1"]
    assert "1 addresses of other sites" in events[0]


def test_a_page_without_the_data_is_a_changed_layout(site: FakeSite) -> None:
    site.pages["/sitemap.xml"] = _reply(_pages("/i/1", "/i/77"))
    site.pages["/i/77"] = page("<h1>没有结构化数据</h1>")
    ids, events = _ids(site)
    assert ids == ["p1"]
    assert [event.split(":")[0] for event in events] == ["layout_changed"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (gzip.compress(b"<urlset>" + b" " * 60_000_000), "grows beyond"),
        (gzip.compress(_pages("/i/1").encode())[:-20], "cut short"),
        (b"\x1f\x8bxx", "cannot be unpacked"),
        (b"<!DOCTYPE urlset [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><urlset>&a;</urlset>", "declares entities"),
        (b"<html><body>x</body></html>", "neither urlset nor sitemapindex"),
        (b"not a sitemap\n", "neither XML nor"),
        (b"", "neither XML nor"),
    ],
    ids=range(7),
)
def test_what_is_refused(body: bytes, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        read_sitemap(body, "application/xml")


def test_odd_ones_are_read() -> None:
    assert read_sitemap(b"<urlset><url><loc> http://a.test/1 </loc></url><url>", None)["pages"] == [
        {"url": "http://a.test/1"}
    ]
    assert read_sitemap(f"<urlset {NS}></urlset>".encode(), None) == {"pages": [], "sitemaps": []}
    deep = b"<urlset>" + b"<a>" * 10_000
    assert read_sitemap(deep, None)["pages"] == []
