"""Drafts whose cases were corrected, on the screens 下架 and 移送: said on them, refused, recorded, drafted anew."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adwatch.app import casework
from adwatch.casework import sign_in
from adwatch.store import schema as s
from tests.casework.office import confirmed, decide
from tests.casework.sealed_case import sealed_case
from tests.console.site import Site, opened, running, text
from tests.store.world import World, listing, verdict

TRANSFER = "/transfer/ADW-TR-2026-0001"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr(sign_in, "COST", {"time_cost": 1, "memory_cost": 8, "parallelism": 1})
    with opened(tmp_path) as office, running(office) as made:
        for role in ("head", "reviewer"):
            made.account(role, role)
        yield made


def corrected(site: Site, case_id: int) -> str:
    """A case corrected to a class of the office; its Chinese name."""
    known = next(iter(site.office.classes.values()))
    given = {"types": [known.id]}
    report, _ = casework.decide(site.office, [case_id], "confirm", "李四", "某局", "更正类型", corrected=given)
    assert report.kept == 1
    return known.label


def test_a_letter_says_it_is_refused_and_is_drafted_anew(site: Site) -> None:
    world, head = World(site.office.engine), site.client("head")
    confirmed(world, "1")
    head.post("/takedown/draft")
    number = world.rows(s.takedown_letter)[0]["number"]
    page = f"/takedown/{number}"
    assert "现为：" not in text(head.get(page)) and "与现认定不符" not in text(head.get("/takedown"))
    label = corrected(site, 1)
    shown = text(head.get(page))
    assert f"现为：{label}" in shown and "先作废本函，再重新拟文" in shown
    assert "adwatch takedown" not in shown
    assert "与现认定不符" in text(head.get("/takedown"))
    refused = head.post(f"{page}/check", page=page)
    assert refused.status == 400
    assert f"现为：{label}" in text(refused) and "先作废本函，再重新拟文" in text(refused)
    assert head.sure(f"{page}/void", {"reason": "更正类型"}, page=page).status == 303
    head.post("/takedown/draft")
    again = world.rows(s.takedown_letter)[1]["number"]
    assert label in text(head.get(f"/takedown/{again}"))
    assert head.post(f"/takedown/{again}/check", page=f"/takedown/{again}").status == 303


def test_what_went_by_post_is_registered_and_named(site: Site) -> None:
    world, head = World(site.office.engine), site.client("head")
    confirmed(world, "1")
    head.post("/takedown/draft")
    page = f"/takedown/{world.rows(s.takedown_letter)[0]['number']}"
    label = corrected(site, 1)
    asked = text(head.post(f"{page}/mark-sent", page=page))
    assert f"现为：{label}" in asked, "before it is registered"
    done = head.sure(f"{page}/mark-sent", page=page)
    assert done.status == 303
    assert world.rows(s.takedown_letter)[0]["step"] == "sent"
    (event,) = [each for each in world.rows(s.event) if each["kind"] == "sent"]
    assert event["detail"]["differs"][0]["holds"] == label


def test_a_transfer_says_it_and_neither_the_head_nor_the_drafter_takes_it_on(site: Site) -> None:
    world = World(site.office.engine)
    sealed_case(world, site.office.home, stamped=False)
    head, reviewer = site.client("head"), site.client("reviewer")
    form = {"cases": "1", "kind": "clue", "receiver": "police", "addressee": "某市公安局", "reason": "涉嫌"}
    assert reviewer.post("/transfer/draft", form, page="/transfer").status == 303
    assert "拟稿时" not in text(head.get(TRANSFER))
    label = corrected(site, 1)
    assert f"现为：{label}" in text(head.get(TRANSFER))
    assert "与现认定不符" in text(head.get("/transfer"))
    refused = head.sure(f"{TRANSFER}/decide", {"approve": "true"}, page=TRANSFER)
    assert refused.status == 400 and f"现为：{label}" in text(refused)
    voided = {"step": "void", "reason": "更正类型"}
    assert reviewer.sure(f"{TRANSFER}/record", voided, page=TRANSFER).status == 303
    assert reviewer.post("/transfer/draft", form, page="/transfer").status == 303
    again = TRANSFER.replace("0001", "0002")
    assert head.sure(f"{again}/decide", {"approve": "true"}, page=again).status == 303
    corrected_again = casework.decide(site.office, [1], "dismiss", "李四", "某局", "复核为误判")[0]
    assert corrected_again.kept == 1
    assert reviewer.sure(f"{again}/send", page=again).status == 400
    assert [row["step"] for row in world.rows(s.transfer)] == ["void", "approved"]


HOSTILE = "<script>alert(1)</script>"


def test_what_went_out_stands_on_today_until_it_is_set_aside(site: Site) -> None:
    world, head = World(site.office.engine), site.client("head")
    site.account("viewer", "viewer")
    confirmed(world, "1")
    head.post("/takedown/draft")
    number = world.rows(s.takedown_letter)[0]["number"]
    head.sure(f"/takedown/{number}/mark-sent", page=f"/takedown/{number}")
    assert 'class="figure" href="/differing"><b>0</b>' in text(head.get("/today")), "nothing waits"
    label = corrected(site, 1)
    today = text(head.get("/today"))
    assert 'class="figure warn" href="/differing"><b>1</b>已发出、与现认定不符' in today
    listed = text(head.get("/differing"))
    assert f'href="/takedown/{number}"' in listed and f"现为：{label}" in listed and 'href="/cases/1"' in listed
    shown = text(head.get(f"/takedown/{number}"))
    assert f"现为：{label}" in shown and f'href="/differing#{number}"' in shown
    assert "与现认定不符" in text(head.get("/takedown"))
    viewer = site.client("viewer")
    assert "不再提示</button>" not in text(viewer.get("/differing"))
    assert viewer.post(f"/differing/{number}/aside", {"reason": "x"}, page="/differing").status == 403
    assert head.post(f"/differing/{number}/aside", {"reason": " "}, page="/differing").status == 400
    assert head.post(f"/differing/{number}/aside", {"reason": HOSTILE}, page="/differing").status == 303
    assert 'href="/differing"><b>0</b>' in text(head.get("/today"))
    assert [row["reason"] for row in world.rows(s.differing)] == [HOSTILE]
    logged = text(head.get("/audit"))
    assert "不再提示更正" in logged and HOSTILE not in logged
    assert head.post("/differing/ADW-TD-2026-9999/aside", {"reason": "x"}, page="/differing").status == 404


def test_hostile_words_of_a_letter_are_text(site: Site) -> None:
    world, head = World(site.office.engine), site.client("head")
    confirmed(world, "1")
    head.post("/takedown/draft")
    content = world.rows(s.takedown)[0]["content"]
    content["listings"][0]["offer_labels"] = [HOSTILE]
    with site.office.engine.begin() as connection:
        connection.execute(s.takedown.update().values(content=content))
    number = content["number"]
    head.sure(f"/takedown/{number}/mark-sent", page=f"/takedown/{number}")
    corrected(site, 1)
    for page in ("/differing", "/takedown", f"/takedown/{number}"):
        shown = text(head.get(page))
        assert HOSTILE not in shown and "&lt;script&gt;" in shown, page


def test_an_account_with_limits_is_told_of_its_own(site: Site) -> None:
    world, head = World(site.office.engine), site.client("head")
    for name, region in (("1", "山西运城"), ("2", "山西太原")):
        item = listing(name, seller_region=region)
        decide(world, world.flag(item, verdict(item)))
    head.post("/takedown/draft")
    number = world.rows(s.takedown_letter)[0]["number"]
    head.sure(f"/takedown/{number}/mark-sent", page=f"/takedown/{number}")
    site.account("here", "reviewer", regions=("山西运城",))
    site.account("there", "reviewer", regions=("山西太原",))
    label, here, there = corrected(site, 2), site.client("here"), site.client("there")
    assert 'href="/differing"><b>0</b>' in text(here.get("/today")) and number not in text(here.get("/differing"))
    assert "与现认定不符" not in text(here.get("/takedown"))
    assert f"现为：{label}" in text(there.get("/differing"))
    aside = f"/differing/{number}/aside"
    assert here.post(aside, {"reason": "x"}, page="/differing").status == 403
    refused = there.post(aside, {"reason": "x"}, page="/differing")
    assert refused.status == 403, "the letter has a listing outside too"
    assert head.post(aside, {"reason": "已告知"}, page="/differing").status == 303
