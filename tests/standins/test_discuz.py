"""The stand-in of a Discuz! X forum keeps to the documented markup."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urljoin

import httpx
import pytest
from lxml import html

from tests.standins.discuz import Discuz, every_post
from tests.standins.goods import CATALOGUE
from tests.standins.server import running

LIST = "/forum.php?mod=forumdisplay&fid=2"
THREAD = "/thread-{}-1-1.html"


@contextmanager
def visitor(stand_in: Discuz) -> Iterator[httpx.Client]:
    """A client of the running stand-in."""
    with running(stand_in.app()) as url, httpx.Client(base_url=url, trust_env=False) as client:
        yield client


def tree(answer: httpx.Response) -> html.HtmlElement:
    """The page as a browser reads it; without a charset in the header the page's own counts."""
    named = re.search(rb"charset=([\w-]+)", answer.content)
    assert answer.status_code == 200 and named
    return html.document_fromstring(answer.content.decode(named[1].decode()))


def walk(client: httpx.Client, address: str) -> Iterator[html.HtmlElement]:
    """The page and those after it by ``a.nxt``."""
    while address:
        page = tree(client.get(address))
        yield page
        following = page.xpath('(//div[@class="pg"])[1]/a[@class="nxt"]/@href')
        address = urljoin(address, following[0]) if following else ""


@pytest.mark.parametrize("rewritten", [False, True])
@pytest.mark.parametrize(("encoding", "header"), [("utf-8", True), ("gbk", False)])
def test_the_list_and_a_long_thread_are_whole_over_their_pages(rewritten: bool, encoding: str, header: bool) -> None:
    stand_in = Discuz(rewritten=rewritten, encoding=encoding, header_charset=header, threads_per_page=50)
    with visitor(stand_in) as client:
        assert ("charset" in client.get(LIST).headers["Content-Type"]) is header
        pages = list(walk(client, "/forum-2-1.html" if rewritten else LIST))
        bodies = [
            one for page in pages for one in page.xpath('//table[@id="threadlisttableid"]/tbody[@id!="separatorline"]')
        ]
        assert len(pages) == len(stand_in.log) - 1 == 6
        assert [one.get("id") for one in bodies[:3]] == ["stickthread_2", "stickthread_1", "normalthread_260"]
        titles = {one.get("id").partition("_")[2]: one.xpath('string(.//a[@class="s xst"])') for one in bodies}
        assert titles == {str(good.number): good.title for good in CATALOGUE} and len(bodies) == len(titles)
        row = next(one for one in bodies if one.get("id") == "normalthread_10")
        good = CATALOGUE[9]
        assert row.xpath('string((.//td[@class="by"])[1]/cite/a)') == good.seller
        assert row.xpath('string((.//td[@class="by"])[1]/em/span)') == "2026-1-2"
        assert row.xpath('string(.//td[@class="num"]/a[@class="xi2"])') == "29"
        assert row.xpath('string(.//td[@class="num"]/em)') == str(good.sold)
        assert row.xpath('string((.//td[@class="by"])[2]/em)') == "2026-1-3 01:54"
        (link,) = row.xpath('.//a[@class="s xst"]/@href')
        assert link == ("thread-10-1-1.html" if rewritten else "forum.php?mod=viewthread&tid=10&extra=page%3D1")
        assert row.xpath('.//span[@class="tps"]/a/text()') == ["2"]
        thread = list(walk(client, f"/{link}"))
        assert len(thread) == 2
        assert [page.xpath('string(//h1[@class="ts"]/*[@id="thread_subject"])') for page in thread] == [good.title] * 2
        posts = [one for page in thread for one in page.xpath('//*[@id="postlist"]/div[starts-with(@id, "post_")]')]
        assert [int(one.get("id")[5:]) for one in posts] == [one.number for one in every_post(good)]
        assert posts[29].xpath('string(.//td[@class="t_f" and @id="postmessage_1030"])') == "回复 30"
        assert posts[0].xpath('string(.//div[@class="authi"]/a[@class="xw1"]/@href)').endswith(f"&uid={good.seller_id}")
        assert posts[0].xpath('string(.//em[@id="authorposton1001"])') == "发表于 2026-1-2 21:04"
        assert [one.xpath('string(.//a[starts-with(@id, "postnum")])') for one in posts[:2]] == ["楼主", "2#"]
        assert client.get("/forum-2-1.html").status_code == (200 if rewritten else 404)


def test_a_date_of_the_last_week_is_relative_and_titled() -> None:
    stand_in = Discuz(threads_per_page=300)
    with visitor(stand_in) as client:
        for inner in ("/span", ""):
            page = tree(client.get(LIST))
            cells = page.xpath(f'//td[@class="by"][1]/em/span{inner}[@title]')
            assert {one.get("title") for one in cells} == {f"2026-1-{day}" for day in range(7, 14)}
            shown = {one.text.split("\xa0")[0] for one in cells}
            assert {"昨天", "前天", "3", "6"} <= shown
            stand_in.nested_dates = False
        last = tree(client.get("/forum.php?mod=viewthread&tid=260")).xpath('//em[@id="authorposton26001"]/span')[0]
        assert (last.get("title"), last.text) == ("2026-1-13 07:04", "6\xa0小时前")


def test_refusals_look_like_pages_and_unknown_addresses_do_not() -> None:
    stand_in = Discuz(rewritten=True, deleted=frozenset({5}), private=frozenset({6}), now=lambda: 0.0)
    with visitor(stand_in) as client:

        def message(address: str) -> str:
            page = tree(client.get(address))
            assert not page.xpath('//*[@id="postlist" or @id="threadlisttableid"]')
            return str(page.xpath('string(//*[@id="messagetext"])'))

        assert message(THREAD.format(5)) == "抱歉，指定的主题不存在或已被删除或正在被审核"
        assert message("/forum-3-1.html") == "抱歉，您没有权限访问该版块"
        assert "登录" in message(THREAD.format(6)) and "登录" in message("/forum-4-1.html")
        assert stand_in.counts["refused"] == 4
        client.cookies.set("demo_auth", "1")
        assert tree(client.get("/forum-4-1.html")).xpath('//*[@id="threadlisttableid"]')
        assert tree(client.get(THREAD.format(6))).xpath('//*[@id="postlist"]')
        for address in (
            "/",
            "/forum.php?mod=post",
            "/forum-9-1.html",
            THREAD.format(9999),
            "/forum.php?mod=viewthread",
        ):
            assert client.get(address).status_code == 404
        assert dict(stand_in.log[-1].params) == {"mod": "viewthread"}
        assert len(stand_in.log) == 11
        stand_in.missing = 200
        assert message(THREAD.format(9999)) == message(THREAD.format(5))
        stand_in.burst = 0
        assert client.get(LIST).status_code == 429


def test_pictures_hidden_texts_and_hostile_titles() -> None:
    odd = dataclasses.replace(CATALOGUE[0], title="<b>免考</b> & 𠮷🔥")
    stand_in = Discuz(goods=(odd, *CATALOGUE[1:9]), encoding="gbk", hidden=frozenset({2}))
    with visitor(stand_in) as client:
        pages = list(walk(client, LIST))
        assert len(pages) == 1 and not pages[0].xpath('//div[@class="pg"]')
        assert odd.title in pages[0].xpath('//a[@class="s xst"]/text()')
        first, second = (tree(client.get(f"/forum.php?mod=viewthread&tid={number}")) for number in (1, 2))
        assert first.xpath('string(//td[@class="t_f"]/img[@id="aimg_1"]/@zoomfile)') == odd.picture
        assert second.xpath('//td[@class="t_f"]/div[@class="locked"]')
        assert CATALOGUE[1].description not in second.text_content()
        stand_in.inline = stand_in.zoomfile = False
        (picture,) = tree(client.get("/forum.php?mod=viewthread&tid=1")).xpath('//div[@class="pattl"]/img')
        assert (picture.get("zoomfile"), picture.get("file")) == (None, odd.picture)
