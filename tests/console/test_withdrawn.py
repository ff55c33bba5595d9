"""The two-person rule on the screen: a first finding is taken back by a click, and the second is shown nothing of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adwatch.app.office import Office
from adwatch.casework import sign_in
from adwatch.settings import Settings
from adwatch.store import schema as s
from tests.console.browser import browsing
from tests.console.site import UNIT, Site, running, text
from tests.store.world import World, listing, verdict

RULES = "kind,field,value,share,note\ntwo_person,scope,safety_production,1,\n"
MACHINE = {"offer_types": ("guaranteed_pass",), "certificate_kinds": ("special_operations",), "basis": ()}


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    (tmp_path / "data" / "tables").mkdir(parents=True)
    (tmp_path / "data" / "tables" / "second_look.csv").write_text(RULES, encoding="utf-8")
    monkeypatch.setattr(sign_in, "COST", {"time_cost": 1, "memory_cost": 8, "parallelism": 1})
    settings = Settings(home=tmp_path / "home", data=tmp_path / "data", unit=UNIT, _env_file=None)  # type: ignore[call-arg]
    with Office(settings) as office, running(office) as made:
        item = listing("1")
        World(office.engine).flag(item, verdict(item, **MACHINE))
        for name in ("first", "second"):
            made.account(name, "reviewer")
        yield made


def test_the_second_is_shown_nothing_of_a_finding_that_was_taken_back(site: Site) -> None:
    first, second, world = site.client("first"), site.client("second"), World(site.office.engine)
    first.get("/cases/1")
    form = {"verb": "dismiss", "code": "D01", "reason": "甲的看法"}
    assert first.post("/cases/1/act", form, page="/cases/1").status == 303
    own = text(first.get("/cases/1"))
    assert "本人已作过结论，须由另一人复核" in own
    assert "撤回本人的结论" in own
    assert first.post("/cases/1/release", {}, page="/cases/1").status == 303
    assert "撤回本人的结论" not in text(second.get("/cases/1"))
    held = text(first.post("/cases/1/undo", {"reason": "点错"}, page="/queue"))
    assert "不能撤销：人员second" in held
    assert second.post("/cases/1/release", {}, page="/cases/1").status == 303
    assert first.post("/cases/1/undo", {"reason": "点错"}, page="/queue").status == 303
    assert [row["stage"] for row in world.rows(s.second_look)] == ["withdrawn"]
    first.post("/cases/1/release", {}, page="/cases/1")
    shown = text(second.get("/cases/1"))
    told = ("待第二人", "初看", "撤回", "点错", "甲的看法", "人员first", "D01</")
    assert [word for word in told if word in shown] == []
    assert "属实" in shown, "the second may find, as whoever is asked first"


@pytest.mark.slow
def test_by_clicking_and_then_corrected(site: Site, tmp_path: Path) -> None:
    with browsing(site, tmp_path) as seen:
        page = seen.page
        seen.sign_in("first")
        seen.go("/cases/1")
        page.click("button:has-text('不属实')")
        page.select_option("#decide select[name=code]", "D01")
        page.click("#decide >> text=提交")
        page.wait_for_selector("text=已记下，待另一人复核")
        seen.go("/cases/1")
        seen.shoot("withdraw")
        page.fill("form[action$='/undo'] input[name=reason]", "点错")
        page.click("text=撤回本人的结论")
        page.wait_for_selector(".said:has-text('已撤回本人的结论')")
        for name in ("first", "second"):
            if name == "second":
                page.click("text=放回") if page.locator("text=放回").count() else None
                page.click("text=退出")
                seen.sign_in(name)
            seen.go("/cases/1")
            page.click("button:has-text('属实'):not(:has-text('不'))")
            page.select_option("#decide select[name=code]", "C01")
            page.click("#decide summary:has-text('更正')")
            page.check("#decide input[name=types][value=insider_claim]")
            page.check("#decide input[name=families][value=construction]")
            page.click("#decide >> text=提交")
            page.wait_for_selector(".said")
        seen.go("/cases/1")
        facts = page.inner_text("aside .facts >> nth=0")
        assert "内部关系" in facts and "建筑施工" in facts
        assert "更正前识别\t" in facts.replace("\n", "\t") and "违法类型：保证通过；证书类别：特种作业操作证" in facts
        seen.shoot("corrected")
        seen.go("/queue?state=confirmed&class=insider_claim&family=construction")
        assert "更正前识别 违法类型：保证通过" in page.inner_text("tbody")
        seen.shoot("corrected-queue")
        seen.go("/queue?state=confirmed&class=guaranteed_pass")
        page.wait_for_selector("text=没有符合条件的线索")
        assert not seen.foreign() and not seen.alarms
