"""Real programs patrolled whole on two days, each listing compared with what the program was filled with."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.app.capturing import browser
from tests.app.software import instance_of, patrol, stored
from tests.real.sites import COUNT, compared, site

pytestmark = [pytest.mark.real, pytest.mark.timeout(1800)]


def test_a_forum_by_django_machina(tmp_path: Path) -> None:
    options = ("--without", "price", "--without", "image", "--comments", "--id", r"/topic/([^/]+)-\d+/")
    with site("machina", tmp_path) as at:
        said = compared(at, "django_machina", at.first, tmp_path, *options, "--day", "2026-11-20", "--rebuild")
        assert f"{COUNT} of {COUNT} found" in said
        at.fill(at.second)
        later = compared(at, "django_machina", at.second, tmp_path, *options, "--day", "2026-11-28")
        assert "0 missed, 0 not in the truth" in later


MISAGO = ("--without", "price", "--without", "image", "--comments", "--id", r"/t/([^/]+)/\d+/")


def test_a_forum_by_misago(tmp_path: Path) -> None:
    with site("misago", tmp_path) as at:
        options = (*MISAGO, "--day", "2026-11-20", "--rebuild", "--again")
        said = compared(at, "misago", at.first, tmp_path, *options)
        assert f"{COUNT} of {COUNT} found" in said
        assert share_again(said) < 10
        at.fill(at.second)
        compared(at, "misago", at.second, tmp_path, *MISAGO, "--day", "2026-11-28", "--before", str(at.first))


def test_a_forum_by_misago_as_a_browser_shows_it(tmp_path: Path) -> None:
    browser()
    with site("misago", tmp_path, SITES_ALLOW="/api/threads/") as at:
        options = (*MISAGO, "--no-terms", "--day", "2026-11-20", "--rebuild", "--again")
        said = compared(at, "misago_rendered", at.first, tmp_path, *options)
        assert f"{COUNT} of {COUNT} found" in said
        assert share_again(said) < 10


def test_a_button_that_robots_forbid_to_follow_makes_no_list_whole(tmp_path: Path) -> None:
    browser()
    list_only = "render: {pages: [list], screenshot: false}\n"
    with (
        site("misago", tmp_path) as at,
        instance_of(tmp_path, "misago_rendered", at.base, list_only) as office,
    ):
        result = patrol(office)
        assert (result.outcome, result.complete) == ("ok", False)
        assert 0 < result.seen < COUNT


def share_again(said: str) -> float:
    """Of the first patrol's requests, the percentage of a second one that finds nothing changed."""
    found = re.search(r"^again, unchanged: .*?, ([\d.]+)%, .*; new 0, changed 0, vanished 0$", said, re.MULTILINE)
    assert found is not None, said
    return float(found[1])


def test_a_wiki_by_mediawiki(tmp_path: Path) -> None:
    options = ("--without", "price", "--without", "image", "--without", "title", "--id", r"_(n\d+)(?:_|$)")
    with site("mediawiki", tmp_path) as at:
        compared(at, "mediawiki", at.first, tmp_path, *options, "--day", "2026-11-20", "--rebuild", path="/w")
        at.fill(at.second)
        changed = (*options, "--without", "posted")
        compared(at, "mediawiki", at.second, tmp_path, *changed, "--day", "2026-11-28", path="/w")


def test_a_wikis_search_and_its_own_errors(tmp_path: Path) -> None:
    with site("mediawiki", tmp_path) as at:
        search = "lists: [{{search: '/api.php?action=query&format=json&formatversion=2{}'}}]\npaging: {{by: none}}\n"
        rest = "&generator=search&gsrwhat=text&gsrsearch={term}&gsrlimit=20&prop=info|revisions&inprop=url&rvprop=content&rvslots=main"
        with instance_of(tmp_path / "a", "mediawiki", f"{at.base}/w", search.format(rest)) as office:
            result = patrol(office, ["双头油性", "此词无页"])
            assert (result.outcome, result.terms_empty) == ("ok", 1)
            assert any("双头油性" in row.text for row in stored(office).values())
        wrong = search.format("&generator=nothing&gsrsearch={term}")
        with instance_of(tmp_path / "b", "mediawiki", f"{at.base}/w", wrong) as office:
            result = patrol(office, ["双头油性"])
            assert result.outcome == "error"
            assert any("接口不接受这一请求" in note for note in result.notes)


def test_a_site_by_wordpress(tmp_path: Path) -> None:
    extra = tmp_path / "with.yml"
    extra.write_text("items: {fields: {native_id: slug, price: meta.price, text: {drop: p.price}}}\n", encoding="utf-8")
    with site("wordpress", tmp_path) as at:
        options = ("--with", str(extra), "--day")
        said = compared(at, "wordpress", at.first, tmp_path, *options, "2026-11-20", "--rebuild")
        assert f"{COUNT} of {COUNT} found" in said
        at.fill(at.second)
        compared(at, "wordpress", at.second, tmp_path, *options, "2026-11-21", "--before", str(at.first))
