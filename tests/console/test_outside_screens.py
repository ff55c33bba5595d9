"""Screens 分派, 甄别函 and 专项: the way by clicking, hostile text, limits and rights."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from urllib3.filepost import encode_multipart_formdata

from adwatch.app import bulletins, casework, confirmation
from adwatch.store import schema as s
from collectors.handover.whole import whole_workbook
from tests.app.letters_world import ONE, TWO, Desk, filled, saved
from tests.app.test_bulletins import ACTOR, closed, gate
from tests.app.test_campaigns import NAME, written
from tests.app.test_sources import CARD, order
from tests.console.site import UNIT, Client, Site, running, text

NUMBER, LEAD = "ADW-ZB-2026-0001", "ADW-2026-000001"
HOSTILE = '<script>alert(1)</script><img src="//x.example/1">'


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.office.__exit__(None, None, None)


@pytest.fixture
def site(desk: Desk) -> Iterator[Site]:
    with running(desk.office) as made:
        made.account("officer", "monitor")
        made.account("head", "head")
        made.account("viewer", "viewer")
        made.account("county", "head", regions=["甲县"])
        yield made


def upload(client: Client, path: str, page: str, **parts: Any) -> Any:
    """A form with files, as a browser sends it."""
    body, kind = encode_multipart_formdata({"csrf": client.token(page), **parts})
    cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    headers = {"Cookie": cookies, "Content-Type": kind}
    return client.pool.request("POST", client.base + path, body=body, headers=headers, redirect=False, retries=False)


def test_a_batch_goes_out_and_comes_back_by_clicking(desk: Desk, site: Site, tmp_path: Path) -> None:
    desk.lead("1", ONE, title=HOSTILE)
    desk.lead("2")
    officer = site.client("officer")
    assert officer.post("/letters/draft", page="/letters").status == 303
    page = text(officer.get("/letters"))
    assert NUMBER in page
    sheet = officer.get(f"/letters/{NUMBER}/file.xlsx")
    assert sheet.data == confirmation.files(desk.office, NUMBER)[f"{NUMBER}.xlsx"]
    asked = text(officer.post(f"/letters/{NUMBER}/sent", page=f"/letters/{NUMBER}"))
    assert "尚未填写：文号，登记后不能补填。签发人、成文日期不在本系统登记" in asked
    given = {"document": "某函〔2026〕1号"}
    assert "尚未填写" not in text(officer.post(f"/letters/{NUMBER}/sent", given, f"/letters/{NUMBER}"))
    assert officer.sure(f"/letters/{NUMBER}/sent", given, f"/letters/{NUMBER}").status == 303
    (tmp_path / "out.xlsx").write_bytes(sheet.data)
    answers = {LEAD: ("属实", HOSTILE, "李", "2026-11-18"), "ADW-2026-000002": ("也许", "", "李", "2026-11-18")}
    back = saved(tmp_path / "back.xlsx", filled(tmp_path / "out.xlsx", answers))
    answer = upload(
        officer,
        f"/letters/{NUMBER}/reply",
        f"/letters/{NUMBER}",
        sheet=("回.xlsx", back.read_bytes()),
        scan=("复函.pdf", b"%PDF-1.4"),
        reply_number="某应急函〔2026〕8号",
    )
    page = text(answer)
    assert "不在表内" in page
    assert "其余 1 行已采用" in page
    assert [row["state"] for row in desk.world.rows(s.case)] == ["confirmed", "registered"]
    assert {row["kind"] for row in desk.world.rows(s.attachment)} == {"reply_sheet", "reply_scan"}
    assert officer.post(f"/letters/{NUMBER}/chase", page=f"/letters/{NUMBER}").status == 303
    reminder = officer.get(f"/letters/{NUMBER}/reminder.xlsx")
    (tmp_path / "reminder.xlsx").write_bytes(reminder.data)
    assert [cells[1] for cells in filled(tmp_path / "reminder.xlsx", {})[4:]] == ["ADW-2026-000002"]
    for path in ("/letters", f"/letters/{NUMBER}", "/routing", "/routing/case/1"):
        shown = text(officer.get(path))
        assert "<script>alert" not in shown, path
        assert 'src="//' not in shown, path


def test_a_lead_that_no_row_fits_is_shown_and_assigned(desk: Desk, site: Site) -> None:
    case_id = desk.lead("1", "某证免考", seller_name=HOSTILE)
    with desk.office.engine.begin() as connection:
        connection.execute(s.case.update().values(owner=None))
        connection.execute(s.case_tag.delete())
    officer = site.client("officer")
    assert f"/routing/case/{case_id}" in text(officer.get("/routing"))
    given = {"owners": ["police", "housing"], "reason": "电话核实"}
    assert officer.post(f"/routing/case/{case_id}/assign", given, f"/routing/case/{case_id}").status == 303
    assert "住房城乡建设" in text(officer.get(f"/routing/case/{case_id}"))
    assert f"/routing/case/{case_id}" not in text(officer.get("/routing"))
    assert officer.post(f"/routing/case/{case_id}/assign", {"reason": "x"}, f"/routing/case/{case_id}").status == 400


def test_a_campaign_and_its_bulletin_by_clicking(desk: Desk, site: Site) -> None:
    written(desk)
    case_id = closed(desk)
    officer, head = site.client("officer"), site.client("head")
    one = f"/campaign/of/{NAME}"
    assert officer.post(f"{one}/assign", {"ids": f"{case_id} 99"}, one).status == 303
    value = {"indicator": "rectified", "value": "3", "department": "应急管理", "county": "甲县"}
    assert officer.post(f"{one}/enter", value, one).status == 303
    page = text(officer.get(one))
    assert "甲县 3" in page
    assert f"/cases/{case_id}" in page
    assert f"/queue?state=all&amp;campaign={NAME}" in page
    drafted = officer.post("/campaign/bulletins/draft", {"kind": "quarter", "key": "2026-Q4"}, "/campaign")
    place = drafted.headers["location"]
    assert officer.post(f"{place}/approve", page="/campaign").status == 403
    assert head.post(f"{place}/approve", page=place).status == 303
    assert "发布</button>" not in text(head.get(place)).replace("不予发布</button>", "")
    assert "publication.csv" in text(head.get(place))
    assert head.sure(f"{place}/publish", page=place).status == 400
    gate(desk, f"{UNIT},,2026-01-01,,")
    assert "发布</button>" in text(head.get(place)).replace("不予发布</button>", "")
    assert head.sure(f"{place}/publish", page=place).status == 303
    assert bulletins.listed(desk.office)[0]["state"] == "published"
    assert head.get(f"{place}/file.docx").data.startswith(b"PK")


def test_what_covers_the_whole_office_is_closed_to_limited_accounts_and_viewers_change_nothing(
    desk: Desk, site: Site
) -> None:
    written(desk)
    desk.lead("1", TWO)
    confirmation.draft(desk.office, ACTOR)
    county, viewer = site.client("county"), site.client("viewer")
    for path in ("/letters", f"/letters/{NUMBER}", "/routing", "/campaign", f"/campaign/of/{NAME}"):
        assert county.get(path).status == 403, path
        page = viewer.get(path)
        assert page.status == 200, path
        acts = [act for act in re.findall(r'action="([^"]+)"', text(page)) if act != "/sign-out"]
        assert acts == [], path
    for path in ("/letters/draft", f"/letters/{NUMBER}/sent", "/routing/apply", f"/campaign/of/{NAME}/assign"):
        assert viewer.post(path, {"ids": "1"}).status == 403, path
    assert viewer.get(f"/letters/{NUMBER}/file.xlsx").status == 403
    assert viewer.get("/letters/ADW-ZB-2026-9999").status == 400


def test_leads_come_in_and_are_answered_by_clicking(desk: Desk, site: Site, tmp_path: Path) -> None:
    officer = site.client("officer")
    rows = [
        [1, "SJ-1", HOSTILE, "", HOSTILE, "2026-11-17", "", "", "", ""],
        [2, "SJ-2", "b", "", "c", "近期", *[""] * 4],
    ]
    sheet = order(tmp_path / "交办.xlsx", rows).read_bytes()
    answer = upload(officer, "/sources/import", "/sources", sheet=("../../交办.xlsx", sheet), origin="superior")
    assert "不是日期" in text(answer)
    page = text(officer.get("/sources?due=true"))
    assert "（逾期）" in page
    assert "SJ-2" not in page
    case_id = desk.world.rows(s.intake_lead)[0]["case_id"]
    told = officer.post("/sources/ack", {"origin": "superior", "number": "SJ-1"}, "/sources")
    assert "编号 SJ-1" in text(told)
    assert officer.post("/sources/tell", {"origin": "superior", "number": "SJ-1"}, "/sources").status == 400
    casework.decide(desk.office, [case_id], "dismiss", "李", "某局", "无关")
    back = officer.post("/sources/sheets/1/answer", page="/sources")
    assert "不属实" in str(whole_workbook(back.data, "a")[0].rows)
    for path in ("/sources", f"/cases/{case_id}"):
        assert "<script>alert" not in text(officer.get(path)), path


def test_an_inspected_card_is_recorded_by_clicking(desk: Desk, site: Site) -> None:
    sold = desk.lead("1", seller_name="小店", register=False)
    officer = site.client("officer")
    about = {"place": "某工地", "certificate": "电工证", "card": CARD, "seller": "小店", "photo": ("1.jpg", b"x")}
    done = upload(officer, "/sources/inspection/add", "/sources/inspection", **about)
    assert done.status == 303, text(done)
    page = text(officer.get(done.headers["location"]))
    assert CARD not in page
    assert desk.world.rows(s.case_link)[0]["other_id"] == sold
    assert site.client("viewer").get("/sources/inspection").status == 403
