from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from adwatch.app import verification
from adwatch.casework import sign_in
from adwatch.evidence.audit import verify_log
from adwatch.store import schema as s
from tests.casework.office import confirmed, decide
from tests.casework.test_relisting import find, offer, remove
from tests.console.site import Client, Site, opened, running, text
from tests.store.world import World, listing, verdict

NUMBER = "ADW-TD-2026-0001"
PAGE = f"/takedown/{NUMBER}"
HOSTILE = "<script>alert(1)</script>\u202e'\"><img src=x onerror=alert(2)>"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr(sign_in, "COST", {"time_cost": 1, "memory_cost": 8, "parallelism": 1})
    with opened(tmp_path) as office, running(office) as site:
        site.account("head", "head")
        site.account("viewer", "viewer")
        yield site


def _upload(client: Client, path: str, fields: dict[str, Any]) -> Any:
    """A form with files, as a browser sends it."""
    cookie = {"Cookie": "; ".join(f"{name}={value}" for name, value in client.cookies.items())}
    sent = {"csrf": client.token(PAGE), **fields}
    return client.pool.request("POST", client.base + path, fields=sent, headers=cookie, redirect=False)


def test_a_letter_is_worked_from_draft_to_reply_by_clicking(site: Site) -> None:
    world = World(site.office.engine)
    confirmed(world, "1", "2")
    head = site.client("head")
    assert head.post("/takedown/draft").status == 303
    (row,) = world.rows(s.takedown_letter)
    number = row["number"]
    page = f"/takedown/{number}"
    overview = text(head.get("/takedown"))
    assert number in overview
    assert "协查函" in overview
    assert head.post(f"{page}/sign", page=page).status == 400, "not before it was checked"
    assert head.post(f"{page}/check", {"note": "内容无误"}, page=page).status == 303
    facts = {"document_number": "某市监函〔2026〕12号", "signatory": "张局", "document_date": "2026-11-19"}
    assert head.post(f"{page}/sign", facts, page=page).status == 303
    shown = text(head.get(page))
    for needed in (
        "签发用印",
        "某市监函〔2026〕12号",
        "关于协助核查处置涉嫌违法证书类信息的函",
        "内容无误",
        "电工证包过",
    ):
        assert needed in shown
    document = head.get(f"{page}/files/{number}.docx")
    assert "某市监函〔2026〕12号" in zipfile.ZipFile(BytesIO(document.data)).read("word/document.xml").decode()
    assert head.get(f"{page}/files/..%2f..%2fetc").status in (400, 404)
    assert head.sure(f"{page}/mark-sent", page=page).status == 303
    refused = head.post(f"{page}/reply", {"kind": "refused", "listings": ["2"]}, page=page)
    assert refused.status == 400, "a refusal has its reason"
    done = head.post(f"{page}/withdraw", {"listings": ["2"], "reason": "经复核不属实"}, page=page)
    assert done.headers["location"].startswith("/takedown/ADW-TL-")
    assert "现予撤回" in text(head.get(done.headers["location"]))
    assert [each["step"] for each in world.rows(s.track)] == ["sent", "sent"]
    assert head.post(f"{page}/reply", {"kind": "acknowledged", "listings": ["1"]}, page=page).status == 303
    assert "复函：签收（1 条：序号 1）" in text(head.get(page))
    assert "复函：签收（1 条）" in text(head.get(done.headers["location"].split("?")[0])), (
        "that has no number of its own"
    )
    assert verify_log(site.office.engine).fault is None


def test_a_refusal_of_one_item_stands_at_that_item(site: Site) -> None:
    world, head = World(site.office.engine), site.client("head")
    confirmed(world, "1", "2")
    head.post("/takedown/draft")
    page = f"/takedown/{world.rows(s.takedown_letter)[0]['number']}"
    head.sure(f"{page}/mark-sent", page=page)
    choices = re.findall(r'<option value="(\d)">([^<]+)', text(head.get(page)).partition('name="listings"')[2])
    assert choices[:2] == [("1", "1 ADW-2026-000001 商品1"), ("2", "2 ADW-2026-000002 商品2")]
    said = {"kind": "refused", "listings": ["2"], "reason": "不构成违法"}
    assert head.post(f"{page}/reply", said, page=page).status == 303
    shown = text(head.get(page))
    assert "复函：不予处置（1 条：序号 2）" in shown
    assert shown.count("<td>不予处置</td>") == 1
    assert "<td>不予处置 1 条</td>" in text(head.get("/takedown"))
    assert "本案信息的复函：不予处置" in text(head.get("/cases/2"))
    assert "本案信息的复函" not in text(head.get("/cases/1"))


def test_scans_and_replies_are_uploaded_and_come_back_as_they_were(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(site.office.engine)
    confirmed(world, "1")
    head = site.client("head")
    head.post("/takedown/draft")
    number = world.rows(s.takedown_letter)[0]["number"]
    monkeypatch.setattr("tests.console.test_takedown_screen.PAGE", f"/takedown/{number}")
    scan = ("用印.pdf", b"%PDF-1.4 sealed", "application/pdf")
    assert _upload(head, f"/takedown/{number}/enter", {"scan": scan}).status == 303
    head.sure(f"/takedown/{number}/mark-sent", page=f"/takedown/{number}")
    files = {"kind": "accepted", "files": ("复函.pdf", b"%PDF-1.4 reply", "application/pdf")}
    assert _upload(head, f"/takedown/{number}/reply", files).status == 303
    shown = text(head.get(f"/takedown/{number}"))
    assert "同意并已处置" in shown
    kept = {row["kind"]: row["sha256"] for row in world.rows(s.attachment)}
    for kind, content in (("scan", b"%PDF-1.4 sealed"), ("reply", b"%PDF-1.4 reply")):
        answer = head.get(f"/takedown/{number}/attachments/{kept[kind]}")
        assert answer.data == content
        assert answer.headers["content-disposition"].startswith("attachment")
    assert head.get(f"/takedown/{number}/attachments/{'0' * 64}").status == 400


def test_what_sellers_wrote_stays_text(site: Site) -> None:
    world = World(site.office.engine)
    item = listing("1", f"包过{HOSTILE}", title=HOSTILE, seller_name=HOSTILE, url=f"javascript:{HOSTILE}")
    decide(world, world.flag(item, verdict(item)))
    head = site.client("head")
    head.post("/takedown/draft")
    number = world.rows(s.takedown_letter)[0]["number"]
    for path in ("/takedown", f"/takedown/{number}", "/takedown/contacts", "/takedown/clocks"):
        shown = text(head.get(path))
        assert "<script>alert" not in shown
        assert "<img" not in shown
        assert "\u202e" not in shown
        assert "javascript:" not in shown.replace("javascript:&lt;", "")


def test_roles_hold(site: Site) -> None:
    world = World(site.office.engine)
    confirmed(world, "1")
    site.client("head").post("/takedown/draft")
    number = world.rows(s.takedown_letter)[0]["number"]
    viewer = site.client("viewer")
    page = f"/takedown/{number}"
    assert viewer.get(page).status == 200
    for verb in ("check", "sign", "void", "mark-sent", "send"):
        assert viewer.post(f"{page}/{verb}", {"reason": "x"}).status == 403
    assert world.rows(s.takedown_letter)[0]["step"] == "draft"
    assert site.client("head").get("/takedown/nothing").status == 404


def test_why_a_look_could_not_tell_is_on_the_letter_and_on_the_case(site: Site) -> None:
    world, head = World(site.office.engine), site.client("head")
    confirmed(world, "1", platform="nowhere")
    assert "下架核验" not in text(head.get("/cases/1"))
    head.post("/takedown/draft")
    head.sure(f"{PAGE}/mark-sent", page=PAGE)
    assert [row["word"] for row in verification.verify(site.office, None, "2026-11-30", everything=True)] == ["unknown"]
    assert '未能核实<div class="small muted">未核验</div>' in text(head.get(PAGE))
    shown = text(head.get("/cases/1"))
    assert "下架核验 1 次，最近一次未能核实（未核验）" in shown
    assert f'<td class="nowrap">{NUMBER}</td><td>未能核实</td><td>未核验</td>' in shown


def test_what_is_back_comes_behind_the_page_for_who_is_limited_and_is_theirs(site: Site, tmp_path: Path) -> None:
    world = World(site.office.engine)
    old = remove(world, tmp_path, seller_region="山西运城盐湖区")
    offer(world, "new", contact="abc13800138000", platform="bazaar")
    find(world)
    site.account("inside", "head", regions=["山西运城"])
    site.account("outside", "head", regions=["山西太原"])
    whole, link = text(site.client("head").get("/takedown")), f'<a href="/cases/{old}">'
    assert "<h2>下架后复现</h2>" in whole and link in whole and "hx-get" not in whole
    for name, shown in (("inside", True), ("outside", False)):
        client = site.client(name)
        page = text(client.get("/takedown"))
        assert 'hx-get="/takedown/back"' in page and link not in page
        assert 'hx-get="/takedown/back"' not in text(client.get("/takedown?step=sent")), "as for the unlimited"
        part = text(client.get("/takedown/back", **{"HX-Request": "true"}))
        assert (link in part) is shown and "<html" not in part
        without_script = text(client.get("/takedown/back"))
        assert (link in without_script) is shown and "<html" in without_script
        assert ("没有下架后复现的信息" in without_script) is not shown
