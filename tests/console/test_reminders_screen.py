"""The list of what is to be reminded of on the console: each advice has its own way, and what differs is left out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from adwatch.casework import sign_in
from adwatch.store import schema as s
from tests.app.letters_world import FixedClock
from tests.casework.office import confirmed
from tests.casework.reviewing import ZHANG, found
from tests.console.site import Site, opened, running, text
from tests.store.world import World

NUMBER = "ADW-TD-2026-0001"


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def site(tmp_path: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr(sign_in, "COST", {"time_cost": 1, "memory_cost": 8, "parallelism": 1})
    with opened(tmp_path, clock) as office, running(office) as site:
        site.account("head", "head")
        yield site


def _asked(site: Site, clock: FixedClock, *names: str, platform: str = "plaza") -> World:
    """A request that was sent, its deadline long over."""
    world = World(site.office.engine)
    confirmed(world, *names, platform=platform)
    head = site.client("head")
    before = {row["number"] for row in world.rows(s.takedown_letter)}
    head.post("/takedown/draft")
    for row in world.rows(s.takedown_letter):
        if row["number"] not in before:
            head.sure(f"/takedown/{row['number']}/mark-sent", page=f"/takedown/{row['number']}")
    clock.tick(days=20)
    return world


def _said(site: Site, path: str, form: dict[str, str] | None = None) -> str:
    """What the page says after a form was sent."""
    head = site.client("head")
    answer = head.post(path, form or {})
    assert answer.status == 303, answer.data.decode()
    return text(head.get(answer.headers["location"]))


def _page(site: Site, path: str) -> str:
    """What somebody sees who signs in now: the clock goes on by weeks."""
    answer = site.client("head").get(path)
    assert answer.status == 200
    return text(answer)


def _remind(site: Site, clock: FixedClock) -> None:
    """A reminder of the first request that went out."""
    head = site.client("head")
    head.post("/takedown/remind", {"number": NUMBER})
    number = World(site.office.engine).rows(s.takedown_letter)[-1]["number"]
    assert number.startswith("ADW-TL-")
    head.sure(f"/takedown/{number}/mark-sent", page=f"/takedown/{number}")
    clock.tick(days=20)


def test_what_is_to_be_escalated_is_not_reminded_of_with_the_others(site: Site, clock: FixedClock) -> None:
    world = _asked(site, clock, "1")
    assert f'value="{NUMBER}"><button>拟催办函' in _page(site, "/takedown")
    _remind(site, clock)
    _remind(site, clock)
    _asked(site, clock, "2", platform="bazaar")
    page = _page(site, "/takedown")
    assert f'href="/takedown/{NUMBER}#escalate">拟提请处置函' in page
    assert f'value="{NUMBER}"><button>拟催办函' not in page
    assert 'id="escalate"' in _page(site, f"/takedown/{NUMBER}")
    said = _said(site, "/takedown/remind")
    assert f"已拟催办函 1 件；另有 1 件建议升级处置，未拟催办函：{NUMBER}" in said
    assert [row["takedown_id"] for row in world.rows(s.takedown_letter, kind="remind")] == [1, 1, 2]
    head = site.client("head")
    done = head.post(f"/takedown/{NUMBER}/escalate", {"to": "cyberspace", "reason": "逾期"}, page=f"/takedown/{NUMBER}")
    number = done.headers["location"].split("/")[2].split("?")[0]
    head.sure(f"/takedown/{number}/mark-sent", page=f"/takedown/{number}")
    assert "<td>升级处置</td>" not in _page(site, "/takedown")
    clock.tick(days=20)
    page = _page(site, "/takedown")
    assert "<td>催办（已提请处置）</td>" in page
    assert f'value="{NUMBER}"><button>拟催办函' in page


def test_a_reminder_leaves_out_what_differs_and_can_be_sent(site: Site, clock: FixedClock) -> None:
    world, head = _asked(site, clock, "1", "2"), site.client("head")
    world.now = clock.now() - timedelta(days=1)
    assert found(world, 2, ZHANG, corrected={"types": ["paper_trade"]})[0].kept == 1
    said = _said(site, "/takedown/remind")
    assert "已拟催办函 1 件；ADW-TL-2026-0001 未列入 1 条：序号 2 所载与现认定不同，先发更正函" in said
    page = "/takedown/ADW-TL-2026-0001"
    shown = text(head.get(page))
    assert "本函不能再往下办" not in shown
    assert "未列入 1 条：序号 2" in shown, "its history keeps it"
    (letter,) = world.rows(s.takedown_letter, kind="remind")
    assert [row["seq"] for row in letter["content"]["listings"]] == [1]
    assert head.post(f"{page}/check", page=page).status == 303


def test_where_all_differs_there_is_no_reminder_and_the_others_have_theirs(site: Site, clock: FixedClock) -> None:
    world = _asked(site, clock, "1")
    _asked(site, clock, "2", platform="bazaar")
    world.now = clock.now() - timedelta(days=1)
    assert found(world, 1, ZHANG, corrected={"types": ["paper_trade"]})[0].kept == 1
    why = "待处置的信息所载都与现认定不同，不能催办：序号 1 所载与现认定不同，先发更正函"
    said = _said(site, "/takedown/remind")
    assert f"已拟催办函 1 件；函 {NUMBER}: {why}" in said
    refused = site.client("head").post("/takedown/remind", {"number": NUMBER})
    assert (refused.status, why in text(refused)) == (400, True)
    assert len(world.rows(s.takedown_letter, kind="remind")) == 1
