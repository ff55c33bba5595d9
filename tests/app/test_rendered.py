"""Patrols of pages that are made by their own scripts, in a real chromium."""

from __future__ import annotations

import io
import json
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from adwatch.app import evidence
from adwatch.app.patrol import patrol, patrol_platform
from adwatch.archive import read_stored
from adwatch.models import Capture
from adwatch.store.captures import captures
from tests.app.capturing import browser, marked_browser, processes
from tests.app.script_site import ScriptSite, scripted
from tests.app.sites import DAYS, PLATFORM, World
from tests.app.software import stored

DAY = DAYS[0]
pytestmark = pytest.mark.slow
BY_NEXT_LINK = "paging: {by: next_link, max_pages: 100}"


@pytest.fixture(autouse=True)
def chromium() -> str:
    return browser()


@pytest.fixture
def site() -> Iterator[ScriptSite]:
    with scripted(11, 1) as made:
        yield made


def world(folder: Path, site: ScriptSite, render: str = "{screenshot: false}", **changes: str) -> World:
    """An office that patrols the shop with ``render``."""
    made: Any = World(folder, site)  # type: ignore[arg-type]
    made.platform(more=f"render: {render}\n", **{"/market?page={page}": "/market", BY_NEXT_LINK: "", **changes})
    return made


def kept(made: World, role: str) -> list[Capture]:
    """Captures of a role."""
    with made.office() as office:
        return [capture for capture in captures(office.engine) if capture.role == role]


def listings(made: World, home: str = "home") -> dict[str, dict[str, Any]]:
    rows = [json.loads(line) for line in made.dump(home) if '"table":"listing"' in line]
    return {row["native_id"]: row for row in rows}


def test_scrolled_lists_and_items_are_read_archived_and_read_again_without_a_browser(
    tmp_path: Path, site: ScriptSite
) -> None:
    made = world(tmp_path, site, "true", **{BY_NEXT_LINK: "paging: {by: scroll}"})
    row = made.patrol(DAY)
    assert (row["outcome"], row["seen"], row["complete"]) == ("ok", 12, True), row["notes"]
    assert row["flagged"] == 1
    assert site.asked.count("/app.js") == 1, "what pages have in common is fetched once"
    assert not [path for path in site.asked if path.startswith("/p/")], "no pictures"
    details = kept(made, "detail")
    assert len(details) == 12 and len(kept(made, "screenshot")) == 13
    facts: Any = details[0].context["rendered"]
    assert facts["loading"] == "complete" and "Chromium" in details[0].software and facts["refused"]["image"] == 1
    with made.office() as office:
        stored = read_stored(office.shelf, details[0].warc, details[0].offset)
        assert stored.record_type == "conversion" and b"<article" in stored.payload
        raw = {capture.record_id for capture in captures(office.engine) if capture.role == "page"}
        assert facts["of"] in raw
        shot = kept(made, "screenshot")[0]
        picture = Image.open(io.BytesIO(read_stored(office.shelf, shot.warc, shot.offset).payload))
        assert picture.size[0] == 1280 and len(picture.convert("L").getcolors(65536) or []) > 10
        verified = evidence.verify(office)
        assert (verified["problems"], verified["unclaimed"]) == ([], 0)
    (tmp_path / "second").mkdir()
    shutil.copytree(tmp_path / "home" / "archive", tmp_path / "second" / "archive")
    before = len(site.asked)
    made.extract("second", DAY)
    assert made.dump("second") == made.dump() and len(site.asked) == before


def test_what_the_server_wrote_is_not_taken_for_what_the_scripts_show_and_clocks_are_those_of_china(
    tmp_path: Path, site: ScriptSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    site.taken_over.add(2)
    made = world(tmp_path, site)
    assert made.patrol(DAY)["outcome"] == "ok"
    with made.office() as office:
        texts = {key: row.text for key, row in stored(office).items()}
    assert texts["g2"] == "8点上架", "the epoch, as a clock in Shanghai shows it"
    assert texts["g3"].startswith("正品手套")


def lists_only(folder: Path, site: ScriptSite, name: str, path: str, paging: str, render: str) -> str:
    """Write a platform file whose list says all."""
    file = folder / "data" / "platforms" / f"{name}.yml"
    file.parent.mkdir(parents=True, exist_ok=True)
    head, _, _ = PLATFORM.partition("detail:")
    text = head.format(name=name, url=site.url).replace("/market?page={page}", path).replace("price: b", "url: a")
    file.write_text(f"{text.replace(BY_NEXT_LINK, f'paging: {paging}')}render: {render}\n", encoding="utf-8")
    return name


def test_buttons_and_lists_that_drop_what_they_showed(tmp_path: Path, site: ScriptSite) -> None:
    made = World(tmp_path, site)  # type: ignore[arg-type]
    plain = "{screenshot: false}"
    lists_only(tmp_path, site, "button", "/more", "{by: more, next: button.load-more}", plain)
    lists_only(tmp_path, site, "dropping", "/window", "{by: scroll}", plain)
    lists_only(tmp_path, site, "cut", "/more", "{by: more, next: button.load-more, max_pages: 2}", plain)
    with made.office() as office:
        results = {result.platform: result for result in patrol(office, DAY, ["button", "cut", "dropping"])}
        facts: Any = next(each for each in captures(office.engine, platform="dropping") if each.role == "list").context
    assert facts["rendered"]["snapshots"] == 3
    for name, seen, complete in (("button", 12, True), ("dropping", 12, True), ("cut", 10, False)):
        result = results[name]
        assert (result.outcome, result.seen, result.complete) == ("ok", seen, complete), result.notes
    assert any("the list goes on" in note for note in results["cut"].notes)


@pytest.mark.parametrize(
    ("path", "paging"), [("/more", "{by: more, next: button.load-more}"), ("/market", "{by: scroll}")]
)
def test_a_list_whose_further_data_are_refused_is_not_whole(
    tmp_path: Path, site: ScriptSite, path: str, paging: str
) -> None:
    site.robots = "User-agent: *\nDisallow: /api/items?page=2\n"
    made = World(tmp_path, site)  # type: ignore[arg-type]
    lists_only(tmp_path, site, "cut", path, paging, "{screenshot: false}")
    with made.office() as office:
        result = patrol_platform(office, DAY, "cut")
    assert (result.outcome, result.seen, result.complete) == ("ok", 5, False), result.notes


def test_what_a_script_says_of_an_item_that_is_gone_is_heard(tmp_path: Path, site: ScriptSite) -> None:
    site.gone.add(3)
    made = world(tmp_path, site)
    row = made.patrol(DAY)
    assert (row["outcome"], row["seen"]) == ("ok", 4), row["notes"]


@pytest.mark.parametrize(
    ("robots", "failing", "outcome"),
    [
        ("User-agent: *\nDisallow: /api/\n", {}, "robots_denied"),
        ("", {"/api/": 403}, "blocked"),
        ("", {"/app.js": 503}, "unreachable"),
    ],
)
def test_a_page_that_is_empty_since_its_data_were_refused_is_no_empty_page(
    tmp_path: Path, site: ScriptSite, robots: str, failing: dict[str, int], outcome: str
) -> None:
    site.robots, site.failing = robots, failing
    made = world(tmp_path, site, rate="rate: {per_second: 200, agreed: test, retries: 0} #")
    row = made.patrol(DAY)
    assert (row["outcome"], row["seen"]) == (outcome, 0), row["notes"]


HOSTILE = [
    ("busy", "unreachable", "timeout"),
    ("alerts", "unreachable", "timeout"),
    ("windows", "ok", ""),
    ("download", "layout_changed", ""),
    ("worker", "layout_changed", ""),
    ("nodes", "unreachable", "not rendered"),
    ("text", "unreachable", "not rendered"),
    ("memory", "unreachable", "memory"),
    ("endless", "ok", "the list goes on"),
    ("polling", "layout_changed", ""),
    ("away", "layout_changed", ""),
    ("inward", "layout_changed", ""),
    ("clobber", "ok", ""),
]


def test_hostile_pages_end_within_limits_and_are_told(tmp_path: Path, site: ScriptSite) -> None:
    program = marked_browser(tmp_path)
    made = World(tmp_path, site)  # type: ignore[arg-type]
    for name, _, _ in HOSTILE:
        render = "{seconds: 10, requests: 30, screenshot: false}"
        lists_only(tmp_path, site, f"bad_{name}", f"/bad/{name}", "{by: scroll, max_pages: 3}", render)
    told = {}
    with made.office() as office:
        office.settings.__dict__["chromium"] = str(program)
        for result in patrol(office, DAY, [f"bad_{name}" for name, _, _ in HOSTILE], at_once=3):
            told[result.platform.removeprefix("bad_")] = (result.outcome, " ".join(result.notes))
    for name, outcome, word in HOSTILE:
        assert told[name][0] == outcome and word in told[name][1], (name, told[name])
    assert processes(tmp_path) == []
    assert not [path for path in site.asked if path in ("/popup", "/worker.js")]


def test_killed_in_the_middle_it_goes_on_and_ends_the_same(tmp_path: Path, site: ScriptSite) -> None:
    del site.stock[6:]
    scroll = {BY_NEXT_LINK: "paging: {by: scroll}"}
    (tmp_path / "a").mkdir()
    whole = world(tmp_path / "a", site, **scroll)
    assert whole.patrol(DAY)["outcome"] == "ok"
    made = world(tmp_path, site, **scroll)
    before = len(site.asked)
    dead = made.command().run("patrol", "--day", DAY, ADWATCH_FAILPOINT="archive.after_record@12")
    assert dead.returncode == -signal.SIGKILL
    first = len(site.asked) - before
    row = made.patrol(DAY)
    assert (row["outcome"], row["seen"]) == ("ok", 6), row["notes"]
    assert {key: value["content_sha256"] for key, value in listings(made).items()} == {
        key: value["content_sha256"] for key, value in listings(whole).items()
    }
    again = len(site.asked) - before - first
    assert first + again <= before + 3, "what was rendered is not asked for again"


def test_without_a_browser_it_is_an_error_that_says_so(tmp_path: Path, site: ScriptSite) -> None:
    made = world(tmp_path, site)
    with made.office() as office:
        office.settings.__dict__["chromium"] = str(tmp_path / "none")
        row = patrol_platform(office, DAY, "shop").as_dict()
    assert row["outcome"] == "error" and any("chromium" in note for note in row["notes"])
