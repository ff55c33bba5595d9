"""Outcome words of JSON lists: an honest empty list, a changed one, and a refusal in the shape of JSON."""

from __future__ import annotations

from pathlib import Path

import pytest

from adwatch.http import Reply
from tests.collectors.fake_site import FakeSite, data, page

JSON_ITEMS = """\
items:
  select: data.list
  fields: {native_id: id, title: name}
"""


@pytest.fixture
def site(tmp_path: Path) -> FakeSite:
    """Nothing answers yet."""
    return FakeSite(tmp_path)


@pytest.mark.parametrize(
    ("answer", "outcomes"),
    [
        (data({"data": {"list": []}}), ["empty"]),
        (data({"data": {}}), ["layout_changed"]),
        (data([]), ["layout_changed"]),
        (page("<html>请完成安全验证</html>"), ["blocked"]),
        (page("<html>维护中</html>"), ["layout_changed"]),
    ],
)
def test_what_a_json_list_can_be(site: FakeSite, answer: Reply, outcomes: list[str]) -> None:
    spec = site.spec("lists: [{search: '/api?q={term}'}]\nblock: {words: [安全验证]}\n" + JSON_ITEMS, "json")
    site.pages["/api?q=x"] = answer
    assert [event.outcome for event in site.patrol(spec, "x")[1]] == outcomes


def test_an_honest_empty_newest_list_of_json_is_not_expected(site: FakeSite) -> None:
    spec = site.spec("lists: [{latest: /api}]\n" + JSON_ITEMS, "json")
    site.pages["/api"] = data({"data": {"list": []}})
    assert [event.outcome for event in site.patrol(spec)[1]] == ["layout_changed"]


@pytest.mark.parametrize(
    ("second", "outcomes"),
    [
        (data({"data": {"list": []}}), []),
        (page("", 400), []),
        (data({"code": -352, "message": "风控校验失败"}), ["blocked"]),
        (data({"code": -1, "message": "别的"}), ["layout_changed"]),
    ],
)
def test_a_refusal_on_a_later_page_is_not_the_end(site: FakeSite, second: Reply, outcomes: list[str]) -> None:
    text = "lists: [{latest: '/api?p={page}'}]\npaging: {by: page}\nblock: {words: [风控校验失败]}\n"
    site.pages |= {"/api?p=1": data({"data": {"list": [{"id": 1, "name": "货"}]}}), "/api?p=2": second}
    listings, events = site.patrol(site.spec(text + JSON_ITEMS, "json"))
    assert len(listings) == 1
    assert [event.outcome for event in events] == outcomes
