"""已发出、与现认定不符 and its 更正函: on the screens, and in a real browser by keyboard and by clicking."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document

from adwatch.app import casework, correction_letters
from adwatch.casework import sign_in
from adwatch.casework.takedown_files import File
from adwatch.evidence.audit import verify_log
from adwatch.models import Actor
from adwatch.store import schema as s
from adwatch.text import clean
from tests.casework.office import decide
from tests.casework.test_differing_sent import moved
from tests.console.browser import SIZES, Seen, browsing
from tests.console.keys import Keys
from tests.console.site import UNIT, Site, opened, running, text
from tests.console.test_hostile import PAYLOADS
from tests.store.world import World, listing, verdict

SCAN, HEAD = File("章.pdf", "application/pdf", b"%PDF-1.4 sealed"), Actor("人员head", UNIT)
TRANSFER, OURS = "ADW-TR-2026-0001", "/corrections/ADW-CL-2026-0001"
LIVE = "main script, main style, main base, main svg use, main iframe, [onload], [onerror], [onfocus], [hx-get]:not([hx-get^='/'])"
"""Of what hostile text would have made."""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr(sign_in, "COST", {"time_cost": 1, "memory_cost": 8, "parallelism": 1})
    with opened(tmp_path) as office, running(office) as made:
        for role in ("head", "viewer"):
            made.account(role, role)
        yield made


def corrected(site: Site, *cases: int) -> str:
    """Cases corrected to a class of the office; its Chinese name."""
    known = next(iter(site.office.classes.values()))
    given = {"types": [known.id]}
    assert casework.decide(site.office, cases, "confirm", "李四", "某局", "更正", corrected=given)[0].kept == len(cases)
    return known.label


def went_out(site: Site, folder: Path, *names: str, **more: str) -> str:
    """A request to a platform and a transfer of its first case went out; the number of the request."""
    world, head = World(site.office.engine), site.client("head")
    for name in names or ("1",):
        item = listing(name, **{key: clean(value) for key, value in more.items()})
        decide(world, world.flag(item, verdict(item, words=())))
    head.post("/takedown/draft")
    number = str(world.rows(s.takedown_letter)[0]["number"])
    head.sure(f"/takedown/{number}/mark-sent", page=f"/takedown/{number}")
    assert moved(world, folder, 1) == TRANSFER
    return number


def test_a_transfer_is_corrected_by_a_letter_on_the_screens(site: Site, tmp_path: Path) -> None:
    went_out(site, tmp_path)
    label, head, viewer = corrected(site, 1), site.client("head"), site.client("viewer")
    assert "拟更正函</button>" in text(head.get("/differing"))
    assert "拟更正函</button>" not in text(viewer.get("/differing"))
    draft = f"/differing/{TRANSFER}/correct"
    assert viewer.post(draft, {"reason": "更正"}, page="/differing").status == 403
    assert head.post(draft, {"reason": " "}, page="/differing").status == 400
    made = head.post(draft, {"reason": "认定更正"}, page="/differing")
    assert (made.status, made.headers["location"]) == (303, OURS)
    assert label in text(head.get(OURS)) and TRANSFER in text(head.get(OURS))
    assert head.post(draft, {"reason": "再拟"}, page="/differing").status == 400, "one is under way"
    for act in ("check", "sign", "mark-sent", "void", "enter"):
        assert viewer.post(f"{OURS}/{act}", {"reason": "x"}, page="/differing").status == 403
    assert "尚未填写：文号、签发人、成文日期。" in text(head.post(f"{OURS}/mark-sent", page=OURS))
    assert "尚未填写：文号、签发人、成文日期。" in text(head.post(f"{OURS}/send", {"to": "a@b.example"}, page=OURS))
    assert head.post(f"{OURS}/check", page=OURS).status == 303
    facts = {"document_number": "某函〔2026〕3号", "signatory": "张局", "document_date": "2026-11-18"}
    assert head.post(f"{OURS}/sign", facts, page=OURS).status == 303
    assert TRANSFER in text(head.get("/differing")), "until it was sent"
    assert correction_letters.enter(site.office, OURS.rpartition("/")[2], HEAD, {}, SCAN)["scans"]
    scan = f"{OURS}/scans/{hashlib.sha256(SCAN.content).hexdigest()}"
    assert f'href="{scan}"' in text(head.get(OURS)) and head.get(scan).data == SCAN.content
    assert head.get(f"{OURS}/scans/{'0' * 64}").status == 404
    assert "尚未填写" not in text(head.post(f"{OURS}/mark-sent", page=OURS))
    assert head.sure(f"{OURS}/mark-sent", page=OURS).status == 303
    assert TRANSFER not in text(head.get("/differing"))
    assert "已发出 1 件，更正 1 条" in text(head.get("/corrections"))
    assert f'href="{OURS}"' in text(head.get(f"/transfer/{TRANSFER}"))
    file = head.get(f"{OURS}/files/{OURS.rpartition('/')[2]}.docx")
    said = "\n".join(each.text for each in Document(BytesIO(file.data)).paragraphs)
    assert "关于更正有关移送内容的函" in said and "某函〔2026〕3号" in said
    assert head.get(f"{OURS}/files/other.docx").status == 404
    assert head.get("/corrections/ADW-CL-2026-0009").status == 404
    assert "登记更正函已发出" in text(head.get("/audit"))
    assert verify_log(site.office.engine).fault is None


def test_one_is_voided_and_what_it_named_waits_on(site: Site, tmp_path: Path) -> None:
    went_out(site, tmp_path)
    corrected(site, 1)
    head = site.client("head")
    head.post(f"/differing/{TRANSFER}/correct", {"reason": "更正"}, page="/differing")
    assert casework.decide(site.office, [1], "dismiss", "李四", "某局", "误判")[0].kept == 1
    assert "先作废本函" in text(head.get(OURS))
    assert head.post(f"{OURS}/check", page=OURS).status == 400
    assert head.sure(f"{OURS}/void", {"reason": "又有更正"}, page=OURS).status == 303
    assert TRANSFER in text(head.get("/differing"))


def test_an_account_with_limits_sees_letters_that_are_inside(site: Site, tmp_path: Path) -> None:
    went_out(site, tmp_path, seller_region="山西运城")
    corrected(site, 1)
    head = site.client("head")
    head.post(f"/differing/{TRANSFER}/correct", {"reason": "更正"}, page="/differing")
    for name, region in (("here", "山西运城"), ("there", "山西太原")):
        site.account(name, "reviewer", regions=(region,))
    number, here, there = OURS.rpartition("/")[2], site.client("here"), site.client("there")
    assert number in text(here.get("/corrections")) and number not in text(there.get("/corrections"))
    assert here.get(OURS).status == 200
    assert [there.get(path).status for path in (OURS, f"{OURS}/files/{number}.docx")] == [404, 404]
    assert there.post(f"{OURS}/check", page="/differing").status == 404
    assert here.post(f"{OURS}/check", page=OURS).status == 303


def beset(site: Site, folder: Path) -> str:
    """Each payload in what a letter and a transfer say, in links, shops and reasons; all of it was corrected since."""
    names = [str(number) for number in range(len(PAYLOADS))]
    number = went_out(site, folder, *names, seller_name=PAYLOADS[0], title=f"电工证包过 {PAYLOADS[1]}")
    engine = site.office.engine
    world = World(engine)
    asked, gone = world.rows(s.takedown)[0]["content"], world.rows(s.transfer)[0]["content"]
    for row, payload in zip(asked["listings"], PAYLOADS, strict=True):
        row.update(offer_labels=[clean(payload)], url=f"https://mall.example/{clean(payload)}")
    gone["addressee"] = clean(PAYLOADS[3])
    for row in gone["cases"][0]["listings"]:
        row.update(offer_labels=[clean(PAYLOADS[2])], url=f"https://mall.example/{clean(PAYLOADS[1])}")
    with engine.begin() as connection:
        connection.execute(s.takedown.update().values(content=asked))
        connection.execute(s.transfer.update().values(content=gone))
    corrected(site, *range(1, len(PAYLOADS) + 1))
    return number


def shown_as_text(seen: Seen, path: str) -> None:
    """A page on which hostile text is nothing but text, as wide as the screen."""
    seen.go(path)
    page = seen.page
    assert page.locator(LIVE).count() == 0, path
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{path} is {wide} px too wide"
    assert page.locator("main h1").first.is_visible(), path


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES)
def test_hostile_words_run_nothing(site: Site, tmp_path: Path, size: tuple[int, int]) -> None:
    number = beset(site, tmp_path)
    with browsing(site, tmp_path, size) as seen:
        seen.sign_in("head")
        shown_as_text(seen, "/differing")
        rows = seen.page.locator(f"section[id='{number}'] [data-row]")
        assert rows.count() == len(PAYLOADS)
        assert "<script>alert(1)</script>" in rows.first.inner_text(), "it is there, as text"
        for paper, payload in ((number, PAYLOADS[0]), (TRANSFER, PAYLOADS[1])):
            seen.go("/differing")
            card = seen.page.locator(f"section[id='{paper}']")
            card.get_by_label("更正原因").fill(clean(payload))
            card.get_by_role("button", name="拟更正函").click()
            seen.page.wait_for_selector(".said:has-text('更正函')")
            shown_as_text(seen, seen.page.url.removeprefix(site.base))
        seen.shoot("hostile-correction")
        for path in ("/corrections", "/differing", "/audit", "/today", f"/transfer/{TRANSFER}"):
            shown_as_text(seen, path)
        assert seen.alarms == [] and seen.foreign() == []


@pytest.mark.slow
def test_by_keyboard_it_is_set_aside_with_a_reason(site: Site, tmp_path: Path) -> None:
    number = went_out(site, tmp_path)
    corrected(site, 1)
    with browsing(site, tmp_path, (1024, 600)) as seen:
        keys = Keys(seen)
        seen.page.goto(site.base)
        keys.sign_in("head")
        keys.take("2 已发出、与现认定不符", "a")
        keys.page.wait_for_url("**/differing")
        keys.take(number, "a")
        keys.page.wait_for_url(f"**/takedown/{number}")
        keys.skip()
        keys.take("办理", "a")
        keys.page.wait_for_url(f"**/differing#{number}")
        keys.skip()
        keys.to(number, "a")
        keys.fill("理由", "已电话告知平台")
        keys.take("不再提示", "button")
        keys.page.wait_for_selector(".said:has-text('1 处不再提示')")
        assert keys.page.locator(f"section[id='{number}']").count() == 0
        assert keys.page.locator(f"section[id='{TRANSFER}']").count() == 1, "the other is named still"
        seen.shoot("differing-aside")
        keys.skip()
        keys.to(TRANSFER, "a")
        keys.to("理由")
        keys.take("不再提示", "button")
        assert keys.page.locator(f"section[id='{TRANSFER}']").count() == 1, "not without a reason"
        assert seen.alarms == [] and seen.foreign() == []
    world = World(site.office.engine)
    ended = [(row["number"], row["how"], row["person"], row["reason"]) for row in world.rows(s.differing)]
    assert ended == [(number, "aside", "人员head", "已电话告知平台"), (TRANSFER, None, None, None)]
    assert verify_log(site.office.engine).fault is None


@pytest.mark.slow
def test_by_clicking_it_is_corrected_by_letters(site: Site, tmp_path: Path) -> None:
    number = went_out(site, tmp_path)
    label = corrected(site, 1)
    with browsing(site, tmp_path) as seen:
        page = seen.page
        seen.sign_in("head")
        page.click("a.figure[href='/differing']")
        seen.shoot("differing")
        for paper in (TRANSFER, number):
            seen.go("/differing")
            card = page.locator(f"section[id='{paper}']")
            assert f"现为：{label}" in card.inner_text()
            card.get_by_label("更正原因").fill("认定更正")
            card.get_by_role("button", name="拟更正函").click()
            page.wait_for_selector("h1:has-text('拟文')")
            assert label in page.inner_text("main")
            seen.shoot(f"correction-{'transfer' if paper == TRANSFER else 'takedown'}")
            page.click("button:has-text('审核通过')")
            page.wait_for_selector("h1:has-text('审核')")
            page.locator("form[action$='/sign']").get_by_label("文号").fill("某函〔2026〕3号")
            page.click("button:has-text('签发用印')")
            page.wait_for_selector("h1:has-text('签发用印')")
            upload = {"name": "章.pdf", "mimeType": "application/pdf", "buffer": SCAN.content}
            page.locator("form[action$='/enter'] input[type=file]").set_input_files(upload)
            page.locator("form[action$='/enter'] button").click()
            page.wait_for_selector("a:has-text('用印扫描件')")
            page.click("button:has-text('登记已发出')")
            page.click("button:has-text('确认办理')")
            page.wait_for_selector("h1:has-text('发出')")
            seen.go("/differing")
            assert page.locator(f"section[id='{paper}']").count() == 0
        assert page.inner_text("main h1").endswith("0")
        assert seen.alarms == [] and seen.foreign() == []
    assert {row["how"] for row in World(site.office.engine).rows(s.differing)} == {"mended"}
    assert verify_log(site.office.engine).fault is None
