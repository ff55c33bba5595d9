"""The real RSSHub from its packages, on loopback: its test routes, and what it says where no site can be reached."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.software import instance_of, patrol, stored
from tests.ports import free_row

pytestmark = [pytest.mark.real, pytest.mark.timeout(1200)]
ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "deploy" / "rsshub.sh"
STATE = ROOT / "var" / "real" / "rsshub"


@pytest.fixture(scope="module")
def hub() -> Iterator[str]:
    """Its URL; packages stay in var/real for the next time."""
    with free_row(1) as port:
        environment = {**os.environ, "ADWATCH_RSSHUB_PORT": str(port)}
        subprocess.run([SCRIPT, "stop", STATE], check=True, capture_output=True, env=environment)
        started = subprocess.run([SCRIPT, "start", STATE], capture_output=True, text=True, env=environment, check=False)
        assert started.returncode == 0, started.stderr
        try:
            yield started.stdout.splitlines()[-1]
        finally:
            subprocess.run([SCRIPT, "stop", STATE], check=True, capture_output=True, env=environment)


def lists(*routes: str) -> str:
    """Lists of such routes."""
    return "lists:\n" + "".join(f"  - latest: '{route}'\n" for route in routes)


def test_its_test_routes_are_read(hub: str, tmp_path: Path) -> None:
    routes = lists("/test/1?format=json", "/test/multimedia?format=json")
    with instance_of(tmp_path, "rsshub", hub, routes) as office:
        result = patrol(office)
        found = stored(office)
        again = patrol(office, (), "2026-11-19")
    assert (result.outcome, again.outcome) == ("ok", "ok")
    row = found["https://github.com/DIYgod/RSSHub/issues/1"]
    assert (row.title, row.text, row.seller_name) == ("Title1", "Description1", "DIYgod1")
    assert again.seen == result.seen == len(found)


@pytest.mark.parametrize(
    ("route", "outcome", "word"),
    [
        ("/test/empty", "unreachable", "unknown"),
        ("/test/error", "unreachable", "unknown"),
        ("/test/config-not-found-error", "unreachable", "unknown"),
        ("/test/captcha-error", "blocked", "blocked"),
        ("/smzdm/keyword/电工证", "blocked", "needs_cookie"),
        ("/no/such/route", "error", "refused"),
    ],
)
def test_its_refusals_are_told_apart(hub: str, tmp_path: Path, route: str, outcome: str, word: str) -> None:
    with instance_of(tmp_path, "rsshub", hub, lists(f"{route}?format=json"), retries=0) as office:
        result = patrol(office)
    assert (result.outcome, result.seen, result.complete) == (outcome, 0, False)
    assert any(f"format=json: {word}: " in note for note in result.notes)


def test_an_empty_feed_that_it_allows_is_an_honest_zero(hub: str, tmp_path: Path) -> None:
    search = "lists: [{search: '/test/allow_empty?format=json&q={term}'}]\n"
    with instance_of(tmp_path, "rsshub", hub, search) as office:
        result = patrol(office, ["电工证"])
    assert (result.outcome, result.terms_empty) == ("empty", 1)
