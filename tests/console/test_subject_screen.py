from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from adwatch.app import decisions, subjects
from adwatch.casework import sign_in
from adwatch.evidence.audit import verify_log
from adwatch.models import Actor
from adwatch.store import schema as s
from tests.console.browser import SIZES, browsing
from tests.console.site import Site, opened, running, take_in, text
from tests.store.world import World

DAY = "2026-11-18"
EVIL = "</text></bdi><script>alert(1)</script><img src=x onerror=alert(2)>\"'"
OFFERS = (
    {
        "native_id": "1",
        "seller_id": "a",
        "seller_name": f"甲店{EVIL}",
        "text": "特种作业操作证低压电工，三天出证，电话13800138000",
    },
    {"native_id": "2", "seller_id": "b", "seller_name": "乙店", "text": "叉车证免考免培训，当天拿证，联系13800138000"},
    {
        "native_id": "3",
        "seller_id": "c",
        "seller_name": "丙店",
        "text": "高处作业证包过，不过退款，人不到场，电话13912345678",
    },
)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr(sign_in, "COST", {"time_cost": 1, "memory_cost": 8, "parallelism": 1})
    with opened(tmp_path) as office, running(office) as site:
        take_in(office, tmp_path, [{"title": "电工证包过免考", **row} for row in OFFERS], DAY)
        site.account("reviewer", "reviewer")
        site.account("viewer", "viewer")
        yield site


def numbers(site: Site) -> list[int]:
    return [row["subject_id"] for row in subjects.list_subjects(site.office)]


def test_a_seller_is_found_by_contact_split_merged_and_undone(site: Site) -> None:
    reviewer, world = site.client("reviewer"), World(site.office.engine)
    [both, other] = numbers(site)
    listed = text(reviewer.get("/subject"))
    assert f'href="/subject/{both}"' in listed
    found = text(reviewer.get("/subject?contact=138-0013-8000"))
    assert f'href="/subject/{both}"' in found
    assert f'href="/subject/{other}"' not in found
    assert "没有主体" in text(reviewer.get("/subject?contact=13711112222"))
    page = text(reviewer.get(f"/subject/{both}"))
    assert "相同联系方式" in page
    assert "13800138000" not in page + listed + found
    assert "<script>alert" not in page
    account = re.findall(r'name="accounts" value="(\d+)"', page)[1]
    where = f"/subject/{both}"
    assert reviewer.sure(f"{where}/split", {"accounts": [account], "reason": "两家店"}, page=where).status == 303
    assert len(numbers(site)) == 3
    apart = [each for each in numbers(site) if each not in (both, other)]
    refused = reviewer.post("/subject/merge", {"ids": f"{both} {apart[0]}", "reason": "同一人"}, page=where)
    assert refused.status == 400
    assert "先撤销它" in text(refused)
    rule = world.rows(s.subject_rule)[0]["id"]
    assert reviewer.post(f"{where}/undo", {"rule": rule, "reason": "弄错了"}, page=where).status == 303
    assert len(numbers(site)) == 2
    assert reviewer.post("/subject/merge", {"ids": f"{both}，{other}", "reason": "同一人"}, page=where).status == 303
    assert len(numbers(site)) == 1
    shown = text(reviewer.get(where))
    assert "第 3 号合并" in shown
    assert "已由第 2 号撤销" in shown
    assert [
        (row["action"], row["person"], row["role"]) for row in world.rows(s.audit_entry) if row["subject"] == "subject"
    ] == [(f"subject.{verb}", "人员reviewer", "reviewer") for verb in ("split", "undo", "merge")]
    assert verify_log(site.office.engine).fault is None


def test_who_may_only_look_changes_nothing(site: Site) -> None:
    viewer, [both, _] = site.client("viewer"), numbers(site)
    where = f"/subject/{both}"
    assert "拆分：" not in text(viewer.get(where))
    assert viewer.post("/subject/merge", {"ids": "1 2", "reason": "x"}, page="/queue").status == 403
    assert World(site.office.engine).rows(s.subject_rule) == []


def test_the_drawing_is_a_picture_and_mistyped_numbers_are_errors_in_words(site: Site) -> None:
    reviewer, [both, _] = site.client("reviewer"), numbers(site)
    drawing = reviewer.get(f"/subject/{both}/graph.svg")
    assert drawing.headers["content-type"].startswith("image/svg+xml")
    assert "<script" not in text(drawing)
    assert reviewer.get("/subject/99999").status == 404
    assert reviewer.get("/subject?contact=x").status == 400
    answer = reviewer.post("/subject/merge", {"ids": "1 zwei", "reason": "x"}, page=f"/subject/{both}")
    assert answer.status == 400
    assert "编号应为数字" in text(answer)


@pytest.mark.slow
def test_in_a_browser_it_looks_right_and_runs_nothing(site: Site, tmp_path: Path) -> None:
    [both, other] = numbers(site)
    with browsing(site, tmp_path) as seen:
        seen.sign_in("reviewer")
        for width, height in SIZES:
            seen.page.set_viewport_size({"width": width, "height": height})
            seen.go("/subject")
            seen.shoot("subject")
            seen.go(f"/subject/{both}")
            assert seen.page.evaluate("document.querySelector('img').naturalWidth") > 0
            seen.shoot("subject-one")
        seen.page.check("input[name=accounts] >> nth=0")
        seen.page.fill("form[action$='/split'] input[name=reason]", "两家店")
        seen.page.click("text=拆分：")
        seen.page.wait_for_selector("h1:has-text('请确认：拆分')")
        seen.page.wait_for_selector("button.bad:focus")  # it gets the focus a moment later
        seen.painted()
        seen.page.keyboard.press("Enter")  # the button that does it has the focus
        seen.page.wait_for_selector("text=已拆出主体")
        seen.page.fill("form[action$='/undo'] input[name=reason]", "弄错了")
        seen.page.click("button:text-is('撤销')")
        seen.page.wait_for_selector("text=已撤销第")
        assert sorted(numbers(site)) == sorted([both, other])
        assert seen.alarms == []
        assert seen.foreign() == []


def test_what_today_counts_is_what_the_list_says_and_shows(site: Site) -> None:
    head = site.client("reviewer")
    today = text(head.get("/today"))
    assert re.search(r'href="/queue\?state=screening"><b>3</b>待初筛', today)
    listed = text(head.get("/queue?state=screening"))
    assert "3 条线索，同一主体合并后 2 行" in listed
    assert listed.count("<tr data-row") == 2
    [behind] = re.findall(r'href="([^"]+)">同一主体另有 1 条', listed)
    assert text(head.get(unescape(behind))).count("<tr data-row") == 2, "the lead, and the one that it stands for"
    each = text(head.get("/queue?state=screening&fold=0"))
    assert "3 条</span>" in each
    assert each.count("<tr data-row") == 3
    for case in (1, 2, 3):
        review(site, case)
    assert re.search(r'href="/queue\?state=confirmed"><b>3</b>属实', text(head.get("/today")))
    decided = text(head.get("/queue?state=confirmed"))
    assert "3 条线索，同一主体合并后 2 行" in decided
    [behind] = re.findall(r'href="([^"]+)">同一主体另有 1 条', decided)
    assert text(head.get(unescape(behind))).count("<tr data-row") == 2, "of the state that was asked for"


def review(site: Site, case: int) -> None:
    decisions.decide(site.office, [case], "confirm", Actor("人员head", "某局", "head"), "看过", None)
