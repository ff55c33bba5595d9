"""An outage of the office's own network is no site's end: nothing is called gone while nothing else answers either."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from adwatch.app import casework, site_looks, site_schedule, sites
from adwatch.app.office import Office
from adwatch.app.sightings import Sighting, record_sightings
from adwatch.app.site_capture import SiteCapturer
from adwatch.app.site_reach import ENOUGH
from adwatch.casework.site_facts import site_facts
from adwatch.errors import SpecError
from adwatch.store import sites as store
from adwatch.store.engine import reading
from adwatch.tables.site_rules import site_rules
from tests.app.site_server import Page, SiteServer, lay_out, site_server
from tests.app.sites_world import DAY, an_office, controlled
from tests.app.test_site_way import ACTOR, NO_BROWSER, REVIEWER, Clock, send, step

NAME = "cx.mem.gov.cn.zscx-online.cn"
OFFLINE = ("offline", False)
GONE = ("dead", True)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[SiteServer]:
    with site_server(monkeypatch) as running:
        yield running


@pytest.fixture
def way(tmp_path: Path, server: SiteServer) -> Iterator[tuple[Office, Clock, int]]:
    """An office with a confirmed site, letters sent; another site beside it that nobody judged."""
    clock = Clock()
    with an_office(tmp_path, clock, **NO_BROWSER) as office:
        [url] = lay_out(server, "01.html").values()
        server.put("wool.example", Page("<p>毛衣、围巾</p>".encode()))
        record_sightings(office, [Sighting(url, "qr"), Sighting("http://wool.example/", "qr")], DAY)
        found = {row["name"]: row for row in look(office, server)}
        case = found[NAME]["case_id"]
        casework.register(office, [case], "张三", None)
        casework.decide(office, [case], "confirm", *REVIEWER, "页面仿冒")
        send(office, sites.route(office, [], ACTOR), tmp_path)
        yield office, clock, case


def look(office: Office, server: SiteServer) -> list[dict[str, Any]]:
    return list(site_looks.look_due(office, manners=server.manners))


def seen(way: tuple[Office, Clock, int], server: SiteServer, hours: int = 25) -> dict[str, tuple[str, bool]]:
    """(word, gone) by site of the looks that are due so many hours later."""
    office, clock, _ = way
    clock.at += timedelta(hours=hours)
    return {str(row["name"]): (str(row["word"]), bool(row["gone"])) for row in look(office, server)}


@pytest.mark.parametrize("how", ["name", "refused"])
def test_two_days_without_a_network_close_nothing(way: tuple[Office, Clock, int], server: SiteServer, how: str) -> None:
    office, _, case = way
    before = step(office, case)
    server.lost["*"] = how
    for _day in range(3):
        assert seen(way, server) == {NAME: OFFLINE, "wool.example": OFFLINE}
    assert step(office, case) == before == "to_host"
    with reading(office.engine) as connection:
        rows = {row["name"]: row for row in store.sites(connection)}
        [facts] = site_facts(connection, [case], office.settings.zone)
    assert rows[NAME]["word"] == "fake_lookup" and rows["wool.example"]["word"] == "other"
    assert facts["seen_at"].startswith("2026-11-28")  # not "still there" on a day on which nothing was seen
    server.lost.clear()
    assert seen(way, server, hours=1)[NAME] == ("fake_lookup", False)  # at once, not a day after the outage


def test_a_site_that_alone_is_refused_or_has_no_name_is_gone(
    way: tuple[Office, Clock, int], server: SiteServer
) -> None:
    office, _, case = way
    server.lost[NAME] = "refused"
    assert seen(way, server) == {NAME: GONE, "wool.example": ("other", False)}
    assert step(office, case) == "verified_once"
    server.lost[NAME] = "name"
    assert seen(way, server)[NAME] == GONE
    assert step(office, case) == "verified"


def test_an_outage_between_two_looks_neither_counts_nor_undoes(
    way: tuple[Office, Clock, int], server: SiteServer
) -> None:
    office, _, case = way
    server.put(NAME, Page(b"", 404))
    assert seen(way, server)[NAME] == GONE
    assert step(office, case) == "verified_once"
    server.lost["*"] = "name"
    assert seen(way, server)[NAME] == OFFLINE
    assert step(office, case) == "verified_once"  # an outage brings no site back
    server.lost.clear()
    assert seen(way, server, hours=1)[NAME] == GONE
    assert step(office, case) == "verified"


def test_without_the_control_another_site_of_the_round_tells(
    way: tuple[Office, Clock, int], server: SiteServer
) -> None:
    office = way[0]
    server.lost |= {"control.example": "refused", NAME: "refused"}
    assert seen(way, server) == {NAME: OFFLINE, "wool.example": ("other", False)}  # nothing had answered yet
    record_sightings(office, [Sighting("http://late.example/", "qr")], DAY)
    server.put("late.example", Page(b"", 404))
    server.lost["late.example"] = "name"
    capturer = SiteCapturer(office, ACTOR, (), server.manners)
    today = office.clock.now().date()
    first = capturer.sure(capturer.look("http://late.example/", today), None)
    capturer.look("http://wool.example/", today)
    second = capturer.sure(capturer.look("http://late.example/", today), None)
    assert (first[0].word, second[0].word) == ("offline", "dead")


def test_a_gateway_that_answers_for_every_site_is_no_end_of_any(
    way: tuple[Office, Clock, int], server: SiteServer
) -> None:
    office, _, case = way
    for host in list(server.pages):
        server.put(host, Page(b"Bad Gateway", 502))
    assert seen(way, server)[NAME] == OFFLINE
    assert step(office, case) == "to_host"


def test_the_schedule_ends_its_round_and_says_why(tmp_path: Path, server: SiteServer) -> None:
    with an_office(tmp_path, Clock(), **NO_BROWSER) as office:
        hosts = [f"wool{number}.example" for number in range(ENOUGH + 4)]
        record_sightings(office, [Sighting(f"http://{host}/", "qr") for host in hosts], DAY)
        server.lost["*"] = "name"
        for host in hosts:
            server.put(host, Page(b"here"))
        done = site_schedule.look_at_sites(office, server.manners)
        assert (done["looked"], done["words"], done["gone"]) == (ENOUGH, {"本机网络异常": ENOUGH}, [])
        assert any("本机网络异常" in note and "不算关停" in note for note in done["notes"])
        assert not any("限额" in note for note in done["notes"])
        server.lost.clear()
        assert site_schedule.look_at_sites(office, server.manners)["looked"] == len(hosts)


def test_the_control_is_an_address(tmp_path: Path) -> None:
    assert site_rules(controlled(tmp_path)).controls == ("http://control.example/",)
    assert all(each.startswith("https://") for each in site_rules().controls)  # a portal cannot answer for these
    file = tmp_path / "tables" / "site_rules.csv"
    file.write_text(file.read_text("utf-8").replace("http://control.example/", "control.example"), "utf-8")
    with pytest.raises(SpecError, match="whole addresses"):
        site_rules(tmp_path)
