"""今日 counts what is overdue of each screen as that screen lists it, and a platform's new leads as their list does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest

from adwatch.app import casework, transfer
from adwatch.casework import sign_in
from adwatch.models import Actor
from tests.casework.office import decide
from tests.conftest import FixedClock
from tests.console.conftest import NOW, OFFERS
from tests.console.site import UNIT, Client, Site, opened, running, take_in, text
from tests.store.world import World, listing, verdict

HEAD = Actor("张局", UNIT, "head")
OFFICERS = [{"name": "李四", "certificate": "执法1"}, {"name": "王五", "certificate": "执法2"}]
CASE = {"receiver": "police", "officers": OFFICERS, "reason": "涉嫌犯罪"}


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def site(tmp_path: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A head, and one who is limited to a region in which nothing was found."""
    monkeypatch.setattr(sign_in, "COST", {"time_cost": 1, "memory_cost": 8, "parallelism": 1})
    with opened(tmp_path, clock) as office, running(office) as site:
        site.account("head", "head")
        site.account("elsewhere", "head", regions=["山西运城"])
        yield site


def found(world: World, name: str) -> int:
    """A case that is 属实, in a region."""
    item = listing(name, seller_region="山西太原")
    case = world.flag(item, verdict(item, contact="abc13800138000"))
    decide(world, case)
    return case


def figure(client: Client, address: str) -> str:
    """What the part of a page says that it fetches by itself."""
    page = text(client.get("/today"))
    path = re.search(rf'href="{address}"[^>]* hx-get="([^"]+)"', page)
    assert path, f"{address} is not counted"
    part = text(client.get(path[1]))
    assert f'href="{address}"' in part
    [count] = re.findall(r"<b>(\d+)</b>", part)
    return count


def test_letters_and_transfers_that_are_overdue_are_counted_as_their_screens_list_them(
    site: Site, clock: FixedClock
) -> None:
    world = World(site.office.engine)
    cases = [found(world, name) for name in ("1", "2")]
    _, letters = casework.draft(site.office, None, HEAD)
    casework.mark_sent(site.office, [row["number"] for row in letters], "李四", None)
    transfer.draft(site.office, "case", cases[:1], HEAD, **CASE)
    head, elsewhere = site.client("head"), site.client("elsewhere")
    assert (figure(head, "/takedown"), figure(head, "/transfer")) == ("0", "0")
    clock.time += timedelta(days=60)
    head, elsewhere = site.client("head"), site.client("elsewhere")
    assert figure(head, "/takedown") == "1"
    assert "待催办 1" in text(head.get("/takedown"))
    late = text(head.get("/transfer")).count(">超期<")
    assert figure(head, "/transfer") == str(late)
    assert late
    assert (figure(elsewhere, "/takedown"), figure(elsewhere, "/transfer")) == ("0", "0")
    assert "统计表逾期" in text(head.get("/today"))
    assert "统计表逾期" not in text(elsewhere.get("/today"))


def test_a_platforms_new_leads_are_those_of_the_list_that_they_lead_to(site: Site, tmp_path: Path) -> None:
    take_in(site.office, tmp_path, OFFERS, "2026-11-17")
    more = {"native_id": "five", "title": "电工证包过", "text": "包过，不过退款，电话13900001111，免考拿证"}
    take_in(site.office, tmp_path, [*OFFERS, more], "2026-11-18")
    head = site.client("head")
    page = text(head.get("/today"))
    [(address, count)] = re.findall(r'href="/queue\?([^"]*platform=tips[^"]*age=2026-11-18)">(\d+)</a>', page)
    assert count == "1", "four of its five hits were found the day before"
    assert re.findall(r'<h1>线索 <span class="muted">(\d+) 条', text(head.get(f"/queue?{unescape(address)}"))) == [
        count
    ]


def test_every_clock_that_runs_is_listed_in_the_order_of_what_is_due(site: Site, clock: FixedClock) -> None:
    world = World(site.office.engine)
    for number in range(60):
        found(world, str(number))
        world.tick(hours=13)
    clock.time = world.now
    head = site.client("head")
    assert 'href="/today/clocks"' in text(head.get("/today"))
    first = text(head.get("/today/clocks"))
    due = re.findall(r'<td class="nowrap">(\d{4}-\d\d-\d\d)(?:（| )', first)
    [more] = re.findall(r'href="(/today/clocks\?skip=\d+)" data-more', first)
    second = text(head.get(more))
    due += re.findall(r'<td class="nowrap">(\d{4}-\d\d-\d\d)(?:（| )', second)
    cases = re.findall(r'href="/cases/(\d+)"', first + second)
    assert due == sorted(due)
    assert len(cases) >= 60 and len(set(cases)) == 60
    assert "data-more" not in second
    assert "没有在走的时限" in text(site.client("elsewhere").get("/today/clocks"))
