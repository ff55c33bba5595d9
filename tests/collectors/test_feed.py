"""Feeds of every format are read without a selector; hostile ones are refused with a reason."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest

from adwatch.http import Reply
from collectors.documents import Unreadable, open_document
from collectors.feed import read_feed
from tests.collectors.fake_site import FakeSite, data, page

URL = "http://shop.test/feed"
RSS = """<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>小店</title><atom:link rel="next" href="http://shop.test/feed?paged=2"/>
<item><title>货 &amp;amp; 1</title><link>http://shop.test/i/1</link><guid isPermaLink="false">g1</guid><dc:creator>老王</dc:creator>
<pubDate>Sun, 22 Nov 2026 10:41:17 +0000</pubDate><description>短</description>
<content:encoded><![CDATA[<p>第一段</p><p>第二段 <a href="/more">更多</a><img src="/1.jpg"></p><script>x()</script>]]></content:encoded>
<enclosure url="http://shop.test/2.jpg" type="image/jpeg" length="1"/></item>
<item><title>无链接</title><description>只有正文</description></item>
</channel></rss>"""
SIGNS = """<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><item>
<title>货</title><link>http://shop.test/i/1</link><content:encoded><![CDATA[<p>电话<img src="https://s.w.org/e/31.png"
 alt="1️⃣" class="wp-smiley" style="height: 1em"/><img src="https://s.w.org/e/33.png" alt="3️⃣" class="wp-smiley"/>
<img src="/1.jpg" alt="照片" class="photo"></p>]]></content:encoded></item></channel></rss>"""
RDF = """<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="http://shop.test/"><title>x</title></channel>
<item rdf:about="http://shop.test/i/1"><title>货 1</title><link>http://shop.test/i/1</link><description>正文</description>
<dc:date>2026-11-22T18:41:17+08:00</dc:date></item></rdf:RDF>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title><link rel="next" href="/feed?page=2"/>
<entry><id>tag:1</id><title type="html">货 &lt;b&gt;1&lt;/b&gt;</title><link href="http://shop.test/i/1"/>
<author><name>老王</name></author><published>2026-11-22T10:41:17Z</published>
<content type="html">&lt;p&gt;正文&lt;/p&gt;</content></entry></feed>"""
JSON = {
    "version": "https://jsonfeed.org/version/1.1",
    "next_url": "http://shop.test/feed?page=2",
    "items": [
        {
            "id": 7,
            "url": "http://shop.test/i/7",
            "title": "货 7",
            "content_html": "<p>正文</p><img src='http://shop.test/7.jpg'>",
            "authors": [{"name": "老王"}],
            "date_published": "2026-11-22T18:41:17+08:00",
            "tags": ["家居"],
        },
        "no item",
    ],
}


def test_rss() -> None:
    feed = read_feed(RSS, URL)
    first, second = feed["items"]
    assert feed["next"] == "http://shop.test/feed?paged=2"
    assert (first["id"], first["link"], first["title"], first["author"]) == (
        "g1",
        "http://shop.test/i/1",
        "货 & 1",
        "老王",
    )
    assert first["text"] == "第一段\n第二段 更多"
    assert first["images"][0] == "http://shop.test/2.jpg"
    assert [link.endswith("/more") for link in first["links"]] == [True]
    assert second["id"].startswith("content-")


@pytest.mark.parametrize("text", [RDF, ATOM, json.dumps(JSON)], ids=["rdf", "atom", "json"])
def test_other_formats(text: str) -> None:
    feed = read_feed(text, URL)
    (item,) = feed["items"]
    assert item["title"].startswith("货")
    assert item["text"] == "正文"
    assert item["posted"].startswith("2026-11-22T")


def test_paging_kinds_and_a_mapping_of_ones_own(tmp_path: Path) -> None:
    site = FakeSite(tmp_path)
    site.pages["/feed"] = _xml(RSS)
    site.pages["/feed?paged=2"] = _xml(ATOM)
    site.pages["/feed?page=2"] = data({**JSON, "next_url": None})
    site.pages["/comments"] = _xml(RDF)
    spec = site.spec(
        "lists:\n  - latest: /feed\n  - latest: {url: /comments, listing_kind: comment}\nlisting_kind: post\n"
        "paging: {by: next_link}\nitems: {fields: {seller_id: author, price: {select: title, regex: '\\d+', unit: wan}}}\n",
        "feed",
    )
    listings, events = site.patrol(spec)
    assert events == []
    assert [one.kind for one in listings] == ["post"] * 4 + ["comment"]
    assert [one.native_id for one in listings][2:] == ["tag:1", "7", "http://shop.test/i/1"]
    assert listings[3].price_fen == 7_000_000
    assert listings[3].seller_id == "老王"
    assert listings[0].posted_at is not None
    assert listings[0].links == ("http://shop.test/more",)


def test_items_may_have_pages_of_their_own(tmp_path: Path) -> None:
    site = FakeSite(tmp_path)
    site.pages["/feed"] = _xml(RDF)
    site.pages["/i/1"] = page("<h1>全文标题</h1><div class=t>全文</div>")
    text = "lists: [{latest: /feed}]\ndetail: {fields: {title: h1, text: .t}}\n"
    (listing,), _ = site.patrol(site.spec(text, "feed"))
    assert (listing.title, listing.text, listing.native_id) == ("全文标题", "全文", "http://shop.test/i/1")


def test_the_title_of_a_comment_is_not_its_writers() -> None:
    text = RSS.replace("http://shop.test/i/1<", "http://shop.test/i/1#comment-5<")
    assert "title" not in read_feed(text, URL)["items"][0]


BOMB = '<!DOCTYPE rss [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (RSS.replace("<rss", BOMB + "<rss"), "entities"),
        (RSS.replace("<rss", '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss'), "entities"),
        (RSS.replace("<rss", "<!-- <a> --><!DOCTYPE rss SYSTEM 'a>b' [<!ENTITY a 'b'>]><rss"), "entities"),
        ("<!DOCTYPE rss", "entities"),
        ("<?xml", "not closed"),
        ("<html><body>登录</body></html>", "neither RSS"),
        ("", "neither RSS"),
        ('{"items": []}', "no JSON Feed"),
        ("{", "not JSON"),
    ],
)
def test_what_is_refused(text: str, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        open_document("feed", text.encode(), "application/rss+xml", URL)


def test_a_bomb_in_another_charset_is_refused_too() -> None:
    with pytest.raises(Unreadable, match="entities"):
        open_document("feed", RSS.replace("<rss", BOMB + "<rss").encode("utf-16"), "application/rss+xml", URL)


def test_a_plain_doctype_is_harmless() -> None:
    declared = RSS.replace("<rss", '<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "http://x.invalid/r.dtd"><rss')
    assert len(read_feed(declared, URL)["items"]) == 2


def test_a_feed_that_is_cut_off_keeps_what_stands_before() -> None:
    cut = RSS[: RSS.index("<item><title>无链接")]
    assert [item["id"] for item in read_feed(cut, URL)["items"]] == ["g1"]


@pytest.mark.parametrize(
    "text", ["<rss>" + "<a>" * 10_000, "<rss><channel>" + "<item>" * 3000, RSS.replace("货", "\ud800")]
)
def test_damage_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(Unreadable):
        assert isinstance(read_feed(text, URL)["items"], list)


def test_a_feed_that_became_a_page_is_a_changed_layout(tmp_path: Path) -> None:
    site = FakeSite(tmp_path)
    site.pages["/feed"] = page("<html>请完成安全验证</html>")
    spec = site.spec("lists: [{latest: /feed}]\nblock: {words: [安全验证]}\n", "feed")
    assert [event.outcome for event in site.patrol(spec)[1]] == ["blocked"]


def _xml(text: str) -> Reply:
    return Reply(200, "OK", (("Content-Type", "application/rss+xml; charset=utf-8"),), text.encode(), "192.0.2.7")


def test_pictures_of_signs_are_the_signs() -> None:
    [item] = read_feed(SIGNS, URL)["items"]
    assert item["text"] == "电话1️⃣3️⃣"
    assert item["images"] == ["http://shop.test/1.jpg"]


@pytest.mark.parametrize(
    ("title", "read"),
    [
        ("&lt;n1叉车证&gt;包过 &lt;b&gt;加&lt;/b&gt;&lt;wx123&gt;", "<n1叉车证>包过 加<wx123>"),
        ("3&lt;5 &amp;amp; 6", "3<5 & 6"),
    ],
)
def test_words_of_a_title_in_angle_brackets_are_kept(title: str, read: str) -> None:
    feed = f"<rss version='2.0'><channel><item><title>{title}</title><guid>1</guid></item></channel></rss>"
    [item] = read_feed(feed, URL)["items"]
    assert item["title"] == read
