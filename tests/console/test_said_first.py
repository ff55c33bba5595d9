"""What an officer is told on the page, before an act, of what it lacks and of what comes of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adwatch.casework import sign_in
from adwatch.store import schema as s
from tests.casework.test_relisting import remove
from tests.casework.test_verification import look
from tests.console.site import Site, opened, running, text
from tests.store.world import World


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr(sign_in, "COST", {"time_cost": 1, "memory_cost": 8, "parallelism": 1})
    with opened(tmp_path) as office, running(office) as site:
        site.account("head", "head")
        site.account("second", "head")
        yield site


def test_a_listing_that_is_back_at_its_link_says_what_to_do_and_then_which_letter(site: Site, tmp_path: Path) -> None:
    world, head = World(site.office.engine), site.client("head")
    remove(world, tmp_path)
    look(world, {"old": "up"}, everything=True)
    hint = "仍是原案件：点“为属实信息拟文”再次发函"
    assert hint in text(head.get("/takedown"))
    assert head.post("/takedown/draft").status == 303
    number = world.rows(s.takedown)[-1]["number"]
    shown = text(head.get("/takedown"))
    assert len(world.rows(s.takedown)) == 2
    assert f'再次发函 <a class="nowrap" href="/takedown/{number}">' in shown
    assert hint not in shown
