"""The whole way: a code in a listing's picture, a confirmed site, letters, transfer, gone, and the number in the table."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from lxml import etree

from adwatch.app import casework, reports, site_looks, sites, transfer
from adwatch.app.office import Office
from adwatch.app.pictures import read_pictures
from adwatch.app.sightings import Sighting, read_texts, record_sightings
from adwatch.casework.tracks import tracks_of
from adwatch.errors import UsageError
from adwatch.evidence.audit import verify_log
from adwatch.models import Actor
from adwatch.pictures.reading import Reader
from adwatch.store import picture_rows
from adwatch.store import sites as store
from adwatch.store.engine import reading
from tests.app.site_server import Page, SiteServer, lay_out, site_server
from tests.app.sites_world import DAY, OFFER, an_office, offer, put
from tests.pictures.drawing import draw
from tests.pictures.gallery import FILE, PLATFORM, gallery

ACTOR, HEAD = Actor("张三", "某市市场监管局"), Actor("局长", "某市市场监管局", "head")
REVIEWER = ("李四", "某市应急管理局")
NO_BROWSER = {"chromium": "no-such-browser"}


class Clock:
    def __init__(self) -> None:
        self.at = datetime(2026, 11, 28, 2, tzinfo=UTC)

    def now(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[SiteServer]:
    with site_server(monkeypatch) as running:
        yield running


def step(office: Office, case: int) -> str:
    with reading(office.engine) as connection:
        return next(str(each["step"]) for each in tracks_of(connection, [case])[case] if each["track"] == "site")


def cell(office: Office) -> dict[str, Any]:
    table = reports.content(office, "two_monthly", "2026-11")
    return dict(table["own"][table["own_department"]]["fake_sites"])


def seen(office: Office, server: SiteServer) -> list[dict[str, Any]]:
    return list(site_looks.look_due(office, manners=server.manners))


def send(office: Office, drafted: list[dict[str, Any]], folder: Path) -> dict[str, Path]:
    files = {}
    for row in drafted:
        transfer.decide(office, row["number"], True, HEAD)
        files[row["to"]] = Path(transfer.send(office, row["number"], ACTOR, out=folder)["file"])
    return files


def read_a_code(office: Office, address: str, reader: Reader) -> None:
    """A listing whose picture shows a certificate with a code: fetched, decoded, and the site met by it alone."""
    card = {"id": "card", "lines": ["特种作业操作证", "扫码可查"], "how": "qr", "url": address, "layout": "certificate"}
    with gallery({"card.png": draw(card)}) as shop:
        image = f"{shop.url}/card.png"
        listing = replace(offer(1, OFFER), platform=PLATFORM, images=(image,))
        key = put(office, [listing])["g1"]
        read_texts(office, DAY)
        assert sites.listed(office, every=True) == []  # nothing but the code names the site
        counts = read_pictures(office, DAY, reader=reader).counts
    assert (counts["read"], counts["findings"]) == (1, 1)
    with reading(office.engine) as connection:
        [site] = store.sites(connection)
        [met] = store.sightings_of(connection, [site["id"]])
        shown = picture_rows.address(connection, image)
    assert shown is not None and shown.word == "read"
    assert (met["how"], met["listing_id"], met["address"]) == ("qr", key, address)
    assert met["capture_id"] is not None and met["case_id"] is not None


@pytest.mark.slow
def test_from_a_code_in_a_listing_to_the_number_in_the_table(
    tmp_path: Path, server: SiteServer, reader: Reader
) -> None:
    clock = Clock()
    (tmp_path / "data" / "platforms").mkdir(parents=True)
    (tmp_path / "data" / "platforms" / f"{PLATFORM}.yml").write_text(FILE, "utf-8")
    with an_office(tmp_path, clock, data=tmp_path / "data", **NO_BROWSER) as office:
        first, second = lay_out(server, "01.html", "04.html").values()
        read_a_code(office, first, reader)
        put(office, [offer(2, f"{OFFER} 官网 {first}"), offer(3, f"{OFFER} {second}")])
        read_texts(office, DAY)
        found = {row["name"]: row for row in seen(office, server)}
        assert {row["word"] for row in found.values()} == {"fake_lookup"}
        name = "cx.mem.gov.cn.zscx-online.cn"
        case = found[name]["case_id"]
        assert cell(office)["value"] == 0
        with pytest.raises(UsageError, match="尚未经"):
            sites.route(office, [name], ACTOR)
        casework.register(office, [case], "张三", None)
        routed = casework.decide(office, [case], "confirm", *REVIEWER, "页面仿冒本部门查询网站")[1]
        assert [row["state"] for row in routed] == ["confirmed"]
        drafted = sites.route(office, [], ACTOR)
        assert [row["to"] for row in drafted] == ["cyberspace", "telecom", "police", "host"]
        assert [row["addressee"] for row in drafted if row["to"] == "host"] == ["（127.0.0.1 的接入服务提供者）"]
        assert [row["to"] for row in drafted if "接入商未知" in row["note"]] == ["host"]
        assert sites.route(office, [], ACTOR) == []
        files = send(office, drafted, tmp_path)
        assert step(office, case) == "to_host"
        _letters(files, first)
        shown = cell(office)
        assert (shown["value"], [each["case_id"] for each in shown["listings"]]) == (1, [case])
        behind = reports.behind(office, reports.content(office, "two_monthly", "2026-11"), "fake_sites")
        assert name in behind[0]["title"]
        draft_report, rows = casework.draft(office, tmp_path / "takedown")
        assert rows == [] and draft_report.kept == 0  # no letter asks a platform to take the site down

        clock.at += timedelta(days=1, hours=1)
        server.put(name, Page(b"", 404))
        assert any(row["gone"] for row in seen(office, server) if row["name"] == name)
        assert step(office, case) == "verified_once"
        clock.at += timedelta(hours=2)
        assert name not in {row["name"] for row in seen(office, server)}
        clock.at += timedelta(days=1)
        lay_out(server, "01.html")
        assert seen(office, server)
        assert step(office, case) == "to_host"  # it was back
        for hours in (25, 25):
            clock.at += timedelta(hours=hours)
            server.put(name, Page(b"", 404))
            assert seen(office, server)
        assert step(office, case) == "verified"
        assert cell(office)["value"] == 1
        assert verify_log(office.engine).fault is None


def _letters(files: dict[str, Path], address: str) -> None:
    for receiver, asked in (("cyberspace", "封堵"), ("telecom", "备案"), ("host", "服务器托管")):
        with zipfile.ZipFile(files[receiver]) as package:
            names = set(package.namelist())
            letter = "\n".join(p.text for p in Document(BytesIO(package.read("papers/01-letter.docx"))).paragraphs)
            assert asked in letter and address in letter and "127.0.0.1" in letter
            cells = Document(BytesIO(package.read("papers/07-sites.docx"))).tables[0]._cells
            assert any("接入者未知，请通信管理部门协助查明" in each.text for each in cells)
            graph = json.loads(package.read("network/graph.json"))
            tree = etree.fromstring(package.read("network/graph.graphml"))
            assert {"papers/07-sites.docx", "network/graph.graphml"} <= names
            assert any(name.endswith(".wacz") for name in names)
        kinds = {node["kind"] for node in graph["nodes"]}
        assert {"site", "listing", "address"} <= kinds
        assert {edge["how"] for edge in graph["edges"]} >= {"二维码", "信息文字", "服务器地址"}
        space = "{http://graphml.graphdrawing.org/xmlns}"
        assert len(list(tree.iter(f"{space}node"))) == len(graph["nodes"])
        ends = {each.get("id") for each in tree.iter(f"{space}node")}
        assert all({each.get("source"), each.get("target")} <= ends for each in tree.iter(f"{space}edge"))


def test_apps_and_accounts_are_subjects_like_sites(tmp_path: Path) -> None:
    with an_office(tmp_path, Clock()) as office:
        about = {"maker": "某某科技", "subject": "某某网络科技有限公司", "store_link": "https://store.example/app/1"}
        found = sites.add(office, "mini_program", "全国工程质量安全监管信息平台", ACTOR, **about)
        assert (found["verdict"], found["band"]) == ("look_alike", "flagged")
        assert sites.add(office, "account", "国家安全生产考试", ACTOR)["verdict"] == "official"
        assert sites.add(office, "account", "老张的电工日记", ACTOR)["case_id"] is None
        near = sites.add(office, "account", "国家安全生产考式", ACTOR)
        assert near["verdict"] == "look_alike"
        assert sites.add(office, "app", "特种作业证书查询", ACTOR, **about)["case_id"] is not None
        again = sites.add(office, "mini_program", "全国工程质量安全监管信息平台", ACTOR, **about)
        assert again["case_id"] == found["case_id"] is not None
        casework.register(office, [found["case_id"]], "张三", None)
        casework.decide(office, [found["case_id"]], "confirm", "李四", "某市住建局", "仿冒")
        assert [row["to"] for row in sites.route(office, [], ACTOR)] == ["cyberspace", "telecom", "police"]
        assert cell(office)["value"] == 1


def test_a_reference_makes_copies_alike(tmp_path: Path, server: SiteServer) -> None:
    with an_office(tmp_path, Clock(), **NO_BROWSER) as office:
        official = lay_out(server, "27.html")["27.html"]
        with pytest.raises(UsageError, match="不在官方登记册"):
            sites.reference(office, "http://cx-mem-gov.top/", ACTOR, server.manners)
        assert sites.reference(office, official, ACTOR, server.manners)["prints"] == ["structure"]
        server.put("plain-k3.example", Page(server.pages["cx.mem.gov.cn"].body))
        record_sightings(office, [Sighting("http://plain-k3.example/", "qr")], DAY)
        [row] = [each for each in seen(office, server) if each["name"] == "plain-k3.example"]
        assert any("页面结构与官方网站 cx.mem.gov.cn 相似度1.00" in why for why in row["why"])
