"""Pages that say little themselves: a frame of another address, a refresh, a picture with inputs over it."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from io import BytesIO
from pathlib import Path

import pytest

from adwatch.app import site_looks
from adwatch.app.sightings import Sighting, record_sightings
from adwatch.app.site_views import Views
from adwatch.pictures.reading import Reader
from adwatch.store import sites as store
from adwatch.store.engine import reading
from tests.app.capturing import browser
from tests.app.site_server import Page, SiteServer, site_server
from tests.app.sites_world import DAY, an_office
from tests.pictures.drawing import draw

NO_BROWSER = {"chromium": "no-such-browser"}
FORM = """<html><head><title>特种作业操作证查询</title></head><body>应急管理部<form>姓名<input name=a>证件号码
<input name=b><button>查询</button></form></body></html>"""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[SiteServer]:
    with site_server(monkeypatch) as running:
        yield running


def words(folder: Path, server: SiteServer, *hosts: str, **settings: str) -> dict[str, str]:
    with an_office(folder, **settings) as office:
        record_sightings(office, [Sighting(f"http://{host}/", "qr") for host in hosts], DAY)
        return {row["name"]: row["word"] for row in site_looks.look_due(office, manners=server.manners)}


def test_what_a_frame_or_a_refresh_leads_to_is_judged(tmp_path: Path, server: SiteServer) -> None:
    server.put("inner-k7.example", Page(FORM.encode("gbk"), headers={"Content-Type": "text/html"}))
    server.put("frame-k1.example", Page(b"<iframe src='http://inner-k7.example/q'></iframe>"))
    server.put("set-k2.example", Page(b"<frameset rows=*><frame src=//inner-k7.example/q></frameset>"))
    server.put(
        "sent-k3.example",
        Page(b"<meta http-equiv=refresh content=\"0; url='http://inner-k7.example/q'\">"),
    )
    server.put("none-k4.example", Page(b"<iframe src='http://nowhere-k5.example/'></iframe>"))
    text = "<p>" + "毛衣、围巾、手套，全国包邮。" * 40 + "<iframe src='http://inner-k7.example/q'></iframe>"
    server.put("shop-k6.example", Page(text.encode()))
    hosts = ("frame-k1.example", "set-k2.example", "sent-k3.example", "none-k4.example", "shop-k6.example")
    assert words(tmp_path, server, *hosts, **NO_BROWSER) == {
        "frame-k1.example": "fake_lookup",
        "set-k2.example": "fake_lookup",
        "sent-k3.example": "fake_lookup",
        "none-k4.example": "other",
        "shop-k6.example": "other",  # a shop with a frame in it is a shop
    }
    assert {method for method, _, _ in server.asked} == {"GET"}


def test_a_frame_is_kept_with_the_case(tmp_path: Path, server: SiteServer) -> None:
    server.put("frame-k1.example", Page(b"<iframe src='/inner'></iframe>"))

    def answer(handler: BaseHTTPRequestHandler) -> None:
        body = FORM if handler.path == "/inner" else "<iframe src='/inner'></iframe>"
        handler.answer(200, {"Content-Type": "text/html; charset=utf-8"}, body.encode())  # type: ignore[attr-defined]

    server.put("frame-k1.example", Page(answer))
    with an_office(tmp_path, **NO_BROWSER) as office:
        record_sightings(office, [Sighting("http://frame-k1.example/", "qr")], DAY)
        [row] = site_looks.look_due(office, manners=server.manners)
        assert row["word"] == "fake_lookup" and row["page_capture_id"] is not None
        with reading(office.engine) as connection:
            [site] = store.sites(connection)
        assert site["band"] == "flagged"
    assert [path for _, _, path in server.asked].count("/inner") == 1


def test_a_frame_of_an_official_page_is_no_fake(tmp_path: Path, server: SiteServer) -> None:
    server.put("cx.mem.gov.cn", Page(FORM.encode()))
    server.put("frame-k1.example", Page(b"<iframe src='http://cx.mem.gov.cn/special'></iframe>"))
    assert words(tmp_path, server, "frame-k1.example", **NO_BROWSER) == {"frame-k1.example": "other"}


@pytest.mark.slow
def test_a_picture_with_inputs_over_it_is_read(tmp_path: Path, server: SiteServer, reader: Reader) -> None:
    browser()
    lines = ["应急管理部", "特种作业操作证查询", "姓名", "证件号码", "验证码", "立即查询"]
    shown = draw({"id": "page", "lines": lines, "how": "plain", "layout": "certificate"})
    picture = base64.b64encode(shown).decode()
    inputs = "<input name=k1><input name=k2><input name=k3>"
    server.put("drawn-k1.example", Page(f"<body><img src='data:image/png;base64,{picture}'>{inputs}".encode()))
    assert words(tmp_path, server, "drawn-k1.example") == {"drawn-k1.example": "fake_lookup"}


def test_only_a_page_that_says_little_has_its_picture_read(reader: Reader) -> None:
    from PIL import Image

    views, made = Views([reader]), BytesIO()
    Image.effect_noise((300, 200), 90).convert("RGB").save(made, "PNG")
    before = reader.total
    assert views.pictured("<img src=a><p>" + "毛衣、围巾、手套。" * 60, made.getvalue()) == ""
    assert views.pictured("<p>没有图片", made.getvalue()) == ""
    assert reader.total == before
    views.pictured("<img src=a>", made.getvalue())
    assert reader.total > before
