"""Templates of standard software, each as an instance of three lines, against stand-ins that another wrote first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.exceptions import HTTPException

from tests.app.software import instance_of, listings, looked_up, patrol, stored
from tests.standins import discuz
from tests.standins.discourse import LONG, Discourse
from tests.standins.discuz import Discuz, every_post
from tests.standins.goods import CATALOGUE, Good, matching
from tests.standins.server import running
from tests.standins.telegram import Telegram
from tests.standins.woocommerce import PRODUCTS, WooCommerce

pytestmark = pytest.mark.slow
TERM = "电工证"


@pytest.mark.parametrize(("minor", "ranges"), [(2, False), (0, True)])
def test_a_woocommerce_shop_whole_with_its_prices(tmp_path: Path, minor: int, ranges: bool) -> None:
    shop = WooCommerce(minor=minor, ranges=ranges)
    with running(shop.app()) as base, instance_of(tmp_path, "woocommerce", base) as office:
        result = patrol(office, [TERM, "此词无货"])
        found = stored(office)
    assert (result.outcome, result.seen, result.terms_empty) == ("ok", len(CATALOGUE), 1)
    assert result.complete
    for good in CATALOGUE:
        row = found[str(good.number)]
        fen = good.price if minor else good.price // 100 * 100
        assert (row.title, row.text, row.price_fen) == (good.title, good.description, fen)
        assert list(row.images) == [f"https:{good.picture}"]
    lists = [seen for seen in shop.log if seen.path == PRODUCTS]
    assert len(lists) == 3 + 1 + 1


def test_a_woocommerce_product_that_was_taken_down(tmp_path: Path) -> None:
    shop = WooCommerce()
    with running(shop.app()) as base, instance_of(tmp_path, "woocommerce", base) as office:
        patrol(office, [TERM])
        one = next(each for each in listings(office) if each.native_id == "26")
        assert looked_up(office, one).word == "up"
        shop.hidden = frozenset({26})
        assert looked_up(office, one).word == "gone"
        shop.refuse = 403
        assert looked_up(office, one).word == "unknown"


@pytest.mark.parametrize("status", [403, 500])
def test_a_woocommerce_shop_that_refuses_is_no_empty_one(tmp_path: Path, status: int) -> None:
    shop = WooCommerce(refuse=status)
    with running(shop.app()) as base, instance_of(tmp_path, "woocommerce", base, retries=0) as office:
        assert patrol(office).outcome == ("blocked" if status == 403 else "unreachable")


@pytest.mark.parametrize(("objects", "topics"), [(True, True), (False, False)])
def test_a_discourse_forum_by_search(tmp_path: Path, objects: bool, topics: bool) -> None:
    forum = Discourse(tag_objects=objects, search_topics=topics, search_size=20)
    search = "lists: [{search: '/search.json?q={term}%20order:latest&page={page}'}]\n"
    with running(forum.app()) as base, instance_of(tmp_path, "discourse", base, search) as office:
        forum_terms(forum)
        result = patrol(office, [TERM, "此词无货"])
        found = stored(office)
    assert (result.outcome, result.terms_empty) == ("ok", 1)
    replies = {name for name in found if name.startswith("reply-")}
    assert set(found) - replies == {str(good.number) for good in matching(TERM)}
    assert replies == {f"reply-{n}-{n * 100 + at}" for n in long_ones(matching(TERM)) for at in range(2, LONG + 1)}
    for good in matching(TERM):
        row = found[str(good.number)]
        assert (row.title, row.text, row.seller_name) == (good.title, good.description, good.seller)
        assert (row.seller_id, row.posted_at) == (f"user{good.seller_id}", good.created)
        assert row.url.endswith(f"/t/topic-{good.number}/{good.number}")


def long_ones(goods: Sequence[Good]) -> list[int]:
    """Topics that have replies."""
    return [good.number for good in goods if good.number % 10 == 0]


def forum_terms(forum: Discourse) -> None:
    """The stand-in reads no operators in a search; what the file adds is left out for it."""
    asked = forum.search
    forum.search = lambda query: asked(query | {"q": query.get("q", "").removesuffix(" order:latest")})  # type: ignore[method-assign]


def test_a_discourse_forum_whole_that_slows_us_down(tmp_path: Path) -> None:
    forum = Discourse(burst=80, retry_after=1)
    with running(forum.app()) as base, instance_of(tmp_path, "discourse", base) as office:
        result = patrol(office)
        found = stored(office)
        one = next(each for each in listings(office) if each.native_id == "11")
        assert looked_up(office, one).word == "up"
        assert looked_up(office, replace(one, native_id="9999")).word == "gone"
        last = next(each for each in listings(office) if each.native_id == "reply-10-1030")
        assert (last.kind, last.text, last.title) == ("comment", "回复 30", None)
        assert (last.url or "").endswith("/t/topic-10/10/30")
        assert looked_up(office, last).word == "up"
        assert looked_up(office, replace(last, native_id="reply-10-1999")).word == "gone"
        assert looked_up(office, replace(last, text="原来的话")).word == "changed"
    assert forum.counts["error:429"] > 0
    replies = len(long_ones(CATALOGUE)) * (LONG - 1)
    assert (result.outcome, result.complete, len(found)) == ("ok", True, len(CATALOGUE) + replies)


class Closed(Discourse):
    """Its lists are refused."""

    def latest(self, query: dict[str, str]) -> dict[str, Any]:
        """403."""
        raise HTTPException(403)


def test_a_private_discourse_topic_is_its_own_matter_and_several_in_a_row_are_a_block(tmp_path: Path) -> None:
    forum = Discourse(private=frozenset({11, 205}))
    latest = "lists: [{latest: {url: '/latest.json?page={page}', paging: {by: page, start: 0}}}]\n"
    with running(forum.app()) as base, instance_of(tmp_path, "discourse", base, latest, retries=0) as office:
        result = patrol(office)
        topics = [name for name in stored(office) if not name.startswith("reply-")]
        assert (result.outcome, result.complete, len(topics)) == ("ok", True, len(CATALOGUE) - 2)
        assert result.said["private"] == 2
        forum.private = frozenset(range(1, len(CATALOGUE) + 1))
        assert patrol(office, day="2026-11-26").outcome == "blocked"
        asked = [seen.path for seen in forum.log if seen.path.startswith("/t/")]
        assert len(asked[-3:]) == len(set(asked[-3:])) == 3
    forum = Closed()
    with running(forum.app()) as base, instance_of(tmp_path / "list", "discourse", base, latest, retries=0) as office:
        assert patrol(office).outcome == "blocked"
    assert len(forum.log) == 1, "a list that is refused ends the day at once"


def test_replies_stay_while_their_topic_is_not_read_again_and_vanish_where_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    board = Discuz(goods=CATALOGUE[:10])
    with running(board.app()) as base, instance_of(tmp_path, "discuz", base, retries=0) as office:
        assert patrol(office).pages > len(board.goods)
        assert sum(name.startswith("reply-") for name in stored(office)) == discuz.LONG - 1
        assert patrol(office, day="2026-11-19").vanished == 0, "no topic is read again"
        monkeypatch.setattr(discuz, "LONG", discuz.LONG - 4)  # the list tells the number: the topic is looked at
        assert patrol(office, day="2026-11-20").vanished == 4
        gone = {name for name, row in stored(office).items() if row.vanished_day}
    assert gone == {f"reply-10-{1000 + number}" for number in range(27, 31)}


def test_a_telegram_channel_to_its_first_post(tmp_path: Path) -> None:
    channel = Telegram()
    with running(channel.app()) as base, instance_of(tmp_path, "telegram_preview", f"{base}/s/demo") as office:
        result = patrol(office)
        found = stored(office)
    posts = [good for good in CATALOGUE if good.number not in channel.service]
    assert (result.outcome, result.complete, result.pages) == ("ok", True, 14)
    assert set(found) == {f"demo/{good.number}" for good in posts}
    for good in posts:
        row = found[f"demo/{good.number}"]
        assert (row.text, row.posted_at) == (f"{good.title}\n{good.description}", good.created)
        assert list(row.images) == [f"https:{good.picture}"]
        assert row.url == f"https://t.me/demo/{good.number}"


def test_a_telegram_channel_without_a_preview_is_blocked_not_empty(tmp_path: Path) -> None:
    channel = Telegram(channels=frozenset())
    with running(channel.app()) as base, instance_of(tmp_path, "telegram_preview", f"{base}/s/demo") as office:
        result = patrol(office)
    assert result.outcome == "blocked"
    assert any("频道不提供公开预览" in note for note in result.notes)


@pytest.mark.parametrize(("encoding", "rewritten", "header"), [("utf-8", False, True), ("gbk", True, False)])
def test_a_discuz_board_whole(tmp_path: Path, encoding: str, rewritten: bool, header: bool) -> None:
    goods = CATALOGUE[:45]
    board = Discuz(goods=goods, encoding=encoding, header_charset=header, rewritten=rewritten)
    with running(board.app()) as base, instance_of(tmp_path, "discuz", base) as office:
        result = patrol(office)
        found = stored(office)
    assert (result.outcome, result.complete) == ("ok", True)
    assert {name for name in found if not name.startswith("reply-")} == {str(good.number) for good in goods}
    for good in goods:
        row = found[str(good.number)]
        assert (row.title, row.seller_name) == (good.title, good.seller)
        assert good.description in row.text and "回复" not in row.text
        replies = [found[f"reply-{good.number}-{post.number}"] for post in every_post(good)[1:]]
        assert [(row.text, row.seller_name, row.kind) for row in replies] == [
            (post.text, post.author, "comment") for post in every_post(good)[1:]
        ]
        assert row.posted_at is not None


def test_what_a_discuz_forum_refuses_is_told_apart(tmp_path: Path) -> None:
    board = Discuz(goods=CATALOGUE[:6], deleted=frozenset({5}))
    with running(board.app()) as base, instance_of(tmp_path, "discuz", base, retries=0) as office:
        assert (patrol(office).outcome, len(stored(office))) == ("ok", 5)
        one = next(each for each in listings(office) if each.native_id == "4")
        assert looked_up(office, one).word == "up"
        board.deleted = frozenset({4, 5})
        assert looked_up(office, one).word == "gone"
        board.deleted, board.private = frozenset(), frozenset({4})
        assert looked_up(office, one).word == "unknown"
        board.private, board.hidden = frozenset(), frozenset({4})
        assert looked_up(office, one).word == "changed", "its text is for those who reply"
    for fid in (3, 4):
        lists = f"lists: [{{category: '/forum.php?mod=forumdisplay&fid={fid}&page={{page}}'}}]\n"
        with running(board.app()) as base, instance_of(tmp_path / str(fid), "discuz", base, lists) as office:
            assert patrol(office).outcome == "blocked"
