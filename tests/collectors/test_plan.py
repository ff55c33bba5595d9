"""What a patrol is told before it starts and tells besides captures: plan, breaker, probe, tally."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adwatch.archive import Archive, captures_from_archive
from adwatch.errors import SpecError
from adwatch.http import ArchiveReplay
from adwatch.models import Capture
from adwatch.ports import Event, Exchange, HandedFile
from collectors.plan import Breaker, Plan
from collectors.sightings import fingerprint, link_of, links_in
from collectors.source import PlatformSource, make_source
from tests.collectors.fake_site import DAY, ITEMS, FakeSite, data, down, item_page, items_page, page

LATEST = "lists: [{latest: /new}]\n" + ITEMS


@pytest.fixture
def site(tmp_path: Path) -> FakeSite:
    made = FakeSite(tmp_path)
    made.pages.update({f"/i/{number}": item_page(number) for number in range(1, 10)})
    made.pages["/new"] = items_page([1, 2, 3, 4, 5, 6])
    return made


def collect(site: FakeSite, source: PlatformSource, *terms: str, name: str = "r") -> tuple[list[Capture], list[Event]]:
    captures, events = [], []
    with Archive(site.folder / "archive", name) as archive:

        def save(exchange: Exchange | HandedFile) -> Capture:
            return replace(archive.keep(exchange), id=1)

        for one in source.collect(DAY, terms, save):
            if isinstance(one, Event):
                events.append(one)
            else:
                captures.append(one)
    return captures, events


@pytest.mark.parametrize(("half_open", "asked"), [(False, 3), (True, 1)])
def test_half_open_one_failure_is_enough(site: FakeSite, half_open: bool, asked: int) -> None:
    site.pages |= {f"/i/{number}": down for number in range(1, 10)}
    site.pages["/new"] = down
    spec = site.spec("lists: [{latest: /new}, {latest: /b}, {latest: /c}, {latest: /d}]\n" + ITEMS)
    site.pages |= {"/b": down, "/c": down, "/d": down}
    source = make_source(spec, site.tools, site, plan=Plan(half_open=half_open))
    _, events = collect(site, source)
    assert [event.outcome for event in events] == ["unreachable"] * asked
    assert (source.tally.breaker, source.tally.complete) == ("open", False)


def test_half_open_closes_at_the_first_answer(site: FakeSite) -> None:
    site.pages |= {"/i/2": down, "/i/3": down}
    source = make_source(site.spec(LATEST), site.tools, site, plan=Plan(half_open=True))
    captures, _ = collect(site, source)
    assert len([capture for capture in captures if capture.role == "detail"]) == 4
    assert source.tally.breaker == "closed"


def test_a_breaker_counts_failures_in_a_row() -> None:
    breaker = Breaker(2)
    assert not breaker.failed()
    breaker.answered()
    assert [breaker.failed(), breaker.failed()] == [False, True]


def test_only_what_is_due_is_fetched(site: FakeSite) -> None:
    told: list[Mapping[str, str]] = []

    def due(shown: Mapping[str, str]) -> set[str]:
        told.append(shown)
        return {link for link in shown if link.endswith("/4")}

    reached: list[Mapping[str, Any]] = []
    spec = site.spec(LATEST + "expect: {fewest: 6}\n")
    source = make_source(spec, site.tools, site, plan=Plan(due, reached=reached.append))
    captures, events = collect(site, source)
    assert [capture.url for capture in captures if capture.role == "detail"] == ["http://shop.test/i/4"]
    assert events == [], "items that are not due count as found"
    assert len(told) == 1
    assert len(told[0]) == 6
    assert reached == [{"list": "latest", "page": 1, "next": None}]
    assert source.tally.complete


def test_a_probe_is_asked_first_and_is_no_list(site: FakeSite) -> None:
    site.pages |= {"/s?q=手套": items_page([1]), "/s?q=无": items_page([2])}
    spec = site.spec("probe: 手套\nlists: [{search: '/s?q={term}'}]\n" + ITEMS)
    source = make_source(spec, site.tools, site)
    captures, _ = collect(site, source, "无")
    assert [capture.role for capture in captures] == ["probe", "list", "detail"]
    assert source.tally.probe == "ok"
    assert (source.tally.terms, source.tally.terms_empty) == (1, 0)


def test_a_probe_without_hits_is_told_though_lists_have_some(site: FakeSite) -> None:
    site.pages["/s?q=手套"] = items_page([])
    spec = site.spec("probe: 手套\nlists: [{search: '/s?q={term}'}, {latest: /new}]\n" + ITEMS)
    source = make_source(spec, site.tools, site)
    _, events = collect(site, source)
    assert [event.outcome for event in events] == ["layout_changed"]
    assert source.tally.probe == "failed"


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ("probe: 手套\n", "probe"),
        ("expect: {required: [colour]}\n", "expect.required"),
        ("breaker: {failures: 0}\n", "breaker.failures"),
        ("revisit: {every_day: 1}\n", "revisit.every_day"),
    ],
)
def test_a_wrong_plan_is_named(site: FakeSite, more: str, field: str) -> None:
    with pytest.raises(SpecError, match=field):
        site.spec(LATEST + more)


def test_what_changes_a_fingerprint() -> None:
    shown = {"title": "叉车", "price": "9", "images": ["a"], "sales_text": "1", "seller_name": "x"}
    assert fingerprint(shown) == fingerprint({**shown, "sales_text": "2", "seller_name": "y"})
    for change in ({"title": "叉车证"}, {"price": "10"}, {"images": ["b"]}, {"lastmod": "2026"}):
        assert fingerprint({**shown, **change}) != fingerprint(shown)


def test_links_of_an_archived_list(site: FakeSite) -> None:
    spec = site.spec(LATEST)
    captures, _ = collect(site, make_source(spec, site.tools, site))
    listed = next(capture for capture in captures if capture.role == "list")
    body = items_page([1, 2]).body
    assert list(links_in(spec, listed, body)) == ["http://shop.test/i/1", "http://shop.test/i/2"]
    assert list(links_in(spec, replace(listed, role="probe"), body)) == []
    assert list(links_in(spec, replace(listed, status=404), body)) == []
    redirected = replace(
        listed, role="detail", url="http://shop.test/new/1", context={"requested": "http://shop.test/i/1"}
    )
    assert link_of(redirected) == "http://shop.test/i/1"


GRAPHQL = "lists: [{search: {url: /g, method: POST, body: {q: '{term}'}}}]\nitems: {select: list, fields: {native_id: id, title: t}}\n"


def test_a_run_that_is_continued_asks_for_nothing_twice(site: FakeSite) -> None:
    site.pages |= {"/i/2": page("", 302, Location="/i/9"), "/i/3": page("", 404), "/i/5": page("", 503)}
    spec = site.spec(LATEST)
    first, events = collect(site, make_source(spec, site.tools, site), name="r1")
    site.asked.clear()
    replay = ArchiveReplay(site.folder / "archive", _all(site))
    second, again = collect(site, make_source(spec, site.tools, site, replay=replay), name="r2")
    assert set(site.asked) == {"/i/5"}, "only what never answered is asked again"
    assert [capture.record_id for capture in second] == [capture.record_id for capture in first]
    assert again == events
    assert replay.used == 8, "robots.txt, the list, and what lies behind it"


def test_posts_are_told_apart_by_their_bodies(site: FakeSite) -> None:
    site.pages["/g"] = data({"list": [{"id": 1, "t": "x"}]})
    spec = site.spec(GRAPHQL, "json")
    collect(site, make_source(spec, site.tools, site), "甲", name="r1")
    site.asked.clear()
    replay = ArchiveReplay(site.folder / "archive", _all(site))
    collect(site, make_source(spec, site.tools, site, replay=replay), "甲", "乙", name="r2")
    assert site.asked == ["/g"]


def _all(site: FakeSite) -> list[Capture]:
    return list(captures_from_archive(site.folder / "archive", DAY))
