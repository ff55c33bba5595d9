"""A real program whose pages a script makes, with a list that holds only the rows that show: each item is found whole."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adwatch.app import Office
from adwatch.app.extract import extract_day
from adwatch.app.patrol import patrol_platform
from adwatch.settings import load_settings
from adwatch.store.captures import captures
from tests.app.capturing import browser
from tests.app.software import stored
from tests.ports import free_row

pytestmark = [pytest.mark.real, pytest.mark.timeout(1800)]
ROOT = Path(__file__).parents[2]
SITES = ROOT / "bench" / "sites"
DAYS = ("2026-11-18", "2026-11-19")
ITEMS = 30
PLATFORM = """\
name: catalogue
label: 目录
kind: html
base_url: {url}
allow_hosts: ["{url}"]
access: public_page
basis: a program of our own
rate: {{per_second: 200, agreed: its owner runs the test}}
render: {{screenshot: false}}
lists:
  - latest: /
paging: {{by: scroll, max_pages: 200}}
items:
  select: 'ul[data-testid="package-item-list"]'
  link: 'a[href*="/-/web/detail/"]'
  no_results: {{words: [No Package Published Yet]}}
  fields:
    native_id: '[data-testid="package-title"]'
    title: li:first-child p > span
    seller_name: {{select: li:last-child img, attr: alt}}
detail:
  root: '[data-testid="readme"]'
  fields:
    text: '[data-theme]'
gone: {{words: [Sorry, we could not find it]}}
"""


@pytest.fixture(scope="module")
def items(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("items")
    subprocess.run([sys.executable, SITES / "items.py", str(ITEMS), folder], check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def catalogue(items: Path) -> Iterator[str]:
    """Its URL; packages stay in var/real for the next time."""
    browser()
    if shutil.which("npm") is None:
        pytest.skip("no npm (Debian: apt-get install npm)")
    script = SITES / "verdaccio.sh"
    with free_row(1) as port:
        environment = {**os.environ, "SITES_STATE": str(ROOT / "var" / "real"), "SITES_PORT": str(port)}
        started = subprocess.run(
            [script, "start", items / "day1.jsonl"], capture_output=True, text=True, env=environment, check=False
        )
        assert started.returncode == 0, started.stderr
        try:
            yield started.stdout.splitlines()[-1]
        finally:
            subprocess.run([script, "stop"], check=True, capture_output=True, env=environment)


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def truth(path: Path) -> dict[str, tuple[str, str]]:
    """Title and seller by id."""
    return {f"item-{row['id']}": (row["title"], row["seller"]) for row in rows(path)}


def letters(text: str | None) -> str:
    return "".join(re.findall(r"\w+", text or ""))


def test_a_patrol_finds_every_item_and_is_read_again_without_a_browser(
    catalogue: str, items: Path, tmp_path: Path
) -> None:
    (tmp_path / "data" / "platforms").mkdir(parents=True)
    (tmp_path / "data" / "platforms" / "catalogue.yml").write_text(PLATFORM.format(url=catalogue), encoding="utf-8")
    with Office(load_settings(home=tmp_path / "home", data=tmp_path / "data", _env_file=None)) as office:
        first = patrol_platform(office, DAYS[0], "catalogue")
        found = stored(office)
        [list_page] = [each for each in captures(office.engine) if each.role == "list"]
        again = patrol_platform(office, DAYS[1], "catalogue")
        dump = sorted(office.dump())
    assert (first.outcome, first.complete) == ("ok", True), first.notes
    assert {key: (row.title, row.seller_name) for key, row in found.items()} == truth(items / "day1.jsonl")
    texts = {f"item-{row['id']}": row["text"] for row in rows(items / "day1.jsonl")}
    same = [key for key, row in found.items() if letters(row.text) == letters(texts[key])]
    assert len(same) >= 0.95 * len(texts), "its Markdown eats some of the signs that are written to break it"
    facts: Any = list_page.context["rendered"]
    assert facts["snapshots"] > 1, "the list holds what shows, and no more"
    assert (again.outcome, again.seen, again.new, again.vanished) == ("ok", len(texts), 0, 0), again.notes
    shutil.copytree(tmp_path / "home" / "archive", tmp_path / "second" / "archive")
    with Office(load_settings(home=tmp_path / "second", data=tmp_path / "data", _env_file=None)) as office:
        for day in DAYS:
            list(extract_day(office, day))
        assert sorted(office.dump()) == dump
