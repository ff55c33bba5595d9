"""Sites on loopback are looked at and judged; suspected ones get an entry and a case; hostile ones end."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from adwatch.app import page_views, site_looks, site_schedule
from adwatch.app.office import Office
from adwatch.app.sightings import Sighting, read_texts, record_sightings
from adwatch.casework.review import list_cases
from adwatch.store import sites as store
from adwatch.store.dump import canonical
from adwatch.store.engine import reading
from adwatch.tables import table_file
from tests.app.capturing import browser
from tests.app.site_server import SITES, WORLD, Page, SiteServer, lay_out, site_server
from tests.app.sites_world import DAY, OFFER, an_office, offer, put

CHECKED = "zscx-verify.top"
NO_BROWSER = {"chromium": "no-such-browser"}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[SiteServer]:
    with site_server(monkeypatch) as running:
        yield running


def look(office: Office, server: SiteServer, *addresses: str) -> dict[str, dict[str, Any]]:
    record_sightings(office, [Sighting(address, "qr") for address in addresses], DAY)
    return {row["name"]: row for row in site_looks.look_due(office, manners=server.manners)}


@pytest.mark.slow
def test_the_world_is_judged_as_it_is_served(tmp_path: Path, server: SiteServer) -> None:
    with an_office(tmp_path, **NO_BROWSER) as office:
        addresses = lay_out(server)
        rows = look(office, server, *addresses.values())
        found = {
            file: rows[url.split("/")[2].split(":")[0]]["word"] for file, url in addresses.items() if _kept(rows, url)
        }
        fakes = {site["file"] for site in SITES if site["expected"] == "fake_lookup"}
        caught = {file for file, word in found.items() if word == "fake_lookup"}
        assert caught == fakes
        cases = list_cases(office.engine, classes=office.classes, families=office.families)
        assert {case["native_id"] for case in cases} >= {
            rows[n]["name"] for n in rows if rows[n]["word"] == "fake_lookup"
        }
        assert all(case["offer_types"] == ["fake_lookup_site"] for case in cases)
        assert {method for method, _, _ in server.asked} == {"GET"}
        before = list(canonical(office.engine))
        assert list(site_looks.look_due(office, manners=server.manners)) == []
        assert list(canonical(office.engine)) == before


def _kept(rows: dict[str, Any], url: str) -> bool:
    return url.split("/")[2].split(":", maxsplit=1)[0] in rows


def test_a_case_keeps_what_was_seen_and_says_why(tmp_path: Path, server: SiteServer) -> None:
    with an_office(tmp_path, **NO_BROWSER) as office:
        [url] = lay_out(server, "01.html").values()
        put(office, [offer(1, f"{OFFER}，请登录{url}")])
        read_texts(office, DAY)
        [row] = site_looks.look_due(office, manners=server.manners)
        assert (row["word"], row["band"]) == ("fake_lookup", "flagged")
        [kept] = page_views.captures_of_case(office, row["case_id"])
        assert kept["occasion_label"] == "仿冒网站核查"
        assert {file["kind"] for file in kept["files"]} == {"page_archive", "page_facts"}
        body, _ = page_views.archived_page(office, kept["id"])
        assert "应急管理" in body.decode()
        with reading(office.engine) as connection:
            [site] = store.sites(connection)
            looks = store.looks_of(connection, [site["id"]])[site["id"]]
            marks = {mark["kind"] for mark in store.marks_of(connection, [site["id"]])}
        assert site["families"][0] == "special_operations"
        assert looks[0]["facts"]["server_ip"] == "127.0.0.1"
        assert {"template", "address"} <= marks
        case = next(
            each
            for each in list_cases(office.engine, classes=office.classes, families=office.families)
            if each["case_id"] == row["case_id"]
        )
        assert case["title"].startswith("疑似假冒查询网站") and case["scope"] == "safety_production"


def test_what_cannot_be_seen_is_said_and_makes_no_case(tmp_path: Path, server: SiteServer) -> None:
    with an_office(tmp_path, **NO_BROWSER) as office:
        lay_out(server, "18.html", "23.html")
        server.put("cx-mem-gov.top", Page(b"denied", 403))
        addresses = [f"http://{host}/" for host in ("cxmem-online.com", "cx-mem-gov.top", "cxmemgov.vip", CHECKED)]
        rows = look(office, server, *addresses)
        words = {name: (row["word"], row["band"], row["case_id"]) for name, row in rows.items()}
        assert words == {
            "cxmem-online.com": ("parked", "review", None),
            "cx-mem-gov.top": ("blocked", "review", None),
            "cxmemgov.vip": ("dead", "review", None),
            CHECKED: ("blocked", rows[CHECKED]["band"], None),  # a browser check is no grave
        }


def test_the_schedule_keeps_the_days_budget_and_says_what_was_wanting(tmp_path: Path, server: SiteServer) -> None:
    own = tmp_path / "data" / "tables"
    own.mkdir(parents=True)
    shipped = (table_file("site_rules.csv", None)).read_text("utf-8")
    assert "per_day,60," in shipped
    (own / "site_rules.csv").write_text(shipped.replace("per_day,60,", "per_day,1,"), "utf-8")
    with an_office(tmp_path, data=tmp_path / "data", **NO_BROWSER) as office:
        [first, *_] = lay_out(server, "01.html", "18.html").values()
        record_sightings(office, [Sighting(first, "qr"), Sighting("http://cxmem-online.com/", "qr")], DAY)
        done = site_schedule.look_at_sites(office, server.manners)
        assert (done["looked"], done["words"], done["waiting"]) == (1, {"疑似假冒查询网站": 1}, 1)
        assert len(done["cases"]) == 1 and done["gone"] == []
        assert site_schedule.NO_BROWSER in done["notes"] and "还有 1 个等到明天" in done["notes"][1]
        again = site_schedule.look_at_sites(office, server.manners)
        assert (again["looked"], again["waiting"]) == (0, 1)


def _endless(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "text/html")
    handler.end_headers()
    block = b"<p>" + b"x" * 65_000
    try:
        for _ in range(1700):  # 110 MB
            handler.wfile.write(block)
    except OSError:
        return  # the capture has had enough


def _chain(handler: BaseHTTPRequestHandler) -> None:
    number = int(handler.path.rpartition("/")[2] or 0) if handler.path.rpartition("/")[2].isdigit() else 0
    handler.send_response(302)
    handler.send_header("Location", f"/r/{number + 1}")
    handler.send_header("Content-Length", "0")
    handler.end_headers()


def test_hostile_answers_end_within_the_limits(tmp_path: Path, server: SiteServer) -> None:
    with an_office(tmp_path, **NO_BROWSER) as office:
        server.put("big.example", Page(_endless))
        server.put("chain.example", Page(_chain))
        server.put("deep.example", Page(b"<div>" * 200_000))
        server.put("nul.example", Page(b"\0" * 1_000_000))
        begin = time.process_time()
        rows = look(office, server, *(f"http://{host}/" for host in server.pages))
        assert {name: row["case_id"] for name, row in rows.items()} == dict.fromkeys(server.pages)
        assert not any(row["word"] == "fake_lookup" for row in rows.values())
        assert sum(host == "chain.example" for _, host, _ in server.asked) <= 12
        assert time.process_time() - begin < 60
        other = [host for _, host, _ in server.asked if host not in server.pages]
        assert other == []


@pytest.mark.slow
def test_a_part_of_the_world_is_judged_as_it_is_rendered(tmp_path: Path, server: SiteServer) -> None:
    browser()
    with an_office(tmp_path) as office:
        addresses = lay_out(server, "07.html", "12.html")
        written = json.dumps((WORLD / "06.html").read_text("utf-8")).replace("</", "<\\/")
        made = f"<html><head></head><body><script>document.documentElement.innerHTML = {written}</script></body></html>"
        server.put("k9-plain.example", Page(made.encode()))  # nothing of it is there before its script has run
        rows = look(office, server, *addresses.values(), "http://k9-plain.example/")
        words = {name: row["word"] for name, row in rows.items()}
        assert words == {
            "tsrycx.com.cn": "fake_lookup",
            "www.pingchuan-aqpx.cn": "other",
            "k9-plain.example": "fake_lookup",
        }
        [kept] = page_views.captures_of_case(office, rows["k9-plain.example"]["case_id"])
        assert "page_screenshot" in {file["kind"] for file in kept["files"]}
        with reading(office.engine) as connection:
            looks = store.looks_of(connection, [row["id"] for row in rows.values()])
        assert {look["facts"]["rendered"] for made in looks.values() for look in made} == {"captured"}


LOOP = """<html><head><title>特种作业操作证查询</title></head><body><form><input name="xm" placeholder="姓名">
<input name="zjhm" placeholder="证件号码"></form><p>应急管理部</p>
<iframe src="/"></iframe><iframe src="/"></iframe><script>{script}</script></body></html>"""


@pytest.mark.slow
def test_hostile_pages_are_rendered_within_the_limits(tmp_path: Path, server: SiteServer) -> None:
    browser()
    (tmp_path / "data" / "tables").mkdir(parents=True)
    head = "platform,per_day,per_host,javascript,seconds,requests,megabytes,height,within_days,note"
    (tmp_path / "data" / "tables" / "capture_rules.csv").write_text(f"{head}\n*,200,60,yes,5,40,20,3000,7,\n", "utf-8")
    with an_office(tmp_path, data=tmp_path / "data") as office:
        server.put("cx-mem-loop.com", Page(LOOP.format(script="while(true){}").encode()))
        late = (
            "document.body.insertAdjacentHTML('beforeend','<p>证书编号 有效期限 作业类别 复审日期 签发机关 姓名</p>')"
        )
        server.put("cx-mem-late.com", Page(LOOP.format(script=late).encode()))
        rows = look(office, server, "http://cx-mem-loop.com/", "http://cx-mem-late.com/")
        assert {row["word"] for row in rows.values()} <= {"fake_lookup", "doubtful"}
        assert rows["cx-mem-late.com"]["word"] == "fake_lookup"
        assert len(server.asked) < 120
        assert {method for method, _, _ in server.asked} == {"GET"}
