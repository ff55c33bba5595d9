"""Acts on several leads: the dialog names its rows and cancelling gives the ticks back; 立案决定 in bulk ends clocks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adwatch.app import filing
from adwatch.app.decisions import due, tracks_of
from adwatch.casework import sign_in
from adwatch.errors import UsageError
from adwatch.evidence.audit import verify_log
from adwatch.models import Actor
from adwatch.store import schema as s
from tests.casework.office import confirmed
from tests.console.browser import browsing
from tests.console.conftest import DAY, OFFERS
from tests.console.site import UNIT, Site, opened, running, take_in, text
from tests.store.world import World, listing, verdict

HEAD = Actor("张局", UNIT, "head")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr(sign_in, "COST", {"time_cost": 1, "memory_cost": 8, "parallelism": 1})
    with opened(tmp_path) as office, running(office) as site:
        for role in ("head", "monitor"):
            site.account(role, role)
        yield site


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_dialog_names_its_rows_and_cancelling_gives_the_ticks_back(site: Site, tmp_path: Path) -> None:
    hostile = {
        "native_id": "h",
        "title": "<img src=x onerror=alert(1)>包过",
        "text": "电工证包过，人不到场，电话13911112222",
    }
    take_in(site.office, tmp_path, [*OFFERS, hostile], DAY)
    with browsing(site, tmp_path) as seen:
        seen.sign_in("head")
        seen.go("/queue")
        page = seen.page
        rows = page.locator("tr[data-row]")
        ticked = page.locator("tr[data-row] input:checked")
        named, many = page.locator("dialog[open] [data-named] li"), rows.count()
        for cancel in ("Escape", "button"):
            page.press("body", "c")
            assert named.count() == 1
            assert rows.first.get_attribute("data-name") == named.inner_text()
            assert "案件号" in named.inner_text()
            assert page.inner_text("dialog[open] h2") == "属实：选中的 1 条"
            page.press("body", "Escape") if cancel == "Escape" else page.click("dialog[open] [data-close]")
            assert page.locator("dialog[open]").count() == 0
            page.wait_for_function("() => document.querySelector('[data-chosen]').textContent === '0'")
            assert ticked.count() == 0
        rows.nth(1).locator("input").check()
        page.click("button[data-set-verb=dismiss]")
        assert named.all_inner_texts() == [rows.nth(1).get_attribute("data-name")]
        page.press("body", "Escape")
        page.wait_for_function("() => !document.querySelector('dialog[open]')")
        assert ticked.count() == 1, "what was ticked by hand stays so"
        page.check("[data-all]")
        page.click("button[data-set-verb=confirm]")
        names = [rows.nth(at).get_attribute("data-name") for at in range(many)]
        assert named.all_inner_texts() == names[:5] + ([f"等 {many} 条"] if many > 5 else [])
        assert any("<img" in str(name) for name in names)
        page.press("body", "Escape")
        page.uncheck("[data-all]")
        page.click("button[data-set-verb=confirm]")
        page.fill("dialog[open] textarea", "看过")
        page.click("dialog[open] button.main")
        page.wait_for_selector("text=已处理 1 条")
        assert seen.alarms == [] and seen.foreign() == []
    assert [row["result"] for row in World(site.office.engine).rows(s.decision)] == ["confirm"]


def test_filing_is_decided_of_many_at_once_and_what_is_refused_is_named(site: Site) -> None:
    office, world = site.office, World(site.office.engine)
    confirmed(world, "1", "2", "3")
    waiting = world.flag(listing("4"), verdict(listing("4")))
    filing.decide_filing(office, [3], "filed", HEAD)
    assert {row["case_id"] for row in due(office)} == {1, 2}
    head = site.client("head")
    shown = text(head.get("/queue?state=confirmed"))
    assert 'data-set-verb="file"' in shown and "不予立案（约谈告诫）" in shown
    assert 'data-set-verb="file"' not in text(head.get("/queue?state=screening")), "there is nothing to be filed"
    assert 'data-set-verb="file"' not in text(site.client("monitor").get("/queue?state=confirmed"))
    chosen = {"verb": "file", "ids": ["1", "2", "3", str(waiting)]}
    refused = head.post("/queue/act", {**chosen, "filing_as": "not_filed:talk"})
    assert (refused.status, "不予立案须写明理由" in text(refused)) == (400, True)
    assert head.post("/queue/act", {**chosen, "filing_as": "punished:penalty"}).status == 400
    assert site.client("monitor").post("/queue/act", {**chosen, "filing_as": "filed"}).status == 403
    assert tracks_of(office, [1, 2]) == {}
    done = head.post("/queue/act", {**chosen, "filing_as": "not_filed:talk", "reason": "情节轻微"})
    assert done.status == 303
    said = text(head.get("/queue"))
    assert "已处理 2 条；未处理 2 条" in said
    assert "案件 3: 查处分线现为“立案”，已经决定过" in said and f"案件 {waiting}: 现为“待初筛”" in said
    assert due(office) == []
    tracks = tracks_of(office, [1, 2, waiting])
    assert {key: [(row["track"], row["step"], row["outcome"]) for row in rows] for key, rows in tracks.items()} == {
        key: [("investigation", "not_filed", "talk")] for key in (1, 2)
    }
    assert {row["state"] for row in world.rows(s.case) if row["id"] in (1, 2)} == {"closed"}
    assert "情节轻微" in text(head.get("/cases/1"))
    assert verify_log(office.engine).fault is None


def test_a_track_that_was_opened_before_is_decided_too(site: Site) -> None:
    world = World(site.office.engine)
    confirmed(world, "1")
    head = site.client("head")
    assert head.post("/cases/1/track", {"track": "investigation"}).status == 303
    report, rows = filing.decide_filing(site.office, ["1"], "filed", HEAD)
    assert (report.kept, rows[0]["step"]) == (1, "filed")
    with pytest.raises(UsageError, match="立案决定"):
        filing.decide_filing(site.office, ["1"], "inquiry", HEAD)
