"""What an officer is told on the page, before an act, of what it lacks and of what comes of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adwatch.app import routing
from adwatch.casework import sign_in
from adwatch.models import Actor
from adwatch.store import schema as s
from tests.casework.office import confirmed, decide, register
from tests.casework.test_relisting import remove
from tests.casework.test_verification import look
from tests.console.site import Site, opened, running, text
from tests.store.world import World, listing, verdict


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr(sign_in, "COST", {"time_cost": 1, "memory_cost": 8, "parallelism": 1})
    with opened(tmp_path) as office, running(office) as site:
        site.account("head", "head", unit="某市市场监督管理局")
        site.account("second", "head")
        yield site


def test_a_listing_that_is_back_at_its_link_says_what_to_do_and_then_which_letter(site: Site, tmp_path: Path) -> None:
    world, head = World(site.office.engine), site.client("head")
    remove(world, tmp_path)
    look(world, {"old": "up"}, everything=True)
    hint = "仍是原案件：点“为属实信息拟文”再次发函"
    assert hint in text(head.get("/takedown"))
    assert head.post("/takedown/draft").status == 303
    number = world.rows(s.takedown)[-1]["number"]
    shown = text(head.get("/takedown"))
    assert len(world.rows(s.takedown)) == 2
    assert f'再次发函 <a class="nowrap" href="/takedown/{number}">' in shown
    assert hint not in shown
    assert f"1 条已由 {number} 再次发函" in shown
    older = text(head.get(f"/takedown/{world.rows(s.takedown)[0]['number']}"))
    assert f'1 条已由 <a href="/takedown/{number}">{number}</a> 再次要求处置' in older
    assert f'再次发函 <a class="nowrap" href="/takedown/{number}">' in older


def test_what_is_left_empty_is_named_before_a_paper_goes_out(site: Site) -> None:
    world, head, second = World(site.office.engine), site.client("head"), site.client("second")
    confirmed(world, "1")
    head.post("/takedown/draft")
    page = f"/takedown/{world.rows(s.takedown)[0]['number']}"
    assert "收函后" in text(head.get(page)), "the time that the letter gives, before it is sent"
    assert "尚未填写：文号、签发人、成文日期。" in text(head.post(f"{page}/mark-sent", page=page))
    facts = {"document_number": "某市监函〔2026〕12号", "signatory": "张局"}
    head.post(f"{page}/enter", facts, page=page)
    asked = text(head.post(f"{page}/send", {"to": "x@platform.example"}, page=page))
    assert "尚未填写：成文日期。" in asked
    form = {"cases": "1", "kind": "clue", "receiver": "police", "addressee": "某市公安局", "reason": "涉嫌"}
    moved = head.post("/transfer/draft", form, page="/transfer").headers["location"]
    own = "本人是拟稿人或者承办人，不能审批本件"
    assert own in text(head.get(moved))
    assert own not in text(second.get(moved))
    asked = text(second.post(f"{moved}/decide", {"approve": "true"}, page=moved))
    assert "<dt>是否批准</dt><dd>" in asked
    assert ">是<" in asked
    assert second.sure(f"{moved}/decide", {"approve": "true"}, page=moved).status == 303
    assert "尚未填写：文号、签发人、成文日期。" in text(head.post(f"{moved}/send", page=moved))
    assert head.post(f"{page}/check", page=page).status == 303
    history = text(head.get("/cases/1"))
    assert "下架：拟文 人员head" in history
    assert "下架：拟文 → 审核 人员head" in history


def test_a_lead_of_another_authority_says_so_before_it_is_confirmed(site: Site) -> None:
    world, head = World(site.office.engine), site.client("head")
    [case] = [world.flag(item, verdict(item)) for item in [listing("1")]]
    register(world, [case])
    plain = text(head.get(f"/cases/{case}"))
    assert "应由其他单位甄别" not in plain, "nobody was named"
    routing.assign(site.office, case, ["emergency"], "本地会商", Actor("人员head", "某局", "head"))
    assert "按分派，本条应由其他单位甄别（应急管理）" in text(head.get(f"/cases/{case}"))
    assert "按分派，本页有 1 条应由其他单位甄别（应急管理）" in text(head.get("/queue"))
    own = text(site.client("second").get(f"/cases/{case}"))
    assert "应由其他单位甄别" not in own, "it is this unit's"


def test_what_no_letter_was_drafted_for_is_counted_beyond_the_first_three(site: Site) -> None:
    world, head = World(site.office.engine), site.client("head")
    for name in "12345":
        item = listing(name, kind="tip")
        decide(world, world.flag(item, verdict(item)))
    head.post("/takedown/draft")
    said = text(head.get("/takedown"))
    assert "未列入 5 项：" in said
    assert "另有 2 项" in said


def test_a_mark_of_the_tables_is_put_in_words(site: Site) -> None:
    head = site.client("head")
    for path in ("/routing", "/settings", "/transfer"):
        answer = head.get(path)
        assert "[M]" not in text(answer), path
    assert "（依据待核）" in text(head.get("/routing"))
