"""Drafts whose cases were corrected, on the screens 下架 and 移送: said on them, refused, recorded, drafted anew."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adwatch.app import casework
from adwatch.casework import sign_in
from adwatch.store import schema as s
from tests.casework.office import confirmed
from tests.casework.sealed_case import sealed_case
from tests.console.site import Site, opened, running, text
from tests.store.world import World

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
    form = {"cases": "1", "kind": "clue", "receiver": "police"}
    assert reviewer.post("/transfer/draft", form, page="/transfer").status == 303
    assert "拟稿时" not in text(head.get(TRANSFER))
    label = corrected(site, 1)
    assert f"现为：{label}" in text(head.get(TRANSFER))
    assert "与现认定不符" in text(head.get("/transfer"))
    refused = head.sure(f"{TRANSFER}/decide", {"approve": "true"}, page=TRANSFER)
    assert refused.status == 400 and f"现为：{label}" in text(refused)
    voided = {"step": "void", "reason": "更正类型"}
    assert reviewer.post(f"{TRANSFER}/record", voided, page=TRANSFER).status == 303
    assert reviewer.post("/transfer/draft", form, page="/transfer").status == 303
    again = TRANSFER.replace("0001", "0002")
    assert head.sure(f"{again}/decide", {"approve": "true"}, page=again).status == 303
    corrected_again = casework.decide(site.office, [1], "dismiss", "李四", "某局", "复核为误判")[0]
    assert corrected_again.kept == 1
    assert reviewer.sure(f"{again}/send", page=again).status == 400
    assert [row["step"] for row in world.rows(s.transfer)] == ["void", "approved"]
