"""A person makes a case of a doubtful site, or sets it aside: with a reason, once; the case goes the usual way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from adwatch.app import casework, site_doubts, site_looks, sites
from adwatch.app.office import Office
from adwatch.app.sightings import Sighting, record_sightings
from adwatch.errors import UsageError
from adwatch.evidence.audit import verify_log
from adwatch.models import Actor
from adwatch.store import schema as s
from adwatch.store import sites as store
from adwatch.store.engine import reading, writing
from tests.app.site_server import Page, SiteServer, lay_out, site_server
from tests.app.sites_world import DAY, an_office
from tests.app.test_site_way import NO_BROWSER, REVIEWER, Clock, cell, send, step
from tests.store.world import World

WHO = Actor("李四", "某市应急管理局", "reviewer")
HOST = "www.zdgwnl.org.cn"
FAKE = (
    """<title>应急管理部 特种作业操作证查询</title>姓名<input>证件号码<input><button>查询</button><p>应急管理部监制"""
)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[SiteServer]:
    with site_server(monkeypatch) as running:
        yield running


@pytest.fixture
def office(tmp_path: Path, server: SiteServer) -> Iterator[Office]:
    """An office with one doubtful site."""
    with an_office(tmp_path, Clock(), **NO_BROWSER) as made:
        [url] = lay_out(server, "28.html").values()
        record_sightings(made, [Sighting(url, "qr")], DAY)
        [row] = list(site_looks.look_due(made, manners=server.manners))
        assert (row["word"], row["band"], row["case_id"]) == ("doubtful", "review", None)
        yield made


def later(office: Office, server: SiteServer, hours: int = 25) -> list[dict[str, Any]]:
    office.clock.at += timedelta(hours=hours)  # type: ignore[attr-defined]
    return list(site_looks.look_due(office, manners=server.manners))


def test_an_opened_site_goes_the_way_of_confirmed_ones(office: Office, server: SiteServer, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="写明理由"):
        site_doubts.open_case(office, HOST, WHO, "  ")
    with pytest.raises(UsageError, match="证书类别"):
        site_doubts.open_case(office, HOST, WHO, "理由", ["no_such"])
    opened = site_doubts.open_case(office, HOST, WHO, "电话核实过，不是本局授权的机构", ["special_operations"])
    case = opened["case_id"]
    assert (opened["band"], opened["state"]) == ("flagged", "screening") and case is not None
    [entry] = [row for row in World(office.engine).rows(s.listing_version) if "疑似假冒" in (row["title"] or "")]
    assert "查询表单" in entry["text"] and f"http://{HOST}" in entry["text"]  # what the look saw
    for act in (site_doubts.open_case, site_doubts.dismiss):
        with pytest.raises(UsageError, match="已有案件"):
            act(office, HOST, WHO, "再来一次")
    [seen] = later(office, server)
    assert seen["page_capture_id"] is not None  # looked at again, now kept with the case
    casework.register(office, [case], "张三", None)
    casework.decide(office, [case], "confirm", *REVIEWER, "仿冒")
    drafted = sites.route(office, [], WHO)
    assert {"cyberspace", "telecom", "police"} <= {row["to"] for row in drafted}
    send(office, drafted, tmp_path)
    assert step(office, case) == "to_host"
    assert cell(office)["value"] == 1
    kept = [row for row in World(office.engine).rows(s.audit_entry) if row["action"] == "site.opened"]
    assert [(row["person"], row["role"], row["detail"]["reason"]) for row in kept] == [
        ("李四", "reviewer", "电话核实过，不是本局授权的机构")
    ]
    assert verify_log(office.engine).fault is None


def test_a_site_that_was_set_aside_stays_so_until_a_look_finds_a_fake(office: Office, server: SiteServer) -> None:
    put = site_doubts.dismiss(office, HOST, WHO, "公司自己的证书，不冒用机关名义")
    assert (put["band"], put["case_id"]) == ("dismissed", None)
    assert put["about"]["settled"]["reason"] == "公司自己的证书，不冒用机关名义"
    for act in (site_doubts.open_case, site_doubts.dismiss):
        with pytest.raises(UsageError, match="已由人排除"):
            act(office, HOST, WHO, "再来一次")
    assert later(office, server) == [] and sites.listed(office) == []
    [again] = sites.look(office, [HOST], WHO, server.manners)
    assert (again["word"], again["band"], again["case_id"]) == ("doubtful", "dismissed", None)
    server.put(HOST, Page(FAKE.encode()))
    [again] = sites.look(office, [HOST], WHO, server.manners)
    assert (again["band"], again["case_id"] is not None) == ("flagged", True)
    assert [row["action"] for row in World(office.engine).rows(s.audit_entry)].count("site.dismissed") == 1


def test_what_is_not_doubtful_is_not_settled(office: Office, server: SiteServer) -> None:
    server.put("wool.example", Page("<p>毛衣、围巾</p>".encode()))
    record_sightings(office, [Sighting("http://wool.example/", "qr"), Sighting("http://unseen.example/", "qr")], DAY)
    sites.look(office, ["wool.example"], WHO, server.manners).__next__()
    for name in ("wool.example", "unseen.example"):
        with pytest.raises(UsageError, match="只有存疑的"):
            site_doubts.open_case(office, name, WHO, "理由")


def test_an_account_that_no_look_can_judge_is_a_persons_to_judge(office: Office) -> None:
    added = sites.add(office, "account", "老张的电工日记", WHO)
    assert added["case_id"] is None
    assert site_doubts.open_case(office, "老张的电工日记", WHO, "文章里放假的查询页")["case_id"] is not None


def test_a_look_that_began_before_undoes_nothing(office: Office, server: SiteServer) -> None:
    with reading(office.engine) as connection:
        [stale] = store.sites(connection, name=HOST)
    site_doubts.dismiss(office, HOST, WHO, "不是仿冒")
    [row] = list(site_looks.look_at(office, [stale], WHO, server.manners))
    assert row["band"] == "dismissed"
    with writing(office.engine) as connection:
        assert not store.think(connection, stale["id"], "review")
        assert not store.settle(connection, stale["id"], "review", "flagged", {})


def test_a_decision_whose_process_died_is_made_whole(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_given: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(site_doubts, "enter", die)
        with pytest.raises(KeyboardInterrupt):
            site_doubts.open_case(office, HOST, WHO, "冒用名义")
    with pytest.raises(UsageError, match="正由他人立案"):
        site_doubts.open_case(office, HOST, WHO, "冒用名义")
    office.clock.at += site_doubts.UNDER_WAY  # type: ignore[attr-defined]
    assert site_doubts.open_case(office, HOST, WHO, "冒用名义")["case_id"] is not None
    assert [row["action"] for row in World(office.engine).rows(s.audit_entry)].count("site.opened") == 1
