"""The moody shop misbehaves as it is said to, and only so."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from urllib3.exceptions import ProtocolError

from adwatch_demo.moody import PAPERS, SLOW
from adwatch_demo.serving import SiteServer
from tests.demo.conftest import Ask

World = Callable[[int], dict[str, SiteServer]]


def test_too_many_requests_only_when_first_asked(world: World, ask: Ask) -> None:
    moody = world(1)["moody"]
    assert ask(moody, "/new").status == 200
    first = ask(moody, "/new?page=2")
    assert (first.status, first.headers["Retry-After"]) == (429, "1")
    assert ask(moody, "/new?page=2").status == 200
    assert [ask(moody, "/item/x003").status for _ in range(3)] == [429, 200, 200]


def test_the_third_page_is_slow(world: World, ask: Ask) -> None:
    moody = world(1)["moody"]
    started = time.monotonic()
    assert ask(moody, "/new?page=3").status == 200
    assert time.monotonic() - started >= SLOW


def test_one_item_is_cut_off_when_first_asked(world: World, ask: Ask) -> None:
    moody = world(1)["moody"]
    with pytest.raises(ProtocolError, match="IncompleteRead"):
        ask(moody, "/item/x005")
    assert ask(moody, "/item/x005").status == 200
    assert ask(moody, "/item/x013").status == 404, "it is put up on the third day"


def test_the_newest_item_of_day_three_is_always_cut_off(world: World, ask: Ask) -> None:
    moody = world(3)["moody"]
    for _ in range(3):
        with pytest.raises(ProtocolError, match="IncompleteRead"):
            ask(moody, "/item/x013")
    assert ask(moody, "/item/x004").status == 200


def test_a_captcha_on_day_one_only(world: World, ask: Ask) -> None:
    pages = {day: ask(world(day)["moody"], "/papers").data.decode() for day in (1, 2, 3)}
    assert "请完成安全验证" in pages[1]
    assert not any(one in pages[1] for one in PAPERS)
    for day in (2, 3):
        assert "请完成安全验证" not in pages[day]
        assert all(one in pages[day] for one in PAPERS)


def test_an_honest_empty_list_on_every_day(world: World, ask: Ask) -> None:
    for day in (1, 2, 3):
        page = ask(world(day)["moody"], "/tools").data.decode()
        assert "这个分类暂时没有宝贝" in page
        assert "/item/" not in page


def test_class_names_change_on_day_two_and_back(world: World, ask: Ask) -> None:
    pages = {day: ask(world(day)["moody"], "/new").data.decode() for day in (1, 2, 3)}
    assert ['class="good"' in page for page in pages.values()] == [True, False, True]
    assert pages[2].count("/item/") == pages[1].count("/item/") == 4
