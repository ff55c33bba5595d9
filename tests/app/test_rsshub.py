"""Platforms over RSSHub: nothing without the setting, each 503 its own word, and an unknown is never an empty."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from adwatch.app.coverage import coverage, remarks
from adwatch.app.patrol import platform_names
from adwatch.casework.states import ANSWERS
from adwatch.http import Fetched
from adwatch.models import Capture
from adwatch.settings import load_settings
from collectors.answers import said_by
from collectors.registry import enabled_platforms, load_platforms
from collectors.spec import PlatformSpec
from tests.app.rsshub_stub import BODIES, FORBIDDEN, RssHub
from tests.app.software import instance_of, patrol, stored
from tests.standins.server import running

OVER = ("weibo", "bilibili", "tieba_search", "tieba_bars", "wechat", "smzdm", "web_search", "gov_boards")
MEANS = {
    "unreachable": ("unreachable", "unreachable"),
    "unreachable_plain": ("unreachable", "unreachable"),
    "refused": ("blocked", "blocked"),
    "throttled": ("blocked", "blocked"),
    "too_many": ("blocked", "blocked"),
    "page_for_data": ("blocked", "blocked"),
    "invalid": ("blocked", "blocked"),
    "captcha": ("blocked", "blocked"),
    "changed": ("unreachable", "unknown"),
    "empty": ("unreachable", "unknown"),
    "no_posts": ("unreachable", "unknown"),
    "browser": ("blocked", "needs_browser"),
    "cooling": ("blocked", "needs_browser"),
    "cookie": ("blocked", "needs_cookie"),
    "other": ("unreachable", "unknown"),
}
"""Outcome and word of each body; where a route tells blocks apart, "this route is empty" is a zero instead."""
TELLS_APART = ("weibo", "bilibili", "tieba_search", "tieba_bars")


def answer(status: int, body: bytes) -> Fetched:
    """What the client gives of such an answer."""
    when = datetime(2026, 11, 18, tzinfo=UTC)
    kind = "application/feed+json; charset=UTF-8"
    url = "http://127.0.0.1:1299/x?format=json"
    capture = Capture(
        "here", "2026-11-18", "list", url, when, status, "", "", 0, "", content_type=kind, context={"list": "search"}
    )
    return Fetched(capture, url, status, (), body)


@cache
def platforms() -> dict[str, PlatformSpec]:
    """The shipped platform files, with an RSSHub."""
    return load_platforms(load_settings(_env_file=None, rsshub_url="http://127.0.0.1:1299"))


def test_every_body_is_tried() -> None:
    assert set(MEANS) == set(BODIES)


def test_nothing_is_patrolled_without_the_setting() -> None:
    for url, there in (("", False), ("http://127.0.0.1:1299", True)):
        settings = load_settings(_env_file=None, rsshub_url=url)
        enabled = enabled_platforms(settings, load_platforms(settings))
        assert [f"rsshub_{name}" in enabled for name in OVER] == [there] * len(OVER)
        assert "rsshub" not in enabled
        if there:
            assert all(enabled[f"rsshub_{name}"].base_url == url for name in OVER)


@pytest.mark.parametrize("name", ["web_search", "tieba_bars"])
@pytest.mark.slow
def test_each_route_is_asked_once_a_term_and_its_items_are_read(tmp_path: Path, name: str) -> None:
    hub = RssHub()
    with running(hub.app()) as base, instance_of(tmp_path, f"rsshub_{name}", base, rsshub_url=base) as office:
        assert f"rsshub_{name}" in platform_names(office)
        spec = office.platforms["here"]
        result = patrol(office, ["电工证", "焊工证 免考"])
        found = stored(office)
    lists = spec.lists
    searched = [source for source in lists if source.way == "search"]
    assert len(hub.asked) == len(searched) * 2 + (len(lists) - len(searched))
    assert all(any(term in path for path in hub.asked) for term in ["电工证", "焊工证 免考"]) or not searched
    assert (result.outcome, len(found)) == ("ok", len(hub.asked))
    row = next(iter(found.values()))
    assert row.title.startswith("帖子 ") and row.text.endswith("第二行")
    assert (row.seller_name, row.kind) == ("某甲", spec.listing_kind)
    assert row.url.startswith("https://site.example/")


@pytest.mark.parametrize("name", OVER)
def test_a_503_is_its_own_word(name: str) -> None:
    spec = platforms()[f"rsshub_{name}"]
    for case, meant in MEANS.items():
        body = json.dumps({"error": {"message": BODIES[case]}}, ensure_ascii=False).encode()
        said = said_by(spec, answer(503, body))
        assert said is not None, case
        if case in ("empty", "no_posts") and name in TELLS_APART:
            assert said.word == "empty"
        else:
            assert (said.outcome, said.word) == meant, case
            assert said.word != "empty"
        assert not any(part in said.told for part in FORBIDDEN)


@pytest.mark.parametrize("case", ["empty", "refused", "cookie"])
@pytest.mark.slow
def test_a_503_is_asked_once_and_a_block_ends_the_day(tmp_path: Path, case: str) -> None:
    hub = RssHub({"电工证": case})
    outcome, word = MEANS[case]
    with running(hub.app()) as base, instance_of(tmp_path, "rsshub_wechat", base, retries=0) as office:
        result = patrol(office, ["电工证", "焊工证"])
        [row] = coverage(office.engine, result.day)
    assert (result.outcome, result.complete) == (outcome, False)
    assert row["said"] == {word: len(hub.asked) - (outcome == "unreachable")}
    assert (row["unknown"], row["unreachable"], row["blocked"]) == (word == "unknown", 0, outcome == "blocked")
    assert ANSWERS[word] in remarks(row)
    assert any(f"format=json: {word}: " in note for note in result.notes)
    assert not any(part in " ".join(result.notes) for part in FORBIDDEN)
    assert hub.asked.count("/wechat/sogou/电工证") == 1
    assert (len(hub.asked) == 2) == (outcome == "unreachable"), "a block ends the day, an unknown does not"


@pytest.mark.parametrize("name", ["weibo"])
@pytest.mark.slow
def test_a_route_that_tells_blocks_apart_has_honest_zeros(tmp_path: Path, name: str) -> None:
    hub = RssHub({"无此词": "no_posts" if name == "weibo" else "empty", "电工证": "items"})
    with running(hub.app()) as base, instance_of(tmp_path, f"rsshub_{name}", base) as office:
        result = patrol(office, ["无此词", "电工证"])
    assert (result.outcome, result.terms, result.terms_empty, result.complete) == ("ok", 2, 1, True)


@pytest.mark.slow
def test_an_empty_feed_with_200_is_a_zero(tmp_path: Path) -> None:
    hub = RssHub({"无此词": "allowed_empty"})
    with running(hub.app()) as base, instance_of(tmp_path, "rsshub_web_search", base) as office:
        result = patrol(office, ["无此词"])
    assert (result.outcome, result.terms_empty) == ("empty", 4)


@pytest.mark.slow
def test_what_was_seen_before_has_not_vanished_because_of_an_unknown(tmp_path: Path) -> None:
    hub = RssHub()
    with running(hub.app()) as base, instance_of(tmp_path, "rsshub_wechat", base, retries=0) as office:
        assert patrol(office, ["电工证", "焊工证"]).seen == 2
        hub.says = {"电工证": "empty"}
        result = patrol(office, ["电工证", "焊工证"], "2026-11-19")
        assert (result.vanished, [row.vanished_day for row in stored(office).values()]) == (0, [None, None])


@pytest.mark.slow
def test_a_site_behind_it_that_never_answers_is_left_alone_after_three_terms(tmp_path: Path) -> None:
    hub = RssHub({"证": "unreachable"})
    with running(hub.app()) as base, instance_of(tmp_path, "rsshub_wechat", base, retries=0) as office:
        result = patrol(office, [f"{number}号证" for number in range(9)])
    assert (result.outcome, result.breaker, len(hub.asked)) == ("unreachable", "open", 3)


@pytest.mark.slow
def test_an_unknown_route_is_an_error(tmp_path: Path) -> None:
    hub = RssHub({"电工证": "no_route"})
    with running(hub.app()) as base, instance_of(tmp_path, "rsshub_wechat", base, retries=0) as office:
        result = patrol(office, ["电工证"])
    assert result.outcome == "error"
    assert any("RSSHub 没有这一路由" in note for note in result.notes)
